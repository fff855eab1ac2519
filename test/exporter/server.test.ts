import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExporter } from '../../src/exporter/exporter.js';
import { serveMetrics } from '../../src/exporter/scrape/server.js';
import { samplesOf } from '../exposition.js';
import { shop } from '../shop/catalogue.js';

async function serve() {
  const errors: string[] = [];
  const exporter = createExporter(shop, { onError: ({ message }) => errors.push(message) });
  const server = await exporter.serve({ port: 0 });
  if (server === undefined) throw new Error(errors.join());
  onTestFinished(() => server.close());
  return { exporter, server, errors };
}

/** Sends raw bytes, and gives what comes back until the connection ends. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => done(text));
    socket.write(bytes);
  });
}

describe('the metrics server', () => {
  it('serves the exposition and its health, on loopback', async () => {
    const { server, exporter } = await serve();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    exporter.record.sales.add({ till: 'north', result: 'paid' }, 4);
    // A series is shown at zero the first time that anybody asks, and as it is from then on.
    const first = await (await fetch(`${server.url}/metrics`)).text();
    expect(samplesOf(first)['shop_sales_total{till="north",result="paid"}']).toBe(0);
    const response = await fetch(`${server.url}/metrics`, {
      headers: { Accept: 'application/openmetrics-text; version=1.0.0' },
    });
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(samplesOf(await response.text())['shop_sales_total{till="north",result="paid"}']).toBe(4);
    expect(await (await fetch(`${server.url}/healthz?probe=1`)).text()).toBe('ok\n');
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '//metrics', 404],
    ['POST', '/metrics', 405],
    ['DELETE', '/healthz', 405],
    ['POST', '/other', 404],
  ])('answers %s %s with %d', async (method, path, status) => {
    const { server } = await serve();
    expect((await fetch(`${server.url}${path}`, { method })).status).toBe(status);
  });

  it('asks a scraper for the token, and nobody for it at /healthz', async () => {
    const exporter = createExporter(shop);
    const server = await exporter.serve({ port: 0, bearerToken: 'käse' });
    if (server === undefined) throw new Error('no server');
    onTestFinished(() => server.close());
    const status = async (path: string, authorization?: string) =>
      (await fetch(`${server.url}${path}`, authorization === undefined ? {} : { headers: { authorization } })).status;
    expect(await status('/metrics')).toBe(401);
    expect(await status('/metrics', 'Bearer kase')).toBe(401);
    expect(await status('/metrics', 'Basic käse')).toBe(401);
    expect(await status('/metrics', Buffer.from('Bearer käse').toString('latin1'))).toBe(200);
    expect(await status('/healthz')).toBe(200);
  });

  it('outlives a client that talks nonsense, and one that hangs up', async () => {
    const { server } = await serve();
    await raw(server.url, 'nonsense\r\n\r\n');
    await raw(server.url, `GET /metrics HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () => {
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      socket.destroy();
    });
    expect((await fetch(`${server.url}/healthz`)).ok).toBe(true);
  });

  it('says that there are no metrics where they cannot be made, and why to the program alone', async () => {
    const failures: unknown[] = [];
    const server = await serveMetrics(
      {
        contentType: 'text/plain',
        exposition: () => Promise.reject(new Error('broken')),
        failed: (error) => failures.push(error),
      },
      { port: 0 },
    );
    onTestFinished(() => server.close());
    const response = await fetch(`${server.url}/metrics`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('no metrics: the program could not make them, and has said why\n');
    expect(failures).toEqual([new Error('broken')]);
  });

  it('reports a port that is taken, and does not throw', async () => {
    const { server } = await serve();
    const errors: string[] = [];
    const second = createExporter(shop, { onError: ({ message }) => errors.push(message) });
    expect(await second.serve({ port: Number(new URL(server.url).port) })).toBeUndefined();
    expect(errors).toEqual([expect.stringMatching(/^metrics are not served: listen EADDRINUSE/)]);
  });

  it('closes at once, open connections or not', async () => {
    const { server } = await serve();
    const open = raw(server.url, 'GET /metrics HTTP/1.1\r\n');
    await new Promise((done) => setTimeout(done, 50));
    await server.close();
    expect(await open).toBe('');
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
