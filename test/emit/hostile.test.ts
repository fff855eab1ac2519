import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import shopConfig from '../shop/lockstep.config.js';
import { HOSTILE, pathsOf, withHostile } from './hostile.js';

// What loads definitions does not check their types. Whatever is in the place of something, it is told by its place,
// and nothing is planned.

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
