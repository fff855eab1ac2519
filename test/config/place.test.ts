import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeWithin, stepsOf, tokensOf } from '../../src/lockstep/config/place.js';

const SOURCE = `import { panel } from 'lockstep/dashboard';
// panel({ unit: 'x' })
const shared = { unit: 's', title: 'Elsewhere' };
export const a = panel<Big<(x: 1) => void>>({
  title: 'It\\'s "a"',
  nested: { unit: /[)}]unit:/, width: 3 },
  unit: \`\${f({ unit: 1 })}\`,
  width,
  'max': 4,
});
const board = defineDashboard({ rows: [{ title: 'Row', panels: [a, { title: 'B', width: 9 }] }, { title: 'Elsewhere' }] });
`;
const tokens = tokensOf(SOURCE);
const lineOf = (text: string) => SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;
const inPanel = (...steps: string[]) => {
  const { line, column } = placeWithin(tokens, { file: 'f', line: lineOf('const a'), column: 18 }, steps);
  return SOURCE.split('\n')[(line ?? 0) - 1]?.slice((column ?? 1) - 1);
};
const inBoard = (...steps: string[]) => {
  const { line, column } = placeWithin(tokens, { file: 'f', line: lineOf('const board'), column: 15 }, steps);
  return SOURCE.split('\n')[(line ?? 0) - 1]?.slice((column ?? 1) - 1);
};

describe('the place of a problem within a call', () => {
  it('is that of the field, the least deep one', () => {
    expect(inPanel('unit')).toMatch(/^unit: `/);
    expect(inPanel('nested', 'unit')).toMatch(/^unit: \//);
    expect(inPanel('width')).toBe('width,');
    expect(inPanel('max')).toMatch(/^'max'/);
  });

  it('is that of a title, and of a field beside it', () => {
    expect(inPanel('It\'s "a"')).toMatch(/^'It/);
    expect(inBoard('B')).toMatch(/^'B'/);
    expect(inBoard('B', 'width')).toMatch(/^width: 9/);
  });

  it('is that of the query that a letter names', () => {
    const source =
      "const b = existingBoard({ panels: [{ title: 'P', queries: [{ promql: 'a', x: [1, 2] }, f(1, 2), q] }] });";
    const at = (...steps: string[]) => {
      const { column = 1 } = placeWithin(tokensOf(source), { file: 'f', line: 1, column: 11 }, steps);
      return source.slice(column - 1);
    };
    expect(at('P', 'query A')).toMatch(/^{ promql/);
    expect(at('P', 'query B')).toMatch(/^f\(1/);
    expect(at('P', 'query C')).toMatch(/^q\]/);
    expect(at('P', 'query D')).toMatch(/^'P'/);
    expect(at('P', 'query A', 'x')).toMatch(/^x: /);
  });

  it('is that of the call where no step leads on', () => {
    expect(inPanel('colour')).toMatch(/^panel</);
    expect(inPanel()).toMatch(/^panel</);
    expect(inBoard('nowhere', 'query A')).toMatch(/^defineDashboard/);
  });

  it('is that of a property where no call follows', () => {
    const property = tokensOf('const { unit, sale } = shop.metrics;\npanel({ unit, sale });\n');
    const at = { file: 'f', line: 1, column: 15 };
    expect(placeWithin(property, at, ['sale'])).toEqual(at);
    expect(placeWithin(property, { ...at, line: 2, column: 1 }, ['sale'])).toMatchObject({ line: 2, column: 15 });
  });

  it('leaves a call alone for a title that stands outside of it, unless it is that of a whole definition', () => {
    expect(inPanel('Elsewhere')).toMatch(/^panel</);
    expect(inBoard('It\'s "a"', 'unit')).toMatch(/^unit: `/);
  });

  it('is within the file, whatever the file and the place are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom('(', ')', '{', '}', ',', ':', 'a', "'a'", '`', '\n', '/', '"'), fc.string())),
        fc.nat(9),
        fc.nat(30),
        (parts, line, column) => {
          const text = parts.join('');
          const at = placeWithin(tokensOf(text), { file: 'f', line, column }, ['a', 'b']);
          expect(at.file).toBe('f');
          if (at.line !== line) expect(at.line).toBeLessThanOrEqual(text.split(/\r\n|[\n\r\u2028\u2029]/).length);
        },
      ),
    );
  });
});

it('the steps of a definition path are all but the first', () => {
  expect(stepsOf('dashboards/x › Row › unit (and in 3 more places)')).toEqual(['Row', 'unit']);
  expect(stepsOf('lockstep.config')).toEqual([]);
});
