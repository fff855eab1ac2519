import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { countOf, increase, orZero, returned, sum } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { askAll } from '../../src/lockstep/verify/prometheus.js';
import type { WirePoint } from '../exporter/otlp-wire.js';
import { endsOf, playSilence, truth, WAYS } from '../exporter/silence.js';
import { shop } from '../shop/catalogue.js';
import shopConfig from '../shop/lockstep.config.js';
import type { Prometheus } from './servers.js';
import { startPrometheus } from './servers.js';

// A program falls silent and goes on, on every way out, by a clock of the test's own. A real Prometheus has stored
// what it sent, and is asked what panels and alerts ask.

const engines = inject('engines');
const GAPS = [2, 10, 59, 61, 70, 300];
const WINDOWS = ['5m', '1h', '6h'] as const;
const SECONDS = { '5m': 300, '1h': 3600, '6h': 21_600 } as const;
const SALES = 'shop_sales_total';
const WAITS = 'shop_wait_seconds_count';
const INFO = 'shop_catalogue_info';

/** OpenMetrics wants each family in one piece, its samples by series and time. */
function openMetrics(points: readonly WirePoint[]): string {
  const kinds: Readonly<Record<string, string>> = { [SALES]: 'counter', [WAITS]: 'unknown', [INFO]: 'gauge' };
  const families = Object.entries(kinds).map(([series, kind]) => {
    const lines = points
      .filter((point) => point.series === series)
      .map(({ labels, time, value }) => {
        const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
        return {
          key: pairs.map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(),
          time,
          value,
        };
      })
      .sort((a, b) => (a.key === b.key ? a.time - b.time : a.key < b.key ? -1 : 1))
      .map(({ key, time, value }) => `${series}{${key}} ${value} ${(time / 1000).toFixed(3)}\n`);
    return `# TYPE ${series.replace(/_total$/, '')} ${kind}\n${lines.join('')}`;
  });
  return `${families.join('')}# EOF\n`;
}

async function goThrough(way: (typeof WAYS)[number], gap: number) {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: new Date('2026-11-24T08:00:00Z') });
  try {
    const program = await playSilence(way, gap, 1);
    expect(program.errors).toEqual([]);
    return program;
  } finally {
    vi.useRealTimers();
  }
}

afterEach(() => {
  vi.useRealTimers();
});

const ask = async (prometheus: Prometheus, expression: Parameters<typeof printExpression>[0], end: number) =>
  (await prometheus.query(printExpression(expression), end / 1000))[0]?.value ?? 0;

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  const promtool = engines[`promtool ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined || promtool === undefined) continue;
  describe(`Prometheus ${generation}`, () => {
    describe.each(WAYS)('by %s', (way) => {
      it.each(GAPS)('shows what happened around a silence of %d minutes', async (gap) => {
        const { samples, delivered } = await goThrough(way, gap);
        const past = { openMetrics: openMetrics(samples), promtool };
        const prometheus = await startPrometheus(program, { past });
        try {
          const every = Math.max(1, Math.floor(endsOf(delivered, gap).length / 12));
          const ends = endsOf(delivered, gap).filter(
            (_, index, all) => index % every === 0 || index === all.length - 1,
          );
          expect(ends.length).toBeGreaterThan(8);
          for (const window of WINDOWS)
            for (const end of ends) {
              const wanted = truth(delivered, end, SECONDS[window] * 1000);
              const at = `${window} until ${new Date(end).toISOString()}`;
              expect.soft(await ask(prometheus, increase(shop.metrics.sales, window), end), at).toBe(wanted);
              expect.soft(await ask(prometheus, increase(countOf(shop.metrics.wait), window), end), at).toBe(wanted);
            }
          // An exporter that goes on under another id leaves nothing to warn of.
          for (const end of ends)
            expect.soft(await ask(prometheus, orZero(sum(returned(shop.own.info, '5m'))), end)).toBe(0);
        } finally {
          await prometheus.stop();
        }
      });
    });

    it('shows a silence that no exporter noticed, when it ended and only then', async () => {
      const begin = Date.parse('2026-11-24T08:00:00Z');
      const minutes = [...Array(10).keys(), ...[...Array(10).keys()].map((minute) => 80 + minute)];
      const labels = { hash: 'h', version: 'v', start_id: 'one' };
      const points = minutes.map((minute) => ({ series: INFO, labels, time: begin + minute * 60_000, value: 1 }));
      const past = { openMetrics: openMetrics(points), promtool };
      const prometheus = await startPrometheus(program, { past });
      try {
        const shown = [];
        for (let minute = 0; minute < 100; minute += 5)
          if ((await ask(prometheus, orZero(sum(returned(shop.own.info, '5m'))), begin + minute * 60_000 + 30_000)) > 0)
            shown.push(minute);
        expect(shown).toEqual([80]);
        const ofSilences = async (minute: number) => {
          const time = begin / 1000 + minute * 60;
          const live = {
            url: new URL(prometheus.url),
            access: { headers: {}, aws: undefined, tries: 1, timeout: 30_000 },
            time,
          };
          const answers = await askAll(shopConfig, { ...live, rateInterval: 300, range: 21_600 }, () => {});
          return answers.filter(({ query }) => query === 'silences of shop');
        };
        expect(await ofSilences(70)).toEqual([]);
        const [found, ...others] = await ofSilences(100);
        expect(others).toEqual([]);
        expect(found).toMatchObject({ status: 'error' });
        expect(found?.why).toContain('heard again, first at 2026-11-24T09:20:00.000Z');
      } finally {
        await prometheus.stop();
      }
    });
  });
}
