import { defineConfig } from 'lockstep/config';
import { alerts } from './alerts.js';
import { shop } from './catalogue.js';
import { dashboard } from './dashboard.js';

export default defineConfig({
  source: 'example.org/shop',
  target: {
    grafana: '10.4',
    datasource: 'managed-prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'slo-alerts',
    house: { tags: ['example'] },
    routes: ['page', 'ticket'],
    runbooks: 'https://example.org/runbooks',
    ruler: { layout: 'rules/{system}.yaml', labels: { prometheus: 'main' } },
    layout: { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  systems: [{ catalogue: shop, dashboards: [dashboard], alerts: [alerts] }],
});
