import { describe, expect, it } from 'vitest';
import { counter, defineCatalogue, gauge, histogram, label } from '../../src/exporter/catalogue/index.js';
import { validateCatalogue } from '../../src/exporter/catalogue/rules.js';
import { validateMeaning } from '../../src/lockstep/panels/meaning.js';
import type { CountedPanel, Thresholds } from '../../src/lockstep/panels/panel.js';
import { query } from '../../src/lockstep/panels/panel.js';
import type { PanelUnit } from '../../src/lockstep/panels/units.js';
import { histogramQuantile, sum } from '../../src/lockstep/promql/aggregate.js';
import { add, div, mul, ratio, share, sub } from '../../src/lockstep/promql/combine.js';
import { dimensionOf, printDimension } from '../../src/lockstep/promql/dimension.js';
import type { Vector } from '../../src/lockstep/promql/expression.js';
import {
  buckets,
  countOf,
  increase,
  instant,
  noneOf,
  oneOf,
  rate,
  select,
  sumOf,
} from '../../src/lockstep/promql/expression.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { BURN_WINDOWS_30D } from '../../src/lockstep/slo/burn.js';
import { validateSlo } from '../../src/lockstep/slo/rules.js';
import { eventRatio } from '../../src/lockstep/slo/slo.js';

// Definitions that are well typed and wrong: parts and wholes, units, good and bad.

const result = label('result', { help: 'how it went', values: ['paid', 'refused', 'lost'], bad: ['refused', 'lost'] });
const till = label('till', { help: 'where', values: ['north', 'south'] });
const sales = counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [till, result] });
const items = counter({ name: 'shop_items_total', help: 'Items.', unit: '{item}', labels: [till], within: sales });
const income = counter({ name: 'shop_income_usd_total', help: 'Income.', unit: 'usd', labels: [till], within: sales });
const visits = counter({ name: 'shop_visits_total', help: 'Visits.', unit: '{visit}', labels: [till] });
const wait = histogram({
  name: 'shop_wait_seconds',
  help: 'Wait.',
  unit: 'seconds',
  labels: [till],
  bounds: [1, 5, 60],
});
const queue = gauge({ name: 'shop_queue', help: 'People.', unit: '{person}', labels: [till] });
const shop = defineCatalogue({ name: 'shop', metrics: { sales, items, income, visits, wait, queue } });

const problemsOf = ({ node }: Vector) =>
  validateExpression(node, 'here', { catalogue: shop, variables: new Map() }).map(
    ({ code, found }) => `${code}: ${found}`,
  );
const refused = select(sales, { result: 'refused' });

describe('a quotient', () => {
  it('of a part and its whole, or of events and what happens within them, is taken', () => {
    for (const each of [
      share(increase(refused, '1h'), increase(sales, '1h')),
      ratio(increase(refused, '1h', ['till']), increase(sales, '1h', ['till'])),
      ratio(sub(increase(sales, '1h'), increase(refused, '1h')), increase(sales, '1h')),
      ratio(increase(items, '1h'), increase(sales, '1h')),
      ratio(rate(income, '5m'), rate(sales, '5m')),
      ratio(increase(sumOf(wait), '1h'), increase(countOf(wait), '1h')),
      div(increase(sales, '1h'), increase(visits, '1h')),
    ])
      expect(problemsOf(each)).toEqual([]);
  });

  it('that is upside down is refused', () => {
    expect(problemsOf(ratio(increase(sales, '1h'), increase(refused, '1h')))).toEqual([
      'promql/not-a-part: shop_sales_total over a part of itself: the quotient is upside down',
    ]);
    expect(problemsOf(share(increase(sales, '1h'), increase(items, '1h')))).toEqual([
      'promql/not-a-part: shop_sales_total over shop_items_total, which happen within them: the quotient is upside down',
    ]);
  });

  it('of what nobody says belongs together is refused, unless its author gives the reason', () => {
    expect(problemsOf(share(increase(sales, '1h'), increase(visits, '1h')))).toEqual([
      'promql/not-a-part: shop_sales_total over shop_visits_total: nothing says that the one belongs to the other',
    ]);
    expect(problemsOf(ratio(increase(sales, '1h'), increase(visits, '1h'), 'a sale is of one visit'))).toEqual([]);
    expect(problemsOf(share(increase(sales, '1h'), increase(visits, '1h'), 1, 'a sale is of one visit'))).toEqual([]);
    const north = select(sales, { till: 'north' });
    expect(problemsOf(share(increase(refused, '1h'), increase(north, '1h')))).toEqual([
      'promql/not-a-part: series of shop_sales_total that are not among those below the line',
    ]);
    const slow = select(wait, { till: 'north' });
    expect(problemsOf(ratio(increase(sumOf(slow), '1h'), increase(countOf(wait), '1h')))[0]).toMatch(
      /^promql\/not-a-part/,
    );
  });

  it('of two windows is refused', () => {
    expect(problemsOf(share(increase(refused, '1h'), increase(sales, '6h')))).toEqual([
      'promql/not-a-part: a part over 1h of a whole over 6h',
    ]);
  });
});

describe('a unit', () => {
  it('follows from the catalogue', () => {
    const printed = ({ node }: Vector) => {
      const dimension = dimensionOf(node);
      return dimension === undefined ? undefined : printDimension(dimension);
    };
    for (const [vector, unit] of [
      [increase(sales, '1h'), 'sale'],
      [rate(sales, '5m'), 'sale per second'],
      [mul(rate(sales, '5m'), 3600), 'sale per second'],
      [increase(income, '1h'), 'usd'],
      [ratio(increase(income, '1h'), increase(sales, '1h')), 'usd per sale'],
      [share(increase(refused, '1h'), increase(sales, '1h')), 'a share'],
      [histogramQuantile(0.95, increase(buckets(wait), '1h', ['le'])), 'seconds'],
      [sum(instant(queue)), 'person'],
      [increase(countOf(wait), '1h'), undefined],
      [ratio(increase(sumOf(wait), '1h'), increase(countOf(wait), '1h')), undefined],
    ] as const)
      expect(printed(vector as Vector)).toBe(unit);
  });

  it('of each side of a sum is the same', () => {
    expect(problemsOf(add(increase(sales, '1h'), increase(items, '1h')))).toEqual([
      'promql/mixed-units: "+" of sale and item',
    ]);
    expect(problemsOf(sub(rate(sales, '5m'), increase(sales, '5m')))).toEqual([
      'promql/mixed-units: "-" of sale per second and sale',
    ]);
    expect(problemsOf(add(increase(sales, '1h'), increase(refused, '1h')))).toEqual([]);
  });
});

const panelOf = (vector: Vector, unit: PanelUnit, thresholds?: Thresholds): CountedPanel => ({
  type: 'stat',
  title: 'A panel',
  description: 'It shows.',
  unit,
  width: 6,
  queries: [query(vector as Vector<never>, 'a line')],
  ...(thresholds === undefined ? {} : { thresholds }),
});
const meaningOf = (vector: Vector, unit: PanelUnit, thresholds?: Thresholds) =>
  validateMeaning(panelOf(vector, unit, thresholds), 'here').map(({ code, found }) => `${code}: ${found}`);
const p95 = histogramQuantile(0.95, increase(buckets(wait), '1h', ['le']));
const failed = share(increase(select(sales, { result: oneOf('refused', 'lost') }), '1h'), increase(sales, '1h'));
const paid = share(increase(select(sales, { result: noneOf('refused', 'lost') }), '1h'), increase(sales, '1h'));

describe('a panel', () => {
  it('has the unit of its numbers', () => {
    for (const [vector, unit] of [
      [p95, 's'],
      [failed, 'percentunit'],
      [increase(income, '1h'), 'currencyUSD'],
      [ratio(increase(income, '1h'), increase(sales, '1h')), 'currencyUSD'],
      [increase(sales, '1h'), 'short'],
      [rate(sales, '5m'), 'cps'],
      [failed, 'none'],
    ] as const)
      expect(meaningOf(vector as Vector, unit)).toEqual([]);
    for (const [vector, unit, found] of [
      [p95, 'percentunit', 'the unit percentunit for a number in seconds'],
      [p95, 'short', 'the unit short for a number in seconds'],
      [failed, 's', 'the unit s for a number in a share'],
      [increase(sales, '1h'), 'percentunit', 'the unit percentunit for a number in sale'],
      [increase(sales, '1h'), 'cps', 'the unit cps for a number in sale'],
      [increase(income, '1h'), 'none', 'the unit none for a number in usd'],
      [increase(items, '1h'), 'currencyUSD', 'the unit currencyUSD for a number in item'],
    ] as const)
      expect(meaningOf(vector as Vector, unit)).toEqual([`dashboard/unit-of-another-kind: ${found}`]);
  });

  it('has numbers of the scale that its unit says', () => {
    const received = counter({ name: 'shop_received_bytes_total', help: 'Received.', unit: 'bytes', labels: [till] });
    const slow = counter({ name: 'shop_slow_total', help: 'Slow.', unit: '{ms}', labels: [] });
    const opened = gauge({ name: 'shop_opened_seconds', help: 'When it opened.', unit: 'seconds', labels: [] });
    const bits = mul(rate(received, '5m'), 8);
    for (const [vector, unit] of [
      [mul(p95, 1000), 'ms'],
      [div(p95, 60), 'm'],
      [p95, 'dtdurations'],
      [mul(failed, 100), 'percent'],
      [sub(100, mul(failed, 100)), 'percent'],
      [sub(1, failed), 'percentunit'],
      // A burn rate is a share over its budget.
      [sub(1, div(failed, 0.01)), 'percentunit'],
      [div(failed, 0.05), 'percentunit'],
      [rate(received, '5m'), 'Bps'],
      [bits, 'bps'],
      [div(bits, 1e6), 'Mbits'],
      [increase(received, '1h'), 'decbytes'],
      [div(increase(received, '1h'), 2 ** 20), 'mbytes'],
      [rate(sales, '5m'), 'reqps'],
      [mul(rate(sales, '5m'), 60), 'reqpm'],
      [increase(slow, '1h'), 'ms'],
      [mul(instant(opened), 1000), 'dateTimeFromNow'],
      [mul(instant(opened), 1000), 'time: HH:mm'],
      [increase(sales, '1h'), 'suffix: sales'],
      [increase(sales, '1h'), 'lumens'],
      [mul(increase(income, '1h'), 24), 'currencyUSD'],
    ] as const)
      expect([unit, meaningOf(vector as Vector, unit)]).toEqual([unit, []]);
    for (const [vector, unit, found, fix] of [
      [p95, 'ms', 'seconds', 'multiply by 1000, or give the unit s'],
      [mul(p95, 1000), 's', 'seconds, times 1000', 'give the unit ms, or leave the factor out for s'],
      [failed, 'percent', 'a share', 'multiply by 100, or give the unit percentunit'],
      [
        mul(failed, 100),
        'percentunit',
        'a share, times 100',
        'give the unit percent, or leave the factor out for percentunit',
      ],
      [mul(p95, 100), 'ms', 'seconds, times 100', 'multiply by 10, or give the unit timeticks'],
      [p95, 'h', 'seconds', 'divide by 3600, or give the unit s'],
      [instant(opened), 'dateTimeAsIso', 'seconds', 'multiply by 1000, or give the unit s'],
      [rate(received, '5m'), 'bps', 'bytes per second', 'multiply by 8, or give the unit Bps'],
      [bits, 'Bps', 'bytes per second, times 8', 'give the unit bps, or leave the factor out for Bps'],
      [rate(sales, '5m'), 'reqpm', 'sale per second', 'multiply by 60, or give the unit cps'],
      [increase(sales, '1h'), 'reqps', 'sale', 'take rate() of it, or the unit short'],
      [increase(slow, '1h'), 's', 'seconds, times 1000', 'give the unit ms, or leave the factor out for s'],
      [p95, 'pressurebar', 'seconds', 'give the unit s, or show what the unit says'],
      [failed, 'lumens', 'a share', 'give the unit percentunit, or show what the unit says'],
      [increase(income, '1h'), 'suffix: dollars', 'usd', 'give the unit currencyUSD'],
    ] as const)
      expect(validateMeaning(panelOf(vector as Vector, unit), 'here').map((each) => [each.found, each.fix])).toEqual([
        [`the unit ${unit} for a number in ${found}`, fix],
      ]);
  });

  it('has the unit of its numbers, also of things that are called as a second or as a part of the language', () => {
    const thing = (unit: 's' | 'constructor') =>
      counter({ name: `shop_${unit}_total`, help: 'Things.', unit: `{${unit}}`, labels: [] });
    for (const unit of ['s', 'constructor'] as const) {
      expect(meaningOf(rate(thing(unit), '5m'), 'cps')).toEqual([]);
      expect(meaningOf(increase(thing(unit), '5m'), 'short')).toEqual([]);
      expect(meaningOf(rate(thing(unit), '5m'), 'percentunit')).toHaveLength(1);
    }
  });

  it('has thresholds that its numbers can reach', () => {
    const at = (value: number): Thresholds => ({ base: 'green', steps: [{ at: value, colour: 'red' }] });
    expect(meaningOf(failed, 'percentunit', at(0.05))).toEqual([]);
    expect(meaningOf(failed, 'percentunit', at(5))).toEqual([
      'dashboard/threshold-out-of-reach: a threshold at 5 of a value that lies between 0 and 1',
    ]);
    const ofFive = share(increase(refused, '1h'), increase(sales, '1h'), 5);
    expect(meaningOf(ofFive, 'percentunit', at(0.25))).toEqual([]);
    expect(meaningOf(ofFive, 'percentunit', at(25))).toHaveLength(1);
    expect(meaningOf(p95, 's', at(60))).toEqual([]);
    expect(meaningOf(p95, 's', at(60_000))).toHaveLength(1);
  });

  it('has the bad colour where the catalogue says bad', () => {
    const worseAbove: Thresholds = { base: 'green', steps: [{ at: 0.05, colour: 'red' }] };
    const worseBelow: Thresholds = { base: 'red', steps: [{ at: 0.95, colour: 'green' }] };
    expect(meaningOf(failed, 'percentunit', worseAbove)).toEqual([]);
    expect(meaningOf(paid, 'percentunit', worseBelow)).toEqual([]);
    expect(meaningOf(failed, 'percentunit', worseBelow)).toHaveLength(1);
    expect(meaningOf(paid, 'percentunit', worseAbove)).toEqual([
      'dashboard/good-and-bad: colours by which fewer is better, of events that the catalogue calls good',
    ]);
    expect(meaningOf(paid, 'percentunit', { base: 'blue', steps: [{ at: 0.5, colour: 'red' }] })).toEqual([]);
  });
});

describe('an SLI', () => {
  it('counts as bad what the catalogue calls bad', () => {
    const sloOf = (bad: typeof refused) =>
      validateSlo({
        name: 'sales',
        events: 'sales',
        objective: 0.95,
        window: '30d',
        policy: BURN_WINDOWS_30D,
        sli: eventRatio({ bad, total: select(sales, {}), badWhen: 'that fail' }),
      }).map(({ code }) => code);
    expect(sloOf(refused)).toEqual([]);
    expect(sloOf(select(sales, { result: oneOf('refused', 'lost') }))).toEqual([]);
    expect(sloOf(select(sales, { result: noneOf('paid') }))).toEqual([]);
    expect(sloOf(select(sales, { result: 'paid' }))).toEqual(['slo/good-events']);
    expect(sloOf(select(sales, { result: oneOf('refused', 'paid') }))).toEqual(['slo/good-events']);
  });
});

describe('a catalogue', () => {
  it('names values that there are as bad, and metrics that there are as wholes', () => {
    const codesOf = (metrics: Parameters<typeof validateCatalogue>[0]['metrics']) =>
      validateCatalogue({ name: 'shop', metrics }).map(({ code }) => code);
    expect(codesOf({ items })).toEqual(['catalogue/within']);
    expect(codesOf({ sales, items })).toEqual([]);
    expect(codesOf({ queue, items: { ...items, within: queue.name } })).toEqual(['catalogue/within']);
    expect(codesOf({ items: { ...items, within: items.name } })).toEqual(['catalogue/within']);
    const wrong = { ...result, bad: ['faled'] as never };
    expect(codesOf({ sales: { ...sales, labels: [till, wrong] } })).toEqual(['catalogue/label-bad']);
  });
});
