import { isRecord, printValue } from 'lockstep-exporter/internal';
import type { ExistingAlert, ExistingAlertQuery, ExistingAlertsDefinition } from '../existing/alerts.js';
import type { GrafanaFields } from '../existing/board.js';
import { EXPRESSION_SOURCE, UID_LENGTH } from '../grafana/index.js';
import { letterOf } from '../panels/names.js';
import type { Finding } from '../report/finding.js';
import { texts } from './fields.js';
import type { AlertsSource } from './sources.js';

/** A group of rules that Grafana evaluates, as a definition without its catalogue. */
export type AlertsData = Omit<ExistingAlertsDefinition, 'catalogue'>;

export interface ReadAlerts {
  readonly alerts: AlertsData;
  readonly findings: readonly Finding[];
}

type Note = (id: string, where: string, found: string, fix: string, severity?: Finding['severity']) => void;

/** Names that Grafana's files of provisioning give to fields of the resource. */
const RENAMED: Readonly<Record<string, string>> = {
  notification_settings: 'notificationSettings',
  keep_firing_for: 'keepFiringFor',
  missing_series_evals_to_resolve: 'missingSeriesEvalsToResolve',
};

/**
 * The definition of a group of rules that Grafana evaluates.
 *
 * @param name the resource's name
 * @param datasource the uid of the target's datasource
 */
export function readAlerts({ where, spec }: AlertsSource, name: string, datasource: string): ReadAlerts {
  const findings: Finding[] = [];
  const note: Note = (id, place, found, fix, severity = 'warning') =>
    findings.push({ id: `import/${id}`, severity, where: place, found, fix });
  const { rules, interval, name: group, folderRef, folderUID, folder, orgId: _, ...rest } = spec;
  const { instanceSelector: __, resyncPeriod, ...more } = rest;
  if (folder !== undefined)
    note(
      'folder',
      where,
      `the folder ${printValue(folder)} by its title`,
      'name the GrafanaFolder as target › alertFolder: the resource refers to it',
    );
  const every = typeof interval === 'number' ? `${interval}s` : interval;
  if (typeof every !== 'string')
    note('interval', where, 'no interval', 'a minute is assumed: correct it if it is another');
  const model: GrafanaFields = {
    ...more,
    ...(resyncPeriod === undefined || resyncPeriod === '24h' ? {} : { resyncPeriod }),
  };
  return {
    alerts: {
      name,
      ...(typeof group === 'string' && group !== name ? { group } : {}),
      interval: typeof every === 'string' ? every : '1m',
      ...(typeof folderRef === 'string' ? { folder: { folderRef } } : {}),
      ...(typeof folderUID === 'string' ? { folder: { folderUID } } : {}),
      alerts: (Array.isArray(rules) ? rules : []).flatMap((rule, index) =>
        readAlert(rule, `${where} › rule ${index + 1}`, datasource, note),
      ),
      ...(Object.keys(model).length === 0 ? {} : { model }),
    },
    findings,
  };
}

function readAlert(rule: unknown, where: string, datasource: string, note: Note): readonly ExistingAlert[] {
  if (!isRecord(rule) || typeof rule['title'] !== 'string' || !Array.isArray(rule['data'])) {
    note('rule', where, 'a rule without a title or without data', 'correct the file', 'error');
    return [];
  }
  const { uid, title, condition, for: pending, labels, annotations, data, orgID: _, ...rest } = rule;
  if (typeof uid !== 'string')
    note(
      'uid',
      where,
      'no uid',
      'give the uid that the rule has in Grafana: its history and its silences know it by that',
    );
  const model = Object.fromEntries(
    Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [RENAMED[key] ?? key, value]),
  );
  return [
    {
      uid: typeof uid === 'string' ? uid : slugOf(title as string),
      title: title as string,
      condition: String(condition ?? 'A'),
      for: typeof pending === 'string' ? pending : typeof pending === 'number' ? `${pending}s` : '0s',
      ...texts('labels', labels),
      ...texts('annotations', annotations),
      queries: (data as readonly unknown[]).filter(isRecord).map((query, index) => readQuery(query, index, datasource)),
      ...(Object.keys(model).length === 0 ? {} : { model }),
    },
  ];
}

function slugOf(title: string): string {
  return title.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, UID_LENGTH);
}

function readQuery(query: GrafanaFields, index: number, own: string): ExistingAlertQuery {
  const { refId, datasourceUid, relativeTimeRange, queryType, model } = query;
  const { expr, refId: inner, ...rest } = isRecord(model) ? model : {};
  const source = isRecord(rest['datasource']) ? rest['datasource']['type'] : undefined;
  const isPrometheus =
    typeof expr === 'string' &&
    expr.trim() !== '' &&
    datasourceUid !== EXPRESSION_SOURCE &&
    datasourceUid !== '-100' &&
    (source === undefined || source === 'prometheus');
  const { from, to } = isRecord(relativeTimeRange) ? relativeTimeRange : {};
  const letter = typeof refId === 'string' ? refId : letterOf(index);
  const kept: GrafanaFields = {
    ...(isPrometheus || expr === undefined ? {} : { expr }),
    ...(inner === undefined || inner === letter ? {} : { refId: inner }),
    ...rest,
  };
  const isRange = typeof from === 'number' || typeof to === 'number';
  return {
    ...(letter === letterOf(index) ? {} : { refId: letter }),
    ...(isPrometheus ? { promql: expr } : {}),
    ...(typeof datasourceUid === 'string' && datasourceUid !== own ? { datasource: datasourceUid } : {}),
    ...(isRange ? { range: { from: Number(from ?? 0), to: Number(to ?? 0) } } : {}),
    ...(typeof queryType === 'string' ? { queryType } : {}),
    ...(Object.keys(kept).length === 0 ? {} : { model: kept }),
  };
}

/** A rule of Grafana's in normal form, for comparison: without defaults, by the resource's names of its fields. */
export function normalAlert(rule: GrafanaFields): GrafanaFields {
  const { for: pending, labels, annotations, data, condition, orgID: _, uid: __, ...rest } = rule;
  const named = Object.fromEntries(Object.entries(rest).map(([key, value]) => [RENAMED[key] ?? key, value]));
  const queries = (Array.isArray(data) ? data : []).filter(isRecord).map((query, index) => {
    const { relativeTimeRange, model, ...more } = query;
    const { from, to } = isRecord(relativeTimeRange) ? relativeTimeRange : {};
    const refId = typeof more['refId'] === 'string' ? more['refId'] : letterOf(index);
    const own = isRecord(model) ? model : {};
    const expr = typeof own['expr'] === 'string' ? { expr: own['expr'].trim() } : {};
    return { ...more, refId, range: [from ?? 0, to ?? 0], model: { refId, ...own, ...expr } };
  });
  return {
    noDataState: 'NoData',
    execErrState: 'Error',
    ...named,
    condition: String(condition ?? 'A'),
    for: typeof pending === 'number' ? `${pending}s` : (pending ?? '0s'),
    labels: strings(labels),
    annotations: strings(annotations),
    data: queries,
  };
}

function strings(value: unknown): GrafanaFields {
  return Object.fromEntries(Object.entries(isRecord(value) ? value : {}).map(([key, each]) => [key, String(each)]));
}
