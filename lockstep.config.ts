import { defineConfig } from 'lockstep/config';
import { fab, factoryMonth } from 'lockstep/fab';
import { slo } from './alerts/fab.js';
import { overview } from './dashboards/fab.js';

export default defineConfig({
  source: 'github.com/nanohype/lockstep',
  target: {
    grafana: '10.4',
    datasource: 'managed-prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'slo-alerts',
    routes: ['page', 'ticket'],
    runbooks: 'https://github.com/nanohype/lockstep/blob/main/docs/runbooks',
    layout: {
      dashboards: 'dashboards/base/platform/{name}.yaml',
      alerts: 'dashboards/base/alerting/{system}.yaml',
    },
  },
  docs: 'docs',
  systems: [
    { catalogue: fab, dashboards: [overview], alerts: [slo], recordedIn: ['src/fab/exporter.ts'], demo: factoryMonth },
  ],
});
