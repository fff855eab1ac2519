import { defineDashboard, labelVariable, quantileQueries, query, sloPanels } from 'lockstep/dashboard';
import { instant, rate, select, sum } from 'lockstep/promql';
import { BURN_WINDOWS_30D, defineSlo, eventRatio, latency } from 'lockstep/slo';
import { shop } from './catalogue.js';

const { sales, wait, queue } = shop.metrics;

export const saleSlo = defineSlo({
  name: 'sales',
  events: 'sales',
  objective: 0.99,
  window: '30d',
  sli: eventRatio({ bad: select(sales, { result: 'refused' }), total: select(sales, {}), badWhen: 'that are refused' }),
  policy: BURN_WINDOWS_30D,
});
export const salePanels = sloPanels(saleSlo, 'Sales');
export const waitSlo = defineSlo({
  name: 'wait',
  events: 'people',
  objective: 0.95,
  window: '30d',
  sli: latency(wait, 60),
  policy: BURN_WINDOWS_30D,
});
export const waitPanels = sloPanels(waitSlo, 'Wait');
const tills = labelVariable('till', { title: 'Till', from: sales });

export const queuePanel = {
  type: 'timeseries',
  title: 'People waiting, by till',
  description: 'How long the queue is.',
  unit: 'short',
  width: 12,
  queries: [query(sum(instant(select(queue, { till: tills })), ['till']), '{{till}}')],
} as const;

export const dashboard = defineDashboard({
  catalogue: shop,
  facet: 'overview',
  description: 'The shop.',
  tags: [],
  variables: [tills],
  rows: [
    { title: 'SLO', panels: [salePanels.objective, salePanels.budget, ...salePanels.burns, salePanels.burnOverTime] },
    {
      title: 'Waiting',
      panels: [waitPanels.objective, waitPanels.budget, ...waitPanels.burns, waitPanels.burnOverTime],
    },
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
          queries: [query(rate(select(sales, { till: tills }), '$__range', ['till']), 'Sales per second')],
        },
      ],
    },
  ],
});
