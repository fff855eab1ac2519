// The exporter's cost to the program that it runs in, beside the same made by hand with prom-client, and with the OpenTelemetry SDK: to record one
// session, to be scraped, and to be imported.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createExporter } from 'lockstep-exporter';
import { counter, defineCatalogue, openLabel } from 'lockstep-exporter/catalogue';
import { fab, ROLES, ROSTER } from 'lockstep-fab';
import { createFabExporter } from 'lockstep-fab/exporter';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { median, printRows, race } from './measure.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Nanoseconds per call, the median of seven runs that take turns.
 * @param {Readonly<Record<string, (index: number) => void>>} contenders
 * @param {number} calls
 */
function time(contenders, calls) {
  const names = Object.keys(contenders);
  const runs = new Map(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round < 8; round++)
    for (const name of names) {
      const call = contenders[name];
      if (call === undefined) continue;
      const began = performance.now();
      for (let index = 0; index < calls; index++) call(index);
      if (round > 0) runs.get(name)?.push(((performance.now() - began) * 1e6) / calls);
    }
  return new Map(names.map((name) => [name, median(runs.get(name) ?? [])]));
}

/** @param {string} title @param {ReadonlyMap<string, number>} times @param {string} unit @param {number} scale @param {string} beside */
function report(title, times, unit, scale, beside) {
  const base = times.get(beside) ?? Number.NaN;
  console.log('');
  printRows([
    [title, unit, `x ${beside}`],
    ...[...times].map(([name, value]) => [name, (value / scale).toFixed(2), (value / base).toFixed(2)]),
  ]);
}

/** The same metrics, made by hand. @param {Registry} registry */
function byHand(registry) {
  const metrics = Object.values(fab.metrics).map((metric) => {
    const definition = {
      name: metric.name,
      help: metric.help,
      labelNames: metric.labels.map(({ name }) => name),
      registers: [registry],
    };
    if (metric.kind === 'counter') return [metric.name, new Counter(definition)];
    if (metric.kind === 'gauge') return [metric.name, new Gauge(definition)];
    return [metric.name, new Histogram({ ...definition, buckets: [...metric.bounds] })];
  });
  return Object.fromEntries(metrics);
}

const roles = ROLES.slice(0, 40);
const role = (/** @type {number} */ index) => roles[index % roles.length] ?? 'product';

{
  const exporter = createFabExporter();
  /** @type {Record<string, any>} */
  const m = byHand(new Registry());
  const provider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
        exportIntervalMillis: 2 ** 30,
      }),
    ],
  });
  const meter = provider.getMeter('bench');
  /** @type {Record<string, any>} */
  const o = Object.fromEntries(
    Object.values(fab.metrics).map(({ name, kind }) => [
      name,
      kind === 'counter'
        ? meter.createCounter(name)
        : kind === 'gauge'
          ? meter.createUpDownCounter(name)
          : meter.createHistogram(name),
    ]),
  );
  const times = time(
    {
      'lockstep recordSession()': (index) =>
        exporter.recordSession({
          role: role(index),
          durationSeconds: index % 2000,
          tokens: { input: 100, output: 10 },
          selfEval: 'pass',
          advisorCalls: 1,
          revisions: 0,
          costUsd: 0.1,
          outcome: 'completed',
        }),
      'prom-client by hand': (index) => {
        const labels = { role: role(index), ...ROSTER[role(index)] };
        m['fab_agent_sessions_total'].inc(labels);
        m['fab_role_session_duration_seconds'].observe(labels, index % 2000);
        m['fab_tokens_total'].inc({ ...labels, direction: 'input' }, 100);
        m['fab_tokens_total'].inc({ ...labels, direction: 'output' }, 10);
        m['fab_self_eval_total'].inc({ ...labels, result: 'pass' });
        m['fab_advisor_calls_total'].inc(labels, 1);
        m['fab_revisions_total'].inc(labels, 0);
        m['fab_cost_usd_total'].inc(labels, 0.1);
        m['fab_agent_session_outcomes_total'].inc({ ...labels, outcome: 'completed' });
      },
      'OpenTelemetry SDK': (index) => {
        const labels = { role: role(index), ...ROSTER[role(index)] };
        o['fab_agent_sessions_total'].add(1, labels);
        o['fab_role_session_duration_seconds'].record(index % 2000, labels);
        o['fab_tokens_total'].add(100, { ...labels, direction: 'input' });
        o['fab_tokens_total'].add(10, { ...labels, direction: 'output' });
        o['fab_self_eval_total'].add(1, { ...labels, result: 'pass' });
        o['fab_advisor_calls_total'].add(1, labels);
        o['fab_revisions_total'].add(0, labels);
        o['fab_cost_usd_total'].add(0.1, labels);
        o['fab_agent_session_outcomes_total'].add(1, { ...labels, outcome: 'completed' });
      },
    },
    50_000,
  );
  report('to record one session', times, 'µs', 1000, 'prom-client by hand');
}

for (const series of [1500, 10_000, 100_000]) {
  const customer = openLabel('customer', { help: 'who', atMost: series + 1 });
  const shop = defineCatalogue({
    name: 'shop',
    metrics: {
      visits: counter({
        name: 'shop_visits_total',
        help: 'V.',
        unit: '{visit}',
        labels: [customer],
        budget: series + 1,
      }),
    },
  });
  const exporter = createExporter(shop);
  const registry = new Registry();
  const hand = new Counter({
    name: 'shop_visits_total',
    help: 'V.',
    labelNames: ['customer', 'start_id'],
    registers: [registry],
  });
  for (let index = 0; index < series; index++) {
    exporter.record.visits.add({ customer: `c${index}` }, index);
    hand.inc({ customer: `c${index}`, start_id: '0123456789ab' }, index);
  }
  const runs = new Map([
    ['lockstep', /** @type {number[]} */ ([])],
    ['prom-client by hand', /** @type {number[]} */ ([])],
  ]);
  for (let round = 0; round < 8; round++)
    for (const [name, of] of /** @type {const} */ ([
      ['lockstep', exporter.registry],
      ['prom-client by hand', registry],
    ])) {
      const began = performance.now();
      await of.metrics();
      if (round > 0) runs.get(name)?.push(performance.now() - began);
    }
  const times = new Map([...runs].map(([name, values]) => [name, median(values)]));
  report(`to be scraped, ${series} series`, times, 'ms', 1, 'prom-client by hand');
}

const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
try {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const programs = {
    'bare Node': '',
    'prom-client': `import 'prom-client';`,
    'lockstep-exporter': `import 'lockstep-exporter';`,
    'lockstep-fab, started, OTLP over HTTP': `import { createFabExporter } from 'lockstep-fab/exporter';
      await createFabExporter({ transports: ['otlp'], exitDeadlineMs: 0 }).start();`,
    'OpenTelemetry SDK': `import '@opentelemetry/sdk-metrics';`,
  };
  const contenders = Object.entries(programs).map(([name, text], index) => {
    const file = join(folder, `program${index}.mjs`);
    writeFileSync(file, text);
    return { name, command: [process.execPath, file], cwd: folder };
  });
  const times = race(contenders, 21);
  report(
    'to start a program that imports it',
    new Map([...times].map(([name, all]) => [name, median(all)])),
    'ms',
    1,
    'prom-client',
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
