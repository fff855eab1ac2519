import type { Config } from '../../src/lockstep/config/index.js';
import shopConfig from '../shop/lockstep.config.js';

/** What may stand in the place of anything. */
export const HOSTILE = [undefined, null, 0, -1, Number.NaN, 'x', '', 'a\nb', [], {}, [null], true];
/**
 * What lockstep's own functions put into a definition, and no author writes: what an exporter tells of itself, and
 * what a burn rule was made of.
 */
const DERIVED = ['own', 'burn'];

export type Path = readonly (string | number)[];

/** Every place of a definition. */
export function pathsOf(root: unknown): readonly Path[] {
  const paths: Path[] = [];
  const seen = new Set<object>();
  const collect = (node: unknown, path: Path) => {
    if (path.length > 0) paths.push(path);
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    for (const [key, inner] of Object.entries(node)) if (!DERIVED.includes(key)) collect(inner, [...path, key]);
  };
  collect(root, []);
  return paths;
}

/** The shop's configuration with something in one of its places. */
export function withHostile(path: Path, hostile: unknown): Config {
  const copy = structuredClone(shopConfig) as Config;
  let at = copy as unknown as Record<string, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = hostile;
  return copy;
}
