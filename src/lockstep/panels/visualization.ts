import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import * as gauge from '@grafana/grafana-foundation-sdk/gauge';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as histogram from '@grafana/grafana-foundation-sdk/histogram';
import * as logs from '@grafana/grafana-foundation-sdk/logs';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as statushistory from '@grafana/grafana-foundation-sdk/statushistory';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as text from '@grafana/grafana-foundation-sdk/text';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { labelsOf, selectorsIn } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { Dashboard } from './dashboard.js';
import { DATASOURCE_VARIABLE, dashboardUid, letterOf } from './names.js';
import type {
  AlertListPanel,
  BarGaugePanel,
  GaugePanel,
  HeatmapPanel,
  HistogramPanel,
  Link,
  ListedState,
  Panel,
  PiePanel,
  StateTimelinePanel,
  StatPanel,
  StatusHistoryPanel,
  TablePanel,
  TimeseriesPanel,
} from './panel.js';
import { ALERT_STATES, MOST_BARS } from './panel.js';
import { unitFor } from './unit-meaning.js';
import type { PanelUnit } from './units.js';

// The looks of each kind of panel, by the builders of the SDK.

/** Every builder of a panel has the methods that a panel of any kind needs. */
export type AnyPanelBuilder =
  | stat.PanelBuilder
  | text.PanelBuilder
  | logs.PanelBuilder
  | sdk.PanelBuilder
  | bargauge.PanelBuilder
  | piechart.PanelBuilder
  | heatmap.PanelBuilder
  | histogram.PanelBuilder
  | statushistory.PanelBuilder
  | gauge.PanelBuilder
  | timeseries.PanelBuilder
  | statetimeline.PanelBuilder
  | table.PanelBuilder;

/** The builder of a panel, with what its kind alone has. */
export function visualization(panel: Panel, dashboard: Dashboard): AnyPanelBuilder {
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
    case 'bar-gauge':
      return barGaugePanel(panel);
    case 'pie':
      return piePanel(panel);
    case 'heatmap':
      return heatmapPanel(panel, dashboard);
    case 'histogram':
      return histogramPanel(panel);
    case 'status-history':
      return statusHistoryPanel(panel, dashboard);
    case 'text':
      return new text.PanelBuilder().mode(text.TextMode.Markdown).content(panel.markdown);
    case 'logs':
      return new logs.PanelBuilder().showTime(true).wrapLogMessage(true).enableLogDetails(true);
    case 'alert-list':
      return alertListPanel(panel, dashboard);
    case 'other':
    case 'sdk':
      // Every builder of a panel has the methods that are used here; that it makes a panel was checked.
      return panel.build() as AnyPanelBuilder;
  }
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
  const stacked = panel.stacked !== undefined && panel.stacked !== false;
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
        .displayMode(panel.legend === 'list' ? common.LegendDisplayMode.List : common.LegendDisplayMode.Table)
        // Beside a narrow chart the legend would leave no room for it.
        .placement(panel.width <= NARROW ? common.LegendPlacement.Bottom : common.LegendPlacement.Right)
        .showLegend(panel.legend !== 'hidden')
        // A bar is a count: their sum is the count of the range. A line's last value is where it stands now.
        .calcs(bars ? ['sum'] : ['lastNotNull', 'max']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (stacked) {
    const mode = panel.stacked === 'percent' ? common.StackingMode.Percent : common.StackingMode.Normal;
    builder.stacking(new common.StackingConfigBuilder().mode(mode).group('A'));
  }
  if (panel.scale !== undefined) builder.scaleDistribution(scaleOf(panel.scale));
  if (panel.axisLabel !== undefined) builder.axisLabel(panel.axisLabel);
  if (panel.softMin !== undefined) builder.axisSoftMin(panel.softMin);
  if (panel.bridgeGaps !== undefined) builder.spanNulls(spanOf(panel.bridgeGaps));
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
    builder.overrideByRegexp('/.*/', [
      linkTo(panel.drillDown, `__field.labels.${panel.drillDown}`, dashboard, panel.dataLinks),
    ]);
  return builder;
}

const LISTED: readonly [ListedState, ...ListedState[]] = ['firing', 'pending', 'error'];

/**
 * The SDK has no builder of this one: its options are those of Grafana's
 * (https://github.com/grafana/grafana/blob/v10.4.19/public/app/plugins/panel/alertlist/types.ts).
 */
function alertListPanel({ states = LISTED }: AlertListPanel, { catalogue }: Dashboard): sdk.PanelBuilder {
  return new sdk.PanelBuilder().type('alertlist').options({
    viewMode: 'list',
    groupMode: 'default',
    groupBy: [],
    maxItems: 20,
    sortOrder: 3,
    dashboardAlerts: false,
    alertName: '',
    alertInstanceLabelFilter: `{service="${catalogue.name}"}`,
    stateFilter: Object.fromEntries(ALERT_STATES.map((state) => [state, states.includes(state)])),
  });
}

function scaleOf(scale: NonNullable<TimeseriesPanel['scale']>): common.ScaleDistributionConfigBuilder {
  const builder = new common.ScaleDistributionConfigBuilder();
  return scale === 'linear'
    ? builder.type(common.ScaleDistribution.Linear)
    : builder.type(common.ScaleDistribution.Log).log(scale === 'log2' ? 2 : 10);
}

/** Grafana takes milliseconds. */
function spanOf(gaps: NonNullable<TimeseriesPanel['bridgeGaps']>): boolean | number {
  return typeof gaps === 'boolean' ? gaps : (durationSeconds(gaps) ?? 0) * 1000;
}

function barGaugePanel({ orientation }: BarGaugePanel): bargauge.PanelBuilder {
  return new bargauge.PanelBuilder()
    .reduceOptions(lastValue())
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Text)
    .orientation(orientation === 'vertical' ? common.VizOrientation.Vertical : common.VizOrientation.Horizontal);
}

function piePanel({ donut }: PiePanel): piechart.PanelBuilder {
  return new piechart.PanelBuilder()
    .reduceOptions(lastValue())
    .pieType(donut === true ? piechart.PieChartType.Donut : piechart.PieChartType.Pie)
    .legend(
      new piechart.PieChartLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Right)
        .showLegend(true)
        .values([piechart.PieChartLegendValues.Value, piechart.PieChartLegendValues.Percent]),
    );
}

function boundsUnit({ queries: [first] }: HeatmapPanel): PanelUnit | undefined {
  const [read] = selectorsIn(first.node);
  return read === undefined ? undefined : unitFor(read.metric.unit);
}

/** Prometheus has the buckets: Grafana only draws them, with their bounds in the unit of the histogram. */
function heatmapPanel(panel: HeatmapPanel, dashboard: Dashboard): heatmap.PanelBuilder {
  const bounds = boundsUnit(panel);
  const builder = new heatmap.PanelBuilder()
    .calculate(false)
    .yAxis(bounds === undefined ? new heatmap.YAxisConfigBuilder() : new heatmap.YAxisConfigBuilder().unit(bounds))
    .showLegend();
  const minStep = panel.minStep ?? dashboard.minStep;
  if (minStep !== undefined) builder.interval(minStep);
  return builder;
}

function histogramPanel({ bucketSize }: HistogramPanel): histogram.PanelBuilder {
  const builder = new histogram.PanelBuilder();
  return bucketSize === undefined ? builder : builder.bucketSize(bucketSize);
}

function statusHistoryPanel(panel: StatusHistoryPanel, dashboard: Dashboard): statushistory.PanelBuilder {
  const builder = new statushistory.PanelBuilder()
    .colorScheme(new sdk.FieldColorBuilder().mode(sdk.FieldColorModeId.Thresholds))
    .showValue(common.VisibilityMode.Auto);
  const minStep = panel.minStep ?? dashboard.minStep;
  if (minStep !== undefined) builder.interval(minStep);
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
    builder.overrideByRegexp('/.*/', [
      linkTo(panel.drillDown, `__field.labels.${panel.drillDown}`, dashboard, panel.dataLinks),
    ]);
  return builder;
}

/**
 * A link to the same dashboard, filtered by one value of a label. The rest of the reader's choice stays, the
 * datasource too.
 */
function linkTo(
  label: string,
  value: string,
  dashboard: Dashboard,
  others: readonly Link[] = [],
): sdk.DynamicConfigValue {
  const kept = [DATASOURCE_VARIABLE, ...dashboard.variables.map((each) => each.variable)]
    .filter((name) => name !== label)
    .map((name) => `&\${${name}:queryparam}`)
    .join('');
  const url = `/d/${dashboardUid(dashboard)}?from=\${__from}&to=\${__to}${kept}&var-${label}=\${${value}}`;
  // An override takes the place of the links that all values have.
  return { id: 'links', value: [{ title: `Only this ${label}`, url }, ...others] };
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
    builder.overrideByName(panel.drillDown, [linkTo(panel.drillDown, '__value.raw', dashboard, panel.dataLinks)]);
  return builder;
}
