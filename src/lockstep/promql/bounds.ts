import type { Metric } from 'lockstep-exporter/catalogue';
import type { AggregateNode, BinaryNode, Comparison, Matcher, MathFunction, Node, SelectorNode } from './tree.js';
import { COMPARISONS, children, labelsOf } from './tree.js';

/**
 * The least and the greatest value that an expression can have, whatever the data. It is what tells an expression that
 * can never be true from one that is merely false today: `errors / all / 0.07 > 14.4` asks for an error ratio above 1.
 */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

export const ANY: Bounds = { low: -Infinity, high: Infinity };
export const NOT_NEGATIVE: Bounds = { low: 0, high: Infinity };

export function boundsOf(node: Node): Bounds {
  return knownBounds(rawBounds(node));
}

/** A bound that is not a number (infinity minus infinity) becomes infinite: nothing is known of it. */
export function knownBounds({ low, high }: Bounds): Bounds {
  return { low: Number.isNaN(low) ? -Infinity : low, high: Number.isNaN(high) ? Infinity : high };
}

function rawBounds(node: Node): Bounds {
  switch (node.type) {
    case 'number':
      return { low: node.value, high: node.value };
    case 'selector':
      return levelBounds(node.metric, node.part === '');
    case 'events':
      return NOT_NEGATIVE;
    case 'overTime':
      switch (node.fn) {
        case 'absent_over_time':
          return { low: 1, high: 1 };
        case 'present_over_time':
          return { low: 1, high: 1 };
        case 'changes':
        case 'count_over_time':
        case 'resets':
        case 'stddev_over_time':
          return NOT_NEGATIVE;
        case 'delta':
        case 'deriv':
        case 'predict_linear':
          return ANY;
        case 'sum_over_time':
          return sumBounds(boundsOf(node.of));
        default:
          return boundsOf(node.of);
      }
    case 'fraction':
      return { low: 0, high: 1 };
    case 'quantile':
      return quantileBounds(findSelector(node.of)?.metric.bounds ?? []);
    case 'clampMin': {
      const { low, high } = boundsOf(node.of);
      return { low: Math.max(low, node.min), high: Math.max(high, node.min) };
    }
    case 'math':
      return mathBounds(node.fn, node.parameter, boundsOf(node.of));
    case 'now':
      return NOT_NEGATIVE;
    case 'since':
      return ANY;
    case 'joined':
    case 'ago':
    case 'relabelled':
      return boundsOf(node.of);
    case 'overSteps':
      if (node.fn === 'count') return { low: 1, high: Infinity };
      return node.fn === 'sum' ? sumBounds(boundsOf(node.of)) : boundsOf(node.of);
    case 'orZero': {
      const { low, high } = boundsOf(node.of);
      return { low: Math.min(low, 0), high: Math.max(high, 0) };
    }
    case 'aggregate':
      return aggregateBounds(node);
    case 'binary':
      return binaryBounds(node);
    case 'text':
      return node.bounds;
  }
}

/**
 * The bounds of the samples of a metric, or of a part of it. A gauge can be negative, and so can a quantile. A native
 * histogram has no single value.
 *
 * @param isWhole whether the series have the name of the metric, and not that of a part
 */
export function levelBounds({ kind }: Metric, isWhole: boolean): Bounds {
  switch (kind) {
    case 'info':
      return { low: 1, high: 1 };
    case 'stateSet':
      return { low: 0, high: 1 };
    case 'counter':
      return NOT_NEGATIVE;
    case 'histogram':
    case 'summary':
    case 'nativeHistogram':
      return isWhole ? ANY : NOT_NEGATIVE;
    case 'gauge':
      return ANY;
  }
}

/** Each of these rises with its argument, or turns what is negative around. */
function mathBounds(fn: MathFunction, parameter: number | undefined, { low, high }: Bounds): Bounds {
  const both = (of: (value: number) => number): Bounds => ({ low: of(low), high: of(high) });
  switch (fn) {
    case 'abs':
      return { low: Math.max(0, low, -high), high: Math.max(Math.abs(low), Math.abs(high)) };
    case 'ceil':
      return both(Math.ceil);
    case 'clamp_max':
      return both((value) => Math.min(value, parameter ?? Infinity));
    case 'exp':
      return both(Math.exp);
    case 'floor':
      return both(Math.floor);
    case 'ln':
      return both(Math.log);
    case 'log10':
      return both(Math.log10);
    case 'log2':
      return both(Math.log2);
    case 'round':
      return parameter === undefined ? { low: Math.floor(low), high: Math.ceil(high) } : ANY;
    case 'sgn':
      return both(Math.sign);
    case 'day_of_month':
      return { low: 1, high: 31 };
    case 'day_of_week':
      return { low: 0, high: 6 };
    case 'day_of_year':
      return { low: 1, high: 366 };
    case 'days_in_month':
      return { low: 28, high: 31 };
    case 'hour':
      return { low: 0, high: 23 };
    case 'minute':
      return { low: 0, high: 59 };
    case 'month':
      return { low: 1, high: 12 };
    case 'cos':
    case 'sin':
    case 'tanh':
      return { low: -1, high: 1 };
    case 'year':
    case 'acos':
    case 'acosh':
    case 'asin':
    case 'asinh':
    case 'atan':
    case 'atanh':
    case 'cosh':
    case 'sinh':
    case 'tan':
    case 'deg':
    case 'rad':
      return ANY;
    case 'sqrt':
      return both(Math.sqrt);
  }
}

function aggregateBounds({ fn, of }: AggregateNode): Bounds {
  switch (fn) {
    case 'count':
      return { low: 1, high: Infinity };
    case 'group':
      return { low: 1, high: 1 };
    case 'stddev':
    case 'stdvar':
      return NOT_NEGATIVE;
    case 'sum':
      return sumBounds(boundsOf(of));
    default:
      return boundsOf(of);
  }
}

/** Any number of elements, at least one. */
export function sumBounds({ low, high }: Bounds): Bounds {
  return { low: low >= 0 ? low : -Infinity, high: high <= 0 ? high : Infinity };
}

/** Prometheus answers with the last finite bound for whatever lies in `+Inf`: no quantile is ever above it. */
export function quantileBounds(bucketBounds: readonly number[]): Bounds {
  if (bucketBounds.length === 0) return ANY;
  return { low: Math.min(0, ...bucketBounds), high: Math.max(...bucketBounds) };
}

function findSelector(node: Node): SelectorNode | undefined {
  if (node.type === 'selector') return node;
  for (const child of children(node)) {
    const found = findSelector(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

function binaryBounds(node: BinaryNode): Bounds {
  const left = boundsOf(node.left);
  const right = boundsOf(node.right);
  switch (node.op) {
    case '/':
      return isPartOf(node.left, node.right) ? { low: 0, high: 1 } : quotientBounds(left, right);
    case '+':
    case '-':
    case '*':
      return arithmeticBounds(node.op, left, right);
    case 'and':
    case 'unless':
      return left;
    case 'or':
      return { low: Math.min(left.low, right.low), high: Math.max(left.high, right.high) };
    default:
      return node.bool ? outcomeBounds(decidedOutcome(node.op, left, right)) : comparisonBounds(node.op, left, right);
  }
}

export function arithmeticBounds(op: '+' | '-' | '*', left: Bounds, right: Bounds): Bounds {
  switch (op) {
    case '+':
      return { low: left.low + right.low, high: left.high + right.high };
    case '-':
      return { low: left.low - right.high, high: left.high - right.low };
    case '*': {
      const products = [left.low, left.high].flatMap((a) =>
        [right.low, right.high].map((b) => (a === 0 || b === 0 ? 0 : a * b)),
      );
      return { low: Math.min(...products), high: Math.max(...products) };
    }
  }
}

/** The bounds of a quotient, from the bounds of its two sides alone. */
export function quotientBounds(left: Bounds, right: Bounds): Bounds {
  if (left.low < 0 || right.low < 0) return ANY;
  return { low: quotient(left.low, right.high), high: left.high === 0 ? 0 : quotient(left.high, right.low) };
}

function quotient(a: number, b: number): number {
  if (a === 0 || b === Infinity) return 0;
  return b === 0 ? Infinity : a / b;
}

/** The bounds of a comparison that returns 1 or 0. */
export function outcomeBounds(outcome: boolean | undefined): Bounds {
  return { low: outcome === true ? 1 : 0, high: outcome === false ? 0 : 1 };
}

/** The bounds of a comparison that keeps the values of its left side for which it holds. */
export function comparisonBounds(op: Comparison, left: Bounds, right: Bounds): Bounds {
  switch (op) {
    case '==':
      return { low: Math.max(left.low, right.low), high: Math.min(left.high, right.high) };
    case '>':
    case '>=':
      return { low: Math.max(left.low, right.low), high: left.high };
    case '<':
    case '<=':
      return { low: left.low, high: Math.min(left.high, right.high) };
    case '!=':
      return left;
  }
}

/**
 * Whether a comparison has the same outcome whatever the data: `true`, `false`, or `undefined` where the data decides.
 */
export function decidedOutcome(op: Comparison, left: Bounds, right: Bounds): boolean | undefined {
  switch (op) {
    case '>':
      return left.low > right.high ? true : left.high <= right.low ? false : undefined;
    case '>=':
      return left.low >= right.high ? true : left.high < right.low ? false : undefined;
    case '<':
      return decidedOutcome('>', right, left);
    case '<=':
      return decidedOutcome('>=', right, left);
    case '==':
      if (left.low === left.high && right.low === right.high && left.low === right.low) return true;
      return left.high < right.low || right.high < left.low ? false : undefined;
    case '!=': {
      const equal = decidedOutcome('==', left, right);
      return equal === undefined ? undefined : !equal;
    }
  }
}

/**
 * Whether one expression counts a subset of what the other counts: both count events by the same labels over the same
 * window of the same series, and the left one has every matcher that the right one has. Their ratio is then 0 to 1.
 */
export function isPartOf(part: Node, whole: Node): boolean {
  if (whole.type === 'clampMin') return isPartOf(part, whole.of);
  const [fromPart, fromWhole] = [filtered(part), filtered(whole)];
  if (fromWhole !== undefined) return isPartOf(part, fromWhole);
  if (part.type === 'orZero') return isPartOf(part.of, whole);
  // A zero in the place of nothing adds nothing.
  if (whole.type === 'orZero') return isPartOf(part, whole.of);
  if (part.type === 'binary' && part.op === '+')
    return isPartOf(part.left, whole) && isPartOf(part.right, whole) && areApart(part.left, part.right);
  if (whole.type === 'binary' && whole.op === '+')
    return [whole.left, whole.right].some((side) => isPartOf(part, side)) && boundsOf(whole).low >= 0;
  if (fromPart !== undefined) return isPartOf(fromPart, whole);
  // The rest of a whole when a part of it is taken away.
  if (part.type === 'binary' && part.op === '-') return isPartOf(part.left, whole) && isPartOf(part.right, part.left);
  if (part.type === 'aggregate' && whole.type === 'aggregate')
    return part.fn === 'sum' && whole.fn === 'sum' && sameLabels(part, whole) && isPartOf(part.of, whole.of);
  if (part.type === 'events' && whole.type === 'events')
    return (
      part.per === whole.per && part.window === whole.window && sameLabels(part, whole) && isPartOf(part.of, whole.of)
    );
  if (part.type === 'selector' && whole.type === 'selector')
    return part.metric.kind !== 'gauge' && choosesAmong(part, whole);
  return false;
}

/** Whether each series of one selector is one of the other's, or is counted in one of them. */
export function choosesAmong(part: SelectorNode, whole: SelectorNode): boolean {
  return (
    part.metric === whole.metric &&
    (part.part === whole.part
      ? part.part !== '_sum' && (whole.bound === undefined || part.bound === whole.bound)
      : part.part === '_bucket' && part.bound !== undefined && whole.part === '_count') &&
    whole.matchers.every((matcher) => isImplied(matcher, part))
  );
}

/** Whether no series is counted on both sides. */
function areApart(left: Node, right: Node): boolean {
  const selectors = countedSelectors(right);
  return countedSelectors(left).every((one) => selectors.every((other) => excludes(one, other)));
}

/** The selectors of an expression, without those that only say where a zero stands. */
function countedSelectors(node: Node): readonly SelectorNode[] {
  if (node.type === 'selector') return [node];
  return (node.type === 'orZero' ? [node.of] : children(node)).flatMap(countedSelectors);
}

/** Whether no series is chosen by both selectors: they name two metrics, or want different values of one label. */
export function excludes(a: SelectorNode, b: SelectorNode): boolean {
  if (a.metric !== b.metric) return true;
  return a.matchers.some((one) =>
    b.matchers.some((other) => {
      if (one.label !== other.label || one.match.type === 'variable' || other.match.type === 'variable') return false;
      const [mine, theirs] = [valuesOf(one), valuesOf(other)];
      if (one.negated && other.negated) return false;
      if (one.negated) return theirs.every((value) => mine.includes(value));
      if (other.negated) return mine.every((value) => theirs.includes(value));
      return !mine.some((value) => theirs.includes(value));
    }),
  );
}

/** The left side of an operation that returns all of its values, or some of them. */
function filtered(node: Node): Node | undefined {
  if (node.type !== 'binary' || node.bool) return undefined;
  return node.op === 'and' || COMPARISONS.some((op) => op === node.op) ? node.left : undefined;
}

/**
 * Whether whatever a selector chooses satisfies a matcher: it has that very one, or one of the label that decides the
 * other's.
 */
function isImplied(matcher: Matcher, { matchers, metric }: SelectorNode): boolean {
  if (matchers.some((other) => sameMatcher(matcher, other))) return true;
  const decidedBy = metric.labels.find((label) => label.name === matcher.label)?.decidedBy;
  if (decidedBy === undefined || matcher.match.type === 'variable') return false;
  const allowed = valuesOf(matcher);
  return matchers.some(
    (other) =>
      other.label === decidedBy.label &&
      !other.negated &&
      other.match.type !== 'variable' &&
      valuesOf(other).every((value) => allowed.includes(decidedBy.valueOf[value] ?? '') !== matcher.negated),
  );
}

function valuesOf({ match }: Matcher): readonly string[] {
  if (match.type === 'variable') return [];
  return match.type === 'value' ? [match.value] : match.values;
}

function sameLabels(a: Node, b: Node): boolean {
  return JSON.stringify([...(labelsOf(a) ?? [])].sort()) === JSON.stringify([...(labelsOf(b) ?? [])].sort());
}

function sameMatcher(a: Matcher, b: Matcher): boolean {
  return a.label === b.label && a.negated === b.negated && JSON.stringify(a.match) === JSON.stringify(b.match);
}
