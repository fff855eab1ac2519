import { describe, expect, inject, it } from 'vitest';
import { counter, defineCatalogue, gauge, histogram, label } from '../../src/exporter/catalogue/index.js';
import { createExporter } from '../../src/exporter/index.js';
import {
  absentOverTime,
  buckets,
  countOf,
  histogramQuantile,
  increase,
  instant,
  maxOverTime,
  resets,
  sum,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { compareExposition } from '../../src/lockstep/verify/metrics.js';
import type { Prometheus } from './servers.js';
import { startPrometheus } from './servers.js';

// A rename as it happens: processes of before it, with the old names, beside those of after it, with both. What is
// read by the new names must be what happened in all of them, counted once.

const engines = inject('engines');
const till = label('till', { help: 'which till', values: ['north', 'south'] });
const bounds = [10, 60, 300];

const before = defineCatalogue({
  name: 'shop',
  metrics: {
    sales: counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [till] }),
    wait: histogram({ name: 'shop_wait_seconds', help: 'Waiting.', unit: 'seconds', labels: [till], bounds }),
    queue: gauge({ name: 'shop_queue_length', help: 'Queue.', unit: '{person}', labels: [till] }),
  },
});
const until = '2027-01-31';
const after = defineCatalogue({
  name: 'shop',
  metrics: {
    sales: counter({
      name: 'shop_sold_total',
      help: 'Sales.',
      unit: '{sale}',
      labels: [till],
      renamedFrom: { name: 'shop_sales_total', until },
    }),
    wait: histogram({
      name: 'shop_queueing_seconds',
      help: 'Waiting.',
      unit: 'seconds',
      labels: [till],
      bounds,
      renamedFrom: { name: 'shop_wait_seconds', until },
    }),
    queue: gauge({
      name: 'shop_people_waiting',
      help: 'Queue.',
      unit: '{person}',
      labels: [till],
      renamedFrom: { name: 'shop_queue_length', until },
    }),
  },
});

const { sales, wait, queue } = after.metrics;
const QUERIES = {
  soldShort: increase(sales, '10m', ['till']),
  soldLong: increase(sales, '2h', ['till']),
  waits: increase(countOf(wait), '10m'),
  median: histogramQuantile(0.5, increase(buckets(wait), '2h', ['le'])),
  queue: sum(instant(queue), ['till']),
  longest: sum(maxOverTime(queue, '10m')),
  resets: sum(resets(sales, '10m')),
  absent: absentOverTime(sales, '10m'),
};

async function readAll(prometheus: Prometheus) {
  const read = async (query: keyof typeof QUERIES) => {
    const samples = await prometheus.query(printExpression(QUERIES[query]), Date.now() / 1000);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['till'] ?? 'all', value]));
  };
  const names = Object.keys(QUERIES) as (keyof typeof QUERIES)[];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
}

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined) continue;
  it(`reads both names and counts each event once, on Prometheus ${generation}`, async () => {
    const old = createExporter(before);
    const renamed = createExporter(after);
    const servers = [await old.serve({ port: 0 }), await renamed.serve({ port: 0 })];
    const urls = servers.map((server) => server?.url ?? '');
    const hosts = urls.map((url) => new URL(url).host);
    const prometheus = await startPrometheus(program, { targets: hosts });
    const settle = async () => {
      const scraped = async () =>
        (await prometheus.lastScrape(`shop_catalogue_info{instance="${hosts[1]}"}`))?.samples ?? 0;
      const wanted = (await scraped()) + 3;
      while ((await scraped()) < wanted) await new Promise((done) => setTimeout(done, 100));
    };
    try {
      await settle();
      expect(await readAll(prometheus)).toMatchObject({ absent: { all: 1 }, soldShort: {}, queue: {} });

      old.record.sales.add({ till: 'north' }, 7);
      for (const seconds of [5, 5, 200]) old.record.wait.observe({ till: 'south' }, seconds);
      old.record.queue.set({ till: 'north' }, 4);
      await settle();
      // Nobody has the new names yet.
      expect(await readAll(prometheus)).toEqual({
        soldShort: { north: 7 },
        soldLong: { north: 7 },
        waits: { all: 3 },
        median: { all: 7.5 },
        queue: { north: 4 },
        longest: { all: 4 },
        resets: { all: 0 },
        absent: {},
      });

      renamed.record.sales.add({ till: 'north' }, 3);
      renamed.record.sales.add({ till: 'south' }, 2);
      renamed.record.wait.observe({ till: 'south' }, 20);
      renamed.record.queue.set({ till: 'south' }, 1);
      await settle();
      expect(await readAll(prometheus)).toEqual({
        soldShort: { north: 10, south: 2 },
        soldLong: { north: 10, south: 2 },
        waits: { all: 4 },
        median: { all: 10 },
        queue: { north: 4, south: 1 },
        longest: { all: 5 },
        resets: { all: 0 },
        absent: {},
      });

      await servers[0]?.close();
      renamed.record.sales.add({ till: 'south' }, 5);
      await settle();
      // The processes of before are gone; what they counted is not.
      expect(await readAll(prometheus)).toMatchObject({
        soldShort: { north: 10, south: 7 },
        soldLong: { north: 10, south: 7 },
        waits: { all: 4 },
        queue: { south: 1 },
      });

      const exposed = await (await fetch(`${urls[1]}/metrics`)).text();
      expect(compareExposition(after, parseExposition(exposed))).toEqual([]);
      // A process that lost one of the two names is told of.
      const lost = exposed.split('\n').filter((line) => !line.includes('shop_sales_total'));
      expect(compareExposition(after, parseExposition(lost.join('\n')))).toMatchObject([
        { rule: 'verify/missing', metric: 'shop_sales_total' },
      ]);
    } finally {
      await prometheus.stop();
      for (const server of servers) await server?.close();
    }
  });
}

describe('a process whose metrics are being renamed', () => {
  it('shows each series at zero first under both names, where a scraper has not seen it', async () => {
    const exporter = createExporter(after);
    const server = await exporter.serve({ port: 0 });
    try {
      const scrape = async () => {
        const text = await (await fetch(`${server?.url}/metrics`)).text();
        return text.split('\n').flatMap((line) => {
          const [, name, value] = /^(shop_s\w+)\{.*\} (\d+)$/.exec(line) ?? [];
          return name === undefined ? [] : [`${name} ${value}`];
        });
      };
      exporter.record.sales.add({ till: 'north' }, 3);
      expect(await scrape()).toEqual(['shop_sold_total 0', 'shop_sales_total 0']);
      expect(await scrape()).toEqual(['shop_sold_total 3', 'shop_sales_total 3']);
    } finally {
      await server?.close();
    }
  });
});
