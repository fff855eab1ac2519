import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Registry } from 'prom-client';
import type { OnError } from '../exporter/report.js';
import { describeError, reportOnce } from '../exporter/report.js';
import type { Served } from '../exporter/server.js';

/** What a file of fab's says, and how it becomes recordings. */
export interface FileOfTotals<Data> {
  /** As it is called in messages: `perf file`. */
  readonly what: string;
  /** Far above what such a file needs; whatever is larger is none. */
  readonly mostBytes: number;
  readonly empty: Data;
  /** @throws Error that says what is wrong where, in a line */
  readonly parse: (text: string) => Data;
  /** Whether a total has gone down: the file began anew. */
  readonly hasShrunk: (before: Data, now: Data) => boolean;
  /** The totals as a registry, every series with this id of a start. */
  readonly toRegistry: (data: Data, startId: string) => Registry;
}

/** A file that is followed as it changes. */
export interface FollowedFile extends Served {
  /** The state of the file, in one line. */
  readonly health: () => string;
}

/**
 * Follows a file by reading it at each scrape. While it is missing, empty or half written, it is what the last good read said; before the first, there are
 * no series.
 *
 * The file's totals outlive the process that serves them, so the id of the start is the file's, made of its path and of when it was created: whoever
 * serves it again goes on with the same series, and a file that was deleted and began anew has others. While it is followed it also changes when a
 * total shrinks. (A file that is emptied in place, and then served by another process, is the one thing that cannot be told.)
 */
export function followFile<Data>(path: string, file: FileOfTotals<Data>, onError: OnError): FollowedFile {
  let report = reportOnce(onError);
  let lastText: string | undefined;
  let lives = 0;
  let data = file.empty;
  let startId = startIdOf(path, 0, lives);
  let registry = file.toRegistry(data, startId);
  let lastGood: Date | undefined;
  let trouble: string | undefined;

  async function refresh(): Promise<void> {
    try {
      const { text, created } = await readLimited(path, file);
      if (text !== lastText) {
        const next = file.parse(text);
        const shrunk = file.hasShrunk(data, next);
        if (shrunk) lives += 1;
        // A writer that replaces the file each time creates it each time: once it has been read, only its totals tell that it began anew.
        if (shrunk || lastText === undefined) startId = startIdOf(path, created, lives);
        data = next;
        registry = file.toRegistry(data, startId);
      }
      lastText = text;
      lastGood = new Date();
      // Trouble that comes back after it was over is news.
      if (trouble !== undefined) report = reportOnce(onError);
      trouble = undefined;
    } catch (error) {
      trouble = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : describeError(error);
      report(
        trouble,
        `${path}: ${trouble}; serving ${lastGood === undefined ? 'nothing yet' : 'the last good values'}`,
      );
    }
  }

  return {
    contentType: registry.contentType,
    exposition: async () => {
      await refresh();
      return { text: await registry.metrics() };
    },
    health: () => {
      const read = lastGood === undefined ? 'never read' : `last read ${lastGood.toISOString()}`;
      return `${file.what}: ${read}${trouble === undefined ? '' : `; ${trouble}`}`;
    },
  };
}

/** Several files as one exposition; no two may have a metric in common. */
export function joinFiles(first: FollowedFile, ...others: readonly FollowedFile[]): FollowedFile {
  const all = [first, ...others];
  return {
    contentType: first.contentType,
    exposition: async () => {
      const texts = await Promise.all(all.map(async (each) => (await each.exposition()).text));
      return { text: texts.join('\n') };
    },
    health: () => all.map((each) => each.health()).join('\n'),
  };
}

function startIdOf(path: string, created: number, lives: number): string {
  return createHash('sha256')
    .update(JSON.stringify([resolve(path), created, lives]))
    .digest('hex')
    .slice(0, 12);
}

async function readLimited<Data>(
  path: string,
  { what, mostBytes }: FileOfTotals<Data>,
): Promise<{ readonly text: string; readonly created: number }> {
  const file = await open(path, 'r');
  try {
    const { size, birthtimeMs } = await file.stat();
    if (size > mostBytes) throw new Error(`the file has ${size} bytes; a ${what} has ${mostBytes} at most`);
    return { text: await file.readFile('utf8'), created: birthtimeMs };
  } finally {
    await file.close();
  }
}
