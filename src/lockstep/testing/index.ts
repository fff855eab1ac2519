export type { CheckRecordedOptions, Exposed } from './check.js';
export { checkRecorded } from './check.js';
export type { ExpectedSeries, ObservationCount } from './recorded.js';
export { recorded } from './recorded.js';
