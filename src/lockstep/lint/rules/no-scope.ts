import type { Rule } from '../rule.js';

export const noScope: Rule = {
  severity: 'warning',
  about:
    'Metrics that others record have no scope: a query adds up the series of everybody who has a metric of that name, in every namespace.',
  example: "`recordedBy: 'others'` without `scope`, for `http_requests_total`",
  fix: "declare the labels of the target and say which series are yours: `scope: { namespace: 'checkout' }`",
  system: ({ catalogue }) => {
    if (catalogue.recordedBy !== 'others') return [];
    const metrics = Object.values(catalogue.metrics);
    const bare = metrics.filter(({ foreign }) => foreign?.scope.length === 0);
    if (bare.length === 0) return [];
    return [
      {
        owner: `metric ${bare[0]?.name}`,
        found: `no scope, on ${bare.length} of ${metrics.length} metrics that others record`,
        fix: "say which series are yours, scope: { namespace: 'checkout' }: a query adds up those of everybody who has a metric of that name",
      },
    ];
  },
};
