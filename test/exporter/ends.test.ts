import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBadCollector, startBlackHole, startGoodGrpcCollector } from './collector.js';

const program = join(import.meta.dirname, 'ends.program.ts');

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** From when it said that it is ready, or else from its start. */
  readonly ms: number;
}

/** Runs the program to its end; with a signal it is sent that once it says that it is ready. */
async function run(
  way: string,
  environment: Record<string, string> | 'without',
  signal?: NodeJS.Signals,
  isCalled = true,
): Promise<End> {
  const call = isCalled ? 'with' : 'uncalled';
  const words = ['--import', 'tsx', program, way, environment === 'without' ? 'without' : call];
  const env = {
    ...process.env,
    OTEL_METRIC_EXPORT_INTERVAL: '600000',
    ...(environment === 'without' ? {} : environment),
  };
  const child = spawn(process.execPath, words, { env });
  let stderr = '';
  let began = performance.now();
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.on('data', () => {
    began = performance.now();
    if (signal !== undefined) child.kill(signal);
  });
  return await new Promise((done) =>
    child.on('close', (code, by) => done({ code, signal: by, stderr, ms: performance.now() - began })),
  );
}

/** Where a program awaited something, V8 tells less of its loader. */
const withoutStack = (text: string) => text.replace(/^ {4}at .*\n/gm, '');

const WAYS = [
  ['normal', undefined],
  ['exit', undefined],
  ['throw', undefined],
  ['reject', undefined],
  ['signal', 'SIGTERM'],
  ['signal', 'SIGINT'],
  ['signal', 'SIGHUP'],
  ['own', 'SIGTERM'],
] as const;

/** The double 41597, as protobuf has it, in latin1: how many tokens the program records. */
const bytes = Buffer.alloc(8);
bytes.writeDoubleLE(41_597);
const TOKENS = bytes.toString('latin1');

describe('flushOnExit()', () => {
  it.each(WAYS)('delivers everything at %s %s, and leaves the end as it is', async (way, signal) => {
    const otlp = await startBadCollector({ answer: 200 });
    const gateway = await startBadCollector({ answer: 200 });
    const without = await run(way, 'without', signal);
    const end = await run(
      way,
      {
        OTEL_METRICS_EXPORTER: 'otlp,pushgateway',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hidden',
        LOCKSTEP_PUSHGATEWAY_URL: gateway.url,
      },
      signal,
    );
    expect([end.code, end.signal]).toEqual([without.code, without.signal]);
    expect(withoutStack(end.stderr)).toBe(withoutStack(without.stderr));
    expect(otlp.last()).toContain(TOKENS);
    expect(otlp.received.at(-1)?.headers).toMatchObject({ authorization: 'Bearer hidden' });
    expect(gateway.last()).toMatch(/^fab_tokens_total\{role="pr-reviewer",.*direction="input".*\} 41597$/m);
    expect(gateway.received.at(-1)?.path).toMatch(/^PUT \/metrics\/job\//);
  });

  it.each(WAYS.slice(1))('delivers by gRPC at %s %s', async (way, signal) => {
    const collector = await startGoodGrpcCollector();
    const end = await run(
      way,
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      signal,
    );
    expect(end.stderr).not.toContain('lockstep:');
    expect(collector.last()).toContain(TOKENS);
  });

  it.each(WAYS)('is off unless it is called: at %s %s', async (way, signal) => {
    const otlp = await startBadCollector({ answer: 200 });
    const without = await run(way, 'without', signal);
    const end = await run(way, { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url }, signal, false);
    expect([end.code, end.signal]).toEqual([without.code, without.signal]);
    // Where nothing is left to do, it is sent anyway.
    expect(otlp.received).toHaveLength(way === 'normal' ? 1 : 0);
  });

  it.each([
    ['signal', 'SIGKILL'],
    ['signal', 'SIGQUIT'],
    ['signal', 'SIGUSR2'],
    ['abort', undefined],
  ] as const)('cannot deliver at %s %s', async (way, signal) => {
    const otlp = await startBadCollector({ answer: 200 });
    const without = await run(way, 'without', signal);
    const end = await run(way, { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url }, signal);
    expect([end.code, end.signal]).toEqual([without.code, without.signal]);
    expect(otlp.received).toEqual([]);
  });

  it('delivers differences, too', async () => {
    const otlp = await startBadCollector({ answer: 200 });
    const temporality = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };
    const { code } = await run('exit', { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, ...temporality });
    expect(code).toBe(3);
    expect(otlp.last()).toContain(TOKENS);
  });

  it('does not try again what was refused at an end that was announced', async () => {
    const otlp = await startBadCollector({ answer: 400 });
    const { code, stderr } = await run('normal', { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^lockstep: [^\n]+\n$/);
    expect(otlp.received).toHaveLength(1);
  });

  it.each(['says nothing', 'a black hole', 'nobody'] as const)(
    'holds process.exit() up for no more than the exit deadline: %s',
    async (other) => {
      const url =
        other === 'nobody'
          ? 'http://127.0.0.1:1'
          : other === 'a black hole'
            ? await startBlackHole()
            : (await startBadCollector(other)).url;
      const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: url, LOCKSTEP_EXIT_DEADLINE: '800' };
      const { code, stderr, ms } = await run('exit', environment);
      expect(code).toBe(3);
      expect(stderr).toMatch(/^lockstep: metrics are not delivered at the end: [^\n]+\n$/);
      expect(ms).toBeLessThan(4000);
    },
  );
});
