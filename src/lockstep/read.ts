import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';

/** A larger file is not read: 16 MiB, a hundred times the largest that lockstep writes. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** The text of a file, or why it is not read. */
export type ReadText =
  | { readonly text: string; readonly trouble?: undefined }
  | { readonly trouble: string; readonly text?: undefined };

/**
 * Reads a file that somebody else may have put there. It never waits (as for the other end of a pipe), and never reads
 * what has no end.
 *
 * @param within a folder that the file must lie in, also when symbolic links are followed: what lies outside is not
 *   opened
 * @returns `undefined` if there is no such file
 */
export function readText(path: string, within?: string): ReadText | undefined {
  let file: number | undefined;
  try {
    if (within !== undefined && leadsOut(path, within))
      return { trouble: 'a symbolic link that leads out of the folder; it is not read' };
    // Without O_NONBLOCK, opening a FIFO waits for somebody who writes.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(file);
    if (!stats.isFile())
      return { trouble: `${stats.isDirectory() ? 'a folder' : 'a device, a pipe or a socket'}; a file is expected` };
    if (stats.size > MOST_BYTES) return { trouble: `${stats.size} bytes; at most ${MOST_BYTES} are read` };
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    if (isNotFound(error)) return isLink(path) ? { trouble: 'a symbolic link to what is not there' } : undefined;
    return { trouble: `not readable (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether there is no file of that name; other troubles are no answer to that. */
export function isNotFound(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether a path that exists leads, by symbolic links, to a place outside of a folder. */
function leadsOut(path: string, folder: string): boolean {
  const [real, base] = [realpathSync(path), realpathSync(folder)];
  return real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep);
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/**
 * More YAML than this takes a reader minutes, as each key is compared with all before it. fab's board has some 6,000
 * of these.
 */
const MOST_MARKS = 60_000;

/** Why a text is not parsed as YAML, if it is too large for that. */
export function tooLargeForYaml(text: string): string | undefined {
  let marks = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // A line or a comma begins a key at the most, a bracket a level.
    if (code === 10 || code === 44 || code === 91 || code === 123) marks += 1;
  }
  return marks > MOST_MARKS ? `${marks} lines and commas; a YAML file of at most ${MOST_MARKS} is read` : undefined;
}
