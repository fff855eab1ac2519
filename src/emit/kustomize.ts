import { join, posix } from 'node:path';
import type { Problem } from '../problem.js';
import type { PlannedText } from './files.js';
import { readIfThere } from './files.js';
import { addResources, isListed, KUSTOMIZATION_NAMES, readListing } from './kustomization.js';

/** A file that the kustomization which would apply it does not list. */
export interface Unlisted {
  readonly path: string;
  readonly kustomization: string;
  /** As it would be listed there. */
  readonly entry: string;
}

/** Kustomizations above the planned files, and what they lack. */
export interface Kustomizations {
  readonly unlisted: readonly Unlisted[];
  readonly problems: readonly Problem[];
  /** The kustomizations with all of it listed. */
  readonly mended: readonly PlannedText[];
}

/**
 * Looks whether each file is listed by the nearest kustomization above it. Where there is none, as in a folder that only lockstep writes, there is nothing to say.
 */
export function lookForListings(out: string, plan: readonly PlannedText[]): Kustomizations {
  const unlisted: Unlisted[] = [];
  const problems: Problem[] = [];
  const texts = new Map<string, string>();
  for (const { path } of plan) {
    const nearest = nearestAbove(out, path);
    if (nearest === undefined) continue;
    const listing = readListing(nearest.text);
    if (listing.problem !== undefined) {
      problems.push(unreadable(nearest.path, listing.problem));
      continue;
    }
    const entry = posix.relative(posix.dirname(nearest.path), path);
    if (isListed(listing.resources, entry)) continue;
    unlisted.push({ path, kustomization: nearest.path, entry });
    texts.set(nearest.path, nearest.text);
  }
  const mended = [...texts].flatMap(([path, text]): readonly PlannedText[] => {
    const entries = unlisted.filter(({ kustomization }) => kustomization === path).map(({ entry }) => entry);
    try {
      return [{ path, text: addResources(text, entries) }];
    } catch (error) {
      problems.push(unreadable(path, error instanceof Error ? error.message : String(error)));
      return [];
    }
  });
  return { unlisted, problems: [...new Map(problems.map((each) => [each.where, each])).values()], mended };
}

function unreadable(path: string, found: string): Problem {
  return {
    code: 'emit/kustomization',
    where: path,
    found,
    fix: 'make `resources` a plain list of paths, or list the files by hand',
  };
}

function nearestAbove(out: string, path: string): { readonly path: string; readonly text: string } | undefined {
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    for (const name of KUSTOMIZATION_NAMES) {
      const candidate = folder === '.' ? name : `${folder}/${name}`;
      const text = readIfThere(join(out, candidate));
      if (text !== undefined) return { path: candidate, text };
    }
    if (folder === '.') return undefined;
  }
}
