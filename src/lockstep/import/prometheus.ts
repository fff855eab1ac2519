import { isRecord, showError } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import type { ExposedSample, Exposition, Family } from '../verify/exposition.js';
import type { Access } from '../verify/http.js';
import { addressBelow, objectOf, printUrl, RequestError, request } from '../verify/http.js';
import type { FoundCatalogue } from './metrics.js';
import { findMetrics } from './metrics.js';

/** How far back a series may have ended, in seconds: a Job of a while ago counts too. */
const LATELY = 3600;
/** Labels that every scrape adds. */
const EVERY_TARGET = ['job', 'instance'];
/** Prometheus writes these itself, of each scrape; `up` alone says anything of a service. */
const OF_SCRAPE = /^scrape_\w+$/;
const UP = { name: 'up', type: 'gauge', help: '1 if the last scrape succeeded, else 0' };

/**
 * The metrics of the series that a selector matches in a Prometheus, or in a store that answers as one: names and
 * labels by `/api/v1/series`, kinds and help by `/api/v1/targets/metadata`, and the labels that scraping adds by
 * `/api/v1/targets` (https://prometheus.io/docs/prometheus/latest/querying/api/).
 *
 * @param now in seconds since 1970
 * @throws RequestError if the server does not answer as a Prometheus does
 */
export async function findInPrometheus(
  url: URL,
  access: Access,
  selector: string,
  now: number,
): Promise<FoundCatalogue> {
  const series = await ask(url, 'series', access, [
    ['match[]', selector],
    ['start', String(now - LATELY)],
    ['end', String(now)],
  ]);
  const all = (Array.isArray(series) ? series : []).flatMap(sampleOf);
  const { targetLabels, findings } = await askTargets(url, access, all);
  // A Prometheus gives series in no order, and the same ones must give the same catalogue.
  const samples = all
    .filter(({ name }) => !OF_SCRAPE.test(name))
    .map((each) => ({ ...each, labels: without(each.labels, targetLabels) }))
    .map((each) => ({ each, key: JSON.stringify([each.name, Object.entries(each.labels).sort()]) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ each }) => each);
  const metadata = await askMetadata(url, access, all);
  const exposition: Exposition = { families: familiesOf(metadata, samples), samples, refused: [] };
  const found = findMetrics(exposition, printUrl(url));
  const used = targetLabels.filter((label) => all.some(({ labels }) => labels[label] !== undefined));
  const unclear = typeConflicts(metadata, samples);
  return {
    ...found,
    targetLabels: used,
    findings: [...found.findings, ...findings, ...unclear],
  };
}

function without(labels: ExposedSample['labels'], names: readonly string[]): ExposedSample['labels'] {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !names.includes(label)));
}

async function ask(
  url: URL,
  path: string,
  access: Access,
  parameters: readonly (readonly [string, string])[],
): Promise<unknown> {
  const { status, body } = await request(
    addressBelow(url, `api/v1/${path}`, [...url.searchParams, ...parameters]),
    access,
  );
  const answer = objectOf(body);
  if (answer?.['status'] === 'success') return answer['data'];
  const said = answer?.['error'];
  throw new RequestError(
    `${printUrl(url)}: ${typeof said === 'string' ? showError(said) : `HTTP ${status}, which is not an answer of Prometheus`}`,
  );
}

function sampleOf(value: unknown): readonly ExposedSample[] {
  if (!isRecord(value)) return [];
  const { __name__: name, ...rest } = value;
  if (typeof name !== 'string') return [];
  const labels = Object.fromEntries(
    Object.entries(rest).flatMap(([key, each]) => (typeof each === 'string' ? [[key, each]] : [])),
  );
  return [{ name, labels, line: 0 }];
}

/** The labels of the targets of these series' jobs; those of every target, from a store that scrapes nothing itself. */
async function askTargets(
  url: URL,
  access: Access,
  samples: readonly ExposedSample[],
): Promise<{ readonly targetLabels: readonly string[]; readonly findings: readonly Finding[] }> {
  const jobs = new Set(samples.map(({ labels }) => labels['job']));
  const labels = await ask(url, 'targets', access, [['state', 'active']]).then(
    (data) => labelsOfTargets(data, jobs),
    // A store such as Mimir or Amazon's has no targets.
    () => [],
  );
  if (labels.length > 0) return { targetLabels: [...new Set([...EVERY_TARGET, ...labels])], findings: [] };
  const finding: Finding = {
    id: 'import/targets',
    severity: 'note',
    where: printUrl(url),
    found: `no target of ${[...jobs].join(', ')}: only ${EVERY_TARGET.join(' and ')} are taken as labels that scraping adds`,
    fix: 'move others of the kind, such as namespace and pod, to targetLabels in the catalogue',
  };
  return { targetLabels: EVERY_TARGET, findings: samples.length === 0 ? [] : [finding] };
}

function labelsOfTargets(data: unknown, jobs: ReadonlySet<string | undefined>): readonly string[] {
  const targets = isRecord(data) ? data['activeTargets'] : undefined;
  return (Array.isArray(targets) ? targets : []).flatMap((target) => {
    const labels: unknown = isRecord(target) ? target['labels'] : undefined;
    return isRecord(labels) && jobs.has(String(labels['job'])) ? Object.keys(labels) : [];
  });
}

/** Type and help of a metric, as one target or more give it. */
interface Metadata {
  readonly name: string;
  readonly type: string | undefined;
  readonly help: string | undefined;
}

/**
 * The metadata that the targets of these series' jobs give: another job may have a metric of the same name with another
 * type. A store that scrapes nothing itself has that of all jobs together.
 */
async function askMetadata(url: URL, access: Access, samples: readonly ExposedSample[]): Promise<readonly Metadata[]> {
  const jobs = [...new Set(samples.flatMap(({ labels }) => labels['job'] ?? []))];
  const own: unknown[] = [];
  for (const job of jobs) {
    const ofJob = ask(url, 'targets/metadata', access, [['match_target', `{job=${JSON.stringify(job)}}`]]);
    // A store such as Mimir or Amazon's has no targets.
    const data = await ofJob.catch(() => []);
    if (Array.isArray(data)) own.push(...data);
  }
  const told = own.filter(isRecord).flatMap(({ metric, ...rest }) => metadataOf(metric, rest));
  if (told.length > 0) return inOrder(told);
  const all = await ask(url, 'metadata', access, []);
  const entries = Object.entries(isRecord(all) ? all : {});
  return inOrder(
    entries.flatMap(([name, list]) =>
      (Array.isArray(list) ? list : []).filter(isRecord).flatMap((each) => metadataOf(name, each)),
    ),
  );
}

function metadataOf(name: unknown, { type, help }: Readonly<Record<string, unknown>>): readonly Metadata[] {
  return typeof name === 'string' ? [{ name, type: textOf(type), help: textOf(help) }] : [];
}

/** In one order, whatever that of the targets is; of a metric, first what says most. */
function inOrder(told: readonly Metadata[]): readonly Metadata[] {
  const keyOf = ({ name, type = '', help = '' }: Metadata) => JSON.stringify([name, help === '', type, help]);
  return [...told].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The families that have series here. */
function familiesOf(metadata: readonly Metadata[], samples: readonly ExposedSample[]): readonly Family[] {
  const names = familyNames(samples);
  const first = new Map<string, Family>();
  for (const each of metadata)
    if (names.has(each.name) && !first.has(each.name)) first.set(each.name, { ...each, line: 0 });
  return names.has(UP.name) ? [...first.values(), { ...UP, line: 0 }] : [...first.values()];
}

function familyNames(samples: readonly ExposedSample[]): ReadonlySet<string> {
  return new Set(samples.flatMap(({ name }) => [name, name.replace(/_(total|bucket|count|sum|info)$/, '')]));
}

/** A metric that targets give different types: at most one of them is right. */
function typeConflicts(metadata: readonly Metadata[], samples: readonly ExposedSample[]): readonly Finding[] {
  const names = familyNames(samples);
  const types = new Map<string, Set<string>>();
  for (const { name, type } of metadata)
    if (type !== undefined && names.has(name)) types.set(name, (types.get(name) ?? new Set()).add(type));
  return [...types].flatMap(([name, found]): readonly Finding[] =>
    found.size < 2
      ? []
      : [
          {
            id: 'import/types',
            severity: 'warning',
            where: name,
            found: `targets disagree on its type: ${[...found].join(', ')}`,
            fix: 'correct the kind in the catalogue if it is another, and the target that is wrong',
          },
        ],
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
