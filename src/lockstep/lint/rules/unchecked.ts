import type { Rule } from '../rule.js';

export const unchecked: Rule = {
  severity: 'warning',
  about:
    'lockstep has not looked this query up. It reads a metric or a label that is not in the catalogue, or lockstep cannot read its PromQL. No check fails if the metric goes away.',
  example: '`unchecked: \'"http_request_total"\'` beside a query',
  fix: 'correct the query, or add to the catalogue what it reads, and take the reason out',
  standing: ({ unchecked }) =>
    unchecked.map(({ at, noun, reason }) => ({
      at,
      found: `${noun} that is not looked up: ${reason}`,
    })),
};
