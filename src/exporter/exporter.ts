import type { Registry } from 'prom-client';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Metric } from '../catalogue/metric.js';
import type { Recorders } from './recorders.js';
import { createRecorders } from './recorders.js';
import type { OnError } from './report.js';
import { logError, reportOnce } from './report.js';
import type { MetricsServer, ServerOptions } from './server.js';
import { serveMetrics } from './server.js';

export interface ExporterOptions {
  /** Told of each kind of error once; by default a line on stderr. */
  readonly onError?: OnError;
}

/** A catalogue's metrics inside a program: recorded into, and served. */
export interface Exporter<Metrics extends Record<string, Metric>> {
  readonly record: Recorders<Metrics>;
  /** The prom-client registry behind it: the one source of values. */
  readonly registry: Registry;
  /**
   * Serves the registry for scraping. Never rejects: if it cannot listen, that is reported, and there is no server.
   * The server does not keep the process alive unless asked to.
   */
  serve(options?: ServerOptions): Promise<MetricsServer | undefined>;
}

/** An exporter of a catalogue's metrics. Nothing that it does throws into the program that records. */
export function createExporter<Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
  options: ExporterOptions = {},
): Exporter<Metrics> {
  const onError = options.onError ?? logError;
  const { registry, record } = createRecorders(catalogue, { onError });
  const report = reportOnce(onError);
  return {
    record,
    registry,
    serve: async (serverOptions) => {
      try {
        return await serveMetrics(
          { contentType: registry.contentType, exposition: () => registry.metrics() },
          serverOptions,
        );
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        report(message, `metrics are not served: ${message}`);
        return undefined;
      }
    },
  };
}
