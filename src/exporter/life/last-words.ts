import { spawnSync } from 'node:child_process';
import type { Registry } from 'prom-client';
import { describeError } from '../report.js';

/** A report that is encoded and not sent: all that another process needs to send it. */
export interface Words {
  readonly protocol: 'http' | 'grpc';
  readonly url: string;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** An exporter's part at an end that its program does not announce. */
export interface Ender {
  /** Reports that were not sent, and how long sending may take; nothing if all were sent. */
  readonly lastWords: () => { readonly words: readonly Words[]; readonly deadlineMs: number } | undefined;
  readonly flush: () => Promise<unknown>;
  readonly shutdown: () => Promise<unknown>;
  readonly failed: (trouble: string) => void;
}

type Values = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The registry's values at once. A metric that somebody else registered may answer with a promise: it is left out. */
export function readNow(registry: Registry): Values {
  return registry.getMetricsAsArray().flatMap((metric) => {
    try {
      const values: unknown = (metric as unknown as { get: () => unknown }).get();
      if (!(values instanceof Promise)) return [values as Values[number]];
      values.catch(() => {});
    } catch {
      // Somebody else's metric, whose values cannot be had.
    }
    return [];
  });
}

/** The registry in Prometheus's text format, at once. */
export function exposeNow(registry: Registry): string {
  return readNow(registry)
    .map(({ name, help, type, values }) => {
      const lines = (values as { labels: object; value: number; metricName?: string }[]).map((each) => {
        const labels = Object.entries(each.labels).map(([label, value]) => `${label}="${escaped(String(value))}"`);
        return `${each.metricName ?? name}{${labels.join(',')}} ${numberText(each.value)}`;
      });
      return [`# HELP ${name} ${escaped(help, false)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('\n');
}

function escaped(text: string, quotes = true): string {
  const safe = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return quotes ? safe.replace(/"/g, '\\"') : safe;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/**
 * The program of the other process. It reads the reports on stdin, sends them at once, and tries again what may pass,
 * until the deadline. It says on stdout what went wrong, one line for each report.
 */
const SCRIPT = `
const { deadlineMs, words } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const end = Date.now() + deadlineMs;
const http = (each) => new Promise((done) => {
  const { request } = require(each.url.startsWith('https:') ? 'node:https' : 'node:http');
  const body = Buffer.from(each.body, 'base64');
  const headers = { ...each.headers, 'Content-Length': body.length };
  const sent = request(each.url, { method: each.method, headers, agent: false }, (answer) => {
    answer.destroy();
    const { statusCode: status } = answer;
    const taken = status >= 200 && status < 300;
    done({ trouble: taken ? '' : 'status ' + status, again: [429, 502, 503, 504].includes(status) });
  });
  sent.on('error', (error) => done({ trouble: error.message || error.code, again: true }));
  sent.end(body);
});
const grpc = (each) => new Promise((done) => {
  const { connect } = require('node:http2');
  const { origin, pathname } = new URL(each.url);
  const client = connect(origin);
  const over = (trouble, again) => { client.destroy(); done({ trouble, again }); };
  client.on('error', (error) => over(error.message || error.code, true));
  const headers = Object.fromEntries(Object.entries(each.headers).map(([key, value]) => [key.toLowerCase(), value]));
  const call = client.request({
    ...headers, ':method': 'POST', ':path': pathname, 'content-type': 'application/grpc', te: 'trailers',
  });
  let status;
  const note = (fields) => { status = fields['grpc-status'] ?? status; };
  call.on('response', note);
  call.on('trailers', note);
  call.on('error', (error) => over(error.message, true));
  call.on('close', () => over(status === '0' ? '' : 'grpc status ' + status, ['8', '14', undefined].includes(status)));
  call.resume();
  const body = Buffer.from(each.body, 'base64');
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  call.end(Buffer.concat([prefix, body]));
});
const deliver = async (each) => {
  for (;;) {
    const { trouble, again } = await (each.protocol === 'grpc' ? grpc : http)(each);
    if (trouble === '') return '';
    if (!again || Date.now() + 200 > end) return trouble;
    await new Promise((done) => setTimeout(done, 200));
  }
};
Promise.all(words.map((each) => deliver(each).catch((error) => error.message))).then((said) => {
  process.stdout.write(said.filter((each) => each !== '').join('\\n'), () => process.exit());
});
`;

/** The variables that the other process needs: none that may hold a header. */
const KEPT = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
/** Less than this, and no process can start. */
const LEAST_MS = 50;

/**
 * Sends reports by a process of its own, and waits for it: the only way to send where nothing asynchronous happens any
 * more.
 */
function speak(words: readonly Words[], deadlineMs: number): string {
  if (deadlineMs < LEAST_MS) return 'the exit deadline is over';
  const input = JSON.stringify({
    deadlineMs,
    words: words.map((each) => ({ ...each, body: Buffer.from(each.body as string).toString('base64') })),
  });
  const environment = KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const { error, stdout, stderr, status } = spawnSync(process.execPath, ['-e', SCRIPT], {
    input,
    env: Object.fromEntries(environment),
    timeout: Math.ceil(deadlineMs),
    killSignal: 'SIGKILL',
    encoding: 'utf8',
    windowsHide: true,
  });
  if (error !== undefined)
    return (error as NodeJS.ErrnoException).code === 'ETIMEDOUT' ? 'no answer within the exit deadline' : error.message;
  return status === 0 ? stdout : `the process that sends ended with ${status}: ${stderr.trim().slice(0, 200)}`;
}

const enders = new Set<Ender>();
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Sends what an exporter has not told, however its program ends, and changes nothing about that end. `process.exit()`,
 * an uncaught exception and an unhandled rejection all come to Node's `exit`. A signal that nobody else listens for is
 * raised again after the last report; where somebody does, the end is theirs, as it is with process 1, for which such a
 * signal is no end.
 *
 * @returns takes it back: an exporter that has ended is not held
 */
export function watchEnds(ender: Ender): () => void {
  if (enders.size === 0) {
    process.on('exit', speakForAll);
    for (const signal of SIGNALS) process.on(signal, endForAll);
  }
  enders.add(ender);
  return () => {
    if (!enders.delete(ender) || enders.size > 0) return;
    process.off('exit', speakForAll);
    if (!isEnding) for (const signal of SIGNALS) process.off(signal, endForAll);
  };
}

function speakForAll(): void {
  for (const { lastWords, failed } of enders) {
    try {
      const last = lastWords();
      if (last === undefined || last.words.length === 0) continue;
      const trouble = speak(last.words, last.deadlineMs);
      if (trouble !== '') failed(trouble);
    } catch (error) {
      failed(describeError(error));
    }
  }
}

/** A signal is being answered, and will be raised again. */
let isEnding = false;

async function endForAll(signal: NodeJS.Signals): Promise<void> {
  if (process.listenerCount(signal) > 1 || process.pid === 1) {
    for (const { flush } of enders) void flush();
    return;
  }
  // A second signal changes nothing: the end comes within the deadline.
  if (isEnding) return;
  isEnding = true;
  await Promise.all([...enders].map(({ shutdown }) => shutdown()));
  isEnding = false;
  for (const each of SIGNALS) process.off(each, endForAll);
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
