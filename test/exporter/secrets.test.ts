import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { sweepPushgateway } from '../../src/exporter/pushgateway/sweep.js';
import { shop } from '../shop/catalogue.js';
import { startBadCollector, startGoodGrpcCollector, unusedAddress } from './collector.js';

// A secret is planted wherever one may be, or may be put by mistake; all that the exporter says is read.

const SECRET = 'Zq9hidden7';
const inBase64 = Buffer.from(SECRET).toString('base64').slice(0, 12);

function expectNone(texts: readonly string[]) {
  for (const text of texts) {
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(inBase64);
    expect(text).not.toMatch(/[\n\r]/);
  }
}

/** Starts, records, pushes and ends once for each of these, at once; gives all that was said. */
async function runAll(all: readonly ExporterOptions[]) {
  const said: string[] = [];
  const log = vi.spyOn(console, 'error').mockImplementation((...words) => void said.push(words.join(' ')));
  const answers = await Promise.all(all.map(runOne));
  log.mockRestore();
  return { said, answers };
}

async function runOne({ environment, ...rest }: ExporterOptions) {
  const exporter = createExporter(shop, {
    environment: { OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...environment },
    exitDeadlineMs: 200,
    ...rest,
  });
  const isUp = await exporter.start();
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
  const isTaken = await exporter.flush();
  await exporter.serve({ port: 0, host: `user:${SECRET}@127.0.0.1` });
  await exporter.shutdown();
  return { isUp, isTaken };
}

/** Where everything is taken, nothing is given up before the machine has come to it. */
const PATIENT = { exitDeadlineMs: 30_000 };

async function run(options: ExporterOptions) {
  const { said, answers } = await runAll([options]);
  return { said, ...answers[0] };
}

const WAYS = ['otlp', 'pushgateway', 'prometheus'] as const;

describe('no secret is said', () => {
  const VARIABLES = [
    'OTEL_METRICS_EXPORTER',
    'OTEL_SDK_DISABLED',
    'OTEL_SERVICE_NAME',
    'OTEL_RESOURCE_ATTRIBUTES',
    'OTEL_METRIC_EXPORT_INTERVAL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
    'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    'LOCKSTEP_OTLP_SHARDS',
    'OTEL_EXPORTER_PROMETHEUS_PORT',
    'LOCKSTEP_METRICS_BEARER_TOKEN',
    'LOCKSTEP_SCRAPERS',
    'LOCKSTEP_PUSHGATEWAY_URL',
    'LOCKSTEP_EXIT_DEADLINE',
  ];
  const OPTIONS = [
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
    'port',
    'bearerToken',
    'scrapers',
    'pushgatewayUrl',
  ];
  const FORMS = [
    SECRET,
    `http://user:${SECRET}@127.0.0.1:1`,
    `http://${SECRET}@127.0.0.1:1/`,
    `http://user:a/${SECRET}?@127.0.0.1:1`,
    `http://127.0.0.1:1/x?key=${SECRET}`,
    `ftp://user:${SECRET}@127.0.0.1`,
    `authorization=Bearer%20${SECRET}%0D%0Aevil`,
    `authorization: Bearer ${SECRET}\n`,
    `${SECRET}=x y\u0000`,
  ];

  /** The name of a host is none, and by gRPC an address may be no more than that. */
  const isHostName = (form: unknown, name: string, protocol: string) =>
    form === SECRET && protocol === 'grpc' && /endpoint/i.test(name);

  it.each(VARIABLES)('of the variable %s', async (name) => {
    const all = FORMS.flatMap((form) =>
      ['grpc', 'http/protobuf']
        .filter((protocol) => !isHostName(form, name, protocol))
        .map((protocol) => ({
          environment: {
            OTEL_METRICS_EXPORTER: 'otlp,pushgateway,prometheus',
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
            OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
            LOCKSTEP_PUSHGATEWAY_URL: 'http://127.0.0.1:1',
            [name]: form,
          },
        })),
    );
    expectNone((await runAll(all)).said);
  });

  it.each(OPTIONS)('of the option %s', async (name) => {
    const objects = [{ authorization: `Bearer ${SECRET}\r\n` }, { [SECRET]: 'x' }, [SECRET], { 'a-bin': SECRET }];
    const all = [...FORMS, ...objects].flatMap((form) =>
      (['grpc', 'http/protobuf'] as const)
        .filter((protocol) => !isHostName(form, name, protocol))
        .map((otlpProtocol) => ({
          transports: WAYS,
          otlpProtocol,
          otlpEndpoint: 'http://127.0.0.1:1',
          pushgatewayUrl: 'http://127.0.0.1:1',
          [name]: form,
        })),
    );
    expectNone((await runAll(all as ExporterOptions[])).said);
  });

  it('where the other side says it', async () => {
    const echo = await startBadCollector({ answer: 401, body: `no: Bearer ${SECRET}, key=${SECRET}\u001b[31m` });
    const headers = { authorization: `Bearer ${SECRET}`, 'x-key': SECRET };
    const { said } = await run({
      transports: WAYS,
      otlpEndpoint: `${echo.url}/x?key=${SECRET}`,
      otlpHeaders: headers,
      pushgatewayUrl: echo.url.replace('//', `//user:${SECRET}@`),
      bearerToken: SECRET,
    });
    expect(said.length).toBeGreaterThan(1);
    expectNone(said);
  });

  it.each(['http/protobuf', 'grpc'])('where a process ends by process.exit(), by %s', async (protocol) => {
    const echo = await startBadCollector({ answer: 401, body: SECRET });
    const program = join(import.meta.dirname, 'ends.program.ts');
    const env = {
      ...process.env,
      OTEL_METRICS_EXPORTER: 'otlp,pushgateway',
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_ENDPOINT: echo.url.replace('//', `//user:${SECRET}@`),
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${SECRET}`,
      LOCKSTEP_PUSHGATEWAY_URL: `http://user:${SECRET}@127.0.0.1:1/?key=${SECRET}`,
      LOCKSTEP_EXIT_DEADLINE: '1000',
    };
    const child = spawn(process.execPath, ['--import', 'tsx', program, 'exit'], { env });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await once(child, 'close');
    expect(said).toContain('not delivered');
    expectNone(said.split('\n'));
  });
});

describe('credentials of an address', () => {
  const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  const withUser = (url: string) => url.replace('//', '//user:p%40ss@');

  it('are sent as a header, by OTLP and to a Pushgateway', async () => {
    const collector = await startBadCollector({ answer: 200 });
    const url = withUser(collector.url);
    const { isUp, isTaken, said } = await run({
      ...PATIENT,
      transports: ['otlp', 'pushgateway'],
      otlpEndpoint: `${url}/v1/metrics?a=1`,
      pushgatewayUrl: `${url}/prefix/`,
    });
    expect([isUp, isTaken]).toEqual([true, true]);
    expect(collector.received.map(({ headers }) => headers['authorization'])).toEqual(
      collector.received.map(() => basic),
    );
    const paths = collector.received.map(({ path }) => path.replace(/\/metrics\/job.*/, '/metrics/job'));
    expect(new Set(paths)).toEqual(new Set(['POST /v1/metrics?a=1', 'PUT /prefix/metrics/job']));
    expect(said).toEqual([expect.stringContaining('not served')]);
  });

  it('give way to a header that is said', async () => {
    const collector = await startBadCollector({ answer: 200 });
    await run({
      ...PATIENT,
      transports: ['otlp'],
      otlpEndpoint: withUser(collector.url),
      otlpHeaders: { AUTHORIZATION: 'Bearer x' },
    });
    expect(collector.received.at(-1)?.headers['authorization']).toBe('Bearer x');
  });

  it('work by gRPC', async () => {
    const collector = await startGoodGrpcCollector();
    const { isTaken } = await run({
      ...PATIENT,
      transports: ['otlp'],
      otlpProtocol: 'grpc',
      otlpEndpoint: withUser(collector.url),
    });
    expect(isTaken).toBe(true);
    expect(collector.authorization()).toBe(basic);
  });

  it('work for sweeping, and are not said where it fails', async () => {
    const gateway = await startBadCollector({ answer: 200, body: '{"data":[]}' });
    expect(await sweepPushgateway({ url: withUser(gateway.url), olderThanSeconds: 1 })).toEqual([]);
    expect(gateway.received.at(-1)?.headers['authorization']).toBe(basic);
    for (const body of ['{"data":[null]}', '{"data":[{"labels":7}]}', '[]', '{}']) {
      gateway.become({ answer: 200, body });
      const url = gateway.url.replace('//', `//user:${SECRET}@`);
      const swept = sweepPushgateway({ url: `${url}?key=${SECRET}`, olderThanSeconds: 1 });
      await expect(swept).rejects.toThrow(/did not answer as a Pushgateway does/);
      await swept.catch((error: Error) => expectNone([error.message]));
    }
  });
});

it.each([
  ['a Pushgateway without address', { transports: ['pushgateway'] }],
  ['an endpoint that is none', { transports: ['otlp'], otlpEndpoint: 'nonsense' }],
  ['another that is none', { transports: ['otlp'], otlpEndpoint: 'http://127.0.0.1:99999/' }],
  ['one by gRPC', { transports: ['otlp'], otlpEndpoint: 'ftp://x', otlpProtocol: 'grpc' }],
  ['a header that cannot be', { transports: ['otlp'], otlpHeaders: { a: 'b\nc' } }],
  ['an address of a Pushgateway that is none', { transports: ['pushgateway'], pushgatewayUrl: '/metrics' }],
] as const)('start() and flush() answer false for %s, which is told once', async (_, options) => {
  const said: string[] = [];
  const exporter = createExporter(shop, { environment: {}, ...options, onError: ({ message }) => said.push(message) });
  expect(await exporter.flush()).toBe(false);
  expect(await exporter.start()).toBe(false);
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
  expect(await exporter.flush()).toBe(false);
  expect(said).toEqual([expect.stringMatching(/^metrics are not pushed/)]);
  await exporter.shutdown();
});

it('flush() answers false before the start, after the end, of what nobody took, and of what was taken in part', async () => {
  const collector = await startBadCollector({ answer: 200 });
  const options = { environment: {}, intervalMs: 1e9, ...PATIENT, onError: () => {} };
  const toward = (otlpEndpoint: string, exitDeadlineMs = PATIENT.exitDeadlineMs) =>
    createExporter(shop, { ...options, exitDeadlineMs, transports: ['otlp'], otlpEndpoint });
  const exporter = toward(collector.url);
  expect(await exporter.flush()).toBe(false);
  void exporter.start();
  expect(await exporter.flush()).toBe(true);
  // An answer in protobuf: partial_success { rejected_data_points: 3 }.
  collector.become({ answer: 200, body: '\u000a\u0002\u0008\u0003' });
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
  expect(await exporter.flush()).toBe(false);
  await exporter.shutdown();
  expect(await exporter.flush()).toBe(false);
  expect(await exporter.start()).toBe(false);
  const alone = toward(await unusedAddress(), 400);
  await alone.start();
  expect(await alone.flush()).toBe(false);
  await alone.shutdown();

  // What has been shown at zero alone has not been delivered.
  const gateway = await startBadCollector({ answer: 200 });
  const pushing = createExporter(shop, { ...options, transports: ['pushgateway'], pushgatewayUrl: gateway.url });
  await pushing.start();
  pushing.record.sales.add({ till: 'north', result: 'paid' }, 7);
  expect(await pushing.flush()).toBe(true);
  expect(gateway.last()).toMatch(/^shop_sales_total\{.*\} 7$/m);
  await pushing.shutdown();
});
