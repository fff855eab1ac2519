// What `lockstep/exporter` is: the exporter of any catalogue, and that of fab, the first system. It is put together
// here, because the exporter's own room knows no system, and must not.
export * from '../exporter/index.js';
export type { FabExporter, GateRunRecord } from '../fab/exporter.js';
export { createFabExporter } from '../fab/exporter.js';
export type { FollowedFile } from '../fab/follow.js';
export { joinFiles } from '../fab/follow.js';
export type { PerfData, RoleMetrics } from '../fab/perf-data.js';
export { parsePerfData } from '../fab/perf-data.js';
export { followPerfFile } from '../fab/perf-file.js';
export { followQualityFile, parseQualityRuns } from '../fab/quality-file.js';
export type { Role } from '../fab/roster.js';
export { toRole } from '../fab/roster.js';
export type { SessionRecord } from '../fab/session-record.js';
