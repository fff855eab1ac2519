import { describe, expect, inject, it } from 'vitest';
import { absenceRule, defineAlertGroup, missingRule } from '../../src/lockstep/alerts/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { countOf } from '../../src/lockstep/promql/index.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { shop } from '../shop/catalogue.js';
import { salePanels, saleSlo } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';

// The scenarios that absences write for themselves, in short windows, as a real promtool has them.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const [system] = shopConfig.systems;
if (system === undefined) throw new Error('the shop has no system');

const windows = ['5m', '10m', '15m'] as const;
const pending = ['1m', '5m', '15m', '1h'] as const;

if (promtool !== undefined)
  describe('an absence of minutes', () => {
    it.each(windows.flatMap((window) => pending.map((time) => [window, time] as const)))(
      'of %s, pending for %s, is proven',
      async (window, time) => {
        const common = {
          component: 'till',
          panel: salePanels.burnOverTime,
          window,
          for: time,
          runbook: { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' },
        };
        const { sales, wait } = shop.metrics;
        const rules = [
          absenceRule(sales, { ...common, system: 'shop', uid: 'shop-absent', title: 'ShopAbsent' }),
          missingRule(saleSlo, {
            ...common,
            uid: 'shop-missing',
            title: 'ShopMissing',
            work: countOf(wait),
            events: 'waits',
            fewest: 6,
          }),
        ];
        const alerts = [defineAlertGroup({ catalogue: shop, name: 'absent', rules })];
        const config = { ...shopConfig, systems: [{ ...system, alerts }] };
        const { subjects, unmapped } = subjectsOf(config, planFiles(config).files);
        expect(unmapped).toEqual([]);
        expect(subjects.length).toBeGreaterThanOrEqual(2);
        for (const { cases } of await proveRules(subjects, promtool)) {
          expect(cases.length).toBeGreaterThan(0);
          for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
        }
      },
    );
  });
