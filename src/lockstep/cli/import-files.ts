import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import type { PlannedText } from '../emit/files.js';
import type { FoundCatalogue } from '../import/metrics.js';
import type { Finding } from '../report/finding.js';
import { printLine } from './print.js';
import type { Found, MetricsOptions } from './read-found.js';
import { readFound } from './read-found.js';

// Parts that each import of a project has.

/** The files of an import that are there already: it writes over none. */
export function problemsOfTaken(root: string, files: readonly PlannedText[]): readonly Problem[] {
  return files
    .filter(({ path }) => existsSync(join(root, path)))
    .map(({ path }) => ({
      code: 'import/exists',
      where: join(relative('.', root), path),
      found: 'a file that is there',
      fix: 'import overwrites no file: name another folder with --out, and copy what is new',
    }));
}

/** The metrics that the options name, if they name any, and their scope; or the problem with them. */
export async function exposedAt(
  options: MetricsOptions,
): Promise<
  { readonly exposed: FoundCatalogue | undefined; readonly scope: Found['scope'] } | { readonly problem: Problem }
> {
  const read = await readFound(options);
  if (read === undefined) return { exposed: undefined, scope: options.scope };
  if (!('trouble' in read)) return { exposed: read.found, scope: read.scope };
  const { rule, where, trouble, fix } = read;
  return { problem: { code: `import/${rule}`, where, found: trouble, fix } };
}

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** Errors first, then warnings, then notes. */
export function gravestFirst(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** The files that were written, and the commands that come next. */
export function printWritten(root: string, files: readonly PlannedText[], look: string, next: string): void {
  const at = relative('.', root);
  printLine('');
  for (const { path } of files) printLine(`written    ${join(at, path)}`);
  printLine(`\nLook through ${look}, then:`);
  printLine(
    `  ${at === '' ? '' : `cd ${at} && `}npx lockstep build && npx lockstep docs   # writes out/ and docs/metrics`,
  );
  printLine(`  ${next}`);
}
