import { COLUMNS } from '../../panels/layout.js';
import type { Rule } from '../rule.js';

export const gridOverflow: Rule = {
  severity: 'error',
  about: 'A panel that reaches over the 24 columns.',
  example: '`x: 18, w: 12`',
  fix: 'keep it within',
  board: ({ panels }) =>
    panels.flatMap(({ panel: { gridPos }, path }) => {
      if (gridPos === undefined) return [];
      const { x, y, w, h } = gridPos;
      if (x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= COLUMNS) return [];
      return [
        {
          at: [...path, 'gridPos'],
          found: `columns ${x} to ${x + w} of ${COLUMNS}`,
          fix: `keep it within ${COLUMNS} columns: Grafana moves what does not fit`,
        },
      ];
    }),
};
