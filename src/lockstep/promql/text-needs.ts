import type { SyntaxNode } from './text-tree.js';
import { pieceOf, sliceOf } from './text-tree.js';

/** Something in a text that not every Prometheus reads. */
export interface Need {
  /** `experimental` needs 3.16 with `--enable-feature=promql-experimental-functions`. */
  readonly from: '3.16' | 'experimental';
  /** The function or the way of writing, with a caret below it. */
  readonly found: string;
}

/** Functions and aggregations that 3.16 has and 2.42 has not. */
export const SINCE_3_16 = ['first_over_time', 'histogram_avg', 'histogram_stddev', 'histogram_stdvar'];
/** Functions and aggregations that 3.16 has only where experimental functions are enabled. */
export const EXPERIMENTAL = [
  'double_exponential_smoothing',
  'end',
  'histogram_quantiles',
  'info',
  'limit_ratio',
  'limitk',
  'mad_over_time',
  'range',
  'sort_by_label',
  'sort_by_label_desc',
  'start',
  'step',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
];

/** Nodes of the grammar that only newer parsers have, and how a reader calls them. */
const SYNTAX: Readonly<Record<string, readonly [from: Need['from'], name: string]>> = {
  Anchored: ['3.16', 'the modifier anchored'],
  Smoothed: ['3.16', 'the modifier smoothed'],
  QuotedLabelName: ['3.16', 'a name in quotes'],
  QuotedLabelMatcher: ['3.16', 'a name in quotes'],
  FillClause: ['experimental', 'the modifier fill'],
};

/** All in a text that not every Prometheus reads, each once. */
export function needsOf(root: SyntaxNode, text: string): readonly Need[] {
  const needs = new Map<string, Need>();
  const add = (node: SyntaxNode, from: Need['from'], name: string) => {
    if (!needs.has(name)) needs.set(name, { from, found: `${name}\n${pieceOf(text, node)}` });
  };
  root.cursor().iterate(({ node }) => {
    const known = SYNTAX[node.name];
    if (known !== undefined) add(node, ...known);
    if (node.name === 'DurationExpr' && /[-+*/%^(]/.test(sliceOf(node, text)))
      add(node, '3.16', 'a duration to compute');
    if (node.name === 'NumberDurationLiteral' && sliceOf(node, text).includes('_'))
      add(node, '3.16', 'a number with _');
    if (node.name !== 'FunctionIdentifier' && node.name !== 'AggregateOp') return;
    const name = sliceOf(node, text);
    if (SINCE_3_16.includes(name)) add(node, '3.16', `${name}()`);
    if (EXPERIMENTAL.includes(name)) add(node, 'experimental', `${name}()`);
  });
  return [...needs.values()];
}
