import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Catalogue } from '../catalogue/catalogue.js';
import { exposedMetrics } from '../catalogue/catalogue.js';
import type { Metric } from '../catalogue/metric.js';
import { exposeNow, readNow, watchEnds } from './last-words.js';
import type { Page } from './ledger.js';
import { createLedger } from './ledger.js';
import type { Pusher, PushLoop } from './pusher.js';
import { startPushLoop } from './pusher.js';
import type { Recorders } from './recorders.js';
import { createRecorders } from './recorders.js';
import type { OnError } from './report.js';
import { describeError, logError, reportOnce } from './report.js';
import type { MetricsServer, ServerOptions } from './server.js';
import type { Serving } from './serving.js';
import { keepServing } from './serving.js';
import type { Environment, Settings, TransportOptions } from './settings.js';
import { resolveSettings } from './settings.js';

export interface ExporterOptions extends TransportOptions {
  /** Told of each kind of error once; by default a line on stderr. */
  readonly onError?: OnError;
  /** Where what the options leave open is read from. Default: the environment of the process. */
  readonly environment?: Environment;
}

/** A catalogue's metrics inside a program: recorded into, served and pushed. */
export interface Exporter<Metrics extends Record<string, Metric>> {
  readonly record: Recorders<Metrics>;
  /** The prom-client registry behind it: the one source of values, for every way out. */
  readonly registry: Registry;
  /**
   * Starts what the options and the environment ask for: a server to be scraped, a push at an interval. Whether every
   * way out that was asked for is up; a server whose port is taken is not, and will be when it is free. Never rejects;
   * what cannot be started is reported. The program may end while it runs; if it ends by itself, the last values are
   * sent first, as `shutdown()` does.
   */
  start(): Promise<boolean>;
  /**
   * Pushes now, after what is under way, and holds the program until it knows, or for half of the exit deadline.
   * Whether every way out on which this side speaks first took it; `false` where there is none: what is only scraped is
   * taken when the scraper comes, which nobody can ask for. Never rejects.
   */
  flush(): Promise<boolean>;
  /**
   * Sends the last values, or, where scraping is the only way out, waits until they have been scraped, and stops. Takes no longer than the exit
   * deadline (5 s), whatever the network does, and no time at all if there is nothing that has not been told. Never rejects; what is recorded later
   * is lost.
   */
  shutdown(): Promise<void>;
  /**
   * Sends the last values also where the program ends by `process.exit()`, an uncaught exception, an unhandled rejection, SIGTERM, SIGINT or SIGHUP,
   * within the exit deadline, and leaves exit status and signal as they are. At the first three nothing asynchronous happens any more, so a child
   * process sends what has been encoded. Where scraping is the only way out, the last values are seen after a signal alone. Call it once, after
   * `start()`.
   */
  flushOnExit(): void;
  /**
   * Serves the registry for scraping, whatever the environment says. Never rejects: if it cannot listen, that is
   * reported, and there is no server. If its port is taken, it is tried again each second until it is free or the
   * exporter ends. The server does not keep the process alive unless asked to.
   */
  serve(options?: ServerOptions): Promise<MetricsServer | undefined>;
}

/** Waits for something, and no longer than this. */
async function within(ms: number, something: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    something,
    new Promise((done) => {
      timer = setTimeout(done, ms);
    }),
  ]);
  clearTimeout(timer);
}

/** What is to end when the program has nothing left to do. */
const unended = new Set<() => Promise<void>>();

/** Node says `beforeExit` when nothing is left to do, and not where the program calls `process.exit()`. One listener serves all exporters. */
function endWithProgram(shutdown: () => Promise<void>): void {
  if (unended.size === 0)
    process.once('beforeExit', () => {
      for (const each of unended) void each();
      unended.clear();
    });
  unended.add(shutdown);
}

/**
 * An exporter of a catalogue's metrics. Nothing that it does throws into the program that records.
 *
 * @throws TypeError if it is given no catalogue
 */
export function createExporter<Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
  options: ExporterOptions = {},
): Exporter<Metrics> {
  if (catalogue?.own === undefined)
    throw new TypeError('createExporter(): expected a catalogue, as defineCatalogue() gives one');
  const onError = options.onError ?? logError;
  const report = reportOnce(onError);
  const startId = randomBytes(6).toString('hex');
  const recording = createRecorders(catalogue, { onError, startId });
  const { registry, record } = recording;

  const loops: PushLoop[] = [];
  const servings: Serving[] = [];
  let settings: Settings | undefined;
  let started: Promise<boolean> | undefined;
  let ending: Promise<void> | undefined;
  /** Until when the end may take, once it has begun; 0 when it is over. */
  let endsBy: number | undefined;
  /** The last revision that a scraper was sent whole. */
  let scraped = -1;
  let onScraped = () => {};

  const failed = (what: string, error: unknown) => {
    const message = describeError(error);
    report(`${what} ${message}`, `${what}: ${message}`);
  };

  /** One account for all scrapers. */
  const scrapes = createLedger(startId);
  const toText = async (page: Page) => await recording.read(page, (all) => all.metrics());

  async function serve(serverOptions: ServerOptions = {}): Promise<MetricsServer | undefined> {
    const serving = await keepServing(
      {
        contentType: registry.contentType,
        exposition: async () => {
          const page = scrapes.open({ zeroFirst: ending === undefined });
          const { shown, revision } = await toText(page);
          return {
            text: shown,
            delivered: () => {
              page.delivered();
              if (!page.whole()) return;
              scraped = revision;
              if (scraped === recording.revision()) onScraped();
            },
          };
        },
      },
      serverOptions,
      (message) => report(`served ${message}`, `metrics are not served: ${message}`),
    );
    servings.push(serving);
    return serving.server();
  }

  async function startPushing(name: string, create: () => Promise<Pusher>, now: Settings): Promise<boolean> {
    try {
      const { intervalMs, otlp } = now;
      const pusher = await create();
      const { revision } = recording;
      loops.push(startPushLoop(pusher, { name, intervalMs, timeoutMs: otlp.timeoutMs, revision, report }));
      return true;
    } catch (error) {
      failed(`metrics are not pushed to ${name}`, error);
      return false;
    }
  }

  async function begin(now: Settings): Promise<boolean> {
    const { transports, serviceName, pushgatewayUrl } = now;
    const up: boolean[] = [];
    if (transports.includes('prometheus')) up.push((await serve(now.server)) !== undefined);
    // Loaded only where it is asked for: it is more code than all the rest.
    if (transports.includes('otlp'))
      up.push(
        await startPushing(
          now.otlp.endpoint,
          async () =>
            await (await import('./otlp.js')).createOtlpPusher({
              ledger: createLedger(startId),
              read: async (page) => (await recording.read(page, (all) => all.getMetricsAsJSON())).shown,
              readNow: (page) => recording.readNow(page, readNow),
              metrics: exposedMetrics(catalogue),
              settings: now,
              startId,
            }),
          now,
        ),
      );
    if (transports.includes('pushgateway')) {
      if (pushgatewayUrl === undefined) {
        report('pushgateway url', 'metrics are not pushed: there is no address; set LOCKSTEP_PUSHGATEWAY_URL');
        up.push(false);
      } else
        up.push(
          await startPushing(
            pushgatewayUrl,
            async () =>
              (await import('./pushgateway.js')).createPushgatewayPusher({
                url: pushgatewayUrl,
                job: serviceName,
                instance: now.instanceId ?? startId,
                ledger: createLedger(startId),
                contentType: registry.contentType,
                expose: async (page) => (await toText(page)).shown,
                exposeNow: (page) => recording.readNow(page, exposeNow),
              }),
            now,
          ),
        );
    }
    // A flush, or a call by gRPC, that was under way has held the program for up to half of the deadline before this is asked for.
    const deadlineMs = loops.length > 0 ? now.exitDeadlineMs / 2 : now.exitDeadlineMs;
    if (transports.length > 0) endWithProgram(() => shutdownWithin(deadlineMs));
    return up.every((each) => each);
  }

  async function end(deadlineMs: number): Promise<void> {
    const began = performance.now();
    endsBy = began + deadlineMs;
    // What is told to end while it starts has nothing yet to send by.
    await within(deadlineMs, started ?? Promise.resolve());
    const left = Math.max(0, deadlineMs - (performance.now() - began));
    await Promise.all([...loops.map((loop) => loop.finish(left)), linger(left)]);
    await Promise.all(servings.map((serving) => serving.close()));
    endsBy = 0;
  }

  /** Waits until the values as they are now have been scraped. */
  async function linger(deadlineMs: number): Promise<void> {
    const isServed = servings.some((serving) => serving.server() !== undefined || serving.isAwaited());
    if (!isServed || loops.length > 0 || scraped === recording.revision() || recording.revision() === 0) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, deadlineMs);
      onScraped = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  function resolve(): Settings {
    settings ??= resolveSettings(catalogue.name, options, options.environment ?? process.env, (message) =>
      report(message, message),
    );
    return settings;
  }

  async function shutdownWithin(deadlineMs: number): Promise<void> {
    try {
      ending ??= end(deadlineMs);
      await ending;
    } catch (error) {
      failed('metrics', error);
    }
  }

  const flush = async (): Promise<boolean> => {
    try {
      const taken = await Promise.all(
        loops.map((loop) => loop.flush(Math.min(resolve().otlp.timeoutMs, resolve().exitDeadlineMs / 2))),
      );
      return taken.length > 0 && taken.every((each) => each);
    } catch (error) {
      failed('metrics', error);
      return false;
    }
  };
  const shutdown = () => shutdownWithin(resolve().exitDeadlineMs);

  return {
    record,
    registry,
    start: async () => {
      try {
        started ??= begin(resolve());
        return await started;
      } catch (error) {
        failed('metrics', error);
        return false;
      }
    },
    flush,
    shutdown,
    flushOnExit: () =>
      watchEnds({
        flush,
        shutdown,
        failed: (trouble) => failed('metrics are not delivered at the end', trouble),
        lastWords: () => {
          // It has been tried, and told.
          if (endsBy !== undefined && endsBy <= performance.now()) return undefined;
          const words = loops.flatMap((loop) => loop.lastWords() ?? []);
          return { words, deadlineMs: endsBy === undefined ? resolve().exitDeadlineMs : endsBy - performance.now() };
        },
      }),
    serve,
  };
}
