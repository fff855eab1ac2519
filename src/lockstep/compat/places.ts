import type { DiffRule } from 'lockstep-exporter/internal';
import { DIFF_RULES, isRecord } from 'lockstep-exporter/internal';
import { EXPRESSION_SOURCE } from '../grafana/index.js';
import type { BuiltBefore } from './built.js';
import type { Change } from './compare.js';

/** Where a built resource goes, and where it leads its reader. */
export interface Places {
  readonly kind: string;
  readonly resource: string;
  /** Grafana's own name of it: the uid of a board, the folder and name of a group. */
  readonly identity: string;
  readonly folder: string;
  readonly instances: string;
  readonly datasources: string;
  readonly runbooks: string;
}

/** The places of a built board or alert group. Any other resource has none. */
export function placesIn({ kind, name, spec }: BuiltBefore): readonly Places[] {
  if (kind !== 'GrafanaDashboard' && kind !== 'GrafanaAlertRuleGroup') return [];
  return [
    {
      kind,
      resource: `${kind} ${name}`,
      identity: print(
        kind === 'GrafanaDashboard'
          ? spec['uid']
          : [spec['folderRef'] ?? spec['folderUID'] ?? null, spec['name'] ?? name],
      ),
      folder: print(spec['folderRef'] ?? spec['folderUID']),
      instances: print(spec['instanceSelector']),
      datasources: list(datasourcesIn(spec)),
      runbooks: list(valuesOf(spec, 'runbook_url').map((url) => print(url).replace(/\/[^/]*$/, ''))),
    },
  ];
}

/** The values of a key, wherever it stands, also in the JSON of a board. */
function valuesOf(value: unknown, wanted: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(each, wanted));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    if (key === wanted) return [each];
    return valuesOf(key === 'json' && typeof each === 'string' ? parsed(each) : each, wanted);
  });
}

/** Rules name their datasource by its uid; a board has it as the value of a variable. */
function datasourcesIn(spec: unknown): readonly string[] {
  const variables = valuesOf(spec, 'list').flat().filter(isRecord);
  return [
    ...valuesOf(spec, 'datasourceUid').filter((uid) => uid !== EXPRESSION_SOURCE),
    ...variables.flatMap(({ type, current }) => (type === 'datasource' && isRecord(current) ? [current['value']] : [])),
  ].map(print);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function print(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value);
}

function list(values: readonly string[]): string {
  return [...new Set(values)].sort().join(', ');
}

const REFUSED = 'the cluster refuses it: the field may not change once applied';

const FIELDS: readonly (readonly [field: keyof Places, rule: DiffRule, name: string, effect: string])[] = [
  ['folder', 'diff/moved', 'folder', REFUSED],
  ['instances', 'diff/moved', 'instanceSelector', REFUSED],
  ['datasources', 'diff/datasource', 'datasource', 'every query is sent elsewhere'],
  ['runbooks', 'diff/runbooks', 'runbooks', 'a person who is paged follows the link'],
];

/**
 * Lists the places that have changed. One change of the configuration moves all resources, so it is told once, with the
 * first of them.
 */
export function comparePlaces(before: readonly Places[], after: readonly Places[]): readonly Change[] {
  const changes = new Map<string, Change>();
  for (const old of before) {
    const now = after.find(({ resource }) => resource === old.resource);
    if (now === undefined) continue;
    for (const [field, rule, name, effect] of FIELDS) {
      if (old[field] === now[field]) continue;
      // A board may go to another folder.
      const isMove = field === 'folder' && now.kind === 'GrafanaDashboard';
      const found = `${name} ${now[field]}, was ${old[field]}: ${isMove ? 'who may see the board can change' : effect}`;
      if (!changes.has(found))
        changes.set(found, {
          rule,
          level: isMove ? 'note' : DIFF_RULES[rule],
          metric: 'target',
          found,
          breaks: [old.resource],
          history: undefined,
          fix: `take it back, or say why in the configuration: target: { exempt: { '${rule}': '…' } }`,
        });
    }
  }
  return [...changes.values(), ...renamed(before, after)];
}

/** Resources that got another name, for a board or group that Grafana still knows by the same one. */
function renamed(before: readonly Places[], after: readonly Places[]): readonly Change[] {
  return after.flatMap((now): readonly Change[] => {
    const isOld = before.some(({ resource }) => resource === now.resource);
    const old = before.find(({ kind, identity }) => kind === now.kind && identity === now.identity);
    if (isOld || old === undefined || after.some(({ resource }) => resource === old.resource)) return [];
    return [
      {
        rule: 'diff/renamed-resource',
        level: DIFF_RULES['diff/renamed-resource'],
        metric: 'target',
        found: `${now.resource}, was ${old.resource}, for the same ${now.kind === 'GrafanaDashboard' ? 'uid' : 'group'} ${now.identity}: with the old resource the operator deletes it in Grafana, and it is gone until the next resync`,
        breaks: [old.resource],
        history: undefined,
        fix: "keep the name; or delete the old resource first, wait until it is gone, and apply the new one (docs/adopting.md), and say so: target: { exempt: { 'diff/renamed-resource': '…' } }",
      },
    ];
  });
}
