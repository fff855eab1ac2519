import type { Metric } from 'lockstep-exporter/catalogue';
import { histogramQuantile } from '../promql/aggregate.js';
import { and, keep, share } from '../promql/combine.js';
import type { Selectable, Series, Vector } from '../promql/expression.js';
import { buckets, countOf, increase } from '../promql/expression.js';
import type { Window } from '../promql/window.js';
import type { Panel, Query, Thresholds } from './panel.js';
import { query } from './panel.js';

/** A counter, or some of its series, with the label `By` among its labels. */
type CounterWith<By extends string> = Extract<Selectable, Metric | Series> & {
  readonly kind: 'counter';
  readonly '~labels'?: Readonly<Record<By, string>>;
};
type HistogramWith<By extends string> = Selectable & {
  readonly kind: 'histogram';
  readonly '~labels'?: Readonly<Record<By, string>>;
};

/** A quantile reads a histogram's every bucket for every point that is drawn: no more of them than tell something. */
export const QUANTILE_STEP = '5m';

/** RED, the rate, errors and duration of a stream of events, per value of a label. */
export interface RedDefinition<By extends string> {
  /** The label that tells the lines apart. A label that one of the metrics does not have does not compile. */
  readonly by: By;
  /** The events in the system's words, plural: `sessions`. */
  readonly events: string;
  readonly rate: CounterWith<By>;
  readonly errors: {
    readonly title: string;
    readonly description: string;
    readonly bad: CounterWith<By>;
    readonly total: CounterWith<By>;
    readonly thresholds: Thresholds;
  };
  readonly duration: HistogramWith<By>;
  readonly durationThresholds: Thresholds;
  /** The window of shares and quantiles: long enough to hold events that mean something. */
  readonly window: Window;
  /**
   * Shares and quantiles of fewer events than these in the window are not shown: they are no measurement. Default 1.
   */
  readonly fewest?: number;
  /** Grafana's colour for each value of `by`. */
  readonly colours?: Readonly<Record<string, string>>;
  /**
   * Whether a bar or a lane opens the dashboard filtered by its value of `by`, for which the dashboard then has a
   * variable.
   */
  readonly drillDown?: boolean;
}

export interface RedPanels {
  readonly rate: Panel;
  readonly errors: Panel;
  readonly duration: Panel;
}

/** The three RED panels: the rate as stacked bars, errors and duration as lanes, one per value of `by`. */
export function redPanels<const By extends string>(definition: RedDefinition<By>): RedPanels {
  const { events, window, errors, fewest = 1 } = definition;
  const colours = definition.colours === undefined ? {} : { colours: definition.colours };
  const by: string = definition.by;
  const drillDown = definition.drillDown === true ? { drillDown: by } : {};
  const total = (series: CounterWith<By>): Vector => increase(series as Series<'counter'>, window, [by]);
  const legend = `{{${by}}}`;
  return {
    rate: {
      type: 'timeseries',
      title: `${capitalise(events)}, by ${by}`,
      description: `How many ${events} end, by ${by}. Each bar counts its own stretch of time, side by side with the next, so that the bars add up to the total next to the name.`,
      unit: 'short',
      width: 12,
      min: 0,
      stacked: true,
      bars: true,
      ...colours,
      ...drillDown,
      queries: [query(increase(definition.rate as Series<'counter'>, '$__interval', [by]), legend)],
    },
    errors: {
      type: 'state-timeline',
      title: errors.title,
      description: errors.description,
      unit: 'percentunit',
      width: 12,
      decimals: 0,
      thresholds: errors.thresholds,
      ...drillDown,
      queries: [query(share(total(errors.bad), total(errors.total), fewest), legend)],
    },
    duration: {
      type: 'state-timeline',
      title: `Duration of ${events}, p95 by ${by}`,
      description: `The duration that 95 of 100 ${events} stay below, by ${by}, interpolated within the histogram's buckets. Tells which ${by} is slow when the quantiles of all together rise.`,
      unit: 's',
      width: 12,
      decimals: 0,
      minStep: QUANTILE_STEP,
      thresholds: definition.durationThresholds,
      ...drillDown,
      queries: [query(quantile(0.95, definition.duration, window, [by], fewest), legend)],
    },
  };
}

/**
 * p50, p95 and p99 of a histogram, all its labels added up. Never an average: it hides exactly the slow ones.
 *
 * @param fewest observations that the window must hold; quantiles of fewer are not shown
 */
export function quantileQueries(
  histogram: HistogramWith<never>,
  window: Window,
  fewest = 1,
): readonly [Query, Query, Query] {
  const at = (share: number, legend: string) => query(quantile(share, histogram, window, [], fewest), legend);
  return [at(0.5, 'p50'), at(0.95, 'p95'), at(0.99, 'p99')];
}

/**
 * The quantile of nothing is NaN, which a legend or a cell would show as if it were a finding: no observations, no
 * series.
 */
function quantile(
  share: number,
  histogram: HistogramWith<never>,
  window: Window,
  by: readonly string[],
  fewest: number,
): Vector {
  const perBucket: Vector = increase(buckets(histogram) as Series<'counter'>, window, [...by, 'le']);
  const shown = keep(histogramQuantile(share, perBucket), '>', 0);
  if (fewest <= 1) return shown;
  const observations: Vector = increase(countOf(histogram) as Series<'counter'>, window, by);
  return and(shown, keep(observations, '>=', fewest));
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
