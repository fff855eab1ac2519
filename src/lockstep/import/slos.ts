import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { isProblemsError } from 'lockstep-exporter/internal';
import type { Series } from '../promql/expression.js';
import { countOf, noneOf, oneOf, select } from '../promql/expression.js';
import type { Counted, CountedSeries, QueryMatcher } from '../promql/text-counts.js';
import { countedIn, quotientIn } from '../promql/text-counts.js';
import type { MetricUse } from '../promql/text-uses.js';
import type { Duration } from '../promql/window.js';
import type { Finding } from '../report/finding.js';
import { findingOf } from '../report/finding.js';
import type { BurnWindow } from '../slo/burn.js';
import { burnWindows } from '../slo/burn.js';
import { defineSlo } from '../slo/rules.js';
import type { Sli, Slo } from '../slo/slo.js';
import { errorBudget, eventRatio, isReachable, latency, uptime } from '../slo/slo.js';
import type { FoundCatalogue, FoundLabel, FoundMetric } from './metrics.js';
import { handleOf, unitOf } from './metrics.js';
import { wordsIn } from './names.js';
import type { SloSource } from './slo-sources.js';
import { statusCodes } from './status-codes.js';
import { toCatalogue } from './to-catalogue.js';
import { untaken } from './untaken.js';
import type { UsedCatalogue } from './used-metrics.js';
import { catalogueOf } from './used-metrics.js';

/** The values that a matcher wants, or does not want, of a label. */
export interface Choice {
  readonly label: string;
  readonly values: readonly [string, ...string[]];
  readonly isNegated: boolean;
}

/** Some series of a metric of the catalogue. */
export interface Chosen {
  readonly handle: string;
  /** Whether it is the count of a histogram. */
  readonly isCount: boolean;
  readonly choices: readonly Choice[];
}

/** An SLI as it is written: counts, or a histogram and a bound. */
export type WrittenSli =
  | { readonly type: 'events'; readonly counts: Readonly<Partial<Record<'bad' | 'good' | 'total', readonly Chosen[]>>> }
  | { readonly type: 'latency'; readonly of: Chosen; readonly atMost: number }
  | { readonly type: 'uptime'; readonly of: Chosen };

/** An objective that was taken: as it is written, and as it is. */
export interface ImportedSlo {
  readonly source: SloSource;
  readonly written: WrittenSli;
  readonly slo: Slo;
}

/** Everything that an import makes of objectives. */
export interface ImportedSlos {
  readonly used: UsedCatalogue;
  readonly catalogue: Catalogue;
  readonly slos: readonly ImportedSlo[];
  readonly findings: readonly Finding[];
}

/** An SLI by the names that its queries have. */
type NamedSli =
  | {
      readonly type: 'events';
      readonly counts: Readonly<Partial<Record<'bad' | 'good' | 'total', readonly CountedSeries[]>>>;
    }
  | { readonly type: 'latency'; readonly of: CountedSeries; readonly base: string; readonly atMost: number }
  | { readonly type: 'uptime'; readonly of: CountedSeries };

/**
 * Objectives over one catalogue of all that they read.
 *
 * @param system in kebab case: with the name of an objective it begins the uids of rules
 */
export function importSlos(
  sources: readonly SloSource[],
  options: {
    readonly name: string;
    readonly system: string;
    readonly scope: Readonly<Record<string, string>>;
    readonly exposed: FoundCatalogue | undefined;
  },
): ImportedSlos {
  const { name, system, scope, exposed } = options;
  const findings: Finding[] = [...(exposed?.findings ?? [])];
  const refuse = (id: string, where: string, found: string, fix: string): undefined => {
    findings.push({ id: `import/${id}`, severity: 'error', where, found, fix });
  };
  const named = sources.flatMap((source) => {
    const sli = sliOf(source.queries);
    if (typeof sli !== 'string') return [{ source, sli: withoutScope(sli, scope) }];
    refuse('slo-query', source.where, sli, 'count events: sum(rate(requests_total{code="500"}[5m]))');
    return [];
  });
  const found = catalogueOf(
    named.flatMap(({ sli }) => usesOf(sli)),
    exposed,
    new Set(),
  );
  const used = withValues(
    withUnits(withHistograms(found, named, exposed), named),
    named.flatMap(({ source, sli }) => seriesOf(sli).map((series) => ({ source, series }))),
    findings,
  );
  const catalogue = toCatalogue(used.catalogue, name, scope, used.targetLabels);
  const names = new Set<string>();
  const slos = named.flatMap(({ source, sli }): readonly ImportedSlo[] => {
    const written = writtenOf(sli, used.catalogue, [...used.targetLabels, ...Object.keys(scope)]);
    if (typeof written === 'string') {
      refuse('slo-metric', source.where, written, 'correct the query, or give the page of metrics that has it');
      return [];
    }
    const policy = policyOf(source, findings);
    if (policy.length === 0) {
      refuse(
        'slo-policy',
        source.where,
        `no burn rule fits ${source.objective} over ${source.window}`,
        'give a longer window, or a higher objective',
      );
      return [];
    }
    try {
      const slo = defineSlo({
        name: untaken(nameFor(source.name, system), names, '-'),
        events: eventsOf(written, used.catalogue),
        objective: source.objective,
        window: source.window as Duration,
        sli: toSli(written, catalogue),
        policy,
      });
      return [{ source, written, slo }];
    } catch (error) {
      if (!isProblemsError(error)) throw error;
      findings.push(
        ...error.problems.map((problem) => ({ ...findingOf(problem), where: `${source.where} › ${problem.where}` })),
      );
      return [];
    }
  });
  return { used, catalogue, slos, findings };
}

/** Makes an SLI of the texts of two counts, or gives the reason why it cannot. */
function sliOf(given: SloSource['queries']): NamedSli | string {
  const { badShare, ...counts } = given;
  const sides = badShare === undefined ? undefined : quotientIn(badShare);
  if (typeof sides === 'string') return sides;
  const queries: Partial<Record<'bad' | 'good' | 'total', string>> =
    sides === undefined ? counts : { [sides.isRest ? 'good' : 'bad']: sides.part, total: sides.whole };
  const read: Partial<Record<'bad' | 'good' | 'total', Counted>> = {};
  for (const name of ['bad', 'good', 'total'] as const) {
    const query = queries[name];
    if (query === undefined) continue;
    const counted = countedIn(query);
    if (typeof counted === 'string') return `${name}: ${counted}`;
    read[name] = counted;
  }
  const { bad, good, total } = read;
  if (total === undefined)
    return bad === undefined || good === undefined ? 'one count alone' : sampled(pairOf({ bad, good }));
  if (total.taken.length > 0) return 'total: a count from which another is taken away';
  const [name, part] = bad === undefined ? (['good', good] as const) : (['bad', bad] as const);
  if (part === undefined) return 'one count alone';
  if (part.taken.length === 0) return sampled(timed(pairOf({ [name]: part, total })));
  // The total without the good events is the bad ones, and the other way round.
  if (keyOf(part.added) !== keyOf(total.added)) return `${name}: a count is subtracted, but not from the total`;
  const rest = { added: part.taken, taken: [] };
  return sampled(timed(pairOf(name === 'bad' ? { good: rest, total } : { bad: rest, total })));
}

function pairOf(counts: Partial<Record<'bad' | 'good' | 'total', Counted>>): NamedSli {
  return {
    type: 'events',
    counts: Object.fromEntries(Object.entries(counts).map(([name, { added }]) => [name, added])),
  };
}

const keyOf = (series: readonly CountedSeries[]) =>
  series
    .map(({ name, matchers }) => `${name} ${matchers.map(({ label, op, value }) => `${label}${op}${value}`).sort()}`)
    .sort()
    .join('\n');

/** One bucket over all observations is a latency. */
function timed(sli: NamedSli): NamedSli {
  if (sli.type !== 'events') return sli;
  const { good = [], total = [] } = sli.counts;
  const [bucket, count] = [good[0], total[0]];
  if (good.length !== 1 || total.length !== 1 || bucket === undefined || count === undefined) return sli;
  const base = bucket.name.replace(/_bucket$/, '');
  const le = bucket.matchers.find(({ label, op }) => label === 'le' && op === '=')?.value;
  const isAll = count.name === `${base}_count` || (count.name === bucket.name && isInfinite(count));
  if (base === bucket.name || le === undefined || !isAll || !Number.isFinite(Number(le))) return sli;
  const [mine, all] = [bucket, count].map((each) => ({ ...each, name: base, matchers: withoutBound(each.matchers) }));
  if (mine === undefined || all === undefined || keyOf([mine]) !== keyOf([all])) return sli;
  return { type: 'latency', of: { ...all, name: `${base}_count` }, base, atMost: Number(le) };
}

/** The samples of a gauge, added up, over how many there are: an uptime. */
function sampled(sli: NamedSli): NamedSli | string {
  if (sli.type !== 'events' || seriesOf(sli).every((each) => each.sampled === undefined)) return sli;
  const { good = [], total = [] } = sli.counts;
  const [up, all] = [good[0], total[0]];
  const isUptime = good.length === 1 && up?.sampled === 'added' && total.length === 1 && all?.sampled === 'counted';
  if (!isUptime || keyOf(good) !== keyOf(total))
    return 'samples that are not sum_over_time() of a gauge that is 1 or 0, over count_over_time() of the same series';
  return { type: 'uptime', of: { name: all.name, matchers: all.matchers } };
}

const isInfinite = ({ matchers }: CountedSeries) =>
  matchers.some(({ label, op, value }) => label === 'le' && op === '=' && value === '+Inf');

const withoutBound = (matchers: readonly QueryMatcher[]) => matchers.filter(({ label }) => label !== 'le');

function seriesOf(sli: NamedSli): readonly CountedSeries[] {
  return sli.type === 'events' ? Object.values(sli.counts).flat() : [sli.of];
}

function mapSeries(sli: NamedSli, change: (series: CountedSeries) => CountedSeries): NamedSli {
  if (sli.type !== 'events') return { ...sli, of: change(sli.of) };
  return {
    ...sli,
    counts: Object.fromEntries(Object.entries(sli.counts).map(([name, series]) => [name, series.map(change)])),
  };
}

/** The matchers that the scope says already. */
function withoutScope(sli: NamedSli, scope: Readonly<Record<string, string>>): NamedSli {
  return mapSeries(sli, (series) => ({
    ...series,
    matchers: series.matchers.filter(({ label, op, value }) => !(op === '=' && scope[label] === value)),
  }));
}

function usesOf(sli: NamedSli): readonly MetricUse[] {
  return seriesOf(sli).map(({ name, matchers }) => ({
    name,
    labels: withoutBound(matchers).map(({ label }) => label),
    isCounted: sli.type !== 'uptime',
  }));
}

/** Without a page of metrics, a histogram has the bounds that somebody asks for. */
function withHistograms(
  used: UsedCatalogue,
  named: readonly { readonly sli: NamedSli }[],
  exposed: FoundCatalogue | undefined,
): UsedCatalogue {
  if (exposed !== undefined) return used;
  const bounds = new Map<string, Set<number>>();
  for (const { sli } of named)
    if (sli.type === 'latency') bounds.set(sli.base, (bounds.get(sli.base) ?? new Set()).add(sli.atMost));
  const metrics = used.catalogue.metrics.map((metric): FoundMetric => {
    const base = metric.name.replace(/_count$/, '');
    const own = bounds.get(base);
    if (own === undefined || base === metric.name) return metric;
    return {
      ...metric,
      kind: 'histogram',
      name: base,
      handle: handleOf(base),
      help: base,
      unit: unitOf(base),
      bounds: [...own].sort((a, b) => a - b),
    };
  });
  return {
    ...used,
    inferred: used.inferred.map((name) =>
      bounds.has(name.replace(/_count$/, '')) ? name.replace(/_count$/, '') : name,
    ),
    catalogue: { ...used.catalogue, metrics },
  };
}

/** Counters that an objective adds up count the same things, whatever their names end in: the unit is a guess. */
function withUnits(used: UsedCatalogue, named: readonly { readonly sli: NamedSli }[]): UsedCatalogue {
  const units = new Map<string, string>();
  for (const { sli } of named) {
    if (sli.type === 'uptime') {
      units.set(sli.of.name, 'ratio');
      continue;
    }
    const names = new Set(seriesOf(sli).map(({ name }) => name));
    const thing = thingsIn([...names][0] ?? '').replace(/s$/, '');
    for (const name of names) if (!units.has(name)) units.set(name, units.get([...names][0] ?? '') ?? `{${thing}}`);
  }
  const metrics = used.catalogue.metrics.map((metric) => {
    const unit = units.get(metric.name);
    return unit === undefined || !metric.unit.startsWith('{') ? metric : { ...metric, unit };
  });
  return { ...used, catalogue: { ...used.catalogue, metrics } };
}

/** The values that objectives name and one scrape did not show: a service that is well has no errors. */
function withValues(
  used: UsedCatalogue,
  read: readonly { readonly source: SloSource; readonly series: CountedSeries }[],
  findings: Finding[],
): UsedCatalogue {
  const labels = used.catalogue.labels.map((label): FoundLabel => {
    const { values, name } = label;
    if (values === undefined || label.decidedBy !== undefined) return label;
    const all = new Set(values);
    for (const { source, series } of read)
      for (const matcher of series.matchers) {
        if (matcher.label !== name) continue;
        const unseen = (namedBy(matcher) ?? []).filter((value) => value !== '' && !all.has(value));
        if (unseen.length === 0) continue;
        for (const value of unseen) all.add(value);
        findings.push({
          id: 'import/unseen-value',
          severity: 'note',
          where: source.where,
          found: `${name}: ${unseen.join(', ')}, which the page of metrics does not show`,
          fix: 'they were added to the label, since the objective names them: take out those that cannot happen',
        });
      }
    return { ...label, values: [...all].sort() };
  });
  return { ...used, catalogue: { ...used.catalogue, labels } };
}

/** The values that a matcher names by itself, whatever values there are; nothing for a pattern of any other kind. */
function namedBy({ op, value }: QueryMatcher): readonly string[] | undefined {
  if (op === '=' || op === '!=') return [value];
  const values = value
    .replace(/^\^?\(?(?:\?:)?/, '')
    .replace(/\)?\$?$/, '')
    .split('|')
    .map((each) => (/^[\w/ :-]+$/.test(each) ? [each] : statusCodes(each)));
  return values.every((each) => each !== undefined) ? values.flatMap((each) => each ?? []) : undefined;
}

/** @param targetLabels labels that every series has */
function writtenOf(
  sli: NamedSli,
  { metrics, labels }: FoundCatalogue,
  targetLabels: readonly string[],
): WrittenSli | string {
  const chosen = (series: CountedSeries): Chosen | string => {
    const base = series.name.replace(/_count$/, '');
    const histogram = metrics.find(({ name, kind }) => kind === 'histogram' && name === base && base !== series.name);
    const wanted = sli.type === 'uptime' ? 'gauge' : 'counter';
    const metric = histogram ?? metrics.find(({ name, kind }) => kind === wanted && name === series.name);
    if (metric === undefined)
      return metrics.some(({ kind, name }) => kind === 'histogram' && series.name === `${name}_bucket`)
        ? `${series.name} that is not the good part of ${series.name.replace(/_bucket$/, '_count')}`
        : `${series.name}, which is not a ${wanted} of what is exposed`;
    const choices: Choice[] = [];
    for (const matcher of series.matchers) {
      if (!metric.labels.includes(matcher.label) && !targetLabels.includes(matcher.label))
        return `${matcher.label}, which is not a label of ${metric.name}; it has ${[...metric.labels, ...targetLabels].join(', ') || 'none'}`;
      const known = labels.find(({ name }) => name === matcher.label)?.values;
      const isNegated = matcher.op === '!=' || matcher.op === '!~';
      const pattern = namedBy(matcher) === undefined ? patternOf(matcher.value) : undefined;
      const [first, ...rest] = namedBy(matcher) ?? known?.filter((value) => pattern?.test(value)) ?? [];
      if (first === '')
        return `${matcher.label}${matcher.op}"${matcher.value}": it asks if the label exists; no value says that`;
      if (first === undefined)
        return `${matcher.label}${matcher.op}"${matcher.value}": it matches no known value of ${matcher.label}`;
      choices.push({ label: matcher.label, values: [first, ...rest], isNegated });
    }
    return { handle: metric.handle, isCount: histogram !== undefined, choices };
  };
  if (sli.type === 'latency') {
    const of = chosen(sli.of);
    if (typeof of === 'string') return of;
    return of.isCount
      ? { type: 'latency', of: { ...of, isCount: false }, atMost: sli.atMost }
      : `${sli.base}, which is not a histogram of what is exposed`;
  }
  if (sli.type === 'uptime') {
    const of = chosen(sli.of);
    return typeof of === 'string' ? of : { type: 'uptime', of };
  }
  const counts: Partial<Record<'bad' | 'good' | 'total', Chosen[]>> = {};
  for (const name of ['bad', 'good', 'total'] as const)
    for (const series of sli.counts[name] ?? []) {
      const one = chosen(series);
      if (typeof one === 'string') return one;
      counts[name] = [...(counts[name] ?? []), one];
    }
  return { type: 'events', counts };
}

function patternOf(text: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return undefined;
  }
}

function toSli(written: WrittenSli, catalogue: Catalogue): Sli {
  const metricOf = (handle: string) => catalogue.metrics[handle] as Metric;
  const where = ({ choices }: Chosen) =>
    Object.fromEntries(
      choices.map(({ label, values, isNegated }) => [
        label,
        isNegated ? noneOf(...values) : values.length === 1 ? values[0] : oneOf(...values),
      ]),
    );
  const series = (chosen: Chosen): Series => select(metricOf(chosen.handle), where(chosen) as Record<never, never>);
  if (written.type === 'latency') return latency(series(written.of) as Series<'histogram'>, written.atMost);
  if (written.type === 'uptime') return uptime(series(written.of) as Series<'gauge'>, BAD_WHEN);
  const counts = Object.fromEntries(
    Object.entries(written.counts).map(([name, all]) => [
      name,
      all.map((each) => (each.isCount ? countOf(series(each) as Series<'histogram'>) : series(each))),
    ]),
  );
  return eventRatio({ ...(counts as unknown as Parameters<typeof eventRatio>[0]), badWhen: BAD_WHEN });
}

export const BAD_WHEN = 'that fail';

/** The rules that can fire, of the severities that are wanted. */
function policyOf({ window, objective, without, where }: SloSource, findings: Finding[]): readonly BurnWindow[] {
  // The board shows the burn rate even if no alert fires.
  const all = burnWindows(window as Duration).filter(
    ({ severity }) => isSilent({ without }) || !without.includes(severity),
  );
  // An objective that cannot be is told where it is defined.
  if (!(objective > 0 && objective < 1)) return all;
  const reachable = all.filter(({ factor }) => isReachable(factor, errorBudget({ objective })));
  const [longest] = all.filter((each) => !reachable.includes(each));
  if (longest !== undefined)
    findings.push({
      id: 'import/slo-policy',
      severity: 'warning',
      where,
      found: `no rule over ${longest.long}: ${longest.factor} times the budget of ${objective} is more than all events`,
      fix: 'raise the objective, or leave it: the slower rules stay',
    });
  return reachable;
}

/** Whether no rule is wanted. */
export function isSilent({ without }: Pick<SloSource, 'without'>): boolean {
  return without.length === 2;
}

/** In kebab case, and so short that the uids of rules fit in 40 characters: `<system>-<name>-burn-1h`. */
function nameFor(given: string, system: string): string {
  const words = wordsIn(given);
  const own = [...(words.join('-').startsWith(`${system}-`) ? words.slice(system.split('-').length) : words)];
  const most = 40 - '--burn-1h'.length - '-2'.length - system.length;
  while (own.length > 1 && own.join('-').length > most) own.pop();
  return (
    own
      .join('-')
      .slice(0, most)
      .replace(/^[^a-z]+|-+$/g, '') || 'objective'
  );
}

function eventsOf(written: WrittenSli, { metrics }: FoundCatalogue): string {
  if (written.type === 'uptime') return 'samples';
  const [first] = written.type === 'latency' ? [written.of] : (written.counts.total ?? written.counts.good ?? []);
  return thingsIn(metrics.find(({ handle }) => handle === first?.handle)?.name ?? '');
}

/** The last word of a metric's name that says several things: of `jobs_failed_total`, jobs. */
function thingsIn(name: string): string {
  const words = name.toLowerCase().split('_');
  const things = words.filter((word) => /^[a-z]{2,}[^s]s$/.test(word) && !/^(seconds|bytes)$/.test(word));
  return things.at(-1) ?? (words.includes('request') ? 'requests' : 'events');
}
