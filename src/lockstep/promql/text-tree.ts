import type { parser } from '@prometheus-io/lezer-promql';

/** A node of the tree that Prometheus' grammar gives of a text. */
export type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export function sliceOf({ from, to }: Pick<SyntaxNode, 'from' | 'to'>, text: string): string {
  return text.slice(from, to);
}

/** The line of a text that a piece lies in, with carets below the piece. */
export function pieceOf(text: string, { from, to }: Pick<SyntaxNode, 'from' | 'to'>): string {
  const begin = text.lastIndexOf('\n', Math.max(0, from - 1)) + 1;
  const next = text.indexOf('\n', from);
  const line = text.slice(begin, next === -1 ? undefined : next);
  const length = Math.max(1, Math.min(to, begin + line.length) - from);
  const indent = ' '.repeat(11);
  return `${indent}${line}\n${indent}${' '.repeat(from - begin)}${'^'.repeat(length)}`;
}

/** A matcher of a selector, and its pieces, where it has all of them. */
export interface MatcherPieces {
  readonly whole: SyntaxNode;
  readonly name: string;
  readonly label: SyntaxNode;
  readonly op: SyntaxNode;
  readonly literal: SyntaxNode;
}

/** The name of the metric that a `VectorSelector` reads, and its place: before the braces, or in quotes within them. */
export interface NamePiece {
  readonly name: string;
  readonly node: SyntaxNode;
  /** A second name, which no series can have. */
  readonly others?: SyntaxNode;
}

/** @returns nothing for a selector without a name, or with a pattern of names */
export function namePiece(selector: SyntaxNode, text: string): NamePiece | undefined {
  const found: NamePiece[] = [];
  const plain = selector.getChild('Identifier');
  if (plain !== null) found.push({ name: sliceOf(plain, text), node: plain });
  for (const piece of childrenOf(selector.getChild('LabelMatchers'))) {
    if (piece.name === 'QuotedLabelName') found.push({ name: labelName(piece, text), node: piece });
    const label = piece.getChild('LabelName') ?? piece.getChild('QuotedLabelName');
    const [op, literal] = [piece.getChild('MatchOp'), piece.getChild('StringLiteral')];
    if (!label || !op || !literal || labelName(label, text) !== NAME_LABEL) continue;
    const name = sliceOf(op, text) === '=' ? contentOf(sliceOf(literal, text)) : undefined;
    // Beside a name, a pattern of names is a second one.
    if (name !== undefined || found.length > 0) found.push({ name: name ?? '', node: literal });
  }
  const [first, second] = found;
  return first === undefined || second === undefined ? first : { ...first, others: second.node };
}

/** The label that Prometheus keeps the name of a metric in. */
const NAME_LABEL = '__name__';

/** The matchers of a `VectorSelector`, that of the name aside; a broken one is left out. */
export function matcherPieces(selector: SyntaxNode, text: string): readonly MatcherPieces[] {
  return childrenOf(selector.getChild('LabelMatchers')).flatMap((whole) => {
    const label = whole.getChild('LabelName') ?? whole.getChild('QuotedLabelName');
    const [op, literal] = [whole.getChild('MatchOp'), whole.getChild('StringLiteral')];
    if (!label || !op || !literal || labelName(label, text) === NAME_LABEL) return [];
    return [{ whole, name: labelName(label, text), label, op, literal }];
  });
}

/** The name of a label, which Prometheus 3 takes in quotes too. */
function labelName(label: SyntaxNode, text: string): string {
  const written = sliceOf(label, text);
  return label.name === 'QuotedLabelName' ? (contentOf(written) ?? written) : written;
}

/** The names of labels within a piece of a text. */
export function labelNames(piece: SyntaxNode, text: string): readonly string[] {
  return labelPieces(piece, text).map(({ name }) => name);
}

/** The labels within a piece of a text, by name and place. */
export function labelPieces(
  piece: SyntaxNode,
  text: string,
): readonly { readonly name: string; readonly node: SyntaxNode }[] {
  const found: { name: string; node: SyntaxNode }[] = [];
  piece.cursor().iterate(({ node }) => {
    if (node.name === 'LabelName' || node.name === 'QuotedLabelName') found.push({ name: labelName(node, text), node });
  });
  return found;
}

const ESCAPE = /\\(?:([abfnrtv\\'"])|x([0-7][0-9a-fA-F])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([01][0-7]{2})|(.?))/gs;
const NAMED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * The content of a string as PromQL has it, with Go's escapes, or none in back quotes
 * (https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals); `undefined` if Go has no such escape.
 */
export function contentOf(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  let isRight = true;
  const content = inner.replace(
    ESCAPE,
    (_, named?: string, byte?: string, short?: string, long?: string, octal?: string) => {
      if (named !== undefined) return NAMED[named] ?? named;
      const code = octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      isRight = false;
      return '';
    },
  );
  return isRight ? content : undefined;
}

/** The arguments of a call, from its body. */
export function argumentsOf(body: SyntaxNode | null): readonly SyntaxNode[] {
  return childrenOf(body).filter(({ name }) => !['(', ')', ','].includes(name));
}

function childrenOf(node: SyntaxNode | null): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/** Strings, which stay; comments; and a variable of Grafana's outside of both. */
const STRING_COMMENT_OR_VARIABLE =
  /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|(#[^\n]*)|\$\{\w+(?::\w+)?\}|\$\w+|\[\[\w+(?::\w+)?\]\]/g;

/** Variables that Grafana replaces by a window. */
const WINDOW = /^\$__(?:rate_interval|interval|range)$/;

/**
 * A text for the grammar, as long as the one that it stands for, so that places stay places: blanks for comments,
 * which the tree would hold among the operands, and numbers for variables of Grafana's.
 *
 * @param variables which of these are read: those that stand for a window, or all
 */
export function readable(text: string, variables: 'windows' | 'all'): string {
  return text.replace(STRING_COMMENT_OR_VARIABLE, (whole, string?: string, comment?: string) => {
    if (string !== undefined) return string;
    if (comment !== undefined) return ' '.repeat(comment.length);
    return variables === 'all' || WINDOW.test(whole) ? `${'9'.repeat(whole.length - 1)}s` : whole;
  });
}
