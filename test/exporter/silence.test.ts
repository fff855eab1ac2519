import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Way } from './silence.js';
import { count, endsOf, playSilence, startProgram, startReporting, truth, WAYS, WINDOWS } from './silence.js';

// Counts are read with a look back of an hour. A program that is silent for longer, and then goes on, must
// not be counted again from its start.

const GAPS = [2, 10, 59, 61, 70, 300];
const COUNTED = ['shop_sales_total', 'shop_wait_seconds_count', 'shop_wait_seconds_bucket'] as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-11-24T08:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

type Program = Awaited<ReturnType<typeof startProgram>>;

function expectTruth({ samples, delivered, errors }: Program, gapMinutes: number) {
  expect(errors).toEqual([]);
  for (const name of COUNTED) {
    // A catalogue's buckets are told apart; of all that is counted the last bucket has it all.
    const counted = samples.filter(({ series, labels }) => series === name && (labels['le'] ?? '+Inf') === '+Inf');
    const wrong = endsOf(delivered, gapMinutes).flatMap((end) =>
      WINDOWS.filter((window) => count(counted, name, end, window) !== truth(delivered, end, window)).map((window) => ({
        name,
        end: new Date(end).toISOString(),
        window,
        counted: count(counted, name, end, window),
        truth: truth(delivered, end, window),
      })),
    );
    expect(wrong).toEqual([]);
  }
}

const idsOf = ({ samples }: Program) => new Set(samples.map(({ labels }) => labels['start_id']));

describe.each(WAYS)('by %s', (way: Way) => {
  it.each(GAPS)('a silence of %d minutes in a long life loses nothing, and counts nothing twice', async (gap) => {
    const program = await playSilence(way, gap);
    expectTruth(program, gap);
    expect(idsOf(program).size).toBe(gap > 45 ? 2 : 1);
  });

  it.each(GAPS)('the last report of a Job comes after a silence of %d minutes', async (gap) => {
    const program = await startProgram(way);
    program.record(3);
    await program.report();
    program.silence(gap);
    program.record(4);
    await program.end();
    expectTruth(program, gap);
  });

  it('several silences, and series that have nothing new', async () => {
    const program = await startProgram(way);
    for (const events of [3, 0, 2, 0]) {
      program.record(events);
      await program.report();
      program.silence(90);
    }
    program.record(1);
    await program.report();
    expectTruth(program, 90);
    const sales = program.samples.filter(({ series }) => series === 'shop_sales_total');
    // Each id that had something to say, and none that had not.
    expect(new Set(sales.map(({ labels }) => labels['start_id'])).size).toBe(3);
    expect(sales.filter(({ value }) => value < 0)).toEqual([]);
  });
});

describe('a new id', () => {
  it('is one for all tries whose answers are lost', async () => {
    const { collector, exporter, points, flush } = await startReporting(() => {});
    expect(await flush()).toBe(true);
    collector.become('hangs up');
    for (let tries = 0; tries < 3; tries++) {
      vi.advanceTimersByTime(50 * 60_000);
      expect(await flush()).toBe(false);
    }
    collector.become({ answer: 200 });
    vi.advanceTimersByTime(50 * 60_000);
    expect(await flush()).toBe(true);
    const sales = points.filter(({ series }) => series === 'shop_sales_total');
    const ids = [...new Set(sales.map(({ labels }) => labels['start_id']))];
    expect(ids.map((id) => sales.filter(({ labels }) => labels['start_id'] === id).map(({ value }) => value))).toEqual([
      [0, 1],
      // The zero that may have arrived is not said again.
      [0, 1, 2, 3, 4],
    ]);
    await exporter.shutdown();
  });

  it('shows gauges as they are, and that nothing was amiss', async () => {
    const program = await startProgram('scrape');
    program.record(2);
    await program.report();
    program.silence(60);
    const before = program.samples.length;
    await program.report();
    const shown = program.samples.slice(before).map(({ series, value }) => `${series} ${value}`);
    expect([...new Set(shown)].sort()).toEqual([
      'shop_catalogue_info 1',
      'shop_exporter_anomalies_total 0',
      'shop_queue_length 2',
    ]);
  });
});
