import type { Vector, VectorLabel } from './expression.js';
import { vectorOf } from './expression.js';
import type { OverStepsNode, ScrapeTarget } from './tree.js';
import type { Duration } from './window.js';

/**
 * An expression as it was so long ago: `ago(rate(requests, '5m'), '7d')` is PromQL's `rate(requests[5m] offset 7d)`.
 * Counts of lockstep's own exporter over a window of Grafana cannot be shifted, and neither can PromQL as text: such an
 * expression does not build.
 */
export function ago<V extends Vector>(of: V, back: Duration): Vector<VectorLabel<V>> {
  return vectorOf({ type: 'ago', of: of.node, back });
}

/**
 * The greatest, least, average, sum or number of the values that an expression had at each step of a window, of each
 * of its elements: PromQL's `max_over_time((...)[1d:5m])`. Prometheus computes the expression anew for each step.
 */
export function overSteps<V extends Vector>(
  fn: OverStepsNode['fn'],
  of: V,
  window: Duration,
  step: Duration,
): Vector<VectorLabel<V>> {
  return vectorOf({ type: 'overSteps', fn, of: of.node, window, step });
}

/**
 * A label that is made of another one, by PromQL's `label_replace()`: the zone of `node="eu-a-17"`. An element whose
 * value does not fit the pattern is left as it is.
 *
 * @param definition.pattern     fits the whole value. Default: all of it, as the first group.
 * @param definition.replacement `$1` is the first group. Default: that.
 */
export function labelReplace<V extends Vector, const Into extends string>(
  of: V,
  definition: {
    readonly into: Into;
    readonly from: Exclude<VectorLabel<V>, ScrapeTarget>;
    readonly pattern?: string;
    readonly replacement?: string;
  },
): Vector<VectorLabel<V> | Into> {
  const { into, from, pattern = '(.*)', replacement = '$1' } = definition;
  return vectorOf({ type: 'relabelled', of: of.node, into, from, pattern, replacement });
}
