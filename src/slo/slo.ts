import type { Problem } from '../problem.js';
import { definitionPath, printValue, refuse } from '../problem.js';
import { boundsOf } from '../promql/bounds.js';
import type { Series, Vector } from '../promql/expression.js';
import { clampMin, compare, div, increase, mul, orZero, share, sub } from '../promql/expression.js';
import { printNumber } from '../promql/print.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import { lintShape } from '../shape.js';
import type { BurnWindow } from './burn.js';

/** Any counter's series: an SLO adds all labels away. */
type Events = Series<'counter'>;

/** A service level objective over an event-ratio SLI: the share of events that are not bad. */
export interface Slo {
  /** Kebab case; it begins the uids of the alert rules: `self-eval`. */
  readonly name: string;
  /** What is counted, in the system's own words, plural: `self-evaluations`. */
  readonly events: string;
  /** What makes one bad, to be read after `events`: `that fail`. */
  readonly badWhen: string;
  /** The share of events that shall be good over `window`: above 0, below 1. */
  readonly objective: number;
  readonly window: Duration;
  readonly bad: Events;
  readonly total: Events;
  readonly policy: readonly BurnWindow[];
}

/**
 * The fewest events in a rule's long window that make a ratio worth acting on, unless the arithmetic asks for more: see {@link minimumEvents}.
 */
export const MINIMUM_EVENTS = 10;

/**
 * What a burn rule's denominator is at least, in events in the window, so that no traffic divides by something. It must lie below
 * any count that is real, and the least is one event: floored at 1 or above, the ratio silently becomes an absolute number.
 */
export const DENOMINATOR_FLOOR = 0.001;

/**
 * Checks an SLO and returns it.
 *
 * @throws ProblemsError if the objective leaves no budget, a window is no literal duration, or a burn-rate factor asks for an
 * error ratio that cannot be (`factor x (1 - objective)` of 1 or more): such a rule would never fire.
 */
export function defineSlo(slo: Slo): Slo {
  refuse(lintSlo(slo));
  return slo;
}

export function lintSlo(slo: Slo): Problem[] {
  const root = `slo ${slo?.name ?? '?'}`;
  const shape = lintShape(slo, root, 'slo/shape', {
    name: 'text',
    events: 'text',
    badWhen: 'text',
    objective: 'number',
    window: 'text',
    bad: 'object',
    total: 'object',
    policy: 'list',
  });
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  const say = (rule: string, field: string, found: string, fix: string, allowed?: string) =>
    problems.push({ code: `slo/${rule}`, where: definitionPath(root, field), found, allowed, fix });
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slo.name))
    say('name', 'name', printValue(slo.name), 'write it in kebab case');
  if (!(slo.objective > 0 && slo.objective < 1)) {
    say(
      'objective',
      'objective',
      printValue(slo.objective),
      'give a share such as 0.95; at 1 there is no budget to burn',
      'above 0, below 1',
    );
    return problems;
  }
  const window = durationSeconds(slo.window);
  if (window === undefined) say('window', 'window', printValue(slo.window), 'write a whole number and one unit: 30d');
  const ratioBounds = boundsOf(errorRatio(slo, slo.window).node);
  if (ratioBounds.low < 0 || ratioBounds.high > 1)
    say(
      'not-a-ratio',
      'bad',
      'bad events that are not a part of the total',
      'select `bad` from the series of `total`: the same metric, with every matcher of `total` and more',
    );
  const budget = errorBudget(slo);
  for (const rule of slo.policy) {
    const field = `policy ${rule.long}/${rule.short}`;
    const long = durationSeconds(rule.long);
    const short = durationSeconds(rule.short);
    const pending = durationSeconds(rule.for);
    if (long === undefined || short === undefined || pending === undefined)
      say(
        'window',
        field,
        `${rule.long}, ${rule.short}, for ${rule.for}`,
        'write each as a whole number and one unit: 1h, not 60m0s',
      );
    else if (!(short < long && window !== undefined && long < window))
      say(
        'window',
        field,
        `${rule.short} in ${rule.long} in ${slo.window}`,
        'order them: short below long below the window of the SLO',
      );
    else if (pending > short)
      say(
        'for',
        field,
        `for ${rule.for}`,
        'shorten it: the short window would have recovered before',
        `at most ${rule.short}`,
      );
    if (!(rule.factor > 0 && rule.factor * budget < 1))
      say(
        'unreachable',
        field,
        `factor ${printNumber(rule.factor)} x budget ${printNumber(budget)} = an error ratio above ${printNumber(rule.factor * budget)}`,
        `lower the factor below ${printNumber(1 / budget)}, or raise the objective above ${printNumber(1 - 1 / rule.factor)}: this rule could never fire`,
        'factor x (1 - objective) below 1',
      );
  }
  return problems;
}

/** The share of events that may be bad: 1 - objective, without the noise of binary fractions. */
export function errorBudget(slo: Slo): number {
  return Number((1 - slo.objective).toPrecision(12));
}

/** The share of bad events in a window, 0 to 1; nothing where there were no events. */
export function errorRatio(slo: Slo, window: Duration): Vector<never> {
  return share(increase(slo.bad, window), increase(slo.total, window));
}

/** The SLI: the share of good events in a window, 0 to 1. */
export function sli(slo: Slo, window: Duration): Vector<never> {
  return sub(1, errorRatio(slo, window));
}

/** What is left of the error budget over the SLO's window: 1 is all of it, 0 none, below 0 overspent. */
export function budgetRemaining(slo: Slo): Vector<never> {
  return sub(1, burnRate(slo, slo.window));
}

/** How fast the budget burns: 1 spends exactly all of it in the SLO's window. */
export function burnRate(slo: Slo, window: Duration): Vector<never> {
  return div(errorRatio(slo, window), errorBudget(slo));
}

/**
 * The fewest events in the long window at which a burn rule may fire. Below `1 / (factor x budget)` events a single bad one
 * would exceed the factor by itself; and a ratio of fewer than {@link MINIMUM_EVENTS} is an anecdote.
 */
export function minimumEvents(slo: Slo, rule: BurnWindow): number {
  return Math.max(MINIMUM_EVENTS, Math.ceil(Number((1 / (rule.factor * errorBudget(slo))).toPrecision(12))));
}

/** {@link minimumEvents} as the gate compares with it: half an event below, so that exactly that many pass and one fewer does not. */
export function trafficGate(slo: Slo, rule: BurnWindow): number {
  return minimumEvents(slo, rule) - 0.5;
}

/**
 * 1 while a burn rule holds and 0 while it does not: both windows burn faster than the factor, and there was enough traffic to
 * say so. One instant query.
 */
export function burnCondition(slo: Slo, rule: BurnWindow): Vector<never> {
  const exceeds = (window: Duration) => {
    const bad = orZero(increase(slo.bad, window));
    const all = clampMin(increase(slo.total, window), DENOMINATOR_FLOOR);
    return compare(div(div(bad, all), errorBudget(slo)), '>', rule.factor);
  };
  const enoughTraffic = compare(increase(slo.total, rule.long), '>', trafficGate(slo, rule));
  return mul(mul(exceeds(rule.long), exceeds(rule.short)), enoughTraffic);
}

/** The share of the whole budget that is gone when the long window has burned at the factor: `2%` for 14.4 over 1h of 30d. */
export function budgetSpent(slo: Slo, rule: BurnWindow): number {
  const long = durationSeconds(rule.long) ?? Number.NaN;
  const window = durationSeconds(slo.window) ?? Number.NaN;
  return Number(((rule.factor * long) / window).toPrecision(12));
}

/** `2% in 1h`: what a burn rule claims. Computed, so that it cannot say what the rule does not do. */
export function printClaim(slo: Slo, rule: BurnWindow): string {
  return `${printNumber(budgetSpent(slo, rule) * 100)}% in ${rule.long}`;
}
