import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fab } from '../../src/fab/catalogue.js';
import { boundsOf, decidedOutcome } from '../../src/lockstep/promql/bounds.js';
import {
  and,
  clampMin,
  compare,
  div,
  increase,
  keep,
  noneOf,
  oneOf,
  rate,
  ratio,
  select,
  share,
  sub,
} from '../../src/lockstep/promql/index.js';
import type { Node } from '../../src/lockstep/promql/tree.js';
import { ARITHMETIC, COMPARISONS } from '../../src/lockstep/promql/tree.js';

const { selfEval, sessions, duration } = fab.metrics;
const bad = rate(select(selfEval, { result: 'fail' }), '1h');
const all = rate(selfEval, '1h');
const of = (where: Parameters<typeof select<typeof selfEval, object>>[1]) => rate(select(selfEval, where), '1h');

describe('what a value can be', () => {
  it.each([
    ['a part of a whole', ratio(bad, all), 0, 1],
    ['with a floor below the line', div(bad, clampMin(all, 0.001)), 0, 1],
    ['as a burn rate', div(ratio(bad, all), 0.05), 0, 20],
    ['what is left', sub(1, ratio(bad, all)), 0, 1],
    ['of other windows', ratio(bad, rate(selfEval, '5m')), 0, Number.POSITIVE_INFINITY],
    ['of another metric', ratio(bad, rate(sessions, '1h')), 0, Number.POSITIVE_INFINITY],
    ['upside down', ratio(all, bad), 0, Number.POSITIVE_INFINITY],
    [
      'of another function',
      ratio(increase(select(selfEval, { result: 'fail' }), '1h'), all),
      0,
      Number.POSITIVE_INFINITY,
    ],
    ['a share', share(bad, all), 0, 1],
    ['a share of at least five', share(bad, all, 5), 0, 1],
    ['a part of a whole that is shown beside traffic', ratio(bad, and(all, rate(sessions, '1h'))), 0, 1],
    ['a part that is shown from some size on', ratio(keep(bad, '>=', 1), all), 0, 1],
    ['a part of a verdict', ratio(bad, compare(all, '>', 3)), 0, Number.POSITIVE_INFINITY],
    [
      'a part by a label that decides the whole’s',
      ratio(of({ role: oneOf('product', 'intake-analyst'), result: 'fail' }), of({ phase: 'discovery' })),
      0,
      1,
    ],
    [
      'a part by one that decides the opposite',
      ratio(of({ role: 'learner' }), of({ phase: noneOf('discovery') })),
      0,
      1,
    ],
    [
      'no part: one of its values decides another',
      ratio(of({ role: oneOf('product', 'learner') }), of({ phase: 'discovery' })),
      0,
      Number.POSITIVE_INFINITY,
    ],
    [
      'no part: the decided label says nothing of its decider',
      ratio(of({ phase: 'discovery' }), of({ role: 'product' })),
      0,
      Number.POSITIVE_INFINITY,
    ],
    ['a verdict', compare(all, '>', 3), 0, 1],
    ['a verdict that cannot be', compare(div(ratio(bad, all), 0.07), '>', 14.4), 0, 0],
  ])('%s', (_, expression, low, high) => {
    const bounds = boundsOf(expression.node);
    expect(bounds.low).toBeCloseTo(low, 12);
    if (Number.isFinite(high)) expect(bounds.high).toBeCloseTo(high, 12);
    else expect(bounds.high).toBe(high);
  });

  /** An expression with unknowns that lie in a range, and a value for each. */
  interface Sampled {
    readonly node: Node;
    readonly value: number;
  }
  // The value follows from the window: two of the same text are one unknown, and must have one value.
  const unknown = fc.integer({ min: 1, max: 2 ** 31 }).map(
    (seconds): Sampled => ({
      node: { type: 'events', per: 'window', of: countSelector(), window: `${seconds}s`, by: [] },
      value: ((seconds * 2_654_435_761) % 1e9) / 1000,
    }),
  );
  const literal = fc
    .double({ min: -100, max: 100, noNaN: true })
    .map((value): Sampled => ({ node: { type: 'number', value }, value }));
  const { expression } = fc.letrec<{ expression: Sampled }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      unknown,
      literal,
      fc.tuple(tie('expression'), fc.constantFrom(...ARITHMETIC), tie('expression')).map(
        ([a, op, b]): Sampled => ({
          node: { type: 'binary', op, bool: false, left: a.node, right: b.node },
          value: {
            '+': a.value + b.value,
            '-': a.value - b.value,
            '*': a.value * b.value,
            '/': quotient(a.value, b.value),
          }[op],
        }),
      ),
      fc.tuple(tie('expression'), fc.constantFrom(...COMPARISONS), literal).map(
        ([a, op, b]): Sampled => ({
          node: { type: 'binary', op, bool: true, left: a.node, right: b.node },
          // What is no number (0 / 0) has no bounds, and neither has what is made of it.
          value: Number.isNaN(a.value) ? Number.NaN : holds(a.value, op, b.value) ? 1 : 0,
        }),
      ),
      fc
        .tuple(tie('expression'), fc.double({ min: 0, max: 10, noNaN: true }))
        .map(([a, min]): Sampled => ({ node: { type: 'clampMin', of: a.node, min }, value: Math.max(a.value, min) })),
    ),
  }));

  function countSelector() {
    return { type: 'selector', metric: duration, part: '_count', matchers: [] } as const;
  }

  /** By nothing nothing is divided: which infinity it is hangs on the sign of a zero, which nobody means. */
  function quotient(a: number, b: number): number {
    return b === 0 ? Number.NaN : a / b;
  }

  function holds(a: number, op: (typeof COMPARISONS)[number], b: number): boolean {
    return { '==': a === b, '!=': a !== b, '>': a > b, '<': a < b, '>=': a >= b, '<=': a <= b }[op];
  }

  it('holds for any data: no value ever lies outside of its bounds', () => {
    fc.assert(
      fc.property(expression, ({ node, value }) => {
        fc.pre(Number.isFinite(value));
        const { low, high } = boundsOf(node);
        const slack = 1e-9 * Math.max(1, Math.abs(value));
        expect(value).toBeGreaterThanOrEqual(low - slack);
        expect(value).toBeLessThanOrEqual(high + slack);
      }),
      { numRuns: 2000 },
    );
  });

  it('decides a comparison only where every pair of values agrees', () => {
    const bounds = fc
      .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 3 }))
      .map(([low, width]) => ({ low, high: low + width }));
    const inside = ({ low, high }: { low: number; high: number }) =>
      Array.from({ length: (high - low) * 2 + 1 }, (_, index) => low + index / 2);
    fc.assert(
      fc.property(bounds, bounds, fc.constantFrom(...COMPARISONS), (a, b, op) => {
        const outcomes = new Set(inside(a).flatMap((x) => inside(b).map((y) => holds(x, op, y))));
        expect(decidedOutcome(op, a, b)).toBe(outcomes.size === 1 ? [...outcomes][0] : undefined);
      }),
    );
  });
});
