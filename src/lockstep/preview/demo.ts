import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { START_LABEL } from 'lockstep-exporter/internal';
import type { Demo } from '../config/demo.js';
import { recordSeries, sampleSeconds } from '../prove/world.js';

/** A real Prometheus that holds a made-up past, on loopback, for as long as the command runs. */
export interface DemoServer {
  readonly url: URL;
  /** When the made-up past ends, in seconds since 1970. */
  readonly now: number;
  /** Ends it, and leaves nothing. Safe to call again, and while the process exits. */
  stop(): void;
}

const STEP = 60;
/** Blocks of some days: fewer are made faster, and asked faster. */
const BLOCK = '162h';

/**
 * Fills a Prometheus with what systems would have recorded until now and starts it. A process that exits in the
 * meantime leaves nothing of it.
 *
 * @throws Error with the program's own words if it does not start
 */
export async function startDemo(
  demos: readonly Demo[],
  programs: { readonly prometheus: string; readonly promtool: string },
  onStep: (step: string) => void = () => {},
): Promise<DemoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-demo-'));
  const running: ChildProcess[] = [];
  const stop = () => {
    process.off('exit', stop);
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', stop);
  try {
    const now = Math.floor(Date.now() / 1000 / STEP) * STEP;
    onStep('making up the past');
    const text = join(folder, 'past.om');
    await writeOpenMetrics(text, demos, now);
    onStep('storing it');
    const data = join(folder, 'data');
    const storing = promisify(execFile)(
      programs.promtool,
      ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', `--max-block-duration=${BLOCK}`, text, data],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    running.push(storing.child);
    await storing;
    rmSync(text);
    onStep('starting Prometheus');
    return { url: await startPrometheus(programs.prometheus, folder, data, running), now, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/**
 * Every series whole, one after the other: families need no order among them, and their samples are in order within
 * each.
 */
async function writeOpenMetrics(path: string, demos: readonly Demo[], now: number): Promise<void> {
  const file = createWriteStream(path);
  for (const demo of demos) {
    const world = { stepSeconds: STEP, steps: demo.minutes, processes: demo.processes, events: demo.events };
    const begin = now - demo.minutes * STEP;
    for (const { metric, part, labels, bound, process, first, values } of recordSeries(world)) {
      const all = {
        ...labels,
        ...(bound === undefined ? {} : { le: bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound) }),
        job: 'demo',
        [START_LABEL]: `demo${process}`,
      };
      const name = `${metric.name}${part}{${Object.entries(all)
        .map(([label, value]) => `${label}="${value.replace(/[\\"]/g, '\\$&')}"`)
        .join(',')}}`;
      const lines = values.map((value, index) => `${name} ${value} ${begin + sampleSeconds(first + index, STEP)}\n`);
      if (!file.write(lines.join(''))) await new Promise<void>((done) => file.once('drain', done));
    }
  }
  file.end('# EOF\n');
  await finished(file);
}

async function startPrometheus(program: string, folder: string, data: string, running: ChildProcess[]): Promise<URL> {
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, '{}\n');
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=90d',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  running.push(child);
  let log = '';
  let ended = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-3000);
  });
  child.on('error', (error) => {
    log += error.message;
    ended = true;
  });
  child.on('close', () => {
    ended = true;
  });
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && !ended; ) {
    if (await isReady(url)) return url;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`Prometheus does not start: ${log.split('\n').slice(-4).join('\n')}`);
}

async function isReady(url: URL): Promise<boolean> {
  try {
    return (await fetch(new URL('/-/ready', url))).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port')),
      );
    });
  });
}
