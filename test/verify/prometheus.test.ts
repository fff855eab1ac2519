import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/lockstep/config/index.js';
import type { Answer } from '../../src/lockstep/verify/prometheus.js';
import { askAll } from '../../src/lockstep/verify/prometheus.js';
import shopConfig from '../shop/lockstep.config.js';

// What a Prometheus is asked of counts beside the queries themselves.

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/**
 * A server on which every query has a series, but for those by which a label is missed: of these, the ones that are
 * said.
 */
async function ask(config: Config, missing: readonly string[]): Promise<readonly [readonly Answer[], string[]]> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      const query = new URLSearchParams(body || (incoming.url ?? '').split('?')[1]).get('query') ?? '';
      const misses = /(start_id|shard)=""/.test(query);
      if (misses) asked.push(query);
      const isOfSilence = query.includes('timestamp(') || (query.includes('hash!=') && !missing.includes('hash'));
      const result =
        isOfSilence || (misses && !missing.some((name) => query.includes(name)))
          ? []
          : [{ metric: {}, value: [0, '1'] }];
      outgoing.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const access = { headers: {}, aws: undefined, timeout: 3000, tries: 1 };
  return [await askAll(config, { url, access, rateInterval: 300, range: 21_600 }, () => {}), asked];
}

describe('a Prometheus', () => {
  it('is asked whether every count that is read says which start it is of', async () => {
    const [answers, asked] = await ask(shopConfig, []);
    expect(answers.every(({ status }) => status === 'ok')).toBe(true);
    expect(asked).toEqual([
      'count(last_over_time(shop_sales_total{start_id=""}[3600s]))',
      'count(last_over_time(shop_wait_seconds_count{start_id=""}[3600s]))',
    ]);
  });

  it('is in error where processes have another catalogue', async () => {
    const [answers] = await ask(shopConfig, ['hash']);
    expect(answers.filter(({ status }) => status !== 'ok')).toMatchObject([
      {
        query: 'catalogue of shop',
        status: 'error',
        why: expect.stringMatching(/^1 processes report another catalogue than [0-9a-f]{12}: release them/),
      },
    ]);
  });

  it('is in error where one does not', async () => {
    const [answers] = await ask(shopConfig, ['shop_wait_seconds']);
    expect(answers.filter(({ status }) => status !== 'ok')).toMatchObject([
      {
        query: 'label start_id of shop_wait_seconds',
        status: 'error',
        why: expect.stringMatching(
          /^series without it in the last hour; add it: queries read counts per start.*setDefaultLabels/,
        ),
      },
    ]);
  });

  it('is asked for shards where deltas are added up', async () => {
    const [, asked] = await ask({ ...shopConfig, target: { ...shopConfig.target, counters: 'aggregated' } }, []);
    expect(asked).toHaveLength(2);
    for (const query of asked) expect(query).toContain('shard=""');
  });
});
