import type { Kind } from 'lockstep-exporter/catalogue';
import { BASE_UNITS, isQuotedLabel, isReplacedByGrafana, printValue, quotedNames } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import type { ExposedSample, Exposition } from '../verify/exposition.js';
import { refusedBy } from '../verify/exposition.js';
import { untaken } from './untaken.js';

/** A metric as an exposition shows it, ready to be written into a catalogue of others. */
export interface FoundMetric {
  readonly handle: string;
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** Names of labels, in the order of their first mention. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly bounds: readonly number[];
  /** The quantiles of a summary. */
  readonly quantiles?: readonly number[];
  /** The label of a state set that says the state. */
  readonly state?: string;
  /** Whether no `# TYPE` says the kind, and it is a guess. */
  readonly isGuess?: boolean;
}

/** A label of the exposition, over all metrics that have it. */
export interface FoundLabel {
  readonly name: string;
  /** Every value that was seen, sorted; `undefined` if they are more than {@link MOST_VALUES} or cannot be listed. */
  readonly values: readonly string[] | undefined;
  /** How many values were seen. */
  readonly count: number;
  /** All of them, in the order of their first mention. */
  readonly seen: readonly string[];
  /** The label that decides this one, in all series that have both: how many there were, and the value for each. */
  readonly decidedBy:
    | { readonly label: string; readonly series: number; readonly valueOf: Readonly<Record<string, string>> }
    | undefined;
}

export interface FoundCatalogue {
  readonly metrics: readonly FoundMetric[];
  readonly labels: readonly FoundLabel[];
  /** Labels that scraping adds, if a Prometheus gave them; a page of metrics has none of them. */
  readonly targetLabels?: readonly string[];
  /** Everything that was not taken as it stands, with its line. */
  readonly findings: readonly Finding[];
}

/** Whether PromQL takes a name of it only in quotes, which Prometheus 2 does not read. */
export function hasQuotedNames({
  metrics,
  targetLabels = [],
}: Pick<FoundCatalogue, 'metrics' | 'targetLabels'>): boolean {
  return targetLabels.some(isQuotedLabel) || metrics.some(({ name, labels }) => quotedNames(name, labels).length > 0);
}

/** A label with more values is written as an open one: the list would be a roster, or grow with every day. */
export const MOST_VALUES = 12;
const OWN_LABELS = new Set(['le', 'quantile']);

/**
 * The metrics of an exposition. A series without a `# TYPE` becomes a gauge, or a counter if its name ends in `_total`;
 * this, and all that is left out, is a finding. The text format has no type for an info: a gauge is one if its name
 * ends in `_info` and all its values are 1.
 *
 * @param file as findings name it
 */
export function findMetrics(exposition: Exposition, file: string): FoundCatalogue {
  const findings: Finding[] = [];
  const say = (id: string, severity: Finding['severity'], where: string, line: number, found: string, fix: string) =>
    findings.push({ id: `import/${id}`, severity, where, ...(line === 0 ? {} : { at: { file, line } }), found, fix });
  const helpOf = new Map(exposition.families.map(({ name, help }) => [name, help ?? '']));
  const samplesRead = exposition.samples.map((sample) => ({ ...sample, labels: readLabels(sample.labels) }));
  const reserved = exposition.samples.find(({ labels }) => Object.keys(labels).some(isReserved));
  if (reserved !== undefined)
    say(
      'reserved-label',
      'warning',
      reserved.name,
      reserved.line,
      'a label that begins with __, which Prometheus keeps for itself: it is left out',
      'record it under another name',
    );
  const strange = new Set<string>();
  for (const { name, labels, line } of samplesRead)
    for (const each of [name, ...Object.keys(labels)]) {
      if (!isReplacedByGrafana(each) || strange.has(each)) continue;
      strange.add(each);
      say(
        'name',
        'warning',
        printValue(each),
        line,
        'a name with "$", "[[" or a control character, which cannot stand on a board: it is left out',
        'record it under another name',
      );
    }
  const byName = groupByName(samplesRead.filter(({ name }) => !strange.has(name)));
  const left = new Set(byName.keys());
  const typeOf = (name: string) => {
    const type = exposition.families.find((each) => each.name === name)?.type;
    return type === undefined ? 'no # TYPE says what it is;' : `its type is ${type};`;
  };
  const metrics: FoundMetric[] = [];
  const handles = new Set<string>();
  const add = (
    kind: FoundMetric['kind'],
    name: string,
    family: string,
    samples: readonly ExposedSample[],
    more: Pick<FoundMetric, 'isGuess' | 'quantiles' | 'state'> = {},
  ) => {
    const labels = [...new Set(samples.flatMap((each) => Object.keys(each.labels)))].filter(
      (each) => !OWN_LABELS.has(each) && !strange.has(each),
    );
    const bounds = [...new Set(samples.flatMap(({ labels: { le } }) => (le === undefined ? [] : [Number(le)])))]
      .filter((bound) => Number.isFinite(bound))
      .sort((a, b) => a - b);
    const handle = untaken(handleOf(name), handles);
    const help = (helpOf.get(family) ?? '').replace(/\s+/g, ' ').trim();
    metrics.push({ handle, kind, name, help: help === '' ? name : help, unit: unitOf(name), labels, bounds, ...more });
  };
  const take = (name: string) => {
    left.delete(name);
    return byName.get(name) ?? [];
  };

  for (const { name: family, type = 'unknown', line } of exposition.families) {
    switch (type) {
      case 'counter': {
        const name = byName.has(`${family}_total`) ? `${family}_total` : family;
        const samples = take(name);
        take(`${family}_created`);
        if (samples.length > 0) add('counter', name, family, samples);
        break;
      }
      case 'gauge': {
        const samples = take(family);
        if (samples.length > 0) add(isInfo(family, samples) ? 'info' : 'gauge', family, family, samples);
        break;
      }
      case 'info': {
        const name = byName.has(`${family}_info`) ? `${family}_info` : family;
        const samples = take(name);
        if (samples.length > 0) add('info', name, family, samples);
        break;
      }
      case 'stateset': {
        const samples = take(family);
        const state = stateOf(family, samples);
        if (samples.length > 0)
          add(state === undefined ? 'gauge' : 'stateSet', family, family, samples, {
            ...(state === undefined ? {} : { state }),
          });
        break;
      }
      case 'histogram': {
        const buckets = take(`${family}_bucket`);
        take(`${family}_created`);
        const parts = ['_sum', '_count'].map((part) => [`${family}${part}`, take(`${family}${part}`)] as const);
        const native = take(family);
        if (native.length > 0 && buckets.length === 0) {
          add('nativeHistogram', family, family, native);
          break;
        }
        if (native.length > 0)
          say(
            'native-histogram',
            'note',
            family,
            line,
            'a native histogram beside classic buckets: the classic ones are taken',
            'make it a nativeHistogram() if the classic buckets are to go',
          );
        if (buckets.some(({ labels }) => Number.isFinite(Number(labels['le'])))) {
          add('histogram', family, family, buckets);
          break;
        }
        const has = parts.filter(([, samples]) => samples.length > 0);
        for (const [name, samples] of has) add('counter', name, family, samples);
        if (has.length === 0 && buckets.length === 0) break;
        say(
          'no-buckets',
          'warning',
          family,
          line,
          'a histogram without finite buckets: its sum and count are taken as counters',
          'scrape it in the classic form, with buckets',
        );
        break;
      }
      case 'summary': {
        const samples = ['', '_sum', '_count'].flatMap((part) => take(`${family}${part}`));
        take(`${family}_created`);
        const quantiles = samples.flatMap(({ labels }) => ('quantile' in labels ? [Number(labels['quantile'])] : []));
        const known = [...new Set(quantiles)].filter((each) => each >= 0 && each <= 1).sort((a, b) => a - b);
        if (samples.length > 0) add('summary', family, family, samples, { quantiles: known });
        break;
      }
      default:
        break;
    }
  }
  for (const name of [...left].sort()) {
    if (/_created$/.test(name)) continue;
    const samples = byName.get(name) ?? [];
    const kind = name.endsWith('_total') ? 'counter' : 'gauge';
    add(kind, name, name, samples, { isGuess: true });
    say(
      'untyped',
      'warning',
      name,
      samples[0]?.line ?? 0,
      `${typeOf(name)} it is taken as a ${kind}`,
      'correct the kind in the catalogue if it is another',
    );
  }
  const labels = findLabels(samplesRead).filter(({ name }) => !strange.has(name));
  for (const { name, values, count } of labels)
    if (values === undefined && count <= MOST_VALUES) {
      const { line } = samplesRead.find((sample) => isUnlistable(sample.labels[name])) ?? { line: 1 };
      say(
        'values',
        'warning',
        name,
        line,
        'a value with "$", "[[" or a control character, which Grafana would replace: the values are not listed',
        'record plain values',
      );
    }
  // Names in quotes are written for Prometheus 3, which reads them.
  const isFor3 = hasQuotedNames({ metrics });
  for (const { line, found, fix, by } of exposition.refused)
    if (by.includes('3.16') || !isFor3)
      say('refused', by.includes('3.16') ? 'error' : 'warning', file, line ?? 0, `${found}; ${refusedBy(by)}`, fix);
  return { metrics, labels, findings };
}

/** All series of an info are 1. */
function isInfo(name: string, samples: readonly ExposedSample[]): boolean {
  return name.endsWith('_info') && samples.every(({ value }) => value === 1);
}

/**
 * The label that says the state of a state set: OpenMetrics calls it as the metric. Others, such as
 * kube-state-metrics, give it a name of its own: for each thing, one of its values has the 1.
 */
function stateOf(name: string, samples: readonly ExposedSample[]): string | undefined {
  const labels = Object.keys(samples[0]?.labels ?? {});
  if (labels.includes(name)) return name;
  const candidates = labels.filter((label) => {
    const things = new Map<string, number>();
    for (const { labels: own, value = Number.NaN } of samples) {
      const { [label]: _, ...rest } = own;
      const key = JSON.stringify(Object.entries(rest).sort());
      things.set(key, (things.get(key) ?? 0) + value);
    }
    return things.size < samples.length && [...things.values()].every((sum) => sum === 1);
  });
  return candidates.length === 1 ? candidates[0] : undefined;
}

const isReserved = (label: string) => label.startsWith('__');
const isUnlistable = (value: string | undefined) => value !== undefined && isReplacedByGrafana(value);

/** The labels that a series has in Prometheus, which drops those with an empty value. */
function readLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => value !== '' && !isReserved(name)));
}

function groupByName(samples: readonly ExposedSample[]): ReadonlyMap<string, readonly ExposedSample[]> {
  const groups = new Map<string, ExposedSample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.name);
    if (group === undefined) groups.set(sample.name, [sample]);
    else group.push(sample);
  }
  return groups;
}

function findLabels(samples: readonly ExposedSample[]): readonly FoundLabel[] {
  const values = new Map<string, Set<string>>();
  for (const { labels } of samples)
    for (const [name, value] of Object.entries(labels)) {
      if (OWN_LABELS.has(name)) continue;
      const known = values.get(name) ?? new Set();
      values.set(name, known.add(value));
    }
  const few = [...values]
    .filter(([, known]) => known.size <= MOST_VALUES && ![...known].some(isUnlistable))
    .map(([name]) => name);
  const decided = new Map<string, FoundLabel['decidedBy']>();
  for (const name of few) {
    const candidates = few
      // A label that is decided itself decides nothing: one step says it all.
      .filter((each) => each !== name && decided.get(each) === undefined)
      .flatMap((each) => dependency(each, name, samples) ?? []);
    const [best] = candidates.sort((a, b) => Object.keys(a.valueOf).length - Object.keys(b.valueOf).length);
    if (best !== undefined) decided.set(name, best);
  }
  return [...values].map(([name, known]) => ({
    name,
    values: few.includes(name) ? [...known].sort() : undefined,
    count: known.size,
    seen: [...known],
    decidedBy: decided.get(name),
  }));
}

/**
 * Whether one label decides another: each of its values goes with one value, and several share one. Values that were
 * seen once are no evidence: they had no occasion to go with another.
 */
function dependency(decider: string, name: string, samples: readonly ExposedSample[]): FoundLabel['decidedBy'] {
  const chosen: Record<string, string> = Object.create(null) as Record<string, string>;
  const series = new Set<string>();
  for (const { name: sample, labels } of samples) {
    const [by, value] = [labels[decider], labels[name]];
    if (value === undefined) continue;
    // A series that has the one without the other says that the other does not decide it.
    if (by === undefined || (chosen[by] ?? value) !== value) return undefined;
    chosen[by] = value;
    // The buckets of a histogram are one series here.
    const { le: _, quantile: __, ...own } = labels;
    series.add(JSON.stringify([sample.replace(/_(bucket|sum|count)$/, ''), Object.entries(own).sort()]));
  }
  const distinct = new Set(Object.values(chosen)).size;
  const deciders = Object.keys(chosen).length;
  return distinct >= 2 && deciders > distinct && series.size >= 2 * deciders
    ? { label: decider, series: series.size, valueOf: chosen }
    : undefined;
}

/** The unit at the end of a name; else the things that are counted. */
export function unitOf(name: string): string {
  if (name.endsWith('_count')) return '{observation}';
  const base = name.replace(/_(total|sum|bucket|info)$/, '');
  const last = base.split(/[_.]/).at(-1) ?? base;
  if ((BASE_UNITS as readonly string[]).includes(last)) return last;
  const thing = last.toLowerCase().replace(/[^a-z0-9]/g, '');
  const one = thing.length > 3 && thing.endsWith('s') && !thing.endsWith('ss') ? thing.slice(0, -1) : thing;
  return `{${one === '' ? 'thing' : one}}`;
}

export function handleOf(name: string): string {
  const words = name
    .replace(/_total$/, '')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '');
  const joined = words.map((word, index) => (index === 0 ? lowerFirst(word) : upperFirst(word))).join('');
  return /^[a-zA-Z]/.test(joined) ? joined : `metric${upperFirst(joined)}`;
}

const lowerFirst = (word: string) => `${word.slice(0, 1).toLowerCase()}${word.slice(1)}`;
const upperFirst = (word: string) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
