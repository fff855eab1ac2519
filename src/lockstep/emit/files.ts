import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import { isNotFound, readText } from '../read.js';
import { filesBelow } from './files-below.js';
import type { Origin } from './header.js';
import { originOf, sourceOf } from './header.js';

/** One file that is to be: its path below a folder, with slashes, and its text. */
export interface PlannedText {
  readonly path: string;
  readonly text: string;
}

/** A file below the output folder that lockstep wrote from the same source. */
export interface FoundFile {
  readonly path: string;
}

export type WriteStatus = 'written' | 'unchanged';

/** A header is shorter. */
const HEADER_BYTES = 1000;

/**
 * The files of one source and command anywhere below the output folder that the plan does not have: their definition
 * is gone, or the layout put them elsewhere. Files with another header, or none, are somebody else's, and so is what
 * cannot be read. A page of `lockstep docs` is not an orphan of `lockstep build`, should both write into one folder.
 */
export function findOrphans(
  out: string,
  plan: readonly PlannedText[],
  { source, command }: Origin,
): readonly FoundFile[] {
  const planned = new Set(plan.map((file) => file.path));
  const isOurs = (path: string) => {
    const origin = originOf(beginningOf(join(out, path)));
    return origin?.source === source && origin.command === command;
  };
  return filesBelow(out, /\.(ya?ml|md)$/)
    .filter((path) => !planned.has(path) && isOurs(path))
    .map((path) => ({ path }));
}

function beginningOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(HEADER_BYTES);
      return bytes.toString('utf8', 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** Why a plan must not be written to `out`: a file in its place that is not ours, a folder that leads elsewhere. */
export function validateDestination(out: string, plan: readonly PlannedText[], source: string): Problem[] {
  return plan.flatMap((file): Problem[] => {
    const where = join(out, file.path);
    if (leavesFolder(out, file.path))
      return [
        {
          code: 'emit/outside',
          where,
          found: 'a path that a symbolic link leads out of the output folder',
          fix: 'replace the link by a folder or a file, or name the real folder with --out',
        },
      ];
    const there = readText(where);
    if (there?.trouble !== undefined)
      return [
        {
          code: 'emit/not-a-file',
          where,
          found: there.trouble,
          fix: 'move away what lies in the place of the file; nothing of it was read or changed',
        },
      ];
    if (there !== undefined && sourceOf(there.text) !== source)
      return [
        {
          code: 'emit/foreign-file',
          where,
          found:
            sourceOf(there.text) === undefined
              ? 'a file that lockstep did not write'
              : `a file that lockstep wrote from ${sourceOf(there.text)}`,
          fix: 'move it away, change target › layout, or overwrite it with --force',
        },
      ];
    return [];
  });
}

/** Whether the deepest folder of the path that exists lies outside of `out`. */
function leavesFolder(out: string, path: string): boolean {
  const base = realPath(out);
  if (base === undefined) return false;
  const steps = path.split('/');
  for (let depth = steps.length; depth > 0; depth--) {
    const real = realPath(join(out, ...steps.slice(0, depth)));
    if (real !== undefined) return real !== base && !real.startsWith(base + sep);
  }
  return false;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isNotFound(error) || (error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
}

/**
 * Writes what differs. Every file is first written whole beside its place, and only when all are there are they
 * renamed into it, so that a reader meets the old or the new text of a file and never a part of it, and a full disk
 * changes nothing. If one cannot be put into its place, those that were are put back. Files that a process has left
 * next to them when it was killed are cleared away.
 */
export function writeFiles(out: string, plan: readonly PlannedText[]): ReadonlyMap<string, WriteStatus> {
  const status = new Map<string, WriteStatus>();
  const staged: { readonly from: string; readonly to: string; readonly old: string | undefined }[] = [];
  const placed: typeof staged = [];
  clearLeftovers(out, plan);
  try {
    for (const file of plan) {
      const to = join(out, file.path);
      const old = readText(to)?.text;
      if (old === file.text) {
        status.set(file.path, 'unchanged');
        continue;
      }
      mkdirSync(dirname(to), { recursive: true });
      const from = `${to}.${process.pid}${STAGED}`;
      staged.push({ from, to, old });
      writeFileSync(from, file.text);
      status.set(file.path, 'written');
    }
    for (const each of staged) {
      renameSync(each.from, each.to);
      placed.push(each);
    }
  } catch (error) {
    for (const { to, old } of placed)
      if (old === undefined) rmSync(to, { force: true });
      else writeFileSync(to, old);
    throw error;
  } finally {
    for (const { from } of staged) rmSync(from, { force: true });
  }
  return status;
}

/** The end of a file's name, after its own name and the number of the process, until it is in its place. */
const STAGED = '.lockstep';

function clearLeftovers(out: string, plan: readonly PlannedText[]): void {
  for (const folder of new Set(plan.map(({ path }) => dirname(join(out, path))))) {
    let names: readonly string[];
    try {
      names = readdirSync(folder);
    } catch {
      continue;
    }
    for (const name of names) {
      const [, file, process] = /^(.+)\.(\d+)\.lockstep$/.exec(name) ?? [];
      if (file === undefined || isRunning(Number(process))) continue;
      if (plan.some(({ path }) => join(out, path) === join(folder, file))) rmSync(join(folder, name), { force: true });
    }
  }
}

/** Whether there is such a process, whoever's it is. */
function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
