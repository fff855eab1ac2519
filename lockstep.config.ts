import { defineConfig } from 'lockstep/config';
import { fab, factoryMonth } from 'lockstep-fab';
import { cloudgovSlo } from './alerts/cloudgov.js';
import { slo } from './alerts/fab.js';
import { cloudgovOverview } from './dashboards/cloudgov.js';
import { cloudgov } from './dashboards/cloudgov-catalogue.js';
import { overview } from './dashboards/fab.js';

export default defineConfig({
  source: 'github.com/nanohype/lockstep',
  target: {
    grafana: '10.4',
    datasource: 'managed-prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'slo-alerts',
    routes: ['page', 'ticket'],
    // The checks of eks-gitops: the variables that its dashboard gate knows, and the longest line of its yamllint.
    house: {
      tags: ['nanohype'],
      lineLength: 200,
      builtins: [
        ...['__interval', '__interval_ms', '__rate_interval', '__range', '__range_s', '__range_ms', '__from', '__to'],
        ...['__timeFilter', '__timeGroup', '__name', '__field', '__series', '__value', '__dashboard', '__org'],
        ...['__user', '__timezone', 'timeFilter'],
      ],
    },
    runbooks: 'https://github.com/nanohype/lockstep/blob/main/docs/runbooks',
    layout: {
      dashboards: 'dashboards/base/platform/{name}.yaml',
      alerts: 'dashboards/base/alerting/{system}.yaml',
    },
  },
  docs: 'docs',
  documents: ['docs/cloudgov.md'],
  systems: [
    { catalogue: fab, dashboards: [overview], alerts: [slo], recordedIn: ['src/fab/exporter.ts'], demo: factoryMonth },
    { catalogue: cloudgov, dashboards: [cloudgovOverview], alerts: [cloudgovSlo] },
  ],
});
