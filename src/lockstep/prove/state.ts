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
  rule: Pick<AlertRule, 'node' | 'for'>,
  world: Recorded,
  lasts: number,
  every: number,
): readonly Moment[] {
  const values: { seconds: number; elements: readonly Element[] }[] = [];
  for (let seconds = 0; seconds <= lasts; seconds += every) {
    const result = evaluate(rule.node, world, seconds);
    values.push({ seconds, elements: typeof result === 'number' ? [{ labels: {}, value: result }] : result });
  }
  return withStates(values, durationSeconds(rule.for) ?? 0);
}

/**
 * The state at each evaluation: pending from the first at which the expression is above 0, firing from the first that
 * is `for` or more after that, for each label set by itself; where the expression returns nothing, or 0, neither.
 *
 * @param pending `for`, in seconds
 */
export function withStates(
  values: readonly Pick<Moment, 'seconds' | 'elements'>[],
  pending: number,
): readonly Moment[] {
  let since = new Map<string, number>();
  return values.map(({ seconds, elements }) => {
    const holds = new Map<string, number>();
    const firing: Readonly<Record<string, string>>[] = [];
    for (const { labels, value } of elements) {
      if (!(value > 0)) continue;
      const key = JSON.stringify(Object.entries(labels).sort());
      const from = since.get(key) ?? seconds;
      holds.set(key, from);
      if (seconds - from >= pending) firing.push(labels);
    }
    since = holds;
    return { seconds, elements, firing };
  });
}

/**
 * The same values as a rule sees them that is evaluated less often.
 *
 * @param pending `for`, in seconds
 * @param every how far apart the evaluations are, in seconds; a multiple of how far apart the moments are
 */
export function evaluatedEach(moments: readonly Moment[], pending: number, every: number): readonly Moment[] {
  return withStates(
    moments.filter(({ seconds }) => seconds % every === 0),
    pending,
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
