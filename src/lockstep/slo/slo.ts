import type { Metric } from 'lockstep-exporter/catalogue';
import { made } from 'lockstep-exporter/internal';
import { sum } from '../promql/aggregate.js';
import { add, compare, div, mul, orZero, orZeroOf, ratio, sub } from '../promql/combine.js';
import type { Series, Vector } from '../promql/expression.js';
import { countAtMost, countOf, increase, select, shareAtMost } from '../promql/expression.js';
import { clampMin } from '../promql/math.js';
import { countOverTime, sumOverTime } from '../promql/over-time.js';
import { printNumber, printRounded } from '../promql/print.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import type { BurnWindow } from './burn.js';

/** Any counter's series: an SLO adds all labels away. */
type Events = Series<'counter'>;

type Counted = Metric<'counter'> | Events;

/** Counts of events: of one counter, or of several that are added up. */
type Counts = Counted | readonly [Counted, ...Counted[]];

/** Counts of events, of which two of bad, good and all are known. */
export interface EventSli {
  readonly type: 'events';
  readonly bad?: readonly Events[];
  readonly good?: readonly Events[];
  readonly total?: readonly Events[];
  readonly badWhen: string;
}

/** The observations of a histogram, of which those above a threshold are bad. */
export interface LatencySli {
  readonly type: 'latency';
  readonly of: Series<'histogram' | 'nativeHistogram'>;
  readonly atMost: number;
}

/** The samples of a gauge or a state set that is 1 or 0, of which those at 0 are bad. */
export interface UptimeSli {
  readonly type: 'uptime';
  readonly of: Series<'gauge'>;
  readonly badWhen: string;
}

/** The measurement: the share of events, observations or samples that are not bad. */
export type Sli = EventSli | LatencySli | UptimeSli;

/** Two of three: the third follows. */
type EventCounts =
  | { readonly bad: Counts; readonly total: Counts; readonly good?: never }
  | { readonly good: Counts; readonly total: Counts; readonly bad?: never }
  | { readonly bad: Counts; readonly good: Counts; readonly total?: never };

/**
 * An event-ratio SLI: bad events over all events, from two of the three counts. Each may be a list of counters that are
 * added up; one that has no series yet counts 0.
 *
 * @param definition.bad     with `total`, a part of it: the same metric with every matcher of `total` and more, or a
 *   metric that happens `within` it by the catalogue
 * @param definition.good    the same, of what is good; with `bad`, events that are not among the bad ones
 * @param definition.badWhen says which events are bad, to be read after their name: `that fail`
 */
export function eventRatio(definition: EventCounts & { readonly badWhen: string }): EventSli {
  const { bad, good, total, ...rest } = definition;
  return made({
    type: 'events',
    ...(bad === undefined ? {} : { bad: listed(bad) }),
    ...(good === undefined ? {} : { good: listed(good) }),
    ...(total === undefined ? {} : { total: listed(total) }),
    ...rest,
  });
}

function listed(counts: Counts): readonly Events[] {
  const list: readonly Counted[] = isList(counts) ? counts : [counts];
  // Anything else is told by its place, where the SLO is defined.
  return list.map((each) => (each !== null && typeof each === 'object' && 'bounds' in each ? select(each, {}) : each));
}

function isList(counts: Counts): counts is readonly [Counted, ...Counted[]] {
  return Array.isArray(counts);
}

/**
 * A latency SLI: the share of observations that are no greater than a bound.
 *
 * @param of     series of a histogram, or of a native histogram
 * @param atMost the threshold, in the histogram's unit: the upper bound of one of its buckets, or else the SLO is
 *   refused. A native histogram takes any value above 0: within a bucket Prometheus estimates.
 */
export function latency(
  of: Metric<'histogram' | 'nativeHistogram'> | Series<'histogram' | 'nativeHistogram'>,
  atMost: number,
): LatencySli {
  const series: Series = 'node' in of ? of : select(of, {});
  return made({ type: 'latency', of: series as LatencySli['of'], atMost });
}

/** Whether the observations are counted in native histograms, which have no buckets of their own. */
export function isNative(of: LatencySli['of']): of is Series<'nativeHistogram'> {
  return of.kind === 'nativeHistogram';
}

/**
 * An uptime SLI: the share of the time for which a gauge is 1 and not 0, by its samples, of all its series together. A
 * series that reports nothing is neither up nor down: `absenceRule()` tells of that.
 *
 * @param of      series of a gauge whose unit is `ratio`, or of a state of a state set: 1 while it is up, 0 while it is
 *   down
 * @param badWhen says which samples are bad, to be read after their name: `that fail`, of `probes`
 */
export function uptime(of: Metric<'gauge' | 'stateSet'> | Series<'gauge' | 'stateSet'>, badWhen: string): UptimeSli {
  const { node }: Series = 'node' in of ? of : select(of, {});
  return made({ type: 'uptime', of: { kind: 'gauge', node }, badWhen });
}

/** A service level objective over an SLI. */
export interface Slo {
  /** Kebab case; it begins the uids of the alert rules: `self-eval`. */
  readonly name: string;
  /** The events in the system's own words, plural: `self-evaluations`. */
  readonly events: string;
  /** The share of events that shall be good over `window`: above 0, below 1. */
  readonly objective: number;
  /** The window of the objective, which ends now: `30d`. */
  readonly window: Duration;
  /** The measurement: `eventRatio()`, `latency()` or `uptime()`. */
  readonly sli: Sli;
  /** When its alerts fire: `burnWindows()` of the window. */
  readonly policy: readonly BurnWindow[];
}

/** An SLO whose measurement is known to be of one kind. */
export type SloOf<Measured extends Sli> = Slo & { readonly sli: Measured };

/**
 * The fewest events in a rule's long window that make a ratio worth acting on, unless the arithmetic asks for more:
 * see {@link minimumEvents}.
 */
export const MINIMUM_EVENTS = 10;

/**
 * The least denominator of a burn rule, in events in the window, so that no traffic divides by something. It
 * must lie below any count that is real, and the least is one event: floored at 1 or above, the ratio silently becomes
 * an absolute number.
 */
export const DENOMINATOR_FLOOR = 0.001;

/** The share of events that may be bad: 1 - objective, without the noise of binary fractions. */
export function errorBudget({ objective }: Pick<Slo, 'objective'>): number {
  return Number((1 - objective).toFixed(12));
}

/** Whether a burn rate can be: at `1 / budget` every event is bad. */
export function isReachable(factor: number, budget: number): boolean {
  return factor > 0 && factor * budget < 1;
}

/**
 * Says when an event is bad, to be read after the name of the events; for a latency SLI it follows from the threshold.
 */
export function badWhen({ sli }: Slo): string {
  if (sli.type !== 'latency') return sli.badWhen;
  const { unit } = sli.of.node.metric;
  return `above ${printNumber(sli.atMost)} ${unit.replace(/[{}]/g, '')}`;
}

/** How many events were bad in a window: 0 where none was. */
export function badEvents({ sli }: Slo, window: Duration): Vector<never> {
  if (sli.type === 'latency') return slowEvents(sli, window);
  if (sli.type === 'uptime') return sub(allSamples(sli, window), sum(sumOverTime(sli.of, window)));
  const { bad, good = [], total = [] } = sli;
  if (bad !== undefined) return orZero(countAll(bad, window));
  return sub(countAll(total, window), orZero(countAll(good, window)));
}

function slowEvents({ of, atMost }: LatencySli, window: Duration): Vector<never> {
  const all = increase(countOf(of), window);
  if (isNative(of)) return mul(all, sub(1, shareAtMost(of, atMost, window)));
  return sub(all, orZero(increase(countAtMost(of as Series<'histogram'>, atMost), window)));
}

/** How many events there were in a window; nothing where nothing was heard. */
export function allEvents({ sli }: Slo, window: Duration): Vector<never> {
  if (sli.type === 'latency') return increase(countOf(sli.of), window);
  if (sli.type === 'uptime') return allSamples(sli, window);
  return countAll(sli.total ?? [...(sli.good ?? []), ...(sli.bad ?? [])], window);
}

function allSamples({ of }: UptimeSli, window: Duration): Vector<never> {
  return sum(countOverTime(of, window));
}

/** The events of several counters: those without a series count 0, and nothing comes of nothing. */
function countAll(series: readonly Events[], window: Duration): Vector<never> {
  const counts = series.map((each) => increase(each, window));
  const terms = counts.map((count, index) => {
    const others = counts.filter((_, other) => other !== index);
    const [first, ...more] = others;
    return first === undefined ? count : orZeroOf(count, more.reduce(orZeroOf, first));
  });
  return terms.reduce((sum, term) => add(sum, term));
}

/** The series that must be there for the SLI to be measured: of a counter, or of the gauge of an uptime. */
export function measuredSeries<Measured extends Sli>(
  slo: SloOf<Measured>,
): Measured extends UptimeSli ? Series<'gauge'> : Events;
export function measuredSeries({ sli }: Slo): Series<'gauge'> | Events {
  if (sli.type === 'uptime') return sli.of;
  if (sli.type === 'latency') return { kind: 'counter', node: countOf(sli.of).node };
  const [first] = sli.total ?? sli.good ?? [];
  if (first === undefined) throw new Error('an SLI of events counts all of them, or those that are good');
  return first;
}

/** The share of bad events in a window, 0 to 1; nothing where there were no events. */
export function errorRatio(slo: Slo, window: Duration): Vector<never> {
  return ratio(badEvents(slo, window), allEvents(slo, window));
}

/** The SLI: the share of good events in a window, 0 to 1. */
export function sliValue(slo: Slo, window: Duration): Vector<never> {
  return sub(1, errorRatio(slo, window));
}

/** The rest of the error budget over the SLO's window: 1 is all of it, 0 none, below 0 overspent. */
export function budgetRemaining(slo: Slo): Vector<never> {
  return sub(1, burnRate(slo, slo.window));
}

/** How fast the budget burns: 1 spends exactly all of it in the SLO's window. */
export function burnRate(slo: Slo, window: Duration): Vector<never> {
  return div(errorRatio(slo, window), errorBudget(slo));
}

/**
 * The fewest events in the long window at which a burn rule may fire. Below `1 / (factor x budget)` events a single
 * bad one would exceed the factor by itself; and a ratio of fewer than {@link MINIMUM_EVENTS} is an anecdote. Samples
 * come as often as they are taken, and there may never be more of them: a single one is then as much time as it costs
 * of the budget.
 */
export function minimumEvents(slo: Slo, rule: BurnWindow): number {
  if (slo.sli.type === 'uptime') return MINIMUM_EVENTS;
  return Math.max(MINIMUM_EVENTS, Math.ceil(Number((1 / (rule.factor * errorBudget(slo))).toPrecision(12))));
}

/**
 * {@link minimumEvents} as the gate compares with it: half an event below, so that exactly that many pass and one
 * fewer does not.
 */
export function trafficGate(slo: Slo, rule: BurnWindow): number {
  return minimumEvents(slo, rule) - 0.5;
}

/**
 * 1 while a burn rule holds and 0 while it does not: both windows burn faster than the factor, and there was enough
 * traffic to say so. One instant query.
 */
export function burnCondition(slo: Slo, rule: BurnWindow): Vector<never> {
  const exceeds = (window: Duration) => {
    const all = clampMin(allEvents(slo, window), DENOMINATOR_FLOOR);
    return compare(div(div(badEvents(slo, window), all), errorBudget(slo)), '>', rule.factor);
  };
  const enoughTraffic = compare(allEvents(slo, rule.long), '>', trafficGate(slo, rule));
  return mul(mul(exceeds(rule.long), exceeds(rule.short)), enoughTraffic);
}

/**
 * The share of the whole budget that is gone when the long window has burned at the factor: `2%` for 14.4 over 1h of
 * 30d.
 */
export function budgetSpent(slo: Slo, rule: BurnWindow): number {
  const long = durationSeconds(rule.long) ?? Number.NaN;
  const window = durationSeconds(slo.window) ?? Number.NaN;
  return Number(((rule.factor * long) / window).toPrecision(12));
}

/** `2% in 1h`: what a burn rule claims. Computed, so that it cannot say what the rule does not do. */
export function printClaim(slo: Slo, rule: BurnWindow): string {
  return `${printSpent(budgetSpent(slo, rule))} in ${rule.long}`;
}

/** A share of a budget as a claim has it: `2.1%`, `12.5%`. A claim is remembered, and nobody remembers more digits. */
export function printSpent(share: number): string {
  const percent = share * 100;
  return `${printRounded(percent, percent < 10 ? 2 : 3)}%`;
}
