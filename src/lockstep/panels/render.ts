import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type { GrafanaTarget } from '../grafana/index.js';
import { printAnyName } from '../promql/print.js';
import type { Matcher, Node } from '../promql/tree.js';
import { labelsOf, scopeOf } from '../promql/tree.js';
import type { Annotation, Dashboard } from './dashboard.js';
import type { GridPosition } from './layout.js';
import { layOut } from './layout.js';
import { addLooks, panelLink } from './looks.js';
import { DATASOURCE_VARIABLE, dashboardTitle, dashboardUid, letterOf } from './names.js';
import type { DatasourceRef, Link, OtherQuery, Panel, Query } from './panel.js';
import { isCounted } from './panel.js';
import type { FreeVariable, Variable } from './variable.js';
import { isOfLabel } from './variable.js';
import { visualization } from './visualization.js';

/** The target of a rendered dashboard. */
export interface RenderOptions {
  readonly grafana: GrafanaTarget;
  /** The text of a query, for the Prometheus that is asked. */
  readonly print: (node: Node) => string;
  /** Tags that every board of the house carries, before its own. */
  readonly tags: readonly string[];
  /** Uid of the Prometheus datasource that is chosen at first. */
  readonly datasource: string;
  readonly links: readonly Link[];
  /** Links of a panel: to the alerts that read what it shows, and to their runbooks. */
  readonly linksOf: (panel: Panel) => readonly Link[];
}

const DEFAULT_REFRESH = '30s';
const DEFAULT_RANGE = '6h';

const DATASOURCE = { type: 'prometheus', uid: `\${${DATASOURCE_VARIABLE}}` };

/** The dashboard as Grafana's JSON model, as a plain object without undefined fields. */
export function renderDashboard(dashboard: Dashboard, options: RenderOptions): Record<string, unknown> {
  const builder = new sdk.DashboardBuilder(dashboardTitle(dashboard))
    .uid(dashboardUid(dashboard))
    .description(dashboard.description)
    .tags([...new Set([...options.tags, dashboard.catalogue.name, ...dashboard.tags])])
    .refresh(dashboard.refresh ?? DEFAULT_REFRESH)
    .time({ from: `now-${dashboard.range ?? DEFAULT_RANGE}`, to: 'now' })
    .timezone('browser')
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .readonly()
    .links([...options.links, ...(dashboard.links ?? [])].map(panelLink))
    .withVariable(datasourceVariable(options.datasource));
  for (const variable of dashboard.variables)
    builder.withVariable(isOfLabel(variable) ? variableOfLabel(variable) : freeVariable(variable));
  if (dashboard.annotations !== undefined)
    builder.annotations(dashboard.annotations.map((each) => annotation(each, options)));
  const model = builder.build();
  model.panels = renderPanels(dashboard, options);
  model.schemaVersion = options.grafana.schemaVersion;
  return toTarget(model, options.grafana);
}

/** The worst comes first, as a reader looks for it. */
const LEADING = ['id', 'uid', 'type', 'name', 'title', 'description'];

/**
 * The model as JSON says it: undefined fields and those that the target does not know dropped, the fields that
 * identify an object first.
 */
function toTarget(model: object, grafana: GrafanaTarget): Record<string, unknown> {
  const text = JSON.stringify(model, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const fields = Object.entries(value).filter(([name]) => !grafana.isLeftOut(name, value));
    const place = (name: string) => (LEADING.includes(name) ? LEADING.indexOf(name) : LEADING.length);
    return Object.fromEntries(fields.sort(([a], [b]) => place(a) - place(b)));
  });
  return JSON.parse(text) as Record<string, unknown>;
}

function datasourceVariable(uid: string): sdk.DatasourceVariableBuilder {
  return new sdk.DatasourceVariableBuilder(DATASOURCE_VARIABLE)
    .label('Datasource')
    .type('prometheus')
    .current({ selected: true, text: uid, value: uid })
    .multi(false)
    .includeAll(false);
}

function variableOfLabel(variable: Variable): sdk.QueryVariableBuilder | sdk.CustomVariableBuilder {
  const { values } = variable;
  if (values === undefined) return queryVariable(variable);
  return new sdk.CustomVariableBuilder(variable.variable)
    .label(variable.title)
    .values(listed(values))
    .options([option('All', 'All', true), ...values.map((value) => option(value, value, false))])
    .current({ selected: true, text: 'All', value: 'All' })
    .multi(true)
    .includeAll(true)
    .allValue('.*');
}

/** A comma within a value would make two of it. */
function listed(values: readonly string[]): string {
  return values.map((value) => value.replace(/,/g, '\\,')).join(',');
}

function option(text: string, value: string, selected: boolean): sdk.VariableOption {
  return { selected, text, value };
}

/** The first value is chosen at first. */
function freeVariable({ variable, title, kind, values }: FreeVariable) {
  const [first = ''] = values;
  const options = values.map((value, index) => option(value, value, index === 0));
  const current = option(first, first, true);
  switch (kind) {
    case 'custom':
      return new sdk.CustomVariableBuilder(variable)
        .label(title)
        .values(listed(values))
        .options(options)
        .current(current)
        .multi(false)
        .includeAll(false);
    case 'constant':
      return new sdk.ConstantVariableBuilder(variable).label(title).value(first);
    case 'interval':
      return new sdk.IntervalVariableBuilder(variable)
        .label(title)
        .values(values.join(','))
        .options(options)
        .current(current)
        .auto(false);
    case 'text':
      return new sdk.TextBoxVariableBuilder(variable)
        .label(title)
        .defaultValue(first)
        .options([current])
        .current(current);
    case 'datasource':
      return new sdk.DatasourceVariableBuilder(variable).label(title).type(first).multi(false).includeAll(false);
  }
}

function queryVariable(variable: Variable): sdk.QueryVariableBuilder {
  const matchers: Matcher[] = variable.within.map((wider) => ({
    label: wider.label,
    negated: false,
    match: { type: 'variable', variable: wider.variable, label: wider.label },
  }));
  const selector = printAnyName({
    type: 'selector',
    metric: variable.metric,
    part: '',
    matchers: [...scopeOf(variable.metric), ...matchers],
  });
  const text = `label_values(${selector}, ${variable.label})`;
  return (
    new sdk.QueryVariableBuilder(variable.variable)
      .label(variable.title)
      .datasource(DATASOURCE)
      .query(text)
      // Grafana's own value for all is `$__all`; a board that names it is refused by gates that know no such variable.
      // By its text it is found too.
      .current({ selected: true, text: 'All', value: 'All' })
      .multi(true)
      .includeAll(true)
      // All means all, a value that appears after the dropdown was filled included.
      .allValue('.*')
      .refresh(sdk.VariableRefresh.OnTimeRangeChanged)
      .sort(sdk.VariableSort.AlphabeticalAsc)
  );
}

/** Panels of an open row follow its header; those of a closed one lie within it. */
function renderPanels(dashboard: Dashboard, options: RenderOptions): (sdk.Panel | sdk.RowPanel)[] {
  const rendered: (sdk.Panel | sdk.RowPanel)[] = [];
  let into: (sdk.Panel | sdk.RowPanel)[] = rendered;
  for (const placed of layOut(dashboard)) {
    if ('row' in placed) {
      const isCollapsed = placed.row.collapsed === true;
      const header = new sdk.RowBuilder(placed.row.title).id(placed.id).gridPos(placed.position).collapsed(isCollapsed);
      if (placed.row.repeat !== undefined) header.repeat(placed.row.repeat.variable);
      const row = header.build();
      rendered.push(row);
      into = isCollapsed ? row.panels : rendered;
    } else into.push(renderPanel(placed.panel, placed.id, placed.position, dashboard, options));
  }
  return rendered;
}

function annotation({ title, query, colour, step }: Annotation, { print }: RenderOptions): sdk.AnnotationQueryBuilder {
  return new sdk.AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(colour)
    .expr(print(query.node))
    .titleFormat(title)
    .textFormat(query.legend)
    .step(step);
}

function renderPanel(
  panel: Panel,
  id: number,
  position: GridPosition,
  dashboard: Dashboard,
  { linksOf, print }: RenderOptions,
): sdk.Panel {
  const others = 'others' in panel ? (panel.others ?? []) : [];
  const source = datasourceOf(panel, others);
  const builder = visualization(panel, dashboard).id(id).title(panel.title).description(panel.description);
  // In this order: that of the calls is that of the fields in the model.
  if (source !== undefined) builder.datasource(source);
  builder.gridPos(position);
  if (isCounted(panel)) builder.unit(panel.unit);
  builder.links([...linksOf(panel), ...(panel.links ?? [])].map(panelLink));
  if (isCounted(panel)) addLooks(builder, panel);
  panel.queries.forEach((each, index) => {
    builder.withTarget(target(panel, each, letterOf(index), print));
  });
  others.forEach(({ datasource, model }, index) => {
    const refId = letterOf(panel.queries.length + index);
    const built = { ...model, refId, datasource };
    builder.withTarget({ build: () => built } as unknown as prometheus.DataqueryBuilder);
  });
  return builder.build();
}

/** A panel that asks several datasources says so. */
function datasourceOf(panel: Panel, others: readonly OtherQuery[]): Partial<DatasourceRef> | undefined {
  const [first] = others;
  if (first === undefined) return panel.queries.length === 0 ? undefined : DATASOURCE;
  const isOne = panel.queries.length === 0 && others.every(({ datasource }) => datasource.uid === first.datasource.uid);
  return isOne ? first.datasource : { type: 'datasource', uid: '-- Mixed --' };
}

const INSTANT: readonly Panel['type'][] = ['stat', 'gauge', 'table', 'bar-gauge', 'pie'];

/**
 * A stat, a gauge and a table show one instant, so that is what is asked for; a range would be computed and thrown
 * away.
 */
function target(
  panel: Panel,
  { node, legend }: Query,
  ref: string,
  print: RenderOptions['print'],
): prometheus.DataqueryBuilder {
  const builder = new prometheus.DataqueryBuilder()
    .refId(ref)
    .datasource(DATASOURCE)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(print(node))
    .legendFormat(legend)
    .format(formatOf(panel, node));
  const isInstant = INSTANT.includes(panel.type) || (panel.type === 'sdk' && panel.instant === true);
  return isInstant ? builder.instant() : builder.range();
}

function formatOf(panel: Panel, node: Node): prometheus.PromQueryFormat {
  if (panel.type === 'table') return prometheus.PromQueryFormat.Table;
  // Buckets are cumulative in Prometheus, and are not in a heatmap.
  const isBuckets = (panel.type === 'sdk' || panel.type === 'heatmap') && labelsOf(node)?.includes('le') === true;
  return isBuckets ? prometheus.PromQueryFormat.Heatmap : prometheus.PromQueryFormat.TimeSeries;
}
