import { isRecord } from 'lockstep-exporter/internal';
import { letterOf, toResourceName } from '../panels/names.js';
import type { ExistingAlerts } from './alerts.js';
import type { ExistingBoard, ExistingPanel, ExistingQuery, ExistingVariable, GrafanaFields } from './board.js';
import type { Read } from './read.js';
import { promqlOf, readerOf } from './read.js';
import type { ExistingRule, ExistingRules } from './rules.js';

/** Its own name: under another one, with the same uid, the operator deletes the board when the old resource goes. */
export function boardResource({ name }: ExistingBoard): string {
  return toResourceName(name);
}

/**
 * The board as Grafana's JSON model.
 *
 * @param datasource the uid of the Prometheus datasource of a board that has no variable for it
 */
export function renderExistingBoard(board: ExistingBoard, datasource: string): Record<string, unknown> {
  const { uid, title, description, tags = [], refresh, time, schemaVersion, variables, panels, model } = board;
  const source = { type: 'prometheus', uid: datasourceOf(board) ?? datasource };
  const read = readerOf(board);
  let id = 0;
  const render = (panel: ExistingPanel): GrafanaFields => {
    id += 1;
    return renderPanel(panel, panel.id ?? id, render, source, read);
  };
  const templating = isRecord(model?.['templating']) ? model['templating'] : {};
  return compact({
    uid,
    title,
    description,
    tags,
    refresh,
    time,
    schemaVersion,
    ...model,
    templating: { ...templating, list: variables.map((each) => renderVariable(each, source, read)) },
    panels: panels.map(render),
  });
}

/** How a query names the board's first datasource variable for Prometheus. */
export function datasourceOf({ variables }: ExistingBoard): string | undefined {
  const found = variables.find(({ type, query }) => type === 'datasource' && (query ?? 'prometheus') === 'prometheus');
  return found === undefined ? undefined : `\${${found.name}}`;
}

type Render = (panel: ExistingPanel) => GrafanaFields;

function renderPanel(
  panel: ExistingPanel,
  id: number,
  render: Render,
  source: GrafanaFields,
  read: Read,
): GrafanaFields {
  const { type, title, description, at, queries, collapsed, panels, model } = panel;
  const { unit, min, max, decimals, thresholds, defaults, overrides } = panel;
  const { options, transformations, links } = panel;
  const isRow = type === 'row';
  const steps = thresholds && [
    { value: null, color: thresholds.base },
    ...thresholds.steps.map((step) => ({ value: step.at, color: step.colour })),
  ];
  const ownDefaults = compact({
    unit,
    min,
    max,
    decimals,
    ...defaults,
    ...(steps === undefined ? {} : { thresholds: { mode: 'absolute', steps } }),
  });
  const hasFields = Object.keys(ownDefaults).length > 0 || overrides !== undefined;
  return compact({
    id,
    type,
    title,
    description,
    gridPos: { x: at.x, y: at.y, w: at.width, h: at.height },
    collapsed: isRow ? collapsed === true : collapsed,
    datasource: isRow ? undefined : source,
    fieldConfig: hasFields ? { defaults: ownDefaults, overrides: overrides ?? [] } : undefined,
    options,
    transformations,
    links,
    ...model,
    ...(queries === undefined
      ? {}
      : { targets: queries.map((query, index) => renderQuery(query, index, source, read)) }),
    ...(isRow ? { panels: (panels ?? []).map(render) } : {}),
  });
}

function renderQuery(query: ExistingQuery, index: number, source: GrafanaFields, read: Read): GrafanaFields {
  const { promql, legend, refId = letterOf(index), unchecked, model } = query;
  // The text with the scope of its metrics.
  const expr = promql === undefined || unchecked !== undefined ? promql : read(promql).text;
  return compact({
    refId,
    datasource: promql === undefined ? undefined : source,
    expr,
    legendFormat: legend,
    ...model,
  });
}

function renderVariable(variable: ExistingVariable, source: GrafanaFields, read: Read): GrafanaFields {
  const { type, name, title, query, unchecked, model } = variable;
  const text = promqlOf(variable);
  const scoped = text === undefined || unchecked !== undefined ? query : query?.replace(text, () => read(text).text);
  return compact({
    type,
    name,
    label: title,
    datasource: type === 'query' ? source : undefined,
    query: scoped,
    ...model,
  });
}

/** The groups of existing rules, as Prometheus has them. */
export function renderGroups(existing: ExistingRules): readonly GrafanaFields[] {
  const read = readerOf(existing);
  return existing.groups.map(({ name, interval, rules, model }) =>
    compact({ name, interval, ...model, rules: rules.map((rule) => renderRule(rule, read)) }),
  );
}

function renderRule(rule: ExistingRule, read: Read): GrafanaFields {
  const { alert, record, promql, for: pending, keepFiringFor, labels, annotations, unchecked } = rule;
  return compact({
    alert,
    record,
    expr: unchecked === undefined ? read(promql).text : promql,
    for: pending,
    keep_firing_for: keepFiringFor,
    labels,
    annotations,
  });
}

/** The fields that have a value. */
export function compact(fields: GrafanaFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The rules of a group that Grafana evaluates, as its resource has them. */
export function renderAlerts(existing: ExistingAlerts, datasource: string) {
  const read = readerOf(existing);
  return existing.alerts.map(({ uid, title, condition, for: pending, labels, annotations, queries, model }) => ({
    uid,
    title,
    ...compact({ condition, for: pending, noDataState: 'NoData', execErrState: 'Error', ...model }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    data: queries.map((query, index) => {
      const { promql, refId = letterOf(index), range, unchecked, queryType } = query;
      const expr = promql === undefined || unchecked !== undefined ? promql : read(promql).text;
      return {
        refId,
        ...compact({ queryType }),
        datasourceUid: query.datasource ?? datasource,
        relativeTimeRange: range ?? { from: 0, to: 0 },
        model: { refId, ...(expr !== undefined && { expr }), ...query.model },
      };
    }),
  }));
}
