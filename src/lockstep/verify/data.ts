import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import type { DoubtRule } from 'lockstep-exporter/internal';
import { allMetrics, DOUBT_RULES, exposedAs, exposedMetrics } from 'lockstep-exporter/internal';
import { printNumber } from '../promql/print.js';
import type { ExposedSample, Exposition } from './exposition.js';

/** Where names, labels and values fit, and the numbers say that something else is recorded. */
export interface Doubt {
  readonly rule: DoubtRule | 'verify/unseen' | 'verify/not-asked' | 'verify/unused-exemption';
  /** An error where what panels show is wrong whatever the reason; a note where nobody need do anything. */
  readonly level: 'error' | 'warning' | 'note';
  readonly metric: string;
  readonly found: string;
  readonly fix: string;
}

/** As many observations above the last bound, and none below, are no accident. */
export const FEW_ABOVE = 3;
/** As many at or below the first bound, and none above. A test of a program may well be quick. */
export const FEW_BELOW = 10;
/** Between these a ratio is taken for a percentage: a quota may be overspent, but hardly ten times. */
export const PERCENTAGES = { above: 10, upTo: 100 } as const;

/** All observations above the last bound: every quantile is then that bound. */
export function allAbove({ name, bounds, unit }: Metric): Doubt {
  const last = printNumber(bounds.at(-1) ?? Number.NaN);
  return {
    rule: 'verify/outside-buckets',
    level: 'error',
    metric: name,
    found: `every observation is above the last bucket bound, ${last} (unit ${unit})`,
    fix: `observe it in ${unit}, and not in a smaller unit; or add higher bounds: every quantile shows ${last}`,
  };
}

/** Whether quick observations would be in another unit: of counts and sizes, 0 or 1 may be all there is. */
export function isTimed({ unit, bounds: [first = 0] }: Metric): boolean {
  return unit === 'seconds' && first > 0;
}

/** All observations at or below the first bound: every quantile is then a guess between 0 and that. */
export function allBelow({ name, bounds, unit }: Metric): Doubt {
  const first = printNumber(bounds[0] ?? Number.NaN);
  return {
    rule: 'verify/outside-buckets',
    level: 'warning',
    metric: name,
    found: `every observation is at or below the first bucket bound, ${first} (unit ${unit})`,
    fix: `observe it in ${unit}, and not in a greater unit; or add lower bounds: every quantile is a guess below ${first}`,
  };
}

export function partOverWhole(part: Metric, whole: Metric): Doubt {
  return {
    rule: 'verify/part-over-whole',
    level: 'warning',
    metric: part.name,
    found: `it has counted more than ${whole.name}, within which it happens, in the same unit`,
    fix: 'see that each event is recorded once, and in both metrics; if several happen within one, give the metric a unit of its own',
  };
}

export function isPercentage({ name }: Metric, value: number): Doubt {
  return {
    rule: 'verify/percentage',
    level: 'warning',
    metric: name,
    found: `${printNumber(value)}, where the unit is ratio`,
    fix: 'set 0.9 for 90%: panels show a ratio of 1 as 100%; or give what is no share another unit',
  };
}

/** Pairs of counters of which each event of one should be one of the other: within its events, and of its unit. */
export function partsIn(catalogue: Catalogue): readonly (readonly [Metric, Metric])[] {
  const counters = allMetrics(catalogue).filter(({ kind }) => kind === 'counter');
  return counters.flatMap((part) =>
    counters
      .filter((whole) => part.within === whole.name && part.unit === whole.unit)
      .map((whole) => [part, whole] as const),
  );
}

/** The doubts that the definition of each metric exempts, with the reasons. */
function exemptionsIn(catalogue: Catalogue) {
  return Object.values(catalogue.metrics).flatMap((metric) =>
    DOUBT_RULES.flatMap((rule) => {
      const reason: unknown = metric.exempt?.[rule];
      if (typeof reason !== 'string' || reason.trim() === '') return [];
      return exposedAs(metric).map(({ name }) => ({ rule, metric: name, reason }));
    }),
  );
}

/** Makes notes of the doubts that the catalogue exempts, each with its reason. */
export function exemptDoubts<D extends Doubt>(doubts: readonly D[], catalogue: Catalogue): readonly D[] {
  const exemptions = exemptionsIn(catalogue);
  return doubts.map((doubt) => {
    const found = exemptions.find(({ rule, metric }) => rule === doubt.rule && metric === doubt.metric);
    return found === undefined ? doubt : { ...doubt, level: 'note', fix: `meant to be: ${found.reason}` };
  });
}

/** Exemptions of a catalogue for which there is no doubt, of metrics that were asked for. */
export function unusedExemptions(doubts: readonly Doubt[], catalogue: Catalogue): readonly Doubt[] {
  return exemptionsIn(catalogue)
    .filter((each) => !doubts.some(({ rule, metric }) => rule === 'verify/not-asked' && metric === each.metric))
    .filter((each) => !doubts.some(({ rule, metric }) => rule === each.rule && metric === each.metric))
    .map(({ rule, metric }) => ({
      rule: 'verify/unused-exemption',
      level: 'note',
      metric,
      found: `an exemption from ${rule}, which finds nothing now`,
      fix: 'take it out if that lasts: it would hide the next one',
    }));
}

/** Doubts about the numbers of one page, each with the line of a sample. */
export function doubtPage(
  catalogue: Catalogue,
  { samples }: Exposition,
): readonly (Doubt & { readonly line: number | undefined })[] {
  const of = (name: string, le?: number) =>
    samples.filter((each) => each.name === name && (le === undefined || Number(each.labels['le']) === le));
  const doubts: (Doubt & { readonly line: number | undefined })[] = [];
  for (const metric of exposedMetrics(catalogue)) {
    const { name, kind, unit, bounds } = metric;
    if (kind === 'histogram') {
      const counts = of(`${name}_count`);
      const all = sum(counts);
      const [atFirst, atLast] = [of(`${name}_bucket`, bounds[0]), of(`${name}_bucket`, bounds.at(-1))];
      const line = counts[0]?.line;
      // Another rule reports a missing bucket.
      if (all >= FEW_ABOVE && atLast.length > 0 && sum(atLast) === 0) doubts.push({ ...allAbove(metric), line });
      if (isTimed(metric) && all >= FEW_BELOW && sum(atFirst) === all) doubts.push({ ...allBelow(metric), line });
    }
    if (kind !== 'gauge' || unit !== 'ratio') continue;
    const { above, upTo } = PERCENTAGES;
    const found = of(name).find(({ value = 0 }) => value > above && value <= upTo);
    if (found?.value !== undefined) doubts.push({ ...isPercentage(metric, found.value), line: found.line });
  }
  for (const [part, whole] of partsIn(catalogue)) {
    const [counted, over] = [of(part.name), of(whole.name)];
    // The exporter shows a new series at 0 in its first scrape: then the page does not hold all there is.
    const isAnnounced = whole.foreign === undefined && over.some(({ value }) => value === 0);
    if (over.length > 0 && !isAnnounced && sum(counted) > sum(over))
      doubts.push({ ...partOverWhole(part, whole), line: counted[0]?.line });
  }
  return exemptDoubts(doubts, catalogue);
}

function sum(samples: readonly ExposedSample[]): number {
  return samples.reduce((total, { value = Number.NaN }) => total + value, 0);
}
