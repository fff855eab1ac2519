export type { Exporter, ExporterOptions } from './exporter.js';
export { createExporter } from './exporter.js';
export type { CounterRecorder, GaugeRecorder, GivenLabels, HistogramRecorder, Recorders } from './recorders.js';
export type { OnError } from './report.js';
export type { MetricsServer, ServerOptions } from './server.js';
export { DEFAULT_HOST, DEFAULT_PORT } from './server.js';
