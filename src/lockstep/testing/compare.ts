import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { hasLabel, SHARD_LABEL, START_LABEL, seriesNames } from 'lockstep-exporter/internal';
import type { ExposedSample, Exposition } from '../verify/exposition.js';
import { refusedBy } from '../verify/exposition.js';
import { readNumber } from '../verify/page.js';
import type { ExpectedSeries } from './recorded.js';
import { printSeries } from './recorded.js';

/** How strict a comparison is. */
export interface Tolerance {
  /** Metrics that are not compared. By default each metric of the catalogue must be recorded. */
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
  const { leftOut = [] } = tolerance;
  const metrics = Object.values(catalogue.metrics);
  const foreign = expected.filter(({ metric }) => !metrics.some(({ name }) => name === metric.name));
  if (foreign.length > 0)
    return foreign.map(({ metric }) => `${metric.name} is not a metric of catalogue ${catalogue.name}`);
  const twice = expected.filter((each, index) => expected.findIndex((other) => isSame(each, other)) < index);
  if (twice.length > 0)
    return twice.map(({ metric, labels }) => `${printSeries(metric.name, labels)} is expected twice: name it once`);
  const compared = metrics.filter(({ name }) => !leftOut.some((each) => each.name === name));
  return [
    ...exposition.refused.map(({ line, found, by }) => `line ${line}: ${found}; ${refusedBy(by)}`),
    ...compared.flatMap((metric) =>
      compareMetric(
        metric,
        exposition.samples.filter(({ name }) => seriesNames(metric).includes(name)),
        expected.filter((each) => each.metric.name === metric.name),
        [START_LABEL, SHARD_LABEL, ...(catalogue.targetLabels ?? []).map(({ name }) => name)],
      ),
    ),
    ...unrecorded(compared, expected),
    ...missingValues(metrics, expected, tolerance),
    ...(tolerance.alike === 'allowed' ? [] : alike(expected)),
  ];
}

function isSame(a: ExpectedSeries, b: ExpectedSeries): boolean {
  return a.metric.name === b.metric.name && keyOf(a.metric, a.labels) === keyOf(b.metric, b.labels);
}

/** The series of a metric by its own labels, whatever start, shard or target it is of. */
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
  added: readonly string[],
): readonly string[] {
  const known = [...metric.labels.map(({ name }) => name), ...added, 'le'];
  const others = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter(
    (label) => !known.includes(label),
  );
  return [
    ...others.map((label) => `${metric.name} is exposed with the label ${label}, which the catalogue does not have`),
    ...partsOf(metric).flatMap((part) => comparePart(metric, part, samples, expected)),
  ];
}

/** A series of a metric that has several: the count of a histogram, its sum, and each of its buckets. */
interface Part {
  readonly suffix: string;
  readonly le: number | undefined;
  /** The number that is expected; nothing where the test does not say it. */
  readonly of: (expected: ExpectedSeries) => number | undefined;
}

function partsOf({ kind, bounds }: Metric): readonly Part[] {
  if (kind !== 'histogram') return [{ suffix: '', le: undefined, of: numberOf }];
  return [
    { suffix: '_count', le: undefined, of: countOf },
    { suffix: '_sum', le: undefined, of: (each) => observationsOf(each)?.reduce((sum, value) => sum + value, 0) },
    ...bounds.map((le) => ({
      suffix: '_bucket',
      le,
      of: (each: ExpectedSeries) => observationsOf(each)?.filter((value) => value <= le).length,
    })),
    { suffix: '_bucket', le: Infinity, of: countOf },
  ];
}

function comparePart(
  metric: Metric,
  { suffix, le, of }: Part,
  samples: readonly ExposedSample[],
  expected: readonly ExpectedSeries[],
): readonly string[] {
  const found = sumsOf(metric, samples, suffix, le);
  const name = (key: string) =>
    printSeries(`${metric.name}${suffix}`, {
      ...labelsOfKey(metric, key),
      ...(le === undefined ? {} : { le: le === Infinity ? '+Inf' : String(le) }),
    });
  // The count says of a histogram that is not there, or not expected, all that there is to say.
  const speaks = suffix === '' || suffix === '_count';
  const wanted = new Map(expected.map((each) => [keyOf(metric, each.labels), each]));
  const missed = [...wanted].flatMap(([key, each]) => {
    const [is, must] = [found.get(key), of(each)];
    if (must === undefined) return [];
    if (is === undefined) return speaks ? [`${name(key)} is not exposed, and must be ${must}`] : [];
    return isClose(is, must, sizeOf(each)) ? [] : [`${name(key)} is ${is}, and must be ${must}`];
  });
  const added = [...found]
    .filter(([key, value]) => speaks && !wanted.has(key) && value !== 0)
    .map(([key, value]) => `${name(key)} is ${value}, and the test expects nothing there`);
  return [...missed, ...added];
}

/** The observations of a histogram, where the test says them. */
function observationsOf({ value }: ExpectedSeries): readonly number[] | undefined {
  return typeof value === 'object' && !('count' in value) ? value : undefined;
}

function countOf({ value }: ExpectedSeries): number {
  if (typeof value === 'number') return 1;
  return 'count' in value ? value.count : value.length;
}

function numberOf({ value }: ExpectedSeries): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** How great the numbers are of which a sum is made. */
function sizeOf({ value }: ExpectedSeries): number {
  if (typeof value === 'number') return Math.abs(value);
  return 'count' in value ? value.count : value.reduce((sum, each) => sum + Math.abs(each), 0);
}

/** A counter is the sum of its starts. A gauge is what it was last set to. */
function sumsOf(
  metric: Metric,
  samples: readonly ExposedSample[],
  suffix: string,
  le: number | undefined,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { name, labels, value = Number.NaN } of samples) {
    if (name !== `${metric.name}${suffix}` || (le !== undefined && readNumber(labels['le'] ?? '') !== le)) continue;
    const key = keyOf(metric, labels);
    sums.set(key, metric.kind === 'gauge' ? value : (sums.get(key) ?? 0) + value);
  }
  return sums;
}

function isClose(a: number, b: number, size: number): boolean {
  return Object.is(a, b) || a === b || (Number.isFinite(a) && Math.abs(a - b) <= CLOSE * Math.max(size, Math.abs(a)));
}

/** A count of 0 says that nothing happened: a program that counts nothing at all would pass. */
function isRecorded(expected: ExpectedSeries): boolean {
  if (expected.metric.kind === 'gauge') return true;
  return typeof expected.value === 'number' ? expected.value !== 0 : countOf(expected) > 0;
}

function unrecorded(compared: readonly Metric[], expected: readonly ExpectedSeries[]): readonly string[] {
  const seen = expected.filter(isRecorded).map(({ metric }) => metric.name);
  return compared
    .filter(({ name }) => !seen.includes(name))
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
    const seen = expected
      .filter((each) => hasLabel(each.metric, label) && isRecorded(each))
      .map(({ labels }) => labels[label]);
    return [...new Set(values)]
      .filter((value) => !seen.includes(value))
      .map((value) => `the test records nothing with ${label}=${JSON.stringify(value)}`);
  });
}

/** Series whose values a program could swap, and no figure would change. */
function alike(expected: readonly ExpectedSeries[]): readonly string[] {
  const groups = new Map<string, ExpectedSeries[]>();
  for (const each of expected) {
    if (each.value === 0 || countOf(each) === 0) continue;
    const key = JSON.stringify([each.metric.kind, partsOf(each.metric).map(({ of }) => of(each))]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()]
    .filter((same) => same.length > 1)
    .map((same) => {
      const names = same.map(({ metric, labels }) => printSeries(metric.name, labels)).join(' and ');
      return `${names} have the same figures, ${JSON.stringify(same[0]?.value)}: a program that swaps them passes; make them differ, or give alike: 'allowed'`;
    });
}
