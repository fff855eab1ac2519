import type { Duration } from '../promql/window.js';

export const SEVERITIES = ['page', 'ticket'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One rule of a multi-window, multi-burn-rate policy. */
export interface BurnWindow {
  readonly severity: Severity;
  /** The window whose burn is claimed. */
  readonly long: Duration;
  /** The window that must agree, so that the alert resolves soon after the burning stops. */
  readonly short: Duration;
  /** How many times faster than "exactly all of it in the SLO's window" the budget burns. */
  readonly factor: number;
  /**
   * How long both must hold before anybody is told. Well below `short`, so that a short outage is not slept through.
   */
  readonly for: Duration;
}

/**
 * The burn-rate windows for a 30d objective. Factors and windows: Google SRE Workbook, chapter 5, table 5-8
 * ("Recommended parameters for an SLO-based alerting configuration": 2% in 1h, 5% in 6h, 10% in 3d, short window one
 * twelfth of the long) with the 1d/2h row that Prometheus users commonly add. `for` is ours: the workbook has none,
 * since the short window already confirms; it only spares us single evaluations.
 */
export const BURN_WINDOWS_30D: readonly BurnWindow[] = [
  { severity: 'page', long: '1h', short: '5m', factor: 14.4, for: '2m' },
  { severity: 'page', long: '6h', short: '30m', factor: 6, for: '5m' },
  { severity: 'ticket', long: '1d', short: '2h', factor: 3, for: '15m' },
  { severity: 'ticket', long: '3d', short: '6h', factor: 1, for: '30m' },
];
