import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { exposedMetrics } from 'lockstep-exporter/internal';
import { printNumber } from '../promql/print.js';
import type { Exposition } from './exposition.js';

/** Where names, labels and values fit, and the numbers say that something else is recorded. */
export interface Doubt {
  readonly rule: 'verify/outside-buckets' | 'verify/part-over-whole' | 'verify/percentage';
  /** An error where no program that records as the catalogue says can have such numbers. */
  readonly level: 'error' | 'warning';
  readonly metric: string;
  readonly found: string;
  readonly fix: string;
}

/** So many observations above the last bound, and none below, are no accident. */
export const FEW_ABOVE = 3;
/** So many at or below the first bound, and none above. A test of a program may well be quick. */
export const FEW_BELOW = 10;
/** A share of a quota may be overspent; nobody spends it twice and more. */
export const MOST_SHARE = 2;

/** All observations above the last bound: every quantile is then that bound. */
export function allAbove({ name, bounds, unit }: Metric): Doubt {
  const last = bounds.at(-1) ?? Number.NaN;
  return {
    rule: 'verify/outside-buckets',
    level: 'error',
    metric: name,
    found: `every observation is above the last bucket bound, ${printNumber(last)} ${words(unit)}`,
    fix: `observe ${words(unit)}, not a smaller unit; or give the metric higher bounds: every quantile shows ${printNumber(last)}`,
  };
}

/** All observations at or below the first bound: every quantile is then a guess between 0 and that. */
export function allBelow({ name, bounds, unit }: Metric): Doubt {
  const [first = Number.NaN] = bounds;
  return {
    rule: 'verify/outside-buckets',
    level: 'warning',
    metric: name,
    found: `every observation is at or below the first bucket bound, ${printNumber(first)} ${words(unit)}`,
    fix: `observe ${words(unit)}, not a greater unit; or give the metric lower bounds: every quantile is a guess below ${printNumber(first)}`,
  };
}

export function partOverWhole(part: Metric, whole: Metric): Doubt {
  return {
    rule: 'verify/part-over-whole',
    level: 'error',
    metric: part.name,
    found: `more ${words(part.unit)}s than ${whole.name} has, of which they are a part by the catalogue`,
    fix: `see that each is recorded once, and in both metrics; or correct \`within\` or the unit in the catalogue`,
  };
}

export function isPercentage({ name }: Metric, value: number): Doubt {
  return {
    rule: 'verify/percentage',
    level: 'warning',
    metric: name,
    found: `${printNumber(value)}, where the unit is ratio`,
    fix: 'set 0.9 for 90%: panels and rules read a share of 0 to 1',
  };
}

function words(unit: string): string {
  return unit.replace(/[{}]/g, '');
}

/**
 * Pairs of counters of which each event of one is one of the other: within its events, and of its unit.
 */
export function partsIn(catalogue: Catalogue): readonly (readonly [Metric, Metric])[] {
  const counters = exposedMetrics(catalogue).filter(({ kind }) => kind === 'counter');
  return counters.flatMap((part) =>
    counters
      .filter((whole) => part.within === whole.name && part.unit === whole.unit)
      .map((whole) => [part, whole] as const),
  );
}

/** Doubts about the numbers of one page. */
export function doubtPage(catalogue: Catalogue, { samples }: Exposition): readonly Doubt[] {
  const valuesOf = (name: string, le?: number) =>
    samples
      .filter((each) => each.name === name && (le === undefined || Number(each.labels['le']) === le))
      .map(({ value = Number.NaN }) => value);
  const doubts: Doubt[] = [];
  for (const metric of exposedMetrics(catalogue)) {
    const { name, kind, unit, bounds } = metric;
    if (kind === 'histogram') {
      const all = sum(valuesOf(`${name}_count`));
      const [atFirst, atLast] = [valuesOf(`${name}_bucket`, bounds[0]), valuesOf(`${name}_bucket`, bounds.at(-1))];
      // A bucket that is not there is told by another rule.
      if (all >= FEW_ABOVE && atLast.length > 0 && sum(atLast) === 0) doubts.push(allAbove(metric));
      if (all >= FEW_BELOW && sum(atFirst) === all) doubts.push(allBelow(metric));
    }
    const percentage = valuesOf(name).find((value) => value > MOST_SHARE);
    if (kind === 'gauge' && unit === 'ratio' && percentage !== undefined) doubts.push(isPercentage(metric, percentage));
  }
  for (const [part, whole] of partsIn(catalogue)) {
    const [counted, over] = [valuesOf(part.name), valuesOf(whole.name)];
    // The exporter shows a new series at 0 in its first scrape: then the page does not hold all there is.
    if (over.length === 0 || over.includes(0)) continue;
    if (sum(counted) > sum(over)) doubts.push(partOverWhole(part, whole));
  }
  return doubts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
