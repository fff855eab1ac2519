const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type DurationUnit = keyof typeof SECONDS;

/** A literal duration in a single unit, such as `5m` or `30d`. Whole numbers only: PromQL has no fractions. */
export type Duration = `${number}${DurationUnit}`;

/**
 * The texts that Grafana replaces by a window:
 * - `$__interval` is the step of the query, so the windows of the points lie side by side: counts over it add up;
 * - `$__rate_interval` is never shorter than four scrape intervals, and windows of neighbouring points overlap;
 * - `$__range` is the time range of the dashboard.
 *
 * Only a dashboard may use them; an alert is evaluated where no dashboard is.
 */
export type GrafanaWindow = '$__interval' | '$__rate_interval' | '$__range';
export const GRAFANA_WINDOWS: readonly string[] = [
  '$__interval',
  '$__rate_interval',
  '$__range',
] satisfies readonly GrafanaWindow[];

/** The time over which a range function reads. */
export type Window = Duration | GrafanaWindow;

/**
 * A Grafana window as a number of seconds, in PromQL: Grafana has it in milliseconds for the one and in seconds for
 * the other.
 */
export const GRAFANA_WINDOW_SECONDS: Readonly<Record<string, string>> = {
  $__interval: '($__interval_ms / 1000)',
  $__rate_interval: '($__rate_interval_ms / 1000)',
  $__range: '$__range_s',
} satisfies Record<GrafanaWindow, string>;

/** A duration in the greatest single unit that holds it whole: `3600` is `1h`. */
export function printDuration(seconds: number): Duration {
  for (const unit of ['d', 'h', 'm'] as const)
    if (seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`;
  return `${seconds}s`;
}

/** A hundred years, in seconds: Prometheus reads no more than some three times as much. */
const LONGEST = 100 * 365 * 86_400;

/**
 * Seconds of a literal duration; `undefined` if it is not one, or is longer than a century; `60m0s` and `1.5h`
 * included.
 */
export function durationSeconds(text: string): number | undefined {
  const match = /^([1-9]\d*)([smhdw])$/.exec(text);
  if (match === null) return undefined;
  const seconds = Number(match[1]) * SECONDS[match[2] as DurationUnit];
  return seconds <= LONGEST ? seconds : undefined;
}
