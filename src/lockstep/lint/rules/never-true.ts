import type { Rule } from '../rule.js';

export const neverTrue: Rule = {
  severity: 'error',
  about:
    'A comparison that no data can fulfil, or a native histogram where PromQL takes only numbers: the alert never fires, the panel stays empty. A build refuses both in queries of lockstep; this is for existing ones.',
  example: '`count by (job) (up) == 0`: a count of nothing is nothing, and never 0',
  fix: 'compare with a value that can be, or ask `absent()`',
  standing: ({ faults }) =>
    faults.filter(({ code }) => code === 'promql/never-true' || code === 'promql/native-as-number'),
};
