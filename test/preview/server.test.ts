import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview } from '../../src/lockstep/preview/server.js';
import { servePreview } from '../../src/lockstep/preview/server.js';

// The preview asks a Prometheus with the writer's own token: nobody else may make it ask.

const asked: string[] = [];
const prometheus = createServer((incoming, outgoing) => {
  asked.push(incoming.headers.authorization ?? '');
  outgoing.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
});
let preview: Preview;
let origin = '';

beforeAll(async () => {
  await new Promise<void>((done) => void prometheus.listen(0, '127.0.0.1', done));
  const url = new URL(`http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`);
  const access = { headers: { authorization: 'Bearer secret' }, aws: undefined, timeout: 5000, tries: 1 };
  const state = { version: 1, problems: [], boards: [], groups: [], scrapeSeconds: 60, source: undefined, against: '' };
  preview = await servePreview(state, {
    port: 0,
    page: { html: 'page', script: '', style: '' },
    prometheus: { url, access },
    why: async () => undefined,
  });
  origin = new URL(preview.url).origin;
});
afterAll(async () => {
  await preview.close();
  prometheus.close();
});

function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
  return new Promise((done, fail) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      done(answer.statusCode);
    })
      .on('error', fail)
      .end();
  });
}

describe('the server of the preview', () => {
  it('answers a page of its own', async () => {
    for (const site of [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }])
      expect(await get(preview.url, site)).toBe(200);
    expect(await get(`${preview.url}api/prometheus/query?query=up`)).toBe(200);
    expect(asked).toEqual(['Bearer secret']);
  });

  it.each([
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['of another origin', { origin: 'https://evil.example' }],
    ['to another name', { host: 'evil.example' }],
  ])('refuses a request %s, as an <img> makes one, and asks nobody', async (_, headers) => {
    const before = asked.length;
    for (const path of ['', 'api/state', 'api/prometheus/query?query=up'])
      expect(await get(`${preview.url}${path}`, headers)).toBe(421);
    expect(asked.length).toBe(before);
  });

  it('refuses whoever was not given its address, and asks nobody', async () => {
    const before = asked.length;
    const other = preview.url.replace(/\/\w+\/$/, `/${'0'.repeat(32)}`);
    for (const place of [`${origin}/`, `${other}/`, `${origin}/x/`])
      for (const path of ['', 'api/state', 'preview.js', 'api/prometheus/query?query=up'])
        expect(await get(`${place}${path}`)).toBe(403);
    expect(asked.length).toBe(before);
  });
});
