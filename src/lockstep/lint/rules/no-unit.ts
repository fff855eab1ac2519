import { isText } from '../model-texts.js';
import type { Rule } from '../rule.js';

/** Kinds of panels that show no number. */
const WITHOUT_NUMBERS = new Set(['text', 'logs', 'dashlist', 'alertlist', 'news', 'annolist', 'traces', 'nodeGraph']);

export const noUnit: Rule = {
  severity: 'warning',
  about: 'A bare number is read in whatever unit the reader expects.',
  example: 'a panel without `fieldConfig.defaults.unit`',
  fix: 'give the unit; `short` for a plain count',
  panel: ({ panel: { type = '', fieldConfig } }) =>
    isText(fieldConfig?.defaults?.unit) || WITHOUT_NUMBERS.has(type)
      ? []
      : [
          {
            found: 'a panel without a unit',
            fix: 'give the unit: a bare number is read as whatever is expected',
          },
        ],
};
