import { request } from 'node:http';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { samplesOf } from '../exposition.js';
import { shop } from '../shop/catalogue.js';

// A program that is only scraped waits at its end until its scrapers have its last values. Who is none ends no wait.

const SALES = 'shop_sales_total{till="north",result="paid"}';
const PROMETHEUS = {
  'User-Agent': 'Prometheus/3.16.0',
  Accept: 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1',
  'X-Prometheus-Scrape-Timeout-Seconds': '10',
};

/** Asks from an address of loopback. */
function ask(url: string, headers: Record<string, string>, from = '127.0.0.1', path = '/metrics'): Promise<string> {
  return new Promise((done, fail) => {
    const asked = request(`${url}${path}`, { headers, localAddress: from, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => done(text));
    });
    asked.on('error', fail);
    asked.end();
  });
}

async function startEnding(options: ExporterOptions, before: (url: string) => Promise<void> = async () => {}) {
  const exporter = createExporter(shop, { environment: {}, exitDeadlineMs: 60_000, ...options });
  const server = await exporter.serve({ port: 0 });
  if (server === undefined) throw new Error('no server');
  onTestFinished(() => server.close());
  await before(server.url);
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
  let hasEnded = false;
  const ending = exporter.shutdown().then(() => {
    hasEnded = true;
  });
  return { url: server.url, ending, hasEnded: () => hasEnded };
}

/** What a scrape that has been sent whole sets going is over by then. */
const turn = () => new Promise((done) => setTimeout(done, 30));

it.each([
  ['curl', { 'User-Agent': 'curl/8.5.0', Accept: '*/*' }],
  ['a probe of the kubelet', { 'User-Agent': 'kube-probe/1.31', Accept: '*/*' }],
  ['a browser', { 'User-Agent': 'Mozilla/5.0', Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }],
  ['a load balancer', {}],
])('%s does not end the wait', async (_, headers) => {
  const { url, ending, hasEnded } = await startEnding({});
  for (let time = 0; time < 3; time++) expect(samplesOf(await ask(url, headers))[SALES]).toBe(4);
  await ask(url, headers, undefined, '/healthz');
  await turn();
  expect(hasEnded()).toBe(false);
  await ask(url, PROMETHEUS);
  await ending;
});

it.each([
  ['Prometheus', PROMETHEUS],
  ['one that says how long it waits', { 'X-Prometheus-Scrape-Timeout-Seconds': '5' }],
  ['one that asks for OpenMetrics', { Accept: 'application/openmetrics-text;version=1.0.0' }],
  ['one that asks for the text format', { Accept: 'text/plain; version=0.0.4' }],
  ['one that asks for protobuf', { Accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily' }],
])('%s ends it', async (_, headers) => {
  const { url, ending } = await startEnding({});
  await ask(url, headers);
  await ending;
});

it.each([
  ['address', ['127.0.0.1', '/metrics'], ['127.0.0.2', '/metrics']],
  ['query', ['127.0.0.1', '/metrics?replica=a'], ['127.0.0.1', '/metrics?replica=b']],
] as const)('two replicas are both waited for, told apart by %s', async (_, one, other) => {
  const { url, ending, hasEnded } = await startEnding({ scrapers: 2 });
  await ask(url, PROMETHEUS, ...one);
  await ask(url, PROMETHEUS, ...one);
  await turn();
  expect(hasEnded()).toBe(false);
  await ask(url, PROMETHEUS, ...other);
  await ending;
});

it('two replicas that have come before are both waited for, whatever is said', async () => {
  const { url, ending, hasEnded } = await startEnding({}, async (before) => {
    await ask(before, PROMETHEUS, '127.0.0.1');
    await ask(before, PROMETHEUS, '127.0.0.2');
  });
  await ask(url, PROMETHEUS, '127.0.0.2');
  await turn();
  expect(hasEnded()).toBe(false);
  await ask(url, PROMETHEUS, '127.0.0.1');
  await ending;
});

describe('last values that are not scraped within the deadline', () => {
  const told: string[] = [];
  const options = { exitDeadlineMs: 200, onError: (error: Error) => told.push(error.message) };
  beforeEach(() => {
    told.length = 0;
  });
  const mend = 'give the exit a deadline above the scrape interval (LOCKSTEP_EXIT_DEADLINE), or push';

  it('are reported if nobody came', async () => {
    const { ending } = await startEnding(options);
    await ending;
    expect(told).toEqual([`the last values were scraped within 200 ms by nobody, and are lost; ${mend}`]);
  });

  it('are reported if the scraper has only earlier ones', async () => {
    const { ending } = await startEnding(options, async (before) => {
      await ask(before, PROMETHEUS);
    });
    await ending;
    expect(told).toEqual([`the last values were scraped within 200 ms by nobody, and are lost; ${mend}`]);
  });

  it('are reported if one of two came', async () => {
    // Long enough for a request on a machine that is busy with something else.
    const { url, ending } = await startEnding({ ...options, exitDeadlineMs: 3000, scrapers: 2 });
    await ask(url, PROMETHEUS);
    await ending;
    expect(told).toEqual([`the last values were scraped within 3000 ms by 1 of 2 scrapers; ${mend}`]);
  });

  it.each([
    ['they were scraped', { ...options, exitDeadlineMs: 60_000 }, true],
    ['the host does not wait for it', { ...options, exitDeadlineMs: 0 }, false],
  ])('are not reported if %s', async (_, each, isScraped) => {
    const { url, ending } = await startEnding(each);
    if (isScraped) await ask(url, PROMETHEUS);
    await ending;
    expect(told).toEqual([]);
  });

  it('are not reported if there are none', async () => {
    const exporter = createExporter(shop, { environment: {}, ...options });
    const server = await exporter.serve({ port: 0 });
    onTestFinished(() => server?.close());
    await exporter.shutdown();
    expect(told).toEqual([]);
  });
});
