import type { Rule } from '../rule.js';

export const unchecked: Rule = {
  severity: 'warning',
  about:
    'lockstep has not looked this query up. It reads a metric or a label that is not in the catalogue, lockstep cannot read its PromQL, or another datasource answers it. No check fails if what it reads goes away.',
  example: '`unchecked: \'"http_request_total"\'` beside a query',
  fix: 'correct the query, or add to the catalogue what it reads, and take the reason out',
  panel: ({ definition }) => {
    const [first, ...more] = definition !== undefined && 'others' in definition ? (definition.others ?? []) : [];
    if (first === undefined) return [];
    const types = [...new Set([first, ...more].map(({ datasource }) => datasource.type))].join(' and ');
    return [
      {
        at: ['targets', definition?.queries.length ?? 0],
        found: `${more.length === 0 ? 'a query' : `${more.length + 1} queries`} of ${types}, which nobody looks up`,
        fix: "try it in Grafana, and say so: exempt: { 'lint/unchecked': 'tried with the logs of a week' }",
      },
    ];
  },
  standing: ({ unchecked }) =>
    unchecked.map(({ at, noun, reason }) => ({
      at,
      found: `${noun} that is not looked up: ${reason}`,
    })),
};
