import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Drift } from '../check/drift.js';
import { findDrift, printDrift, printSide } from '../check/drift.js';
import { findOrphans } from '../emit/files.js';
import { loadPlan, outputFolder } from './load.js';
import type { Format } from './print.js';
import { annotation, EXIT, printLine, reportProblems } from './print.js';

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
  const folder = outputFolder(options.against, options.config);
  const drifts = await findDrift(folder, files, findOrphans(folder, files, config.source));
  switch (options.format) {
    case 'json':
      printLine(
        JSON.stringify(
          { ok: drifts.length === 0, files: files.length, drifts },
          (_, value: unknown) => (value === undefined ? null : value),
          2,
        ),
      );
      break;
    case 'github':
      for (const drift of drifts) for (const line of toAnnotations(drift, folder)) printLine(line);
      break;
    case 'text':
      for (const drift of drifts) printLine(`${printDrift(drift)}\n`);
      printLine(
        drifts.length === 0
          ? `${files.length} ${files.length === 1 ? 'file' : 'files'} as they would be built`
          : `${drifts.length} ${drifts.length === 1 ? 'file' : 'files'} drifted, below ${folder}`,
      );
  }
  return drifts.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

/** GitHub shows ten annotations of a step and no more: the first differences of each file, which are the ones in reading order. */
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
      return [annotation('lockstep: missing', `${drift.path} is not checked in: run lockstep build`, file)];
    case 'orphaned':
      return [annotation('lockstep: orphaned', `no definition makes ${drift.path} any more: delete it`, file, 1)];
    case 'unreadable': {
      const line = Number(/^line (\d+)/.exec(drift.reason)?.[1] ?? 1);
      return [annotation('lockstep: changed', `${drift.reason}; run lockstep build`, file, line)];
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
