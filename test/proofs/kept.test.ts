import { describe, expect, inject, it } from 'vitest';
import {
  absenceRule,
  alertRule,
  burnRules,
  defineAlertGroup,
  missingRule,
  traffic,
} from '../../src/lockstep/alerts/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { compare, countOf, instant, select, sum } from '../../src/lockstep/promql/index.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel, salePanels, saleSlo } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';

// Alerts that go on firing once their expression no longer holds, as real promtools play them.

const engines = inject('engines');
const [system] = shopConfig.systems;
if (system === undefined) throw new Error('the shop has no system');

const { queue, sales, wait } = shop.metrics;
const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
const common = { component: 'till', for: '5m', keepFiringFor: '40m', runbook } as const;
const rules = [
  ...burnRules(saleSlo, {
    system: 'shop',
    title: 'ShopBurn',
    component: 'till',
    panels: salePanels,
    runbook: { impact: 'Some.', firstLook: [{ say: 'Look.' }] },
    keepFiringFor: '3h',
    // The others have longer windows, and play the same for hours.
  }).filter(({ burn }) => burn?.window.long === '1h'),
  absenceRule(sales, {
    ...common,
    window: '15m',
    panel: salePanels.burnOverTime,
    system: 'shop',
    uid: 'shop-absent',
    title: 'ShopAbsent',
  }),
  missingRule(saleSlo, {
    ...common,
    window: '15m',
    panel: salePanels.burnOverTime,
    uid: 'shop-missing',
    title: 'ShopMissing',
    work: countOf(wait),
    events: 'waits',
    fewest: 6,
  }),
  alertRule({
    ...common,
    uid: 'shop-queue-till',
    title: 'ShopQueueTill',
    expression: compare(sum(instant(queue), ['till']), '>', 50),
    severity: 'ticket',
    summary: 'shop has more than 50 people at {{ $labels.till }}',
    description: 'Open another till.',
    panel: queuePanel,
    proof: [
      { name: 'fifty at each', lasts: '1h', traffic: [traffic(queue, { count: 25 })], fires: 'never' },
      {
        name: 'sixty in the north, from time to time',
        lasts: '3h',
        traffic: [
          traffic(select(queue, { till: 'north' }), { count: 60, from: '10m', until: '20m' }),
          traffic(select(queue, { till: 'north' }), { count: 10, from: '20m', until: '40m' }),
          traffic(select(queue, { till: 'north' }), { count: 60, from: '40m', until: '50m' }),
          traffic(select(queue, { till: 'north' }), { count: 10, from: '50m' }),
        ],
        fires: { notBefore: '15m', by: '17m', overBy: '93m' },
      },
    ],
  }),
];
const config = {
  ...shopConfig,
  target: { ...shopConfig.target, grafana: '12.4' as const },
  systems: [{ ...system, alerts: [defineAlertGroup({ catalogue: shop, name: 'kept', rules })] }],
};
const { files, problems } = planFiles(config);

for (const generation of ['2', '3'] as const) {
  const promtool = engines[`promtool ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (promtool === undefined) continue;
  describe(`an alert that is kept firing, by promtool ${generation}`, () => {
    const { subjects, unmapped } = subjectsOf(config, files);

    it.each(subjects.map((subject) => [`${subject.rule.title} of a ${subject.built.kind}`, subject] as const))(
      'is proven: %s',
      async (_, subject) => {
        expect([problems, unmapped]).toEqual([[], []]);
        const [proof] = await proveRules([subject], promtool);
        expect(proof?.cases.length).toBeGreaterThan(1);
        for (const each of proof?.cases ?? []) expect([each.name, each.failures]).toEqual([each.name, []]);
      },
    );

    it('is not proven where it was built with another time, or with none', async () => {
      const one = subjects.find(({ rule }) => rule.title === 'ShopQueueTill');
      if (one === undefined) throw new Error('there is no such rule');
      for (const kept of [undefined, '39m', '41m']) {
        const [alert, ...more] = [...one.built.rules].reverse();
        const { keep_firing_for: _, ...rest } = alert ?? { expr: '' };
        const changed = kept === undefined ? rest : { ...rest, keep_firing_for: kept };
        const built = { ...one.built, rules: [...more.reverse(), changed] };
        const [proof] = await proveRules([{ ...one, built }], promtool);
        expect(proof?.cases.flatMap(({ failures }) => failures).join('\n')).toMatch(
          /built with keepFiringFor: .*, and its definition says 40m/,
        );
        // The alert that is kept says so too.
        expect(proof?.cases.filter(({ failures }) => failures.some((each) => /FAILED/.test(each)))).toHaveLength(1);
      }
    });
  });
}
