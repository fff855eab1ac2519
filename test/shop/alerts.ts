import { absenceRule, alertRule, burnRules, defineAlertGroup, traffic } from 'lockstep/alerts';
import { compare, countOf, instant, select, sum } from 'lockstep/promql';
import { shop } from './catalogue.js';
import { queuePanel, salePanels, saleSlo, waitPanels, waitSlo } from './dashboard.js';

const { queue, sales, wait } = shop.metrics;
const absence = { component: 'till', window: '2h', for: '10m' } as const;
const runbook = {
  impact: 'Nobody is counted.',
  firstLook: [{ say: 'Look whether the shop is open.' }],
  silence: 'On holidays.',
};

export const alerts = defineAlertGroup({
  catalogue: shop,
  name: 'slo',
  rules: [
    ...burnRules(saleSlo, {
      system: 'shop',
      title: 'ShopSalesBurn',
      component: 'till',
      panels: salePanels,
      runbook: { impact: 'People leave without what they came for.', firstLook: [{ say: 'Ask at the tills.' }] },
    }),
    ...burnRules(waitSlo, {
      system: 'shop',
      title: 'ShopWaitBurn',
      component: 'till',
      panels: waitPanels,
      runbook: { impact: 'People wait.', firstLook: [{ panel: queuePanel, say: 'which till?' }] },
    }),
    alertRule({
      uid: 'shop-queue-long',
      title: 'ShopQueueLong',
      expression: compare(sum(instant(queue)), '>', 50),
      for: '10m',
      severity: 'ticket',
      component: 'till',
      summary: 'More than 50 people wait',
      description: 'Open another till.',
      panel: queuePanel,
      runbook: {
        impact: 'People leave.',
        firstLook: [{ panel: queuePanel, say: 'which till?' }],
        silence: 'Before Christmas.',
      },
      proof: [
        {
          name: 'fifty people at each moment',
          lasts: '1h',
          traffic: [traffic(queue, { count: 50 })],
          fires: 'never',
        },
        {
          name: 'one more, for half an hour, at two tills',
          lasts: '1h',
          traffic: [
            traffic(select(queue, { till: 'north' }), { count: 26, from: '10m', until: '40m' }),
            traffic(select(queue, { till: 'south' }), { count: 25 }),
          ],
          fires: { notBefore: '20m', by: '22m', overBy: '42m' },
        },
      ],
    }),
    absenceRule(sales, {
      ...absence,
      panel: salePanels.burnOverTime,
      runbook,
      system: 'shop',
      uid: 'shop-sales-absent',
      title: 'ShopSalesAbsent',
    }),
    absenceRule(countOf(wait), {
      ...absence,
      panel: waitPanels.burnOverTime,
      runbook,
      system: 'shop',
      uid: 'shop-wait-absent',
      title: 'ShopWaitAbsent',
    }),
  ],
});
