import type { RecordedSeries } from './series.js';
import { valueAt } from './series.js';

// Native histograms of the worlds that rules are proven in: of schema 3, as a client library has it by default, which
// is eight buckets for each doubling (https://prometheus.io/docs/specs/native_histograms/#schema).

const SCHEMA = 3;
const PER_DOUBLING = 2 ** SCHEMA;

/**
 * The upper bound of the bucket that holds an observation.
 *
 * @throws Error if it is negative: nothing that lockstep proves observes that
 */
export function upperBoundOf(value: number): number {
  if (value === 0) return 0;
  if (!(value > 0)) throw new Error(`lockstep cannot prove observations of ${value} in a native histogram`);
  // A bound is in its own bucket, also where its logarithm is a little more than whole.
  return boundAt(Math.ceil(Math.log2(value) * PER_DOUBLING - 1e-9));
}

function boundAt(index: number): number {
  return 2 ** (index / PER_DOUBLING);
}

function indexOf(bound: number): number {
  return Math.round(Math.log2(bound) * PER_DOUBLING);
}

/** A value of the next bucket below that of another, and of the next above: no estimate counts it on the other side. */
export function besides(value: number): { readonly below: number; readonly above: number } {
  const index = indexOf(upperBoundOf(value));
  return { below: boundAt(index - 1), above: boundAt(index + 1) };
}

/** A native histogram of a world: all of its series have the labels and the process of its count. */
export interface Parts {
  readonly count: RecordedSeries;
  readonly sum: RecordedSeries;
  readonly buckets: readonly RecordedSeries[];
}

const known = new WeakMap<readonly RecordedSeries[], readonly Parts[]>();

/** The native histograms among the series of a world. */
export function histogramsAmong(all: readonly RecordedSeries[]): readonly Parts[] {
  const found = known.get(all) ?? find(all);
  known.set(all, found);
  return found;
}

function find(all: readonly RecordedSeries[]): readonly Parts[] {
  const found = new Map<string, { count?: RecordedSeries; sum?: RecordedSeries; buckets: RecordedSeries[] }>();
  for (const each of all) {
    if (each.metric.kind !== 'nativeHistogram') continue;
    const key = JSON.stringify([each.metric.name, each.process, each.labels]);
    const parts = found.get(key) ?? { buckets: [] };
    found.set(key, parts);
    if (each.part === '_count') parts.count = each;
    else if (each.part === '_sum') parts.sum = each;
    else parts.buckets.push(each);
  }
  return [...found.values()].flatMap(({ count, sum, buckets }) =>
    count === undefined || sum === undefined ? [] : [{ count, sum, buckets }],
  );
}

/** The samples of a native histogram at each step of it, in the notation of promtool's rule tests. */
export function samplesOf({ count, sum, buckets }: Parts): readonly string[] {
  const byIndex = new Map(buckets.flatMap((each) => (each.bound ? [[indexOf(each.bound), each] as const] : [])));
  const zero = buckets.find(({ bound }) => bound === 0);
  const offset = Math.min(...byIndex.keys());
  const width = Math.max(...byIndex.keys()) - offset + 1;
  const filled = Array.from({ length: byIndex.size === 0 ? 0 : width }, (_, index) => byIndex.get(offset + index));
  return count.values.map((all, index) => {
    const step = count.first + index;
    const at = (series: RecordedSeries | undefined) => (series === undefined ? 0 : valueAt(series, step));
    const counts = filled.length === 0 ? '' : ` offset:${offset} buckets:[${filled.map(at).join(' ')}]`;
    return `{{schema:${SCHEMA} count:${all} sum:${at(sum)} z_bucket:${at(zero)}${counts}}}`;
  });
}

/** Buckets by their upper bounds, each with the observations that it alone holds. */
type Counts = readonly { readonly bound: number; readonly count: number }[];

/**
 * The share of the observations that are no greater than a value; not a number without any.
 *
 * @throws Error if some lie in the bucket of the value itself: Prometheus estimates these
 */
export function shareOfAtMost(value: number, buckets: Counts): number {
  const all = total(buckets);
  const own = upperBoundOf(value);
  if (own > value && buckets.some(({ bound, count }) => bound === own && count > 0)) {
    const { below, above } = besides(value);
    throw new Error(
      `some observations lie in the bucket of ${value}, of which Prometheus estimates: observe ${below} or less, or more than ${above}`,
    );
  }
  return total(buckets.filter(({ bound }) => bound <= value)) / all;
}

/**
 * `histogramQuantile()` in Prometheus' promql/quantile.go, which interpolates by the exponent since 3.0. From the
 * median on it counts from the top: where the rank is at the edge of a bucket, that decides.
 */
export function quantileOfBuckets(quantile: number, unsorted: Counts): number {
  const rising = unsorted.filter(({ count }) => count > 0).sort((a, b) => a.bound - b.bound);
  const isLow = quantile < 0.5;
  const rank = (isLow ? quantile : 1 - quantile) * total(rising);
  let passed = 0;
  for (const { bound, count } of isLow ? rising : [...rising].reverse()) {
    if (passed + count >= rank) {
      const share = (isLow ? rank - passed : passed + count - rank) / count;
      return bound * 2 ** ((share - 1) / PER_DOUBLING);
    }
    passed += count;
  }
  return rising.at(isLow ? -1 : 0)?.bound ?? Number.NaN;
}

function total(buckets: Counts): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}
