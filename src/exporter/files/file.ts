import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Registry } from 'prom-client';
import type { OnError } from '../report.js';
import { describeError, reportOnce } from '../report.js';
import type { Served } from '../scrape/server.js';

/** A file of totals, and how it becomes recordings. */
export interface FileOfTotals {
  /** As it is called in messages: `perf file`. */
  readonly what: string;
  /** Far above what such a file needs; whatever is larger is none. */
  readonly mostBytes: number;
  /**
   * Takes note of the file's text, and says what in it is no good, in a line.
   *
   * @param idOf the id of a start for totals that have begun anew so often; the first is the file's own
   * @throws Error that says what is wrong where, in a line, if nothing of it is any good
   */
  readonly take: (text: string, idOf: (lives: number) => string) => string | undefined;
  /** The totals in Prometheus's text format, under this id of a start where they have no other. */
  readonly expose: (startId: string) => Promise<string>;
}

/** A file that is followed as it changes. */
export interface FollowedFile extends Served {
  /** The state of the file, in one line. */
  readonly health: () => string;
}

/**
 * Follows a file by reading it at each scrape. While it is missing, empty or half written, it is what the last good
 * read said; before the first, there are no series.
 *
 * The file's totals outlive the process that serves them, so the id of the start is the file's, made of its path and
 * of when it was created: whoever serves it again goes on with the same series, and a file that was deleted and began
 * anew has others. Totals that shrink while the file is followed have other series from then on, too. (A file that is
 * emptied in place, and then served by another process, is the one thing that cannot be known.)
 */
export function followFile(path: string, file: FileOfTotals, onError: OnError): FollowedFile {
  let report = reportOnce(onError);
  let lastText: string | undefined;
  let startId: string | undefined;
  let lastGood: Date | undefined;
  let trouble: string | undefined;
  /** The flaw of a file that can be read otherwise. */
  let flaw: string | undefined;

  async function refresh(): Promise<void> {
    try {
      const { text, created } = await readLimited(path, file);
      if (text !== lastText) {
        // A writer that replaces the file each time creates it each time: what it was first is its id.
        const firstId = startId ?? startIdOf(path, created, 0);
        flaw = file.take(text, (lives) => (lives === 0 ? firstId : startIdOf(path, created, lives)));
        startId = firstId;
      }
      lastText = text;
      lastGood = new Date();
      if (flaw !== undefined) throw new Error(flaw);
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
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    exposition: async () => {
      await refresh();
      return { text: await file.expose(startId ?? startIdOf(path, 0, 0)) };
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

async function readLimited(
  path: string,
  { what, mostBytes }: FileOfTotals,
): Promise<{ readonly text: string; readonly created: number }> {
  // A pipe without a writer would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    const { size, birthtimeMs } = stat;
    if (!stat.isFile()) throw new Error(`this is not a file; expected the ${what}`);
    if (size > mostBytes) throw new Error(`the file has ${size} bytes; a ${what} has ${mostBytes} at most`);
    return { text: await file.readFile('utf8'), created: birthtimeMs };
  } finally {
    await file.close();
  }
}
