import type { Bounds } from './bounds.js';
import { printNumber } from './print.js';

/** A comparison that has one outcome whatever the data, as a problem without its place. */
export function decidedComparison(comparison: string, outcome: boolean, { low, high }: Bounds) {
  return {
    code: outcome ? 'promql/always-true' : 'promql/never-true',
    found: `${comparison} of a value that lies between ${printNumber(low)} and ${printNumber(high)}`,
    fix: outcome
      ? 'drop the comparison, or pick a value for which it can be false'
      : 'compare with a value that the left side can reach',
  };
}

/** The problem of adding up quantiles, without its place. */
export function addedQuantiles(metric: string) {
  return {
    code: 'promql/added-quantiles',
    found: `a sum, an average or a rate of the quantiles of ${metric}`,
    fix: 'take the greatest by max(), or the mean by its sum and count: the quantile of all observations is not known',
  };
}
