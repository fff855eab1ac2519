import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillDocument } from '../../src/lockstep/docs/documents.js';
import type { Facts } from '../../src/lockstep/docs/facts.js';
import { factsOf } from '../../src/lockstep/docs/facts.js';
import shopConfig from '../shop/lockstep.config.js';

const facts = factsOf(shopConfig);
const fill = (text: string, known: Facts = facts) => fillDocument('page.md', text, known);
const span = (key: string, text: string) => `<!-- lockstep ${key} -->${text}<!-- /lockstep -->`;

describe('facts', () => {
  it('are what the definitions say', () => {
    const [system] = shopConfig.systems;
    const own = (key: string) => facts.values.get(key);
    expect(own('count metrics shop')).toBe(String(Object.keys(system?.catalogue.metrics ?? {}).length));
    expect(own('count alerts shop')).toBe(String(system?.alerts.flatMap(({ rules }) => rules).length));
    expect(own('series shop_sales_total')).toBe('shop_sales_total{till, result}');
    expect(own('values shop_sales_total till')).toBe('north, south');
    expect(own('unit shop_wait_seconds')).toBe('seconds');
    expect(own('bounds shop_wait_seconds')).toMatch(/^\d+(, \d+)*$/);
    const slos = [...facts.values].filter(([key]) => /^(objective|budget|window) /.test(key));
    expect(Object.fromEntries(slos)).toMatchInlineSnapshot(`
      {
        "budget shop sales": "1%",
        "budget shop wait": "5%",
        "objective shop sales": "99%",
        "objective shop wait": "95%",
        "window shop sales": "30d",
        "window shop wait": "30d",
      }
    `);
    const rules = [...facts.values].filter(([key]) => key.endsWith(' ShopQueueLong'));
    expect(Object.fromEntries(rules)).toMatchInlineSnapshot(`
      {
        "for ShopQueueLong": "10m",
        "severity ShopQueueLong": "ticket",
        "summary ShopQueueLong": "More than 50 people wait",
      }
    `);
    expect(facts.names.alert).toContain('ShopQueueLong');
    expect(facts.names.metric).toContain('shop_queue_length');
    expect(facts.names.panel).toContain('People waiting, by till');
  });
});

describe('a page', () => {
  const key = 'values shop_sales_total till';

  it.each([
    ['plain', 'east', 'north, south'],
    ['as code', '`east`', '`north, south`'],
    ['bold', '**east**', '**north, south**'],
    ['empty', '', 'north, south'],
    ['over two lines', 'east,\nwest', 'north, south'],
    ['with blanks around it', ' east ', ' north, south '],
  ])('is filled where a span is stale: %s', (_, found, wanted) => {
    const { text, stale, problems } = fill(`# Tills\n\nThere are ${span(key, found)}, and no more.\n`);
    expect(problems).toEqual([]);
    expect(text).toBe(`# Tills\n\nThere are ${span(key, wanted)}, and no more.\n`);
    expect(stale).toEqual([{ line: 3, key, found: found.replace(/[\s`*]+/g, ' ').trim(), wanted: 'north, south' }]);
  });

  it.each(['north, south', '`north, south`', 'north,\n  south', 'north,\r\nsouth'])('stays as it is: %j', (right) => {
    const page = `There are ${span(key, right)}.\r\n`;
    expect(fill(page)).toEqual({ text: page, stale: [], problems: [] });
  });

  it('may mention names, which exist', () => {
    const page = (alert: string) => `See ${span('alert', `\`${alert}\``)} and ${span('metric', 'shop_sales_total')}.`;
    expect(fill(page('ShopQueueLong')).problems).toEqual([]);
    expect(fill(page('ShopQueueLnog')).problems).toEqual([
      {
        code: 'docs/unknown',
        where: 'page.md',
        at: { file: 'page.md', line: 1 },
        found: 'alert "ShopQueueLnog", which no definition has',
        fix: 'did you mean "ShopQueueLong"?',
      },
    ]);
  });

  it.each([
    [
      'a fact that is not there',
      `\n\nAt ${span('objective shop slaes', '99%')}`,
      3,
      /"objective shop slaes", which no/,
    ],
    ['no fact at all', `At ${span('', '99%')}`, 1, /"", which no definition has/],
    ['a span that is not closed', 'At <!-- lockstep alert -->X\n\n', 1, /"alert", which is not closed/],
    ['a span in another', `At <!-- lockstep alert -->X ${span('unit shop_sales_total', '{sale}')}`, 1, /is not closed/],
    ['an end without a beginning', 'At\nX <!-- /lockstep -->', 2, /closes nothing/],
    ['a mark at the beginning of a line', `At\n${span(key, 'north, south')}`, 2, /ends the paragraph/],
    [
      'an end at the beginning of a line',
      'At <!-- lockstep alert -->ShopQueueLong\n <!-- /lockstep -->',
      2,
      /paragraph/,
    ],
  ])('is refused with its line: %s', (_, page, line, found) => {
    const { problems } = fill(page);
    expect(problems[0]?.at).toEqual({ file: 'page.md', line });
    expect(problems[0]?.found).toMatch(found);
  });

  it.each([
    ['a fence', '```md\nAt <!-- lockstep nothing -->x\n```\n'],
    ['a longer fence', '~~~~\n~~~\nAt <!-- lockstep nothing -->x\n~~~~\n'],
    ['a fence without end', 'Text.\n\n```\nAt <!-- lockstep nothing -->x\n'],
    ['code in a line', 'Write `<!-- lockstep nothing -->` before it, and ``a ` <!-- /lockstep -->`` after it.\n'],
    ['a comment of another kind', 'At <!-- lockstepping -->x<!-- prettier-ignore -->\n'],
  ])('shows marks as an example in %s', (_, page) => {
    expect(fill(page)).toEqual({ text: page, stale: [], problems: [] });
  });

  it('changes in its spans alone, and not again the next time', () => {
    const keys = [...facts.values.keys()];
    const words = fc.string({ unit: fc.constantFrom(...'ab é\n|#*_"$&.'.split('')), maxLength: 30 });
    // A mark at the beginning of a line is refused.
    const part = fc.tuple(
      words,
      fc.constantFrom(...keys),
      words.map((each) => `${each}x`),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), words, (parts, end) => {
        const page = `${parts.map(([before, fact, found]) => `${before}x ${span(fact, found)}`).join('')}${end}`;
        const { text, problems } = fill(page);
        expect(problems).toEqual([]);
        const outside = (each: string) =>
          each.replace(/(<!-- lockstep [^>]*-->)[\s\S]*?(<!-- \/lockstep -->)/g, '$1$2');
        expect(outside(text)).toBe(outside(page));
        for (const [index, [, fact]] of parts.entries()) {
          const [, inside = ''] =
            [...text.matchAll(/<!-- lockstep [^>]*-->([\s\S]*?)<!-- \/lockstep -->/g)][index] ?? [];
          expect(inside.replace(/\s+/g, ' ')).toContain(facts.values.get(fact)?.replace(/\s+/g, ' '));
        }
        expect(fill(text)).toEqual({ text, stale: [], problems: [] });
      }),
      { numRuns: 2000 },
    );
  });
});
