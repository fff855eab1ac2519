import type { Kind, LabelMap, Metric } from 'lockstep-exporter/catalogue';
import { made } from 'lockstep-exporter/internal';
import type {
  Aggregation,
  BinaryOperator,
  Comparison,
  EventsNode,
  Match,
  Matcher,
  MathFunction,
  Node,
  Part,
  RangeFunction,
  ScrapeTarget,
  SelectorNode,
} from './tree.js';
import { scopeOf } from './tree.js';
import type { Duration, Window } from './window.js';

/**
 * A refusal that a compiler prints: it is never a value's type, so the argument beside it does not fit. `Detail`
 * stands beside the message and not in it, because a union within a text is printed as one text for each of its
 * members.
 */
export interface TypeProblem<Message extends string, Detail = never> {
  readonly '~problem': Message;
  readonly '~detail': Detail;
}

/**
 * Series that were chosen from a metric, not yet read over a window.
 *
 * @typeParam K       `histogram` or `summary` only until a part of it is taken: `buckets`, `countOf`, `quantileOf`
 * @typeParam Labels  label name -> values
 */
export interface Series<K extends Kind = Kind, Labels extends LabelMap = LabelMap> {
  readonly kind: K;
  readonly node: SelectorNode;
  readonly '~labels'?: Labels;
}

/** An instant vector: one number per combination of its labels. */
export interface Vector<L extends string = string> {
  readonly node: Node;
  readonly '~by'?: L;
}

/** A metric stands for all of its series. */
export type Selectable = Metric | Series;
type Operand = number | Vector;

type LabelMapOf<S> = S extends { readonly '~labels'?: infer Labels extends LabelMap } ? Labels : never;
type LabelOf<S> = keyof LabelMapOf<S> extends infer L extends string ? L : never;
type VectorLabel<V> = V extends Vector<infer L> ? L : never;
type Listed<L extends string> = [L] extends [never] ? 'none' : L;

type KindName<K extends Kind> = K extends 'info'
  ? 'an info'
  : K extends 'stateSet'
    ? 'a state set'
    : K extends 'nativeHistogram'
      ? 'a native histogram'
      : `a ${K}`;

type OfKind<S extends Selectable, K extends Kind, Message extends string> = S['kind'] extends K
  ? unknown
  : TypeProblem<Message>;

/** One of several values of a label. */
export interface OneOf<Value extends string> {
  readonly match: Match;
  readonly negated: boolean;
  readonly '~value'?: Value;
}

/** A dashboard variable that holds values of one label. */
export interface LabelVariable<Name extends string> {
  readonly variable: string;
  readonly label: Name;
}

/** The matchers of each label: a value, `oneOf`, `noneOf`, or a variable of that very label. */
export type Matchers<Labels extends LabelMap> = {
  readonly [Name in keyof Labels & string]?: Labels[Name] | OneOf<Labels[Name]> | LabelVariable<Name>;
};

/**
 * Refuses labels that the metric does not have, also where they arrive in a variable and excess properties are not
 * checked.
 */
type OnlyLabelsOf<Where, S> = {
  readonly [Name in Exclude<keyof Where, LabelOf<S>> & string]: TypeProblem<
    `the metric has no label '${Name}'; it has`,
    LabelOf<S>
  >;
};

/** Matches any of the values. */
export function oneOf<const Value extends string>(...values: readonly [Value, ...Value[]]): OneOf<Value> {
  return { match: { type: 'oneOf', values }, negated: false };
}

/** Matches all but these values. */
export function noneOf<const Value extends string>(...values: readonly [Value, ...Value[]]): OneOf<Value> {
  return { match: { type: 'oneOf', values }, negated: true };
}

/** The series of a metric whose labels are as said. Labels and values that do not exist do not compile. */
export function select<S extends Selectable, const Where extends Matchers<LabelMapOf<S>>>(
  of: S,
  where: Where & OnlyLabelsOf<Where, S>,
): Series<S['kind'], LabelMapOf<S>> {
  const { kind, node } = toSeries(of);
  const added = Object.entries(where as Readonly<Record<string, string | OneOf<string> | LabelVariable<string>>>);
  return {
    kind,
    node: made({ ...node, matchers: [...node.matchers, ...added.map(([name, value]) => toMatcher(name, value))] }),
  };
}

function toMatcher(label: string, value: string | OneOf<string> | LabelVariable<string>): Matcher {
  if (typeof value === 'string') return { label, negated: false, match: { type: 'value', value } };
  if ('match' in value) return { label, negated: value.negated, match: value.match };
  return { label, negated: false, match: { type: 'variable', variable: value.variable, label: value.label } };
}

function toSeries<S extends Selectable>(of: S): Series<S['kind'], LabelMapOf<S>> {
  if (of === undefined || of === null)
    throw new Error('there is no such metric: this name is not one of the catalogue’s metrics');
  if ('node' in of) return of as Series<S['kind'], LabelMapOf<S>>;
  const metric = of as Metric;
  return { kind: of.kind, node: made({ type: 'selector', metric, part: '', matchers: scopeOf(metric) }) };
}

type HistogramPart<S, K extends 'counter', Extra extends string> = Series<
  K,
  LabelMapOf<S> & Readonly<Record<Extra, string>>
>;
type NotAHistogram<S extends Selectable> = OfKind<S, 'histogram', 'only a histogram has buckets with bounds'>;
type NotCounted<S extends Selectable> = OfKind<
  S,
  'histogram' | 'nativeHistogram' | 'summary',
  'only a histogram or a summary has a count and a sum'
>;

/** The cumulative bucket counts of a histogram, by `le`. */
export function buckets<S extends Selectable>(of: S & NotAHistogram<S>): HistogramPart<S, 'counter', 'le'> {
  return { kind: 'counter', node: partOf(of, '_bucket') };
}

/**
 * How many observations a histogram holds that were no greater than a bound. It must be the upper bound of a bucket:
 * what lies between two is counted by nobody, and a rule over it would speak of another threshold than it says.
 */
export function countAtMost<S extends Selectable>(
  of: S & NotAHistogram<S>,
  bound: number,
): HistogramPart<S, 'counter', never> {
  return { kind: 'counter', node: made({ ...partOf(of, '_bucket'), bound }) };
}

/** How many observations a histogram or a summary holds. */
export function countOf<S extends Selectable>(of: S & NotCounted<S>): HistogramPart<S, 'counter', never> {
  return { kind: 'counter', node: partOf(of, '_count') };
}

/** The sum of the observations of a histogram or a summary, in its unit. */
export function sumOf<S extends Selectable>(of: S & NotCounted<S>): HistogramPart<S, 'counter', never> {
  return { kind: 'counter', node: partOf(of, '_sum') };
}

/**
 * One quantile of a summary, as each process worked it out of its own observations. Read the greatest by `max()`: the
 * sum or the average of quantiles is not a quantile, and does not build.
 *
 * @param quantile one of those that the metric has in the catalogue
 */
export function quantileOf<S extends Selectable>(
  of: S & OfKind<S, 'summary', 'only a summary has quantiles; of a histogram take histogramQuantile()'>,
  quantile: number,
): Series<'gauge', LabelMapOf<S>> {
  return { kind: 'gauge', node: made({ ...toSeries(of as Selectable).node, quantile }) };
}

/** A native histogram for each combination of its labels. It is not a number: {@link histogramQuantile} reads it. */
export interface Distribution<L extends string = string> {
  readonly distribution: Node;
  readonly '~by'?: L;
}

/**
 * The observations per second of a native histogram in the window, all series added up, or one histogram per
 * combination of the labels in `by`.
 */
export function distribution<S extends Selectable, const By extends LabelOf<S> = never>(
  of: S & OfKind<S, 'nativeHistogram', 'this reads native histograms; of a histogram take the increase of buckets()'>,
  window: Window,
  by?: readonly By[],
): Distribution<By> {
  return { distribution: events<By>('second', of, window, by).node };
}

function partOf(of: Selectable, part: Part): SelectorNode {
  return made({ ...toSeries(of).node, part });
}

type NotACounter<S extends Selectable, Fn extends string> = OfKind<
  S,
  'counter',
  `${Fn}() reads counters, this is ${KindName<S['kind']>}; of a histogram take buckets(), countOf() or sumOf() first`
>;

/**
 * How many events in the window, all series added up, or one sum per combination of the labels in `by`. A label that
 * the metric does not have does not compile.
 *
 * It is not PromQL's `increase()` of the raw series, which estimates, and which sees nothing of a process that ends
 * between two samples: the printer makes of it what is exact for the way in which the counters arrive.
 */
export function increase<S extends Selectable, const By extends LabelOf<S> = never>(
  of: S & NotACounter<S, 'increase'>,
  window: Window,
  by?: readonly By[],
): Vector<By> {
  return events('window', of, window, by);
}

/** How many events per second, on average over the window: {@link increase} divided by the window's seconds. */
export function rate<S extends Selectable, const By extends LabelOf<S> = never>(
  of: S & NotACounter<S, 'rate'>,
  window: Window,
  by?: readonly By[],
): Vector<By> {
  return events('second', of, window, by);
}

function events<By extends string>(
  per: EventsNode['per'],
  of: Selectable,
  window: Window,
  by: readonly By[] = [],
): Vector<By> {
  return vectorOf({ type: 'events', per, of: toSeries(of).node, window, by });
}

type NotAGauge<S extends Selectable> = OfKind<
  S,
  'gauge' | 'info' | 'stateSet',
  `this reads gauges, and this is ${KindName<S['kind']>}; read a counter by rate() or increase()`
>;

/** The value of a gauge now. */
export function instant<S extends Selectable>(of: S & NotAGauge<S>): Vector<LabelOf<S> | ScrapeTarget> {
  return { node: toSeries(of).node };
}

/** The last value of a gauge in the window: of a series that has just gone, and may come back, too. */
export function lastOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('last_over_time', of, window);
}

/** The highest value of a gauge in the window. */
export function maxOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('max_over_time', of, window);
}

/** The lowest value of a gauge in the window. */
export function minOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('min_over_time', of, window);
}

/** The average of a gauge's samples in the window, of each series by itself. */
export function averageOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('avg_over_time', of, window);
}

/**
 * The sum of a gauge's samples in the window: of one that is 1 or 0, how many were 1. Over {@link countOverTime} it is
 * the share of the time, of all series together.
 */
export function sumOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('sum_over_time', of, window);
}

/** How many samples of a gauge there are in the window. */
export function countOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('count_over_time', of, window);
}

/** How often a gauge changed in the window, in each series. */
export function changes<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('changes', of, window);
}

/** By how much a gauge rose or fell in the window, extended to its edges. */
export function delta<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('delta', of, window);
}

/** How fast a gauge rises or falls, per second, by a straight line through its samples. */
export function deriv<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('deriv', of, window);
}

/** The value that a gauge will have after some seconds, by a straight line through its samples in the window. */
export function predictLinear<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
  seconds: number,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('predict_linear', of, window, seconds);
}

/** 1 for each series of a gauge that has a sample in the window. */
export function presentOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('present_over_time', of, window);
}

/** The value below which the share `quantile` (0 to 1) of a gauge's samples in the window lies, in each series. */
export function quantileOverTime<S extends Selectable>(
  quantile: number,
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('quantile_over_time', of, window, quantile);
}

/** The standard deviation of a gauge's samples in the window, in each series. */
export function deviationOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('stddev_over_time', of, window);
}

/**
 * The highest value in the window of a gauge's series that were heard again after a silence of more than an hour, and
 * of less than a day. An hour is as long as {@link increase} looks back, so a process among them has been counted
 * again from its start.
 */
export function returned<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('returned', of, window);
}

/** 1 if no series has had a sample in the window, nothing otherwise. */
export function absentOverTime(of: Selectable, window: Duration): Vector<never> {
  return overTime('absent_over_time', of, window);
}

/**
 * How often a counter of a series went down in the window. More than never means that series are shared which should
 * not be.
 */
export function resets<S extends Selectable>(
  of: S & NotACounter<S, 'resets'>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('resets', of, window);
}

function overTime<L extends string>(fn: RangeFunction, of: Selectable, window: string, parameter?: number): Vector<L> {
  return vectorOf({
    type: 'overTime',
    fn,
    of: toSeries(of).node,
    window,
    ...(parameter === undefined ? {} : { parameter }),
  });
}

/** Labels that an aggregation removes; it keeps all others, those of the scrape target too. */
export interface Without<L extends string> {
  readonly without: readonly L[];
}

/** Groups by all labels but these: `sum(of, without('pod'))`. */
export function without<const L extends string>(...labels: readonly [L, ...L[]]): Without<L> {
  return { without: labels };
}

/** The labels that come out: those of `by`, or all that are not removed. */
type Kept<L extends string, By extends string, Out extends string> = [Out] extends [never] ? By : Exclude<L, Out>;

/**
 * The sum over all series, or one per combination of the labels in `by`. A label that the vector does not carry, or
 * that an inner aggregation has removed, does not compile.
 */
export function sum<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('sum', of, by);
}

/** The greatest over all series, or one per combination of the labels in `by`. */
export function max<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('max', of, by);
}

/** The least over all series, or one per combination of the labels in `by`. */
export function min<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('min', of, by);
}

/**
 * The average over all series, or one per combination of the labels in `by`. For a share take {@link ratio} of two
 * sums: an average of shares weighs a rare thing like a frequent one.
 */
export function average<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('avg', of, by);
}

/**
 * How many series there are, in all or per combination of the labels in `by`. Where there are none, there is no 0
 * either.
 */
export function count<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('count', of, by);
}

function aggregate<L extends string>(
  fn: Aggregation,
  of: Vector,
  by: readonly string[] | Without<string> = [],
): Vector<L> {
  const grouping = 'without' in by ? { by: undefined, without: by.without } : { by };
  return vectorOf({ type: 'aggregate', fn, ...grouping, parameter: undefined, of: of.node });
}

/** The `count` greatest elements, labels unchanged. */
export function topk<L extends string>(count: number, of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'aggregate', fn: 'topk', by: undefined, parameter: count, of: of.node });
}

/** The `count` least elements, labels unchanged. */
export function bottomk<L extends string>(count: number, of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'aggregate', fn: 'bottomk', by: undefined, parameter: count, of: of.node });
}

type WithLe<V extends Vector> =
  'le' extends VectorLabel<V>
    ? unknown
    : TypeProblem<"histogramQuantile() needs the label 'le': take the increase of buckets(histogram) by 'le' and what else is wanted">;

type Distributed<V> = V extends Vector ? WithLe<V> : unknown;

/**
 * The value below which the share `quantile` (0 to 1) of the observations lies, interpolated within its bucket.
 *
 * @param of the increase of a histogram's buckets, `le` kept; or the {@link distribution} of a native histogram
 */
export function histogramQuantile<V extends Vector | Distribution>(
  quantile: number,
  of: V & Distributed<V>,
): Vector<V extends Distribution<infer L> ? L : Exclude<VectorLabel<V>, 'le'>> {
  return vectorOf({ type: 'quantile', quantile, of: 'node' in of ? of.node : of.distribution });
}

/** At least `min`. */
export function clampMin<L extends string>(of: Vector<L>, min: number): Vector<L> {
  return vectorOf({ type: 'clampMin', of: of.node, min });
}

/** At most `max`. */
export function clampMax<L extends string>(of: Vector<L>, max: number): Vector<L> {
  return math('clamp_max', of, max);
}

/** The distance from 0. */
export function abs<L extends string>(of: Vector<L>): Vector<L> {
  return math('abs', of);
}

/** The next whole number above, unless it is one. */
export function ceil<L extends string>(of: Vector<L>): Vector<L> {
  return math('ceil', of);
}

/** The next whole number below, unless it is one. */
export function floor<L extends string>(of: Vector<L>): Vector<L> {
  return math('floor', of);
}

/**
 * The nearest multiple of `to`; halves go up.
 *
 * @param to above 0; 1 if not said
 */
export function round<L extends string>(of: Vector<L>, to?: number): Vector<L> {
  return math('round', of, to);
}

/** The square root; not a number below 0. */
export function sqrt<L extends string>(of: Vector<L>): Vector<L> {
  return math('sqrt', of);
}

/** The natural logarithm; not a number below 0. */
export function ln<L extends string>(of: Vector<L>): Vector<L> {
  return math('ln', of);
}

/** The logarithm to the base 2; not a number below 0. */
export function log2<L extends string>(of: Vector<L>): Vector<L> {
  return math('log2', of);
}

/** The logarithm to the base 10; not a number below 0. */
export function log10<L extends string>(of: Vector<L>): Vector<L> {
  return math('log10', of);
}

/** Euler's number to the power of each value. */
export function exp<L extends string>(of: Vector<L>): Vector<L> {
  return math('exp', of);
}

function math<L extends string>(fn: MathFunction, of: Vector<L>, parameter?: number): Vector<L> {
  return vectorOf({ type: 'math', fn, of: of.node, ...(parameter === undefined ? {} : { parameter }) });
}

/**
 * How many seconds ago the time was that the values say, in seconds since 1970: the age of the last backup, of a
 * process, of a certificate that has run out.
 *
 * @param of a gauge whose unit is `seconds`
 */
export function secondsSince<L extends string>(of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'since', of: of.node });
}

/** The labels that both an expression and an info have: by them, the two are matched. */
type OnBoth<V, S> = Exclude<VectorLabel<V>, ScrapeTarget> & LabelOf<S>;

/**
 * The same values, with labels that an info has for the same thing: a Pod's memory with the node that it runs on. It is
 * PromQL's `* on (pod) group_left (node)`. An element without an info is gone.
 *
 * @param definition.on   the labels that say which thing it is; both have them
 * @param definition.take the labels of the info that are wanted
 */
export function withLabels<
  V extends Vector,
  S extends Selectable,
  const On extends OnBoth<V, S>,
  const Take extends Exclude<LabelOf<S>, On>,
>(
  of: V,
  info: S & OfKind<S, 'info', 'only an info gives its labels: it is always 1, and any other would change the value'>,
  definition: { readonly on: readonly [On, ...On[]]; readonly take: readonly [Take, ...Take[]] },
): Vector<VectorLabel<V> | Take> {
  const { on, take } = definition;
  return vectorOf({ type: 'joined', of: of.node, info: toSeries(info as Selectable).node, on, take });
}

type NoLabels<V extends Vector> = [VectorLabel<V>] extends [never]
  ? unknown
  : TypeProblem<'orZero() stands for one number; aggregate these labels away first', VectorLabel<V>>;

/** 0 where there is nothing at all. Only for a vector without labels: which labels should a made-up zero carry? */
export function orZero<V extends Vector>(of: V & NoLabels<V>): Vector<never> {
  return vectorOf({ type: 'orZero', of: of.node, like: undefined });
}

/** 0 in the place of nothing where another count has a value; nothing where both have none. */
export function orZeroOf(of: Vector<never>, like: Vector<never>): Vector<never> {
  return vectorOf({ type: 'orZero', of: of.node, like: like.node, isBound: true });
}

type SameLabels<Left, Right> =
  Left extends Vector<infer A>
    ? Right extends Vector<infer B>
      ? [A] extends [B]
        ? [B] extends [A]
          ? unknown
          : LabelsDiffer<A, B>
        : LabelsDiffer<A, B>
      : unknown
    : Right extends Vector
      ? unknown
      : TypeProblem<'one side must be a vector'>;
type LabelsDiffer<A extends string, B extends string> = TypeProblem<
  'nothing would match: aggregate both sides by the same labels',
  { readonly left: Listed<A>; readonly right: Listed<B> }
>;

type ResultLabel<Left, Right> = Left extends Vector<infer A> ? A : VectorLabel<Right>;

function binary<L extends string>(op: BinaryOperator, left: Operand, right: Operand, bool = false): Vector<L> {
  return vectorOf({ type: 'binary', op, bool, left: toNode(left), right: toNode(right) });
}

function toNode(operand: Operand): Node {
  return typeof operand === 'number' ? { type: 'number', value: operand } : operand.node;
}

/** The sum of two numbers for the same labels, both of one unit. An element that only one side has is gone. */
export function add<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('+', left, right);
}

/** The difference of two numbers for the same labels, both of one unit. An element that only one side has is gone. */
export function sub<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('-', left, right);
}

/** The product of two numbers for the same labels. An element that only one side has is gone. */
export function mul<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('*', left, right);
}

/** The quotient of two numbers for the same labels, a division by 0 too: for a share take {@link ratio}. */
export function div<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('/', left, right);
}

/**
 * A part of a whole: numerator over denominator, both summed before they are divided. Where the whole is 0 there is no
 * ratio, and no number is shown: not 0, which would read as healthy, and not NaN.
 *
 * The part is of the same metric as the whole, or of one that happens `within` it by the catalogue.
 *
 * @param because why the two belong together, where the catalogue does not know it
 */
export function ratio<Left extends Vector, Right extends Vector>(
  part: Left,
  whole: Right & SameLabels<Left, Right>,
  because?: string,
): Vector<ResultLabel<Left, Right>> {
  return withReason(binary('/', part, keep(whole, '>', 0)), because);
}

/**
 * The share of a whole that a part has: {@link ratio}, but 0 where there is a whole and no part. An event that never
 * happened has no series, and a whole of which nothing failed has a share of failures: none.
 *
 * @param fewest events that the whole must have: a share of fewer is no measurement, and no number is shown
 * @param because why the two belong together, where the catalogue does not know it
 */
export function share<Left extends Vector, Right extends Vector>(
  part: Left,
  whole: Right & SameLabels<Left, Right>,
  fewest = 0,
  because?: string,
): Vector<ResultLabel<Left, Right>> {
  const filled: Node = { type: 'orZero', of: part.node, like: whole.node };
  return withReason(
    binary('/', { node: filled }, fewest > 0 ? keep(whole, '>=', fewest) : keep(whole, '>', 0)),
    because,
  );
}

function withReason<L extends string>(vector: Vector<L>, because: string | undefined): Vector<L> {
  return because === undefined ? vector : { ...vector, node: made({ ...vector.node, because } as Node) };
}

/** 1 where the comparison holds and 0 where it does not: `> bool`. An alert's threshold reads it. */
export function compare<L extends string>(left: Vector<L>, op: Comparison, right: number): Vector<L> {
  return binary(op, left, right, true);
}

/**
 * Only the elements for which the comparison holds, with their values. Not for an alert: a kept 0 never trips `gt 0`.
 */
export function keep<L extends string>(left: Vector<L>, op: Comparison, right: number): Vector<L> {
  return binary(op, left, right);
}

/** The elements of the left side whose labels the right side has too. */
export function and<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('and', left, right);
}

/** The elements of the left side whose labels the right side does not have. */
export function unless<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('unless', left, right);
}

/** The elements of the left side, and those of the right side whose labels the left one does not have. */
export function or<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('or', left, right);
}

function vectorOf(node: Node): { readonly node: Node } {
  return { node: made(node) };
}
