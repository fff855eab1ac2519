import type { Rule } from '../rule.js';

export const legendLabel: Rule = {
  severity: 'error',
  about:
    'A legend names a label that its query does not return: nothing stands in its place. A build refuses it on boards of lockstep; this is for existing boards.',
  example: '`{{pod}}` over `sum by (namespace) (up)`',
  fix: 'group the query by the label, or leave it out of the legend',
  standing: ({ legend }) => legend,
};
