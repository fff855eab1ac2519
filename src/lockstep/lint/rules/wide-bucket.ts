import type { Metric } from 'lockstep-exporter/catalogue';
import { printNumber } from '../../promql/print.js';
import type { Node } from '../../promql/tree.js';
import { selectorsIn, walk } from '../../promql/tree.js';
import { bracketed } from '../bracketed.js';
import { nodesOf } from '../metrics-read.js';
import type { Rule } from '../rule.js';

/**
 * The highest ratio of two bounds of a quantile's histogram that are next to each other. `histogram_quantile` takes the
 * observations of a bucket as spread evenly, so the quantile that is shown may be this many times the true one. The
 * figure is ours; the defaults of client libraries have 2 to 2.5.
 */
const WIDEST = 6;

export const wideBucket: Rule = {
  severity: 'warning',
  about:
    'A quantile is read from a histogram with a bucket whose upper bound is more than six times its lower one. Prometheus takes the observations of a bucket as spread evenly, so a p95 may be shown as 9 s where nothing took more than 2 s. A latency SLO is exact: it reads the count at a bound. The first bucket, from 0 to the lowest bound, is not judged.',
  example: '`quantileQueries(wait, ...)` of a histogram with the bounds 1 and 10',
  fix: 'add bounds between the two; if others record the metric, show the share at or below a bound (`countAtMost`)',
  system: (system) => {
    const nodes = nodesOf(system);
    return Object.values(system.catalogue.metrics).flatMap((metric) => {
      const gap = widestGap(metric.bounds);
      if (gap === undefined || !nodes.some((node) => isQuantileOf(metric, node))) return [];
      const [lower, upper] = gap;
      const unit = metric.unit.replace(/[{}]/g, '');
      return [
        {
          owner: `metric ${metric.name}`,
          found: `a quantile of it cannot tell ${printNumber(lower * 2)} from ${printNumber(upper)} ${unit}: no bound lies between ${printNumber(lower)} and ${printNumber(upper)}`,
          fix:
            metric.foreign === undefined
              ? `add bounds in between, each at most ${WIDEST} times the one before`
              : 'ask whoever records it for bounds in between, or show the share at or below a bound by countAtMost()',
        },
      ];
    });
  },
};

/** The neighbours among the bounds that are furthest apart, where they are too far. Below 0 there is no ratio. */
function widestGap(bounds: readonly number[]): readonly [lower: number, upper: number] | undefined {
  const gaps = bounds
    .slice(1)
    .map((upper, index): readonly [number, number] => [bounds[index] ?? Number.NaN, upper])
    .filter(([lower, upper]) => lower > 0 && Number.isFinite(upper) && upper / lower > WIDEST);
  return gaps.sort(([a, b], [c, d]) => d / c - b / a)[0];
}

function isQuantileOf({ name }: Metric, root: Node): boolean {
  return [...walk(root)].some((node) => {
    if (node.type === 'text') return quantilesIn(node.text).some((inside) => inside.includes(`${name}_bucket`));
    return (
      node.type === 'quantile' && selectorsIn(node).some((each) => each.metric.name === name && each.part === '_bucket')
    );
  });
}

/** The arguments of each `histogram_quantile` of a text. */
function quantilesIn(text: string): readonly string[] {
  const read = text.replaceAll(/#.*/g, '');
  return [...read.matchAll(/\bhistogram_quantile\s*\(/g)].map(({ index, 0: call }) =>
    bracketed(read, index + call.length - 1),
  );
}
