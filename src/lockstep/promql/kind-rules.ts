import type { Problem } from 'lockstep-exporter/internal';
import { addedQuantiles } from './decided.js';
import type { AggregateNode, Aggregation, CallNode, Node, RangeFunction, SelectorNode } from './tree.js';

// Finds where an expression reads a summary or a native histogram as something that it is not.

/** A quantile says nothing of how many observations it is of: no sum of quantiles is one. */
export function validateSum(node: AggregateNode, where: string): Problem[] {
  if (!BLENDING.includes(node.fn)) return [];
  const added = quantileIn(node.of);
  return added === undefined ? [] : [{ where, ...addedQuantiles(added.metric.name) }];
}

/** These blend the values of several series. */
const BLENDING: readonly Aggregation[] = ['sum', 'avg', 'quantile', 'stddev', 'stdvar'];
/** These look at no value. */
const COUNTING_ALONE: readonly Aggregation[] = ['count', 'group'];

/** The selector of a summary whose quantiles are the values of a node. */
function quantileIn(node: Node): SelectorNode | undefined {
  switch (node.type) {
    case 'selector':
      return node.quantile === undefined ? undefined : node;
    case 'overTime':
      return KEEPING.includes(node.fn) ? quantileIn(node.of) : undefined;
    case 'math':
    case 'clampMin':
    case 'joined':
    case 'ago':
    case 'overSteps':
    case 'relabelled':
    case 'orZero':
      return quantileIn(node.of);
    case 'aggregate':
      return COUNTING_ALONE.includes(node.fn) ? undefined : quantileIn(node.of);
    case 'binary':
      if (node.bool) return undefined;
      return quantileIn(node.left) ?? (node.op === '*' ? quantileIn(node.right) : undefined);
    default:
      return undefined;
  }
}

/** Functions over a range that return values of its samples. */
const KEEPING: readonly RangeFunction[] = [
  'avg_over_time',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'quantile_over_time',
  'sum_over_time',
];

/** Whether its values are native histograms, which find their buckets themselves. */
export function isDistribution(node: Node): node is SelectorNode | (CallNode & { type: 'events' }) {
  const selector = node.type === 'events' ? node.of : node.type === 'selector' ? node : undefined;
  return selector?.metric?.kind === 'nativeHistogram' && selector.part === '';
}

/** The nodes whose native histograms a node reads as such. */
export function histogramsOf(node: Node): readonly Node[] {
  if (node.type === 'quantile' || node.type === 'fraction' || node.type === 'events') return [node.of];
  return node.type === 'overTime' && ASKING.includes(node.fn) ? [node.of] : [];
}

/** These ask only whether there are samples. */
const ASKING: readonly RangeFunction[] = [
  'absent_over_time',
  'changes',
  'count_over_time',
  'present_over_time',
  'resets',
];

export function nativeAsNumber(node: SelectorNode | (CallNode & { type: 'events' }), where: string): Problem {
  const { metric } = node.type === 'events' ? node.of : node;
  return {
    code: 'promql/native-as-number',
    where,
    found: `${metric.name}, a native histogram, as a number`,
    fix: 'take countOf(), sumOf() or the histogramQuantile() of its distribution(): Prometheus returns nothing here',
  };
}
