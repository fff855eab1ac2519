import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { samplesOf } from '../exposition.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER, startBadCollector } from './collector.js';

// A port that is taken is often that of the process before, which still waits for its last scrape: it is tried again
// until it is free.

/** A port that is taken, and how it is let go. */
async function takePort() {
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const release = () => new Promise<void>((done) => server.close(() => done()));
  onTestFinished(release);
  return { port: address.port, release };
}

function exporterWith(options: ExporterOptions) {
  const errors: string[] = [];
  const exporter = createExporter(shop, {
    environment: {},
    exitDeadlineMs: 60_000,
    intervalMs: 1e9,
    onError: ({ message }) => errors.push(message),
    ...options,
  });
  onTestFinished(() => exporter.shutdown());
  return { exporter, errors };
}

/** Scrapes until somebody answers. */
async function scrape(port: number): Promise<Readonly<Record<string, number>>> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, SCRAPER).catch(() => undefined);
    if (answer !== undefined) return samplesOf(await answer.text());
    await new Promise((done) => setTimeout(done, 20));
  }
}

const SALES = 'shop_sales_total{till="north",result="paid"}';

it('is told once, with how to mend it, and served on when it is free', async () => {
  const { port, release } = await takePort();
  const { exporter, errors } = exporterWith({ transports: ['prometheus'], port });
  expect(await exporter.start()).toBe(false);
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
  // One more try finds it taken.
  await new Promise((done) => setTimeout(done, 1200));
  await release();
  expect((await scrape(port))[SALES]).toBe(0);
  expect((await scrape(port))[SALES]).toBe(4);
  expect(errors).toEqual([
    expect.stringMatching(/^metrics are not served: listen EADDRINUSE.*tried again.*OTEL_EXPORTER_PROMETHEUS_PORT/),
  ]);
});

it('is waited for by a program that ends, and then it waits for its scrape', async () => {
  const { port, release } = await takePort();
  const { exporter } = exporterWith({ transports: ['prometheus'], port });
  await exporter.start();
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
  const ending = exporter.shutdown();
  await release();
  expect((await scrape(port))[SALES]).toBe(4);
  await ending;
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
});

it('is let go of by an exporter that ended while it waited', async () => {
  const { port, release } = await takePort();
  const { exporter } = exporterWith({ transports: ['prometheus'], port });
  await exporter.start();
  await exporter.shutdown();
  await release();
  await new Promise((done) => setTimeout(done, 1200));
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
});

it('is not waited for where it cannot be had at all', async () => {
  const { exporter, errors } = exporterWith({ transports: ['prometheus'], host: '192.0.2.1' });
  expect(await exporter.start()).toBe(false);
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
  await exporter.shutdown();
  expect(errors).toEqual([expect.not.stringContaining('tried again')]);
});

it('start() says whether every way out is up, and flush() whether any that pushes took everything', async () => {
  const collector = await startBadCollector({ answer: 200 });
  const otlpEndpoint = `${collector.url}/v1/metrics`;
  const answers = async (options: ExporterOptions) => {
    const { exporter } = exporterWith(options);
    return [await exporter.start(), await exporter.start(), await exporter.flush()];
  };
  expect(await answers({ transports: ['otlp'], otlpEndpoint })).toEqual([true, true, true]);
  expect(await answers({ transports: ['otlp', 'prometheus'], otlpEndpoint, port: 0 })).toEqual([true, true, true]);
  expect(await answers({ transports: ['prometheus'], port: 0 })).toEqual([true, true, false]);
  expect(await answers({ transports: ['otlp', 'pushgateway'], otlpEndpoint })).toEqual([false, false, false]);
  expect(await answers({ transports: ['pushgateway'] })).toEqual([false, false, false]);
  expect(await answers({ transports: [] })).toEqual([true, true, false]);
});
