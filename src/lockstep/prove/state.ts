import type { AlertRule } from '../alerts/alert.js';
import { durationSeconds } from '../promql/window.js';
import type { Element, Recorded } from './evaluate.js';
import { evaluate } from './evaluate.js';

/** The state that a rule must have at one evaluation. */
export interface Moment {
  readonly seconds: number;
  /** The value that its expression must return. */
  readonly elements: readonly Element[];
  /** The label sets for which it must fire; the labels of its own are not among them. */
  readonly firing: readonly Readonly<Record<string, string>>[];
}

/**
 * Plays a rule against a world, evaluation by evaluation.
 *
 * @param every how far apart the evaluations are, in seconds
 */
export function playRule(
  rule: Pick<AlertRule, 'node' | 'for' | 'keepFiringFor'>,
  world: Recorded,
  lasts: number,
  every: number,
): readonly Moment[] {
  const values: { seconds: number; elements: readonly Element[] }[] = [];
  for (let seconds = 0; seconds <= lasts; seconds += every) {
    const result = evaluate(rule.node, world, seconds);
    values.push({ seconds, elements: typeof result === 'number' ? [{ labels: {}, value: result }] : result });
  }
  return withStates(values, delaysOf(rule));
}

/**
 * The state at each evaluation: pending from the first at which the expression is above 0, firing from the first that
 * is `for` or more after that, for each label set by itself; where the expression returns nothing, or 0, neither. An
 * alert that fires goes on for `keepFiringFor` from the first evaluation at which the expression no longer holds.
 */
export function withStates(
  values: readonly Pick<Moment, 'seconds' | 'elements'>[],
  { pending, kept }: Delays,
): readonly Moment[] {
  let active: ReadonlyMap<string, Active> = new Map();
  return values.map(({ seconds, elements }) => {
    const now = new Map<string, Active>();
    for (const { labels, value } of elements) {
      if (!(value > 0)) continue;
      const key = JSON.stringify(Object.entries(labels).sort());
      const { since, isFiring } = active.get(key) ?? { since: seconds, isFiring: false };
      now.set(key, { labels, since, isFiring: isFiring || seconds - since >= pending, over: undefined });
    }
    for (const [key, each] of active) {
      const over = each.over ?? seconds;
      if (!now.has(key) && each.isFiring && seconds - over < kept) now.set(key, { ...each, over });
    }
    active = now;
    return {
      seconds,
      elements,
      firing: [...now.values()].filter(({ isFiring }) => isFiring).map(({ labels }) => labels),
    };
  });
}

/** An alert that is pending or fires. */
interface Active {
  readonly labels: Readonly<Record<string, string>>;
  /** When its expression began to hold, in seconds. */
  readonly since: number;
  readonly isFiring: boolean;
  /** The first evaluation at which it no longer held, in seconds. */
  readonly over: number | undefined;
}

/** How long an alert is pending before it fires, and is kept firing after, in seconds. */
export interface Delays {
  readonly pending: number;
  readonly kept: number;
}

export function delaysOf(rule: Pick<AlertRule, 'for' | 'keepFiringFor'>): Delays {
  return { pending: durationSeconds(rule.for) ?? 0, kept: durationSeconds(rule.keepFiringFor ?? '0s') ?? 0 };
}

/**
 * The same values as a rule sees them that is evaluated less often.
 *
 * @param every how far apart the evaluations are, in seconds; a multiple of how far apart the moments are
 */
export function evaluatedEach(moments: readonly Moment[], delays: Delays, every: number): readonly Moment[] {
  return withStates(
    moments.filter(({ seconds }) => seconds % every === 0),
    delays,
  );
}

/** When a rule begins and ends to fire, in seconds: `undefined` where it does not. */
export function firingSpans(
  moments: readonly Moment[],
): readonly { readonly from: number; readonly to: number | undefined }[] {
  const spans: { from: number; to: number | undefined }[] = [];
  let from: number | undefined;
  for (const { seconds, firing } of moments) {
    if (firing.length > 0 && from === undefined) from = seconds;
    if (firing.length === 0 && from !== undefined) {
      spans.push({ from, to: seconds });
      from = undefined;
    }
  }
  return from === undefined ? spans : [...spans, { from, to: undefined }];
}
