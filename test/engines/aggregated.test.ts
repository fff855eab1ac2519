import { describe, expect, inject, it } from 'vitest';
import config from '../../lockstep.config.js';
import { SHARD_LABEL, START_LABEL } from '../../src/exporter/internal.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import type { World } from './factory.js';
import { makeWorld } from './factory.js';
import { judgeBoard } from './judge.js';
import { deal, pause, runProcess } from './processes.js';
import { queriesOf } from './resources.js';
import type { Prometheus } from './servers.js';
import { startCollector, startPrometheus } from './servers.js';

// The other way of running: processes report deltas, without an identity, and a collector adds them up. What is stored
// must still be what happened, in as many series as one process has, and also when the collector is started again
// while processes report.

const engines = inject('engines');
const SEED = 44;
const MOST_PERCENT = 0.5;
/**
 * A minute is a second here, but the network jitters as it does: sixty times as many reports meet on their way, in
 * sixty times as many shards.
 */
const SHARDS = 120;
/** A run in which two reports met is made again, this often at most. */
const MOST_RUNS = 4;
/** The board as it is built for that way, from the same definitions. */
const plan = planFiles({ ...config, target: { ...config.target, counters: 'aggregated' } });
const queries = queriesOf(plan.files.find(({ path }) => path.endsWith('platform/fab.yaml'))?.text ?? '');
/** Thirty Jobs, seven to eight of them at once. */
const LIVES = Array.from({ length: 30 }, (_, index) => ({ startMs: index * 300, endMs: 500 + (index % 7) * 500 }));

/**
 * What is stored of a counter in all: every sample's growth over the one before, a total that has begun anew counting
 * from zero.
 */
async function storedTotal(prometheus: Prometheus, name: string) {
  const all = await prometheus.samples(`${name}[10m]`);
  const grown = all.map(({ values }) =>
    values.reduce((sum, value, index) => {
      const last = values[index - 1] ?? 0;
      return sum + (value >= last ? value - last : value);
    }, 0),
  );
  return { total: grown.reduce((sum, each) => sum + each, 0), labels: all.map(({ labels }) => labels) };
}

function totals(world: World): Readonly<Record<string, number>> {
  const sum = (figure: (session: World['sessions'][number]) => number) =>
    world.sessions.reduce((before, session) => before + figure(session), 0);
  return {
    fab_agent_sessions_total: sum(() => 1),
    fab_self_eval_total: sum(({ selfEval }) => selfEval.pass + selfEval.fail),
    fab_tokens_total: sum(({ tokens }) => tokens.input + tokens.output),
    fab_role_session_duration_seconds_count: sum(() => 1),
    fab_role_session_duration_seconds_sum: sum(({ durationSeconds }) => durationSeconds),
    fab_cost_usd_total: sum(({ costUsd }) => costUsd),
    fab_merge_gate_runs_total: world.gateRuns.reduce((before, { count }) => before + count, 0),
  };
}

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`] ?? '';
  const collectorProgram = engines['collector'] ?? '';
  if (program === '' || collectorProgram === '') continue;
  describe(`deltas that a collector adds up, into Prometheus ${generation}`, () => {
    it.each([
      ['undisturbed', false],
      ['while the collector is started again', true],
    ])(`are what happened (seed ${SEED}), %s`, { timeout: 240_000 }, async (how, restart) => {
      const world: World = { ...makeWorld(SEED, 0.2, true), inFlight: [] };
      // A collector drops the older of two reports that meet in one shard, as the docs say, and counts it. Which
      // processes share a shard is chance, and a busy machine lets more reports meet: such a run is made again.
      for (let run = 1; ; run++) {
        const dropped = await runOnce(world, how, restart);
        if (dropped === 0) break;
        process.stdout.write(`${how}: run ${run} is made again, the collector dropped ${dropped} points\n`);
        expect(run, `the collector dropped points in every run, ${dropped} in the last`).toBeLessThan(MOST_RUNS);
      }
    });

    /** Runs the factory once and judges what is stored, unless reports met: how many points the collector dropped. */
    async function runOnce(world: World, how: string, restart: boolean): Promise<number> {
      const steps = deal(world, LIVES);
      const prometheus = await startPrometheus(program, {});
      const options = { remoteWrite: `${prometheus.url}/api/v1/write`, deltas: true };
      let collector = await startCollector(collectorProgram, options);
      try {
        const environment = {
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.http,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
          LOCKSTEP_OTLP_SHARDS: String(SHARDS),
        };
        const running = Promise.all(
          LIVES.map(async ({ startMs, endMs }, index) => {
            await pause(startMs);
            await runProcess({ steps: steps[index] ?? [], endMs }, environment);
          }),
        );
        let dropped = 0;
        if (restart) {
          await pause(5000);
          dropped += await collector.dropped();
          await collector.stop();
          await pause(500);
          collector = await startCollector(collectorProgram, { ...options, ports: collector.ports });
        }
        await running;
        await pause(3000);
        dropped += await collector.dropped();
        if (dropped === 0) await judge(prometheus, world, how, restart);
        return dropped;
      } finally {
        await collector.stop();
        await prometheus.stop();
      }
    }

    async function judge(prometheus: Prometheus, world: World, how: string, restart: boolean): Promise<void> {
      for (const [name, truth] of Object.entries(totals(world))) {
        const { total, labels } = await storedTotal(prometheus, name);
        const off = (100 * (total - truth)) / truth;
        process.stdout.write(`${how}: ${name} ${off.toFixed(3)}% off, ${labels.length} series\n`);
        expect.soft(Math.abs(off), name).toBeLessThanOrEqual(MOST_PERCENT);
        for (const each of labels) {
          expect(each).not.toHaveProperty('instance');
        }
        // As many series as the roles at work have in one process, in each shard, for each start of the collector:
        // however many processes there were.
        const shared = new Set(labels.map(({ [SHARD_LABEL]: _, [START_LABEL]: __, ...rest }) => JSON.stringify(rest)));
        expect(labels.length).toBeLessThanOrEqual((restart ? 2 : 1) * SHARDS * shared.size);
      }
      const { worst, panel } = await judgeBoard(prometheus, world, queries);
      process.stdout.write(`${how}: the board, ${worst.toFixed(3)}% off${panel === '' ? '' : `, ${panel}`}\n`);
      expect.soft(worst, panel).toBeLessThanOrEqual(MOST_PERCENT);
    }
  });
}
