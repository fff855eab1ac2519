import { alertRule, burnRules, defineAlertGroup } from 'lockstep/alerts';
import { compare, instant, sum } from 'lockstep/promql';
import { shop } from './catalogue.js';
import { queuePanel, salePanels, saleSlo } from './dashboard.js';

export const alerts = defineAlertGroup({
  catalogue: shop,
  name: 'slo',
  rules: [
    ...burnRules(saleSlo, { system: 'shop', title: 'ShopSalesBurn', component: 'till', panels: salePanels }),
    alertRule({
      uid: 'shop-queue-long',
      title: 'ShopQueueLong',
      expression: compare(sum(instant(shop.metrics.queue)), '>', 50),
      for: '10m',
      severity: 'ticket',
      component: 'till',
      summary: 'More than 50 people wait',
      description: 'Open another till.',
      panel: queuePanel,
    }),
  ],
});
