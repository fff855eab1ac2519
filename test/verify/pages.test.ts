import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROMETHEUS_VERSIONS } from '../../src/lockstep/promql/prometheus-version.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { readPage } from '../../src/lockstep/verify/page.js';
import { PAGES } from './pages.js';

// Which Prometheus refuses a page, and why.

describe('a page', () => {
  it.each(PAGES.map(([format, page, by]) => ({ format, page, by })))(
    '$format $page is refused by $by',
    ({ format, page, by }) => {
      const refused = parseExposition(page, format).refused;
      expect(refused.flatMap((each) => each.by).sort()).toEqual(by);
      for (const { found, fix, line } of refused) {
        expect(found.length).toBeGreaterThan(5);
        expect(fix.length).toBeGreaterThan(5);
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(page.split('\n').length);
      }
    },
  );

  it.each([
    ['text', 'a 1\nb 2\r\n', 2, '"2\\r", where a number must be', 'end each line with \\n alone'],
    ['text', 'a 1\nb{x="1"} 2 oops\n', 2, '"oops" after the value: "b{x=\\"1\\"} 2 oops"', undefined],
    ['openmetrics', 'a 1\n# EOF\nb 2\n', 3, 'text after # EOF: "b 2"', 'let # EOF be the last line'],
    ['openmetrics', 'a 1\n', 2, 'no # EOF at the end', undefined],
    [
      'text',
      '# TYPE a gauge\n# TYPE b stateset\nb 1\n',
      2,
      'the type "stateset" of b',
      'take one of counter, gauge, histogram, summary, untyped',
    ],
    ['text', 'a{x="1",x="2"} 1\n', 1, 'the label x twice: "a{x=\\"1\\",x=\\"2\\"} 1"', 'give each label once'],
    ['text', '<!DOCTYPE html>\n', 1, 'a line that begins with no name of a metric: "<!DOCTYPE html>"', undefined],
    ['text', 'a{x="1}\n', 1, 'no value in double quotes for the label x: "a{x=\\"1}"', undefined],
  ] as const)('of %s %j is refused at its line, with what is wrong there', (format, page, line, found, fix) => {
    const [first, ...more] = parseExposition(page, format).refused;
    expect(more).toEqual([]);
    expect(first).toMatchObject({ line, found, by: PROMETHEUS_VERSIONS, ...(fix === undefined ? {} : { fix }) });
  });

  it('of a file is OpenMetrics where a line ends it, and the text format otherwise', () => {
    expect(parseExposition('# hello\na 1\n').refused).toEqual([]);
    expect(parseExposition('# hello\na 1\n# EOF\n').refused).toHaveLength(1);
  });

  it('that is refused is read on, for whatever else is wrong', () => {
    const { samples, families } = parseExposition('# TYPE a gauge\r\na{x="1"} 1\r\nb 2 oops\nc 3\n');
    expect(samples.map(({ name, value, line }) => [name, value, line])).toEqual([
      ['a', 1, 2],
      ['b', 2, 3],
      ['c', 3, 4],
    ]);
    expect(families).toMatchObject([{ name: 'a', type: 'gauge', line: 1 }]);
  });

  it('that Prometheus 2 reads, Prometheus 3 reads too, whatever it holds', () => {
    const parts = fc.constantFrom(
      ...[
        'a',
        'a_total',
        '{',
        '}',
        '"x"',
        '"',
        '\\',
        '=',
        ',',
        ' ',
        '\t',
        '#',
        '# ',
        '\n',
        '1',
        '1.5',
        'NaN',
        'x',
        '# EOF\n',
      ],
      ...['# TYPE a gauge\n', '# HELP a b\n', 'a{x="1"} 1\n', '# UNIT a b\n', ' # {x="1"} 1'],
    );
    const page = fc.array(parts, { maxLength: 12 }).map((all) => all.join(''));
    fc.assert(
      fc.property(page, fc.constantFrom('text', 'openmetrics'), (text, format) => {
        const [old, recent] = PROMETHEUS_VERSIONS.map((version) => readPage(text, format, version, undefined));
        if (old === undefined) expect(recent).toBeUndefined();
        const { refused, samples } = parseExposition(text, format);
        expect(refused.some(({ by }) => by.includes('3.16'))).toBe(recent !== undefined);
        for (const { line } of samples) expect(line).toBeLessThanOrEqual(text.split('\n').length);
      }),
      { numRuns: 3000 },
    );
  });
});
