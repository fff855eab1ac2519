import type { Rule } from '../rule.js';

export const alwaysTrue: Rule = {
  severity: 'warning',
  about:
    'A comparison that all data fulfil: it says nothing. A build refuses it in queries of lockstep; this is for those that stood already.',
  example: '`count by (job) (up == 0) > 0`',
  fix: 'drop the comparison, or compare with a value that the left side can miss',
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/always-true'),
};
