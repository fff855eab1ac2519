import { describe, expect, inject, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import type { AlertGroup } from '../../src/lockstep/alerts/index.js';
import { alertRule, traffic } from '../../src/lockstep/alerts/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';

// An alert in PromQL text is proven by a real promtool, which must agree with the alert's scenarios.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const [system] = shopConfig.systems;
if (system === undefined) throw new Error('the shop has no system');

function subjects(text: string, by: string, labels: readonly string[] = []) {
  const rule = alertRule({
    uid: 'shop-queue',
    title: 'ShopQueue',
    expression: promql(shop as unknown as Catalogue, text, labels),
    for: '10m',
    severity: 'ticket',
    component: 'till',
    summary: 'shop has a long queue',
    description: 'Open another till.',
    panel: queuePanel,
    runbook: { impact: 'People leave.', firstLook: [{ say: 'Look.' }], silence: 'Never.' },
    proof: [
      { name: 'fifty', lasts: '1h', traffic: [traffic(shop.metrics.queue, { count: 50 })], fires: 'never' },
      {
        name: 'sixty, from ten minutes on',
        lasts: '1h',
        traffic: [traffic(shop.metrics.queue, { count: 60, from: '10m' })],
        fires: { notBefore: '20m', by: by as '22m' },
      },
    ],
  });
  const alerts: AlertGroup = { catalogue: shop, name: 'text', rules: [rule] };
  const config = { ...shopConfig, systems: [{ ...(system as NonNullable<typeof system>), alerts: [alerts] }] };
  const { files, problems } = planFiles(config);
  expect(problems).toEqual([]);
  return subjectsOf(config, files).subjects;
}

if (promtool !== undefined)
  describe('an alert in text', () => {
    const failures = async (text: string, by: string, labels?: readonly string[]) =>
      (await proveRules(subjects(text, by, labels), promtool)).flatMap(({ cases }) =>
        cases.flatMap((each) => each.failures),
      );

    it('is proven where it fires when it must, and never else', async () => {
      expect(await failures('(max(shop_queue_length) > bool 55)', '22m')).toEqual([]);
    });

    it.each([
      ['too late', '(max(max_over_time(shop_queue_length[5m] offset 10m)) > bool 55)'],
      ['never', '(max(shop_queue_length) > bool 65)'],
      ['where it must not', '(max(shop_queue_length) > bool 45)'],
    ])('is refused where it fires %s', async (_, text) => {
      expect((await failures(text, '22m')).length).toBeGreaterThan(0);
    });

    it('says that labels cannot be played', async () => {
      const [failure] = await failures('(max by (till) (shop_queue_length) > bool 55)', '22m', ['till']);
      expect(failure).toContain('aggregate them away');
    });
  });
