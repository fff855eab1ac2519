import { isText } from '../model-texts.js';
import type { Rule } from '../rule.js';

export const noDescription: Rule = {
  severity: 'warning',
  about: 'A panel that does not say what is seen and what to conclude from it.',
  example: '`"description": ""`',
  fix: 'say it',
  panel: ({ panel: { type, description } }) =>
    type === 'text' || isText(description)
      ? []
      : [
          {
            found: 'a panel without a description',
            fix: 'say what is seen and what to conclude from it',
          },
        ],
};
