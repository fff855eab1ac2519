import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { printCatalogue } from '../../src/lockstep/import/print-catalogue.js';
import { findInPrometheus } from '../../src/lockstep/import/prometheus.js';

// Answers that neither Prometheus of the engine tests gives: those of a store that scrapes nothing, and broken ones.

/** A server that answers each path of the API with this, and anything else with 404. */
async function serve(answers: Readonly<Record<string, unknown>>): Promise<URL> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/api\/v1\/([\w/]+).*/, '$1');
    response.statusCode = path in answers ? 200 : 404;
    response.end(JSON.stringify(path in answers ? { status: 'success', data: answers[path] } : 'no such page'));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
const find = (url: URL) =>
  findInPrometheus(url, { headers: {}, aws: undefined, timeout: 10_000, tries: 1 }, '{job="x"}', 1_000_000);
const orders = { __name__: 'orders_total', job: 'x', instance: 'i', pod: 'a', country: 'de' };
const metadata = { orders_total: [{ type: 'counter', help: 'Orders.' }] };

describe('metrics of a Prometheus', () => {
  it('have job and instance as the labels of scraping if the server has no targets, and a note says so', async () => {
    const { metrics, targetLabels, findings } = await find(await serve({ series: [orders], metadata }));
    expect(metrics).toMatchObject([
      { name: 'orders_total', kind: 'counter', help: 'Orders.', labels: ['pod', 'country'] },
    ]);
    expect(targetLabels).toEqual(['job', 'instance']);
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([['import/targets', 'note']]);
  });

  it('have the type and the help that the targets of their job give, and a finding names two types', async () => {
    const given = (type: string, help: string) => ({ target: { job: 'x' }, metric: 'orders_total', type, help });
    const gauge = { orders_total: [{ type: 'gauge', help: 'Those of another job.' }] };
    for (const told of [
      [given('counter', ''), given('counter', 'Orders.')],
      [given('counter', 'Orders.'), given('counter', '')],
    ]) {
      const { metrics } = await find(await serve({ series: [orders], metadata: gauge, 'targets/metadata': told }));
      expect(metrics).toMatchObject([{ kind: 'counter', help: 'Orders.' }]);
    }
    const both = [given('counter', 'a'), given('gauge', 'b')];
    const { findings } = await find(await serve({ series: [orders], 'targets/metadata': both }));
    expect(findings.map(({ id, found }) => [id, found])).toContainEqual([
      'import/types',
      'targets disagree on its type: counter, gauge',
    ]);
  });

  it('are the same in whatever order their series come', async () => {
    const series = [
      orders,
      { ...orders, country: 'at', currency: 'eur' },
      { __name__: 'baskets', job: 'x', instance: 'i', till: 'a' },
    ];
    const print = async (list: readonly object[]) =>
      printCatalogue(await find(await serve({ series: list, metadata })), { name: 'x', scope: {} });
    expect(await print([...series].reverse())).toBe(await print(series));
  });

  it('have their names, those that PromQL takes only in quotes too', async () => {
    const series = [orders, { ...orders, 'http.route': '/' }, { __name__: 'http.duration', job: 'x' }];
    const targets = { activeTargets: [{ labels: { job: 'x', pod: 'a' } }, { labels: { job: 'y', zone: 'z' } }] };
    const { metrics, labels, targetLabels, findings } = await find(await serve({ series, metadata, targets }));
    expect(metrics.map(({ name }) => name).sort()).toEqual(['http.duration', 'orders_total']);
    expect(labels.map(({ name }) => name).sort()).toEqual(['country', 'http.route']);
    expect(targetLabels).toEqual(['job', 'instance', 'pod']);
    expect(findings.map(({ id }) => id)).toEqual(['import/untyped']);
  });

  it('take a native histogram, which has a single name', async () => {
    const series = [{ __name__: 'wait_seconds', job: 'x', instance: 'i' }, orders];
    const { metrics, findings } = await find(
      await serve({ series, metadata: { ...metadata, wait_seconds: [{ type: 'histogram', help: 'h' }] } }),
    );
    expect(metrics.map(({ name, kind }) => [name, kind]).sort()).toEqual([
      ['orders_total', 'counter'],
      ['wait_seconds', 'nativeHistogram'],
    ]);
    expect(findings.map(({ id }) => id)).toEqual(['import/targets']);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['no list', { series: { a: 1 }, metadata }],
    ['series that are not objects', { series: [1, null, 'x', [], { job: 'x' }], metadata }],
    ['metadata that is not an object', { series: [orders], metadata: [1] }],
    ['metadata of other shapes', { series: [orders], metadata: { orders_total: 1, __proto__: [] } }],
    ['targets of other shapes', { series: [orders], metadata, targets: { activeTargets: [1, { labels: 2 }, null] } }],
    ['labels that are not texts', { series: [{ ...orders, country: 1, __proto__: 'x' }], metadata }],
  ])('are read from a server that answers with %s, as far as they go', async (_, answers) => {
    const found = await find(await serve(answers));
    expect(found.metrics.length).toBeLessThanOrEqual(1);
    if (found.metrics.length > 0) expect(printCatalogue(found, { name: 'x', scope: {} })).toContain("'orders_total'");
  });

  it('are not those of another server', async () => {
    await expect(find(await serve({}))).rejects.toThrow('HTTP 404, which is not an answer of Prometheus');
    await expect(find(await serve({ series: [orders] }))).rejects.toThrow('HTTP 404');
  });
});
