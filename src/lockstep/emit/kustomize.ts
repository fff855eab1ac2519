import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import { readText } from '../read.js';
import type { PlannedText } from './files.js';
import { addResources, isListed, KUSTOMIZATION_NAMES, readListing, removeResources } from './kustomization.js';

/** A file that the kustomization which would apply it does not list. */
export interface Unlisted {
  readonly path: string;
  readonly kustomization: string;
  /** As it would be listed there. */
  readonly entry: string;
}

/** An entry of a kustomization that makes kustomize build nothing. */
export interface BadEntry {
  readonly status: 'dangling' | 'listed-twice';
  readonly kustomization: string;
  readonly entry: string;
}

/** Kustomizations above the planned files, and what is wrong with what they list. */
export interface Listings {
  readonly unlisted: readonly Unlisted[];
  readonly bad: readonly BadEntry[];
  /** Kustomizations that could not be read. */
  readonly unread: readonly Problem[];
}

interface Kustomization {
  readonly path: string;
  readonly text: string;
  readonly resources: readonly string[];
}

/**
 * Looks whether each file is listed by the nearest kustomization above it, and whether what that one lists is there,
 * once. Where there is none, as in a folder that only lockstep writes, there is nothing to say.
 *
 * @param gone paths of files that are about to be deleted, or were: their kustomizations are looked at too
 */
export function lookForListings(out: string, plan: readonly PlannedText[], gone: readonly string[] = []): Listings {
  const unread = new Map<string, Problem>();
  const found = new Map<string, Kustomization>();
  const unlisted = plan.flatMap(({ path }): readonly Unlisted[] => {
    const nearest = nearestAbove(out, path, unread);
    if (nearest === undefined) return [];
    found.set(nearest.path, nearest);
    const entry = posix.relative(posix.dirname(nearest.path), path);
    return isListed(nearest.resources, entry) ? [] : [{ path, kustomization: nearest.path, entry }];
  });
  for (const path of gone) {
    const nearest = nearestAbove(out, path, unread);
    if (nearest !== undefined) found.set(nearest.path, nearest);
  }
  const planned = new Set(plan.map(({ path }) => path));
  const bad = [...found.values()].flatMap(({ path: kustomization, resources }) =>
    resources.flatMap((entry, index): readonly BadEntry[] => {
      const path = posix.join(posix.dirname(kustomization), entry);
      if (resources.findIndex((each) => posix.normalize(each) === posix.normalize(entry)) < index)
        return [{ status: 'listed-twice', kustomization, entry }];
      return isRemote(entry) || planned.has(path) || existsSync(join(out, path))
        ? []
        : [{ status: 'dangling', kustomization, entry }];
    }),
  );
  return { unlisted, bad, unread: [...unread.values()] };
}

/**
 * The kustomizations with every planned file listed, and without those that are gone. Only those that change.
 */
export function mendListings(
  out: string,
  plan: readonly PlannedText[],
  gone: readonly string[],
): { readonly mended: readonly PlannedText[]; readonly problems: readonly Problem[] } {
  const { unlisted, unread } = lookForListings(out, plan, gone);
  const problems: Problem[] = [...unread];
  const texts = new Map<string, string>();
  const change = (kustomization: string, how: (text: string) => string) => {
    const before = texts.get(kustomization) ?? readText(join(out, kustomization))?.text ?? '';
    try {
      texts.set(kustomization, how(before));
    } catch (error) {
      problems.push(unreadable(kustomization, error instanceof Error ? error.message : String(error)));
    }
  };
  for (const { kustomization, entry } of unlisted) change(kustomization, (text) => addResources(text, [entry]));
  for (const path of gone) {
    const nearest = nearestAbove(out, path, new Map());
    if (nearest === undefined) continue;
    const entry = posix.relative(posix.dirname(nearest.path), path);
    if (isListed(nearest.resources, entry)) change(nearest.path, (text) => removeResources(text, [entry]));
  }
  return {
    problems: [...new Map(problems.map((each) => [each.where, each])).values()],
    mended: [...texts].map(([path, text]) => ({ path, text })),
  };
}

/**
 * Whether an entry names what is elsewhere
 * (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md).
 */
function isRemote(entry: string): boolean {
  return /^[a-z+]+:\/\/|^git@|^github\.com[/:]|\?(ref|version|timeout|submodules)=|\.git(\/|$)/.test(entry);
}

function unreadable(path: string, found: string): Problem {
  return {
    code: 'emit/kustomization',
    where: path,
    found,
    fix: 'make `resources` a plain list of paths, or list the files by hand',
  };
}

function nearestAbove(out: string, path: string, unread: Map<string, Problem>): Kustomization | undefined {
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    for (const name of KUSTOMIZATION_NAMES) {
      const candidate = folder === '.' ? name : `${folder}/${name}`;
      const there = readText(join(out, candidate), out);
      if (there === undefined) continue;
      const listing = there.trouble === undefined ? readListing(there.text) : { problem: there.trouble };
      if (listing.problem !== undefined) {
        unread.set(candidate, unreadable(candidate, listing.problem));
        return undefined;
      }
      if (there.text !== undefined && listing.resources !== undefined)
        return { path: candidate, text: there.text, resources: listing.resources };
    }
    if (folder === '.') return undefined;
  }
}
