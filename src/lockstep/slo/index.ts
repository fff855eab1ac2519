export type { BurnWindow, Severity } from './burn.js';
export { BURN_WINDOWS_30D, burnWindows } from './burn.js';
export { defineSlo } from './rules.js';
export type { EventSli, LatencySli, Sli, Slo, SloOf, UptimeSli } from './slo.js';
export { eventRatio, latency, measuredSeries, uptime } from './slo.js';
