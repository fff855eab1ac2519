import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Counter, Gauge } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExporter } from '../../src/exporter/exporter.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER, startBadCollector } from './collector.js';

const throwing = () =>
  new Proxy(
    // What prints a counterexample asks for it.
    { [fc.toStringMethod]: () => 'a trap' },
    {
      get: (target, field) => {
        if (field === fc.toStringMethod) return target[fc.toStringMethod];
        if (field === 'then') return undefined;
        throw new Error('do not touch');
      },
      ownKeys: () => {
        throw new Error('no keys');
      },
    },
  );
const anything = fc.oneof(
  fc.anything(),
  fc.constantFrom<unknown>(null, undefined, Number.NaN, '', 'text', () => {}, Symbol('x'), [], Object.create(null)),
  fc.constant(undefined).map(throwing),
);

describe('a host is never thrown at', () => {
  const NAMES = [
    'transports',
    'serviceName',
    'resourceAttributes',
    'intervalMs',
    'exitDeadlineMs',
    'otlpEndpoint',
    'otlpProtocol',
    'otlpHeaders',
    'otlpTimeoutMs',
    'otlpTemporality',
    'otlpShards',
    'host',
    'bearerToken',
    'scrapers',
    'pushgatewayUrl',
    'onError',
    'environment',
  ];

  it('whatever it gives for an option, and for all of them', async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...NAMES), anything), async (options) => {
        tried += 1;
        const environment = { OTEL_METRICS_EXPORTER: 'none' };
        const given = { environment, exitDeadlineMs: 5, onError: () => {}, ...options };
        // A transport that is one would push to this machine.
        const exporter = createFabExporter({ ...given, transports: options['transports'] ?? [] } as never);
        await exporter.start();
        exporter.recordSession({ role: 'product' });
        await exporter.flush();
        await exporter.shutdown();
      }),
      { numRuns: 200 },
    );
    process.stdout.write(`hostile options: ${tried} tried\n`);
  });

  it.each([null, undefined, 7, 'text', [], () => {}, throwing()])('where the settings are none (%#)', async (none) => {
    const exporter = createFabExporter(none as never);
    exporter.recordSession({ role: 'product' });
    expect(await exporter.flush()).toBe(false);
    await exporter.shutdown();
  });

  it('whatever it calls a method with', async () => {
    let tried = 0;
    const environment = { OTEL_METRICS_EXPORTER: 'none' };
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 3 }), async (words) => {
        tried += 1;
        const exporter = createFabExporter({ environment, exitDeadlineMs: 1, onError: () => {} });
        const given = words as never[];
        await (exporter.start as (...all: never[]) => Promise<boolean>)(...given);
        exporter.recordSession(given[0] as never);
        exporter.recordGateRun(given[0] as never);
        exporter.recordRoleMetrics(given[0] as never);
        exporter.observeSession(given[0] as never, given[1] as never);
        exporter.sessionStarted(given[0] as never)();
        for (const recorder of Object.values(exporter.record))
          for (const method of Object.values(recorder)) (method as (...all: never[]) => void)(...given);
        await (await exporter.serve(given[0] as never))?.close();
        await (exporter.flush as (...all: never[]) => Promise<boolean>)(...given);
        await (exporter.shutdown as (...all: never[]) => Promise<void>)(...given);
        expect(await exporter.start()).toBe(false);
        expect(await exporter.serve()).toBeUndefined();
        exporter.flushOnExit();
      }),
      { numRuns: 300 },
    );
    process.stdout.write(`hostile calls: ${tried} tried\n`);
  });
});

describe('a metric of the host itself', () => {
  const hangs = (): Promise<void> => new Promise(() => {});
  const fails = (): Promise<void> => Promise.reject(new Error('the database password is wrong'));

  it.each([
    ['hangs', 'otlp', hangs],
    ['hangs', 'pushgateway', hangs],
    ['fails', 'otlp', fails],
    ['fails', 'pushgateway', fails],
  ] as const)('that %s holds nothing up, and the others are delivered by %s', async (_, way, collect) => {
    const collector = await startBadCollector({ answer: 200 });
    const errors: string[] = [];
    const exporter = createExporter(shop, {
      environment: {},
      transports: [way],
      otlpEndpoint: collector.url,
      pushgatewayUrl: collector.url,
      intervalMs: 1e9,
      // Half of it is for the metrics of the host, and the rest must do for all else, on a busy machine too.
      exitDeadlineMs: 1000 * Math.max(1, loadavg()[0] ?? 1),
      onError: ({ message }) => errors.push(message),
    });
    new Gauge({ name: 'own', help: 'x', registers: [exporter.registry], collect });
    await exporter.start();
    exporter.record.sales.add({ till: 'north', result: 'paid' }, 3);
    expect(await exporter.flush()).toBe(true);
    expect(collector.last()).toContain('shop_sales_total');
    exporter.record.sales.add({ till: 'north', result: 'paid' }, 3);
    await exporter.shutdown();
    expect(collector.received).toHaveLength(2);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatch(/^metrics that the program registered itself are left out: /);
  });

  it('is served, and pushed, as any other', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const exporter = createExporter(shop, { environment: {}, transports: ['otlp'], otlpEndpoint: collector.url });
    new Counter({ name: 'own_total', help: 'x', registers: [exporter.registry] }).inc();
    await exporter.start();
    expect(await exporter.flush()).toBe(true);
    expect(collector.last()).toContain('own_total');
    await exporter.shutdown();
  });

  it('that fails is told to the program, and not to a scraper', async () => {
    const errors: string[] = [];
    const exporter = createExporter(shop, { environment: {}, onError: ({ message }) => errors.push(message) });
    new Gauge({ name: 'own', help: 'x', registers: [exporter.registry], collect: fails });
    const server = await exporter.serve({ port: 0 });
    if (server === undefined) throw new Error('no server');
    onTestFinished(() => server.close());
    const answer = await fetch(`${server.url}/metrics`, SCRAPER);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('password');
    expect(errors).toEqual(['a scrape was not answered: the database password is wrong']);
  });
});

describe('an exporter that has ended', () => {
  it('is held by nobody', () => {
    const folder = join(import.meta.dirname, '../..');
    const script = `
      const { createExporter } = await import(${JSON.stringify(join(folder, 'src/exporter/exporter.ts'))});
      const { shop } = await import(${JSON.stringify(join(folder, 'test/shop/catalogue.ts'))});
      const live = new Set();
      const gone = new FinalizationRegistry((id) => live.delete(id));
      let warnings = 0;
      process.on('warning', () => { warnings += 1; });
      const run = async (count) => {
        for (let index = 0; index < count; index++) {
          const exporter = createExporter(shop, {
            environment: {}, transports: ['prometheus', 'otlp', 'pushgateway'], port: 0,
            otlpEndpoint: 'http://127.0.0.1:1', pushgatewayUrl: 'http://127.0.0.1:1', onError: () => {},
          });
                    live.add(index + count * 10_000);
          gone.register(exporter.registry, index + count * 10_000);
          await exporter.start();
          exporter.flushOnExit();
          await exporter.shutdown();
        }
      };
      const settle = async () => {
        for (let tries = 0; tries < 100; tries++) {
          gc();
          await new Promise((done) => setTimeout(done, 5));
        }
        return process.memoryUsage().heapUsed;
      };
      const listeners = () =>
        ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name)).join();
      const untouched = listeners();
      await run(100);
      const before = await settle();
      await run(1000);
      const after = await settle();
      console.log(JSON.stringify({
        kib: (after - before) / 1024 / 1000, live: live.size, warnings,
        left: listeners() === untouched,
      }));`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8', cwd: folder },
    );
    expect(stderr).toBe('');
    const { kib, live, warnings, left } = JSON.parse(stdout) as {
      kib: number;
      live: number;
      warnings: number;
      left: boolean;
    };
    process.stdout.write(`an ended exporter holds ${kib.toFixed(2)} KiB; ${live} of 1100 are still there\n`);
    expect(live).toBeLessThan(10);
    expect(kib).toBeLessThan(2);
    expect([warnings, left]).toEqual([0, true]);
  });
});
