import { isRecord } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import { documentsIn } from './documents.js';
import { fromV2, isV2 } from './schema-v2.js';

type Json = Readonly<Record<string, unknown>>;

/** A board in a file, as Grafana's JSON has it. */
export interface BoardSource {
  /** The file, and the place in it. */
  readonly where: string;
  /** The name of the resource, or else of the file. */
  readonly name: string;
  readonly model: Json;
}

/** Groups of Prometheus rules in a file. */
export interface RulesSource {
  readonly where: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly groups: readonly unknown[];
}

/** A group of rules that Grafana evaluates. */
export interface AlertsSource {
  readonly where: string;
  readonly name: string;
  /** The group, as the resource's `spec` or as a file of provisioning has it. */
  readonly spec: Json;
}

/** All that was found in one file. */
export interface Sources {
  readonly boards: readonly BoardSource[];
  readonly rules: readonly RulesSource[];
  readonly alerts: readonly AlertsSource[];
  /** The parts that are not taken, with their places. */
  readonly findings: readonly Finding[];
}

interface Found {
  readonly boards: BoardSource[];
  readonly rules: RulesSource[];
  readonly alerts: AlertsSource[];
  readonly findings: Finding[];
}

/**
 * The boards and rules of a file: Grafana's JSON, as it is or as its API gives it; the resources `GrafanaDashboard`,
 * `GrafanaManifest`, `Dashboard` (v1), `ConfigMap`, `PrometheusRule` and `GrafanaAlertRuleGroup`, in lists and in
 * several documents too; plain files of Prometheus rules, and Grafana's files of provisioning.
 *
 * @param file as findings name it
 */
export function readSources(text: string, file: string): Sources {
  const found: Found = { boards: [], rules: [], alerts: [], findings: [] };
  const base = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.(json|ya?ml|rules)$/i, '');
  const documents = documentsIn(text);
  if (typeof documents === 'string')
    refuse(found, 'syntax', file, documents, 'correct the file: nothing of it was read');
  else {
    const present = documents.filter((each) => each !== null && each !== undefined);
    present.forEach((value, index) => {
      take(value, present.length > 1 ? `${file} › document ${index + 1}` : file, base, found);
    });
    if (present.length === 0) refuse(found, 'nothing', file, 'an empty file', 'name a file with boards or rules');
  }
  return found;
}

function refuse(
  { findings }: Found,
  id: string,
  where: string,
  text: string,
  fix: string,
  severity: 'error' | 'warning' = 'error',
): undefined {
  findings.push({ id: `import/${id}`, severity, where, found: text, fix });
}

function take(value: unknown, where: string, name: string, found: Found): undefined {
  if (!isRecord(value))
    return refuse(found, 'unknown', where, 'a value that is not an object', 'name a file with boards or rules');
  const { kind, apiVersion = '', spec, data, items, metadata, dashboard, groups } = value;
  const own = isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : name;
  const at = `${where}${kind === undefined ? '' : ` › ${String(kind)} ${own}`}`;
  if (RESOURCES.has(String(kind))) tellFields(String(kind), metadata, spec, at, found);
  switch (kind) {
    case 'List':
    case 'ConfigMapList':
    case 'PrometheusRuleList':
    case 'GrafanaDashboardList':
      for (const [index, each] of (Array.isArray(items) ? items : []).entries())
        take(each, `${where} › items[${index}]`, name, found);
      return;
    case 'ConfigMap':
      return takeConfigMap(data, at, found);
    case 'PrometheusRule':
      return takeGroups(isRecord(spec) ? spec['groups'] : undefined, metadata, at, own, found);
    case 'GrafanaDashboard':
      return takeResource(spec, at, own, found);
    case 'GrafanaManifest':
      return take(isRecord(spec) ? spec['template'] : undefined, at, own, found);
    case 'Dashboard':
      return takeDashboard(spec, String(apiVersion), at, own, found);
    case 'GrafanaAlertRuleGroup':
      return takeAlerts(isRecord(spec) ? spec : {}, at, own, found);
    default:
  }
  if (isRecord(dashboard)) return take(dashboard, where, name, found);
  if (Array.isArray(groups)) {
    const isGrafana = groups.some((each) => isRecord(each) && hasGrafanaRules(each['rules']));
    if (!isGrafana) return takeGroups(groups, undefined, where, name, found);
    for (const [index, group] of groups.entries())
      takeAlerts(
        isRecord(group) ? group : {},
        `${where} › groups[${index}]`,
        String(isRecord(group) ? group['name'] : name),
        found,
      );
    return;
  }
  if (isV2(value)) return takeV2(value, where, name, found);
  if (Array.isArray(value['panels']) || Array.isArray(value['rows'])) {
    found.boards.push({ where, name, model: value });
    return;
  }
  refuse(
    found,
    'unknown',
    at,
    kind === undefined ? 'neither a board nor rules' : `a ${String(kind)}, which holds neither boards nor rules`,
    'name a file with boards or rules',
    'warning',
  );
}

const RESOURCES = new Set(['GrafanaDashboard', 'GrafanaAlertRuleGroup', 'PrometheusRule', 'ConfigMap']);
/** Fields that become part of a definition. */
const TAKEN = new Set(
  'name labels uid json groups rules interval folderRef folderUID template resyncPeriod editable suspend allowCrossNamespaceImport'.split(
    ' ',
  ),
);

/** The fields of a resource that are not the board's or the rules': the target decides them. */
function tellFields(kind: string, metadata: unknown, spec: unknown, at: string, found: Found): undefined {
  const isBoard = kind === 'GrafanaDashboard' || kind === 'ConfigMap';
  const lost = [
    ...fieldsOf('metadata', metadata).filter(
      (each) => !/^metadata\.(name|creationTimestamp|managedFields)$/.test(each),
    ),
    ...(kind === 'ConfigMap' ? [] : fieldsOf('spec', spec)),
  ].filter((each) => {
    const name = each.slice(each.indexOf('.') + 1);
    if (each === 'metadata.labels') return kind !== 'PrometheusRule';
    return !TAKEN.has(name) || (isBoard && /^(folder|resync|allow|suspend)/.test(name));
  });
  if (lost.length === 0) return;
  refuse(
    found,
    'resource-field',
    at,
    `${lost.join(', ')} of the resource, which no definition holds`,
    'say them as target of the configuration (instanceSelector, alertFolder, ruler), or in the kustomization above',
    'warning',
  );
}

function fieldsOf(part: string, value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value).map((key) => `${part}.${key}`) : [];
}

function hasGrafanaRules(rules: unknown): boolean {
  return Array.isArray(rules) && rules.some((rule) => isRecord(rule) && Array.isArray(rule['data']));
}

function takeAlerts(spec: Json, where: string, name: string, found: Found): undefined {
  if (!Array.isArray(spec['rules']))
    return refuse(found, 'no-rules', where, 'a group without a list of rules', 'give it rules: [{ title, data }]');
  found.alerts.push({ where, name, spec });
}

function takeV2(model: Json, where: string, name: string, found: Found): undefined {
  const { model: converted, told } = fromV2(model);
  for (const { where: place, found: text } of told)
    refuse(
      found,
      'schema-v2',
      `${where} › ${place}`,
      text,
      'look at it in Grafana: the board is one of schema v1 now',
      'warning',
    );
  found.boards.push({ where, name, model: converted });
}

function takeConfigMap(data: unknown, at: string, found: Found): undefined {
  const texts = Object.entries(isRecord(data) ? data : {}).filter(([key]) => /\.(json|ya?ml)$/.test(key));
  if (texts.length === 0)
    return refuse(found, 'unknown', at, 'no file that ends in .json, .yaml or .yml', 'name another file', 'warning');
  for (const [key, text] of texts) {
    const inner = readSources(String(text), key);
    const move = <T extends { readonly where: string }>(each: T): T => ({ ...each, where: `${at} › ${each.where}` });
    found.boards.push(...inner.boards.map(move));
    found.rules.push(...inner.rules.map(move));
    found.alerts.push(...inner.alerts.map(move));
    found.findings.push(...inner.findings.map(move));
  }
}

function takeResource(spec: unknown, at: string, name: string, found: Found): undefined {
  const { json, uid } = isRecord(spec) ? spec : {};
  if (typeof json !== 'string')
    return refuse(
      found,
      'no-json',
      at,
      `no spec.json: it takes its board from ${Object.keys(isRecord(spec) ? spec : {}).find((key) => /json|url|com|config/i.test(key)) ?? 'elsewhere'}`,
      'import the JSON that it refers to',
    );
  const model = documentsIn(json);
  const [first] = typeof model === 'string' ? [] : model;
  if (!isRecord(first)) return refuse(found, 'syntax', `${at} › spec.json`, 'text that is not JSON', 'correct it');
  take(uid === undefined ? first : { ...first, uid }, `${at} › spec.json`, name, found);
}

function takeDashboard(spec: unknown, apiVersion: string, at: string, name: string, found: Found): undefined {
  if (/\/v2/.test(apiVersion) && !(isRecord(spec) && isV2(spec)))
    return refuse(found, 'unknown', at, 'a board of schema v2 without elements and layout', 'export it again');
  take(isRecord(spec) ? { uid: name, ...spec } : spec, at, name, found);
}

function takeGroups(groups: unknown, metadata: unknown, where: string, name: string, found: Found): undefined {
  if (!Array.isArray(groups))
    return refuse(found, 'no-groups', where, 'no list of groups', 'give the rules as groups: [{ name, rules }]');
  const labels = isRecord(metadata) && isRecord(metadata['labels']) ? metadata['labels'] : {};
  found.rules.push({
    where,
    name,
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])),
    groups,
  });
}
