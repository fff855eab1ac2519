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

/** The arguments of a call, from its body. */
export function argumentsOf(body: SyntaxNode | null): readonly SyntaxNode[] {
  const args: SyntaxNode[] = [];
  for (let child = body?.firstChild ?? null; child !== null; child = child.nextSibling)
    if (!['(', ')', ','].includes(child.name)) args.push(child);
  return args;
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
