import { describe, expect, it } from 'vitest';
import {
  counter,
  decidedLabel,
  defineCatalogue,
  gauge,
  histogram,
  label,
  openLabel,
} from '../../src/exporter/catalogue/index.js';
import type { Metric, Unit } from '../../src/exporter/catalogue/metric.js';
import { accountSeries } from '../../src/exporter/internal.js';
import { printProblem } from '../../src/exporter/problem.js';
import { codes, problemsOf } from '../problems.js';

const colour = label('colour', { help: 'which', values: ['red', 'blue'] });

function refused(metric: Metric): readonly string[] {
  return codes(problemsOf(() => defineCatalogue({ name: 'shop', metrics: { it: metric } })));
}

function counterNamed(name: string, unit: Unit = '{thing}') {
  return counter({ name, help: 'Things.', unit, labels: [] });
}

describe('the life cycle', () => {
  const sold = { name: 'shop_sold_total', help: 'Sales.', unit: '{sale}', labels: [] } as const;
  it.each<[string, Metric, readonly string[]]>([
    ['alpha', counter({ ...sold, stability: 'alpha' }), []],
    ['deprecated', counter({ ...sold, stability: { deprecatedUntil: '2027-03-01' } }), []],
    [
      'deprecated until a day that does not exist',
      counter({ ...sold, stability: { deprecatedUntil: '2027-02-30' } }),
      ['day at catalogue shop › it › stability › deprecatedUntil'],
    ],
    [
      'a stage that is none',
      counter({ ...sold, stability: 'beta' as 'alpha' }),
      ['stability at catalogue shop › it › stability'],
    ],
    ['renamed', counter({ ...sold, renamedFrom: { name: 'shop_sales_total', until: '2027-03-01' } }), []],
    [
      'a former name that nothing could have exposed, and no day',
      counter({ ...sold, renamedFrom: { name: 'sales', until: 'soon' as '1-1-1' } }),
      [
        'day at catalogue shop › it › renamedFrom › until',
        'counter-suffix at catalogue shop › it › renamedFrom › name',
      ],
    ],
    [
      'renamed from the name of a system before',
      counter({ ...sold, renamedFrom: { name: 'store_sold_total', until: '2027-03-01' } }),
      [],
    ],
    [
      'renamed from what every exporter has',
      counter({ ...sold, renamedFrom: { name: 'shop_exporter_anomalies_total', until: '2027-03-01' } }),
      ['duplicate-name at catalogue shop › it › name'],
    ],
    [
      'renamed from itself',
      counter({ ...sold, renamedFrom: { name: 'shop_sold_total', until: '2027-03-01' } }),
      ['duplicate-name at catalogue shop › it › name'],
    ],
    [
      'renamed from nothing said',
      counter({ ...sold, renamedFrom: { until: '2027-03-01' } as { name: string; until: '2027-03-01' } }),
      ['shape at catalogue shop › it › renamedFrom › name'],
    ],
  ])('%s', (_, metric, wanted) => {
    expect(refused(metric)).toEqual(wanted.map((each) => `catalogue/${each}`));
  });

  it('exposes what is being renamed under both names, and counts the series of both', () => {
    const metric = counter({ ...sold, renamedFrom: { name: 'shop_sales_total', until: '2027-03-01' } });
    const shop = defineCatalogue({ name: 'shop', metrics: { sold: metric } });
    expect(accountSeries(shop).map(({ metric: name }) => name)).toContain('shop_sales_total');
  });
});

describe('naming rules', () => {
  it.each<[string, Metric, string | undefined]>([
    ['a good counter', counterNamed('shop_sales_total'), undefined],
    ['a counter without _total', counterNamed('shop_sales'), 'counter-suffix at catalogue shop › it › name'],
    ['capitals', counterNamed('shop_Sales_total'), 'metric-name at catalogue shop › it › name'],
    [
      'a colon, which is for recording rules',
      counterNamed('shop_a:b_total'),
      'metric-name at catalogue shop › it › name',
    ],
    ['a double underscore', counterNamed('shop__sales_total'), 'metric-name at catalogue shop › it › name'],
    ['another prefix', counterNamed('store_sales_total'), 'prefix at catalogue shop › it › name'],
    ['a part of a histogram', counterNamed('shop_sales_count_total'), 'reserved-suffix at catalogue shop › it › name'],
    ['its kind in its name', counterNamed('shop_sales_counter_total'), 'kind-in-name at catalogue shop › it › name'],
    ['milliseconds', counterNamed('shop_wait_milliseconds_total'), 'base-unit at catalogue shop › it › name'],
    ['a word that every object has', counterNamed('shop_constructor_total'), undefined],
    [
      'a unit that the name lacks',
      counterNamed('shop_wait_total', 'seconds'),
      'unit-suffix at catalogue shop › it › name',
    ],
    [
      'a name in another unit',
      counterNamed('shop_wait_seconds_total', 'bytes'),
      'unit-suffix at catalogue shop › it › unit',
    ],
    ['a unit that is none', counterNamed('shop_sales_total', '{}'), 'unit at catalogue shop › it › unit'],
    [
      '_total on a gauge',
      gauge({ name: 'shop_open_total', help: 'Open.', unit: '{x}', labels: [] }),
      'total-suffix at catalogue shop › it › name',
    ],
    [
      'no help',
      counter({ name: 'shop_sales_total', help: ' ', unit: '{x}', labels: [] }),
      'help at catalogue shop › it › help',
    ],
    [
      'help of two lines',
      counter({ name: 'shop_sales_total', help: 'a\nb', unit: '{x}', labels: [] }),
      'help at catalogue shop › it › help',
    ],
    [
      'a label twice',
      counter({ name: 'shop_sales_total', help: 'S.', unit: '{x}', labels: [colour, colour] }),
      'duplicate-label at catalogue shop › it › labels',
    ],
  ])('%s', (_, metric, expected) => {
    const found = refused(metric);
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toContain(`catalogue/${expected}`);
  });

  it.each(['le', 'job', 'instance', 'quantile', '__name__', 'Colour'])('refuses the label %s', (name) => {
    const bad = label(name, { help: 'which', values: ['a'] });
    expect(refused(counter({ name: 'shop_sales_total', help: 'S.', unit: '{x}', labels: [bad] })).join()).toMatch(
      /(reserved-label|label-name) at catalogue shop › it › labels › /,
    );
  });

  it.each([[['a', 'a']], [['']], [['a$b']], [['[[x]]']], [['a\nb']]])('refuses the label values %j', (values) => {
    const bad = label('kind', { help: 'which', values });
    expect(refused(counter({ name: 'shop_sales_total', help: 'S.', unit: '{x}', labels: [bad] }))).toEqual([
      'catalogue/label-values at catalogue shop › it › labels › kind › values',
    ]);
  });

  it.each([[[]], [[1, 1]], [[2, 1]], [[1, Number.POSITIVE_INFINITY]], [[Number.NaN]]])(
    'refuses the bounds %j',
    (bounds) => {
      expect(
        refused(histogram({ name: 'shop_wait_seconds', help: 'W.', unit: 'seconds', labels: [], bounds })),
      ).toContain('catalogue/bounds at catalogue shop › it › bounds');
    },
  );

  it('tells all problems at once, in the order of the definition, and how to mend each', () => {
    const problems = problemsOf(() =>
      defineCatalogue({ name: 'shop', metrics: { a: counterNamed('shop_a'), b: counterNamed('b_total') } }),
    );
    expect(codes(problems)).toEqual([
      'catalogue/counter-suffix at catalogue shop › a › name',
      'catalogue/prefix at catalogue shop › b › name',
    ]);
    expect(problems.map(printProblem)[0]).toBe(
      'error[catalogue/counter-suffix] catalogue shop › a › name\n  found    "shop_a"\n  allowed  counters end in _total\n  fix      rename it to "shop_a_total"',
    );
  });

  it('refuses two metrics with one name, and a counter with the name of a histogram part', () => {
    const waits = histogram({ name: 'shop_wait_seconds', help: 'W.', unit: 'seconds', labels: [], bounds: [1] });
    const sum = counterNamed('shop_wait_seconds_sum');
    const found = codes(
      problemsOf(() =>
        defineCatalogue({
          name: 'shop',
          metrics: { a: counterNamed('shop_a_total'), b: counterNamed('shop_a_total'), waits, sum },
        }),
      ),
    );
    expect(found).toContain('catalogue/duplicate-name at catalogue shop › b › name');
    expect(found).toContain('catalogue/duplicate-name at catalogue shop › sum › name');
  });

  it('refuses two labels of one name that are not the same', () => {
    const other = label('colour', { help: 'another', values: ['green'] });
    const metric = (name: string, which: typeof colour | typeof other) =>
      counter({ name, help: 'S.', unit: '{x}', labels: [which] });
    expect(
      codes(
        problemsOf(() =>
          defineCatalogue({
            name: 'shop',
            metrics: { a: metric('shop_a_total', colour), b: metric('shop_b_total', other) },
          }),
        ),
      ),
    ).toEqual(['catalogue/shared-label at catalogue shop › b › labels › colour']);
  });
});

describe('series', () => {
  const tone = decidedLabel('tone', {
    help: 'warm or cold',
    values: ['warm', 'cold'],
    decidedBy: colour,
    valueOf: { red: 'warm', blue: 'cold' },
  });
  const open = openLabel('customer', { help: 'who', atMost: 40 });

  it('multiplies given labels, and counts a decided one as one', () => {
    const shop = defineCatalogue({
      name: 'shop',
      metrics: {
        plain: counterNamed('shop_a_total'),
        decided: counter({ name: 'shop_b_total', help: 'B.', unit: '{x}', labels: [colour, tone] }),
        alone: counter({ name: 'shop_c_total', help: 'C.', unit: '{x}', labels: [tone] }),
        open: counter({ name: 'shop_d_total', help: 'D.', unit: '{x}', labels: [colour, open] }),
        waits: histogram({
          name: 'shop_wait_seconds',
          help: 'W.',
          unit: 'seconds',
          labels: [colour],
          bounds: [1, 2, 5],
        }),
      },
    });
    expect(accountSeries(shop).map(({ series }) => series)).toEqual([1, 2, 2, 80, 12, 1, 3]);
  });

  it('refuses a metric over its budget, and says what it would need', () => {
    const metric = counter({ name: 'shop_d_total', help: 'D.', unit: '{x}', labels: [colour, open], budget: 79 });
    const [problem] = problemsOf(() => defineCatalogue({ name: 'shop', metrics: { it: metric } }));
    expect(problem).toMatchObject({
      code: 'catalogue/budget',
      found: '80 series for a budget of 79',
      fix: 'drop a label or values, or set budget: 80',
    });
  });

  it('refuses a decided label that leaves a value of its decider out, where types were talked out of it', () => {
    const partial = decidedLabel('tone', {
      help: 'tone',
      values: ['warm'],
      decidedBy: colour,
      valueOf: { red: 'warm' } as Record<'red' | 'blue', 'warm'>,
    });
    expect(refused(counter({ name: 'shop_b_total', help: 'B.', unit: '{x}', labels: [colour, partial] }))).toEqual([
      'catalogue/label-decided at catalogue shop › it › labels › tone',
    ]);
  });
});
