import type { GivenLabels } from 'lockstep-exporter';
import type { Metric } from 'lockstep-exporter/catalogue';
import { decidedValue, givenLabels } from 'lockstep-exporter/internal';
import { printLabels } from '../print-labels.js';

/** One series and the value that it must have, as {@link recorded} makes it. */
export interface ExpectedSeries {
  readonly metric: Metric;
  /** Every label of the series, those that other labels decide too. */
  readonly labels: Readonly<Record<string, string>>;
  /** The count of a counter or the value of a gauge; for a histogram each observation, or how many there are. */
  readonly value: number | readonly number[] | ObservationCount;
}

/** How many observations a histogram has, where a test cannot know their values. */
export interface ObservationCount {
  readonly count: number;
}

/** The value of a series, by the kind of its metric. */
type Value<M extends Metric> = M['kind'] extends 'histogram' ? readonly number[] | ObservationCount : number;

/**
 * Says which value a series must have after a test has done what is recorded.
 *
 * @param labels the labels that a recorder is given; those that others decide follow
 * @param value  of a counter or a gauge the number, in the metric's unit; of a histogram each observation, or
 *   `{ count: 3 }` where the test cannot know them. 0 says that the series is there, and nothing happened
 */
export function recorded<M extends Metric>(metric: M, labels: GivenLabels<M>, value: Value<M>): ExpectedSeries {
  const given: Readonly<Record<string, string>> = labels;
  const own = givenLabels(metric);
  const all = metric.labels.map((label) => [
    label.name,
    own.includes(label) ? (given[label.name] ?? '') : decidedValue(label, given),
  ]);
  return { metric, labels: Object.fromEntries(all), value };
}

/** A series as messages write it. */
export function printSeries(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? name : `${name}${printLabels(Object.fromEntries(sorted))}`;
}
