import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from './find-program.js';
import type { TestRun } from './promtool.js';

/** So many test runs are remembered, the latest of them. One takes 65 bytes. */
const MOST = 20_000;

/**
 * The test runs that a promtool has passed before, by their whole content: the rules as they were built, the series,
 * each expected value, and the promtool's own word on its version. The same run gives the same verdict, so
 * `prove --changed` does not ask again.
 */
export interface Proven {
  has(run: TestRun): boolean;
  add(run: TestRun): void;
  /** Writes what was added. A cache that cannot be written costs time and nothing else, so nobody is told. */
  save(): void;
}

/** @param promtool what the program says of its version */
export function provenBefore(promtool: string, file: string = join(cacheFolder(), 'proven.json')): Proven {
  const before = read(file);
  const now = new Set<string>();
  const keyOf = (run: TestRun) => createHash('sha256').update(promtool).update(JSON.stringify(run)).digest('hex');
  return {
    has: (run) => before.has(keyOf(run)) || now.has(keyOf(run)),
    add: (run) => now.add(keyOf(run)),
    save: () => {
      // Another run may have written in between.
      const all = [...new Set([...now, ...read(file)])].slice(0, MOST);
      try {
        mkdirSync(dirname(file), { recursive: true });
        const written = `${file}.${process.pid}`;
        writeFileSync(written, JSON.stringify(all));
        renameSync(written, file);
      } catch {
        // As if there were no cache.
      }
    },
  };
}

function read(file: string): ReadonlySet<string> {
  try {
    const keys: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []);
  } catch {
    return new Set();
  }
}
