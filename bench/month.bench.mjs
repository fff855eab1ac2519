// A month of fab on a real Prometheus, at 30, 100 and 1000 Jobs a day, in both ways of running: what every panel and alert costs in seconds and
// samples read, at the board's default range, and how far it is from what happened. LOCKSTEP_BENCH_JOBS=30,100 runs fewer.
//
// The month is written as text and made into blocks by promtool. Only what a query can reach is written: self-evaluations and outcomes for 31 days,
// sessions for two, the rest for ten hours. A Job runs 5 to 45 minutes and 20 roles, each for one or two sessions; its process reports each minute.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ENGINES, ensureEngine } from '../scripts/engines.mjs';
import { random } from '../scripts/random.mjs';
import { printRows } from './measure.mjs';

const root = join(import.meta.dirname, '..');
const JOBS_A_DAY = (process.env['LOCKSTEP_BENCH_JOBS'] ?? '30,100,1000').split(',').map(Number);
const ROLES_A_JOB = 20;
const DAY = 86_400;
/** The newest sample, and when everything is asked: a round time, so that nothing depends on when it is run. */
const NOW = 1_790_000_000;
const SHARDS = 2;
/** @type {Record<string, number>} */
const REACH = {
  fab_self_eval_total: 31 * DAY,
  fab_agent_session_outcomes_total: 31 * DAY,
  fab_agent_sessions_total: 2 * DAY,
};
const REACH_OTHERS = 10 * 3600;
const BOUNDS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];
/** Grafana's values at the default range: six hours, a sample a minute. */
const STEP = 60;
const RATE_INTERVAL = 240;
const RANGE = 6 * 3600;

/** The definitions as they are, built for a way of running. */
async function definitions() {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const file = join(folder, 'definitions.mjs');
  await build({
    stdin: {
      contents: `import config from './lockstep.config.ts';
        import { planFiles } from './src/lockstep/emit/plan.ts';
        import { ROSTER } from './src/fab/roster.ts';
        export const roster = ROSTER;
        export const plan = (counters) => planFiles({ ...config, target: { ...config.target, counters } }).files;`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
  });
  const loaded = await import(file);
  rmSync(folder, { recursive: true });
  return loaded;
}

/** One day's text. Series are written whole, one after the other, as the format has it. */
class Day {
  /** @param {string} path */
  constructor(path) {
    this.file = openSync(path, 'w');
    /** @type {string[]} */
    this.lines = [];
    this.samples = 0;
  }
  /** @param {string} series @param {readonly [number, number][]} samples */
  write(series, samples) {
    for (const [time, value] of samples) this.lines.push(`${series} ${value} ${time}`);
    this.samples += samples.length;
    if (this.lines.length > 50_000) this.flush();
  }
  flush() {
    if (this.lines.length > 0) writeSync(this.file, `${this.lines.join('\n')}\n`);
    this.lines = [];
  }
  end() {
    this.flush();
    writeSync(this.file, '# EOF\n');
    closeSync(this.file);
  }
}

/**
 * @param {number} jobs a day
 * @param {boolean} aggregated
 * @param {Record<string, { phase: string, group: string }>} roster
 * @param {string} folder
 * @param {string} promtool
 */
function backfill(jobs, aggregated, roster, folder, promtool) {
  const roles = Object.keys(roster).filter((role) => role !== 'unknown');
  const next = random(jobs);
  const truth = { evaluations: 0, failed: 0 };
  /** The total so far of the collector's series. @type {Map<string, number>} */
  const totals = new Map();
  /** @type {Map<string, [number, number][]>} */
  const carried = new Map();
  let samples = 0;
  let seriesCount = 0;
  for (let day = 31; day > 0; day--) {
    const text = join(folder, 'day.om');
    const out = new Day(text);
    const begin = NOW - day * DAY;
    const work = [];
    for (let job = 0; job < jobs; job++) {
      const start = begin + next() * DAY;
      const end = Math.min(start + 300 + next() * 2400, NOW);
      const chosen = [...roles].sort(() => next() - 0.5).slice(0, ROLES_A_JOB);
      const shard = Math.floor(next() * SHARDS);
      for (const role of chosen) {
        const sessions = Array.from({ length: next() < 0.5 ? 1 : 2 }, () => ({
          at: start + next() * (end - start),
          fails: next() < 0.04,
          seconds: 10 + next() * 600,
          tokens: Math.floor(next() * 1e5),
        })).sort((a, b) => a.at - b.at);
        work.push({ job: `${day}-${job}`, role, start, end, shard, sessions });
      }
    }
    for (const { sessions } of work)
      for (const { at, fails } of sessions)
        if (at > NOW - 30 * DAY) {
          truth.evaluations += 1;
          if (fails) truth.failed += 1;
        }
    const figures = /** @type {const} */ ([
      ['fab_self_eval_total', ',result="pass"', (/** @type {any} */ s) => (s.fails ? 0 : 1)],
      ['fab_self_eval_total', ',result="fail"', (/** @type {any} */ s) => (s.fails ? 1 : 0)],
      ['fab_agent_sessions_total', '', () => 1],
      ['fab_advisor_calls_total', '', (/** @type {any} */ s) => s.tokens % 3],
      ['fab_revisions_total', '', (/** @type {any} */ s) => s.tokens % 2],
      ['fab_tokens_total', ',direction="input"', (/** @type {any} */ s) => s.tokens],
      ['fab_tokens_total', ',direction="output"', (/** @type {any} */ s) => Math.floor(s.tokens / 9)],
      ...['completed', 'error', 'terminated'].map((outcome, index) => [
        'fab_agent_session_outcomes_total',
        `,outcome="${outcome}"`,
        (/** @type {any} */ s) => ((s.tokens % 20 > 2 ? 0 : s.tokens % 20) === index ? 1 : 0),
      ]),
      ['fab_cost_usd_total', '', (/** @type {any} */ s) => s.tokens / 1e5],
      ...[...BOUNDS, Number.POSITIVE_INFINITY].map((bound) => [
        'fab_role_session_duration_seconds_bucket',
        `,le="${bound === Number.POSITIVE_INFINITY ? '+Inf' : bound}"`,
        (/** @type {any} */ s) => (s.seconds <= bound ? 1 : 0),
      ]),
    ]);
    for (const [name, extra, figure] of /** @type {any} */ (figures)) {
      const reach = NOW - (REACH[name] ?? REACH_OTHERS);
      if (begin + DAY < reach) continue;
      if (aggregated) {
        /** @type {Map<string, [number, number][]>} */
        const series = new Map();
        for (const { role, shard, sessions } of work) {
          const key = `${name}{role="${role}",phase="${roster[role]?.phase}",group="${roster[role]?.group}"${extra},shard="${shard}",start_id="c"}`;
          for (const session of sessions) {
            const added = figure(session);
            // The process reports at the end of its minute; nothing of what stands still.
            const time = Math.ceil(session.at / 60) * 60 - next();
            if (added > 0 && time <= NOW && time > reach) {
              const list = series.get(key) ?? [];
              list.push([time, added]);
              series.set(key, list);
            }
          }
        }
        // A report of after midnight is written with the next day's, in its order.
        for (const [key, reports] of carried)
          if (key.startsWith(`${name}{`) && key.includes(`${extra},shard`)) {
            series.set(key, [...reports, ...(series.get(key) ?? [])]);
            carried.delete(key);
          }
        for (const [key, all] of series) {
          const reports = all.filter(([time]) => time <= begin + DAY);
          const late = all.filter(([time]) => time > begin + DAY);
          if (late.length > 0) carried.set(key, late);
          reports.sort(([a], [b]) => a - b);
          let total = totals.get(key) ?? 0;
          let last = 0;
          const pairs = /** @type {[number, number][]} */ ([]);
          for (const [time, added] of reports) {
            const at = Math.max(Math.round(time * 1000) / 1000, last + 0.003);
            pairs.push([at - 0.001, total], [at, total + added]);
            total += added;
            last = at;
          }
          totals.set(key, total);
          out.write(
            key,
            pairs.map(([time, value]) => [Number(time.toFixed(3)), value]),
          );
        }
      } else
        for (const { job, role, end, sessions } of work) {
          if (end < reach) continue;
          const first = sessions[0]?.at ?? 0;
          const times = [first - 0.001];
          for (let time = Math.ceil(first / 60) * 60; time < end; time += 60) times.push(time);
          times.push(end);
          const values = times.map((time, index) => [
            Number(time.toFixed(3)),
            index === 0 ? 0 : sessions.filter(({ at }) => at <= time).reduce((sum, each) => sum + figure(each), 0),
          ]);
          // There is no series of an event that did not happen.
          if (values.at(-1)?.[1] === 0) continue;
          seriesCount += 1;
          out.write(
            `${name}{role="${role}",phase="${roster[role]?.phase}",group="${roster[role]?.group}"${extra},start_id="${job}"}`,
            /** @type {[number, number][]} */ (values.filter(([time = 0]) => time <= NOW)),
          );
        }
    }
    if (day === 1)
      out.write('fab_catalogue_info{hash="h",version="v",start_id="x"}', [
        [NOW - 60, 1],
        [NOW, 1],
      ]);
    out.end();
    samples += out.samples;
    const { status, stderr } = spawnSync(
      promtool,
      ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=54h', text, join(folder, 'data')],
      { encoding: 'utf8', maxBuffer: 1e8 },
    );
    if (status !== 0) throw new Error(`promtool: ${stderr.slice(-500)}`);
    rmSync(text);
  }
  return { truth, samples, series: aggregated ? totals.size : seriesCount };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

/** @param {string} program @param {string} folder */
async function startPrometheus(program, folder) {
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  closeSync(openSync(config, 'w'));
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--query.timeout=10m',
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  process.once('exit', () => child.kill('SIGKILL'));
  for (;;) {
    const ok = await fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return { url, stop: () => child.kill('SIGKILL') };
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** @param {string} url @param {{ text: string, instant: boolean, step: number }} query */
async function ask(url, { text, instant, step }) {
  const expression = text
    .replaceAll('$__interval_ms', String(step * 1000))
    .replaceAll('$__interval', `${step}s`)
    .replaceAll('$__rate_interval_ms', String(RATE_INTERVAL * 1000))
    .replaceAll('$__rate_interval', `${RATE_INTERVAL}s`)
    .replaceAll('$__range_s', String(RANGE))
    .replaceAll('$__range', `${RANGE}s`)
    .replaceAll(/\$(group|phase|role)/g, '.*');
  const parameters = instant
    ? { query: expression, time: String(NOW), stats: 'all' }
    : { query: expression, start: String(NOW - RANGE), end: String(NOW), step: String(step), stats: 'all' };
  const began = performance.now();
  const answer = await fetch(`${url}/api/v1/${instant ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const json = /** @type {any} */ (await answer.json());
  const seconds = (performance.now() - began) / 1000;
  if (json.status !== 'success') return { seconds, samples: Number.NaN, value: Number.NaN, error: String(json.error) };
  return {
    seconds,
    samples: json.data.stats.samples.totalQueryableSamples,
    value: Number(json.data.result[0]?.value?.[1]),
    error: '',
  };
}

const { plan, roster } = await definitions();
const engine = async (/** @type {string} */ name) => {
  const wanted = ENGINES.find((each) => each.name === name);
  if (wanted === undefined) throw new Error(name);
  const found = await ensureEngine(wanted, (line) => console.error(line));
  if ('missing' in found) throw new Error(`${name}: ${found.missing}`);
  return found.path;
};
const prometheus = await engine('prometheus 3');
const promtool = await engine('promtool 3');

/** @type {Map<string, Record<string, string>>} */
const table = new Map();
/** @type {string[]} */
const columns = [];
for (const jobs of JOBS_A_DAY)
  for (const way of ['perStart', 'aggregated']) {
    const column = `${jobs}/d ${way}`;
    columns.push(column);
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-month-'));
    mkdirSync(join(folder, 'data'));
    try {
      const { truth, samples, series } = backfill(jobs, way === 'aggregated', roster, folder, promtool);
      console.log(`${column}: ${series} series, ${samples} samples`);
      const server = await startPrometheus(prometheus, folder);
      try {
        const [board, alerts] = ['platform/fab.yaml', 'alerting/fab.yaml'].map(
          (end) => plan(way).find((/** @type {any} */ file) => file.path.endsWith(end))?.resource,
        );
        const queries = [
          ...JSON.parse(board.spec.json).panels.flatMap((/** @type {any} */ panel) =>
            (panel.targets ?? []).map((/** @type {any} */ target) => ({
              name: `${panel.title} ${target.refId}`,
              text: target.expr,
              instant: target.instant,
              panel: panel.title,
              // A panel's own least step goes before the datasource's.
              step: panel.interval === undefined ? STEP : Number.parseInt(panel.interval, 10) * 60,
            })),
          ),
          ...alerts.spec.rules.map((/** @type {any} */ rule) => ({
            name: `alert ${rule.title}`,
            text: rule.data[0].model.expr,
            instant: true,
            panel: '',
            step: STEP,
          })),
        ];
        // Once to warm what a server that runs has warm: its symbols and postings.
        await ask(server.url, queries[0]);
        const set = (/** @type {string} */ name, /** @type {string} */ text) => {
          const row = table.get(name) ?? {};
          row[column] = text;
          table.set(name, row);
        };
        for (const query of queries) {
          const { seconds, samples: read, value, error } = await ask(server.url, query);
          set(
            query.name,
            error === '' ? `${seconds.toFixed(2)} s, ${(read / 1e6).toFixed(2)} M` : `refused: ${error.slice(0, 40)}`,
          );
          if (query.name === 'Self-eval SLI, 30d A') {
            const wanted = 1 - truth.failed / truth.evaluations;
            set('  off by', `${(100 * Math.abs(value - wanted)).toFixed(4)} points`);
          }
        }
        // The whole board as a browser asks it: six requests at once.
        const began = performance.now();
        const left = queries.filter(({ panel }) => panel !== '');
        await Promise.all(
          Array.from({ length: 6 }, async () => {
            for (let query = left.shift(); query !== undefined; query = left.shift()) await ask(server.url, query);
          }),
        );
        set('THE WHOLE BOARD', `${((performance.now() - began) / 1000).toFixed(2)} s`);
      } finally {
        server.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
printRows([
  ['seconds, samples read', ...columns],
  ...[...table].map(([name, row]) => [name, ...columns.map((column) => row[column] ?? '')]),
]);
