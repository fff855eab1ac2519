import type { Rule } from '../rule.js';

export const unchecked: Rule = {
  severity: 'warning',
  about:
    'lockstep did not look this query up: it reads a metric or label that the catalogue does not have, or it is not PromQL that lockstep can read. If the metric goes away, nobody is told.',
  example: '`unchecked: \'"http_request_total"\'` beside a query',
  fix: 'correct the query, or add to the catalogue what it reads, and take the reason out',
  standing: ({ unchecked }) =>
    unchecked.map(({ at, noun, reason }) => ({
      at,
      found: `${noun} that is not looked up: ${reason}`,
      fix: 'correct the query, or add to the catalogue what it reads, and take the reason out',
    })),
};
