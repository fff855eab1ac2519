import { alertRule, burnRules, defineAlertGroup } from 'lockstep/alerts';
import { counter, defineCatalogue, gauge, histogram, label } from 'lockstep/catalogue';
import type { Config } from 'lockstep/config';
import type { Dashboard } from 'lockstep/dashboard';
import { labelVariable, quantileQueries, query, sloPanels } from 'lockstep/dashboard';
import { compare, instant, rate, select, sum } from 'lockstep/promql';
import { BURN_WINDOWS_30D, defineSlo } from 'lockstep/slo';

// A second system, small and with every kind of panel: nothing in lockstep may know fab but fab's own rooms.

const till = label('till', { help: 'which till', values: ['north', 'south'] });
const result = label('result', { help: 'how the sale ended', values: ['paid', 'refused'] });

export const shop = defineCatalogue({
  name: 'shop',
  metrics: {
    sales: counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [till, result] }),
    wait: histogram({
      name: 'shop_wait_seconds',
      help: 'Time in the queue.',
      unit: 'seconds',
      labels: [till],
      bounds: [10, 60, 300],
    }),
    queue: gauge({ name: 'shop_queue_length', help: 'People in the queue.', unit: '{person}', labels: [till] }),
  },
});
const { sales, wait, queue } = shop.metrics;

export const saleSlo = defineSlo({
  name: 'sales',
  events: 'sales',
  badWhen: 'that are refused',
  objective: 0.99,
  window: '30d',
  bad: select(sales, { result: 'refused' }),
  total: select(sales, {}),
  policy: BURN_WINDOWS_30D,
});
const slo = sloPanels(saleSlo, 'Sales');
const tills = labelVariable('till', { title: 'Till', from: sales });

export const queuePanel = {
  type: 'timeseries',
  title: 'People waiting, by till',
  description: 'How long the queue is.',
  unit: 'short',
  width: 12,
  queries: [query(sum(instant(select(queue, { till: tills })), ['till']), '{{till}}')],
} as const;

export const dashboard: Dashboard = {
  catalogue: shop,
  facet: 'overview',
  description: 'The shop.',
  tags: [],
  variables: [tills],
  rows: [
    { title: 'SLO', panels: [slo.objective, slo.budget, ...slo.burns, slo.burnOverTime] },
    {
      title: 'Traffic',
      panels: [
        queuePanel,
        {
          type: 'timeseries',
          title: 'Wait',
          description: 'How long people wait.',
          unit: 's',
          width: 12,
          queries: quantileQueries(select(wait, { till: tills }), '$__rate_interval'),
        },
        {
          type: 'table',
          title: 'Tills',
          description: 'Sales by till.',
          unit: 'short',
          width: 24,
          drillDown: 'till',
          queries: [query(sum(rate(select(sales, { till: tills }), '$__range'), ['till']), 'Sales per second')],
        },
      ],
    },
  ],
};

export const alerts = defineAlertGroup({
  catalogue: shop,
  name: 'slo',
  rules: [
    ...burnRules(saleSlo, { system: 'shop', title: 'ShopSalesBurn', component: 'till', panels: slo }),
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
    }),
  ],
});

export const config: Config = {
  source: 'example.org/shop',
  target: {
    grafana: '10.4',
    datasource: 'managed-prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'slo-alerts',
    runbooks: 'https://example.org/runbooks',
    layout: { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  systems: [{ catalogue: shop, dashboards: [dashboard], alerts: [alerts] }],
};
