import { isText } from '../model-texts.js';
import type { Rule } from '../rule.js';

export const noTitle: Rule = {
  severity: 'warning',
  about: 'A panel without a title.',
  example: '`"title": ""`',
  fix: 'name what is shown, in the words of the system',
  panel: ({ panel }) => (isText(panel.title) ? [] : [{ found: 'a panel without a title', fix: 'name what is shown' }]),
};
