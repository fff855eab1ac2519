import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createExporter } from '../../src/exporter/exporter.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER, startBadCollector, unusedAddress } from './collector.js';
import type { WirePoint } from './otlp-wire.js';
import { pointsOf } from './otlp-wire.js';
import { samplesAt, startReporting } from './silence.js';

// A clock that is set while the program runs: no series is reported at a time before its last, which the other side
// would refuse.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-11-24T08:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Reports by OTLP a few times, the clock being set by some seconds before each. */
async function reportWith(steps: readonly number[]) {
  const { exporter, points, flush } = await startReporting();
  for (const seconds of steps) {
    vi.advanceTimersByTime(10_000);
    vi.setSystemTime(Date.now() + seconds * 1000);
    expect(await flush()).toBe(true);
  }
  await exporter.shutdown();
  return points;
}

it.each([
  ['set back by 30 s', [0, 0, -30, 0], 2],
  ['30 s ahead for a while', [0, 30, 0, -30, 0], 2],
  ['set back by a day', [0, 0, -86_400, 0, 0], 2],
  ['set back by half a second', [0, 0, -10.5, 0], 1],
  ['set back again and again', [0, -30, -30, -30, 0], 4],
] as const)('counts everything where the clock is %s', async (_, steps, ids) => {
  const points = await reportWith(steps);
  for (const name of ['shop_sales_total', 'shop_wait_seconds_count']) {
    const bySeries = new Map<string, WirePoint[]>();
    for (const point of points.filter(({ series }) => series === name)) {
      const key = point.labels['start_id'] ?? '';
      bySeries.set(key, [...(bySeries.get(key) ?? []), point]);
    }
    expect(bySeries.size).toBe(ids);
    let sum = 0;
    for (const series of bySeries.values()) {
      for (const [index, { time }] of series.slice(1).entries()) expect(time).toBeGreaterThan(series[index]?.time ?? 0);
      sum += Math.max(...series.map(({ value }) => value));
    }
    expect(sum).toBe(steps.length);
  }
});

it('a laptop that slept is known by the clock of the wall, and a clock that was set back by the other', async () => {
  for (const sleep of [() => vi.setSystemTime(Date.now() + 3600_000), setBackFor(3600_000)]) {
    const exporter = createExporter(shop, { environment: {} });
    const server = await exporter.serve({ port: 0 });
    if (server === undefined) throw new Error('no server');
    const scrape = async () => samplesAt(await (await fetch(`${server.url}/metrics`, SCRAPER)).text(), Date.now());
    const before = await scrape();
    sleep();
    const after = await scrape();
    expect(new Set([...before, ...after].map(({ labels }) => labels['start_id'])).size).toBe(2);
    await server.close();
  }
});

/** An hour passes, and the clock of the wall says that it is a minute later. */
function setBackFor(ms: number) {
  return () => {
    const wall = Date.now();
    vi.advanceTimersByTime(ms);
    vi.setSystemTime(wall + 60_000);
  };
}

it('a report that found nobody is not one that may have arrived', async () => {
  const address = await unusedAddress();
  const exporter = createExporter(shop, {
    environment: {},
    transports: ['otlp'],
    otlpEndpoint: `${address}/v1/metrics`,
    intervalMs: 1e9,
    onError: () => {},
  });
  await exporter.start();
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
  expect(await exporter.flush()).toBe(false);
  const collector = await startBadCollector({ answer: 200 }, undefined, Number(new URL(address).port));
  vi.advanceTimersByTime(2 * 3600_000);
  expect(await exporter.flush()).toBe(true);
  const sales = pointsOf(Buffer.from(collector.last(), 'latin1')).filter(({ series }) => series === 'shop_sales_total');
  // Zero first, as nobody has seen it.
  expect(sales.map(({ value }) => value)).toEqual([0, 1]);
  await exporter.shutdown();
});
