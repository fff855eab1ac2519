import { counter, defineCatalogue, gauge, histogram, label, openLabel } from 'lockstep/catalogue';

// An HTTP API as others run it: prom-client by hand and Node's default metrics, scraped by a Prometheus that has other
// services too.

const code = label('code', { help: 'the status of the answer', values: ['200', '404', '500', '503'] });
const route = openLabel('route', { help: 'the route that was asked for', atMost: 30 });
const namespace = openLabel('namespace', { help: 'the Kubernetes namespace', atMost: 20 });
const pod = openLabel('pod', { help: 'the pod that was scraped', atMost: 50 });
const job = openLabel('job', { help: 'the scrape job', atMost: 20 });

export const checkout = defineCatalogue({
  name: 'checkout',
  recordedBy: 'others',
  targetLabels: [namespace, pod, job],
  scope: { namespace: 'checkout', job: ['api', 'worker'] },
  metrics: {
    requests: counter({
      name: 'http_requests_total',
      help: 'Requests that were answered.',
      unit: '{request}',
      labels: [code, route],
    }),
    latency: histogram({
      name: 'http_request_duration_ms',
      help: 'How long answers took.',
      unit: 'seconds',
      labels: [route],
      bounds: [50, 100, 300, 1000],
    }),
    orders: counter({ name: 'OrdersPlaced', help: 'Orders.', unit: '{order}', labels: [] }),
    queue: gauge({ name: 'worker_queue_length', help: 'Jobs that wait.', unit: '{job}', labels: [] }),
    eventLoop: gauge({
      name: 'nodejs_eventloop_lag_seconds',
      help: 'Lag of the event loop.',
      unit: 'seconds',
      labels: [],
    }),
  },
});
