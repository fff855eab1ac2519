import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';

export const SEVERITIES = ['page', 'ticket'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One rule of a multi-window, multi-burn-rate policy. */
export interface BurnWindow {
  /** Whether it wakes somebody (`page`) or waits for the morning (`ticket`). */
  readonly severity: Severity;
  /** The window whose burn is claimed. */
  readonly long: Duration;
  /** The window that must agree, so that the alert resolves soon after the burning stops. */
  readonly short: Duration;
  /** How many times faster than "exactly all of it in the SLO's window" the budget burns. */
  readonly factor: number;
  /** How long both must hold before the alert fires. Well below `short`, or it sleeps through a short outage. */
  readonly for: Duration;
}

/** The claims of a policy: so much of the error budget, burnt in so long. */
const CLAIMS = [
  { severity: 'page', share: 0.02, long: '1h', short: '5m', for: '2m' },
  { severity: 'page', share: 0.05, long: '6h', short: '30m', for: '5m' },
  { severity: 'ticket', share: 0.1, long: '1d', short: '2h', for: '15m' },
  { severity: 'ticket', share: 0.1, long: '3d', short: '6h', for: '30m' },
] as const;

const madeFor = new WeakMap<readonly BurnWindow[], Duration>();

/**
 * The burn-rate windows of an objective over a window of 7d and more. Claims and windows: Google SRE Workbook, chapter
 * 5, table 5-8 ("Recommended parameters for an SLO-based alerting configuration": 2% in 1h, 5% in 6h, 10% in 3d, short
 * window one twelfth of the long) with the 1d/2h row that Prometheus users commonly add. The factor of a claim is its
 * share of the budget x the objective's window / its long window, and follows the objective's window. `for` is ours:
 * the workbook has none, since the short window already confirms; it only spares us single evaluations.
 *
 * A claim whose factor is below 1 is left out: it would tell of a burn that the budget stands.
 *
 * @throws Error if the window is not a duration of a whole number and one unit
 */
export function burnWindows(window: Duration): readonly BurnWindow[] {
  const seconds = durationSeconds(window);
  if (seconds === undefined) throw new Error(`${window} is not a duration: write a whole number and one unit, 28d`);
  const policy = CLAIMS.map(({ share, ...rule }) => ({
    ...rule,
    factor: Number(((share * seconds) / (durationSeconds(rule.long) ?? Number.NaN)).toPrecision(6)),
  })).filter(({ factor }) => factor >= 1);
  madeFor.set(policy, window);
  return policy;
}

/** The window of the objective that a policy of {@link burnWindows} is for; nothing of any other policy. */
export function windowOfPolicy(policy: readonly BurnWindow[]): Duration | undefined {
  return madeFor.get(policy);
}

/** {@link burnWindows} of an objective over 30 days: the factors 14.4, 6, 3 and 1. */
export const BURN_WINDOWS_30D: readonly BurnWindow[] = burnWindows('30d');
