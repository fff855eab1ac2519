import { describe, expect, it } from 'vitest';
import { counter, defineCatalogue, gauge, histogram, label } from '../../src/exporter/catalogue/index.js';
import type { Meant, Said } from '../../src/lockstep/lint/word-slips.js';
import { wordSlips } from '../../src/lockstep/lint/word-slips.js';
import { labelVariable } from '../../src/lockstep/panels/index.js';
import {
  buckets,
  compare,
  histogramQuantile,
  increase,
  instant,
  keep,
  noneOf,
  select,
  share,
} from '../../src/lockstep/promql/index.js';
import { promql } from '../../src/lockstep/promql/text.js';

// Words that a query contradicts, and as many that it does not.

const till = label('till', { help: 'where', values: ['north', 'south'] });
const result = label('result', { help: 'how', values: ['paid', 'refused'], bad: ['refused'] });
const sales = counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [till, result] });
const returns = counter({ name: 'shop_returns_total', help: 'Returns.', unit: '{return}', labels: [till] });
const wait = histogram({ name: 'shop_wait_seconds', help: 'Wait.', unit: 'seconds', labels: [till], bounds: [1, 5] });
const queue = gauge({ name: 'shop_queue', help: 'People.', unit: '{person}', labels: [till] });
const shop = defineCatalogue({ name: 'shop', metrics: { sales, returns, wait, queue } });
const others = defineCatalogue({ name: 'others', recordedBy: 'others', metrics: { wait, sales } });
const tills = labelVariable('till', { title: 'Till', from: sales });

const slips = (text: string, meant: Partial<Meant> & Pick<Meant, 'nodes'>, kind: Said['kind'] = 'name') =>
  wordSlips({ text, kind }, { metrics: Object.values(shop.metrics), ...meant }).map(({ found }) => found);

const quantile = (of: number) => histogramQuantile(of, increase(buckets(wait), '6h', ['le'])).node;
const perTill = increase(sales, '6h', ['till']).node;
const refused = share(increase(select(sales, { result: 'refused' }), '6h'), increase(sales, '6h'), 5).node;
const thresholds = {
  base: 'green',
  steps: [
    { at: 0.05, colour: 'yellow' },
    { at: 0.25, colour: 'red' },
  ],
} as const;

const ofAge = {
  base: 'green',
  steps: [
    { at: 5400, colour: 'yellow' },
    { at: 93_600, colour: 'red' },
  ],
} as const;
const waiting = compare(instant(queue), '>', 93_600).node;

describe('words', () => {
  it.each<[string, Partial<Meant> & Pick<Meant, 'nodes'>, string]>([
    ['Wait, p95', { nodes: [quantile(0.9)] }, '"p95", and the query computes 0.9'],
    ['Wait, p999', { nodes: [quantile(0.99)] }, '"p999", and the query computes 0.99'],
    ['p95', { nodes: [perTill] }, '"p95", and the query computes no quantile'],
    ['95 of 100 wait less', { nodes: [quantile(0.99)] }, '"95 of 100", and the query computes 0.99'],
    [
      'p95 of others',
      { nodes: [promql(others, 'histogram_quantile(0.5, sum by (le) (rate(shop_wait_seconds_bucket[5m])))').node] },
      '"p95", and the query computes 0.5',
    ],
    ['Sales, by result', { nodes: [perTill] }, '"by result", and the query returns till'],
    ['Sales per result', { nodes: [increase(sales, '6h').node] }, '"by result", and the query returns no label'],
    [
      'Sales, by till',
      { nodes: [increase(select(sales, { till: tills }), '6h').node] },
      '"by till", and the query returns no label',
    ],
    [
      'paid',
      { nodes: [increase(select(sales, { result: 'refused' }), '6h').node] },
      '"paid", and the query reads result refused',
    ],
    ['Sales in 5h', { nodes: [perTill] }, '"5h", and the query reads 6h'],
    ['Returns', { nodes: [perTill] }, '"return", and the query reads shop_sales_total'],
    ['Returns per sale', { nodes: [perTill] }, '"return", and the query reads shop_sales_total'],
    ['Red from 20%', { nodes: [refused], thresholds }, '"Red from 20%", and the panel is red from 0.25'],
    [
      'Red from 25 hours',
      { nodes: [waiting], thresholds: ofAge },
      '"Red from 25 hours", and the panel is red from 93600',
    ],
    ['orange above 5%', { nodes: [refused], thresholds }, '"orange above 5%", and the panel is orange from nothing on'],
    ['fewer than 4 sales', { nodes: [refused] }, '"fewer than 4", and the query compares with 5'],
    [
      'more than 60 wait',
      { nodes: [compare(instant(queue), '>', 50).node] },
      '"more than 60", and the query compares with 50',
    ],
    [
      'more than 50 wait',
      { nodes: [compare(instant(queue), '<', 50).node] },
      '"more than 50", and the query asks for < 50',
    ],
    ['for what is chosen above', { nodes: [perTill] }, '"chosen above", and no dropdown is in the query'],
  ])('that a query contradicts: %s', (text, meant, found) => {
    expect(slips(text, meant)).toEqual([found]);
  });

  it.each<[string, Partial<Meant> & Pick<Meant, 'nodes'>, Said['kind']?]>([
    ['Wait, p50 and p95', { nodes: [quantile(0.5), quantile(0.95)] }],
    ['50 and 99 of 100', { nodes: [quantile(0.5), quantile(0.99)] }],
    // It explains a number, and shows none.
    ['of 20, p95 is the slowest one', { nodes: [perTill] }, 'description'],
    ['Sales, by till', { nodes: [perTill] }],
    // One query for each value.
    ['Sales, by result', { nodes: [increase(select(sales, { result: 'paid' }), '6h').node] }],
    ['Sales, by hand', { nodes: [perTill] }],
    ['paid', { nodes: [increase(select(sales, { result: 'paid' }), '6h').node] }],
    ['paid', { nodes: [increase(select(sales, { result: noneOf('refused') }), '6h').node] }],
    ['paid, and more', { nodes: [increase(select(sales, { result: 'refused' }), '6h').node] }],
    ['Sales in 6h', { nodes: [perTill] }],
    // The same time in another unit.
    ['Sales in 360m', { nodes: [perTill] }],
    ['after 15m', { nodes: [perTill], durations: ['15m'] }],
    // The reader chooses the window.
    ['Sales in 5h', { nodes: [increase(sales, '$__range').node] }],
    ['Sale by sale', { nodes: [perTill] }],
    // A description may speak of other things.
    ['More of these come with fewer returns', { nodes: [perTill] }, 'description'],
    ['Yellow from 5%, red from 25%', { nodes: [refused], thresholds }],
    ['Yellow from 90 min, red from 26 hours', { nodes: [waiting], thresholds: ofAge }],
    // An age is compared with seconds.
    ['red from 26h', { nodes: [perTill, waiting], thresholds: ofAge }],
    ['red from 20%', { nodes: [refused] }],
    ['fewer than 5 sales', { nodes: [refused] }],
    ['more than 50 wait', { nodes: [compare(instant(queue), '>', 50).node] }],
    // A gap below so many is a query from so many on.
    ['fewer than 50 wait', { nodes: [keep(instant(queue), '>=', 50).node] }],
    ['above 80', { nodes: [keep(instant(queue), '>', 80).node] }],
    ['for what is chosen above', { nodes: [increase(select(sales, { till: tills }), '6h').node] }],
    ['', { nodes: [] }],
  ])('that it does not: %s', (text, meant, kind) => {
    expect(slips(text, meant, kind)).toEqual([]);
  });
});
