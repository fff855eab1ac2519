import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { Catalogue } from './catalogue/catalogue.js';
import { exposedMetrics } from './catalogue/catalogue.js';
import type { Metric } from './catalogue/metric.js';
import { exposeNow, readNow, watchEnds } from './life/last-words.js';
import { answerWithin, endWithProgram, within } from './life/waiting.js';
import { toDestination } from './push/destination.js';
import type { Pusher, PushLoop } from './push/pusher.js';
import { startPushLoop } from './push/pusher.js';
import type { Page } from './recording/ledger.js';
import { createLedger } from './recording/ledger.js';
import type { Recorders } from './recording/recorders.js';
import { createRecorders } from './recording/recorders.js';
import type { OnError } from './report.js';
import { describeError, fieldOf, onErrorOf, reportOnce } from './report.js';
import { createLinger } from './scrape/linger.js';
import type { MetricsServer, ServerOptions } from './scrape/server.js';
import type { Serving } from './scrape/serving.js';
import { keepServing } from './scrape/serving.js';
import type { Settings } from './settings/settings.js';
import { resolveSettings, secretsIn } from './settings/settings.js';
import type { Environment, Transport, TransportOptions } from './settings/transport-options.js';
import { TRANSPORTS } from './settings/transport-options.js';

/** A collector that a program registers may hang; a scraper waits for ten seconds by default. */
const LONGEST_SCRAPE_MS = 8000;

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
   * Sends the last values, or, where scraping is the only way out, waits until they have been scraped, and stops. Takes
   * no longer than the exit deadline (5 s), whatever the network does, and no time at all if there is nothing that has
   * not been told. Last values that were not sent or scraped in time are reported. Never rejects; what is recorded
   * later is lost.
   */
  shutdown(): Promise<void>;
  /**
   * Sends the last values also where the program ends by `process.exit()`, an uncaught exception, an unhandled
   * rejection, SIGTERM, SIGINT or SIGHUP, within the exit deadline, and leaves exit status and signal as they are. At
   * the first three nothing asynchronous happens any more, so a child process sends what has been encoded. Where
   * scraping is the only way out, the last values are seen after a signal alone. Call it once, after `start()`.
   */
  flushOnExit(): void;
  /**
   * Serves the registry for scraping, whatever the environment says. Never rejects: if it cannot listen, that is
   * reported, and there is no server. If its port is taken, it is tried again each second until it is free or the
   * exporter ends. The server does not keep the process alive unless asked to.
   */
  serve(options?: ServerOptions): Promise<MetricsServer | undefined>;
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
  if (catalogue.recordedBy === 'others')
    throw new TypeError(`createExporter(): catalogue ${catalogue.name} says that others record its metrics`);
  const onError = onErrorOf(options);
  let secrets: readonly string[] = [];
  const report = reportOnce(onError, () => secrets);
  const startId = randomBytes(6).toString('hex');
  const recording = createRecorders(catalogue, { onError, startId });
  const { registry, record } = recording;

  const loops: PushLoop[] = [];
  const servings: Serving[] = [];
  let settings: Settings | undefined;
  let started: Promise<boolean> | undefined;
  /** Whether every way out that pushes is up. */
  let isPushing = true;
  let ending: Promise<void> | undefined;
  /** Until when the end may take, once it has begun; 0 when it is over. */
  let endsBy: number | undefined;
  /** References that keep this exporter alive until it has ended. */
  const holds: (() => void)[] = [];

  const failed = (what: string, error: unknown) => {
    const message = describeError(error);
    report(`${what} ${message}`, `${what}: ${message}`);
  };

  /** One account for all scrapers. */
  const scrapes = createLedger(startId);
  const linger = createLinger();
  const expose = async (all: Registry) => await all.metrics();

  /** The content of a report; without the metrics that the program registered, where one fails or hangs. */
  async function readPatiently<Shown>(
    page: Page,
    timeoutMs: number,
    whole: (all: Registry) => Promise<Shown>,
    own: (all: Registry) => Shown,
  ): Promise<Shown> {
    try {
      return (await answerWithin(timeoutMs, recording.read(page, whole))).shown;
    } catch (error) {
      failed('metrics that the program registered itself are left out', error);
      return recording.readNow(page, own);
    }
  }

  async function serve(given?: ServerOptions): Promise<MetricsServer | undefined> {
    const tell = (message: string) => report(`served ${message}`, `metrics are not served: ${message}`);
    try {
      if (endsBy === 0) {
        tell('the exporter has ended');
        return undefined;
      }
      const serverOptions: ServerOptions = { ...given };
      // A token that was asked for holds for every server.
      const { bearerToken = resolve().server.bearerToken } = serverOptions;
      const serving = await keepServing(
        {
          contentType: registry.contentType,
          exposition: async () => {
            const page = scrapes.open({ zeroFirst: ending === undefined });
            const { shown, revision } = await answerWithin(LONGEST_SCRAPE_MS, recording.read(page, expose));
            return {
              text: shown,
              delivered: (scraper) => {
                page.delivered();
                if (page.whole()) linger.scraped(scraper, revision);
              },
            };
          },
          failed: (error) => failed('a scrape was not answered', error),
        },
        { ...serverOptions, bearerToken },
        tell,
      );
      servings.push(serving);
      return serving.server();
    } catch (error) {
      tell(describeError(error));
      return undefined;
    }
  }

  async function startPushing(
    what: string,
    now: Settings,
    create: () => Promise<{ readonly pusher: Pusher; readonly name: string }>,
  ): Promise<boolean> {
    try {
      const { intervalMs, otlp } = now;
      const { pusher, name } = await create();
      const { revision } = recording;
      loops.push(startPushLoop(pusher, { name, intervalMs, timeoutMs: otlp.timeoutMs, revision, report }));
      return true;
    } catch (error) {
      failed(`metrics are not pushed ${what}`, error);
      isPushing = false;
      return false;
    }
  }

  const startOtlp = (now: Settings) =>
    startPushing('by OTLP', now, async () => {
      const { endpoint, headers, protocol } = now.otlp;
      const to = toDestination('OTLP endpoint', endpoint, headers, protocol === 'grpc' ? 'grpc' : 'http');
      // Loaded only where it is asked for: it is more code than all the rest.
      const pusher = await (await import('./otlp/otlp.js')).createOtlpPusher({
        ledger: createLedger(startId),
        read: (page, ms) => readPatiently(page, ms, (all) => all.getMetricsAsJSON(), readNow),
        readNow: (page) => recording.readNow(page, readNow),
        metrics: exposedMetrics(catalogue),
        settings: now,
        to,
        startId,
      });
      return { pusher, name: to.name };
    });

  const startPushgateway = (now: Settings) =>
    startPushing('to a Pushgateway', now, async () => {
      const { pushgatewayUrl: url } = now;
      if (url === undefined) throw new Error('there is no address; set LOCKSTEP_PUSHGATEWAY_URL');
      const to = toDestination('address of the Pushgateway', url, {}, 'http');
      const pusher = (await import('./pushgateway/pushgateway.js')).createPushgatewayPusher({
        to,
        job: now.serviceName,
        instance: now.instanceId ?? startId,
        ledger: createLedger(startId),
        contentType: registry.contentType,
        expose: (page, ms) => readPatiently(page, ms, expose, exposeNow),
        exposeNow: (page) => recording.readNow(page, exposeNow),
      });
      return { pusher, name: to.name };
    });

  const starts: Readonly<Record<Transport, (now: Settings) => Promise<boolean>>> = {
    prometheus: async (now) => (await serve(now.server)) !== undefined,
    otlp: startOtlp,
    pushgateway: startPushgateway,
  };

  async function begin(now: Settings): Promise<boolean> {
    const { transports } = now;
    const up: boolean[] = [];
    for (const transport of TRANSPORTS) if (transports.includes(transport)) up.push(await starts[transport](now));
    // A flush, or a call by gRPC, that was under way has held the program for up to half of the deadline before this is
    // asked for.
    const deadlineMs = loops.length > 0 ? now.exitDeadlineMs / 2 : now.exitDeadlineMs;
    if (transports.length > 0) holds.push(endWithProgram(() => shutdownWithin(deadlineMs)));
    // A server may come up after the end has been waited for.
    if (endsBy === 0) await close(0);
    return up.every((each) => each);
  }

  async function end(deadlineMs: number): Promise<void> {
    const began = performance.now();
    endsBy = began + deadlineMs;
    // An exporter that is told to end while it starts has nothing yet to send by.
    await within(deadlineMs, started ?? Promise.resolve());
    await close(Math.max(0, deadlineMs - (performance.now() - began)));
    endsBy = 0;
  }

  async function close(deadlineMs: number): Promise<void> {
    await Promise.all([...loops.map((loop) => loop.finish(deadlineMs)), waitForScrapes(deadlineMs)]);
    await Promise.all(servings.map((serving) => serving.close()));
    for (const letGo of holds.splice(0)) letGo();
  }

  /** Waits until the values as they are now have been scraped. */
  async function waitForScrapes(deadlineMs: number): Promise<void> {
    const isServed = servings.some((serving) => serving.isOpen());
    if (!isServed || loops.length > 0 || recording.revision() === 0) return;
    const { scrapers, exitDeadlineMs } = resolve();
    const { have, of } = await linger.wait({ revision: recording.revision, scrapers, deadlineMs });
    // A host that sets the deadline to 0 does not wait, and knows what that costs.
    // A port that was taken all the time has been reported.
    const isUp = servings.some((serving) => serving.server() !== undefined);
    if (have === of || exitDeadlineMs === 0 || !isUp) return;
    const told = have === 0 ? 'nobody, and are lost' : `${have} of ${of} scrapers`;
    const mend = 'give the exit a deadline above the scrape interval (LOCKSTEP_EXIT_DEADLINE), or push';
    report('unscraped', `the last values were scraped within ${exitDeadlineMs} ms by ${told}; ${mend}`);
  }

  function resolve(): Settings {
    if (settings !== undefined) return settings;
    const complain = (message: string) => report(message, message);
    settings = resolveSettings(catalogue.name, options, environmentOf(options), complain);
    secrets = secretsIn(settings);
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
      if (started === undefined || ending !== undefined) return false;
      const { otlp, exitDeadlineMs } = resolve();
      const ms = Math.min(otlp.timeoutMs, exitDeadlineMs / 2);
      await within(ms, started);
      const taken = await Promise.all(loops.map((loop) => loop.flush(ms)));
      return isPushing && taken.length > 0 && taken.every((each) => each);
    } catch (error) {
      failed('metrics', error);
      return false;
    }
  };
  const shutdown = async (): Promise<void> => {
    try {
      await shutdownWithin(resolve().exitDeadlineMs);
    } catch (error) {
      failed('metrics', error);
    }
  };
  const lastWords = () => {
    // It has been tried, and told.
    if (endsBy !== undefined && endsBy <= performance.now()) return undefined;
    const words = loops.flatMap((loop) => loop.lastWords() ?? []);
    return { words, deadlineMs: endsBy === undefined ? resolve().exitDeadlineMs : endsBy - performance.now() };
  };
  let isWatched = false;

  return {
    record,
    registry,
    start: async () => {
      try {
        if (ending !== undefined) return false;
        started ??= begin(resolve());
        return await started;
      } catch (error) {
        failed('metrics', error);
        return false;
      }
    },
    flush,
    shutdown,
    flushOnExit: () => {
      if (isWatched || ending !== undefined) return;
      isWatched = true;
      const tell = (trouble: string) => failed('metrics are not delivered at the end', trouble);
      holds.push(watchEnds({ flush, shutdown, failed: tell, lastWords }));
    },
    serve,
  };
}

function environmentOf(options: unknown): Environment {
  const environment = fieldOf(options, 'environment');
  return typeof environment === 'object' && environment !== null ? (environment as Environment) : process.env;
}
