import { isRecord } from 'lockstep-exporter/internal';
import type { LintRemark, Rule } from '../rule.js';

export const colourOnly: Rule = {
  severity: 'warning',
  about: 'A stat or column whose state is its colour alone: one reader in twelve does not see it.',
  example: '`"textMode": "none"` on a stat',
  fix: 'show the value, or a text for it',
  panel: ({ panel: { type, options, fieldConfig } }) => {
    // A mapping of "no value" says nothing about a value.
    const hasMappings = (fieldConfig?.defaults?.mappings ?? []).some(
      (each) => !isRecord(each) || each['type'] !== 'special',
    );
    const remarks: LintRemark[] = [];
    if (type === 'stat' && options?.textMode === 'none' && !hasMappings)
      remarks.push({
        at: ['options', 'textMode'],
        found: 'a stat that shows its colour and no text',
        fix: 'show the value too: one reader in twelve does not see the difference',
      });
    for (const [index, { properties = [] }] of (fieldConfig?.overrides ?? []).entries())
      if (properties.some(({ id, value }) => id === 'custom.cellOptions' && isColourOnly(value)))
        remarks.push({
          at: ['fieldConfig', 'overrides', index],
          found: 'a column that is colour and no text',
          fix: 'show the value too',
        });
    return remarks;
  },
};

function isColourOnly(value: unknown): boolean {
  return isRecord(value) && value['type'] === 'color-background' && value['mode'] === 'none';
}
