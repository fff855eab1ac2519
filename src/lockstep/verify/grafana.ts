import { isRecord } from 'lockstep-exporter/internal';
import { diffValues } from '../check/diff-values.js';
import { printSides } from '../check/sides.js';
import type { PlannedFile } from '../emit/plan.js';
import type { GrafanaAlertRuleGroup, GrafanaDashboard } from '../emit/resource.js';
import { modelOf } from '../emit/resource.js';
import { toResourceName } from '../panels/names.js';
import type { Access } from './http.js';
import { addressBelow, printUrl, RequestError, request } from './http.js';

/** In what a live dashboard or rule is not what would be built. */
export interface LiveDrift {
  readonly status: 'changed' | 'missing' | 'orphaned';
  /** `dashboard fab-overview`, `rule FabMetricsAbsent`, `group fab-slo`. */
  readonly what: string;
  readonly differences: readonly { readonly where: string; readonly live: unknown; readonly built: unknown }[];
}

/** A Grafana, and who asks. */
export interface Grafana {
  readonly url: URL;
  readonly access: Access;
}

interface LiveRule {
  readonly uid: string;
  readonly title: string;
  readonly folderUID: string;
  readonly ruleGroup: string;
  readonly labels?: Readonly<Record<string, string>> | null;
}

/**
 * Reads the dashboards and rules of a plan from a live Grafana and compares them, in both directions: what is not
 * there, what is another, what carries the marks of a system and is made by no definition. Reads only; the token needs
 * to see dashboards and to read alert rules (`alert.provisioning:read`).
 *
 * The API is that of Grafana 10.4, which later ones serve too: `/api/dashboards/uid`, `/api/search`,
 * `/api/v1/provisioning`.
 *
 * @throws RequestError if Grafana does not answer, or not to whoever asks
 */
export async function compareGrafana(
  files: readonly PlannedFile[],
  grafana: Grafana,
  onRead: (what: string) => void = () => {},
): Promise<readonly LiveDrift[]> {
  const boards = files.filter((file) => file.kind === 'board');
  const groups = files.filter((file) => file.kind === 'group').map(({ resource }) => resource);
  const drifts: LiveDrift[] = [];
  for (const { resource } of boards) {
    onRead(`dashboard ${resource.spec.uid}`);
    drifts.push(...(await compareBoard(resource, grafana)));
  }
  const systems = [...new Set(files.map(({ system }) => system))];
  for (const system of systems)
    drifts.push(
      ...(await findOrphanedBoards(
        system,
        boards.filter((each) => each.system === system).map(({ resource }) => resource),
        grafana,
      )),
    );
  onRead('alert rules');
  const answer = await ask(grafana, 'api/v1/provisioning/alert-rules');
  if (!Array.isArray(answer) || !answer.every(isRule)) throw notGrafana(grafana);
  const rules = answer as unknown as readonly LiveRule[];
  const made = new Set(groups.flatMap(({ spec }) => spec.rules).map(({ uid }) => uid));
  for (const { spec } of groups) drifts.push(...(await compareGroup(spec, rules, grafana)));
  // Rules of a group that is no longer made, or never was, with the marks of a system.
  const names = new Set(groups.map(({ spec }) => spec.name));
  for (const { uid, title, ruleGroup, labels } of rules)
    if (!made.has(uid) && !names.has(ruleGroup) && systems.some((system) => isOf(system, uid, labels?.['service'])))
      drifts.push({ status: 'orphaned', what: `rule ${title}`, differences: [] });
  return drifts;
}

function isRule(value: unknown): boolean {
  return (
    isRecord(value) && ['uid', 'title', 'folderUID', 'ruleGroup'].every((field) => typeof value[field] === 'string')
  );
}

function isOf(system: string, uid: string, service: unknown): boolean {
  return service === system && String(uid).startsWith(`${toResourceName(system)}-`);
}

/** Fields that Grafana itself counts. */
const COUNTED = ['id', 'version'];

async function compareBoard(resource: GrafanaDashboard, grafana: Grafana): Promise<readonly LiveDrift[]> {
  const { uid } = resource.spec;
  const what = `dashboard ${uid}`;
  const answer = (await ask(grafana, `api/dashboards/uid/${encodeURIComponent(uid)}`)) as
    | { readonly dashboard?: Readonly<Record<string, unknown>> }
    | undefined;
  if (answer === undefined) return [{ status: 'missing', what, differences: [] }];
  if (!isRecord(answer) || !isRecord(answer.dashboard)) throw notGrafana(grafana);
  // The operator sets the uid of the resource in the model.
  const built = { ...modelOf(resource), uid };
  return changed(what, without(answer.dashboard, COUNTED), without(built, COUNTED));
}

function changed(what: string, live: unknown, built: unknown): readonly LiveDrift[] {
  const differences = diffValues(live, built).map(({ where, found, wanted }) => ({
    where,
    live: found,
    built: wanted,
  }));
  return differences.length === 0 ? [] : [{ status: 'changed', what, differences }];
}

function without(value: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** As many as Grafana gives at once by default. */
const PAGE = 1000;
/**
 * More dashboards of one system than these pages hold there are nowhere; a server that makes them up would never end.
 */
const MOST_PAGES = 20;

/** Boards with the uid and the tags that those of a system have, of which no definition knows. */
async function findOrphanedBoards(
  system: string,
  boards: readonly GrafanaDashboard[],
  grafana: Grafana,
): Promise<readonly LiveDrift[]> {
  const known = new Set(boards.map(({ spec }) => spec.uid));
  const tags = boards.map((board) => modelOf(board).tags ?? []);
  const shared = (tags[0] ?? []).filter((tag) => tags.every((each) => each.includes(tag)));
  const orphans: LiveDrift[] = [];
  const seen = new Set<string>();
  for (let page = 1; page <= MOST_PAGES; page++) {
    const before = seen.size;
    const hits = (await ask(grafana, 'api/search', {
      type: 'dash-db',
      tag: system,
      limit: String(PAGE),
      page: String(page),
    })) as readonly { readonly uid: string; readonly tags?: readonly string[] }[];
    if (!Array.isArray(hits) || !hits.every((hit) => isRecord(hit) && typeof hit['uid'] === 'string'))
      throw notGrafana(grafana);
    for (const { uid, tags } of hits) {
      const theirs = Array.isArray(tags) ? tags : [];
      if (
        !seen.has(uid) &&
        !known.has(uid) &&
        uid.startsWith(`${toResourceName(system)}-`) &&
        shared.every((tag) => theirs.includes(tag))
      )
        orphans.push({ status: 'orphaned', what: `dashboard ${uid}`, differences: [] });
      seen.add(uid);
    }
    // A server that does not know pages gives the first one again and again.
    if (hits.length < PAGE || seen.size === before) return orphans;
  }
  throw new RequestError(`${printUrl(grafana.url)}: more than ${MOST_PAGES * PAGE} dashboards with the tag ${system}`);
}

/** Fields that Grafana adds to a rule: where it lies, when and how it came. */
const ADDED = ['id', 'guid', 'orgID', 'folderUID', 'ruleGroup', 'updated', 'provenance'];

async function compareGroup(
  { name, interval, rules }: GrafanaAlertRuleGroup['spec'],
  live: readonly LiveRule[],
  grafana: Grafana,
): Promise<readonly LiveDrift[]> {
  const drifts: LiveDrift[] = [];
  const folders = new Set<string>();
  for (const rule of rules) {
    const found = live.find(({ uid }) => uid === rule.uid);
    const what = `rule ${rule.title}`;
    if (found === undefined) {
      drifts.push({ status: 'missing', what, differences: [] });
      continue;
    }
    folders.add(found.folderUID);
    drifts.push(...changed(what, toComparable(without({ ...found }, ADDED)), toComparable({ ...rule })));
    if (found.ruleGroup !== name)
      drifts.push({
        status: 'changed',
        what,
        differences: [{ where: 'group', live: found.ruleGroup, built: name }],
      });
  }
  const own = new Set(rules.map(({ uid }) => uid));
  for (const { uid, title, ruleGroup, folderUID } of live)
    if (ruleGroup === name && folders.has(folderUID) && !own.has(uid))
      drifts.push({ status: 'orphaned', what: `rule ${title}`, differences: [] });
  for (const folder of folders) {
    const group = (await ask(
      grafana,
      `api/v1/provisioning/folder/${encodeURIComponent(folder)}/rule-groups/${encodeURIComponent(name)}`,
    )) as { readonly interval?: number } | undefined;
    if (group === undefined) continue;
    if (!isRecord(group) || typeof group.interval !== 'number') throw notGrafana(grafana);
    const seconds = secondsOf(interval);
    if (group.interval !== seconds)
      drifts.push({
        status: 'changed',
        what: `group ${name}`,
        differences: [{ where: 'interval', live: `${group.interval}s`, built: `${seconds}s` }],
      });
  }
  return drifts;
}

/** A rule with its durations in seconds, and without what says nothing. */
function toComparable(rule: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rule)
      .map(
        ([key, value]) => [key, ['for', 'keep_firing_for'].includes(key) ? secondsOf(String(value)) : value] as const,
      )
      .filter(
        ([key, value]) => key === 'for' || !(value === null || value === undefined || value === '' || value === 0),
      ),
  );
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a duration as Go or Prometheus print it: `2m`, `2m0s`, `1h30m`. */
function secondsOf(text: string): number {
  return [...text.matchAll(/([\d.]+)(ms|[smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0),
    0,
  );
}

/** The JSON of an answer; nothing of what is not there. */
async function ask(
  { url, access }: Grafana,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const address = addressBelow(url, path, Object.entries(parameters));
  const { status, body } = await request(address, access);
  if (status === 404) return undefined;
  if (status === 401 || status === 403)
    throw new RequestError(`${printUrl(address)}: HTTP ${status}, the server does not let this caller ask`);
  if (status !== 200) throw new RequestError(`${printUrl(address)}: HTTP ${status}`);
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new RequestError(`${printUrl(address)}: no JSON: is this the address of a Grafana?`);
  }
}

function notGrafana({ url }: Grafana): RequestError {
  return new RequestError(`${printUrl(url)}: an answer that Grafana does not give: is this its address?`);
}

const SHOWN = 25;

/** A drift as a block of text, with what to do about it. */
export function printLiveDrift({ status, what, differences }: LiveDrift): string {
  switch (status) {
    case 'missing':
      return `missing   ${what}\n  fix: look whether the operator applies the resource: its status says why not (kubectl describe)`;
    case 'orphaned':
      return `orphaned  ${what}\n  no definition makes it any more, or it never did\n  fix: delete it in Grafana, or define it`;
    case 'changed':
      return [
        `changed   ${what}`,
        ...differences
          .slice(0, SHOWN)
          .flatMap(({ where, live, built }) => [
            `  ${where === '' ? 'all of it' : where}`,
            ...printSides('live', live, 'built', built),
          ]),
        ...(differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more; --format json lists all`] : []),
        '  fix: the operator puts back what is committed when it next syncs; take the change into the definitions if it was meant',
      ].join('\n');
  }
}
