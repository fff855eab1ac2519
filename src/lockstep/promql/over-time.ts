import type { LabelOf, NotACounter, NotAGauge, Selectable, Vector } from './expression.js';
import { toSeries, vectorOf } from './expression.js';
import type { RangeFunction, ScrapeTarget } from './tree.js';
import type { Duration, Window } from './window.js';

/** The last value of a gauge in the window: of a series that has just gone, and may come back, too. */
export function lastOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('last_over_time', of, window);
}

/** The highest value of a gauge in the window. */
export function maxOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('max_over_time', of, window);
}

/** The lowest value of a gauge in the window. */
export function minOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('min_over_time', of, window);
}

/** The average of a gauge's samples in the window, of each series by itself. */
export function averageOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('avg_over_time', of, window);
}

/**
 * The sum of a gauge's samples in the window: of one that is 1 or 0, how many were 1. Over {@link countOverTime} it is
 * the share of the time, of all series together.
 */
export function sumOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('sum_over_time', of, window);
}

/** How many samples of a gauge there are in the window. */
export function countOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('count_over_time', of, window);
}

/** How often a gauge changed in the window, in each series. */
export function changes<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('changes', of, window);
}

/** By how much a gauge rose or fell in the window, extended to its edges. */
export function delta<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('delta', of, window);
}

/** How fast a gauge rises or falls, per second, by a straight line through its samples. */
export function deriv<S extends Selectable>(of: S & NotAGauge<S>, window: Window): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('deriv', of, window);
}

/** The value that a gauge will have after some seconds, by a straight line through its samples in the window. */
export function predictLinear<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
  seconds: number,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('predict_linear', of, window, seconds);
}

/** 1 for each series of a gauge that has a sample in the window. */
export function presentOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('present_over_time', of, window);
}

/** The value below which the share `quantile` (0 to 1) of a gauge's samples in the window lies, in each series. */
export function quantileOverTime<S extends Selectable>(
  quantile: number,
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('quantile_over_time', of, window, quantile);
}

/** The standard deviation of a gauge's samples in the window, in each series. */
export function deviationOverTime<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('stddev_over_time', of, window);
}

/**
 * The highest value in the window of a gauge's series that were heard again after a silence of more than an hour, and
 * of less than a day. An hour is as long as {@link increase} looks back, so a process among them has been counted
 * again from its start.
 */
export function returned<S extends Selectable>(
  of: S & NotAGauge<S>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('returned', of, window);
}

/** 1 if no series has had a sample in the window, nothing otherwise. */
export function absentOverTime(of: Selectable, window: Duration): Vector<never> {
  return overTime('absent_over_time', of, window);
}

/**
 * How often a counter of a series went down in the window. More than never means that series are shared which should
 * not be.
 */
export function resets<S extends Selectable>(
  of: S & NotACounter<S, 'resets'>,
  window: Window,
): Vector<LabelOf<S> | ScrapeTarget> {
  return overTime('resets', of, window);
}

function overTime<L extends string>(fn: RangeFunction, of: Selectable, window: string, parameter?: number): Vector<L> {
  return vectorOf({
    type: 'overTime',
    fn,
    of: toSeries(of).node,
    window,
    ...(parameter === undefined ? {} : { parameter }),
  });
}
