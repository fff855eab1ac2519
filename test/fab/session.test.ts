import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createFabExporter } from '../../src/fab/exporter.js';
import type { PerfData } from '../../src/fab/perf-data.js';
import { followPerfFile } from '../../src/fab/perf-file.js';
import { countedLines, samplesOf } from '../exposition.js';
import { temporaryFolder } from '../temporary.js';

type Event = Readonly<Record<string, unknown>> & { readonly type: string };
const message = (text: string): Event => ({ type: 'agent.message', content: [{ type: 'text', text }] });
const advisor: Event = { type: 'agent.custom_tool_use', id: 'a', name: 'consult_advisor', input: {} };
const request = (input_tokens: number, output_tokens: number, is_error = false): Event => ({
  type: 'span.model_request_end',
  is_error,
  model_usage: { input_tokens, output_tokens, cache_creation_input_tokens: 7, cache_read_input_tokens: 9 },
});
const waiting: Event = { type: 'session.status_idle', stop_reason: { type: 'requires_action', event_ids: ['a'] } };
const idle = (total_cost_usd?: number): Event => ({ type: 'session.status_idle', total_cost_usd });
const rescheduled: Event = { type: 'session.status_rescheduled' };

/** One session as each of fab's transports tells it. */
const SESSIONS: Readonly<Record<string, { readonly events: readonly Event[]; readonly counted: readonly string[] }>> = {
  'managed-agents': {
    events: [
      message('Starting'),
      request(100, 20),
      advisor,
      waiting,
      { type: 'session.status_running' },
      request(50, 5),
      request(9000, 900, true),
      rescheduled,
      message('Revising: SELF-EVAL: FAIL'),
      message('SELF-EVAL: PASS'),
      { type: 'something.of.tomorrow', content: 3 },
      { type: 'session.status_idle', stop_reason: { type: 'end_turn' } },
      message('SELF-EVAL: PASS, after the end'),
    ],
    counted: [
      'sessions 1',
      'self_eval pass 1',
      'self_eval fail 1',
      'advisor_calls 1',
      'revisions 1',
      'tokens input 150',
      'tokens output 25',
      'outcome completed 1',
    ],
  },
  sdk: {
    events: [message('SELF-EVAL: PASS'), idle(0.25)],
    counted: ['sessions 1', 'self_eval pass 1', 'outcome completed 1', 'cost 0.25'],
  },
  'sdk-k8s': {
    events: [message('SELF-EVAL: FAIL'), { type: 'session.error', error: { message: 'pod gone' } }],
    counted: ['sessions 1', 'self_eval fail 1', 'outcome error 1'],
  },
  'claude-cli': {
    events: [message('Revising'), advisor, advisor, idle(0.5), idle(9)],
    counted: ['sessions 1', 'advisor_calls 2', 'revisions 1', 'outcome completed 1', 'cost 0.5'],
  },
  'sdk, made to pass the usage on': {
    events: [
      message('x'),
      { type: 'session.status_idle', total_cost_usd: 0.25, model_usage: { input_tokens: 100, output_tokens: 20 } },
    ],
    counted: ['sessions 1', 'tokens input 100', 'tokens output 20', 'outcome completed 1', 'cost 0.25'],
  },
  'sdk, failed and made to pass the usage on': {
    events: [{ type: 'session.error', error: { message: 'x' }, model_usage: { input_tokens: 7, output_tokens: 1 } }],
    counted: ['sessions 1', 'tokens input 7', 'tokens output 1', 'outcome error 1'],
  },
  'one that tells tokens by requests and at its end': {
    events: [request(100, 20), { type: 'session.status_idle', model_usage: { input_tokens: 100, output_tokens: 20 } }],
    counted: ['sessions 1', 'tokens input 100', 'tokens output 20', 'outcome completed 1'],
  },
  'one that is terminated': {
    events: [message('x'), { type: 'session.status_terminated' }],
    counted: ['sessions 1', 'outcome terminated 1'],
  },
  'one whose stream just ends': { events: [message('x')], counted: ['sessions 1', 'outcome terminated 1'] },
};

async function* streamOf(events: readonly unknown[]) {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}

async function counted(exporter: ReturnType<typeof createFabExporter>): Promise<readonly string[]> {
  return countedLines(await exporter.registry.metrics())
    .filter((line) => !line.startsWith('fab_role_session_duration'))
    .map((line) =>
      line
        .replace(/\{.*?(?:(?:result|direction|outcome)="(\w+)")?\}/, ' $1')
        .replace(/^fab_(agent_session_)?(\w+?)(_total)?\b/, '$2')
        .replace('agent_sessions', 'sessions')
        .replace('outcomes', 'outcome')
        .replace('cost_usd', 'cost')
        .replace(/ +/g, ' '),
    );
}

describe('a session that is observed', () => {
  it.each(Object.entries(SESSIONS))('is recorded from the events of %s', async (_, { events, counted: wanted }) => {
    const exporter = createFabExporter({ onError: (error) => expect.fail(error.message) });
    const seen: unknown[] = [];
    for await (const event of exporter.observeSession('product', streamOf(events))) seen.push(event);
    expect(seen).toEqual(events);
    seen.forEach((event, index) => {
      expect(event).toBe(events[index]);
    });
    expect(await counted(exporter)).toEqual(wanted);
    const samples = samplesOf(await exporter.registry.metrics());
    const labels = 'role="product",phase="discovery",group="factory"';
    expect(samples[`fab_role_session_duration_seconds_count{${labels}}`]).toBe(1);
    expect(samples[`fab_agent_sessions_in_flight{${labels}}`]).toBe(0);
  });

  it('is in flight from its first event that is asked for to its end', async () => {
    const exporter = createFabExporter();
    const inFlight = async () =>
      Object.entries(samplesOf(await exporter.registry.metrics())).find(([name]) => name.includes('in_flight'))?.[1];
    const events = exporter.observeSession('a role of tomorrow', streamOf([message('x'), idle(), message('y')]));
    expect(await inFlight()).toBeUndefined();
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    expect(await inFlight()).toBe(1);
    await iterator.next();
    expect(await inFlight()).toBe(0);
  });

  it.each([
    ['idle', idle(), 'completed'],
    ['an error', { type: 'session.error' }, 'error'],
    ['termination', { type: 'session.status_terminated' }, 'terminated'],
  ])('ends with %s, and not with what its stream says after that', async (_, end, outcome) => {
    const exporter = createFabExporter();
    const iterator = exporter
      .observeSession('product', streamOf([end as Event, message('SELF-EVAL: FAIL'), advisor]))
      [Symbol.asyncIterator]();
    await iterator.next();
    expect(await counted(exporter)).toEqual(['sessions 1', `outcome ${outcome} 1`]);
    while ((await iterator.next()).done !== true);
    expect(await counted(exporter)).toEqual(['sessions 1', `outcome ${outcome} 1`]);
  });

  it('lasts for as many seconds as it does', async () => {
    const exporter = createFabExporter();
    const now = vi.spyOn(performance, 'now').mockReturnValueOnce(1000).mockReturnValue(62_000);
    for await (const _ of exporter.observeSession('product', streamOf([idle()])));
    now.mockRestore();
    const samples = samplesOf(await exporter.registry.metrics());
    const labels = 'role="product",phase="discovery",group="factory"';
    expect(samples[`fab_role_session_duration_seconds_sum{${labels}}`]).toBe(61);
  });

  it('that its consumer leaves before its end is terminated, and its stream is told', async () => {
    const exporter = createFabExporter();
    let closed = false;
    async function* events() {
      try {
        yield message('SELF-EVAL: PASS');
        yield message('never read');
      } finally {
        closed = true;
      }
    }
    for await (const _ of exporter.observeSession('product', events())) break;
    expect(closed).toBe(true);
    expect(await counted(exporter)).toEqual(['sessions 1', 'self_eval pass 1', 'outcome terminated 1']);
  });

  it('whose stream fails is an error, which its consumer gets as it was thrown', async () => {
    const exporter = createFabExporter();
    const failure = new Error('the stream broke');
    async function* events() {
      yield message('Revising');
      throw failure;
    }
    const consume = async () => {
      for await (const _ of exporter.observeSession('product', events()));
    };
    await expect(consume()).rejects.toBe(failure);
    expect(await counted(exporter)).toEqual(['sessions 1', 'revisions 1', 'outcome error 1']);
  });

  it('passes anything on unchanged and records one session, whatever the events are', async () => {
    const trap = new Proxy(
      {},
      {
        get: (_, field) => {
          // A stream itself asks whether what it yields is a promise.
          if (field === 'then') return undefined;
          throw new Error('do not touch');
        },
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.anything(), fc.constant(null), fc.constant(trap))), async (events) => {
        const exporter = createFabExporter();
        const seen: unknown[] = [];
        for await (const event of exporter.observeSession('product', streamOf(events))) seen.push(event);
        expect(seen).toHaveLength(events.length);
        seen.forEach((event, index) => {
          expect(Object.is(event, events[index])).toBe(true);
        });
        expect((await counted(exporter))[0]).toBe('sessions 1');
      }),
    );
  });

  it('gives the totals that fab itself would keep in its perf file', async () => {
    // fab's own rules (its src/perf.ts), written down independently.
    const totals = { sessions: 0, selfEvalPass: 0, selfEvalFail: 0, advisorCalls: 0, revisions: 0 };
    const tokens = { totalInputTokens: 0, totalOutputTokens: 0 };
    const exporter = createFabExporter();
    for (const [transport, { events }] of Object.entries(SESSIONS)) {
      // fab keeps no perf file of what its sdk tells.
      if (transport.startsWith('sdk, ')) continue;
      const until = events.findIndex(
        (event) =>
          ['session.error', 'session.status_terminated'].includes(event.type) ||
          (event.type === 'session.status_idle' && event !== waiting),
      );
      totals.sessions += 1;
      for (const event of until === -1 ? events : events.slice(0, until + 1)) {
        const text = JSON.stringify(event['content'] ?? '');
        if (event.type === 'agent.message' && text.includes('SELF-EVAL: PASS')) totals.selfEvalPass += 1;
        if (event.type === 'agent.message' && text.includes('SELF-EVAL: FAIL')) totals.selfEvalFail += 1;
        if (event.type === 'agent.message' && text.includes('Revising')) totals.revisions += 1;
        if (event === advisor) totals.advisorCalls += 1;
        if (event.type === 'span.model_request_end' && event['is_error'] === false) {
          const usage = event['model_usage'] as { input_tokens: number; output_tokens: number };
          tokens.totalInputTokens += usage.input_tokens;
          tokens.totalOutputTokens += usage.output_tokens;
        }
      }
      for await (const _ of exporter.observeSession('product', streamOf(events)));
    }
    const perf: PerfData = { product: { ...totals, ...tokens } };
    const known = /^fab_(agent_sessions|self_eval|advisor_calls|revisions|tokens)_total/;
    const observed = countedLines(await exporter.registry.metrics()).filter((line) => known.test(line));

    const byTotals = createFabExporter();
    byTotals.recordRoleMetrics({});
    const growing = { ...totals, ...tokens, sessions: 2, selfEvalPass: 0, revisions: 0 };
    byTotals.recordRoleMetrics({ product: growing });
    Object.assign(growing, totals);
    byTotals.recordRoleMetrics({ product: growing });
    byTotals.recordRoleMetrics(perf);
    const folder = temporaryFolder({ 'perf.json': JSON.stringify(perf) });
    const file = followPerfFile(`${folder}/perf.json`);
    expect(countedLines(await byTotals.registry.metrics())).toEqual(observed);
    expect(countedLines((await file.exposition()).text)).toEqual(observed);
  });
});

describe('totals that fab keeps', () => {
  const none = {
    selfEvalPass: 0,
    selfEvalFail: 0,
    advisorCalls: 0,
    revisions: 0,
    totalInputTokens: 0,
    totalOutputTokens: 0,
  };
  const of = (sessions: number) => ({ ...none, sessions });
  const countedAfter = async (...calls: readonly unknown[]) => {
    const exporter = createFabExporter({ onError: () => {} });
    for (const call of calls) exporter.recordRoleMetrics(call as PerfData);
    const samples = Object.entries(samplesOf(await exporter.registry.metrics()));
    return Object.fromEntries(
      samples
        .filter(([name]) => name.startsWith('fab_agent_sessions_total'))
        .map(([name, value]) => [/role="(.*?)"/.exec(name)?.[1], value]),
    );
  };

  it('were another process’s at the first call, and are counted from then on', async () => {
    expect(await countedAfter({ product: of(100) })).toEqual({});
    expect(await countedAfter({ product: of(100) }, { product: of(102), learner: of(1) })).toEqual({
      product: 2,
      learner: 1,
    });
  });

  it('begin anew each by itself, where one is there with less, and are known on where it is not there', async () => {
    expect(await countedAfter({}, { product: of(5) }, { product: of(2) })).toEqual({ product: 7 });
    expect(await countedAfter({}, { product: of(5) }, {}, { product: of(7) })).toEqual({ product: 7 });
    expect(await countedAfter({}, { product: of(5), learner: of(1) }, { product: of(6) })).toEqual({
      product: 6,
      learner: 1,
    });
    const bad = { ...of(9), revisions: 'x' };
    const thousand = { product: of(1000), learner: of(1000) };
    expect(await countedAfter(thousand, { product: of(1001), learner: bad })).toEqual({ product: 1 });
    expect(await countedAfter(thousand, {}, null, [], 'x', { product: of(1001), learner: of(1004) })).toEqual({
      product: 1,
      learner: 4,
    });
    expect(await countedAfter({ product: bad }, { product: of(1000) }, { product: of(1001) })).toEqual({ product: 1 });
    expect(await countedAfter({}, { product: of(5), learner: of(8) }, { product: of(2), learner: of(9) })).toEqual({
      product: 7,
      learner: 9,
    });
  });

  it('count each session once, through any holes and bad fields, as the followed file does', async () => {
    const NAMES = ['product', 'learner', 'of tomorrow', '__proto__', 'another'];
    const FIELDS = ['sessions', 'revisions', 'totalInputTokens'] as const;
    const step = fc.record({
      role: fc.constantFrom(...NAMES),
      more: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
      anew: fc.boolean(),
      missing: fc.subarray(NAMES),
      bad: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(null, -1, '7', Number.NaN, [], 1e300, {})),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const exporter = createFabExporter({ onError: () => {} });
        exporter.recordRoleMetrics({});
        const folder = temporaryFolder({ 'perf.json': '{}' });
        const file = followPerfFile(`${folder}/perf.json`, () => {});
        await file.exposition();
        const lives: string[] = [];
        const truth = new Map<string, number[]>();
        const seen = new Map<string, number[]>();
        const counted = { known: [0, 0, 0], unknown: [0, 0, 0] };
        for (const { role, more, anew, missing, bad } of steps) {
          const before = truth.get(role) ?? [0, 0, 0];
          truth.set(
            role,
            more.map((count, index) => count + (anew ? 0 : (before[index] ?? 0))),
          );
          const totals: Record<string, unknown> = Object.create(null);
          for (const [name, values] of truth) {
            if (missing.includes(name)) continue;
            const good = { ...none, ...Object.fromEntries(FIELDS.map((field, index) => [field, values[index]])) };
            if (Object.hasOwn(bad, name)) {
              const value = bad[name];
              totals[name] = typeof value === 'object' ? value : { ...good, revisions: value };
              continue;
            }
            totals[name] = good;
            const last = seen.get(name) ?? [0, 0, 0];
            const isAnew = values.some((value, index) => value < (last[index] ?? 0));
            const sum = NAMES.indexOf(name) < 2 ? counted.known : counted.unknown;
            for (const [index, value] of values.entries())
              sum[index] = (sum[index] ?? 0) + value - (isAnew ? 0 : (last[index] ?? 0));
            seen.set(name, values);
          }
          exporter.recordRoleMetrics(totals as PerfData);
          writeFileSync(`${folder}/perf.json`, JSON.stringify(totals));
          const { text } = await file.exposition();
          lives.push(text);
        }
        const sumOf = (text: string, pattern: RegExp) =>
          Object.entries(samplesOf(text))
            .filter(([series]) => pattern.test(series))
            .reduce((sum, [, value]) => sum + value, 0);
        const recorded = await exporter.registry.metrics();
        for (const [index, name] of ['agent_sessions', 'revisions', 'tokens'].entries()) {
          expect(sumOf(recorded, new RegExp(`^fab_${name}_total\\{role="(product|learner)"`))).toBe(
            counted.known[index],
          );
          expect(sumOf(recorded, new RegExp(`^fab_${name}_total\\{role="unknown"`))).toBe(counted.unknown[index]);
          // Of the file each life of each series counts what it grew to.
          const greatest = new Map<string, number>();
          for (const text of lives)
            for (const [, series = '', value] of text.matchAll(/^(\w+\{.*\}) (\S+)$/gm))
              if (series.startsWith(`fab_${name}_total{`))
                greatest.set(series, Math.max(greatest.get(series) ?? 0, Number(value)));
          const all = [...greatest.values()].reduce((sum, value) => sum + value, 0);
          expect(all).toBe((counted.known[index] ?? 0) + (counted.unknown[index] ?? 0));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('add up as unknown where the roster lacks the role, and are passed over where they are no numbers', async () => {
    expect(await countedAfter({}, { a: of(1), b: of(2), product: { sessions: 5n }, learner: null }, null, 'x')).toEqual(
      {
        unknown: 3,
      },
    );
  });
});

describe('recording', () => {
  it('does not throw whatever it is given, getters that throw nonsense included', () => {
    const errors: string[] = [];
    const exporter = createFabExporter({ onError: ({ message }) => errors.push(message) });
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw Object.create(null);
        },
        ownKeys: () => {
          throw new Error('no keys');
        },
      },
    ) as never;
    exporter.recordSession(trap);
    exporter.recordGateRun(trap);
    exporter.recordRoleMetrics(trap);
    exporter.record.sessions.add(trap, 1);
    expect(errors).toEqual([
      'a recording was dropped: something that cannot be described',
      'fab_agent_sessions_total: something that cannot be described',
    ]);
  });
});
