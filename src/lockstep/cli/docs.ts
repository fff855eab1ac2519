import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Config } from '../config/config.js';
import { findOrphans, validateDestination, writeFiles } from '../emit/files.js';
import type { ReadDocument } from './documents.js';
import { readDocuments } from './documents.js';
import { configFolder, docsFolder, loadPlan } from './load.js';
import { EXIT, printBytes, printLine, reportProblems } from './print.js';

export interface DocsOptions {
  readonly config?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
}

/** `lockstep docs`: writes the page of the metrics and a runbook for each alert, and fills pages of your own. */
export async function docs(options: DocsOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('docs', loaded.problems, 'text');
  const { config } = loaded;
  const folder = docsFolder(config, options.config);
  const beside = configFolder(options.config);
  const documents = await readDocuments(config, beside);
  if (documents.problems.length > 0) return reportProblems('docs', documents.problems, 'text');
  if (folder === undefined && documents.pages.length === 0)
    return reportProblems(
      'docs',
      [
        {
          code: 'docs/no-folder',
          where: 'lockstep.config › docs',
          found: 'nothing',
          fix: "name the folder for the documentation: docs: 'docs'",
        },
      ],
      'text',
    );
  const code = folder === undefined ? EXIT.fine : await writePages(folder, config, options);
  if (code === EXIT.fine) writeDocuments(beside, documents.pages);
  return code;
}

/** Writes the pages that are built from the definitions, all of them or nothing. */
async function writePages(folder: string, config: Config, options: DocsOptions): Promise<number> {
  const { planDocs } = await import('../docs/plan.js');
  const pages = planDocs(config);
  const refusals = validateDestination(folder, pages, config.source).filter(
    (each) => options.force !== true || each.code !== 'emit/foreign-file',
  );
  if (refusals.length > 0) return reportProblems('docs', refusals, 'text');
  const orphans = findOrphans(folder, pages, { source: config.source, command: 'docs' });
  const status = writeFiles(folder, pages);
  const shown = (path: string) => relative(process.cwd(), join(folder, path)) || path;
  for (const { path, text } of pages)
    printLine(`${(status.get(path) ?? '').padEnd(9)}  ${shown(path)}  ${printBytes(Buffer.byteLength(text))}`);
  for (const { path } of orphans) {
    if (options.prune === true) rmSync(join(folder, path));
    printLine(
      `${options.prune === true ? 'deleted  ' : 'orphaned '}  ${shown(path)}${options.prune === true ? '' : '  no definition makes it: delete it, or run with --prune'}`,
    );
  }
  return EXIT.fine;
}

function writeDocuments(folder: string, pages: readonly ReadDocument[]): void {
  const status = writeFiles(folder, pages);
  for (const { path, stale } of pages)
    printLine(
      `${(status.get(path) ?? '').padEnd(9)}  ${relative(process.cwd(), join(folder, path))}  ${stale.length === 0 ? 'as the definitions say' : `${stale.length} marked ${stale.length === 1 ? 'span' : 'spans'} filled`}`,
    );
}
