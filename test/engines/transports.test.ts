import { describe, expect, inject, it } from 'vitest';
import type { World } from './factory.js';
import { makeWorld } from './factory.js';
import { judgeBoard, WINDOWS } from './judge.js';
import type { Life } from './processes.js';
import { deal, pause, runProcess } from './processes.js';
import { builtQueries, substitute } from './resources.js';
import type { Prometheus, Sample } from './servers.js';
import { holdPort, startCollector, startPrometheus, startPushgateway } from './servers.js';

// What the board shows is what happened, however the processes live and however their numbers travel: real processes
// that import the package as it is shipped, real servers, the queries of the committed YAML, and a ground truth that
// none of them knows. A minute is a second here: servers scrape, and processes push, once a second.

const engines = inject('engines');
const SEEDS = [11, 22, 33];
const TRANSPORTS = ['scrape', 'otlp http', 'otlp grpc', 'pushgateway'] as const;
type TransportName = (typeof TRANSPORTS)[number];

const LIVES: Readonly<Record<string, { readonly samePlace: boolean; readonly lives: readonly Life[] }>> = {
  'long-lived process': { samePlace: false, lives: [{ startMs: 0, endMs: 10_000 }] },
  'jobs of minutes': {
    samePlace: false,
    lives: [0, 1, 2, 3, 4].map((index) => ({ startMs: index * 1300, endMs: 3000 + index * 200 })),
  },
  'less than an interval': {
    samePlace: false,
    lives: Array.from({ length: 8 }, (_, index) => ({ startMs: index * 900, endMs: 20 + index * 30 })),
  },
  'restart in place': { samePlace: true, lives: [2500, 300, 2200].map((endMs) => ({ startMs: 0, endMs })) },
};
const SHAPES = Object.keys(LIVES);

interface Way {
  readonly prometheus: Prometheus;
  /** The environment of the process in a place, numbered from 0. */
  readonly environment: (place: number) => Readonly<Record<string, string>>;
  /** Called before the process in a place starts. */
  readonly ready?: (place: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function open(transport: TransportName, program: string, places: number): Promise<Way> {
  const engine = (name: string) => {
    const path = engines[name];
    if (path === undefined) throw new Error(`no ${name}`);
    return path;
  };
  if (transport === 'scrape') {
    // Held until the process is there that is to be scraped, or another server of this run would be given them.
    const held = await Promise.all(Array.from({ length: places }, holdPort));
    const prometheus = await startPrometheus(program, { targets: held.map(({ port }) => `127.0.0.1:${port}`) });
    await knowsTargets(prometheus, places);
    return {
      prometheus,
      environment: (place) => ({
        OTEL_METRICS_EXPORTER: 'prometheus',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(held[place]?.port),
        // A machine that is busy with something else may keep a scraper for longer than the default.
        LOCKSTEP_EXIT_DEADLINE: '60000',
      }),
      ready: async (place) => await held[place]?.release(),
      stop: () => prometheus.stop(),
    };
  }
  if (transport === 'pushgateway') {
    const gateway = await startPushgateway(engine('pushgateway'));
    const prometheus = await startPrometheus(program, { targets: [new URL(gateway.url).host], honorLabels: true });
    await knowsTargets(prometheus, 1);
    return {
      prometheus,
      environment: () => ({ OTEL_METRICS_EXPORTER: 'pushgateway', LOCKSTEP_PUSHGATEWAY_URL: gateway.url }),
      stop: async () => {
        await prometheus.stop();
        await gateway.stop();
      },
    };
  }
  const prometheus = await startPrometheus(program, {});
  const remoteWrite = `${prometheus.url}/api/v1/write`;
  const collector = await startCollector(engine('collector'), { remoteWrite, deltas: false });
  const grpc = transport === 'otlp grpc';
  return {
    prometheus,
    environment: () => ({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: grpc ? 'grpc' : 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: grpc ? collector.grpc : collector.http,
    }),
    stop: async () => {
      await collector.stop();
      await prometheus.stop();
    },
  };
}

/** A server takes up to five seconds until it scrapes what it was told to, as it does with what it discovers. */
async function knowsTargets(prometheus: Prometheus, count: number): Promise<void> {
  while ((await prometheus.query('count(up)', Date.now() / 1000))[0]?.value !== count) await pause(100);
}

/** How many scrapes ended because their second was over. */
async function countGivenUp(prometheus: Prometheus): Promise<number> {
  const text = 'sum(count_over_time((scrape_duration_seconds >= 1)[10m:1s])) or vector(0)';
  return (await prometheus.query(text, Date.now() / 1000))[0]?.value ?? 0;
}

interface Cell {
  /** Greatest error of any series of any panel, in percent; and the panel. */
  readonly worst: number;
  readonly panel: string;
  /** What PromQL's own increase() of the raw series would have shown of all sessions, in percent off. */
  readonly naive: number;
  /** Small windows side by side, added up: percent off. */
  readonly sideBySide: number;
  /** `name{label names}` of what is stored. */
  readonly stored: readonly string[];
}

/**
 * A machine that stands still for a second makes a scraper give up an answer that is on its way, which no exporter can
 * know. The scraper's own account tells; then a cell that is wrong is played again.
 */
const MOST_TRIES = 4;

async function fill(...cell: Parameters<typeof fillOnce>): Promise<Cell> {
  for (let tries = 1; ; tries++) {
    const { gaveUp, ...filled } = await fillOnce(...cell);
    if (gaveUp === 0 || isRight(filled) || tries === MOST_TRIES) return filled;
    process.stdout.write(
      `played again: a scraper gave up ${gaveUp} answers after a second (${cell.slice(0, 2).join(', ')})\n`,
    );
  }
}

async function fillOnce(
  transport: TransportName,
  shape: string,
  program: string,
  seed: number,
): Promise<Cell & { readonly gaveUp: number }> {
  const { samePlace, lives } = LIVES[shape] ?? { samePlace: false, lives: [] };
  const world = { ...makeWorld(seed, 0.2, true), inFlight: [] };
  const steps = deal(world, lives);
  const way = await open(transport, program, samePlace ? 1 : lives.length);
  try {
    const began = Date.now() / 1000;
    const identity = samePlace ? { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=here' } : {};
    const run = async (index: number) => {
      const place = samePlace ? 0 : index;
      const environment = { ...way.environment(place), ...identity };
      if (index === place) await way.ready?.(place);
      const plan = { steps: steps[index] ?? [], endMs: lives[index]?.endMs ?? 0 };
      // The exporter says each of its troubles: there must be none.
      expect(await runProcess(plan, environment)).toBe('');
    };
    if (samePlace) for (const index of lives.keys()) await run(index);
    else
      await Promise.all(
        lives.map(async ({ startMs }, index) => {
          await pause(startMs);
          await run(index);
        }),
      );
    // Two scrapes, or the batch of a collector and its remote write.
    await pause(2500);
    const judged = await judgeInTime(way.prometheus, world, began);
    return { ...judged, gaveUp: await countGivenUp(way.prometheus) };
  } finally {
    await way.stop();
  }
}

/** A machine that is busy with something else stores later: what is wrong is looked at again for half a minute. */
async function judgeInTime(prometheus: Prometheus, world: World, began: number): Promise<Cell> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const cell = await judge(prometheus, world, began);
    if (isRight(cell) || Date.now() > deadline) return cell;
    await pause(1000);
  }
}

const isRight = ({ worst, sideBySide }: Cell) => worst <= MOST_PERCENT && Math.abs(sideBySide) <= MOST_PERCENT;

async function judge(prometheus: Prometheus, world: World, began: number): Promise<Cell> {
  const time = Date.now() / 1000;
  const { worst, panel } = await judgeBoard(prometheus, world, builtQueries());
  const total = world.sessions.length;
  const sumOf = async (text: string) => (await prometheus.query(text, time))[0]?.value ?? 0;
  const percent = (value: number) => (100 * (value - total)) / total;
  const barQuery = builtQueries().find((each) => each.panel === 'Sessions, by group');
  const bars = substitute(barQuery?.expression ?? '', { ...WINDOWS, rateInterval: '5s' });
  let added = 0;
  // The newest window ends at a time when all is stored, and the oldest begins before any process did.
  for (let at = time; at > began - 5; at -= 5) for (const { value } of await prometheus.query(bars, at)) added += value;
  const series = await prometheus.query('{__name__=~"fab_.+"}', time);
  const ended = await prometheus.query('last_over_time({__name__=~"fab_.+"}[10m])', time);
  return {
    worst,
    panel,
    naive: percent(await sumOf('sum(increase(fab_agent_sessions_total[10m]))')),
    sideBySide: percent(added),
    stored: [...new Set([...series, ...ended].map(({ labels }) => describeSeries(labels)))].sort(),
  };
}

/** What belongs to the metric; what the way adds (job, instance) is not compared. */
function describeSeries(labels: Sample['labels']): string {
  const { __name__ = '', job: _job, instance: _instance, ...own } = labels;
  return __name__ === '' ? '' : `${__name__}{${Object.keys(own).sort().join()}}`;
}

const MOST_PERCENT = 0.5;
const SETTLE = { timeout: 300_000 };

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  if (program === undefined || engines['collector'] === undefined || engines['pushgateway'] === undefined) continue;
  describe(`every transport, into Prometheus ${generation}`, () => {
    const rows: string[][] = [];
    for (const seed of SEEDS)
      it(`shows what happened, whatever the life of the processes (seed ${seed})`, SETTLE, async () => {
        const stored = new Map<string, readonly string[]>();
        // Two rows at a time are as many processes and servers as two cores can start at once.
        for (let row = 0; row < SHAPES.length; row += 2) {
          const cells = await Promise.all(
            SHAPES.slice(row, row + 2).flatMap((shape) =>
              TRANSPORTS.map(async (transport) => ({
                shape,
                transport,
                cell: await fill(transport, shape, program, seed),
              })),
            ),
          );
          for (const { shape, transport, cell } of cells) {
            const { worst, panel, naive, sideBySide } = cell;
            rows.push([
              shape,
              transport,
              String(seed),
              percentText(worst),
              percentText(sideBySide),
              percentText(naive),
              panel,
            ]);
            stored.set(transport, [...(stored.get(transport) ?? []), ...cell.stored]);
            expect.soft(worst, `${shape}, ${transport}: ${panel}`).toBeLessThanOrEqual(MOST_PERCENT);
            expect
              .soft(Math.abs(sideBySide), `${shape}, ${transport}: small windows`)
              .toBeLessThanOrEqual(MOST_PERCENT);
          }
        }
        // A name, a label: the same, whichever way it came.
        const [first, ...others] = TRANSPORTS.map((transport) => [...new Set(stored.get(transport))].sort());
        for (const other of others) expect.soft(other).toEqual(first);
        if (seed === SEEDS.at(-1)) printMatrix(generation, rows);
      });
  });
}

function percentText(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}%`;
}

function printMatrix(generation: string, rows: readonly (readonly string[])[]): void {
  const head = ['life', 'transport', 'seed', 'board', 'small windows', 'increase()', 'worst panel'];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`\nerrors on Prometheus ${generation}\n${lines.join('\n')}\n`);
}
