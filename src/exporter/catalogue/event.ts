import type { Metric } from './metric.js';

/** The count that a process makes of a metric in one step of a made-up past, or the level that a gauge takes. */
export interface MetricEvent {
  /** From 1 on. */
  readonly step: number;
  /** Which process: an index into a list of them. */
  readonly process: number;
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  /** Events, or a gauge's level. */
  readonly count: number;
  /** The observation of a histogram, in its unit. */
  readonly value: number | undefined;
}
