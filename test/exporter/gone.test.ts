import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createExporter } from '../../src/exporter/exporter.js';
import { serveMetrics } from '../../src/exporter/scrape/server.js';
import { samplesOf } from '../exposition.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER } from './collector.js';

// A scrape that its client gave up on is stored by nobody: it does not count as delivered.

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text\r\n\r\n';

async function clientOf(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Serves a text, and counts how often it was made and how often it was delivered. */
async function serve(make: () => Promise<void> = async () => {}) {
  const counts = { made: 0, delivered: 0 };
  const server = await serveMetrics(
    {
      contentType: 'text/plain',
      exposition: async () => {
        counts.made += 1;
        await make();
        return {
          text: 'x 1\n',
          delivered: () => {
            counts.delivered += 1;
          },
        };
      },
    },
    { port: 0 },
  );
  onTestFinished(() => server.close());
  return { server, counts };
}

it('is not made for one who closed while the program was busy', async () => {
  const { server, counts } = await serve();
  const client = await clientOf(server.url);
  await fetch(`${server.url}/healthz`);
  // All at once: meanwhile only the kernel does anything.
  client.write(REQUEST);
  client.destroy();
  for (const until = Date.now() + 50; Date.now() < until; );
  await (await fetch(`${server.url}/metrics`, SCRAPER)).text();
  expect(counts).toEqual({ made: 1, delivered: 1 });
});

it('is not delivered to one who closed while it was made', async () => {
  let asked = () => {};
  const isAsked = new Promise<void>((done) => {
    asked = done;
  });
  let first = true;
  const { server, counts } = await serve(async () => {
    if (!first) return;
    first = false;
    asked();
    client.destroy();
  });
  const client = await clientOf(server.url);
  client.write(REQUEST);
  await isAsked;
  await (await fetch(`${server.url}/metrics`, SCRAPER)).text();
  expect(counts).toEqual({ made: 2, delivered: 1 });
});

it.each([
  ['0.001', 0],
  ['60', 1],
  ['soon', 1],
  ['0', 1],
])('that takes 5 ms is, to one who waits for %s s, delivered %d times', async (seconds, delivered) => {
  const { server, counts } = await serve(async () => {
    for (const until = performance.now() + 5; performance.now() < until; );
  });
  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': seconds };
  expect(await (await fetch(`${server.url}/metrics`, { headers })).text()).toBe('x 1\n');
  expect(counts).toEqual({ made: 1, delivered });
});

it('does not end the wait of a program for its last scrape', async () => {
  const exporter = createExporter(shop, { environment: {}, exitDeadlineMs: 60_000 });
  const server = await exporter.serve({ port: 0 });
  if (server === undefined) throw new Error('no server');
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
  const client = await clientOf(server.url);
  await fetch(`${server.url}/healthz`);
  const ending = exporter.shutdown();
  client.write(REQUEST);
  client.destroy();
  for (const until = Date.now() + 50; Date.now() < until; );
  const text = await (await fetch(`${server.url}/metrics`, SCRAPER)).text();
  expect(samplesOf(text)['shop_sales_total{till="north",result="paid"}']).toBe(4);
  await ending;
});
