import type { Rule } from '../rule.js';

export const templateLabel: Rule = {
  severity: 'error',
  about:
    'A text of an alert names a label that its expression does not return: the notification has a gap there. A build refuses it for alerts of lockstep; this is for existing rules.',
  example: '`{{ $labels.job }}` over `count by (namespace) (up == 0)`',
  fix: 'group the expression by the label, or leave it out of the text',
  standing: ({ template }) => template,
};
