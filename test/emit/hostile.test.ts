import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Config } from '../../src/config/index.js';
import { planFiles } from '../../src/emit/plan.js';
import shopConfig from '../shop/lockstep.config.js';

// What loads definitions does not check their types. Whatever is in the place of something, it is told by its place, and nothing is planned.

const HOSTILE = [undefined, null, 0, -1, Number.NaN, 'x', '', 'a\nb', [], {}, [null], true];
/** What lockstep's own functions put into a definition, and no author writes: what an exporter tells of itself, and what a burn rule was made of. */
const DERIVED = ['own', 'burn'];

type Path = readonly (string | number)[];

function pathsOf(root: unknown): readonly Path[] {
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

function withHostile(path: Path, hostile: unknown): Config {
  const copy = structuredClone(shopConfig) as Config;
  let at = copy as unknown as Record<string, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = hostile;
  return copy;
}

it('a definition with anything in the place of something is told by its place, or is planned', () => {
  const paths = pathsOf(shopConfig);
  expect(paths.length).toBeGreaterThan(1000);
  let tried = 0;
  let told = 0;
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.constantFrom(...HOSTILE), (path, hostile) => {
      tried += 1;
      const { files, problems } = planFiles(withHostile(path, hostile));
      if (problems.length === 0) {
        expect(files.length).toBeGreaterThan(0);
        return;
      }
      told += 1;
      for (const { where, found, fix } of problems) {
        expect(where).not.toBe('');
        expect(found).not.toBe('');
        expect(fix).not.toBe('');
      }
    }),
    { numRuns: 3000 },
  );
  process.stdout.write(
    `hostile definitions: ${tried} tried, ${told} told, the others are as good as what they replaced\n`,
  );
});
