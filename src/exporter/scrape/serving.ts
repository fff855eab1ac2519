import { describeError } from '../report.js';
import type { MetricsServer, Served, ServerOptions } from './server.js';
import { serveMetrics } from './server.js';

/** A server that is there, or will be as soon as its port is free. */
export interface Serving {
  /** The server, if it listens by now. */
  server(): MetricsServer | undefined;
  /** Whether it may be scraped, now or later. */
  isOpen(): boolean;
  close(): Promise<void>;
}

/** Between two tries to listen on a port that is taken. */
const PAUSE_MS = 1000;

/**
 * Serves, and where the port is taken goes on trying until it is free or nobody wants it any more: the process that has
 * it may be the one before this, which still waits for its last scrape. Nothing of it keeps the program alive. Never
 * rejects.
 *
 * @param failed told once of what is in the way
 */
export async function keepServing(
  served: Served,
  options: ServerOptions,
  failed: (message: string) => void,
): Promise<Serving> {
  let server: MetricsServer | undefined;
  let closed = false;
  /** Whether its host has closed it. */
  let isOver = false;
  /** Whether trying again would not help. */
  let hopeless = false;
  let timer: NodeJS.Timeout | undefined;
  let trying: Promise<void> = Promise.resolve();

  async function tryOnce(): Promise<void> {
    try {
      const { url, close } = await serveMetrics(served, options);
      server = {
        url,
        close: async () => {
          isOver = true;
          await close();
        },
      };
      if (closed) await server.close();
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      const mend = 'it is tried again each second; OTEL_EXPORTER_PROMETHEUS_PORT sets another port, 0 any free one';
      failed(`${describeError(error)}${isTaken ? `; ${mend}` : ''}`);
      hopeless = !isTaken;
      if (hopeless || closed) return;
      timer = setTimeout(() => {
        timer = undefined;
        trying = tryOnce();
      }, PAUSE_MS);
      timer.unref();
    }
  }

  trying = tryOnce();
  await trying;
  return {
    server: () => server,
    isOpen: () => !hopeless && !isOver,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await trying;
      await server?.close();
    },
  };
}
