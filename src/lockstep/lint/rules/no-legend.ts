import { isText } from '../model-texts.js';
import type { Rule } from '../rule.js';

export const noLegend: Rule = {
  severity: 'warning',
  about: 'A line or column without a name: Grafana shows the whole expression.',
  example: '`"legendFormat": ""`',
  fix: 'name it',
  panel: ({ panel: { targets = [] } }) =>
    targets.flatMap(({ refId, datasource, legendFormat }, index) => {
      const { type = 'prometheus' } = (datasource ?? {}) as { readonly type?: string };
      if (type !== 'prometheus' || isText(legendFormat)) return [];
      return [
        {
          at: ['targets', index],
          found: `query ${refId ?? index} without a legend`,
          fix: 'name what the line or column is',
        },
      ];
    }),
};
