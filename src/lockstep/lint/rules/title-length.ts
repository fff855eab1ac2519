import { RULE_TITLE_LENGTH } from '../../grafana/index.js';
import type { Rule } from '../rule.js';

export const titleLength: Rule = {
  severity: 'error',
  about: "A rule's title of more than 190 characters: the operator refuses the whole group.",
  example: 'a sentence as a title',
  fix: 'shorten it',
  alert: ({ rule: { title } }) =>
    title.length <= RULE_TITLE_LENGTH
      ? []
      : [
          {
            at: ['title'],
            found: `${title.length} characters`,
            fix: `${RULE_TITLE_LENGTH} at most: the operator refuses the whole group`,
          },
        ],
};
