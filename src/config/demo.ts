import type { Metric } from '../catalogue/metric.js';

/** What a process of a made-up past counts in one minute, or the level that a gauge takes. */
export interface DemoEvent {
  /** From 1 on. */
  readonly step: number;
  /** Which process: an index into {@link Demo.processes}. */
  readonly process: number;
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  /** Events, or a gauge's level. */
  readonly count: number;
  /** Of a histogram: what was observed, in its unit. */
  readonly value: number | undefined;
}

/** A made-up past of a system, in minutes, for `lockstep preview --demo`: what would have been recorded, had it been. */
export interface Demo {
  readonly minutes: number;
  /** Each reports once a minute, from its first minute to its last. */
  readonly processes: readonly { readonly first: number; readonly last: number }[];
  readonly events: readonly DemoEvent[];
}
