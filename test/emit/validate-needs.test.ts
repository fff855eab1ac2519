import { expect, it } from 'vitest';
import type { Config } from '../../src/lockstep/config/config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { query } from '../../src/lockstep/panels/panel.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { checkout } from '../checkout/catalogue.js';
import config, { alerts, board } from '../checkout/lockstep.config.js';

// PromQL as text that the target's Prometheus does not read: on a board and in an alert, and only if it is named.

/** A panel and an alert that both need what the text needs. */
function problemsOf(text: string, target: Partial<Config['target']>) {
  const { node } = promql(checkout, text);
  const panel = {
    type: 'stat',
    title: 'Newer',
    description: 'Newer PromQL.',
    unit: 'short',
    width: 6,
    queries: [query({ node }, 'newer')],
  } as const;
  const [rule] = alerts.rules.filter(({ uid }) => uid === 'checkout-queue-long');
  if (rule === undefined) throw new Error('no rule');
  const newer = { ...rule, node: promql(checkout, `${text} > 5000`).node };
  return planFiles({
    ...config,
    target: { ...config.target, ...target },
    systems: [
      {
        catalogue: checkout,
        dashboards: [{ ...board, rows: [...board.rows, { title: 'More', panels: [panel] }] }],
        alerts: [{ ...alerts, rules: [...alerts.rules.filter((each) => each !== rule), newer] }],
      },
    ],
  }).problems.map(({ code, where, found, fix }) => ({ code, where, found: found.split('\n')[0], fix }));
}

const SINCE = 'sum(first_over_time(worker_queue_length[5m]))';
const EXPERIMENTAL = 'sum(mad_over_time(worker_queue_length[5m]))';

it('asks nothing of a Prometheus that is not named', () => {
  expect(problemsOf(SINCE, {})).toEqual([]);
  expect(problemsOf(EXPERIMENTAL, {})).toEqual([]);
});

it('refuses in an older one what is newer, in the panel and in the alert', () => {
  expect(problemsOf(SINCE, { prometheus: '2.42' })).toEqual([
    expect.objectContaining({
      code: 'promql/not-in-this-prometheus',
      where: 'dashboards/checkout-overview › More › Newer › query A',
      found: 'first_over_time()',
    }),
    expect.objectContaining({ where: 'alerts/checkout-slo › CheckoutQueueLong › expression' }),
  ]);
  expect(problemsOf(SINCE, { prometheus: '3.16' })).toEqual([]);
});

it('asks of annotations too', () => {
  const range = promql(checkout, `${SINCE} > 0`);
  const annotations = [{ title: 'Full', query: query(range, 'full'), colour: 'red', step: '5m' }] as const;
  const systems = [{ catalogue: checkout, dashboards: [{ ...board, annotations }], alerts: [alerts] }];
  const { problems } = planFiles({ ...config, target: { ...config.target, prometheus: '2.42' }, systems });
  expect(problems.map(({ where }) => where)).toEqual(['dashboards/checkout-overview › annotation Full']);
});

it('takes an experimental function only where it is enabled, in a Prometheus that has it', () => {
  expect(problemsOf(EXPERIMENTAL, { prometheus: '3.16' })).toHaveLength(2);
  expect(problemsOf(EXPERIMENTAL, { prometheus: '3.16', experimental: true })).toEqual([]);
  expect(problemsOf(EXPERIMENTAL, { prometheus: '2.42', experimental: true })).toHaveLength(2);
});

it('knows the versions that it was tried with, and says them', () => {
  const wrong = { prometheus: '3.17', experimental: 'yes' } as unknown as Partial<Config['target']>;
  expect(problemsOf(SINCE, wrong)).toEqual([
    expect.objectContaining({ code: 'config/prometheus', found: '"3.17"' }),
    expect.objectContaining({ code: 'config/experimental', found: '"yes"' }),
  ]);
});
