import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Problem } from '../problem.js';
import { sourceOf } from './header.js';
import type { PlannedFile } from './plan.js';

/** A file below the output folder that lockstep wrote from the same source. */
export interface FoundFile {
  readonly path: string;
  readonly text: string;
}

export type WriteStatus = 'written' | 'unchanged';

/** Text of a file; `undefined` if there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * The files of `source` in the layout's folders that the plan does not have: their definition is gone. Files with another header, or
 * none, are somebody else's.
 */
export function findOrphans(
  out: string,
  folders: readonly string[],
  plan: readonly PlannedFile[],
  source: string,
): readonly FoundFile[] {
  const planned = new Set(plan.map((file) => file.path));
  const orphans = new Map<string, FoundFile>();
  for (const folder of folders)
    for (const path of listYaml(out, folder)) {
      if (planned.has(path) || orphans.has(path)) continue;
      const text = readIfThere(join(out, path));
      if (text !== undefined && sourceOf(text) === source) orphans.set(path, { path, text });
    }
  return [...orphans.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function listYaml(out: string, folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(out, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
  return names
    .filter(
      (name) =>
        /\.ya?ml$/.test(name) && statSync(join(out, folder, name), { throwIfNoEntry: false })?.isFile() === true,
    )
    .map((name) => [folder, ...name.split(sep)].filter((step) => step !== '').join('/'));
}

/** Why a plan must not be written to `out`: a file in its place that is not ours, a folder that leads elsewhere. */
export function lintDestination(out: string, plan: readonly PlannedFile[], source: string): Problem[] {
  return plan.flatMap((file): Problem[] => {
    const text = readIfThere(join(out, file.path));
    if (text !== undefined && sourceOf(text) !== source)
      return [
        {
          code: 'emit/foreign-file',
          where: join(out, file.path),
          found:
            sourceOf(text) === undefined
              ? 'a file that lockstep did not write'
              : `a file that lockstep wrote from ${sourceOf(text)}`,
          fix: 'move it away, change target › layout, or overwrite it with --force',
        },
      ];
    if (leavesFolder(out, file.path))
      return [
        {
          code: 'emit/outside',
          where: join(out, file.path),
          found: 'a path that a symbolic link leads out of the output folder',
          fix: 'replace the link by a folder, or name the real folder with --out',
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
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Writes what differs. Every file is first written whole beside its place, and only when all are there are they renamed into it, so that a
 * reader meets the old or the new text of a file and never a part of it, and a full disk changes nothing.
 */
export function writeFiles(out: string, plan: readonly PlannedFile[]): ReadonlyMap<string, WriteStatus> {
  const status = new Map<string, WriteStatus>();
  const staged: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const file of plan) {
      const to = join(out, file.path);
      if (readIfThere(to) === file.text) {
        status.set(file.path, 'unchanged');
        continue;
      }
      mkdirSync(dirname(to), { recursive: true });
      const from = `${to}.${process.pid}.lockstep`;
      staged.push({ from, to });
      writeFileSync(from, file.text);
      status.set(file.path, 'written');
    }
    for (const { from, to } of staged) renameSync(from, to);
  } finally {
    for (const { from } of staged) rmSync(from, { force: true });
  }
  return status;
}
