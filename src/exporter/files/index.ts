// `lockstep-exporter/files`: serves what another program writes into files, by a catalogue.
export type { MetricsServer, ServerOptions } from '../scrape/server.js';
export { serveMetrics } from '../scrape/server.js';
export type { ExposeOptions } from './expose.js';
export { exposeTotals } from './expose.js';
export type { FileOfTotals, FollowedFile } from './file.js';
export { followFile, joinFiles } from './file.js';
export type { FollowedTotals, Growth, NamedTotals, Totals } from './totals.js';
export { followTotals, totalsOf } from './totals.js';
