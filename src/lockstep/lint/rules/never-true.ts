import type { Rule } from '../rule.js';

export const neverTrue: Rule = {
  severity: 'error',
  about:
    'A comparison that no data can fulfil: the alert never fires, the panel stays empty. A build refuses it in queries of lockstep; this is for existing ones.',
  example: '`count by (job) (up) == 0`: a count of nothing is nothing, and never 0',
  fix: 'compare with a value that can be, or ask `absent()`',
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/never-true'),
};
