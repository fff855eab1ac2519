import { expect } from 'vitest';
import { printLabels } from '../../src/lockstep/print-labels.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import type { Counting } from '../../src/lockstep/promql/tree.js';
import { evaluate } from '../../src/lockstep/prove/evaluate.js';
import { runPromtool } from '../../src/lockstep/prove/promtool.js';
import type { World } from '../../src/lockstep/prove/world.js';
import { inputInterval, recordSeries, toInput } from '../../src/lockstep/prove/world.js';

/** Holds what lockstep computes of expressions in a world against what a real promtool makes of their PromQL. */
export async function expectAgreement(
  promtool: string,
  world: World,
  expressions: readonly Vector[],
  moments: readonly number[],
  counting: Counting = 'perStart',
): Promise<void> {
  const recorded = { series: recordSeries(world), stepSeconds: world.stepSeconds };
  const values = moments.flatMap((seconds) =>
    expressions.map((of) => {
      const found = evaluate(of.node, recorded, seconds);
      if (typeof found === 'number') throw new Error('not a vector');
      expect(found.length).toBeGreaterThan(0);
      return {
        // Sums of binary fractions differ in the last digits by the order in which they were added.
        expr: `round(${printExpression(of, counting)}, 0.000001)`,
        seconds,
        samples: found.map(({ labels, value }) => ({
          labels: printLabels(labels),
          value: Math.floor(value * 1e6 + 0.5) / 1e6,
        })),
      };
    }),
  );
  const verdict = await runPromtool(promtool, {
    groups: [],
    evaluationInterval: 60,
    tests: [{ inputInterval: inputInterval(world), series: toInput(world, counting), alerts: [], values }],
  });
  expect(verdict.output).not.toContain('FAILED');
  expect(verdict.passed).toBe(true);
}
