import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
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
 * The file's totals outlive the process that serves them, so the id of the start is the file's, made of its path and of when it was created: whoever
 * serves it again goes on with the same series, and a file that was deleted and began anew has others. While it is followed it also changes when a
 * total shrinks. (A file that is emptied in place, and then served by another process, is the one thing that cannot be told.)
 */
export function followPerfFile(path: string, onError: OnError = logError): PerfFile {
  let report = reportOnce(onError);
  let lastText: string | undefined;
  let lives = 0;
  let data: PerfData = {};
  let startId = startIdOf(path, 0, lives);
  let recording = recordPerfData(data, startId, onError);
  let lastGood: Date | undefined;
  let trouble: string | undefined;

  async function refresh(): Promise<void> {
    try {
      const { text, created } = await readLimited(path);
      if (text !== lastText) {
        const next = parsePerfData(text);
        const shrunk = hasShrunk(data, next);
        if (shrunk) lives += 1;
        // A writer that replaces the file each time creates it each time: once it has been read, only its totals tell that it began anew.
        if (shrunk || lastText === undefined) startId = startIdOf(path, created, lives);
        data = next;
        recording = recordPerfData(data, startId, onError);
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

function startIdOf(path: string, created: number, lives: number): string {
  return createHash('sha256')
    .update(JSON.stringify([resolve(path), created, lives]))
    .digest('hex')
    .slice(0, 12);
}

function hasShrunk(before: PerfData, now: PerfData): boolean {
  return Object.entries(before).some(([role, metrics]) =>
    PERF_FIELDS.some((field) => (now[role]?.[field] ?? 0) < metrics[field]),
  );
}

async function readLimited(path: string): Promise<{ readonly text: string; readonly created: number }> {
  const file = await open(path, 'r');
  try {
    const { size, birthtimeMs } = await file.stat();
    if (size > MOST_BYTES) throw new Error(`the file has ${size} bytes; a perf file has ${MOST_BYTES} at most`);
    return { text: await file.readFile('utf8'), created: birthtimeMs };
  } finally {
    await file.close();
  }
}
