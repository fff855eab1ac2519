import { expect, it } from 'vitest';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineExistingAlerts, defineExistingBoard } from '../../src/lockstep/existing/index.js';
import { rememberingViewer } from '../../src/lockstep/preview/state.js';
import checkoutConfig from '../checkout/lockstep.config.js';

it('shows a board that stood already, whatever its panels lack', () => {
  const [system] = checkoutConfig.systems;
  if (system === undefined) throw new Error('no system');
  const { catalogue } = system;
  const board = defineExistingBoard({
    catalogue,
    name: 'old',
    uid: 'old',
    title: 'Old',
    schemaVersion: 39,
    variables: [],
    panels: [
      { type: 'text', at: { x: 0, y: 0, width: 12, height: 8 } },
      {
        type: 'timeseries',
        title: 'Requests',
        at: { x: 12, y: 0, width: 12, height: 8 },
        queries: [
          { promql: 'sum(rate(http_requests_total[5m]))' },
          { model: { datasource: { type: 'loki', uid: 'logs' }, query: '{app="checkout"}' } },
        ],
      },
    ],
  });
  const alerts = defineExistingAlerts({
    catalogue,
    name: 'old',
    interval: '1m',
    alerts: [
      {
        uid: 'old',
        title: 'Old',
        condition: 'A',
        for: '5m',
        queries: [{ promql: 'sum(rate(http_requests_total[5m])) < 1' }],
      },
    ],
  });
  const layout = { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{name}.yaml' };
  const target = { ...checkoutConfig.target, layout };
  const config = { ...checkoutConfig, target, systems: [{ ...system, boards: [board], rules: [alerts] }] };
  const plan = planFiles(config);
  expect(plan.problems).toEqual([]);
  const { boards, groups } = rememberingViewer()(config, plan.files, () => undefined);
  const shown = boards.find(({ uid }) => uid === 'old')?.model.panels;
  expect(shown?.map(({ title, targets }) => [title, targets?.length])).toEqual([
    ['', undefined],
    ['Requests', 1],
  ]);
  expect(groups.find(({ name }) => name === 'old')?.rules).toEqual([]);
});
