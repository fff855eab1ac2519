import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Place } from 'lockstep-exporter/internal';
import { suggest } from 'lockstep-exporter/internal';
import type { Drift } from '../check/drift.js';
import { findDrift, overlaidFix, printDrift } from '../check/drift.js';
import { printSide } from '../check/sides.js';
import { findOrphans } from '../emit/files.js';
import { lookForListings } from '../emit/kustomize.js';
import { findOverlays } from '../emit/overlays.js';
import { resourcesBeside } from '../emit/resources-beside.js';
import { findTakenNames } from '../emit/taken-names.js';
import type { Finding } from '../report/finding.js';
import { findingOf } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { readDocuments } from './documents.js';
import { configFolder, docsFolder, loadPlan, outputFolder } from './load.js';
import type { Format } from './print.js';
import { printLine, printOutcome, reportProblems } from './print.js';

export interface CheckOptions {
  readonly config?: string;
  readonly against?: string;
  readonly format: Format;
}

/** `lockstep check`: whether what is checked in is what would be built. Writes nothing. */
export async function check(options: CheckOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('check', loaded.problems, options.format);
  const { config, files } = loaded;
  const out = outputFolder(options.against, options.config, config);
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
  for (const each of findTakenNames(resourcesBeside(out, files), files, leftovers))
    found.push({ drift: { status: 'taken', ...each }, folder: out });
  const overlays = config.target.house?.overlays ?? {};
  const { overlaid, ...others } = findOverlays(out, files);
  for (const each of others.dangling)
    found.push({ drift: { status: 'dangling', path: each.kustomization, ...each }, folder: out });
  for (const each of overlaid)
    if (overlays[each.kustomization] === undefined) found.push({ drift: { status: 'overlaid', ...each }, folder: out });
  const drifts = found.map(({ drift }) => drift);
  const beside = configFolder(options.config);
  const documents = await readDocuments(config, beside);
  const placed = (path: string, line: number | undefined) => placeIn(beside, path, line);
  const stale: readonly Finding[] = [
    ...documents.problems.map((each) => ({ ...findingOf(each), at: placed(each.where, each.at?.line) })),
    ...documents.pages.flatMap(({ path, stale: spans }) =>
      spans.map(
        ({ line, key, found: says, wanted }): Finding => ({
          id: 'check/document',
          severity: 'error',
          where: path,
          at: placed(path, line),
          found: `${printSide(says)}, where ${key} is ${printSide(wanted)}`,
          fix: 'run `lockstep docs` and commit the file',
        }),
      ),
    ),
  ];
  const unread = listings.unread.map(
    ({ where, found: why }): Finding => ({
      id: 'check/unread',
      severity: 'warning',
      where,
      found: `it could not be read (${why}): whether it lists the files is not known`,
      fix: 'make it a file that can be read',
    }),
  );
  for (const where of others.unread)
    if (!unread.some((each) => each.where === where))
      unread.push({
        id: 'check/unread',
        severity: 'warning',
        where,
        found: 'it could not be read: whether it changes what is applied is not known',
        fix: 'make it a file that can be read',
      });
  for (const path of Object.keys(overlays))
    if (!overlaid.some(({ kustomization }) => kustomization === path))
      unread.push({
        id: 'check/no-overlay',
        severity: 'warning',
        where: 'target › house › overlays',
        found: `${path}, and no kustomization of that path changes what lockstep builds`,
        fix: suggest(
          path,
          new Set(overlaid.map(({ kustomization }) => kustomization)),
          'take it out: it would hide the next change',
        ),
      });
  const count = files.length + pages.length + documents.pages.length;
  const drifted = drifts.length + new Set(stale.map(({ where }) => where)).size;
  const findings = [...found.flatMap(({ drift, folder }) => toFindings(drift, folder)), ...stale, ...unread];
  const details = { files: count, drifted };
  return printOutcome({ command: 'check', ok: drifted === 0, findings, details }, options.format, () => {
    for (const drift of drifts) printLine(`${printDrift(drift)}\n`);
    for (const each of stale) printLine(`${printFinding(each)}\n`);
    for (const { where, found: why, fix } of unread) printLine(`warning: ${where}: ${why}\n  fix: ${fix}\n`);
    printLine(
      drifted === 0
        ? `${count} ${count === 1 ? 'file' : 'files'} as they would be built`
        : `${drifted} ${drifted === 1 ? 'file' : 'files'} drifted, below ${[...new Set([...found.map(({ folder }) => folder), ...(stale.length > 0 ? [beside] : [])])].join(' and ')}`,
    );
  });
}

/** The root of the repository that a folder lies in: GitHub knows files by their path below it. */
function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** A line of a file below a folder, as GitHub knows it. */
function placeIn(folder: string, path: string, line: number | undefined): Place {
  const file = relative(repositoryOf(folder) ?? process.cwd(), join(folder, path)).replaceAll('\\', '/');
  return { file, ...(line === undefined ? {} : { line }) };
}

/** A drift as findings: a changed file has one for each difference. */
function toFindings(drift: Drift, folder: string): readonly Finding[] {
  const say = (found: string, fix: string, line: number | undefined, where: string = drift.path): Finding => ({
    id: `check/${drift.status}`,
    severity: 'error',
    where,
    at: placeIn(folder, drift.path, line),
    found,
    fix,
  });
  switch (drift.status) {
    case 'missing':
      return [say('it is not checked in', `run \`${drift.command}\` and commit the file`, undefined)];
    case 'unlisted':
      return [
        say(
          `${drift.kustomization} does not list it: it is never applied`,
          `add "- ${drift.entry}" to its resources (\`lockstep build --kustomize\` does)`,
          1,
        ),
      ];
    case 'dangling':
      return [
        say(
          `it lists ${drift.entry}, which is not there: kustomize builds nothing`,
          'take the line out of its resources, or bring the file back',
          1,
        ),
      ];
    case 'listed-twice':
      return [say(`it lists ${drift.entry} twice: kustomize refuses it`, 'take one of the lines out', 1)];
    case 'overlaid':
      return [
        say(`${drift.kustomization} changes it by ${drift.by}: ${drift.effect}`, overlaidFix(drift.kustomization), 1),
      ];
    case 'taken':
      return [
        say(
          `${drift.name} is in ${drift.other} too: kustomize refuses the second, or the two overwrite each other`,
          'delete or rename the other one; if this file replaces it, see that the cluster has deleted it first',
          1,
        ),
      ];
    case 'orphaned':
      return [say('no definition makes this file any more', `delete it (\`${drift.command} --prune\` does)`, 1)];
    case 'unreadable': {
      const line = Number(/^line (\d+)/.exec(drift.reason)?.[1] ?? 1);
      return [say(drift.reason, `run \`${drift.command}\` and commit the file`, line)];
    }
    case 'changed': {
      const fix = drift.foreign
        ? 'lockstep did not write this file, or its header is gone: move it away, or overwrite it with --force'
        : `run \`${drift.command}\` and commit the file, or take the change into the definitions`;
      return drift.differences.map(({ where, line, checkedIn, built }) =>
        say(
          `checked in ${printSide(checkedIn)}, built ${printSide(built)}`,
          fix,
          line,
          where === '' ? drift.path : where,
        ),
      );
    }
  }
}
