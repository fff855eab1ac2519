export type { Exporter, ExporterOptions } from './exporter.js';
export { createExporter } from './exporter.js';
export type { CounterRecorder, GaugeRecorder, GivenLabels, HistogramRecorder, Recorders } from './recorders.js';
export type { OnError } from './report.js';
export type { MetricsServer, ServerOptions } from './server.js';
export {
  DEFAULT_EXIT_DEADLINE_MS,
  DEFAULT_HOST,
  DEFAULT_INTERVAL_MS,
  DEFAULT_PORT,
} from './settings.js';
export type { Environment, Protocol, Temporality, Transport, TransportOptions } from './transport-options.js';
