import { absenceRule, alertRule, burnRules, defineAlertGroup, traffic } from 'lockstep/alerts';
import { defineConfig } from 'lockstep/config';
import { defineDashboard, labelVariable, quantileQueries, query, sloPanels } from 'lockstep/dashboard';
import { compare, increase, instant, max, maxOverTime, oneOf, rate, select } from 'lockstep/promql';
import { promql } from 'lockstep/promql-text';
import { BURN_WINDOWS_30D, defineSlo, eventRatio } from 'lockstep/slo';
import { checkout } from './catalogue.js';

const { requests, latency, orders, queue, eventLoop } = checkout.metrics;

export const availability = defineSlo({
  name: 'availability',
  events: 'requests',
  objective: 0.99,
  window: '30d',
  sli: eventRatio({
    bad: select(requests, { code: oneOf('500', '503') }),
    total: select(requests, {}),
    badWhen: 'that fail',
  }),
  policy: BURN_WINDOWS_30D,
});
const panels = sloPanels(availability, 'API');
const pod = labelVariable('pod', { title: 'Pod', from: requests });

const queuePanel = {
  type: 'timeseries',
  title: 'Queue',
  description: 'Jobs that wait.',
  unit: 'short',
  width: 9,
  queries: [query(max(instant(queue)), 'queue')],
} as const;
const lagPanel = {
  type: 'timeseries',
  title: 'Lag of the event loop',
  description: 'For how long the loop of each pod was busy.',
  unit: 's',
  width: 9,
  queries: [query(max(maxOverTime(eventLoop, '5m'), ['pod']), '{{pod}}')],
} as const;

export const board = defineDashboard({
  catalogue: checkout,
  facet: 'overview',
  description: 'The checkout.',
  tags: [],
  variables: [pod],
  rows: [
    { title: 'SLO', panels: [panels.objective, panels.budget, ...panels.burns, panels.burnOverTime] },
    {
      title: 'Traffic',
      panels: [
        {
          type: 'timeseries',
          title: 'Requests, by code',
          description: 'Requests per second.',
          unit: 'cps',
          width: 12,
          stacked: true,
          queries: [query(rate(select(requests, { pod }), '$__rate_interval', ['code']), '{{code}}')],
        },
        {
          type: 'timeseries',
          title: 'Latency',
          description: 'How long answers take.',
          unit: 's',
          width: 12,
          queries: quantileQueries(select(latency, { pod }), '$__rate_interval'),
        },
        {
          type: 'stat',
          title: 'Orders',
          description: 'Orders in the shown range.',
          unit: 'short',
          width: 6,
          queries: [query(increase(orders, '$__range'), 'orders')],
        },
        queuePanel,
        lagPanel,
        {
          type: 'timeseries',
          title: 'Requests per pod, and the slowest tenth',
          description: 'Requests per second of the three busiest pods; the share of all requests that each route has.',
          unit: 'short',
          width: 12,
          queries: [
            query(
              promql(
                checkout,
                `topk(3, sum by (pod) (rate(http_requests_total{code!~"5..", pod=~"$pod"}[$__rate_interval])))`,
                ['pod'],
              ),
              '{{pod}}',
            ),
            query(
              promql(
                checkout,
                `sum by (route) (rate(http_requests_total[5m])) / on () group_left () sum(rate(http_requests_total[5m]))`,
                ['route'],
              ),
              'share of {{route}}',
            ),
          ],
        },
      ],
    },
  ],
});

const runbook = {
  impact: 'Orders wait.',
  firstLook: [{ panel: queuePanel, say: 'which pod?' }],
  silence: 'While a worker is being replaced.',
};

export const alerts = defineAlertGroup({
  catalogue: checkout,
  name: 'slo',
  rules: [
    ...burnRules(availability, {
      system: 'checkout',
      title: 'CheckoutAvailabilityBurn',
      component: 'api',
      panels,
      runbook: { impact: 'People cannot pay.', firstLook: [{ panel: queuePanel, say: 'is the worker behind?' }] },
    }),
    absenceRule(requests, {
      uid: 'checkout-requests-absent',
      title: 'CheckoutRequestsAbsent',
      system: 'checkout',
      component: 'api',
      window: '2h',
      for: '10m',
      panel: panels.burnOverTime,
      runbook,
    }),
    alertRule({
      uid: 'checkout-queue-long',
      title: 'CheckoutQueueLong',
      expression: compare(max(instant(queue)), '>', 50),
      for: '10m',
      severity: 'ticket',
      component: 'worker',
      summary: 'checkout has more than 50 jobs waiting',
      description: 'The worker does not keep up.',
      panel: queuePanel,
      runbook,
      proof: [
        { name: 'fifty at each moment', lasts: '1h', traffic: [traffic(queue, { count: 50 })], fires: 'never' },
        {
          name: 'more than that for half an hour',
          lasts: '1h',
          traffic: [traffic(queue, { count: 51, from: '10m', until: '40m' })],
          fires: { notBefore: '20m', by: '23m', overBy: '45m' },
        },
      ],
    }),
    alertRule({
      uid: 'checkout-errors',
      title: 'CheckoutErrors',
      expression: compare(increase(select(requests, { code: '500' }), '10m'), '>', 20),
      for: '5m',
      severity: 'ticket',
      component: 'api',
      summary: 'checkout answers with 500',
      description: 'More than 20 in ten minutes.',
      panel: panels.burnOverTime,
      runbook,
      proof: [
        {
          name: 'one a minute',
          lasts: '1h',
          traffic: [traffic(select(requests, { code: '500' }), { count: 1 })],
          fires: 'never',
        },
        {
          name: 'four a minute for half an hour',
          lasts: '2h',
          traffic: [traffic(select(requests, { code: '500' }), { count: 4, from: '20m', until: '50m' })],
          fires: { notBefore: '25m', by: '40m', overBy: '70m' },
        },
      ],
    }),
  ],
});

export default defineConfig({
  source: 'example.org/checkout',
  target: {
    grafana: '10.4',
    datasource: 'managed-prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'slo-alerts',
    routes: ['page', 'ticket'],
    severities: { page: 'critical', ticket: 'warning' },
    runbooks: 'https://example.org/runbooks',
    ruler: { layout: 'rules/{system}.yaml', labels: { prometheus: 'main' } },
    layout: { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  systems: [{ catalogue: checkout, dashboards: [board], alerts: [alerts] }],
});
