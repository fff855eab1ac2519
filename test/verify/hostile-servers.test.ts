import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fabConfig from '../../lockstep.config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { askPrometheus } from '../../src/lockstep/preview/ask.js';
import { compareGrafana } from '../../src/lockstep/verify/grafana.js';
import { RequestError, request } from '../../src/lockstep/verify/http.js';
import { whyOf } from '../../src/lockstep/verify/prometheus.js';

// Servers that answer what no Prometheus and no Grafana does. Each answer gives a result or an error that says where,
// and never a fault of ours.

const { files } = planFiles(fabConfig);
const access = { headers: {}, aws: undefined, timeout: 60_000, tries: 1 };
let server: Server;
let url: URL;
let answer: (path: string) => {
  readonly status?: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
};
let requests = 0;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    requests += 1;
    const { status = 200, body, headers = {} } = answer(incoming.url ?? '/');
    outgoing.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** What a call gives; or the message of the error that it is meant to give. Any other error fails the test. */
async function outcome<T>(call: Promise<T>): Promise<T | string> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.message.length).toBeLessThan(600);
    return error.message;
  }
}

const json = fc.oneof(
  fc.jsonValue(),
  fc.record({ status: fc.constantFrom('success', 'error', 'x'), data: fc.jsonValue(), error: fc.jsonValue() }),
  fc.record({
    status: fc.constant('success'),
    data: fc.record({ resultType: fc.constantFrom('vector', 'scalar', 'matrix'), result: fc.jsonValue() }),
  }),
  fc.array(fc.record({ uid: fc.jsonValue(), title: fc.jsonValue(), labels: fc.jsonValue(), tags: fc.jsonValue() })),
  fc.record({ dashboard: fc.jsonValue(), interval: fc.jsonValue() }),
);

describe('a server that answers anything', () => {
  it('as a Prometheus gives a result or one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(json, fc.constantFrom(200, 400, 500), async (value, status) => {
        answer = () => ({ status, body: JSON.stringify(value) });
        await outcome(askPrometheus({ url, access }, { path: 'query', parameters: { query: 'up' } }));
        await outcome(
          whyOf(
            fabConfig,
            { board: 'fab-overview', panel: 'Sessions, by phase', ref: 'A' },
            { url, access, rateInterval: 240, range: 3600 },
          ),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('as a Grafana gives drifts or one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(json, json, json, async (board, search, rules) => {
        answer = (path) => ({
          body: JSON.stringify(path.includes('/search') ? search : path.includes('/provisioning') ? rules : board),
        });
        await outcome(compareGrafana(files, { url, access }));
      }),
      { numRuns: 150 },
    );
  });

  it('as a Grafana that does not know pages is asked for two', async () => {
    const hits = Array.from({ length: 1000 }, (_, index) => ({
      uid: `fab-${index}`,
      tags: ['nanohype', 'fab', 'slo', 'red'],
    }));
    answer = (path) =>
      path.includes('/api/dashboards')
        ? { status: 404, body: '' }
        : { body: JSON.stringify(path.includes('/search') ? hits : []) };
    const before = requests;
    const drifts = await compareGrafana(files, { url, access });
    expect(requests - before).toBeLessThan(8);
    expect(drifts.filter(({ status }) => status === 'orphaned').length).toBe(1000);
  });

  it.each([
    ['HTML', { body: '<html>' }],
    ['nothing', { body: '' }],
    ['a redirect to elsewhere', { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } }],
    [
      'a text that moves the cursor',
      { status: 400, body: JSON.stringify({ status: 'error', error: '\u001b[2J\n::error::x' }) },
    ],
  ])('with %s gives one line', async (_, given) => {
    answer = () => given;
    const said = JSON.stringify(
      await outcome(askPrometheus({ url, access }, { path: 'query', parameters: { query: 'up' } })),
    );
    expect(said).not.toMatch(/\\u001b|\\n/);
  });

  it('with more than there may be is left', async () => {
    answer = () => ({ body: 'x'.repeat(70 * 1024 * 1024) });
    expect(await outcome(request(url, access))).toContain('an answer of more than 64 MiB');
  });
});

describe('who asks', () => {
  const withUser = () => new URL(url.href.replace('//', '//ann:s3cr3t%40@'));

  it('may stand in the address, and is sent as a header', async () => {
    const seen: (string | undefined)[] = [];
    server.once('request', (incoming) => seen.push(incoming.headers.authorization));
    answer = () => ({ body: '{}' });
    expect((await request(withUser(), access)).status).toBe(200);
    expect(seen).toEqual([`Basic ${Buffer.from('ann:s3cr3t@').toString('base64')}`]);
  });

  it('stands in one place, or is refused without being told', async () => {
    const said = await outcome(request(withUser(), { ...access, headers: { authorization: 'Bearer t0k3n' } }));
    expect(said).toMatch(/both say who asks/);
    expect(said).not.toMatch(/s3cr3t|ann|t0k3n/);
  });

  it('is in no message, whatever is refused', async () => {
    for (const value of ['Bearer t0k\n3n', 'Bearer t0k\u20283n', 't0k3n\u0000'])
      for (const address of [withUser(), new URL('http://127.0.0.1:1/?key=s3cr3t')]) {
        const said = String(await outcome(request(address, { ...access, headers: { 'x-token': value } })));
        expect(said).not.toMatch(/s3cr3t|t0k|3n/);
      }
  });
});
