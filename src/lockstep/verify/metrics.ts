import type { Catalogue, Kind, Metric } from 'lockstep-exporter/catalogue';
import { hashCatalogue } from 'lockstep-exporter/catalogue';
import {
  exposedMetrics,
  givenLabels,
  hasLabel,
  isLevel,
  printValue,
  SHARD_LABEL,
  START_LABEL,
  seriesCount,
  seriesNames,
  suggest,
} from 'lockstep-exporter/internal';
import { printNumber } from '../promql/print.js';
import type { PrometheusVersion } from '../promql/prometheus-version.js';
import { PROMETHEUS_VERSIONS } from '../promql/prometheus-version.js';
import type { Doubt } from './data.js';
import { doubtPage } from './data.js';
import type { ExposedSample, Exposition } from './exposition.js';
import { refusedBy } from './exposition.js';
import { faultsOfParts } from './parts.js';
import type { CountReads } from './starts.js';
import { adviseStarts } from './starts.js';

export const VERIFY_LEVELS = ['error', 'warning'] as const;
export type VerifyLevel = (typeof VERIFY_LEVELS)[number];

/** Where what a program exposes is not what the catalogue says. */
export interface Mismatch {
  readonly rule:
    | 'verify/refused'
    | 'verify/duplicate'
    | 'verify/parts'
    | 'verify/missing'
    | 'verify/unknown'
    | 'verify/type'
    | 'verify/help'
    | 'verify/labels'
    | 'verify/start'
    | 'verify/value'
    | 'verify/bounds'
    | 'verify/budget'
    | 'verify/catalogue'
    | Doubt['rule'];
  readonly level: Doubt['level'];
  readonly metric: string;
  /** From 1; `undefined` of what is not there. */
  readonly line: number | undefined;
  readonly found: string;
  readonly fix: string;
}

/** Labels that the exporter adds to every series. */
const OWN_LABELS = [START_LABEL, SHARD_LABEL];
/** The same slip in a thousand series is told once, with how often. */
const TOLD = 3;

/**
 * Everything in which an exposition and a catalogue differ. Names without the catalogue's prefix are somebody else's
 * (`process_...`, `nodejs_...`) and are not looked at.
 *
 * @param reads the counts that queries read: their series must say which start they are of
 * @param prometheus the Prometheus that scrapes the page; any if not said
 */
export function compareExposition(
  catalogue: Catalogue,
  exposition: Exposition,
  reads?: CountReads,
  prometheus?: PrometheusVersion,
): readonly Mismatch[] {
  const metrics = exposedMetrics(catalogue);
  const mismatches: Mismatch[] = exposition.refused
    // An older Prometheus than the target's does not matter.
    .filter(({ by }) => prometheus === undefined || by.includes(prometheus))
    .map(({ line, found, fix, by }) => ({
      rule: 'verify/refused',
      // Without a version in the target, the one that is in use may read it.
      level: prometheus === undefined && by.length < PROMETHEUS_VERSIONS.length ? 'warning' : 'error',
      metric: '',
      line,
      found: `${found}; ${refusedBy(by)}`,
      fix,
    }));
  const taken = new Set(metrics.flatMap(seriesNames));
  for (const metric of metrics) {
    mismatches.push(...compareMetric(metric, exposition, taken));
    if (reads?.selectors.has(metric.name) === true) mismatches.push(...validateStarts(metric, exposition, reads));
  }
  const known = new Set(
    metrics.flatMap((metric) => [...seriesNames(metric), ...familyNames(metric), createdName(metric)]),
  );
  const unknown = new Map<string, number>();
  for (const { name, line } of [...exposition.families, ...exposition.samples])
    if (
      catalogue.recordedBy !== 'others' &&
      name.startsWith(`${catalogue.name}_`) &&
      !known.has(name) &&
      !unknown.has(name)
    )
      unknown.set(name, line);
  for (const [name, line] of unknown)
    mismatches.push({
      rule: 'verify/unknown',
      level: 'error',
      metric: name,
      line,
      found: `${name}, which catalogue ${catalogue.name} does not have`,
      fix: suggest(name, [...known], 'add it to the catalogue, or stop exposing it: nothing can show it'),
    });
  // Where something is seen to be wrong, that is the news; that the catalogues differ follows from it.
  const differences = together(mismatches.length > 0 ? mismatches : otherCatalogue(catalogue, exposition));
  return [...differences, ...doubtPage(catalogue, exposition)];
}

/**
 * A program of another catalogue whose names and labels fit all the same: with a value that has not happened yet, or
 * with another meaning.
 */
function otherCatalogue(catalogue: Catalogue, { samples }: Exposition): readonly Mismatch[] {
  if (catalogue.recordedBy === 'others') return [];
  const { name } = catalogue.own.info;
  const own = hashCatalogue(catalogue);
  return samples
    .filter((sample) => sample.name === name && sample.labels['hash'] !== own)
    .map(({ labels, line }) => ({
      rule: 'verify/catalogue',
      level: 'error',
      metric: name,
      line,
      found: `catalogue ${printValue(labels['hash'])}, where this one is ${own}`,
      fix: `release the program with this catalogue: what it records may mean something else here`,
    }));
}

/** OpenMetrics leaves the suffix of a counter or an info out of the family's name. */
function familyNames(metric: Metric): readonly string[] {
  return [metric.name, metric.name.replace(metric.kind === 'info' ? /_info$/ : /_total$/, '')];
}

/** The types by which a page may call a metric: the text format has no type for an info or a state set. */
const TYPES: Readonly<Record<Kind, readonly string[]>> = {
  counter: ['counter'],
  gauge: ['gauge', 'info', 'stateset'],
  histogram: ['histogram'],
  nativeHistogram: ['histogram'],
  summary: ['summary'],
  info: ['info', 'gauge'],
  stateSet: ['stateset', 'gauge'],
};

/** A page that says these does not say what it is. */
const UNTYPED = ['untyped', 'unknown'];

/** The names of a metric on a page, which shows no native buckets: what is left of them looks like a classic one. */
function pageNames(metric: Metric): readonly string[] {
  const { kind, name } = metric;
  if (kind !== 'histogram' && kind !== 'nativeHistogram') return seriesNames(metric);
  return [name, ...seriesNames({ kind: 'histogram', name })];
}

function isInRange({ kind }: Metric, value: number | undefined): boolean {
  return value === undefined || value === 1 || (kind === 'stateSet' && value === 0);
}

/** The kinds that OpenMetrics adds to counters and histograms. */
function createdName(metric: Metric): string {
  return `${metric.name.replace(/_total$/, '')}_created`;
}

function compareMetric(
  metric: Metric,
  { families, samples }: Exposition,
  taken: ReadonlySet<string>,
): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  const say = (
    rule: Mismatch['rule'],
    line: number | undefined,
    found: string,
    fix: string,
    level: VerifyLevel = 'error',
  ) => mismatches.push({ rule, level, metric: metric.name, line, found, fix });
  const types = TYPES[metric.kind];
  const ofName = (name: string) => families.filter((each) => each.name === name);
  const named = ofName(metric.name);
  const all = named.length > 0 ? named : familyNames(metric).flatMap(ofName);
  // In OpenMetrics, a gauge of the same name may have a family too.
  const family = all.find(({ type = '' }) => types.includes(type)) ?? all[0];
  const names = pageNames(metric);
  const own = samples.filter(({ name }) => names.includes(name));
  if (family === undefined && own.length === 0) {
    say(
      'verify/missing',
      undefined,
      'it is not exposed',
      'record it, or drop it from the catalogue: what reads it shows nothing',
    );
    return mismatches;
  }
  // A family may be called so, and a series may not.
  const stray = samples.find(({ name }) => !taken.has(name) && familyNames(metric).includes(name));
  if (stray !== undefined && own.length === 0)
    say(
      'verify/missing',
      stray.line,
      `it is exposed as ${stray.name}`,
      `expose ${metric.name}: what reads it shows nothing`,
    );
  if (family?.type !== undefined && !types.includes(family.type) && !UNTYPED.includes(family.type))
    say(
      'verify/type',
      family.line,
      `${/^[aeiou]/.test(family.type) ? 'an' : 'a'} ${family.type}`,
      `expose a ${types[0]}, or change the catalogue: queries of one kind misread the other`,
    );
  if (family?.help !== undefined && family.help !== metric.help && metric.foreign === undefined)
    say(
      'verify/help',
      family.line,
      printValue(family.help),
      `say ${printValue(metric.help)}, or change the catalogue`,
      'warning',
    );
  const bounds = new Map<string, Set<string>>();
  const series = new Set<string>();
  const { quantiles = [] } = metric;
  for (const sample of own) {
    const { le, ...others } = sample.labels;
    const { quantile, ...rest } = others;
    const isQuantile = metric.kind === 'summary' && sample.name === metric.name;
    const labels = isQuantile ? rest : others;
    if (isQuantile && !quantiles.includes(Number(quantile)))
      say(
        'verify/bounds',
        sample.line,
        `the quantile ${printValue(quantile)}`,
        `use the catalogue's quantiles: ${quantiles.map(printNumber).join(', ') || 'it has none'}`,
      );
    if (isLevel(metric) && metric.kind !== 'gauge' && !isInRange(metric, sample.value))
      say(
        'verify/value',
        sample.line,
        `${sample.value}, where ${metric.kind === 'info' ? 'an info is 1' : 'a state is 1 or 0'}`,
        'expose it so, or make it a gauge in the catalogue',
      );
    series.add(`${sample.name} ${JSON.stringify([le ?? null, Object.entries(labels).sort()])}`);
    validateLabels(metric, { ...sample, labels }, say);
    if (!sample.name.endsWith('_bucket') || metric.kind !== 'histogram') continue;
    const key = JSON.stringify(Object.entries(labels).sort());
    const seen = bounds.get(key) ?? new Set<string>();
    seen.add(le ?? '');
    bounds.set(key, seen);
    if (le !== '+Inf' && !metric.bounds.includes(Number(le)))
      say(
        'verify/bounds',
        sample.line,
        `a bucket up to ${printValue(le)}`,
        `use the catalogue's bounds: ${metric.bounds.map(printNumber).join(', ')}`,
      );
  }
  const [first] = own;
  for (const seen of bounds.values()) {
    const missing = metric.bounds.filter((bound) => ![...seen].some((le) => Number(le) === bound));
    if (missing.length === 0) continue;
    say(
      'verify/bounds',
      first?.line,
      `no bucket up to ${missing.map(printNumber).join(', ')}`,
      "use the catalogue's bounds: quantiles and latency objectives read them",
    );
    break;
  }
  for (const missing of quantiles)
    if (
      own.length > 0 &&
      !own.some(({ name, labels }) => name === metric.name && Number(labels['quantile']) === missing)
    )
      say(
        'verify/bounds',
        first?.line,
        `no quantile ${printNumber(missing)}`,
        "expose it, or take it out of the catalogue's quantiles",
      );
  for (const { rule, line, found, fix } of faultsOfParts(metric, own)) say(rule, line, found, fix);
  const most = Math.min(metric.budget, seriesCount(metric));
  if (metric.foreign === undefined && series.size > metric.budget)
    say(
      'verify/budget',
      first?.line,
      `${series.size} series`,
      `stay within ${most}: find the label whose values are not bounded, or raise the budget knowingly`,
    );
  return mismatches;
}

/** The first series of a count that does not say which start it is of: the others of the metric are as it is. */
function validateStarts(metric: Metric, { samples }: Exposition, reads: CountReads): readonly Mismatch[] {
  // A process that is looked at itself has a start also where a collector adds up what it sends.
  const accepted = [reads.label, START_LABEL];
  const own = samples.filter(({ name }) => seriesNames(metric).includes(name));
  const without = own.filter(({ labels }) => accepted.every((label) => (labels[label] ?? '') === ''));
  const [first] = without;
  if (first === undefined) return [];
  return [
    {
      rule: 'verify/start',
      level: 'error',
      metric: metric.name,
      line: first.line,
      found: `no label ${reads.label}, on ${without.length} of ${own.length} series`,
      fix: adviseStarts(reads),
    },
  ];
}

function validateLabels(
  metric: Metric,
  { labels, line }: ExposedSample,
  say: (rule: Mismatch['rule'], line: number | undefined, found: string, fix: string) => void,
): void {
  // Labels that scraping adds are on no page of metrics.
  const names = metric.labels
    .map(({ name }) => name)
    .filter((name) => metric.foreign?.targetLabels.includes(name) !== true);
  for (const name of names)
    if (labels[name] === undefined)
      say('verify/labels', line, `no label ${name}`, `expose it: queries by ${name} do not see this series`);
  for (const name of Object.keys(labels))
    if (!hasLabel(metric, name) && !OWN_LABELS.includes(name))
      say(
        'verify/labels',
        line,
        `label ${name}`,
        suggest(name, names, 'drop it, or add it to the metric in the catalogue'),
      );
  for (const label of metric.labels) {
    const value = labels[label.name];
    if (value === undefined) continue;
    if (label.values !== undefined && !label.values.includes(value))
      say(
        'verify/value',
        line,
        `${label.name}=${printValue(value)}`,
        suggest(value, label.values, `use one of the values of ${label.name}, or add it to the catalogue`),
      );
    const decider = label.decidedBy;
    if (decider === undefined || !hasLabel(metric, decider.label) || givenLabels(metric).includes(label)) continue;
    const given = labels[decider.label];
    const wanted = given === undefined ? undefined : decider.valueOf[given];
    if (wanted !== undefined && wanted !== value && label.values?.includes(value) === true)
      say(
        'verify/value',
        line,
        `${label.name}=${printValue(value)} beside ${decider.label}=${printValue(given)}`,
        `${decider.label} decides ${label.name}: it is ${printValue(wanted)}`,
      );
  }
}

/** The same slip in many lines is told at the first of them, with how often it is there. */
function together(mismatches: readonly Mismatch[]): readonly Mismatch[] {
  const groups = new Map<string, Mismatch[]>();
  for (const each of mismatches) {
    const key = JSON.stringify([each.rule, each.metric, each.found, each.fix]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (same.length <= TOLD || first === undefined) return same;
    return [{ ...first, found: `${first.found} (and in ${same.length - 1} more lines)` }];
  });
}
