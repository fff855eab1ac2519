import { isText } from '../model-texts.js';
import type { Rule } from '../rule.js';

export const duplicateTitle: Rule = {
  severity: 'error',
  about:
    'Two panels of a board, or two rules of a group, with one title: a person who says it means either. Rule titles are unique in their folder.',
  example: 'two panels `Errors`',
  fix: 'tell them apart',
  board: ({ panels }) =>
    panels.flatMap(({ panel: { title, type }, path }, index) =>
      type !== 'row' &&
      isText(title) &&
      panels.slice(0, index).some(({ panel: other }) => other.type !== 'row' && other.title === title)
        ? [{ at: [...path, 'title'], found: `a second panel ${JSON.stringify(title)}`, fix: 'tell them apart' }]
        : [],
    ),
  alert: (alert, { alerts }) => {
    const { title } = alert.rule;
    return alerts.slice(0, alerts.indexOf(alert)).some(({ rule }) => rule.title === title)
      ? [{ at: ['title'], found: `a second rule ${title}`, fix: 'tell them apart' }]
      : [];
  },
};
