export type { Exporter, ExporterOptions } from './exporter.js';
export { createExporter } from './exporter.js';
export { printValue } from './problem.js';
export type {
  CounterRecorder,
  GaugeRecorder,
  GivenLabels,
  HistogramRecorder,
  Recorders,
} from './recording/recorders.js';
export type { OnError } from './report.js';
export { createReport, describeError, logError } from './report.js';
export type { MetricsServer, ServerOptions } from './scrape/server.js';
export { DEFAULT_HOST, DEFAULT_PORT } from './settings/settings.js';
export type { Environment, Protocol, Temporality, Transport, TransportOptions } from './settings/transport-options.js';
