import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, labelNames, matcherPieces, namePiece, readable, sliceOf } from './text-tree.js';

/** A metric that a query reads, as far as its text alone tells. */
export interface MetricUse {
  /** The name of the series, such as `http_requests_total` or `request_seconds_bucket`. */
  readonly name: string;
  /** The labels that the query matches or groups by, and that the metric must have then. */
  readonly labels: readonly string[];
  /** Whether a function reads it that is for counters alone. */
  readonly isCounted: boolean;
}

const COUNTING = ['rate', 'irate', 'increase', 'resets'];

/**
 * The metrics that a query names, with the labels that it expects of each: of a join, each side has the labels that
 * only that side can give.
 *
 * @param legendLabels the labels that the legend names, which come out of the query
 * @returns `undefined` if the text is not PromQL
 */
export function usesOf(text: string, legendLabels: readonly string[]): readonly MetricUse[] | undefined {
  const root = parser.parse(readable(text, 'all')).topNode;
  let isBroken = text.trim() === '';
  root.cursor().iterate(({ type }) => {
    isBroken ||= type.isError;
  });
  if (isBroken) return undefined;
  const uses: MetricUse[] = [];
  const isLabel = (name: string) => name !== '' && !name.includes('$') && !name.startsWith('__');
  const visit = (node: SyntaxNode, wanted: readonly string[], isCounted: boolean): void => {
    switch (node.name) {
      case 'VectorSelector': {
        const read = namePiece(node, text);
        const matched = matcherPieces(node, text).map((each) => each.name);
        const labels = [...new Set([...matched, ...wanted])].filter((label) => label !== 'le' && isLabel(label));
        // A variable within a name could be any name.
        if (read !== undefined && !read.name.includes('$')) uses.push({ name: read.name, labels, isCounted });
        return;
      }
      case 'AggregateExpr': {
        const modifier = node.getChild('AggregateModifier');
        const named = modifier === null ? [] : labelNames(modifier, text);
        const below = modifier === null ? [] : modifier.getChild('By') === null ? [...wanted, ...named] : named;
        const isChoice = /^(topk|bottomk|limitk|limit_ratio)\b/.test(sliceOf(node, text));
        const body = node.getChild('FunctionCallBody');
        for (const each of argumentsOf(body)) visit(each, isChoice ? [...wanted, ...named] : below, false);
        return;
      }
      case 'FunctionCall': {
        const fn = sliceOf(node.firstChild ?? node, text);
        const args = argumentsOf(node.getChild('FunctionCallBody'));
        const [made, ...sources] = fn === 'label_replace' || fn === 'label_join' ? stringsIn(args, text) : [];
        const read = fn === 'label_replace' ? sources.slice(1, 2) : fn === 'label_join' ? sources.slice(1) : [];
        const below = made === undefined ? wanted : [...wanted.filter((label) => label !== made), ...read];
        for (const each of args) visit(each, below, COUNTING.includes(fn));
        return;
      }
      case 'BinaryExpr': {
        const { firstChild: left, lastChild: right } = node;
        if (left === null || right === null) return;
        const [ofLeft, ofRight] = sidesOf(node.getChild('MatchingModifierClause'), wanted, text);
        visit(left, ofLeft, false);
        visit(right, ofRight, false);
        return;
      }
      default:
        for (let child = node.firstChild; child !== null; child = child.nextSibling) visit(child, wanted, isCounted);
    }
  };
  visit(root, legendLabels, false);
  return uses;
}

/** The labels that are wanted of the left and of the right side of an operator. */
function sidesOf(
  clause: SyntaxNode | null,
  wanted: readonly string[],
  text: string,
): readonly [readonly string[], readonly string[]] {
  if (clause === null) return [wanted, wanted];
  const [matched, ...more] = clause.getChildren('GroupingLabels');
  const named = matched === undefined ? [] : labelNames(matched, text);
  const extra = more.flatMap((each) => labelNames(each, text));
  const on = clause.getChild('On') === null ? [] : named;
  const ofMany = [...wanted.filter((label) => !extra.includes(label)), ...on];
  const ofOne = [...on, ...extra];
  if (clause.getChild('GroupLeft') !== null) return [ofMany, ofOne];
  if (clause.getChild('GroupRight') !== null) return [ofOne, ofMany];
  return clause.getChild('On') === null ? [wanted, wanted] : [[...wanted, ...on], on];
}

function stringsIn(args: readonly SyntaxNode[], text: string): readonly string[] {
  return args.filter(({ name }) => name === 'StringLiteral').map((each) => sliceOf(each, text).slice(1, -1));
}
