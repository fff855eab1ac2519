import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { slo } from '../../alerts/fab.js';
import { overview } from '../../dashboards/fab.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import type { Role } from '../../src/fab/roster.js';
import { ROSTER } from '../../src/fab/roster.js';
import type { World } from './factory.js';
import { makeWorld, play } from './factory.js';
import type { Substitution } from './resources.js';
import { builtAlerts, builtQueries, substitute } from './resources.js';
import type { Prometheus, Sample } from './servers.js';
import { startPrometheus } from './servers.js';
import type { View } from './truth.js';
import { ALERTS, PANELS, panelTruth } from './truth.js';

const engines = inject('engines');
const queries = builtQueries();
const alerts = builtAlerts();

const EVERYTHING: Substitution = { group: '.*', phase: '.*', role: '.*', rateInterval: '5m', range: '1h' };

/** What the reader may have chosen in the dropdowns: everything, and something that leaves most out. */
const VIEWS: readonly { readonly name: string; readonly substitution: Substitution; readonly view: View }[] = [
  { name: 'everything', substitution: EVERYTHING, view: { chosen: () => true } },
  {
    name: 'factory, build and verify',
    substitution: { ...EVERYTHING, group: 'factory', phase: 'build|verify' },
    view: {
      chosen: (role: Role) => ROSTER[role].group === 'factory' && ['build', 'verify'].includes(ROSTER[role].phase),
    },
  },
];

/** Worlds in which different alerts hold: by what they are called, and what must be true of them. */
const WORLDS = {
  'a day with too many failures': {
    world: makeWorld(20261124, 0.22, true),
    firing: ['fab-self-eval-burn-1d', 'fab-self-eval-burn-3d', 'fab-session-end-burn-3d'],
  },
  'an outage without a release': {
    world: makeWorld(7, 0.85, false),
    firing: [
      'fab-self-eval-burn-1h',
      'fab-self-eval-burn-6h',
      'fab-self-eval-burn-1d',
      'fab-self-eval-burn-3d',
      'fab-session-end-burn-3d',
    ],
  },
  // One session in ten breaks off, in every world: twice what the objective allows.
  'a day of good work': { world: makeWorld(3, 0.01, true), firing: ['fab-session-end-burn-3d'] },
} as const;

interface Observed {
  readonly prometheus: Prometheus;
  /** The last scrape: everything is evaluated there. */
  readonly time: number;
}

const PROBE = 'fab_catalogue_info';

/** Plays a world into an exporter that a real Prometheus scrapes, zero first. */
async function observe(program: string, world: World): Promise<Observed & { readonly stop: () => Promise<void> }> {
  const errors: string[] = [];
  const exporter = createFabExporter({ onError: (error) => errors.push(error.message) });
  const server = await exporter.serve({ port: 0 });
  if (server === undefined) throw new Error(errors.join());
  const prometheus = await startPrometheus(program, { targets: [new URL(server.url).host] });
  const scrapes = async () => (await prometheus.lastScrape(PROBE))?.samples ?? 0;
  const waitFor = async (more: number) => {
    const wanted = (await scrapes()) + more;
    while ((await scrapes()) < wanted) await new Promise((done) => setTimeout(done, 100));
  };
  await waitFor(1);
  await play(world, exporter, () => waitFor(2));
  await waitFor(2);
  expect(errors).toEqual([]);
  const last = await prometheus.lastScrape(PROBE);
  if (last === undefined) throw new Error('nothing was scraped');
  return {
    prometheus,
    time: last.time,
    stop: async () => {
      await prometheus.stop();
      await server.close();
    },
  };
}

/** Both as text, one line per series, so that a difference names it. */
function lines(samples: readonly Sample[]): readonly string[] {
  return samples
    .map(({ labels, value }) => `${JSON.stringify(Object.entries(labels).sort())} ${Number(value.toPrecision(9))}`)
    .sort();
}

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined) continue;
  describe(`Prometheus ${generation}`, () => {
    const observed = new Map<string, Observed>();
    const stops: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      await Promise.all(
        Object.entries(WORLDS).map(async ([name, { world }]) => {
          const { stop, ...rest } = await observe(program, world);
          stops.push(stop);
          observed.set(name, rest);
        }),
      );
    });
    afterAll(async () => {
      await Promise.all(stops.map((stop) => stop()));
    });

    for (const [name, { world, firing }] of Object.entries(WORLDS))
      describe(`${name} (seed ${world.seed})`, () => {
        const there = () => {
          const found = observed.get(name);
          if (found === undefined) throw new Error('the world was not observed');
          return found;
        };
        for (const { name: viewName, substitution, view } of VIEWS)
          it.each(queries)(
            `shows what happened, ${viewName}: $panel $ref`,
            async ({ panel, ref, expression, instant }) => {
              const { prometheus, time } = there();
              const text = substitute(expression, substitution);
              const shown = instant ? await prometheus.query(text, time) : await prometheus.queryRange(text, time);
              const truth = PANELS[`${panel} ${ref}`];
              if (truth === undefined) throw new Error('no ground truth for this query: add it to truth.ts');
              expect(lines(shown)).toEqual(lines(panelTruth(truth, world, view)));
              if (emptyBecause(panel, ref) === undefined) expect(shown).not.toEqual([]);
            },
          );

        it.each(alerts)('alerts on what happened: $uid', async ({ uid, expression }) => {
          const { prometheus, time } = there();
          const [sample] = await prometheus.query(expression, time);
          const truth = ALERTS[uid];
          if (truth === undefined) throw new Error('no ground truth for this alert: add it to truth.ts');
          expect(sample?.value).toBe(truth(world));
          expect((sample?.value ?? 0) > 0).toBe((firing as readonly string[]).includes(uid));
          const reason = slo.rules.find((rule) => rule.uid === uid)?.emptyBecause;
          if (reason === undefined) expect(sample).toBeDefined();
        });
      });

    it('tells that there are no metrics, and only that, where there are none', async () => {
      const empty = await startPrometheus(program, {});
      try {
        const firing: string[] = [];
        for (const { uid, expression } of alerts) {
          const samples = await empty.query(expression, Date.now() / 1000);
          if (samples.some(({ value }) => value > 0)) firing.push(uid);
        }
        expect(firing).toEqual(['fab-metrics-absent']);
      } finally {
        await empty.stop();
      }
    });

    it('promtool accepts every expression', () => {
      const promtool = engines[`promtool ${generation}`];
      if (promtool === undefined) throw new Error('there is a Prometheus but no promtool');
      const expressions = [
        ...queries.map(({ expression }) => substitute(expression, EVERYTHING)),
        ...alerts.map(({ expression }) => expression),
      ];
      const folder = mkdtempSync(join(tmpdir(), 'lockstep-promtool-'));
      try {
        const rules = expressions.map((expr, index) => ({ record: `lockstep:expression:${index}`, expr }));
        const file = join(folder, 'rules.json');
        writeFileSync(file, JSON.stringify({ groups: [{ name: 'lockstep', rules }] }));
        const said = execFileSync(promtool, ['check', 'rules', file], { encoding: 'utf8' });
        expect(said).toContain(`SUCCESS: ${expressions.length} rules found`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}

/** Why a query of the board may return nothing, as its definition says. */
function emptyBecause(panel: string, ref: string): string | undefined {
  const mark = overview.annotations?.find(({ title }) => title === panel);
  if (mark !== undefined) return mark.query.emptyBecause;
  const found = overview.rows.flatMap((row) => row.panels).find(({ title }) => title === panel);
  return found?.queries[ref.charCodeAt(0) - 'A'.charCodeAt(0)]?.emptyBecause;
}

describe('the ground truth', () => {
  it('is of the queries that are there, and of no others', () => {
    expect(Object.keys(PANELS).sort()).toEqual(queries.map(({ panel, ref }) => `${panel} ${ref}`).sort());
    expect(Object.keys(ALERTS).sort()).toEqual(alerts.map(({ uid }) => uid).sort());
  });
});
