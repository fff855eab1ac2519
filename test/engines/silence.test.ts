import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { countOf, increase, printExpression } from '../../src/promql/index.js';
import type { WirePoint } from '../exporter/otlp-wire.js';
import type { Delivered } from '../exporter/silence.js';
import { endsOf, startProgram, truth, WAYS } from '../exporter/silence.js';
import { shop } from '../shop/catalogue.js';
import type { Prometheus } from './servers.js';
import { startPrometheus } from './servers.js';

// Programs that were silent for a while, in the store of a real Prometheus: the printed count of any window is the
// number of events that were delivered in it.

const engines = inject('engines');
const MINUTE = 60_000;
const GAPS = [10, 59, 61, 300];
const WINDOWS = { '5m': 5 * MINUTE, '1h': 60 * MINUTE, '6h': 360 * MINUTE } as const;
/** Of the minutes about a silence this one in so many is asked for. */
const EVERY = 3;

interface Run {
  readonly name: string;
  readonly gap: number;
  readonly samples: readonly WirePoint[];
  readonly delivered: readonly Delivered[];
}

const stops: (() => void)[] = [];
const stopAll = () => {
  for (const stop of stops.splice(0)) stop();
};

/** Lets every kind of program live, on a clock of its own, yesterday. */
async function play(): Promise<readonly Run[]> {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 24 * 60 * MINUTE;
  const runs: Run[] = [];
  for (const way of WAYS)
    for (const gap of GAPS) {
      vi.useFakeTimers({ toFake: ['Date', 'performance'], now: start });
      const program = await startProgram(way, (stop) => stops.push(stop));
      for (let minute = 0; minute < 8; minute++) {
        program.record(minute % 4);
        await program.report();
      }
      program.record(5);
      program.silence(gap);
      for (let minute = 0; minute < 8; minute++) {
        await program.report();
        program.record((minute + 1) % 3);
      }
      await program.report();
      const { samples, delivered, errors } = program;
      expect(errors).toEqual([]);
      runs.push({ name: `${way}, ${gap} minutes`, gap, samples, delivered });
      vi.useRealTimers();
      stopAll();
    }
  return runs;
}

/** As promtool reads it: every series whole, its samples in order. */
function toOpenMetrics(runs: readonly Run[]): string {
  const bySeries = new Map<string, string[]>();
  for (const { name, samples } of runs)
    for (const { series, labels, time, value } of samples) {
      const all = Object.entries({ ...labels, run: name }).map(([label, text]) => `${label}="${text}"`);
      const key = `${series}{${all.join(',')}}`;
      const lines = bySeries.get(key) ?? [];
      bySeries.set(key, lines);
      lines.push(`${key} ${value} ${time / 1000}\n`);
    }
  return `${[...bySeries.values()].flat().join('')}# EOF\n`;
}

afterEach(() => {
  vi.useRealTimers();
});

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  const promtool = engines[`promtool ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined || promtool === undefined) continue;
  describe(`Prometheus ${generation}`, () => {
    let prometheus: Prometheus | undefined;
    let runs: readonly Run[] = [];
    beforeAll(async () => {
      runs = await play();
      prometheus = await startPrometheus(program, {
        fill: (data) => {
          const text = `${data}.om`;
          writeFileSync(text, toOpenMetrics(runs));
          execFileSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, data]);
        },
      });
    });
    afterAll(async () => {
      vi.useRealTimers();
      stopAll();
      await prometheus?.stop();
    });

    it.each([
      ['shop_sales_total', (window: keyof typeof WINDOWS) => printExpression(increase(shop.metrics.sales, window))],
      [
        'shop_wait_seconds_count',
        (window: keyof typeof WINDOWS) => printExpression(increase(countOf(shop.metrics.wait), window)),
      ],
    ] as const)(
      'counts in %s what was delivered in any window, before, in, across and after a silence',
      async (series, print) => {
        const wrong: unknown[] = [];
        let asked = 0;
        for (const { name, gap, delivered } of runs)
          for (const [window, ms] of Object.entries(WINDOWS) as [keyof typeof WINDOWS, number][]) {
            const expression = print(window).replaceAll(series, `${series}{run="${name}"}`);
            for (const end of endsOf(delivered, gap).filter((_, index) => index % EVERY === 0)) {
              const [sample] = (await prometheus?.query(expression, end / 1000)) ?? [];
              const wanted = truth(delivered, end, ms);
              asked += 1;
              if ((sample?.value ?? 0) !== wanted) wrong.push({ name, window, end, counted: sample?.value, wanted });
            }
          }
        expect(wrong).toEqual([]);
        expect(asked).toBeGreaterThan(300);
      },
    );
  });
}
