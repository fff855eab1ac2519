import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import { suggest } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import type { Stale } from '../docs/documents.js';
import { readText } from '../read.js';

/** A page that is written by hand, as `lockstep docs` would write it. */
export interface ReadDocument {
  readonly path: string;
  readonly text: string;
  readonly stale: readonly Stale[];
}

/** Reads the pages that a configuration lists, and fills the spans that are marked in them. Writes nothing. */
export async function readDocuments(
  config: Config,
  folder: string,
): Promise<{ readonly pages: readonly ReadDocument[]; readonly problems: readonly Problem[] }> {
  const { documents = [] } = config;
  if (documents.length === 0) return { pages: [], problems: [] };
  const { fillDocument } = await import('../docs/documents.js');
  const { factsOf } = await import('../docs/facts.js');
  const facts = factsOf(config);
  const pages: ReadDocument[] = [];
  const problems: Problem[] = [];
  for (const path of new Set(documents)) {
    const read = readText(join(folder, path), folder);
    if (read?.text === undefined) {
      problems.push({
        code: 'docs/unread',
        where: path,
        found: read?.trouble ?? 'no such file',
        fix: suggest(
          path,
          pagesBeside(folder, path),
          'correct the path in lockstep.config › documents, or take it out',
        ),
      });
      continue;
    }
    const { text, stale, problems: found } = fillDocument(path, read.text, facts);
    problems.push(...found);
    pages.push({ path, text, stale });
  }
  return { pages, problems };
}

/** The pages in the folder that a path names; in that of the configuration, if there is no such folder. */
function pagesBeside(folder: string, path: string): readonly string[] {
  const below = existsSync(join(folder, dirname(path))) ? dirname(path) : '.';
  return readdirSync(join(folder, below))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(below, name));
}
