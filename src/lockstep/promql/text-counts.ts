import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, contentOf, matcherPieces, namePiece, readable, sliceOf } from './text-tree.js';

/** A matcher as a query has it. */
export interface QueryMatcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Series whose events a query counts. */
export interface CountedSeries {
  /** The name of the series, such as `http_requests_total` or `request_seconds_bucket`. */
  readonly name: string;
  readonly matchers: readonly QueryMatcher[];
  /** The samples of a gauge are added up, or counted; of a counter, its events are. */
  readonly sampled?: 'added' | 'counted';
}

/** The counts that a query adds up, and those that it takes away. */
export interface Counted {
  readonly added: readonly CountedSeries[];
  readonly taken: readonly CountedSeries[];
}

/** Stands for the window that the generator of rules fills in. */
const WINDOW = /\{\{\s*\.?window\s*\}\}/g;

/**
 * The events that a query of an SLI counts: sums of `rate()` or `increase()` of counters, added up and taken away.
 * Which function and which window it takes does not matter: the SLO's rules read the same counters over windows of
 * their own.
 *
 * @returns the reason, if it does anything else
 */
export function countedIn(query: string): Counted | string {
  const [root, text] = parsed(query);
  return root === undefined ? NOT_PROMQL : visit(root, text);
}

/** A quotient of two counts, or 1 less such a quotient. */
export interface Quotient {
  readonly part: string;
  readonly whole: string;
  readonly isRest: boolean;
}

/** The two sides of a query that is a quotient, or 1 less a quotient; or the reason why it is not one. */
export function quotientIn(query: string): Quotient | string {
  const [expression, text] = parsed(query);
  if (expression === undefined) return NOT_PROMQL;
  const root = bare(expression);
  const rest = sidesIn(root, 'Sub');
  const isRest = rest !== undefined && Number(sliceOf(rest[0], text)) === 1;
  const sides = sidesIn(isRest ? bare(rest[1]) : root, 'Div');
  if (sides === undefined) return `"${sliceOf(root, text)}", which is not one count over another`;
  return { part: sliceOf(sides[0], text), whole: sliceOf(sides[1], text), isRest };
}

/** An expression without the brackets around it. */
function bare(node: SyntaxNode): SyntaxNode {
  const inner = node.name === 'ParenExpr' ? argumentsOf(node)[0] : undefined;
  return inner === undefined ? node : bare(inner);
}

function sidesIn(node: SyntaxNode, operator: 'Sub' | 'Div'): readonly [SyntaxNode, SyntaxNode] | undefined {
  const { firstChild: left, lastChild: right } = node;
  if (node.name !== 'BinaryExpr' || node.getChild(operator) === null || left === null || right === null)
    return undefined;
  return [left, right];
}

/** The functions that count, and the samples that they count. */
const COUNTING: ReadonlyMap<string, CountedSeries['sampled']> = new Map([
  ['rate', undefined],
  ['increase', undefined],
  ['sum_over_time', 'added'],
  ['count_over_time', 'counted'],
]);

const NOT_PROMQL = 'text that is not PromQL';

/** The expression of a query, and the text that its places are of. */
function parsed(query: string): readonly [SyntaxNode | undefined, string] {
  const text = readable(query.replace(WINDOW, '5m'), 'all');
  const root = parser.parse(text).topNode;
  let isBroken = text.trim() === '';
  root.cursor().iterate(({ type }) => {
    isBroken ||= type.isError;
  });
  return [isBroken ? undefined : (root.firstChild ?? undefined), text];
}

function visit(node: SyntaxNode, text: string): Counted | string {
  switch (node.name) {
    case 'ParenExpr':
      return visitFirst(node, text);
    case 'VectorSelector':
      return selected(node, text);
    case 'AggregateExpr': {
      const op = sliceOf(node.firstChild ?? node, text);
      if (op !== 'sum') return `${op}(): only sums of events are counts`;
      const by = node.getChild('AggregateModifier');
      if (by !== null) return `"${sliceOf(by, text)}": an objective has one ratio, and no labels`;
      const [only] = argumentsOf(node.getChild('FunctionCallBody'));
      return only === undefined ? 'a sum of nothing' : visit(only, text);
    }
    case 'FunctionCall': {
      const fn = sliceOf(node.firstChild ?? node, text);
      if (!COUNTING.has(fn)) return `${fn}(): only rate() and increase() count events`;
      const [matrix] = argumentsOf(node.getChild('FunctionCallBody'));
      const series = matrix?.getChild('VectorSelector');
      return series === null || series === undefined
        ? `${fn}() of an expression`
        : selected(series, text, COUNTING.get(fn));
    }
    case 'BinaryExpr':
      return visitSides(node, text);
    default:
      return `"${sliceOf(node, text)}", which is not a count of events`;
  }
}

function visitFirst(node: SyntaxNode, text: string): Counted | string {
  const [inner] = argumentsOf(node);
  return inner === undefined ? 'empty brackets' : visit(inner, text);
}

function visitSides(node: SyntaxNode, text: string): Counted | string {
  const { firstChild: left, lastChild: right } = node;
  if (left === null || right === null) return 'half an operation';
  // A zero that stands for nothing: lockstep writes its own.
  if (node.getChild('Or') !== null && /^\(?\s*vector\(\s*0\s*\)\s*\)?$/.test(sliceOf(right, text)))
    return visit(left, text);
  const isSum = node.getChild('Add') !== null;
  if (!isSum && node.getChild('Sub') === null)
    return `"${sliceOf(node, text)}", which neither adds up counts nor takes one away`;
  const [first, second] = [visit(left, text), visit(right, text)];
  if (typeof first === 'string') return first;
  if (typeof second === 'string') return second;
  return isSum
    ? { added: [...first.added, ...second.added], taken: [...first.taken, ...second.taken] }
    : { added: [...first.added, ...second.taken], taken: [...first.taken, ...second.added] };
}

function selected(node: SyntaxNode, text: string, sampled?: CountedSeries['sampled']): Counted | string {
  const name = namePiece(node, text)?.name;
  if (name === undefined) return 'a selector without a name';
  const matchers = matchersIn(node, text);
  if (typeof matchers === 'string') return matchers;
  const series = { name, matchers };
  return { added: [sampled === undefined ? series : { ...series, sampled }], taken: [] };
}

/** The matchers of a selector as text, such as `{job="checkout"}`; or the reason why it is not a selector. */
export function matchersOf(selector: string): readonly QueryMatcher[] | string {
  const [root, text] = parsed(selector);
  if (root === undefined) return NOT_PROMQL;
  return root.name === 'VectorSelector' ? matchersIn(root, text) : `"${selector}", which is not a selector of series`;
}

function matchersIn(node: SyntaxNode, text: string): readonly QueryMatcher[] | string {
  const matchers: QueryMatcher[] = [];
  for (const { name, op, literal } of matcherPieces(node, text)) {
    const content = contentOf(sliceOf(literal, text));
    if (content === undefined) return `the text ${sliceOf(literal, text)}`;
    matchers.push({ label: name, op: sliceOf(op, text) as QueryMatcher['op'], value: content });
  }
  return matchers;
}
