/** A day, as `2027-03-01`: it begins at midnight UTC. */
export type Day = `${number}-${number}-${number}`;

/**
 * The stages of a metric, after Kubernetes' metric life cycle
 * (https://kubernetes.io/docs/concepts/cluster-administration/system-metrics/#metric-lifecycle):
 * - `alpha`: anything may change at any time;
 * - `stable`: what is read of it stays readable; it is renamed only with both names for a while, and removed only
 *   after it was deprecated;
 * - deprecated: as stable until the day, from which on it may be removed.
 *
 * `lockstep diff` refuses what a stage does not allow.
 */
export type Stability = 'alpha' | 'stable' | Deprecation;

export interface Deprecation {
  /** The first day on which the metric may be gone. */
  readonly deprecatedUntil: Day;
}

/**
 * A name that a metric had before. Its series are exposed under both names, and queries read both, for as long as it
 * is declared.
 */
export interface Renaming {
  readonly name: string;
  /** The first day on which the old name may be gone. */
  readonly until: Day;
}

/** Whether a text is a day that exists. */
export function isDay(text: unknown): text is Day {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}

/** The day, in UTC, that a moment lies in. */
export function dayOf(time: Date): Day {
  return time.toISOString().slice(0, 10) as Day;
}
