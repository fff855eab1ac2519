import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { hasLabel, printValue } from 'lockstep-exporter/internal';
import type { ExposedSample, Exposition } from '../verify/exposition.js';
import type { ExpectedSeries } from './recorded.js';
import { printSeries } from './recorded.js';

/** How strict a comparison is. */
export interface Tolerance {
  /** Metrics that the test does not record. By default each metric of the catalogue must be recorded. */
  readonly leftOut?: readonly Metric[];
  /** Labels of which each value in the catalogue must be recorded. Default: none. */
  readonly everyValueOf?: readonly string[];
  /**
   * Whether two series may have the same value. By default they may not: where both are 2, a program that swaps the two
   * passes.
   */
  readonly alike?: 'allowed' | 'refused';
}

/** Sums of binary fractions differ in the last digits by the order in which they were added. */
const CLOSE = 1e-9;

/** Each difference between what a program exposes and what a test has done, as a sentence. */
export function differences(
  catalogue: Catalogue,
  exposition: Exposition,
  expected: readonly ExpectedSeries[],
  tolerance: Tolerance = {},
): readonly string[] {
  const metrics = Object.values(catalogue.metrics);
  const foreign = expected.filter(({ metric }) => !metrics.some(({ name }) => name === metric.name));
  if (foreign.length > 0)
    return foreign.map(({ metric }) => `${metric.name} is not a metric of catalogue ${catalogue.name}`);
  const twice = expected.filter((each, index) => expected.findIndex((other) => isSame(each, other)) < index);
  if (twice.length > 0)
    return twice.map(
      ({ metric, labels }) => `${printSeries(metric.name, labels)} is expected twice: add the values up`,
    );
  return [
    ...exposition.malformed.map(({ line, found }) => `line ${line} is not a sample: ${printValue(found)}`),
    ...metrics.flatMap((metric) =>
      compareMetric(
        metric,
        exposition.samples,
        expected.filter((each) => each.metric.name === metric.name),
      ),
    ),
    ...leftOut(metrics, expected, tolerance),
    ...missingValues(metrics, expected, tolerance),
    ...(tolerance.alike === 'allowed' ? [] : alike(expected)),
  ];
}

function isSame(a: ExpectedSeries, b: ExpectedSeries): boolean {
  return a.metric.name === b.metric.name && keyOf(a.metric, a.labels) === keyOf(b.metric, b.labels);
}

/** The series of a metric by its own labels. Series that differ only by others, such as the start, are added up. */
function keyOf(metric: Metric, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(metric.labels.map(({ name }) => labels[name] ?? ''));
}

function labelsOfKey(metric: Metric, key: string): Readonly<Record<string, string>> {
  const values = JSON.parse(key) as readonly string[];
  return Object.fromEntries(metric.labels.map(({ name }, index) => [name, values[index] ?? '']));
}

function compareMetric(
  metric: Metric,
  samples: readonly ExposedSample[],
  expected: readonly ExpectedSeries[],
): readonly string[] {
  const parts = metric.kind === 'histogram' ? partsOf(metric) : [{ part: '', le: undefined, of: numberOf }];
  return parts.flatMap(({ part, le, of }) => {
    const found = sumsOf(metric, samples, part, le);
    const wanted = new Map(expected.map((each) => [keyOf(metric, each.labels), of(each)]));
    const name = (key: string) =>
      printSeries(`${metric.name}${part}`, {
        ...labelsOfKey(metric, key),
        ...(le === undefined ? {} : { le: String(le) }),
      });
    const missed = [...wanted].flatMap(([key, value]) => {
      const is = found.get(key);
      if (is === undefined) return [`${name(key)} is not exposed, and must be ${value}`];
      return isClose(is, value) ? [] : [`${name(key)} is ${is}, and must be ${value}`];
    });
    const added = [...found]
      .filter(([key, value]) => !wanted.has(key) && value !== 0)
      .map(([key, value]) => `${name(key)} is ${value}, and the test expects nothing there`);
    // The count says of a histogram that nothing was expected; its sum and its buckets follow.
    return part === '' || part === '_count' ? [...missed, ...added] : missed;
  });
}

interface Part {
  readonly part: string;
  readonly le: number | undefined;
  readonly of: (expected: ExpectedSeries) => number;
}

function partsOf({ bounds }: Metric): readonly Part[] {
  return [
    { part: '_count', le: undefined, of: (each) => observationsOf(each).length },
    { part: '_sum', le: undefined, of: (each) => observationsOf(each).reduce((sum, value) => sum + value, 0) },
    ...bounds.map((le) => ({
      part: '_bucket',
      le,
      of: (each: ExpectedSeries) => observationsOf(each).filter((value) => value <= le).length,
    })),
  ];
}

function observationsOf({ value }: ExpectedSeries): readonly number[] {
  return typeof value === 'number' ? [value] : value;
}

function numberOf({ value }: ExpectedSeries): number {
  return typeof value === 'number' ? value : value.reduce((sum, each) => sum + each, 0);
}

function sumsOf(
  metric: Metric,
  samples: readonly ExposedSample[],
  part: string,
  le: number | undefined,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { name, labels, value = Number.NaN } of samples) {
    if (name !== `${metric.name}${part}` || (le !== undefined && Number(labels['le']) !== le)) continue;
    const key = keyOf(metric, labels);
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}

function isClose(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= CLOSE * Math.max(Math.abs(a), Math.abs(b));
}

function leftOut(
  metrics: readonly Metric[],
  expected: readonly ExpectedSeries[],
  { leftOut: allowed = [] }: Tolerance,
): readonly string[] {
  return metrics
    .filter(({ name }) => ![...expected.map(({ metric }) => metric), ...allowed].some((each) => each.name === name))
    .map(({ name }) => `the test does not record ${name}: expect a value of it, or name the metric in leftOut`);
}

function missingValues(
  metrics: readonly Metric[],
  expected: readonly ExpectedSeries[],
  { everyValueOf = [] }: Tolerance,
): readonly string[] {
  return everyValueOf.flatMap((label) => {
    const values = metrics.flatMap((metric) => metric.labels.find(({ name }) => name === label)?.values ?? []);
    if (values.length === 0)
      return [`no metric has the label ${label} with a list of values: leave it out of everyValueOf`];
    const seen = expected.filter(({ metric }) => hasLabel(metric, label)).map(({ labels }) => labels[label]);
    return [...new Set(values)]
      .filter((value) => !seen.includes(value))
      .map((value) => `the test records nothing with ${label}=${JSON.stringify(value)}`);
  });
}

/** Series whose values a program could swap, and no figure would change. */
function alike(expected: readonly ExpectedSeries[]): readonly string[] {
  const groups = new Map<string, ExpectedSeries[]>();
  for (const each of expected) {
    if (numberOf(each) === 0) continue;
    const key = JSON.stringify(each.value);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()]
    .filter((same) => same.length > 1)
    .map((same) => {
      const names = same.map(({ metric, labels }) => printSeries(metric.name, labels)).join(' and ');
      const value = JSON.stringify(same[0]?.value);
      return `${names} are ${value} each: a program that swaps them passes; make each figure differ, or allow alike ones`;
    });
}
