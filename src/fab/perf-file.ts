import { open } from 'node:fs/promises';
import type { Registry } from 'prom-client';
import { createRecorders } from '../exporter/recorders.js';
import type { OnError } from '../exporter/report.js';
import { logError, reportOnce } from '../exporter/report.js';
import { printValue } from '../problem.js';
import { fab } from './catalogue.js';
import { toRole } from './roster.js';

/** What fab keeps per role in `.fab-perf.json`, cumulative over the life of the file. `lastActive` is not read. */
export interface RoleMetrics {
  readonly sessions: number;
  readonly selfEvalPass: number;
  readonly selfEvalFail: number;
  readonly advisorCalls: number;
  readonly revisions: number;
  readonly totalInputTokens: number;
  readonly totalOutputTokens: number;
}
const FIELDS = [
  'sessions',
  'selfEvalPass',
  'selfEvalFail',
  'advisorCalls',
  'revisions',
  'totalInputTokens',
  'totalOutputTokens',
] as const satisfies readonly (keyof RoleMetrics)[];

export type PerfData = Readonly<Record<string, RoleMetrics>>;

/** The metrics that the file knows of. The others are not served at all: a zero that nobody counted would be a lie. */
export const PERF_METRICS = ['sessions', 'selfEval', 'advisorCalls', 'revisions', 'tokens'] as const;

/** Far above what 79 roles need (20 kB); whatever is larger is not this file. */
const MOST_BYTES = 4_000_000;

/** The data of a perf file. @throws Error that says what is wrong where, and never more than a line. */
export function parsePerfData(text: string): PerfData {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(text.trim() === '' ? 'the file is empty' : 'the file is no JSON, or half written');
  }
  if (!isRecord(data)) throw new Error(`expected an object by role, found ${printValue(data)}`);
  for (const [role, metrics] of Object.entries(data)) {
    if (!isRecord(metrics))
      throw new Error(`role ${printValue(role)}: expected an object, found ${printValue(metrics)}`);
    for (const field of FIELDS) {
      const value = metrics[field];
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
        throw new Error(
          `role ${printValue(role)}: expected ${field} to be a number, 0 or more, found ${printValue(value)}`,
        );
    }
  }
  return data as PerfData;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The file's totals as a registry of the catalogue. Roles that the roster does not have add up as `unknown`. */
export function toRegistry(data: PerfData, onError: OnError): Registry {
  const { registry, record } = createRecorders(fab, { only: PERF_METRICS, onError });
  for (const [name, metrics] of Object.entries(data)) {
    const role = toRole(name);
    record.sessions.add({ role }, metrics.sessions);
    record.selfEval.add({ role, result: 'pass' }, metrics.selfEvalPass);
    record.selfEval.add({ role, result: 'fail' }, metrics.selfEvalFail);
    record.advisorCalls.add({ role }, metrics.advisorCalls);
    record.revisions.add({ role }, metrics.revisions);
    record.tokens.add({ role, direction: 'input' }, metrics.totalInputTokens);
    record.tokens.add({ role, direction: 'output' }, metrics.totalOutputTokens);
  }
  return registry;
}

/** A perf file that is followed as it changes. */
export interface PerfFile {
  readonly contentType: string;
  /** Reads the file and gives its exposition; while it is missing, empty or half written, that of the last good read. */
  exposition(): Promise<string>;
  /** The state of the file, in one line. */
  health(): string;
}

/**
 * Follows a perf file by reading it at each scrape. Before the first good read every counter is zero: fab writes the file after its
 * first session, until when nothing has happened.
 */
export function followPerfFile(path: string, onError: OnError = logError): PerfFile {
  let report = reportOnce(onError);
  let lastText: string | undefined;
  let registry = toRegistry({}, onError);
  let lastGood: Date | undefined;
  let trouble: string | undefined;

  async function refresh(): Promise<void> {
    try {
      const text = await readLimited(path);
      if (text !== lastText) registry = toRegistry(parsePerfData(text), onError);
      lastText = text;
      lastGood = new Date();
      // Trouble that comes back after it was over is news.
      if (trouble !== undefined) report = reportOnce(onError);
      trouble = undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      trouble = code === 'ENOENT' ? 'the file is missing' : message;
      report(trouble, `${path}: ${trouble}; serving ${lastGood === undefined ? 'zeros' : 'the last good values'}`);
    }
  }

  return {
    contentType: registry.contentType,
    exposition: async () => {
      await refresh();
      return await registry.metrics();
    },
    health: () => {
      const read = lastGood === undefined ? 'never read' : `last read ${lastGood.toISOString()}`;
      return `perf file: ${read}${trouble === undefined ? '' : `; ${trouble}`}`;
    },
  };
}

async function readLimited(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > MOST_BYTES) throw new Error(`the file has ${size} bytes; a perf file has ${MOST_BYTES} at most`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
