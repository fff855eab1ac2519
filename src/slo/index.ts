export type { BurnWindow, Severity } from './burn.js';
export { BURN_WINDOWS_30D } from './burn.js';
export type { Slo } from './slo.js';
export {
  budgetRemaining,
  burnCondition,
  burnRate,
  DENOMINATOR_FLOOR,
  defineSlo,
  errorBudget,
  errorRatio,
  MINIMUM_EVENTS,
  minimumEvents,
  sli,
} from './slo.js';
