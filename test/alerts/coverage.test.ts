import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../src/lockstep/alerts/index.js';
import {
  absenceRule,
  alertRule,
  burnRules,
  defineAlertGroup,
  missingRule,
  traffic,
} from '../../src/lockstep/alerts/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  absentOverTime,
  compare,
  countOf,
  increase,
  keep,
  mul,
  orZero,
  ratio,
  select,
} from '../../src/lockstep/promql/index.js';
import { codes, problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel, salePanels, saleSlo } from '../shop/dashboard.js';

const { sales, wait } = shop.metrics;
const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
const proof = [
  { name: 'sales', lasts: '1h', traffic: [traffic(sales)], fires: 'never' },
  { name: 'none', lasts: '1h', traffic: [traffic(sales)], fires: { notBefore: '5m', by: '10m' } },
] as const;

function rule(title: string, expression: Vector): AlertRule {
  const words = {
    component: 'till',
    summary: 'Said.',
    description: 'Told.',
    panel: queuePanel,
    runbook,
    proof,
  } as const;
  return alertRule({ uid: title.toLowerCase(), title, expression, for: '5m', severity: 'ticket', ...words });
}
const absence = { component: 'till', window: '2h', for: '10m', panel: queuePanel, runbook } as const;
const refused = (...rules: readonly AlertRule[]) =>
  codes(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'slo', rules }))).map((text) =>
    text.replace(' at alerts/shop-slo', '').replace(' › expression', ''),
  );

const counted = increase(sales, '1h');
const refusals = increase(select(sales, { result: 'refused' }), '1h');
const waited = increase(countOf(wait), '1h');
const burn = burnRules(saleSlo, { system: 'shop', title: 'Burn', component: 'till', panels: salePanels, runbook });
const absent = absenceRule(sales, { ...absence, system: 'shop', uid: 'shop-absent', title: 'Absent' });
const missing = missingRule(saleSlo, {
  ...absence,
  uid: 'shop-missing',
  title: 'Missing',
  work: select(countOf(wait), {}),
  events: 'people',
  fewest: 10,
});

describe('a rule that is silent without data', () => {
  it('is refused without one that reports it, whichever is silent', () => {
    expect(refused(...burn)).toEqual(['1h', '6h', '1d', '3d'].map((long) => `alerts/unreported › Burn${long}`));
    expect(refused(rule('Ratio', compare(ratio(refusals, counted), '>', 0.5)))).toEqual(['alerts/unreported › Ratio']);
  });

  it('is fine where the same series, or some of them, are reported absent', () => {
    expect(refused(...burn, absent)).toEqual([]);
    const paid = absentOverTime(select(sales, { result: 'paid' }), '1h');
    expect(refused(...burn, rule('NothingPaid', paid))).toEqual([]);
    expect(refused(...burn, rule('NothingCounted', compare(orZero(counted), '==', 0)))).toEqual([]);
  });

  it('is refused where others are reported, or more than these', () => {
    const others = absenceRule(countOf(wait), { ...absence, system: 'shop', uid: 'shop-others', title: 'Others' });
    expect(refused(...burn, others)).toHaveLength(4);
    const north = increase(select(sales, { till: 'north' }), '1h');
    const narrow = rule('Narrow', compare(ratio(refusals, north, 'on purpose'), '>', 0.5));
    expect(refused(narrow, absent)).toEqual(['alerts/unreported › Narrow']);
  });

  it('is refused where what reports it is silent itself, unless that is reported too', () => {
    expect(refused(...burn, missing)).toHaveLength(4);
    const noWork = absenceRule(countOf(wait), { ...absence, system: 'shop', uid: 'shop-work', title: 'NoWork' });
    expect(refused(...burn, missing, noWork)).toEqual([]);
  });
});

describe('what reports that there is nothing', () => {
  const ratioRule = rule('Ratio', compare(ratio(refusals, counted), '>', 0.5));
  it.each<[string, Vector]>([
    ['is silent itself without zeros for nothing', compare(counted, '==', 0)],
    ['asks for something else besides', mul(compare(orZero(counted), '==', 0), compare(orZero(waited), '<', 3))],
    ['is multiplied with something that may be missing', mul(compare(orZero(counted), '==', 0), waited)],
    ['is multiplied with itself', mul(compare(orZero(counted), '==', 0), compare(increase(sales, '1d'), '<', 0.5))],
  ])('must not be a rule that %s', (_, expression) => {
    expect(refused(ratioRule, rule('Reporter', expression))).not.toEqual([]);
  });
});

describe('two rules', () => {
  const guarded = mul(compare(counted, '!=', 0), compare(waited, '>', 100));
  it('must not leave a state to nobody: "!= 0" wants a "== bool 0"', () => {
    expect(refused(rule('Guarded', guarded))).toEqual(['alerts/unreported › Guarded']);
    expect(refused(rule('Guarded', guarded), rule('Zero', compare(orZero(counted), '==', 0)))).toEqual([]);
    // A kept zero never trips, and is refused for that.
    expect(refused(rule('Guarded', guarded), rule('Zero', keep(orZero(counted), '==', 0)))).toEqual([
      'alerts/never-fires › Zero',
    ]);
  });

  it('must not leave a state to each other', () => {
    const noSales = rule('NoSales', mul(compare(orZero(counted), '==', 0), compare(waited, '!=', 0)));
    const noPeople = rule('NoPeople', mul(compare(orZero(waited), '==', 0), compare(counted, '!=', 0)));
    expect(refused(noSales, noPeople)).toEqual([
      'alerts/left-to-each-other › NoSales',
      'alerts/left-to-each-other › NoPeople',
    ]);
    // That there are no series says nothing of a shop that is open and sells nothing.
    expect(refused(noSales, noPeople, absent)).toHaveLength(2);
    const closed = rule('Closed', compare(orZero(counted), '==', 0));
    expect(refused(noSales, noPeople, closed)).toEqual([]);
  });
});
