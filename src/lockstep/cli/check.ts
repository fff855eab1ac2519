import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Drift } from '../check/drift.js';
import { findDrift, printDrift } from '../check/drift.js';
import { printSide } from '../check/sides.js';
import { findOrphans } from '../emit/files.js';
import { lookForListings } from '../emit/kustomize.js';
import { findTakenNames } from '../emit/taken-names.js';
import { docsFolder, loadPlan, outputFolder } from './load.js';
import type { Format } from './print.js';
import { annotation, EXIT, printCommand, printLine, reportProblems } from './print.js';

export interface CheckOptions {
  readonly config?: string;
  readonly against?: string;
  readonly format: Format;
}

/** `lockstep check`: whether what is checked in is what would be built. Writes nothing. */
export async function check(options: CheckOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems(loaded.problems, options.format);
  const { config, files } = loaded;
  const out = outputFolder(options.against, options.config);
  const docs = docsFolder(config, options.config);
  const pages = docs === undefined ? [] : (await import('../docs/plan.js')).planDocs(config);
  const found: { readonly drift: Drift; readonly folder: string }[] = [
    ...(
      await findDrift(
        out,
        files,
        findOrphans(out, files, { source: config.source, command: 'build' }),
        'lockstep build',
      )
    ).map((drift) => ({
      drift,
      folder: out,
    })),
    ...(docs === undefined
      ? []
      : (
          await findDrift(
            docs,
            pages,
            findOrphans(docs, pages, { source: config.source, command: 'docs' }),
            'lockstep docs',
          )
        ).map((drift) => ({
          drift,
          folder: docs,
        }))),
  ];
  const listings = lookForListings(out, files);
  for (const each of listings.unlisted) found.push({ drift: { status: 'unlisted', ...each }, folder: out });
  for (const each of listings.bad) found.push({ drift: { path: each.kustomization, ...each }, folder: out });
  const leftovers = new Set(found.filter(({ drift }) => drift.status === 'orphaned').map(({ drift }) => drift.path));
  for (const each of findTakenNames(out, files, leftovers))
    found.push({ drift: { status: 'taken', ...each }, folder: out });
  const drifts = found.map(({ drift }) => drift);
  const warnings = listings.unread.map(
    ({ where, found: why }) => `${where} could not be read (${why}): whether it lists the files is not known`,
  );
  const count = files.length + pages.length;
  switch (options.format) {
    case 'json':
      printLine(
        JSON.stringify(
          { ok: drifts.length === 0, files: count, drifts, warnings },
          (_, value: unknown) => (value === undefined ? null : value),
          2,
        ),
      );
      break;
    case 'github':
      for (const { drift, folder } of found) for (const line of toAnnotations(drift, folder)) printCommand(line);
      for (const each of warnings) printCommand(annotation('lockstep: unread', each, undefined, undefined, 'warning'));
      break;
    case 'text':
      for (const drift of drifts) printLine(`${printDrift(drift)}\n`);
      for (const each of warnings) printLine(`warning: ${each}\n`);
      printLine(
        drifts.length === 0
          ? `${count} ${count === 1 ? 'file' : 'files'} as they would be built`
          : `${drifts.length} ${drifts.length === 1 ? 'file' : 'files'} drifted, below ${[...new Set(found.map(({ folder }) => folder))].join(' and ')}`,
      );
  }
  return drifts.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

/**
 * GitHub shows ten annotations of a step and no more: the first differences of each file, which are the ones in
 * reading order.
 */
const ANNOTATIONS_PER_FILE = 5;

/** The root of the repository that a folder lies in: GitHub knows files by their path below it. */
function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function toAnnotations(drift: Drift, folder: string): readonly string[] {
  const file = relative(repositoryOf(folder) ?? process.cwd(), join(folder, drift.path)).replaceAll('\\', '/');
  switch (drift.status) {
    case 'missing':
      return [annotation('lockstep: missing', `${drift.path} is not checked in: run ${drift.command}`, file)];
    case 'unlisted':
      return [
        annotation(
          'lockstep: unlisted',
          `${drift.kustomization} does not list ${drift.path}: it is never applied; add "- ${drift.entry}" to its resources`,
          file,
          1,
        ),
      ];
    case 'dangling':
    case 'listed-twice':
    case 'taken':
      return [annotation(`lockstep: ${drift.status}`, printDrift(drift).replace(/\n\s*/g, '; '), file, 1)];
    case 'orphaned':
      return [annotation('lockstep: orphaned', `no definition makes ${drift.path} any more: delete it`, file, 1)];
    case 'unreadable': {
      const line = Number(/^line (\d+)/.exec(drift.reason)?.[1] ?? 1);
      return [annotation('lockstep: changed', `${drift.reason}; run ${drift.command}`, file, line)];
    }
    case 'changed': {
      const changed = (text: string, line: number) => annotation('lockstep: changed', text, file, line);
      const rest = drift.differences.length - ANNOTATIONS_PER_FILE;
      return [
        ...drift.differences
          .slice(0, ANNOTATIONS_PER_FILE)
          .map(({ where, line, checkedIn, built }) =>
            changed(`${where}: checked in ${printSide(checkedIn)}, built ${printSide(built)}`, line),
          ),
        ...(rest > 0 ? [changed(`and ${rest} more differences in ${drift.path}`, 1)] : []),
      ];
    }
  }
}
