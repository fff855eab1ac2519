import { bracketed } from '../bracketed.js';
import type { Rule } from '../rule.js';

const AVERAGE = /\bavg(?:_over_time)?\s*(?:by\s*\([^)]*\)\s*)?\(/g;

export const averagedRatio: Rule = {
  severity: 'error',
  about:
    'An average of ratios, or of latencies: it weighs a role with one session like one with a thousand. The sum or average of the quantiles of a summary is no quantile either: a build refuses it in queries of lockstep.',
  example: '`avg(errors / total)`',
  fix: 'sum numerators and denominators, then divide; of latencies take `histogram_quantile` of summed buckets',
  text: (promql) =>
    [...promql.matchAll(AVERAGE)].flatMap((match) => {
      // A path in a label's value is no division.
      const inside = bracketed(promql, match.index + match[0].length - 1).replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
      if (!inside.includes('/') && !/_sum\b|sli_error:ratio|histogram_quantile/.test(inside)) return [];
      return [
        {
          found: 'an average of ratios, or of latencies',
          fix: 'sum numerators and denominators first and divide then; of latencies take histogram_quantile of summed buckets',
          span: [match.index, match[0].length - 1],
        },
      ];
    }),
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/added-quantiles'),
};
