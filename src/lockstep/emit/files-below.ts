import type { Dirent } from 'node:fs';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that nobody keeps generated files in, and that may be large. */
const NOT_SEARCHED = new Set(['.git', 'node_modules']);

/**
 * The files below a folder whose names match, in order, as paths with `/`. A folder that cannot be read has none.
 *
 * @param links `links` to include symbolic links to whatever they name; a link to a folder is not followed
 */
export function filesBelow(folder: string, name: RegExp, links?: 'links'): readonly string[] {
  return [...walk(folder, '')]
    .filter(({ entry }) => name.test(entry.name) && (links === 'links' || entry.isFile()))
    .map(({ path }) => path)
    .sort();
}

function* walk(folder: string, below: string): Generator<{ readonly path: string; readonly entry: Dirent }> {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(join(folder, below), { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (!entry.isDirectory()) yield { path, entry };
    else if (!NOT_SEARCHED.has(entry.name)) yield* walk(folder, path);
  }
}
