import { describe, expect, inject, it } from 'vitest';
import { counter, defineCatalogue, gauge, histogram, label } from '../../src/exporter/catalogue/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { askDoubts } from '../../src/lockstep/verify/data-live.js';
import shopConfig from '../shop/lockstep.config.js';
import { startPrometheus } from './servers.js';

// Names, labels and values fit, and the numbers tell that something else is recorded: a real Prometheus has a month of
// them.

const engines = inject('engines');

const kind = label('kind', {
  help: 'the kind',
  values: ['box', 'sack', 'lost', 'unknown'],
  bad: ['lost'],
  fallback: 'unknown',
});
const arrivals = counter({ name: 'depot_arrivals_total', labels: [kind], unit: '{parcel}', help: 'Parcels.' });
const depot = defineCatalogue({
  name: 'depot',
  metrics: {
    arrivals,
    handled: counter({
      name: 'depot_handled_total',
      labels: [],
      unit: '{parcel}',
      help: 'Parcels that are handled.',
      within: arrivals,
    }),
    wait: histogram({ name: 'depot_wait_seconds', labels: [], unit: 'seconds', help: 'Waits.', bounds: [1, 10] }),
    full: gauge({ name: 'depot_full_ratio', labels: [], unit: 'ratio', help: 'How full it is.' }),
  },
});
const config: Config = {
  ...shopConfig,
  systems: [{ catalogue: depot, dashboards: [], alerts: [] }],
};

const STEP = 600;
const DAY = 86_400;
/** A day and what counts look back before it; a week; and those days of a month by which it is judged. */
const LATELY = [[0, 1.3]] as const;
const WEEK = [[0, 7.5]] as const;
const MONTH = [
  [0, 1.3],
  [30.2, 30.8],
] as const;
type Days = readonly (readonly [number, number])[];

/** What happens at each step, so many days ago, by the series: counters add it up, the gauge has it. */
type World = Readonly<Record<string, (daysAgo: number) => number>>;

const right: World = {
  'depot_arrivals_total{kind="box"}': () => 2,
  'depot_arrivals_total{kind="sack"}': () => 1,
  depot_handled_total: () => 2,
  'depot_wait_seconds_bucket{le="1"}': () => 1,
  'depot_wait_seconds_bucket{le="10"}': () => 2,
  'depot_wait_seconds_bucket{le="+Inf"}': () => 3,
  depot_wait_seconds_count: () => 3,
  depot_full_ratio: () => 1.2,
};

/** OpenMetrics of what one process reported in some of the last days. A month of all days would take minutes to store. */
function pastOf(world: World, now: number, days: Days): string {
  const times = [...days]
    .reverse()
    .flatMap(([to, from]) =>
      Array.from({ length: Math.floor(((from - to) * DAY) / STEP) }, (_, index) => now - from * DAY + index * STEP),
    );
  const lines = Object.entries(world).map(([series, each]) => {
    const [name = '', labels = '}'] = series.split('{');
    const full = `${name}{start_id="abcdefabcdef"${labels === '}' ? '}' : `,${labels}`}`;
    let total = 0;
    const samples = times.map((time) => {
      const value = each((now - time) / DAY);
      total = name.endsWith('_ratio') ? value : total + value;
      return `${full} ${total} ${time}\n`;
    });
    return [name.replace(/_bucket|_count$/, ''), samples.join('')] as const;
  });
  const families = [...new Set(lines.map(([family]) => family))];
  return `${families
    .map((family) => {
      const type = family.endsWith('_total') ? 'counter' : family.endsWith('_ratio') ? 'gauge' : 'histogram';
      const own = lines.filter(([each]) => each === family).map(([, text]) => text);
      return `# TYPE ${family.replace(/_total$/, '')} ${type}\n${own.join('')}`;
    })
    .join('')}# EOF\n`;
}

const cases: readonly (readonly [string, World, Days, readonly string[]])[] = [
  ['as it should be', right, MONTH, []],
  [
    'milliseconds where the unit is seconds',
    { ...right, 'depot_wait_seconds_bucket{le="1"}': () => 0, 'depot_wait_seconds_bucket{le="10"}': () => 0 },
    LATELY,
    ['error depot_wait_seconds: every observation is above the last bucket bound, 10 (unit seconds)'],
  ],
  [
    'minutes where the unit is seconds',
    { ...right, 'depot_wait_seconds_bucket{le="1"}': () => 3, 'depot_wait_seconds_bucket{le="10"}': () => 3 },
    LATELY,
    ['warning depot_wait_seconds: every observation is at or below the first bucket bound, 1 (unit seconds)'],
  ],
  [
    'a percentage where the unit is a share',
    { ...right, depot_full_ratio: () => 90 },
    LATELY,
    ['warning depot_full_ratio: 90, where the unit is ratio'],
  ],
  [
    'a part that is counted twice',
    { ...right, depot_handled_total: () => 4 },
    LATELY,
    ['warning depot_handled_total: it has counted more than depot_arrivals_total'],
  ],
  [
    'a counter that nobody counts any more',
    { ...right, depot_handled_total: (daysAgo) => (daysAgo > 1.1 ? 2 : 0) },
    WEEK,
    ['warning depot_handled_total: nothing was counted for a day'],
  ],
  [
    'a night, in which all counters rest',
    Object.fromEntries(
      Object.entries(right).map(([series, each]) => [
        series,
        series.endsWith('_ratio') ? each : (daysAgo: number) => (daysAgo > 1.1 ? each(daysAgo) : 0),
      ]),
    ),
    WEEK,
    [],
  ],
  [
    'a value that nothing has',
    Object.fromEntries(Object.entries(right).filter(([series]) => !series.includes('sack'))),
    MONTH,
    ['note label kind of depot: not seen for 30 days: sack'],
  ],
];

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  const promtool = engines[`promtool ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined || promtool === undefined) continue;
  describe(`doubts about the data, on Prometheus ${generation}`, () => {
    it.each(cases)('%s', async (_, world, days, expected) => {
      const now = Math.floor(Date.now() / 1000);
      const past = { openMetrics: pastOf(world, now, days), promtool };
      const prometheus = await startPrometheus(program, { past });
      try {
        const access = { headers: {}, aws: undefined, timeout: 30_000, tries: 1 };
        const live = { url: new URL(prometheus.url), access, rateInterval: 300, range: 21_600, time: now };
        const found = (await askDoubts(config, live)).map(
          ({ level, metric, found: told }) => `${level} ${metric}: ${told}`,
        );
        expect(found.map((each, index) => each.slice(0, expected[index]?.length))).toEqual(expected);
      } finally {
        await prometheus.stop();
      }
    });
  });
}
