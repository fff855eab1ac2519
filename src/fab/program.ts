// `lockstep-fab/exporter`: what fab's program imports.
export type { Exporter, ExporterOptions, OnError } from 'lockstep-exporter';
export { DEFAULT_HOST, DEFAULT_PORT } from 'lockstep-exporter';
export type { FollowedFile } from 'lockstep-exporter/files';
export { joinFiles } from 'lockstep-exporter/files';
export type { FabExporter, GateRunRecord } from './exporter.js';
export { createFabExporter } from './exporter.js';
export type { PerfData, RoleMetrics } from './perf-data.js';
export { parsePerfData } from './perf-data.js';
export { followPerfFile } from './perf-file.js';
export { followQualityFile, parseQualityRuns } from './quality-file.js';
export type { Role } from './roster.js';
export { toRole } from './roster.js';
export type { SessionRecord } from './session-record.js';
