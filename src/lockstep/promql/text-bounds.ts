import type { Metric } from 'lockstep-exporter/catalogue';
import type { Bounds } from './bounds.js';
import { decidedOutcome } from './bounds.js';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, sliceOf } from './text-tree.js';
import type { Comparison } from './tree.js';
import { durationSeconds } from './window.js';

// Between which values the result of a text lies, whatever the data. Where that is not known it is not guessed.

/** All that the bounds of a text are found from. */
export interface Reading {
  readonly text: string;
  readonly metricOf: (name: string) => Metric | undefined;
  /** Told of a comparison that has one outcome whatever the data. */
  readonly decided: (node: SyntaxNode, outcome: boolean, left: Bounds) => void;
}

const ANY: Bounds = { low: -Infinity, high: Infinity };
const NOT_NEGATIVE: Bounds = { low: 0, high: Infinity };
const AT_LEAST_ONE: Bounds = { low: 1, high: Infinity };
const between = (low: number, high: number): Bounds => ({ low, high });

/** Functions and aggregations whose result lies in a range of its own, whatever they are given. */
const OWN: Readonly<Record<string, Bounds>> = {
  absent: between(1, 1),
  absent_over_time: between(1, 1),
  acos: between(0, Math.PI),
  acosh: NOT_NEGATIVE,
  asin: between(-Math.PI / 2, Math.PI / 2),
  atan: between(-Math.PI / 2, Math.PI / 2),
  changes: NOT_NEGATIVE,
  cos: between(-1, 1),
  cosh: AT_LEAST_ONE,
  count: AT_LEAST_ONE,
  count_over_time: AT_LEAST_ONE,
  count_values: AT_LEAST_ONE,
  day_of_month: between(1, 31),
  day_of_week: between(0, 6),
  day_of_year: between(1, 366),
  days_in_month: between(28, 31),
  exp: NOT_NEGATIVE,
  group: between(1, 1),
  histogram_count: NOT_NEGATIVE,
  histogram_fraction: between(0, 1),
  histogram_stddev: NOT_NEGATIVE,
  histogram_stdvar: NOT_NEGATIVE,
  hour: between(0, 23),
  increase: NOT_NEGATIVE,
  irate: NOT_NEGATIVE,
  mad_over_time: NOT_NEGATIVE,
  minute: between(0, 59),
  month: between(1, 12),
  pi: between(Math.PI, Math.PI),
  present_over_time: between(1, 1),
  rate: NOT_NEGATIVE,
  resets: NOT_NEGATIVE,
  sgn: between(-1, 1),
  sin: between(-1, 1),
  sqrt: NOT_NEGATIVE,
  stddev: NOT_NEGATIVE,
  stddev_over_time: NOT_NEGATIVE,
  stdvar: NOT_NEGATIVE,
  stdvar_over_time: NOT_NEGATIVE,
  tanh: between(-1, 1),
  time: NOT_NEGATIVE,
  timestamp: NOT_NEGATIVE,
  ts_of_first_over_time: NOT_NEGATIVE,
  ts_of_last_over_time: NOT_NEGATIVE,
  ts_of_max_over_time: NOT_NEGATIVE,
  ts_of_min_over_time: NOT_NEGATIVE,
};

/** Functions and aggregations whose result lies where the values that they are given lie. */
const SAME = new Set(
  (
    'avg avg_over_time bottomk first_over_time info label_join label_replace last_over_time limit_ratio limitk max ' +
    'max_over_time min min_over_time quantile quantile_over_time scalar sort sort_by_label sort_by_label_desc ' +
    'sort_desc topk vector'
  ).split(' '),
);

/** Functions of one number that never go down where it goes up, so that bounds become bounds. */
const RISING: Readonly<Record<string, (value: number) => number>> = {
  asinh: Math.asinh,
  ceil: Math.ceil,
  deg: (value) => (value * 180) / Math.PI,
  floor: Math.floor,
  ln: (value) => (value < 0 ? Number.NaN : Math.log(value)),
  log10: (value) => (value < 0 ? Number.NaN : Math.log10(value)),
  log2: (value) => (value < 0 ? Number.NaN : Math.log2(value)),
  rad: (value) => (value * Math.PI) / 180,
  sinh: Math.sinh,
};

/** The least and the greatest value of a text's result. */
export function textBounds(node: SyntaxNode, reading: Reading): Bounds {
  const { low, high } = rawBounds(node, reading);
  return { low: Number.isNaN(low) ? -Infinity : low, high: Number.isNaN(high) ? Infinity : high };
}

function rawBounds(node: SyntaxNode, reading: Reading): Bounds {
  const inner = (child: SyntaxNode | null) => (child === null ? ANY : textBounds(child, reading));
  switch (node.name) {
    case 'NumberDurationLiteral':
      return numberBounds(sliceOf(node, reading.text));
    case 'VectorSelector':
      return selectorBounds(node, reading);
    case 'UnaryExpr': {
      const { low, high } = inner(node.lastChild);
      return sliceOf(node.firstChild ?? node, reading.text) === '-' ? between(0 - high, 0 - low) : { low, high };
    }
    case 'FunctionCall':
    case 'AggregateExpr':
      return callBounds(node, reading);
    case 'BinaryExpr':
      return combinedBounds(node, reading);
    case 'ParenExpr':
    case 'OffsetExpr':
    case 'StepInvariantExpr':
    case 'SubqueryExpr':
    case 'MatrixSelector':
    case 'AnchoredExpr':
    case 'SmoothedExpr':
      return inner(node.firstChild);
    default:
      return ANY;
  }
}

/** Go's numbers, and durations, which are seconds. */
function numberBounds(literal: string): Bounds {
  const bare = literal.replaceAll('_', '').toLowerCase();
  const infinite = /^([-+]?)inf$/.exec(bare);
  if (infinite !== null) return infinite[1] === '-' ? between(-Infinity, -Infinity) : between(Infinity, Infinity);
  const value = durationSeconds(bare) ?? Number(bare);
  return Number.isNaN(value) ? ANY : between(value, value);
}

/** Only gauges go below zero; the parts of a histogram are counts, but for a sum of what may be negative. */
function selectorBounds(node: SyntaxNode, { text, metricOf }: Reading): Bounds {
  const identifier = node.getChild('Identifier');
  const name = identifier === null ? '' : sliceOf(identifier, text);
  const metric = metricOf(name);
  if (metric === undefined || metric.kind === 'gauge') return ANY;
  return name === metric.name && metric.kind === 'histogram' ? ANY : NOT_NEGATIVE;
}

function callBounds(node: SyntaxNode, reading: Reading): Bounds {
  const name = sliceOf(node.firstChild ?? node, reading.text);
  const args = argumentsOf(node.getChild('FunctionCallBody'));
  const all = args.map((each) => textBounds(each, reading));
  const given = node.name === 'AggregateExpr' ? (all.at(-1) ?? ANY) : (all[0] ?? ANY);
  const of = name === 'quantile_over_time' ? (all[1] ?? ANY) : given;
  const own = OWN[name];
  if (own !== undefined) return own;
  if (SAME.has(name)) return of;
  const rising = RISING[name];
  if (rising !== undefined) return between(rising(of.low), rising(of.high));
  switch (name) {
    case 'abs':
      return between(Math.max(0, of.low, -of.high), Math.max(Math.abs(of.low), Math.abs(of.high)));
    case 'clamp':
      return clamped(of, all[1] ?? ANY, all[2] ?? ANY);
    case 'clamp_min':
      return clamped(of, all[1] ?? ANY, between(Infinity, Infinity));
    case 'clamp_max':
      return clamped(of, between(-Infinity, -Infinity), all[1] ?? ANY);
    case 'round':
      return args.length === 1 ? between(Math.floor(of.low), Math.ceil(of.high)) : ANY;
    case 'sum':
    case 'sum_over_time':
      return between(of.low >= 0 ? of.low : -Infinity, of.high <= 0 ? of.high : Infinity);
    case 'histogram_quantile':
      return quantileBounds(args[1], all[0] ?? ANY, reading);
    default:
      return ANY;
  }
}

function clamped(of: Bounds, least: Bounds, most: Bounds): Bounds {
  return between(Math.min(most.low, Math.max(of.low, least.low)), Math.min(most.high, Math.max(of.high, least.high)));
}

/** Prometheus answers with the last finite bound for all in `+Inf`; with infinities for shares beyond 0 to 1. */
function quantileBounds(of: SyntaxNode | undefined, share: Bounds, { text, metricOf }: Reading): Bounds {
  if (of === undefined || share.low < 0 || share.high > 1) return ANY;
  const read: (Metric | undefined)[] = [];
  of.cursor().iterate(({ node }) => {
    if (node.name === 'VectorSelector') read.push(metricOf(sliceOf(node.getChild('Identifier') ?? node, text)));
  });
  const bounds = read.flatMap((metric) => metric?.bounds ?? []);
  if (read.some((metric) => metric === undefined || metric.bounds.length === 0) || bounds.length === 0) return ANY;
  return between(Math.min(0, ...bounds), Math.max(...bounds));
}

const SIGNS: Readonly<Record<string, Comparison>> = { Eql: '==', Neq: '!=', Gtr: '>', Lss: '<', Gte: '>=', Lte: '<=' };

function combinedBounds(node: SyntaxNode, reading: Reading): Bounds {
  const { firstChild, lastChild } = node;
  if (firstChild === null || lastChild === null) return ANY;
  const [left, right] = [textBounds(firstChild, reading), textBounds(lastChild, reading)];
  const has = (name: string) => node.getChild(name) !== null;
  // A side that has nothing is filled with a number that may lie elsewhere.
  if (has('FillModifier')) return ANY;
  if (has('Add')) return between(left.low + right.low, left.high + right.high);
  if (has('Sub')) return between(left.low - right.high, left.high - right.low);
  if (has('Mul')) return productBounds(left, right);
  if (has('Div')) return quotientBounds(node, left, right, reading.text);
  if (has('Mod')) return left.low >= 0 && right.low > 0 ? between(0, Math.min(left.high, right.high)) : ANY;
  if (has('Pow')) return left.low >= 0 ? NOT_NEGATIVE : ANY;
  if (has('Atan2')) return between(-Math.PI, Math.PI);
  if (has('Or')) return between(Math.min(left.low, right.low), Math.max(left.high, right.high));
  if (has('And') || has('Unless')) return left;
  const op = Object.entries(SIGNS).find(([name]) => has(name))?.[1];
  return op === undefined ? ANY : comparedBounds(node, op, left, right, reading);
}

function productBounds(left: Bounds, right: Bounds): Bounds {
  const products = [left.low, left.high].flatMap((a) =>
    [right.low, right.high].map((b) => (a === 0 || b === 0 ? 0 : a * b)),
  );
  return between(Math.min(...products), Math.max(...products));
}

function quotientBounds(node: SyntaxNode, left: Bounds, right: Bounds, text: string): Bounds {
  if (left.low < 0 || right.low < 0) return ANY;
  if (isShare(node, text)) return between(0, 1);
  const low = left.low === 0 || right.high === Infinity ? 0 : left.low / right.high;
  const high = left.high === 0 ? 0 : right.low === 0 ? Infinity : left.high / right.low;
  return between(low, high);
}

/** Functions of which a part of the series never gives more than all of them. */
const ADDING = new Set(['sum', 'rate', 'increase', 'irate', 'count']);

/** Whether the side above the line is the side below it with more matchers: some of the series, over all. */
function isShare(node: SyntaxNode, text: string): boolean {
  const [above, below] = [node.firstChild, node.lastChild].map((side) =>
    side === null ? undefined : reduced(side, text),
  );
  return (
    above !== undefined &&
    below !== undefined &&
    above.text === below.text &&
    above.matchers.length === below.matchers.length &&
    below.matchers.every((wanted, index) => wanted.every((each) => above.matchers[index]?.includes(each)))
  );
}

/** A text without its matchers and spaces, and the matchers of each selector. */
function reduced(side: SyntaxNode, text: string) {
  const matchers: string[][] = [];
  const cuts: SyntaxNode[] = [];
  let isAdding = true;
  side.cursor().iterate(({ node }) => {
    if (node.name === 'FunctionIdentifier' || node.name === 'AggregateOp') isAdding &&= ADDING.has(sliceOf(node, text));
    if (['BinaryExpr', 'UnaryExpr', 'NumberDurationLiteral'].includes(node.name)) isAdding = false;
    if (node.name === 'VectorSelector') {
      const list = node.getChild('LabelMatchers');
      matchers.push((list?.getChildren('UnquotedLabelMatcher') ?? []).map((each) => sliceOf(each, text)));
      if (list !== null) cuts.push(list);
    }
  });
  if (!isAdding) return undefined;
  let rest = sliceOf(side, text);
  for (const { from, to } of cuts.toReversed()) rest = rest.slice(0, from - side.from) + rest.slice(to - side.from);
  return { text: rest.replaceAll(/\s/g, ''), matchers };
}

/** Whether it is a number and no vector. */
function isNumber(node: SyntaxNode, text: string): boolean {
  const { firstChild, lastChild } = node;
  switch (node.name) {
    case 'NumberDurationLiteral':
      return true;
    case 'FunctionCall':
      return ['scalar', 'time', 'pi'].includes(sliceOf(firstChild ?? node, text));
    case 'ParenExpr':
      return firstChild !== null && isNumber(firstChild, text);
    case 'UnaryExpr':
      return lastChild !== null && isNumber(lastChild, text);
    case 'BinaryExpr':
      return firstChild !== null && lastChild !== null && isNumber(firstChild, text) && isNumber(lastChild, text);
    default:
      return false;
  }
}

function comparedBounds(node: SyntaxNode, op: Comparison, left: Bounds, right: Bounds, reading: Reading): Bounds {
  const outcome = decidedOutcome(op, left, right);
  // `absent(x) == 1` asks whether there is anything, of a value that is always 1.
  const isConstant = left.low === left.high;
  if (outcome !== undefined && !(outcome && isConstant)) reading.decided(node, outcome, left);
  if (node.getChild('BoolModifier') !== null) return between(outcome === true ? 1 : 0, outcome === false ? 0 : 1);
  // A comparison of a number with a vector keeps the vector's values.
  const isTurned = node.firstChild !== null && isNumber(node.firstChild, reading.text);
  const [kept, other] = isTurned ? [right, left] : [left, right];
  switch (op) {
    case '==':
      return between(Math.max(kept.low, other.low), Math.min(kept.high, other.high));
    case '!=':
      return kept;
    case '>':
    case '>=':
      return isTurned
        ? between(kept.low, Math.min(kept.high, other.high))
        : between(Math.max(kept.low, other.low), kept.high);
    case '<':
    case '<=':
      return isTurned
        ? between(Math.max(kept.low, other.low), kept.high)
        : between(kept.low, Math.min(kept.high, other.high));
  }
}
