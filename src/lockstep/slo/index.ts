export type { BurnWindow, Severity } from './burn.js';
export { BURN_WINDOWS_30D, burnWindows } from './burn.js';
export { defineSlo } from './rules.js';
export type { Sli, Slo } from './slo.js';
export {
  allEvents,
  badEvents,
  badWhen,
  budgetRemaining,
  burnCondition,
  burnRate,
  DENOMINATOR_FLOOR,
  errorBudget,
  errorRatio,
  eventRatio,
  latency,
  MINIMUM_EVENTS,
  measuredSeries,
  minimumEvents,
  sliValue,
} from './slo.js';
