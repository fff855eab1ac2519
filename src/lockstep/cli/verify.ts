import { createReadStream } from 'node:fs';
import type { Problem } from 'lockstep-exporter/internal';
import { showAddress } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import type { PlannedFile } from '../emit/plan.js';
import { durationSeconds } from '../promql/window.js';
import { MOST_BYTES, parseExposition } from '../verify/exposition.js';
import { compareGrafana, printLiveDrift } from '../verify/grafana.js';
import type { Access } from '../verify/http.js';
import { printUrl, RequestError, request } from '../verify/http.js';
import type { Mismatch, VerifyLevel } from '../verify/metrics.js';
import { compareExposition } from '../verify/metrics.js';
import type { Answer } from '../verify/prometheus.js';
import { askAll } from '../verify/prometheus.js';
import { countReadsOf } from '../verify/starts.js';
import { accessOf, HEADERS_VARIABLE, TOKEN_VARIABLE, toUrl } from './access.js';
import { loadPlan } from './load.js';
import { annotation, EXIT, printCommand, printLine, printTable, reportProblems } from './print.js';

export interface VerifyOptions {
  readonly config?: string;
  readonly metrics?: string;
  readonly prometheus?: string;
  readonly grafana?: string;
  readonly awsRegion?: string;
  readonly timeout: string;
  readonly tries: number;
  readonly rateInterval: string;
  readonly range: string;
  readonly failOn: VerifyLevel;
  readonly format: 'text' | 'json' | 'github';
}

const SOURCES = ['metrics', 'prometheus', 'grafana'] as const;

/** `lockstep verify`: whether what runs is what the definitions say. Writes nothing. */
export async function verify(options: VerifyOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems(loaded.problems, options.format);
  const refuse = (problem: Problem) => reportProblems([problem], options.format);
  const named = SOURCES.filter((each) => options[each] !== undefined);
  const [source] = named;
  if (source === undefined || named.length > 1)
    return refuse({
      code: 'verify/usage',
      where: SOURCES.map((each) => `--${each}`).join(', '),
      found: source === undefined ? 'none of them' : named.map((each) => `--${each}`).join(' and '),
      fix: 'name one: the metrics of a process, a Prometheus, or a Grafana',
    });
  const access = accessOf(options);
  if ('code' in access) return refuse(access);
  try {
    switch (source) {
      case 'metrics':
        return await verifyMetrics(loaded.config, options.metrics ?? '', options, access);
      case 'prometheus':
        return await verifyPrometheus(loaded.config, options, access, refuse);
      case 'grafana':
        return await verifyGrafana(loaded.files, options, access, refuse);
    }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return refuse({
      code: 'verify/unreachable',
      where: `--${source}`,
      found: error.message,
      fix: `look whether it is up and may be asked from here; ${TOKEN_VARIABLE} and ${HEADERS_VARIABLE} say who asks`,
    });
  }
}

async function verifyMetrics(config: Config, source: string, options: VerifyOptions, access: Access): Promise<number> {
  const text = await readMetrics(source, access);
  const exposition = parseExposition(text);
  const reads = countReadsOf(config);
  const found = config.systems.flatMap(({ catalogue }) => compareExposition(catalogue, exposition, reads));
  const mismatches = found.filter(
    (each, index) => found.findIndex((other) => JSON.stringify(other) === JSON.stringify(each)) === index,
  );
  const failing = mismatches.filter(({ level }) => level === 'error' || options.failOn === 'warning');
  const url = toUrl(source);
  const shown = url === undefined ? showAddress(source) : printUrl(url);
  const metrics = config.systems.map(({ catalogue }) => catalogue.name).join(', ');
  switch (options.format) {
    case 'json':
      printLine(
        JSON.stringify(
          {
            ok: failing.length === 0,
            samples: exposition.samples.length,
            mismatches: mismatches.map((each) => ({ ...each, line: each.line ?? null })),
          },
          undefined,
          2,
        ),
      );
      break;
    case 'github':
      for (const each of mismatches)
        printCommand(
          annotation(each.rule, printMessage(each), url === undefined ? shown : undefined, each.line, each.level),
        );
      break;
    case 'text':
      for (const each of mismatches)
        printLine(
          `${each.level}[${each.rule}] ${shown}${each.line === undefined ? '' : `:${each.line}`}${each.metric === '' ? '' : `  ${each.metric}`}\n  found  ${each.found}\n  fix    ${each.fix}\n`,
        );
      printLine(`${exposition.samples.length} series against catalogue ${metrics}: ${mismatches.length} mismatches`);
  }
  return failing.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

function printMessage({ metric, found, fix }: Mismatch): string {
  return `${metric === '' ? '' : `${metric}: `}${found}; ${fix}`;
}

async function readMetrics(source: string, access: Access): Promise<string> {
  const url = toUrl(source);
  if (url === undefined) return readLimited(source, access.timeout);
  const accept = { accept: 'application/openmetrics-text; version=1.0.0; q=0.5, text/plain; version=0.0.4' };
  const { status, body } = await request(url, { ...access, headers: { ...accept, ...access.headers } });
  if (status !== 200) throw new RequestError(`${printUrl(url)}: HTTP ${status}`);
  return body;
}

/**
 * A file that was named: also a pipe, as `<(curl ...)` gives one. It is read until it ends, is too large, or nothing
 * comes in time.
 */
async function readLimited(path: string, milliseconds: number): Promise<string> {
  const stream = createReadStream(path);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new RequestError(`${showAddress(path)}: it does not end in time`)), milliseconds);
  });
  const read = async () => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new RequestError(`${showAddress(path)}: more than ${MOST_BYTES / 1024 / 1024} MiB`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  };
  try {
    return await Promise.race([read(), late]);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

async function verifyPrometheus(
  config: Config,
  options: VerifyOptions,
  access: Access,
  refuse: (problem: Problem) => number,
): Promise<number> {
  const url = toUrl(options.prometheus ?? '');
  const seconds = { rateInterval: durationSeconds(options.rateInterval), range: durationSeconds(options.range) };
  if (url === undefined || seconds.rateInterval === undefined || seconds.range === undefined)
    return refuse({
      code: 'verify/usage',
      where: url === undefined ? '--prometheus' : '--rate-interval, --range',
      found: url === undefined ? showAddress(options.prometheus) : `${options.rateInterval}, ${options.range}`,
      fix: url === undefined ? 'give a http or https address' : 'write a whole number and one unit: 5m, 6h',
    });
  const isTerminal = process.stderr.isTTY === true && options.format === 'text';
  let asked = 0;
  const answers = await askAll(
    config,
    { url, access, rateInterval: seconds.rateInterval, range: seconds.range },
    ({ query }, of) => {
      asked += 1;
      if (isTerminal) process.stderr.write(`\r\u001b[K${asked} of ${of}  ${query}`);
    },
  );
  if (isTerminal) process.stderr.write('\r\u001b[K');
  const failing = answers.filter(
    ({ status }) => status === 'error' || (status === 'empty' && options.failOn === 'warning'),
  );
  const bad = answers.filter(({ status }) => status === 'error' || status === 'empty');
  switch (options.format) {
    case 'json':
      printLine(
        JSON.stringify(
          {
            ok: failing.length === 0,
            answers: answers.map((each) => ({ ...each, samples: each.samples ?? null, why: each.why ?? null })),
          },
          undefined,
          2,
        ),
      );
      break;
    case 'github':
      for (const { query, status, why } of bad)
        printCommand(
          annotation(
            `verify/${status}`,
            `${query}: ${why ?? ''}`,
            undefined,
            undefined,
            status === 'error' ? 'error' : 'warning',
          ),
        );
      break;
    case 'text':
      printLine(
        printTable([
          ['status', 'series', 'seconds', 'samples', 'query'],
          ...answers.map((each) => [
            each.status,
            each.series,
            each.seconds.toFixed(3),
            each.samples ?? '?',
            printQuery(each),
          ]),
        ]),
      );
      printLine(`\n${answers.length} queries: ${answers.length - bad.length} fine, ${bad.length} empty or in error`);
  }
  return failing.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

async function verifyGrafana(
  files: readonly PlannedFile[],
  options: VerifyOptions,
  access: Access,
  refuse: (problem: Problem) => number,
): Promise<number> {
  const url = toUrl(options.grafana ?? '');
  if (url === undefined)
    return refuse({
      code: 'verify/usage',
      where: '--grafana',
      found: showAddress(options.grafana),
      fix: 'give a http or https address',
    });
  const isTerminal = process.stderr.isTTY === true && options.format === 'text';
  const drifts = await compareGrafana(files, { url, access }, (what) => {
    if (isTerminal) process.stderr.write(`\r\u001b[K${what}`);
  });
  if (isTerminal) process.stderr.write('\r\u001b[K');
  switch (options.format) {
    case 'json':
      printLine(
        JSON.stringify(
          { ok: drifts.length === 0, drifts },
          (_, value: unknown) => (value === undefined ? null : value),
          2,
        ),
      );
      break;
    case 'github':
      for (const { status, what, differences } of drifts)
        printCommand(
          annotation(
            `verify/${status}`,
            [what, ...differences.slice(0, 5).map(({ where }) => where)].join(': '),
            undefined,
            undefined,
          ),
        );
      break;
    case 'text':
      for (const drift of drifts) printLine(`${printLiveDrift(drift)}\n`);
      printLine(
        drifts.length === 0
          ? `what is live is what would be built`
          : `${drifts.length} ${drifts.length === 1 ? 'drift' : 'drifts'} of what is live`,
      );
  }
  return drifts.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

function printQuery({ query, why }: Answer): string {
  return why === undefined ? query : `${query}: ${why}`;
}
