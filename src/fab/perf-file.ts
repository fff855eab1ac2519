import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Recording } from '../exporter/recorders.js';
import { createRecorders } from '../exporter/recorders.js';
import type { OnError } from '../exporter/report.js';
import { logError, reportOnce } from '../exporter/report.js';
import type { ServedText } from '../exporter/server.js';
import { fab } from './catalogue.js';
import type { PerfData } from './perf-data.js';
import { PERF_FIELDS, parsePerfData } from './perf-data.js';
import { toRole } from './roster.js';

/** The metrics that the file knows of. The others are not served at all: a zero that nobody counted would be a lie. */
export const PERF_METRICS = ['sessions', 'selfEval', 'advisorCalls', 'revisions', 'tokens'] as const;

/** Far above what 79 roles need (20 kB); whatever is larger is not this file. */
const MOST_BYTES = 4_000_000;

/** The file's totals as recordings of the catalogue. Roles that the roster does not have add up as `unknown`. */
export function recordPerfData(
  data: PerfData,
  startId: string,
  onError: OnError,
): Recording<Pick<typeof fab.metrics, (typeof PERF_METRICS)[number]>> {
  const recording = createRecorders(fab, { only: PERF_METRICS, startId, onError });
  const { record } = recording;
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
  return recording;
}

/** A perf file that is followed as it changes. */
export interface PerfFile {
  readonly contentType: string;
  /** Reads the file and gives its exposition; while it is missing, empty or half written, that of the last good read. */
  exposition(): Promise<ServedText>;
  /** The state of the file, in one line. */
  health(): string;
}

/**
 * Follows a perf file by reading it at each scrape. Before the first good read there are no series: fab writes the file after its
 * first session, and what it will have counted is not known until then.
 *
 * The file's totals outlive the process that serves them, so the id of the start is the file's: whoever serves it again on the same host goes
 * on with the same series. It changes when a total shrinks, which is a file that began anew.
 */
export function followPerfFile(path: string, onError: OnError = logError): PerfFile {
  let report = reportOnce(onError);
  let lastText: string | undefined;
  let lives = 0;
  let data: PerfData = {};
  let recording = recordPerfData(data, startIdOf(path, lives), onError);
  let lastGood: Date | undefined;
  let trouble: string | undefined;

  async function refresh(): Promise<void> {
    try {
      const text = await readLimited(path);
      if (text !== lastText) {
        const next = parsePerfData(text);
        if (hasShrunk(data, next)) lives += 1;
        data = next;
        recording = recordPerfData(data, startIdOf(path, lives), onError);
      }
      lastText = text;
      lastGood = new Date();
      // Trouble that comes back after it was over is news.
      if (trouble !== undefined) report = reportOnce(onError);
      trouble = undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      trouble = code === 'ENOENT' ? 'the file is missing' : message;
      report(
        trouble,
        `${path}: ${trouble}; serving ${lastGood === undefined ? 'nothing yet' : 'the last good values'}`,
      );
    }
  }

  return {
    contentType: recording.registry.contentType,
    exposition: async () => {
      await refresh();
      return { text: await recording.registry.metrics() };
    },
    health: () => {
      const read = lastGood === undefined ? 'never read' : `last read ${lastGood.toISOString()}`;
      return `perf file: ${read}${trouble === undefined ? '' : `; ${trouble}`}`;
    },
  };
}

function startIdOf(path: string, lives: number): string {
  return createHash('sha256')
    .update(JSON.stringify([hostname(), resolve(path), lives]))
    .digest('hex')
    .slice(0, 12);
}

function hasShrunk(before: PerfData, now: PerfData): boolean {
  return Object.entries(before).some(([role, metrics]) =>
    PERF_FIELDS.some((field) => (now[role]?.[field] ?? 0) < metrics[field]),
  );
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
