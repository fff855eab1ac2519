import { counter, defineCatalogue, histogram, label, openLabel } from '../../src/exporter/catalogue/index.js';

// Metrics with the names that OpenTelemetry gives them, as Prometheus 3 stores them: PromQL takes these only in quotes.

const route = openLabel('http.route', { help: 'the route', atMost: 20 });
const method = label('method', { help: 'the method', values: ['GET', 'PÖST'] });
const service = openLabel('service.name', { help: 'the service', atMost: 5 });

export const otel = defineCatalogue({
  name: 'otel',
  recordedBy: 'others',
  targetLabels: [service],
  scope: { 'service.name': 'checkout' },
  metrics: {
    requests: counter({
      name: 'http.server.requests',
      help: 'Requests.',
      unit: '{request}',
      labels: [route, method],
    }),
    duration: histogram({
      name: 'http.server.duration',
      help: 'Durations.',
      unit: 'seconds',
      labels: [route],
      bounds: [0.1, 1],
    }),
    jobs: counter({ name: 'jobs_total', help: 'Jobs.', unit: '{job}', labels: [] }),
  },
});
