import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A series of a query's answer: its labels, and its value at the time asked for. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus, on a free port of loopback, with its data in a folder of its own. */
export interface Prometheus {
  readonly url: string;
  /** The value of each series at a time, in seconds since 1970. @throws Error with Prometheus' own words */
  query(expression: string, time: number): Promise<readonly Sample[]>;
  /** The same, as a panel asks: as the last step of a range that ends at the time. */
  queryRange(expression: string, end: number): Promise<readonly Sample[]>;
  /** The raw samples of a range selector. */
  samples(
    selector: string,
  ): Promise<readonly { readonly labels: Sample['labels']; readonly values: readonly number[] }[]>;
  /** When the series' last sample was scraped, and how many there are by now. */
  lastScrape(selector: string): Promise<{ readonly time: number; readonly samples: number } | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts a server that cannot outlive the test: its keeper, a shell, ends it when the pipe to us closes, however we
 * went. It is asked to end, and after five seconds is not asked any more.
 */
export function startServer(program: string, args: readonly string[]): ChildProcess {
  const keeper =
    '"$0" "$@" & server=$!; cat >/dev/null; kill $server 2>/dev/null; (sleep 5; kill -9 $server) 2>/dev/null & last=$!; wait $server 2>/dev/null; kill $last 2>/dev/null';
  return spawn('/bin/sh', ['-c', keeper, program, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
}

/** A port of loopback that is kept from others until whom it is for takes it. */
export interface HeldPort {
  readonly port: number;
  /** Lets go of it; whoever it is for must take it at once. */
  release(): Promise<void>;
}

/** A free port that the system gives, held. Who knocks meanwhile is turned away. */
export async function holdPort(): Promise<HeldPort> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, release: () => new Promise((done) => server.close(() => done())) };
}

/**
 * Ports that were given out. A server takes its port some time after it was found free: were another server given the
 * same one meanwhile, the answer of the first would be taken for that of the second.
 */
const given = new Set<number>();

async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  if (given.has(port)) return await freePort();
  given.add(port);
  return port;
}

/** A server of a test's own: its address, and how it ends. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Between a port's being free and a server's taking it, somebody else may: then it is another one's turn. */
const TRIES = 3;

/**
 * Starts a server on a free port of loopback with a folder of its own, and waits until it answers.
 *
 * @param isUp   the path that answers with 2xx when it is ready; none: whatever it answers
 * @param wanted the port, where it must be a certain one
 */
async function serve(
  name: string,
  isUp: string | undefined,
  start: (folder: string, port: number) => ChildProcess | Promise<ChildProcess>,
  wanted?: number,
): Promise<Server & { readonly port: number }> {
  let log = '';
  for (let tries = 0; tries < TRIES; tries++) {
    // What the try before has said must not end this one.
    log = '';
    const folder = mkdtempSync(join(tmpdir(), `lockstep-${name}-`));
    const port = wanted ?? (await freePort());
    const url = `http://127.0.0.1:${port}`;
    const keeper = await start(folder, port);
    let ended = false;
    const end = new Promise<void>((done) =>
      keeper.once('close', () => {
        ended = true;
        done();
      }),
    );
    keeper.stderr?.setEncoding('utf8').on('data', (text) => {
      log = (log + text).slice(-5000);
    });
    const stop = async () => {
      keeper.stdin?.end();
      await end;
      rmSync(folder, { recursive: true, force: true });
    };
    const deadline = Date.now() + 30_000;
    while (!ended && Date.now() < deadline && !log.includes('address already in use')) {
      if (await isReady(`${url}${isUp ?? '/'}`, isUp === undefined)) return { url, port, stop };
      await new Promise((done) => setTimeout(done, 100));
    }
    await stop();
  }
  throw new Error(`${name} does not start:\n${log}`);
}

export function startPushgateway(program: string): Promise<Server> {
  return serve('pushgateway', '/-/ready', (_, port) =>
    startServer(program, [`--web.listen-address=127.0.0.1:${port}`]),
  );
}

export interface Collector {
  /** Where OTLP is taken over HTTP and over gRPC. */
  readonly http: string;
  readonly grpc: string;
  /** How many points it did not add up, by its own account: of two reports that met, the older one. */
  dropped(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * A collector as fab's cluster has one: OTLP in, remote write out, `target_info` and scope labels off.
 *
 * @param options.deltas add deltas up before they are written, over all processes
 * @param options.ports  those of a collector that is started again
 */
export async function startCollector(
  program: string,
  options: { readonly remoteWrite: string; readonly deltas: boolean; readonly ports?: readonly [number, number] },
): Promise<Collector & { readonly ports: readonly [number, number] }> {
  let grpc = options.ports?.[1] ?? 0;
  let account = 0;
  const configFor = (http: number) => ({
    receivers: {
      otlp: {
        protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } },
      },
    },
    // 200 ms as it comes, of the minute between two reports: as much of the second that a test has.
    processors: { batch: { timeout: '4ms' }, ...(options.deltas ? { deltatocumulative: { max_stale: '840h' } } : {}) },
    exporters: {
      prometheusremotewrite: {
        endpoint: options.remoteWrite,
        target_info: { enabled: false },
        disable_scope_info: true,
        // Each start of the collector adds up in series of its own, so that no total ever goes down.
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the collector reads it
        ...(options.deltas ? { external_labels: { start_id: '${file:/proc/sys/kernel/random/uuid}' } } : {}),
      },
    },
    service: {
      telemetry: {
        metrics: {
          level: 'basic',
          readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: account } } } }],
        },
        logs: { level: 'error' },
      },
      pipelines: {
        metrics: {
          receivers: ['otlp'],
          processors: [...(options.deltas ? ['deltatocumulative'] : []), 'batch'],
          exporters: ['prometheusremotewrite'],
        },
      },
    },
  });
  const start = async (folder: string, http: number) => {
    if (options.ports === undefined) grpc = await freePort();
    account = await freePort();
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(configFor(http)));
    return startServer(program, ['--config', file]);
  };
  const { url, port, stop } = await serve('collector', undefined, start, options.ports?.[0]);
  const dropped = async () => {
    const text = await (await fetch(`http://127.0.0.1:${account}/metrics`)).text();
    const lines = text.split('\n').filter((line) => /^otelcol_deltatocumulative_datapoints.*error="/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  };
  return { http: url, grpc: `http://127.0.0.1:${grpc}`, ports: [port, grpc], dropped, stop };
}

export interface PrometheusOptions {
  /** `host:port` of what it scrapes. */
  readonly targets?: readonly string[];
  /** More jobs, each with labels of its targets. */
  readonly jobs?: readonly {
    readonly name: string;
    readonly targets: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
    /** Of the page; `/metrics` if not said. */
    readonly path?: string;
  }[];
  /** Take the labels as the target has them, as one does for a Pushgateway. */
  readonly honorLabels?: boolean;
  /** What it has stored already: OpenMetrics with times, and the promtool that stores it. */
  readonly past?: { readonly openMetrics: string; readonly promtool: string };
  /** Groups of rules that it evaluates. */
  readonly rules?: readonly object[];
}

/** Scrapes once a second, and takes remote writes. */
export async function startPrometheus(
  program: string,
  { targets = [], jobs = [], honorLabels = false, past, rules = [] }: PrometheusOptions,
): Promise<Prometheus> {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    rule_files: ['rules.json'],
    scrape_configs: [
      { job_name: 'fab', honor_labels: honorLabels, static_configs: [{ targets }] },
      ...jobs.map(({ name, path = '/metrics', ...each }) => ({
        job_name: name,
        metrics_path: path,
        static_configs: [each],
      })),
    ],
  };
  const { url, stop } = await serve('prometheus', '/-/ready', (folder, port) => {
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: rules }));
    if (past !== undefined) {
      const text = join(folder, 'past.om');
      writeFileSync(text, past.openMetrics);
      execFileSync(past.promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, join(folder, 'data')]);
    }
    return startServer(program, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      // A past that the test made up is not too old, whenever it runs.
      '--storage.tsdb.retention.time=10y',
    ]);
  });

  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<readonly RawSeries[]> => {
    const response = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const answer = (await response.json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data?: { readonly result: readonly RawSeries[] };
    };
    if (answer.status !== 'success' || answer.data === undefined)
      throw new Error(`${answer.error}: ${parameters['query']}`);
    return answer.data.result;
  };
  return {
    url,
    stop,
    query: async (expression, time) => {
      const result = await ask('query', { query: expression, time: time.toFixed(3) });
      return result.map((series) => ({ labels: series.metric, value: Number(series.value?.[1]) }));
    },
    queryRange: async (expression, end) => {
      const result = await ask('query_range', {
        query: expression,
        start: (end - 30).toFixed(3),
        end: end.toFixed(3),
        step: '15',
      });
      return result.flatMap((series) => {
        const last = series.values?.at(-1);
        return last === undefined || Math.abs(last[0] - end) > 0.002
          ? []
          : [{ labels: series.metric, value: Number(last[1]) }];
      });
    },
    samples: async (selector) => {
      const result = await ask('query', { query: selector });
      return result.map(({ metric, values = [] }) => ({
        labels: metric,
        values: values.map(([, text]) => Number(text)),
      }));
    },
    lastScrape: async (selector) => {
      const result = await ask('query', { query: `${selector}[10m]` });
      const times = result.map((series) => series.values?.at(-1)?.[0] ?? 0);
      if (times.length === 0) return undefined;
      return { time: Math.max(...times), samples: Math.min(...result.map((series) => series.values?.length ?? 0)) };
    },
  };
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

async function isReady(url: string, anyAnswer: boolean): Promise<boolean> {
  try {
    return (await fetch(url)).ok || anyAnswer;
  } catch {
    return false;
  }
}
