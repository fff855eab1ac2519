import type { Metric } from 'lockstep-exporter/catalogue';
import type { Part } from '../promql/tree.js';

/** One series, with its value at every step from {@link first} to {@link last}. */
export interface RecordedSeries {
  readonly metric: Metric;
  readonly part: Part;
  /** The catalogue's labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Upper bound of a bucket, `Infinity` for the last; or the quantile of a summary. */
  readonly bound: number | undefined;
  readonly process: number;
  readonly first: number;
  readonly last: number;
  /** By step, from `first`. */
  readonly values: readonly number[];
}

/** The value of a series at a step: it has none, and has counted nothing, before its first. */
export function valueAt(series: RecordedSeries, step: number): number {
  return series.values[step - series.first] ?? 0;
}
