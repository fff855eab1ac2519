import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { accountSeries } from 'lockstep-exporter/catalogue';
import type { FoundFile } from '../emit/files.js';
import { findOrphans, lintDestination, writeFiles } from '../emit/files.js';
import { lookForListings, mendListings } from '../emit/kustomize.js';
import { systemsNamedIn } from '../emit/made-for.js';
import { ANNOTATION_LIMIT } from '../emit/target.js';
import { readText } from '../read.js';
import { loadPlan, outputFolder } from './load.js';
import { EXIT, printBytes, printLine, reportProblems } from './print.js';

export interface BuildOptions {
  readonly config?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
  readonly pruneSystem?: readonly string[];
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

  const orphans = findOrphans(out, files, { source: config.source, command: 'build' });
  const mayDelete = ownOrphans(out, orphans, [
    ...config.systems.map(({ catalogue }) => catalogue.name),
    ...(options.pruneSystem ?? []),
  ]);
  const doomed =
    options.prune === true ? orphans.filter(({ path }) => mayDelete.has(path)).map(({ path }) => path) : [];
  const { mended, problems } = options.kustomize === true ? mendListings(out, files, doomed) : NOTHING;
  if (problems.length > 0) return reportProblems(problems, 'text');
  const status = writeFiles(out, [...files, ...mended]);
  for (const path of doomed) rmSync(join(out, path));
  const { unlisted, bad, unread } = lookForListings(out, files, doomed);
  for (const { catalogue } of config.systems) {
    if (catalogue.recordedBy === 'others') {
      printLine(`catalogue  ${catalogue.name}: ${Object.keys(catalogue.metrics).length} metrics that others record`);
      continue;
    }
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
  for (const { path } of mended) printLine(`${(status.get(path) ?? '').padEnd(9)}  ${shown(path)}  resources mended`);
  for (const { path, kustomization, entry } of unlisted)
    printLine(
      `unlisted   ${shown(path)}  not in ${shown(kustomization)}, so never applied: add "- ${entry}", or build with --kustomize`,
    );
  for (const { kustomization, entry, status: wrong } of bad)
    printLine(
      `${wrong === 'dangling' ? 'dangling ' : 'twice    '}  ${shown(kustomization)}  lists ${entry}${wrong === 'dangling' ? ', which is not there' : ' twice'}: kustomize builds nothing until the line is gone`,
    );
  for (const { where, found } of unread)
    printLine(`unread     ${shown(where)}  ${found}: whether it lists the files is not known`);
  for (const { path } of orphans)
    printLine(
      doomed.includes(path)
        ? `deleted    ${shown(path)}`
        : mayDelete.has(path)
          ? `orphaned   ${shown(path)}  no definition makes it: delete it, or build with --prune`
          : `orphaned   ${shown(path)}  made from ${config.source} for a system that this configuration does not have: if the system is gone, build with --prune --prune-system <name>; if another configuration makes it, give that one a source of its own`,
    );
  if (unlisted.length > 0)
    printLine(
      `${unlisted.length} of ${files.length} files would be applied by nobody, and \`lockstep check\` fails: run \`lockstep build --kustomize\` with the same options`,
    );
  return EXIT.fine;
}

const NOTHING = { mended: [], problems: [] } as const;

/** The orphans that were made for one of some systems: `--prune` deletes no other configuration's. */
function ownOrphans(out: string, orphans: readonly FoundFile[], systems: readonly string[]): ReadonlySet<string> {
  return new Set(
    orphans
      .filter(({ path }) => {
        const named = systemsNamedIn(readText(join(out, path), out)?.text ?? '');
        return systems.some((system) => named.has(system));
      })
      .map(({ path }) => path),
  );
}
