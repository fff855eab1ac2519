import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
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
  /** When the series' last sample was scraped, and how many there are by now. */
  lastScrape(selector: string): Promise<{ readonly time: number; readonly samples: number } | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts a server that cannot outlive the test: its keeper, a shell, ends it when the pipe to us closes, however we went.
 */
export function startServer(program: string, args: readonly string[]): ChildProcess {
  const keeper = '"$0" "$@" & server=$!; cat >/dev/null; kill -9 $server 2>/dev/null; wait $server 2>/dev/null';
  return spawn('/bin/sh', ['-c', keeper, program, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** @param targets `host:port` of what it scrapes, once a second */
export async function startPrometheus(program: string, targets: readonly string[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'fab', static_configs: [{ targets }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const keeper = startServer(program, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  let log = '';
  keeper.stderr?.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-5000);
  });
  const stop = async () => {
    const ended = new Promise((done) => keeper.once('close', done));
    keeper.stdin?.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 30_000;
  while (!(await isReady(`${url}/-/ready`))) {
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`Prometheus is not ready after 30 s:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }

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

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
