import { isRecord } from 'lockstep-exporter/internal';
import { quantityOf } from '../../panels/unit-meaning.js';
import { printNumber } from '../../promql/print.js';
import type { Node } from '../../promql/tree.js';
import { COMPARISONS, selectorsIn, walk } from '../../promql/tree.js';
import type { Rule } from '../rule.js';

/** A share of this much or more, 1000%, is meant as a percentage. A share of a limit may well be 1.5. */
const LEAST_PERCENTAGE = 10;

export const percentOfShare: Rule = {
  severity: 'warning',
  about:
    'A share is compared with a percentage: 90 of a gauge in `ratio`, or a threshold of 90 under the unit `percentunit`, is 9000%. Such an alert never fires, and such a panel stays green. Only 10 and more count: a share of a limit may well be 1.5. Quotients and sums of gauges, and PromQL as text, are not judged.',
  example: "`compare(max(instant(quota)), '>=', 90)`, where the unit of `quota` is `ratio`",
  fix: 'write the share, 0.9; or multiply by 100 and take the unit `percent`',
  panel: ({ panel: { fieldConfig } }) => {
    const { unit, thresholds } = fieldConfig?.defaults ?? {};
    if (unit !== 'percentunit' || !isRecord(thresholds) || !Array.isArray(thresholds['steps'])) return [];
    // Grafana reads such steps as percentages of the panel's range.
    if (thresholds['mode'] === 'percentage') return [];
    return thresholds['steps'].flatMap((step: unknown, index) =>
      isRecord(step) && isPercentage(step['value'])
        ? [
            {
              at: ['fieldConfig', 'defaults', 'thresholds', 'steps', index],
              found: `a threshold of ${printNumber(step['value'])} under the unit percentunit, which is ${printNumber(step['value'] * 100)}%`,
              fix: `write ${printNumber(step['value'] / 100)}, or take the unit percent for values from 0 to 100`,
            },
          ]
        : [],
    );
  },
  alert: ({ definition }) =>
    (definition === undefined ? [] : percentages(definition.node)).map((value) => ({
      at: ['data'],
      found: `a share compared with ${printNumber(value)}, which is ${printNumber(value * 100)}%`,
      fix: `write ${printNumber(value / 100)}`,
    })),
};

function isPercentage(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) >= LEAST_PERCENTAGE;
}

/** The numbers that gauges in `ratio` are compared with, where they are percentages. */
function percentages(root: Node): readonly number[] {
  return [...walk(root)].flatMap((node) => {
    if (node.type !== 'binary' || node.right.type !== 'number') return [];
    const isComparison = COMPARISONS.some((each) => each === node.op);
    return isComparison && isPercentage(node.right.value) && isShare(node.left) ? [node.right.value] : [];
  });
}

/** A gauge that is called a ratio is a share. A quotient or a sum of such gauges may be any number. */
function isShare(node: Node): boolean {
  const numbers = quantityOf(node);
  const isPlain = numbers?.dimension.size === 0 && numbers.scale === 1;
  const isAddedUp = [...walk(node)].some(
    (each) => each.type === 'binary' || (each.type === 'aggregate' && each.fn === 'sum'),
  );
  return (
    isPlain && !isAddedUp && selectorsIn(node).every(({ metric }) => metric.kind === 'gauge' && metric.unit === 'ratio')
  );
}
