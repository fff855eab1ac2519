import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { printResource } from '../../src/lockstep/emit/yaml.js';

// Whoever reads the file may read YAML 1.1 (kubectl, Argo CD) or 1.2: both must read the same texts.

/**
 * Ends of lines to one version and not to the other, marks, characters that may not stand raw, and texts that one
 * version takes for another type.
 */
const odd = fc.constantFrom(
  ...['\u0085', '\u2028', '\u2029', '\ufeff', '\u007f', '\u0080', '\u009f', '\ufffe', '\u00a0', '\t', '\r', '\n', '\0'],
  ...['yes', 'on', '012', '1:30', '=', '<<', '~', '.5', '0o7', '2001-01-01', ': ', ' #', '- ', '"', "'", '\\u0041', ''],
);
const text = fc
  .array(fc.oneof(odd, fc.string({ maxLength: 4, unit: 'grapheme' })), { maxLength: 6 })
  .map((parts) => parts.join(''));

describe('a resource as YAML', () => {
  it('reads the same in both versions, whatever its texts hold', () => {
    fc.assert(
      fc.property(text, text, (key, value) => {
        const model = { value, [`k${key}`]: [value] };
        const resource = {
          [`k${key}`]: value,
          list: [value, { value }],
          spec: { json: `${JSON.stringify(model, undefined, 2)}\n` },
        };
        const printed = printResource(resource, 'example.org/shop');
        expect(printed).not.toMatch(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe]/);
        for (const read of [parse(printed), parse(printed, { version: '1.1' })] as (typeof resource)[]) {
          expect({ ...read, spec: undefined }).toEqual({ ...resource, spec: undefined });
          expect(JSON.parse(read.spec.json)).toEqual(model);
        }
      }),
    );
  });
});
