import { isQuotedLabel } from 'lockstep-exporter/internal';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, contentOf, pieceOf, sliceOf } from './text-tree.js';

/** A function or notation in a text that some versions of Prometheus do not read. */
export interface Need {
  /** `experimental` needs 3.16 with `--enable-feature=promql-experimental-functions`. */
  readonly from: '3.16' | 'experimental';
  /** The function or notation, and its place in the text, with carets below it. */
  readonly found: string;
}

/** Prometheus 3.16 has these functions, and 2.42 does not. */
export const SINCE_3_16 = ['first_over_time', 'histogram_avg', 'histogram_stddev', 'histogram_stdvar'];
/** Prometheus 3.16 has these functions and aggregations only if experimental functions are enabled. */
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

/** A name of a metric or label in quotes, as messages call it. */
export const IN_QUOTES = 'a name in quotes';

/** Only newer parsers have these nodes of the grammar. Each is listed with a plain name for messages. */
const SYNTAX: Readonly<Record<string, readonly [from: Need['from'], name: string]>> = {
  Anchored: ['3.16', 'the modifier anchored'],
  Smoothed: ['3.16', 'the modifier smoothed'],
  QuotedLabelName: ['3.16', IN_QUOTES],
  QuotedLabelMatcher: ['3.16', IN_QUOTES],
  FillClause: ['experimental', 'the modifier fill'],
};

/** The name of a label that a function makes, if it needs quotes wherever it is named. */
function madeLabel(node: SyntaxNode, text: string): SyntaxNode | undefined {
  if (node.name !== 'FunctionCall' && node.name !== 'AggregateExpr') return undefined;
  if (!MAKING.includes(sliceOf(node.firstChild ?? node, text))) return undefined;
  const name = argumentsOf(node.getChild('FunctionCallBody')).find((each) => each.name === 'StringLiteral');
  const content = name === undefined ? undefined : contentOf(sliceOf(name, text));
  return content !== undefined && isQuotedLabel(content) ? name : undefined;
}
const MAKING = ['label_replace', 'label_join', 'count_values'];

/** Lists, once each, the functions and notations in a text that some versions of Prometheus do not read. */
export function needsOf(root: SyntaxNode, text: string): readonly Need[] {
  const needs = new Map<string, Need>();
  const add = (node: SyntaxNode, from: Need['from'], name: string) => {
    if (!needs.has(name)) needs.set(name, { from, found: `${name}\n${pieceOf(text, node)}` });
  };
  root.cursor().iterate(({ node }) => {
    const known = SYNTAX[node.name];
    if (known !== undefined) add(node, ...known);
    if (node.name === 'DurationExpr' && /[-+*/%^(]/.test(sliceOf(node, text)))
      add(node, '3.16', 'a duration that is computed');
    if (node.name === 'NumberDurationLiteral' && sliceOf(node, text).includes('_'))
      add(node, '3.16', 'a number with _');
    const made = madeLabel(node, text);
    if (made !== undefined) add(made, '3.16', IN_QUOTES);
    if (node.name !== 'FunctionIdentifier' && node.name !== 'AggregateOp') return;
    const name = sliceOf(node, text);
    if (SINCE_3_16.includes(name)) add(node, '3.16', `${name}()`);
    if (EXPERIMENTAL.includes(name)) add(node, 'experimental', `${name}()`);
  });
  return [...needs.values()];
}
