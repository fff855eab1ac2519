import type { IncomingMessage } from 'node:http';

/** Headers that Prometheus, vmagent, the OpenTelemetry Collector and Grafana's agents send with their timeout. */
const TIMEOUT_HEADER = 'x-prometheus-scrape-timeout-seconds';
/** The formats that scrapers ask for. A probe, a browser and curl ask for anything, or for a page. */
const FORMAT = /application\/openmetrics-text|application\/vnd\.google\.protobuf|text\/plain\s*;\s*version=/i;
const LONGEST_KEY = 500;

/**
 * Which scraper asks, told apart by its address, `User-Agent` and query; nothing for a probe, a browser or curl. A
 * scraper says how long it waits, or asks for a format of Prometheus.
 */
export function scraperOf({ headers, socket, url = '' }: IncomingMessage): string | undefined {
  if (headers[TIMEOUT_HEADER] === undefined && !FORMAT.test(headers.accept ?? '')) return undefined;
  const [, query = ''] = url.split('?', 2);
  return `${socket.remoteAddress} ${headers['user-agent']} ${query}`.slice(0, LONGEST_KEY);
}

/** Whether a scraper, which may have said how long it waits, has stopped to wait since now. */
export function watchPatience({ headers }: IncomingMessage): () => boolean {
  const began = performance.now();
  const seconds = Number(headers[TIMEOUT_HEADER] ?? Number.NaN);
  return () => seconds > 0 && performance.now() - began > seconds * 1000;
}
