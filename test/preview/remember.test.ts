import fc from 'fast-check';
import { expect, it } from 'vitest';
import fabConfig from '../../lockstep.config.js';
import type { Config } from '../../src/lockstep/config/index.js';
import type { Plan } from '../../src/lockstep/emit/plan.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { rememberingPlanner } from '../../src/lockstep/preview/remember.js';
import { HOSTILE, pathsOf, withHostile } from '../emit/hostile.js';
import shopConfig from '../shop/lockstep.config.js';

/** The configuration as loading it again gives it: other objects, and the same among them one and the same. */
const loadedAgain = () => structuredClone(shopConfig) as Config;

function outcome(plan: () => Plan): unknown {
  try {
    return plan();
  } catch (error) {
    return String(error);
  }
}

it('plans what is planned anew, whatever has been changed in between', () => {
  const paths = pathsOf(shopConfig);
  const planner = rememberingPlanner();
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.constantFrom(...HOSTILE, 1n, new Array(1)), (path, hostile) => {
      for (const config of [withHostile(path, hostile), loadedAgain()])
        expect(outcome(() => planner(config))).toEqual(outcome(() => planFiles(config)));
    }),
    { numRuns: 300 },
  );
});

it.each([
  ['nothing', 'an infinity', null, Number.POSITIVE_INFINITY],
  ['a text', 'its number', '1', 1],
  ['nothing', 'no number', undefined, Number.NaN],
  ['zero', 'what is below it', 0, -0],
  ['a list', 'an object', [], {}],
  ['a list', 'one that has a hole', [], new Array(1)],
  ['a number', 'a big one', 1, 1n],
])('tells %s from %s', (_, __, before, after) => {
  const planner = rememberingPlanner();
  const of = (value: unknown): Config => ({
    ...shopConfig,
    target: { ...shopConfig.target, '~extra': value } as never,
  });
  const first = planner(of(before)).files;
  expect(planner(of(before)).files[0]).toBe(first[0]);
  expect(planner(of(after)).files[0]).not.toBe(first[0]);
});

it('tells a panel from another one that looks the same', () => {
  const planner = rememberingPlanner();
  expect(planner(loadedAgain()).problems).toEqual([]);
  const config = loadedAgain();
  const rule = config.systems[0]?.alerts[0]?.rules[0] as { panel: object } | undefined;
  if (rule === undefined) throw new Error('the shop has no rule');
  rule.panel = structuredClone(rule.panel);
  expect(planner(config).problems.map(({ code }) => code)).toContain('alerts/panel');
});

it('keeps the very files of a system that is the same, beside one that is not', () => {
  const both = (title: string): Config => {
    const { systems, ...others } = structuredClone(shopConfig) as Config;
    for (const board of systems.flatMap(({ dashboards }) => dashboards as unknown as { title: string }[]))
      board.title = title;
    return { ...others, systems: [...systems, ...fabConfig.systems] };
  };
  const planner = rememberingPlanner();
  const before = planner(both('Shop')).files;
  const after = planner(both('Another title')).files;
  expect(after).toEqual(planFiles(both('Another title')).files);
  expect(after.map(({ system }, index) => [system, before[index] === after[index]])).toEqual(
    after.map(({ system }) => [system, system !== 'shop']),
  );
});
