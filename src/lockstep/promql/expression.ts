import type { Kind, LabelMap, Metric } from 'lockstep-exporter/catalogue';
import { made } from 'lockstep-exporter/internal';
import type { EventsNode, Match, Matcher, Node, Part, ScrapeTarget, SelectorNode } from './tree.js';
import { scopeOf } from './tree.js';
import type { Window } from './window.js';

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

type LabelMapOf<S> = S extends { readonly '~labels'?: infer Labels extends LabelMap } ? Labels : never;

export type LabelOf<S> = keyof LabelMapOf<S> extends infer L extends string ? L : never;

export type VectorLabel<V> = V extends Vector<infer L> ? L : never;

type KindName<K extends Kind> = K extends 'info'
  ? 'an info'
  : K extends 'stateSet'
    ? 'a state set'
    : K extends 'nativeHistogram'
      ? 'a native histogram'
      : `a ${K}`;

export type OfKind<S extends Selectable, K extends Kind, Message extends string> = S['kind'] extends K
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

export function toSeries<S extends Selectable>(of: S): Series<S['kind'], LabelMapOf<S>> {
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

/**
 * The share of the observations of a native histogram that were no greater than a value, over the window: 0 to 1, and
 * not a number where there were none. Where the value lies within a bucket, Prometheus estimates.
 *
 * @param atMost any value, in the unit of the histogram
 */
export function shareAtMost<S extends Selectable, const By extends LabelOf<S> = never>(
  of: S &
    OfKind<S, 'nativeHistogram', 'this reads native histograms; of a histogram divide countAtMost() by countOf()'>,
  atMost: number,
  window: Window,
  by?: readonly By[],
): Vector<By> {
  return vectorOf({ type: 'fraction', atMost, of: events<By>('second', of, window, by).node });
}

function partOf(of: Selectable, part: Part): SelectorNode {
  return made({ ...toSeries(of).node, part });
}

export type NotACounter<S extends Selectable, Fn extends string> = OfKind<
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

export type NotAGauge<S extends Selectable> = OfKind<
  S,
  'gauge' | 'info' | 'stateSet',
  `this reads gauges, and this is ${KindName<S['kind']>}; read a counter by rate() or increase()`
>;

/** The value of a gauge now. */
export function instant<S extends Selectable>(of: S & NotAGauge<S>): Vector<LabelOf<S> | ScrapeTarget> {
  return { node: toSeries(of).node };
}

export function vectorOf(node: Node): { readonly node: Node } {
  return { node: made(node) };
}
