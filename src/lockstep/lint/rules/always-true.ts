import type { Rule } from '../rule.js';

export const alwaysTrue: Rule = {
  severity: 'warning',
  about:
    'A comparison that all data fulfil: it says nothing. A build refuses it in queries of lockstep; this is for existing ones.',
  example: '`count by (job) (up == 0) > 0`',
  fix: 'drop the comparison, or pick a value for which it can be false',
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/always-true'),
};
