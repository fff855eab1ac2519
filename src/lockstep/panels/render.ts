import * as common from '@grafana/grafana-foundation-sdk/common';
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import * as gauge from '@grafana/grafana-foundation-sdk/gauge';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { GrafanaTarget } from '../grafana/index.js';
import { printAnyName, printNumber } from '../promql/print.js';
import type { Matcher, Node } from '../promql/tree.js';
import { labelsOf, scopeOf } from '../promql/tree.js';
import type { Annotation, Dashboard } from './dashboard.js';
import type { GridPosition } from './layout.js';
import { layOut } from './layout.js';
import { DATASOURCE_VARIABLE, dashboardTitle, dashboardUid, letterOf } from './names.js';
import type {
  GaugePanel,
  Panel,
  Query,
  StateTimelinePanel,
  StatPanel,
  TablePanel,
  Thresholds,
  TimeseriesPanel,
} from './panel.js';
import { MOST_BARS } from './panel.js';
import type { Variable } from './variable.js';

/** A link that a panel or a dashboard shows. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

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
    .links(options.links.map(dashboardLink))
    .withVariable(datasourceVariable(options.datasource));
  for (const variable of dashboard.variables) builder.withVariable(queryVariable(variable));
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

function dashboardLink({ title, url }: Link): sdk.DashboardLinkBuilder {
  return new sdk.DashboardLinkBuilder(title)
    .type(sdk.DashboardLinkType.Link)
    .url(url)
    .icon('external link')
    .targetBlank(true);
}

/** Panels of an open row follow its header; those of a closed one lie within it. */
function renderPanels(dashboard: Dashboard, options: RenderOptions): (sdk.Panel | sdk.RowPanel)[] {
  const rendered: (sdk.Panel | sdk.RowPanel)[] = [];
  let into: (sdk.Panel | sdk.RowPanel)[] = rendered;
  for (const placed of layOut(dashboard)) {
    if ('row' in placed) {
      const isCollapsed = placed.row.collapsed === true;
      const row = new sdk.RowBuilder(placed.row.title)
        .id(placed.id)
        .gridPos(placed.position)
        .collapsed(isCollapsed)
        .build();
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

type AnyPanelBuilder =
  | stat.PanelBuilder
  | gauge.PanelBuilder
  | timeseries.PanelBuilder
  | statetimeline.PanelBuilder
  | table.PanelBuilder;

function renderPanel(
  panel: Panel,
  id: number,
  position: GridPosition,
  dashboard: Dashboard,
  { linksOf, print }: RenderOptions,
): sdk.Panel {
  const builder = visualization(panel, dashboard)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATASOURCE)
    .gridPos(position)
    .unit(panel.unit)
    .links(linksOf(panel).map(dashboardLink));
  if (panel.thresholds !== undefined) builder.thresholds(thresholds(panel.thresholds));
  if (panel.min !== undefined) builder.min(panel.min);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  if (panel.thresholds !== undefined && (panel.type === 'stat' || panel.type === 'gauge'))
    builder.mappings([absent(panel.noValue)]);
  panel.queries.forEach((each, index) => {
    builder.withTarget(target(panel, each, letterOf(index), print));
  });
  return builder.build();
}

function visualization(panel: Panel, dashboard: Dashboard): AnyPanelBuilder {
  switch (panel.type) {
    case 'stat':
      return statPanel(panel);
    case 'gauge':
      return gaugePanel(panel);
    case 'timeseries':
      return timeseriesPanel(panel, dashboard);
    case 'state-timeline':
      return stateTimelinePanel(panel, dashboard);
    case 'table':
      return tablePanel(panel, dashboard);
    case 'sdk':
      // Every builder of a panel has the methods that are used here; that it makes a panel was checked.
      return panel.build() as AnyPanelBuilder;
  }
}

/** Absent is not healthy: without this, Grafana shows no value in the colour of the lowest threshold. */
const ABSENT_COLOUR = '#808080';

function absent(noValue = 'No data'): sdk.ValueMapping {
  const result = { text: noValue, color: ABSENT_COLOUR, index: 0 };
  return { type: sdk.MappingType.SpecialValue, options: { match: sdk.SpecialValueMatch.NullAndNan, result } };
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}

/** A stat of one number shows that; of several, each beside its name. */
function statPanel(panel: StatPanel): stat.PanelBuilder {
  const several = panel.queries.length > 1 || panel.queries.some((each) => (labelsOf(each.node) ?? []).length > 0);
  return new stat.PanelBuilder()
    .reduceOptions(lastValue())
    .colorMode(panel.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Background)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(several ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value);
}

function gaugePanel(_panel: GaugePanel): gauge.PanelBuilder {
  return new gauge.PanelBuilder().reduceOptions(lastValue()).showThresholdLabels(false).showThresholdMarkers(true);
}

/** In columns of 24. */
const NARROW = 8;

function timeseriesPanel(panel: TimeseriesPanel, dashboard: Dashboard): timeseries.PanelBuilder {
  const stacked = panel.stacked === true;
  const bars = panel.bars === true;
  const builder = new timeseries.PanelBuilder()
    // Not by name: until Grafana 11 that takes the field's name, which is `Value` for every series of a Prometheus,
    // and draws all lines in one colour (https://github.com/grafana/grafana/issues/93061).
    .colorScheme(new sdk.FieldColorBuilder().mode(sdk.FieldColorModeId.PaletteClassic))
    .drawStyle(bars ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineWidth(bars ? 0 : 1)
    .fillOpacity(bars ? 80 : stacked ? 25 : 5)
    .showPoints(bars ? common.VisibilityMode.Never : common.VisibilityMode.Auto)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        // Beside a narrow chart the legend would leave no room for it.
        .placement(panel.width <= NARROW ? common.LegendPlacement.Bottom : common.LegendPlacement.Right)
        .showLegend(true)
        // A bar is a count: their sum is the count of the range. A line's last value is where it stands now.
        .calcs(bars ? ['sum'] : ['lastNotNull', 'max']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (stacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (panel.drawThresholds === true)
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  for (const [name, colour] of Object.entries(panel.colours ?? {}))
    builder.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]);
  if (panel.softMax !== undefined) builder.axisSoftMax(panel.softMax);
  if (bars) builder.maxDataPoints(MOST_BARS);
  const minStep = panel.minStep ?? dashboard.minStep;
  if (minStep !== undefined) builder.interval(minStep);
  if (panel.drillDown !== undefined)
    builder.overrideByRegexp('/.*/', [linkTo(panel.drillDown, `__field.labels.${panel.drillDown}`, dashboard)]);
  return builder;
}

function stateTimelinePanel(panel: StateTimelinePanel, dashboard: Dashboard): statetimeline.PanelBuilder {
  const builder = new statetimeline.PanelBuilder()
    .colorScheme(new sdk.FieldColorBuilder().mode(sdk.FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .rowHeight(0.85)
    .lineWidth(0)
    .fillOpacity(70)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single).sort(common.SortOrder.None));
  const minStep = panel.minStep ?? dashboard.minStep;
  if (minStep !== undefined) builder.interval(minStep);
  if (panel.drillDown !== undefined)
    builder.overrideByRegexp('/.*/', [linkTo(panel.drillDown, `__field.labels.${panel.drillDown}`, dashboard)]);
  return builder;
}

/**
 * A link to the same dashboard, filtered by one value of a label. The rest of the reader's choice stays, the
 * datasource too.
 */
function linkTo(label: string, value: string, dashboard: Dashboard): sdk.DynamicConfigValue {
  const kept = [DATASOURCE_VARIABLE, ...dashboard.variables.map((each) => each.variable)]
    .filter((name) => name !== label)
    .map((name) => `&\${${name}:queryparam}`)
    .join('');
  const url = `/d/${dashboardUid(dashboard)}?from=\${__from}&to=\${__to}${kept}&var-${label}=\${${value}}`;
  return { id: 'links', value: [{ title: `Only this ${label}`, url }] };
}

function tablePanel(panel: TablePanel, dashboard: Dashboard): table.PanelBuilder {
  const columns = panel.queries.map((each, index) => ({
    field: panel.queries.length > 1 ? `Value #${letterOf(index)}` : 'Value',
    query: each,
  }));
  const keys = [...new Set(panel.queries.flatMap((each) => labelsOf(each.node) ?? []))];
  const builder = new table.PanelBuilder()
    .filterable(true)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(panel.queries[0].legend).desc(true)])
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          [...keys, ...columns.map((column) => column.field)].map((name, index) => [name, index]),
        ),
        renameByName: Object.fromEntries(columns.map((column) => [column.field, column.query.legend])),
      },
    });
  for (const { query } of columns)
    if (query.unit !== undefined) builder.overrideByName(query.legend, [{ id: 'unit', value: query.unit }]);
  if (panel.drillDown !== undefined)
    builder.overrideByName(panel.drillDown, [linkTo(panel.drillDown, '__value.raw', dashboard)]);
  return builder;
}

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
  const isRange =
    panel.type === 'timeseries' || panel.type === 'state-timeline' || (panel.type === 'sdk' && panel.instant !== true);
  return isRange ? builder.range() : builder.instant();
}

function formatOf(panel: Panel, node: Node): prometheus.PromQueryFormat {
  if (panel.type === 'table') return prometheus.PromQueryFormat.Table;
  // Buckets are cumulative in Prometheus, and are not in a heatmap.
  const isBuckets = panel.type === 'sdk' && labelsOf(node)?.includes('le') === true;
  return isBuckets ? prometheus.PromQueryFormat.Heatmap : prometheus.PromQueryFormat.TimeSeries;
}

function thresholds({ base, steps }: Thresholds): sdk.ThresholdsConfigBuilder {
  return new sdk.ThresholdsConfigBuilder()
    .mode(sdk.ThresholdsMode.Absolute)
    .steps([
      { value: null, color: base },
      ...steps.map((step) => ({ value: Number(printNumber(step.at)), color: step.colour })),
    ]);
}
