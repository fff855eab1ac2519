export type { Without } from './aggregate.js';
export {
  average,
  bottomk,
  count,
  deviation,
  group,
  histogramQuantile,
  max,
  min,
  quantile,
  sum,
  topk,
  variance,
  without,
} from './aggregate.js';
export { add, and, compare, div, keep, mul, or, orZero, ratio, share, sub, unless, withLabels } from './combine.js';
export type {
  Distribution,
  LabelVariable,
  Matchers,
  OneOf,
  Selectable,
  Series,
  TypeProblem,
  Vector,
} from './expression.js';
export {
  buckets,
  countAtMost,
  countOf,
  distribution,
  increase,
  instant,
  noneOf,
  oneOf,
  quantileOf,
  rate,
  select,
  shareAtMost,
  sumOf,
} from './expression.js';
export { abs, ceil, clampMax, clampMin, exp, floor, ln, log2, log10, round, secondsSince, sgn, sqrt } from './math.js';
export {
  absentOverTime,
  averageOverTime,
  changes,
  countOverTime,
  delta,
  deriv,
  deviationOverTime,
  lastOverTime,
  maxOverTime,
  minOverTime,
  predictLinear,
  presentOverTime,
  quantileOverTime,
  resets,
  returned,
  sumOverTime,
} from './over-time.js';
export { ago, labelReplace, overSteps } from './shifted.js';
export type { Duration, GrafanaWindow, Window } from './window.js';
