import type { Exemptions } from 'lockstep-exporter/internal';
import { made } from 'lockstep-exporter/internal';
import type { LabelVariable, TypeProblem, Vector } from '../promql/expression.js';
import type { Node } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import type { PanelUnit } from './units.js';

/** Grafana's named colours, which follow the reader's theme. */
export const COLOURS = ['green', 'yellow', 'orange', 'red', 'blue', 'purple', 'text'] as const;
export type Colour = (typeof COLOURS)[number];

/** From `at` upwards the value is shown in `colour`. */
export interface Threshold {
  readonly at: number;
  readonly colour: Colour;
}

/** Thresholds in increasing order, above a base colour. */
export interface Thresholds {
  /** The colour below the first step. */
  readonly base: Colour;
  /** In increasing order. */
  readonly steps: readonly Threshold[];
}

/** Another text, or another colour, in the place of a value: 1 is `up`. */
export interface Mapping {
  /** The value, or the least and the greatest of a range. */
  readonly value: number | { readonly from: number; readonly to: number };
  /** The text that is shown. */
  readonly text: string;
  /** Its colour, in the place of that of a threshold. */
  readonly colour?: Colour;
}

/** A link that a panel or a dashboard shows. */
export interface Link {
  /** Says where it leads. */
  readonly title: string;
  /** An address, or a path of the same Grafana. It may name variables: `/d/nodes?var-node=${__field.labels.node}`. */
  readonly url: string;
}

/** A transformation of Grafana's, as the SDK has it: its id, and the options that go with it. */
export interface Transformation {
  /** `sortBy`, `reduce`, `organize`, ... */
  readonly id: string;
  /** As Grafana has them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The ways in which a line of a time series panel can be drawn. */
export const STROKES = ['line', 'dashes', 'points', 'bars'] as const;
export type Stroke = (typeof STROKES)[number];

/** Looks of one query, in the place of those of its panel. */
export interface QueryLooks {
  /** Its own unit: of a table's column, or of lines beside others. It must fit the dimension of the query. */
  readonly unit?: PanelUnit;
  /** Grafana's colour of all that it shows. */
  readonly colour?: string;
  /** The axis that its lines are measured by. Default `left`. */
  readonly axis?: 'left' | 'right';
  /** The way in which its lines are drawn. */
  readonly draw?: Stroke;
}

/** One query of a panel. */
export interface Query extends Omit<QueryLooks, 'unit'> {
  readonly node: Node;
  /** Grafana's legend format: text with `{{label}}`. The column's title in a table. */
  readonly legend: string;
  /** Why this query is expected to return nothing on a healthy system, if it is. */
  readonly emptyBecause: string | undefined;
  readonly unit: PanelUnit | undefined;
}

/** The labels that a legend names. */
type LegendLabel<Text extends string> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | LegendLabel<Rest>
  : never;

type NamesOnly<Text extends string, L extends string> = [Exclude<LegendLabel<Text>, L>] extends [never]
  ? unknown
  : TypeProblem<
      'the legend names a label that the query does not return',
      { readonly named: Exclude<LegendLabel<Text>, L>; readonly returned: [L] extends [never] ? 'none' : L }
    >;

/**
 * A query with its legend. A legend that names a label which the expression does not return does not compile.
 *
 * @param options.emptyBecause why it may return nothing on a healthy system; without it, nothing is a failed test
 * @param options.unit its own, of a table's column or of lines beside others
 */
export function query<L extends string, const Text extends string>(
  expression: Vector<L>,
  legend: Text & NamesOnly<Text, NoInfer<L>>,
  options: QueryLooks & { readonly emptyBecause?: string } = {},
): Query {
  const { emptyBecause, unit, ...looks } = options;
  // A native histogram is refused with the other queries, in the words of PromQL.
  const { node, distribution } = expression as { readonly node?: Node; readonly distribution?: Node };
  return made({ node: (node ?? distribution) as Node, legend, emptyBecause, unit, ...looks });
}

/** More bars than these in half of a board's width are a comb and no picture. */
export const MOST_BARS = 60;

/** A datasource of Grafana's: its kind, and its uid or a variable that holds it. */
export interface DatasourceRef {
  /** `loki`, `tempo`, `cloudwatch`, `prometheus`, ... */
  readonly type: string;
  /** The uid as Grafana has it, or a `datasourceVariable()` of the board: `$logs`. */
  readonly uid: string;
}

/** A query of another datasource, as that has it: lockstep does not look it up. */
export interface OtherQuery {
  /** The datasource that is asked. */
  readonly datasource: DatasourceRef;
  /** The query's fields: `{ expr: '{app="checkout"} |= "error"' }` for Loki. */
  readonly model: Readonly<Record<string, unknown>>;
}

interface PanelBase {
  /** Unique on the board: alerts and runbooks link to it. */
  readonly title: string;
  /** Says what the reader sees and what to conclude from it; shown at the (i) next to the title. */
  readonly description: string;
  /** Grafana's id of the unit of its values. It must fit the dimension of each query. */
  readonly unit: PanelUnit;
  /** One at least: `query()`. */
  readonly queries: readonly [Query, ...Query[]];
  /** The colours of values, from each threshold upwards. */
  readonly thresholds?: Thresholds;
  /** In columns of the grid, of 24. */
  readonly width: number;
  /** In grid rows of 30 pixels; a row's panels are as high as its highest. */
  readonly height?: number;
  /** The axis begins here, in the unit of the panel. */
  readonly min?: number;
  /** The axis ends here, in the unit of the panel. */
  readonly max?: number;
  /** Digits after the decimal point, 0 and more. Default: as many as fit. */
  readonly decimals?: number;
  /** The text where there is no data. */
  readonly noValue?: string;
  /** Queries of other datasources, after its own. lockstep looks none of them up, and `lockstep lint` says so. */
  readonly others?: readonly OtherQuery[];
  /** Texts and colours in the place of values. */
  readonly mappings?: readonly Mapping[];
  /** Links at the top of the panel, beside those to its alerts and their runbooks. */
  readonly links?: readonly Link[];
  /** Links that a click on a value offers. */
  readonly dataLinks?: readonly Link[];
  /** Show the panel once for each value that is chosen of a variable. Its queries match that variable. */
  readonly repeat?: LabelVariable<string>;
  /** Applied in this order to the results of the queries. */
  readonly transformations?: readonly Transformation[];
  /** Findings of `lockstep lint` here that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** The current value, large. */
export interface StatPanel extends PanelBase {
  readonly type: 'stat';
}

/** The current value on a dial. */
export interface GaugePanel extends PanelBase {
  readonly type: 'gauge';
  /** The dial begins here, in the unit of the panel. */
  readonly min: number;
  /** The dial ends here, in the unit of the panel. */
  readonly max: number;
}

/** Values over the dashboard's time range. */
export interface TimeseriesPanel extends PanelBase {
  readonly type: 'timeseries';
  /** Draw the lines on top of each other, filled: for parts of a whole; with `percent`, each as its share of it. */
  readonly stacked?: boolean | 'percent';
  /**
   * Draw bars instead of lines: for counts over `$__interval`, whose windows lie side by side, so that the bars add up
   * to the count of the whole range. There are at most {@link MOST_BARS} of them.
   */
  readonly bars?: boolean;
  /** Grafana's colour of each line, by its legend's text: a thing keeps its colour over all panels. */
  readonly colours?: Readonly<Record<string, string>>;
  /** The axis reaches to this value at least, so that thresholds stay in sight; and further where the data does. */
  readonly softMax?: number;
  /** The axis reaches down to this value at least. */
  readonly softMin?: number;
  /** How the axis is divided. Default `linear`; the others show no value of 0 or below. */
  readonly scale?: 'linear' | 'log2' | 'log10';
  /** The name of the axis. */
  readonly axisLabel?: string;
  /** The names of the lines: in a table with their values (the default), in a list, or nowhere. */
  readonly legend?: 'table' | 'list' | 'hidden';
  /** Draw lines over gaps in the data: over any, or over those of at most so long. Default: a gap is shown. */
  readonly bridgeGaps?: boolean | Duration;
  /** Draw the thresholds as lines. */
  readonly drawThresholds?: boolean;
  /** The least step between two points, e.g. `5m`: what a long window need not be asked more often than. */
  readonly minStep?: string;
  /** The label whose line opens the dashboard filtered by it. */
  readonly drillDown?: string;
}

/**
 * One lane per series over the dashboard's time range, in the colour of the threshold that its value is at: where
 * something is wrong and since when, for more series than lines can show side by side. A lane has a gap where there is
 * nothing to measure.
 */
export interface StateTimelinePanel extends PanelBase {
  readonly type: 'state-timeline';
  /** They give the lanes their colours. */
  readonly thresholds: Thresholds;
  /** The least step between two values, e.g. `5m`. */
  readonly minStep?: string;
  /** The label whose lane opens the dashboard filtered by it. */
  readonly drillDown?: string;
}

/** One row per combination of the queries' labels, one column per query; sorted by the first query, greatest first. */
export interface TablePanel extends PanelBase {
  readonly type: 'table';
  /** The label whose cell opens the dashboard filtered by it. */
  readonly drillDown?: string;
}

/** A bar for each series, as long as its current value. */
export interface BarGaugePanel extends PanelBase {
  readonly type: 'bar-gauge';
  /** The direction of the bars. Default `horizontal`. */
  readonly orientation?: 'horizontal' | 'vertical';
}

/** The share that each series has of all of them now. */
export interface PiePanel extends PanelBase {
  readonly type: 'pie';
  /** Leave out the middle. */
  readonly donut?: boolean;
}

/** How many observations lay in each bucket of a histogram, over the time range: its query keeps the label `le`. */
export interface HeatmapPanel extends PanelBase {
  readonly type: 'heatmap';
  /** The least step between two columns, e.g. `5m`: as long as the window of the query, each is counted once. */
  readonly minStep?: string;
}

/** How often each value occurs over the time range. */
export interface HistogramPanel extends PanelBase {
  readonly type: 'histogram';
  /** The width of a bar, in the unit of the panel. Default: Grafana chooses. */
  readonly bucketSize?: number;
}

/** One row of cells per series over the time range, each in the colour of the threshold that its value is at. */
export interface StatusHistoryPanel extends PanelBase {
  readonly type: 'status-history';
  /** They give the cells their colours. */
  readonly thresholds: Thresholds;
  /** The least step between two cells, e.g. `5m`. */
  readonly minStep?: string;
}

/**
 * Any other panel of the foundation SDK, a trend or a node graph: the SDK's builder gives its looks, and the
 * definition all the rest. Its queries are checked like any other; the preview does not draw it.
 */
export interface SdkPanel extends PanelBase {
  readonly type: 'sdk';
  /**
   * Makes the builder anew at each call; one that is used twice gives one shared object. It has no queries of its own.
   */
  readonly build: () => { build(): object };
  /** Whether it shows one moment; otherwise it is asked for the time range. */
  readonly instant?: boolean;
}

/** The fields of a panel that shows no number of the catalogue. */
interface PlainPanel {
  /** Unique on the board: alerts and runbooks link to it. */
  readonly title: string;
  /** Says what the reader sees; shown at the (i) next to the title. */
  readonly description: string;
  /** It has none. */
  readonly queries: readonly [];
  /** It has none. */
  readonly unit: 'none';
  /** In columns of the grid, of 24. */
  readonly width: number;
  /** In grid rows of 30 pixels; a row's panels are as high as its highest. */
  readonly height?: number;
  /** Links at the top of the panel. */
  readonly links?: readonly Link[];
  /** Findings of `lockstep lint` here that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** A text for the reader, such as a procedure; `textPanel()` makes it. */
export interface TextPanel extends PlainPanel {
  readonly type: 'text';
  /** Markdown. It may name variables of the board. */
  readonly markdown: string;
}

/** Lines of logs; `logsPanel()` makes it. */
export interface LogsPanel extends PlainPanel {
  readonly type: 'logs';
  /** Queries of datasources that have logs. */
  readonly others: readonly [OtherQuery, ...OtherQuery[]];
}

/** States that an alert can be in. */
export const ALERT_STATES = ['firing', 'pending', 'noData', 'normal', 'error'] as const;
export type ListedState = (typeof ALERT_STATES)[number];

/** The alerts of the system, whoever wrote them; `alertListPanel()` makes it. */
export interface AlertListPanel extends PlainPanel {
  readonly type: 'alert-list';
  /** The states that are listed. Default: `firing`, `pending` and `error`. */
  readonly states?: readonly [ListedState, ...ListedState[]];
}

/** Any panel of the foundation SDK that shows other datasources alone; `otherPanel()` makes it. */
export interface OtherPanel extends PlainPanel {
  readonly type: 'other';
  /** Makes the builder anew at each call. It has no queries of its own. */
  readonly build: () => { build(): object };
  /** Queries of other datasources: lockstep does not look them up. */
  readonly others: readonly [OtherQuery, ...OtherQuery[]];
}

export type Panel =
  | TextPanel
  | LogsPanel
  | AlertListPanel
  | OtherPanel
  | SdkPanel
  | StatPanel
  | GaugePanel
  | TimeseriesPanel
  | StateTimelinePanel
  | TablePanel
  | BarGaugePanel
  | PiePanel
  | HeatmapPanel
  | HistogramPanel
  | StatusHistoryPanel;

/** A panel that shows numbers of the catalogue. */
export type CountedPanel = Exclude<Panel, PlainPanel>;

/** Whether a panel shows numbers of the catalogue. */
export function isCounted(panel: Panel): panel is CountedPanel {
  return !PLAIN_KINDS.some((kind) => kind === panel.type);
}

const PLAIN_KINDS = ['text', 'logs', 'alert-list', 'other'] as const;

/** Returns its argument: gives a definition its type, so that a slip is marked at the field. */
export function panel<const P extends Panel>(definition: P): P {
  return made(definition);
}

type Plain<P extends Panel> = Omit<P, 'type' | 'queries' | 'unit'>;

const PLAIN = { queries: [], unit: 'none' } as const;

/** A text for the reader. Its description may be left out. */
export function textPanel(
  definition: Omit<Plain<TextPanel>, 'description'> & { readonly description?: string },
): TextPanel {
  return made({ type: 'text', description: '', ...PLAIN, ...definition });
}

/** Lines of logs, of Loki or another datasource that has them. */
export function logsPanel(definition: Plain<LogsPanel>): LogsPanel {
  return made({ type: 'logs', ...PLAIN, ...definition });
}

/** The alerts whose label `service` is the system, by their states. */
export function alertListPanel(definition: Plain<AlertListPanel>): AlertListPanel {
  return made({ type: 'alert-list', ...PLAIN, ...definition });
}

/** Any panel of the foundation SDK that shows other datasources alone. */
export function otherPanel(definition: Plain<OtherPanel>): OtherPanel {
  return made({ type: 'other', ...PLAIN, ...definition });
}
