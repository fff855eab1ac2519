import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absenceRule,
  alertRule,
  burnRules,
  defineAlertGroup,
  missingRule,
  traffic,
} from '../../src/lockstep/alerts/index.js';
import { absentOverTime, compare, countOf, increase, select } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { authoredCases } from '../../src/lockstep/prove/authored.js';
import { burnCases } from '../../src/lockstep/prove/burn.js';
import { stepSecondsFor } from '../../src/lockstep/prove/case.js';
import { BURN_WINDOWS_30D } from '../../src/lockstep/slo/index.js';
import { problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel, salePanels, saleSlo } from '../shop/dashboard.js';

const { sales, wait } = shop.metrics;
const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };

describe('the cases of a rule', () => {
  it.each(['fine', 'coarse'] as const)('play as many events as they say, in steps that are %s', (grain) => {
    const rule = alertRule({
      uid: 'shop-many',
      title: 'ShopMany',
      expression: compare(increase(sales, '1d'), '>', 400),
      for: '15m',
      severity: 'ticket',
      component: 'till',
      summary: 'Many.',
      description: 'Many.',
      panel: queuePanel,
      runbook,
      proof: [
        { name: 'one a minute', lasts: '2d', traffic: [traffic(sales)], fires: 'never' },
        { name: 'one in seven', lasts: '2d', traffic: [traffic(sales, { every: '7m' })], fires: 'never' },
      ],
    });
    const step = stepSecondsFor(rule, grain);
    expect(step).toBeGreaterThan(60);
    const cases = authoredCases(rule, shop, { stepSeconds: step, every: step });
    const counted = cases.map(({ world }) =>
      world.events
        .filter(({ metric, count }) => metric === sales && count > 0)
        .reduce((sum, { count }) => sum + count, 0),
    );
    expect(counted).toEqual([2880, 2880, 2880, 412, 412, 412]);
    // 401 events after 401 minutes, 15 more until it fires; of one in seven there are 206 in a day.
    for (const { contradictions } of cases.slice(0, 3))
      expect(contradictions).toMatchObject([expect.stringMatching(/^fires at 4[0-9]{2}m, and must never$/)]);
    for (const { contradictions } of cases.slice(3)) expect(contradictions).toEqual([]);
  });

  it('fire and are over when windows, factor and pending time say so, whatever the objective', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 94_000, max: 99_995 }),
        fc.constantFrom(...BURN_WINDOWS_30D.slice(0, 2)),
        (objective, window) => {
          const slo = { ...saleSlo, objective: objective / 100_000, policy: [window] };
          const [rule] = burnRules(slo, {
            system: 'shop',
            title: 'ShopSalesBurn',
            component: 'till',
            panels: salePanels,
            runbook,
          });
          if (rule === undefined) throw new Error('no rule');
          const step = stepSecondsFor(rule, 'coarse');
          for (const each of burnCases(rule, shop, { stepSeconds: step, every: step }))
            expect([each.name, each.contradictions]).toEqual([each.name, []]);
        },
      ),
      { numRuns: 30 },
    );
  });

  const named = { component: 'till', panel: queuePanel, runbook };
  const windows = ['2m', '5m', '10m', '15m', '30m', '40m', '1h', '1d'] as const;
  const pending = ['30s', '1m', '5m', '15m', '1h'] as const;

  it.each(windows.flatMap((window) => pending.map((time) => [window, time] as const)))(
    'of an absence for %s, pending for %s, are ones that can be played',
    (window, time) => {
      const absence = { ...named, window, for: time };
      const titled = { uid: 'shop-absent', title: 'ShopAbsent' };
      const rules = [
        absenceRule(sales, { ...absence, ...titled, system: 'shop' }),
        missingRule(saleSlo, { ...absence, ...titled, work: countOf(wait), events: 'waits', fewest: 6 }),
      ];
      for (const rule of rules) {
        expect(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'absent', rules: [rule] }))).toEqual([]);
        const step = stepSecondsFor(rule, 'fine');
        for (const each of authoredCases(rule, shop, { stepSeconds: step, every: 60 }))
          expect([each.name, each.variant, each.contradictions]).toEqual([each.name, each.variant, []]);
      }
    },
  );

  it('of a week of absence can be played too', () => {
    const rule = absenceRule(sales, {
      ...named,
      window: '7d',
      for: '1h',
      system: 'shop',
      uid: 'shop-absent',
      title: 'ShopAbsent',
    });
    expect(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'absent', rules: [rule] }))).toEqual([]);
    for (const each of authoredCases(rule, shop, { stepSeconds: 1800, every: 1800 }))
      expect(each.contradictions).toEqual([]);
  });
});

describe('what is absent', () => {
  it('has no labels, whatever was asked for', () => {
    const north = absentOverTime(select(sales, { till: 'north' }), '1h');
    expect(printExpression(north)).toBe('sum(absent_over_time(shop_sales_total{till="north"}[1h]))');
    expect(printExpression(absentOverTime(sales, '1h'))).toBe('absent_over_time(shop_sales_total[1h])');
  });
});
