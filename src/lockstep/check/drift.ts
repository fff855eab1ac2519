import { join } from 'node:path';
import type { FoundFile, PlannedText } from '../emit/files.js';
import { sourceOf } from '../emit/header.js';
import type { Overlaid } from '../emit/overlays.js';
import type { ReadText } from '../read.js';
import { readText } from '../read.js';
import type { Difference } from './diff.js';
import { diffLines } from './diff-lines.js';
import { printSides } from './sides.js';

/** The drift of one file that is, or should be, checked in. */
export type Drift =
  | {
      readonly status: 'changed';
      readonly path: string;
      /** Whether the file lacks the header of this source, so that a build would refuse to overwrite it. */
      readonly foreign: boolean;
      readonly differences: readonly Difference[];
      readonly command: Command;
    }
  | { readonly status: 'unreadable'; readonly path: string; readonly reason: string; readonly command: Command }
  | { readonly status: 'missing'; readonly path: string; readonly command: Command }
  /** Checked in, and not listed by the kustomization that would apply it. */
  | { readonly status: 'unlisted'; readonly path: string; readonly kustomization: string; readonly entry: string }
  /** An entry of a kustomization that names what is not there, or what it has named before. */
  | {
      readonly status: 'dangling' | 'listed-twice';
      readonly path: string;
      readonly kustomization: string;
      readonly entry: string;
    }
  /** Applied in another form than it was built in. */
  | ({ readonly status: 'overlaid' } & Overlaid)
  /** A name that a file of somebody else has too. */
  | { readonly status: 'taken'; readonly path: string; readonly name: string; readonly other: string }
  | { readonly status: 'orphaned'; readonly path: string; readonly command: Command };

/** The command that writes the file. */
export type Command = 'lockstep build' | 'lockstep docs';

/** Compares a plan with the files below `folder`, in both directions. No drift: an empty list. */
export async function findDrift(
  folder: string,
  plan: readonly PlannedText[],
  orphans: readonly FoundFile[],
  command: Command,
): Promise<readonly Drift[]> {
  const drifts = await Promise.all(
    plan.map((file) => driftOf(file, readText(join(folder, file.path), folder), command)),
  );
  return [...drifts.flat(), ...orphans.map(({ path }): Drift => ({ status: 'orphaned', path, command }))];
}

async function driftOf(
  { path, text: built }: PlannedText,
  found: ReadText | undefined,
  command: Command,
): Promise<readonly Drift[]> {
  if (found === undefined) return [{ status: 'missing', path, command }];
  if (found.trouble !== undefined) return [{ status: 'unreadable', path, reason: found.trouble, command }];
  const { text } = found;
  if (text === built) return [];
  const foreign = sourceOf(text) !== sourceOf(built);
  if (path.endsWith('.md')) return [{ status: 'changed', path, foreign, differences: diffLines(text, built), command }];
  // The YAML parser is loaded only here: most checks find nothing.
  const { diffResources } = await import('./diff.js');
  try {
    return [{ status: 'changed', path, foreign, differences: diffResources(text, built), command }];
  } catch (error) {
    return [{ status: 'unreadable', path, reason: error instanceof Error ? error.message : String(error), command }];
  }
}

/** The advice about a kustomization that applies something else. */
export function overlaidFix(kustomization: string): string {
  return `take the change into the definitions; or say why in the configuration: target: { house: { overlays: { '${kustomization}': '…' } } }`;
}

/** Differences shown per file as text; the others are counted. JSON has them all. */
const SHOWN = 25;

/** A drift as a block of text, with what to do about it. */
export function printDrift(drift: Drift): string {
  switch (drift.status) {
    case 'missing':
      return `missing   ${drift.path}\n  fix: run \`${drift.command}\` and commit the file`;
    case 'unlisted':
      return `unlisted  ${drift.path}\n  ${drift.kustomization} does not list it: it is never applied\n  fix: add "- ${drift.entry}" to its resources (\`lockstep build --kustomize\` does)`;
    case 'dangling':
      return `dangling  ${drift.kustomization}\n  it lists ${drift.entry}, which is not there: kustomize builds nothing\n  fix: take the line out of its resources, or bring the file back`;
    case 'listed-twice':
      return `twice     ${drift.kustomization}\n  it lists ${drift.entry} twice: kustomize refuses it\n  fix: take one of the lines out`;
    case 'overlaid':
      return `overlaid  ${drift.path}\n  ${drift.kustomization} changes it by ${drift.by}: ${drift.effect}\n  fix: ${overlaidFix(drift.kustomization)}`;
    case 'taken':
      return `taken     ${drift.path}\n  ${drift.name} is in ${drift.other} too: kustomize refuses the second, or the two overwrite each other in Grafana\n  fix: delete or rename the other one; if it is what this file replaces, see that the cluster has deleted it first`;
    case 'orphaned':
      return `orphaned  ${drift.path}\n  no definition makes this file any more\n  fix: delete it (\`${drift.command} --prune\` does)`;
    case 'unreadable':
      return `changed   ${drift.path}\n  ${drift.reason}\n  fix: run \`${drift.command}\` and commit the file (with --force, if it lacks lockstep's header)`;
    case 'changed': {
      const { moved, others } = partition(drift.differences);
      const lines = others.slice(0, SHOWN).flatMap(printDifference);
      if (others.length > SHOWN) lines.push(`  and ${others.length - SHOWN} more; --format json lists all`);
      if (moved.length > 0)
        lines.push(
          `  ${moved.length} panel${moved.length === 1 ? '' : 's'} with another id or position in the grid (first: line ${moved[0]?.line})`,
        );
      return [
        `changed   ${drift.path}`,
        ...lines,
        drift.foreign
          ? '  fix: lockstep did not write this file, or its header is gone: move it away, or overwrite it with --force'
          : `  fix: run \`${drift.command}\` and commit the file, or take the change into the definitions`,
      ].join('\n');
    }
  }
}

function printDifference({ where, line, checkedIn, built }: Difference): readonly string[] {
  return [
    `  ${where === '' ? 'the whole file' : where} (line ${line})`,
    ...printSides('checked in', checkedIn, 'built', built),
  ];
}

/**
 * A panel that is added moves all that follow: those are told in one line, unless nothing else differs. An id says no
 * more than a place.
 */
function partition(differences: readonly Difference[]): {
  readonly moved: readonly Difference[];
  readonly others: readonly Difference[];
} {
  const isMove = ({ where }: Difference) => /^panel ".*" › (id|gridPos › [xywh])$/.test(where);
  const moves = differences.filter(isMove);
  const others = differences.filter((each) => !isMove(each));
  if (others.length === 0) return { moved: [], others: moves };
  const panels = new Map(moves.map((each) => [each.where.split(' › ')[0], each]));
  return { moved: [...panels.values()], others };
}
