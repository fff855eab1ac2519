import type { Metric } from 'lockstep-exporter/catalogue';
import type { Bounds } from './bounds.js';
import {
  ANY,
  arithmeticBounds,
  comparisonBounds,
  decidedOutcome,
  knownBounds,
  levelBounds,
  NOT_NEGATIVE,
  outcomeBounds,
  quantileBounds,
  quotientBounds,
  sumBounds,
} from './bounds.js';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, matcherPieces, namePiece, sliceOf } from './text-tree.js';
import type { Comparison } from './tree.js';
import { durationSeconds } from './window.js';

// Finds the least and the greatest value that a text can return, whatever the data. It never guesses: if a bound is
// not known, it is infinite.

/** A text, and all that its bounds depend on. */
export interface Reading {
  readonly text: string;
  readonly metricOf: (name: string) => Metric | undefined;
  /** Called for each comparison that has the same outcome whatever the data. */
  readonly decided: (node: SyntaxNode, outcome: boolean, left: Bounds) => void;
}

const AT_LEAST_ONE: Bounds = { low: 1, high: Infinity };
const between = (low: number, high: number): Bounds => ({ low, high });

/** The result of these functions and aggregations lies in a fixed range, whatever their arguments are. */
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

/** The result of these functions and aggregations lies within the bounds of their argument. */
const SAME = new Set(
  (
    'avg avg_over_time bottomk first_over_time info label_join label_replace last_over_time limit_ratio limitk max ' +
    'max_over_time min min_over_time quantile quantile_over_time scalar sort sort_by_label sort_by_label_desc ' +
    'sort_desc topk vector'
  ).split(' '),
);

/** These functions never fall when their argument rises. So they turn its bounds into theirs. */
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
  return knownBounds(rawBounds(node, reading));
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

/** Reads a number as Go writes it, or a duration in seconds. */
function numberBounds(literal: string): Bounds {
  const bare = literal.replaceAll('_', '').toLowerCase();
  const infinite = /^([-+]?)inf$/.exec(bare);
  if (infinite !== null) return infinite[1] === '-' ? between(-Infinity, -Infinity) : between(Infinity, Infinity);
  const value = durationSeconds(bare) ?? Number(bare);
  return Number.isNaN(value) ? ANY : between(value, value);
}

/** A histogram under its own name is native, and has no single value. */
function selectorBounds(node: SyntaxNode, { text, metricOf }: Reading): Bounds {
  const name = namePiece(node, text)?.name ?? '';
  const metric = metricOf(name);
  return metric === undefined ? ANY : levelBounds(metric, name === metric.name);
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
      return sumBounds(of);
    case 'histogram_quantile':
      return bucketBounds(args[1], all[0] ?? ANY, reading);
    default:
      return ANY;
  }
}

function clamped(of: Bounds, least: Bounds, most: Bounds): Bounds {
  return between(Math.min(most.low, Math.max(of.low, least.low)), Math.min(most.high, Math.max(of.high, least.high)));
}

/** Prometheus returns an infinity for a share below 0 or above 1, so such a share has no bounds. */
function bucketBounds(of: SyntaxNode | undefined, share: Bounds, { text, metricOf }: Reading): Bounds {
  if (of === undefined || share.low < 0 || share.high > 1) return ANY;
  const read: (Metric | undefined)[] = [];
  of.cursor().iterate(({ node }) => {
    if (node.name === 'VectorSelector') read.push(metricOf(namePiece(node, text)?.name ?? ''));
  });
  if (read.some((metric) => metric === undefined || metric.bounds.length === 0)) return ANY;
  return quantileBounds(read.flatMap((metric) => metric?.bounds ?? []));
}

const SIGNS: Readonly<Record<string, Comparison>> = { Eql: '==', Neq: '!=', Gtr: '>', Lss: '<', Gte: '>=', Lte: '<=' };

function combinedBounds(node: SyntaxNode, reading: Reading): Bounds {
  const { firstChild, lastChild } = node;
  if (firstChild === null || lastChild === null) return ANY;
  const [left, right] = [textBounds(firstChild, reading), textBounds(lastChild, reading)];
  const has = (name: string) => node.getChild(name) !== null;
  // `fill` replaces a missing side by a number, which can lie outside the bounds of both sides.
  if (has('FillModifier')) return ANY;
  if (has('Add')) return arithmeticBounds('+', left, right);
  if (has('Sub')) return arithmeticBounds('-', left, right);
  if (has('Mul')) return arithmeticBounds('*', left, right);
  if (has('Div')) {
    const isKnownShare = left.low >= 0 && right.low >= 0 && isShare(node, reading.text);
    return isKnownShare ? between(0, 1) : quotientBounds(left, right);
  }
  if (has('Mod')) return left.low >= 0 && right.low > 0 ? between(0, Math.min(left.high, right.high)) : ANY;
  if (has('Pow')) return left.low >= 0 ? NOT_NEGATIVE : ANY;
  if (has('Atan2')) return between(-Math.PI, Math.PI);
  if (has('Or')) return between(Math.min(left.low, right.low), Math.max(left.high, right.high));
  if (has('And') || has('Unless')) return left;
  const op = Object.entries(SIGNS).find(([name]) => has(name))?.[1];
  return op === undefined ? ANY : comparedBounds(node, op, left, right, reading);
}

/** For these functions, some of the series never give more than all of them do. */
const ADDING = new Set(['sum', 'rate', 'increase', 'irate', 'count']);

/** Whether a quotient divides some series by all of them: both sides are alike, and the upper one has more matchers. */
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

/** Splits a text into the matchers of each selector and all the rest, without spaces. */
function reduced(side: SyntaxNode, text: string) {
  const matchers: string[][] = [];
  const cuts: SyntaxNode[] = [];
  let isAdding = true;
  side.cursor().iterate(({ node }) => {
    if (node.name === 'FunctionIdentifier' || node.name === 'AggregateOp') isAdding &&= ADDING.has(sliceOf(node, text));
    if (['BinaryExpr', 'UnaryExpr', 'NumberDurationLiteral'].includes(node.name)) isAdding = false;
    if (node.name === 'VectorSelector') {
      const list = node.getChild('LabelMatchers');
      matchers.push(matcherPieces(node, text).map(({ whole }) => sliceOf(whole, text)));
      if (list !== null) cuts.push(list);
    }
  });
  if (!isAdding) return undefined;
  let rest = sliceOf(side, text);
  for (const { from, to } of cuts.toReversed()) rest = rest.slice(0, from - side.from) + rest.slice(to - side.from);
  return { text: rest.replaceAll(/\s/g, ''), matchers };
}

/** Whether the expression is a number and not a vector. */
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
  // `absent(x) == 1` asks whether there is a value at all, not how great it is: it is always 1.
  const isConstant = left.low === left.high;
  if (outcome !== undefined && !(outcome && isConstant)) reading.decided(node, outcome, left);
  if (node.getChild('BoolModifier') !== null) return outcomeBounds(outcome);
  // A comparison of a number with a vector keeps the vector's values.
  return node.firstChild !== null && isNumber(node.firstChild, reading.text)
    ? comparisonBounds(TURNED[op], right, left)
    : comparisonBounds(op, left, right);
}

const TURNED: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '>=': '<=',
  '<': '>',
  '<=': '>=',
};
