import type { Distribution, TypeProblem, Vector, VectorLabel } from './expression.js';
import { vectorOf } from './expression.js';
import type { Aggregation, ScrapeTarget } from './tree.js';

/** Labels that an aggregation removes; it keeps all others, those of the scrape target too. */
export interface Without<L extends string> {
  readonly without: readonly L[];
}

/** Groups by all labels but these: `sum(of, without('pod'))`. */
export function without<const L extends string>(...labels: readonly [L, ...L[]]): Without<L> {
  return { without: labels };
}

/** The labels that come out: those of `by`, or all that are not removed. */
type Kept<L extends string, By extends string, Out extends string> = [Out] extends [never] ? By : Exclude<L, Out>;

/**
 * The sum over all series, or one per combination of the labels in `by`. A label that the vector does not carry, or
 * that an inner aggregation has removed, does not compile.
 */
export function sum<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('sum', of, by);
}

/** The greatest over all series, or one per combination of the labels in `by`. */
export function max<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('max', of, by);
}

/** The least over all series, or one per combination of the labels in `by`. */
export function min<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('min', of, by);
}

/**
 * The average over all series, or one per combination of the labels in `by`. For a share take {@link ratio} of two
 * sums: an average of shares weighs a rare thing like a frequent one.
 */
export function average<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('avg', of, by);
}

/**
 * How many series there are, in all or per combination of the labels in `by`. Where there are none, there is no 0
 * either.
 */
export function count<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('count', of, by);
}

/** 1 where there is any series, in all or per combination of the labels in `by`: the labels alone matter. */
export function group<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('group', of, by);
}

/** The standard deviation over all series, or one per combination of the labels in `by`. */
export function deviation<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('stddev', of, by);
}

/** The variance over all series, or one per combination of the labels in `by`. */
export function variance<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('stdvar', of, by);
}

/**
 * The value below which the share `quantile` (0 to 1) of the series lies, or one per combination of the labels in `by`.
 * For a quantile of observations take {@link histogramQuantile}.
 */
export function quantile<
  L extends string,
  const By extends Exclude<L, ScrapeTarget> = never,
  Out extends Exclude<L, ScrapeTarget> = never,
>(quantile: number, of: Vector<L>, by?: readonly By[] | Without<Out>): Vector<Kept<L, By, Out>> {
  return aggregate('quantile', of, by, quantile);
}

function aggregate<L extends string>(
  fn: Aggregation,
  of: Vector,
  by: readonly string[] | Without<string> = [],
  parameter?: number,
): Vector<L> {
  const grouping = 'without' in by ? { by: undefined, without: by.without } : { by };
  return vectorOf({ type: 'aggregate', fn, ...grouping, parameter, of: of.node });
}

/** The `count` greatest elements, labels unchanged. */
export function topk<L extends string>(count: number, of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'aggregate', fn: 'topk', by: undefined, parameter: count, of: of.node });
}

/** The `count` least elements, labels unchanged. */
export function bottomk<L extends string>(count: number, of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'aggregate', fn: 'bottomk', by: undefined, parameter: count, of: of.node });
}

type WithLe<V extends Vector> =
  'le' extends VectorLabel<V>
    ? unknown
    : TypeProblem<"histogramQuantile() needs the label 'le': take the increase of buckets(histogram) by 'le' and what else is wanted">;

type Distributed<V> = V extends Vector ? WithLe<V> : unknown;

/**
 * The value below which the share `quantile` (0 to 1) of the observations lies, interpolated within its bucket.
 *
 * @param of the increase of a histogram's buckets, `le` kept; or the {@link distribution} of a native histogram
 */
export function histogramQuantile<V extends Vector | Distribution>(
  quantile: number,
  of: V & Distributed<V>,
): Vector<V extends Distribution<infer L> ? L : Exclude<VectorLabel<V>, 'le'>> {
  return vectorOf({ type: 'quantile', quantile, of: 'node' in of ? of.node : of.distribution });
}
