import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { counter, defineCatalogue, openLabel } from '../../src/exporter/catalogue/index.js';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { samplesOf } from '../exposition.js';
import { shop } from '../shop/catalogue.js';
import type { Misbehaviour } from './collector.js';
import { startBadCollector, startBlackHole, startGoodGrpcCollector, unusedAddress } from './collector.js';

// A host that never notices: whatever the world does, nothing is thrown into the program, its end is held up no longer
// than the deadline, and what was recorded is there when the world is well again. Each fault is real, on a real
// socket. What a deadline is measured by is not: the tests set the clock, or a program looks at its own, so that a
// machine which stands still for a moment makes nothing late.

const DEADLINE_MS = 600;
/** Where everything is delivered, the deadline is nothing that a busy machine comes near to. */
const PATIENT_MS = 60_000;
/** The grain of the clock. */
const TICK_MS = 5;
const pause = setTimeout;
const SESSION = { role: 'product', durationSeconds: 3, selfEval: 'pass', outcome: 'completed' } as const;

function start(options: ExporterOptions) {
  const errors: string[] = [];
  const exporter = createFabExporter({
    exitDeadlineMs: DEADLINE_MS,
    intervalMs: 50,
    otlpTimeoutMs: 200,
    environment: {},
    onError: ({ message }) => errors.push(message),
    ...options,
  });
  return { exporter, errors };
}

/**
 * Lets the clock go on until something has happened, and stops it for good after some milliseconds: what takes longer
 * does not end, and neither does the test.
 */
async function within<T>(ms: number, something: Promise<T>): Promise<T> {
  let happened = false;
  void something.finally(() => {
    happened = true;
  });
  for (let passed = 0; !happened && passed < ms; passed += TICK_MS) {
    await vi.advanceTimersByTimeAsync(TICK_MS);
    // What sockets have to say is heard between two ticks.
    await new Promise((done) => pause(done, 1));
  }
  return await something;
}

/** Records something and ends. */
async function end(exporter: ReturnType<typeof createFabExporter>): Promise<void> {
  exporter.recordSession(SESSION);
  await exporter.shutdown();
}

const PUSHES = ['otlp', 'pushgateway'] as const;
const toward = (transport: (typeof PUSHES)[number], url: string): ExporterOptions =>
  transport === 'otlp'
    ? { transports: ['otlp'], otlpEndpoint: `${url}/v1/metrics` }
    : { transports: ['pushgateway'], pushgatewayUrl: url };

const MISBEHAVIOURS: readonly (readonly [string, Misbehaviour])[] = [
  ['answers 400', { answer: 400, body: 'what is this?' }],
  ['answers 401', { answer: 401 }],
  ['answers 404', { answer: 404 }],
  ['answers 413', { answer: 413 }],
  ['answers 429', { answer: 429 }],
  ['answers 500', { answer: 500, body: '\x00\x08\x01 broken \xff' }],
  ['answers 503', { answer: 503 }],
  ['redirects elsewhere', { answer: 302 }],
  ['says nothing', 'says nothing'],
  ['hangs up', 'hangs up'],
  ['talks nonsense', 'talks nonsense'],
];

/** Sets the clock of this process for the tests of a block. */
function setTheClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

describe.each(PUSHES)('%s', (transport) => {
  setTheClock();

  it.each(MISBEHAVIOURS)('to something that %s', async (name, misbehaviour) => {
    const collector = await startBadCollector(misbehaviour);
    const { exporter, errors } = start(toward(transport, collector.url));
    await exporter.start();
    exporter.recordSession(SESSION);
    expect(await within(DEADLINE_MS, exporter.flush())).toBe(false);
    await within(DEADLINE_MS, end(exporter));
    expect(collector.received.length).toBeGreaterThan(0);
    // Told, and not told again and again.
    expect(errors.length, name).toBeGreaterThan(0);
    expect(new Set(errors).size).toBe(errors.length);
    for (const error of errors) expect(error).toMatch(/^metrics are not delivered to http:\/\/127\.0\.0\.1:\d+/);
  });

  it('to something that takes it and never ends its answer', async () => {
    const collector = await startBadCollector('never ends its answer');
    const { exporter } = start(toward(transport, collector.url));
    await exporter.start();
    exporter.recordSession(SESSION);
    expect(await exporter.flush()).toBe(true);
    await within(DEADLINE_MS, end(exporter));
  });

  it('to a port on which nobody listens', async () => {
    const { exporter, errors } = start(toward(transport, await unusedAddress()));
    await exporter.start();
    await within(DEADLINE_MS, end(exporter));
    expect(errors.join()).toContain('ECONNREFUSED');
  });

  it('to a black hole', async () => {
    const { exporter } = start({ ...toward(transport, await startBlackHole()), otlpTimeoutMs: 60_000 });
    await exporter.start();
    exporter.recordSession(SESSION);
    void exporter.flush();
    await within(DEADLINE_MS, end(exporter));
  });

  it.each(['nonsense', 'ftp://localhost/x', 'http://', 'http://127.0.0.1:99999/'])('to the address %s', async (url) => {
    const options =
      transport === 'otlp'
        ? { transports: [transport], otlpEndpoint: url }
        : { transports: [transport], pushgatewayUrl: url };
    const { exporter, errors } = start(options);
    await exporter.start();
    await within(DEADLINE_MS, end(exporter));
    expect(errors.length).toBeGreaterThan(0);
  });

  it('delivers what was recorded in bad times when good ones return', async () => {
    const collector = await startBadCollector({ answer: 503 });
    const { exporter } = start(toward(transport, collector.url));
    await exporter.start();
    exporter.recordSession(SESSION);
    expect(await exporter.flush()).toBe(false);
    collector.become({ answer: 200 });
    expect(await exporter.flush()).toBe(true);
    await exporter.shutdown();
    expect((await exporter.registry.metrics()).match(/^fab_agent_sessions_total.* 1$/m)).not.toBeNull();
  });

  it('reports one at a time: what two ask for at once is said once', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const { exporter } = start({ ...toward(transport, collector.url), intervalMs: 60_000, otlpTemporality: 'delta' });
    await exporter.start();
    exporter.recordSession(SESSION);
    expect(await Promise.all([exporter.flush(), exporter.flush()])).toEqual([true, true]);
    const [first, second] = collector.received;
    // By Pushgateway the second is the values after the zeros; by OTLP it has nothing to add but gauges.
    if (transport === 'otlp') expect(second?.bytes).toBeLessThan((first?.bytes ?? 0) / 2);
    await exporter.shutdown();
    expect(collector.received).toHaveLength(2);
  });

  it('is told by an end that comes before its start is over', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const { exporter, errors } = start({ ...toward(transport, collector.url), intervalMs: 60_000 });
    const starting = exporter.start();
    exporter.recordSession(SESSION);
    await exporter.shutdown();
    await starting;
    expect(collector.received).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('takes no time to end where there is nothing to be told', async () => {
    const { exporter, errors } = start({ ...toward(transport, await unusedAddress()), intervalMs: 60_000 });
    await exporter.start();
    await exporter.shutdown();
    expect(errors).toEqual([]);
  });

  it('is over at once where all is well', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const { exporter, errors } = start({ ...toward(transport, collector.url), exitDeadlineMs: 60_000 });
    await exporter.start();
    await end(exporter);
    expect(errors).toEqual([]);
    await end(exporter);
  });
});

describe('a host', () => {
  /**
   * What a program says if it is still there when it has had nothing left to do for longer than the deadline: counted
   * in ticks of its own clock, so that it is not late because the machine stood still, which is one tick.
   */
  const NOTHING_LEFT = `function nothingLeft(ticks = ${(DEADLINE_MS + 60) / TICK_MS}) {
      if (ticks > 0) setTimeout(nothingLeft, ${TICK_MS}, ticks - 1).unref();
      else console.error('still there');
    }`;

  /** Runs a program that imports the exporter as it is shipped; gives how it ended, and what it said. */
  async function host(script: string, environment: Readonly<Record<string, string>>, signal?: NodeJS.Signals) {
    const shipped = new URL('../../src/fab/dist/exporter.js', import.meta.url).href;
    const text = `const { createFabExporter } = await import(${JSON.stringify(shipped)});\n${NOTHING_LEFT}\n${script}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
      env: { PATH: process.env['PATH'], LOCKSTEP_EXIT_DEADLINE: String(DEADLINE_MS), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let said = '';
    child.stdout.on('data', () => {
      if (signal !== undefined) child.kill(signal);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: said.split('\n').filter((line) => line !== '') };
  }
  const WORK = `const exporter = createFabExporter();
    await exporter.start();
    exporter.recordSession({ role: 'product', durationSeconds: 3 });
    console.log('working');`;

  it('that just ends is let go, its last values sent', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const { code, said } = await host(WORK, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      LOCKSTEP_EXIT_DEADLINE: String(PATIENT_MS),
    });
    expect([code, said]).toEqual([0, []]);
    expect(collector.received.map(({ path }) => path)).toEqual(['POST /v1/metrics']);
  });

  it.each(['grpc', 'http/protobuf'])(
    'that just ends is let go by the deadline where nobody answers, by %s',
    async (protocol) => {
      const { code, said } = await host(`${WORK}\nnothingLeft();`, {
        OTEL_EXPORTER_OTLP_ENDPOINT: await startBlackHole(),
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      });
      expect([code, said]).toEqual([0, [expect.stringContaining('metrics are not delivered')]]);
    },
  );

  it('that ends while a report hangs is let go by the deadline', async () => {
    const collector = await startBadCollector('says nothing');
    const { code, said } = await host(`${WORK}\nvoid exporter.flush();\nnothingLeft();`, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    expect(code).toBe(0);
    expect(said).not.toContain('still there');
  });

  it.each([
    ['http/protobuf', 'a hanging collector of two addresses', 'localhost'],
    ['grpc', 'a hanging collector', '127.0.0.1'],
  ])('that just ends while a report by %s to %s is under way is let go by the deadline', async (protocol, _, name) => {
    const hole = new URL(await startBlackHole());
    // The first address that a name stands for need not be the one that answers.
    const twoAddresses = `const dns = (await import('node:dns')).default;
      const lookup = dns.lookup;
      dns.lookup = (host, options, done) => host === 'localhost' && options.all
        ? done(null, [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }]) : lookup(host, options, done);`;
    const { code, said } = await host(
      `${twoAddresses}\n${WORK}\nawait new Promise((done) => setTimeout(done, 100));\nnothingLeft();`,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${name}:${hole.port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_METRIC_EXPORT_INTERVAL: '50',
      },
    );
    expect(code).toBe(0);
    expect(said).not.toContain('still there');
  });

  it('that ends while reports of several exporters by grpc to a hanging collector are under way is let go by the deadline', async () => {
    const { code, said } = await host(
      `const pause = (ms) => new Promise((done) => setTimeout(done, ms));
      for (let index = 0; index < 5; index++) {
        ${WORK}
        await pause(70);
      }
      nothingLeft();`,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: await startBlackHole(),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_METRIC_EXPORT_INTERVAL: '50',
      },
    );
    expect(code).toBe(0);
    expect(said).not.toContain('still there');
  });

  it.each(['grpc', 'http/protobuf'])(
    'that awaits a report by %s is not taken for one that has ended, and is not held up by what hangs elsewhere',
    async (protocol) => {
      const taken = protocol === 'grpc' ? await startGoodGrpcCollector() : await startBadCollector({ answer: 200 });
      const { code, said } = await host(
        `process.once('beforeExit', () => console.error('nothing left'));
      const pause = (ms) => new Promise((done) => setTimeout(done, ms));
      const start = async (otlpEndpoint, exitDeadlineMs) => {
        const exporter = createFabExporter({ otlpEndpoint, exitDeadlineMs, intervalMs: 50 });
        await exporter.start();
        exporter.recordSession({ role: 'product', durationSeconds: 3 });
        return exporter;
      };
      await start(process.env.HANGS, ${DEADLINE_MS});
      await pause(30);
      const exporter = await start(process.env.WELL, ${PATIENT_MS});
      await pause(100);
      console.error('taken: ' + await exporter.flush());
      exporter.recordSession({ role: 'learner' });
      await exporter.shutdown();
      console.error('told');`,
        {
          HANGS: await startBlackHole(),
          WELL: protocol === 'grpc' ? taken.url : `${taken.url}/v1/metrics`,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        },
      );
      expect([code, said.filter((line) => !line.includes('not delivered'))]).toEqual([
        0,
        ['taken: true', 'told', 'nothing left'],
      ]);
      expect(taken.last()).toContain('learner');
    },
  );

  it('that awaits a report behind one that holds nothing is not taken for one that has ended', async () => {
    const { said } = await host(
      `process.once('beforeExit', () => console.error('nothing left'));
      const exporter = createFabExporter({ intervalMs: 20 });
      await exporter.start();
      exporter.recordSession({ role: 'product' });
      await new Promise((done) => setTimeout(done, 50));
      await Promise.race([exporter.flush().then(() => console.error('known')), new Promise((done) => setTimeout(done, 100).unref())]);
      console.error('on');`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: await startBlackHole() },
    );
    expect(said.indexOf('on')).toBeGreaterThanOrEqual(0);
    expect(said.indexOf('on')).toBeLessThan(said.indexOf('nothing left'));
  });

  it('that awaits a report goes on when it has its answer, and its exporter with it', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const { code, said } = await host(
      `${WORK}
      await exporter.flush();
      exporter.recordSession({ role: 'learner' });
      await exporter.shutdown();`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOCKSTEP_EXIT_DEADLINE: String(PATIENT_MS) },
    );
    expect([code, said]).toEqual([0, []]);
    expect(collector.received).toHaveLength(2);
  });

  it('that nobody listens to any more, on stderr either, lives on', async () => {
    const shipped = new URL('../../src/fab/dist/exporter.js', import.meta.url).href;
    const script = `const { createFabExporter } = await import(${JSON.stringify(shipped)});
      const async = createFabExporter({ onError: async () => { throw new Error('listener'); } });
      async.recordSession({ role: 'product', durationSeconds: -1 });
      await new Promise((done) => setTimeout(done, 100));
      createFabExporter().recordSession({ role: 'product', durationSeconds: -1 });
      await new Promise((done) => setTimeout(done, 100));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('that is told to stop in the middle of a report ends by the deadline, and as it wants to', async () => {
    const collector = await startBadCollector('says nothing');
    const script = `process.on('SIGTERM', async () => { nothingLeft(); await exporter.shutdown(); process.exit(143); });
      ${WORK}
      setInterval(() => exporter.flush(), 20);`;
    const { code, said } = await host(script, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, 'SIGTERM');
    expect(code).toBe(143);
    expect(said).not.toContain('still there');
  });

  it('that is scraped waits for its last scrape until the deadline, and no longer', async () => {
    const { code, said } = await host(
      `${WORK}\nsetTimeout(() => console.error('waits'), ${DEADLINE_MS - 100}).unref();\nnothingLeft();`,
      {
        OTEL_METRICS_EXPORTER: 'prometheus',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      },
    );
    expect([code, said]).toEqual([
      0,
      [
        'waits',
        expect.stringContaining(`the last values were scraped within ${DEADLINE_MS} ms by nobody, and are lost`),
      ],
    ]);
  });

  it('whose port is taken is told so, and is let go by the deadline', async () => {
    const { code, said } = await host(`${WORK}\nnothingLeft();`, {
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: new URL(await startBlackHole()).port,
    });
    expect([code, said]).toEqual([0, [expect.stringContaining('EADDRINUSE')]]);
  });

  it.each([
    ['no exporter is wanted', { OTEL_METRICS_EXPORTER: 'none' }],
    ['OpenTelemetry is disabled', { OTEL_SDK_DISABLED: 'true' }],
  ])('ends at once where %s', async (_, environment) => {
    const { code, said } = await host(`${WORK}\nnothingLeft(20);`, environment);
    expect([code, said]).toEqual([0, []]);
  });

  it('whose options are a mess is told of each, and runs', async () => {
    const { exporter, errors } = start({
      transports: ['otlp'],
      otlpEndpoint: await unusedAddress(),
      intervalMs: Number.POSITIVE_INFINITY,
      otlpTimeoutMs: -1,
      otlpShards: 0.5,
      exitDeadlineMs: 100,
    });
    await exporter.start();
    await exporter.shutdown();
    expect(errors.map((message) => message.split(':')[0])).toEqual(['intervalMs', 'otlpTimeoutMs', 'otlpShards']);
  });

  it('whose environment is a mess is told of each mistake once, and runs', async () => {
    const { code, said } = await host(WORK, {
      OTEL_METRICS_EXPORTER: 'prometheos,none',
      OTEL_METRIC_EXPORT_INTERVAL: 'often',
      OTEL_EXPORTER_PROMETHEUS_PORT: '-1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier pigeon',
      OTEL_EXPORTER_OTLP_HEADERS: 'secret',
      OTEL_RESOURCE_ATTRIBUTES: '=,,%,a=%zz',
    });
    expect(code).toBe(0);
    expect(said.join()).not.toContain('secret');
    expect(said.map((line) => line.replace(/^lockstep: (\S+?)[=: ].*/, '$1'))).toEqual([
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_METRICS_EXPORTER',
      'OTEL_METRIC_EXPORT_INTERVAL',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_PROMETHEUS_PORT',
    ]);
  });
});

describe('a server', () => {
  async function serve(options: ExporterOptions = {}) {
    const { exporter, errors } = start(options);
    const server = await exporter.serve({ port: 0 });
    if (server === undefined) throw new Error(errors.join());
    onTestFinished(() => server.close());
    return { exporter, server, errors };
  }

  it('answers a storm of scrapes, each whole', async () => {
    const { exporter, server } = await serve();
    for (let index = 0; index < 100; index++) exporter.recordSession(SESSION);
    await (await fetch(`${server.url}/metrics`)).text();
    const all = await Promise.all(
      Array.from({ length: 300 }, async () => {
        // More at once than it takes are refused, not queued: a scraper comes again.
        const answer = await fetch(`${server.url}/metrics`).catch(() => undefined);
        return answer === undefined ? undefined : samplesOf(await answer.text());
      }),
    );
    const whole = all.filter((each) => each !== undefined);
    expect(whole.length).toBeGreaterThanOrEqual(50);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    for (const each of whole)
      expect(each['fab_agent_sessions_total{role="product",phase="discovery",group="factory"}']).toBe(100);
  });

  it('serves others while clients send slowly, read slowly or not at all, and is gone when it is told to go', async () => {
    const { server } = await serve();
    const { hostname, port } = new URL(server.url);
    const slow = Array.from({ length: 30 }, (_, index) => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.pause();
      socket.write(index % 2 === 0 ? 'GET /met' : 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      return socket;
    });
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
    await server.close();
    for (const socket of slow) socket.destroy();
  });

  it('reports a port that is taken, and the program goes on', async () => {
    const { server } = await serve();
    const { exporter, errors } = start({ transports: ['prometheus'], port: Number(new URL(server.url).port) });
    await exporter.start();
    expect(errors).toEqual([expect.stringContaining('EADDRINUSE')]);
    await end(exporter);
  });
});

describe('a recorder', () => {
  it('stays within the series budget under a storm of hostile values, and counts what overflowed', async () => {
    const customer = openLabel('customer', { help: 'who', atMost: 50 });
    const open = defineCatalogue({
      name: 'shop',
      metrics: {
        visits: counter({ name: 'shop_visits_total', help: 'V.', unit: '{visit}', labels: [customer], budget: 50 }),
      },
    });
    const { record, registry } = createExporter(open, { onError: () => {} });
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 20_000; index++)
      record.visits.add({ customer: `${index} ${'x'.repeat(index % 300)}` }, 1);
    record.visits.add({ customer: '\ud800' }, 1);
    const text = await registry.metrics();
    const visits = Object.entries(samplesOf(text)).filter(([series]) => series.startsWith('shop_visits_total'));
    expect(visits).toHaveLength(50);
    expect(visits.reduce((sum, [, value]) => sum + value, 0)).toBe(20_001);
    expect(text).toMatch(/^shop_exporter_anomalies_total\{reason="overflow".*\} 19952$/m);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6);
  });

  it('counts a storm of unknown roles as one, in memory that does not grow', async () => {
    const { exporter } = start({});
    for (let index = 0; index < 10_000; index++) exporter.recordSession({ role: `role-${index}` as never });
    const sessions = Object.entries(samplesOf(await exporter.registry.metrics())).filter(([series]) =>
      series.startsWith('fab_agent_sessions_total'),
    );
    expect(sessions).toEqual([['fab_agent_sessions_total{role="unknown",phase="unknown",group="unknown"}', 10_000]]);
  });

  it('takes any number and any label without throwing, and what it serves can be read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.anything(), fc.anything())), async (recordings) => {
        const { record, registry } = createExporter(shop, { onError: () => {} });
        for (const [labels, value] of recordings) {
          record.sales.add(labels as never, value as never);
          record.wait.observe(labels as never, value as never);
          record.queue.set(labels as never, value as never);
        }
        for (const line of (await registry.metrics()).split('\n'))
          expect(line).toMatch(/^(|# .*|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?\d+(\.\d+)?(e[+-]\d+)?)$/);
      }),
    );
  });

  it('drops a number that would spoil a sum for ever', async () => {
    const { exporter, errors } = start({});
    exporter.recordSession({
      role: 'product',
      durationSeconds: Number.MAX_VALUE,
      tokens: { input: 1e300 },
      costUsd: -3,
    });
    expect(errors).toHaveLength(3);
    expect(await exporter.registry.metrics()).toMatch(/^fab_exporter_anomalies_total\{reason="number".*\} 3$/m);
  });
});
