import type { MetricEvent } from 'lockstep-exporter/internal';

/**
 * A made-up past of a system, in steps of a minute, for `lockstep preview --demo`: what would have been recorded, had
 * it been.
 */
export interface Demo {
  readonly minutes: number;
  /** Each reports once a minute, from its first minute to its last. */
  readonly processes: readonly { readonly first: number; readonly last: number }[];
  readonly events: readonly MetricEvent[];
}
