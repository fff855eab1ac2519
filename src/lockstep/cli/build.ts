import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Catalogue } from 'lockstep-exporter/catalogue';
import { accountSeries } from 'lockstep-exporter/internal';
import type { FoundFile } from '../emit/files.js';
import { findOrphans, validateDestination, writeFiles } from '../emit/files.js';
import { lookForListings, mendListings } from '../emit/kustomize.js';
import { systemsNamedIn } from '../emit/made-for.js';
import { largestOf } from '../emit/target.js';
import { readText } from '../read.js';
import type { Finding } from '../report/finding.js';
import { loadPlan, outputFolder } from './load.js';
import type { Format } from './print.js';
import { printBytes, printLine, printOutcome, reportProblems } from './print.js';

export interface BuildOptions {
  readonly config?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
  readonly pruneSystem?: readonly string[];
  readonly kustomize?: boolean;
  readonly format: Format;
}

/** `lockstep build`: writes what the definitions say, all of it or nothing. */
export async function build(options: BuildOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('build', loaded.problems, options.format);
  const { config, files } = loaded;
  const out = outputFolder(options.out, options.config, config);
  const refusals = validateDestination(out, files, config.source).filter(
    (each) => options.force !== true || each.code !== 'emit/foreign-file',
  );
  if (refusals.length > 0) return reportProblems('build', refusals, options.format);

  const orphans = findOrphans(out, files, { source: config.source, command: 'build' });
  const mayDelete = ownOrphans(out, orphans, [
    ...config.systems.map(({ catalogue }) => catalogue.name),
    ...(options.pruneSystem ?? []),
  ]);
  const doomed =
    options.prune === true ? orphans.filter(({ path }) => mayDelete.has(path)).map(({ path }) => path) : [];
  const { mended, problems } = options.kustomize === true ? mendListings(out, files, doomed) : NOTHING;
  if (problems.length > 0) return reportProblems('build', problems, options.format);
  const status = writeFiles(out, [...files, ...mended]);
  for (const path of doomed) rmSync(join(out, path));
  const { unlisted, bad, unread } = lookForListings(out, files, doomed);
  const shown = (path: string) => (relative(process.cwd(), join(out, path)) || path).replaceAll('\\', '/');
  const findings: readonly Finding[] = [
    ...unlisted.map(
      ({ path, kustomization, entry }): Finding => ({
        id: 'build/unlisted',
        severity: 'warning',
        where: shown(path),
        at: { file: shown(kustomization) },
        found: `not in ${shown(kustomization)}, so never applied`,
        fix: `add "- ${entry}", or build with --kustomize`,
      }),
    ),
    ...bad.map(
      ({ kustomization, entry, status: wrong }): Finding => ({
        id: `build/${wrong}`,
        severity: 'warning',
        where: shown(kustomization),
        at: { file: shown(kustomization) },
        found: `lists ${entry}${wrong === 'dangling' ? ', which is not there' : ' twice'}: kustomize builds nothing`,
        fix: 'take the line out',
      }),
    ),
    ...unread.map(
      ({ where, found }): Finding => ({
        id: 'build/unread',
        severity: 'warning',
        where: shown(where),
        found: `${found}: whether it lists the files is not known`,
        fix: 'make it a file that can be read',
      }),
    ),
    ...orphans
      .filter(({ path }) => !doomed.includes(path))
      .map(
        ({ path }): Finding => ({
          id: 'build/orphaned',
          severity: 'warning',
          where: shown(path),
          at: { file: shown(path) },
          ...(mayDelete.has(path)
            ? { found: 'no definition makes it', fix: 'delete it, or build with --prune' }
            : {
                found: `made from ${config.source} for a system that this configuration does not have`,
                fix: 'if the system is gone, build with --prune --prune-system <name>; if another configuration makes it, give that one a source of its own',
              }),
        }),
      ),
  ];
  const details = {
    files: [...files, ...mended].map(({ path, text }) => ({
      path: shown(path),
      status: status.get(path),
      bytes: Buffer.byteLength(text),
    })),
    deleted: doomed.map(shown),
  };
  return printOutcome({ command: 'build', ok: true, findings, details }, options.format, () => {
    for (const { catalogue } of config.systems) printLine(printAccount(catalogue));
    for (const file of files)
      printLine(
        `${(status.get(file.path) ?? '').padEnd(9)}  ${shown(file.path)}  ${printBytes(Buffer.byteLength(file.text))}, ${printBytes(file.appliedBytes)} of ${printBytes(largestOf(config.target).bytes)} as applied`,
      );
    for (const { path } of mended) printLine(`${(status.get(path) ?? '').padEnd(9)}  ${shown(path)}  resources mended`);
    for (const { id, where, found, fix } of findings) printLine(`${WORDS[id] ?? ''}  ${where}  ${found}: ${fix}`);
    for (const path of doomed) printLine(`deleted    ${shown(path)}`);
    if (unlisted.length > 0)
      printLine(
        `${unlisted.length} of ${files.length} files would be applied by nobody, and \`lockstep check\` fails: run \`lockstep build --kustomize\` with the same options`,
      );
  });
}

/** The first word of a line about a finding. */
const WORDS: Readonly<Record<string, string>> = {
  'build/unlisted': 'unlisted ',
  'build/dangling': 'dangling ',
  'build/listed-twice': 'twice    ',
  'build/unread': 'unread   ',
  'build/orphaned': 'orphaned ',
};

function printAccount(catalogue: Catalogue): string {
  if (catalogue.recordedBy === 'others')
    return `catalogue  ${catalogue.name}: ${Object.keys(catalogue.metrics).length} metrics that others record`;
  const account = accountSeries(catalogue);
  const series = account.reduce((sum, each) => sum + each.series, 0);
  const budget = account.reduce((sum, each) => sum + each.budget, 0);
  return `catalogue  ${catalogue.name}: ${account.length} metrics, at most ${series} series per process of a budget of ${budget}`;
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
