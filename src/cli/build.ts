import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { accountSeries } from '../catalogue/catalogue.js';
import { findOrphans, lintDestination, writeFiles } from '../emit/files.js';
import { lookForListings } from '../emit/kustomize.js';
import { ANNOTATION_LIMIT } from '../emit/target.js';
import { loadPlan, outputFolder } from './load.js';
import { EXIT, printBytes, printLine, reportProblems } from './print.js';

export interface BuildOptions {
  readonly config?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
  readonly kustomize?: boolean;
}

/** `lockstep build`: writes what the definitions say, all of it or nothing. */
export async function build(options: BuildOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems(loaded.problems, 'text');
  const { config, files } = loaded;
  const out = outputFolder(options.out, options.config);
  const refusals = lintDestination(out, files, config.source).filter(
    (each) => options.force !== true || each.code !== 'emit/foreign-file',
  );
  if (refusals.length > 0) return reportProblems(refusals, 'text');

  const orphans = findOrphans(out, files, config.source);
  const { unlisted, problems, mended } = lookForListings(out, files);
  if (problems.length > 0) return reportProblems(problems, 'text');
  const listed = options.kustomize === true ? mended : [];
  const status = writeFiles(out, [...files, ...listed]);
  for (const { catalogue } of config.systems) {
    const account = accountSeries(catalogue);
    const series = account.reduce((sum, each) => sum + each.series, 0);
    const budget = account.reduce((sum, each) => sum + each.budget, 0);
    printLine(
      `catalogue  ${catalogue.name}: ${account.length} metrics, at most ${series} series per process of a budget of ${budget}`,
    );
  }
  const shown = (path: string) => relative(process.cwd(), join(out, path)) || path;
  for (const file of files)
    printLine(
      `${(status.get(file.path) ?? '').padEnd(9)}  ${shown(file.path)}  ${printBytes(Buffer.byteLength(file.text))}, ${printBytes(file.appliedBytes)} of ${printBytes(ANNOTATION_LIMIT)} as applied`,
    );
  for (const { path } of listed) printLine(`${(status.get(path) ?? '').padEnd(9)}  ${shown(path)}  resources added`);
  if (options.kustomize !== true)
    for (const { path, kustomization, entry } of unlisted)
      printLine(
        `unlisted   ${shown(path)}  not in ${shown(kustomization)}, so never applied: add "- ${entry}", or build with --kustomize`,
      );
  for (const { path } of orphans) {
    if (options.prune === true) rmSync(join(out, path));
    printLine(
      `${options.prune === true ? 'deleted  ' : 'orphaned '}  ${shown(path)}${options.prune === true ? '' : '  no definition makes it: delete it, or build with --prune'}`,
    );
  }
  if (options.kustomize !== true && unlisted.length > 0)
    printLine(
      `${unlisted.length} of ${files.length} files would be applied by nobody, and \`lockstep check\` fails: run \`lockstep build --kustomize\` with the same options`,
    );
  return EXIT.fine;
}
