// A pod of the checkout, as its team runs it: it uses prom-client by hand, with Node's default metrics, and listens on the port that it is
// given. It reads its work from stdin, a line at a time, and answers each line on stdout when it has done it.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const registry = new Registry();
const registers = [registry];
collectDefaultMetrics({ register: registry });
const requests = new Counter({ name: 'http_requests_total', help: 'x', labelNames: ['code', 'route'], registers });
const latency = new Histogram({
  name: 'http_request_duration_ms',
  help: 'x',
  labelNames: ['route'],
  buckets: [50, 100, 300, 1000],
  registers,
});
const orders = new Counter({ name: 'OrdersPlaced', help: 'x', registers });
const queue = new Gauge({ name: 'worker_queue_length', help: 'x', registers });
// A counter that is not there at 0 would be missed by what it counts first.
for (const code of ['200', '404', '500', '503']) for (const route of ['/', '/pay']) requests.inc({ code, route }, 0);

const server = createServer((_, outgoing) => {
  registry.metrics().then((text) => outgoing.writeHead(200, { 'content-type': registry.contentType }).end(text));
});
await new Promise((done) => server.listen(Number(process.argv[2]), '127.0.0.1', () => done(undefined)));
process.stdout.write('up\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { code, route, ms, count, waiting } = JSON.parse(line);
  for (let index = 0; index < (count ?? 0); index++) {
    requests.inc({ code, route });
    latency.observe({ route }, ms);
    if (code === '200' && route === '/pay') orders.inc();
  }
  if (waiting !== undefined) queue.set(waiting);
  process.stdout.write('done\n');
}
