export type { BurnWindow, Severity } from './burn.js';
export { BURN_WINDOWS_30D, burnWindows } from './burn.js';
export { defineSlo } from './rules.js';
export type { Sli, Slo } from './slo.js';
export { eventRatio, latency, measuredSeries } from './slo.js';
