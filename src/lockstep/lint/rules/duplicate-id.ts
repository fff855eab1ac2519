import type { Rule } from '../rule.js';

export const duplicateId: Rule = {
  severity: 'error',
  about: 'Two panels with one id: links, alerts and annotations find the first.',
  example: '`"id": 7` twice',
  fix: 'number them',
  board: ({ panels }) =>
    panels.flatMap(({ panel: { id }, path }, index) => {
      const other = panels.slice(0, index).findLast(({ panel }) => id !== undefined && panel.id === id);
      if (other === undefined) return [];
      return [
        {
          at: [...path, 'id'],
          found: `id ${id}, which panel ${JSON.stringify(other.panel.title)} has too`,
          fix: 'number them: links and alerts find a panel by its id',
        },
      ];
    }),
};
