import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFabExporter } from '../../src/fab/exporter.js';
import { samplesOf } from '../exposition.js';

// Whatever a stream does, and whatever its consumer does with it: the consumer sees what it would see without the
// exporter, and the exporter sees one session, or none if nothing was asked for.

const idle = { type: 'session.status_idle' };
const failed = { type: 'session.error' };
const said = { type: 'agent.message', content: [{ type: 'text', text: 'SELF-EVAL: PASS' }] };

type Exporter = ReturnType<typeof createFabExporter>;

async function told(exporter: Exporter) {
  const samples = Object.entries(samplesOf(await exporter.registry.metrics()));
  const sum = (name: string) =>
    samples.filter(([series]) => series.startsWith(name)).reduce((all, [, value]) => all + value, 0);
  const outcomes = samples.flatMap(([series, value]) =>
    value === 0 || !series.startsWith('fab_agent_session_outcomes_total')
      ? []
      : [/outcome="(\w+)"/.exec(series)?.[1] ?? ''],
  );
  return { sessions: sum('fab_agent_sessions_total'), inFlight: sum('fab_agent_sessions_in_flight'), outcomes };
}

/** What a stream does when it is asked. */
type Step = 'event' | 'idle' | 'failed' | 'throws' | 'rejects' | 'done' | 'nothing' | 'plain' | 'bad done';
type Closing = 'missing' | 'closes' | 'throws' | 'rejects' | 'getter throws' | 'plain';
interface Stream {
  readonly steps: readonly Step[];
  readonly closing: Closing;
  readonly throwing: Closing;
  readonly isSync: boolean;
  readonly isOnce: boolean;
}
type Act = 'next' | 'return' | 'throw' | 'loop' | 'leave' | 'open';

const broken = (where: string) => Object.assign(new Error(where), { where });

function streamOf({ steps, closing, throwing, isSync, isOnce }: Stream): object {
  const finish = (result: object) => (isSync ? result : Promise.resolve(result));
  const open = () => {
    let at = 0;
    const next = () => {
      const step = steps[at] ?? 'done';
      at += 1;
      if (step === 'throws') throw broken('next');
      if (step === 'rejects' && !isSync) return Promise.reject(broken('rejected'));
      if (step === 'nothing') return isSync ? undefined : Promise.resolve(undefined);
      if (step === 'plain') return { done: false, value: said };
      if (step === 'bad done')
        return finish({
          get done() {
            throw broken('done');
          },
        });
      if (step === 'done' || step === 'rejects') return finish({ done: true, value: 7 });
      return finish({ done: false, value: { event: said, idle, failed }[step] });
    };
    const iterator: Record<string | symbol, unknown> = { next };
    for (const [name, how] of [
      ['return', closing],
      ['throw', throwing],
    ] as const) {
      if (how === 'missing') continue;
      Object.defineProperty(iterator, name, {
        get: () => {
          if (how === 'getter throws') throw broken(`${name} getter`);
          return (value: unknown) => {
            at = steps.length;
            if (how === 'throws') throw broken(name);
            if (how === 'rejects' && !isSync) return Promise.reject(broken(`${name} rejected`));
            return how === 'plain' ? { done: true, value } : finish({ done: true, value });
          };
        },
      });
    }
    iterator[isSync ? Symbol.iterator : Symbol.asyncIterator] = () => iterator;
    return iterator;
  };
  if (!isOnce) return { [isSync ? Symbol.iterator : Symbol.asyncIterator]: open };
  const once = open();
  return once;
}

/** Does all that to a stream, and notes what its consumer sees. */
async function consume(source: unknown, acts: readonly Act[], isSync: boolean): Promise<readonly string[]> {
  const seen: string[] = [];
  const note = async (what: string, act: () => unknown) => {
    try {
      const result = await act();
      const { done, value } = (result ?? {}) as { done?: unknown; value?: unknown };
      seen.push(`${what}: ${result === undefined ? 'nothing' : `${done} ${JSON.stringify(value)}`}`);
    } catch (error) {
      seen.push(`${what}: ${error instanceof TypeError ? 'TypeError' : (error as Error).message}`);
    }
  };
  const open = () =>
    (source as Record<symbol, () => Record<string, (value?: unknown) => unknown>>)[
      isSync ? Symbol.iterator : Symbol.asyncIterator
    ]?.();
  let iterator = open();
  for (const act of acts) {
    if (act === 'open') iterator = open();
    else if (act === 'loop' || act === 'leave')
      await note(act, async () => {
        let events = 0;
        if (isSync)
          for (const _ of source as Iterable<unknown>) {
            events += 1;
            if (act === 'leave') break;
          }
        else
          for await (const _ of source as AsyncIterable<unknown>) {
            events += 1;
            if (act === 'leave') break;
          }
        return { value: events };
      });
    // What a stream does not offer cannot be called; observed, a return is offered, which says the same as a loop does.
    else if (act === 'next' || iterator?.[act] !== undefined) await note(act, () => iterator?.[act]?.(9));
  }
  return seen;
}

const closings = fc.constantFrom<Closing>('missing', 'closes', 'throws', 'rejects', 'getter throws', 'plain');
const streams = fc.record({
  steps: fc.array(
    fc.constantFrom<Step>(
      ...(['event', 'event', 'idle', 'failed', 'throws', 'rejects', 'done', 'nothing', 'plain', 'bad done'] as const),
    ),
    { maxLength: 5 },
  ),
  closing: closings,
  throwing: closings,
  isSync: fc.boolean(),
  isOnce: fc.boolean(),
});
const allActs = fc.array(fc.constantFrom<Act>('next', 'next', 'return', 'throw', 'loop', 'leave', 'open'), {
  maxLength: 6,
});

describe('a stream that is observed', () => {
  it('is to its consumer as it was, and one session, or none where nothing was asked for', async () => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(streams, allActs, async (stream, acts) => {
        tried += 1;
        const exporter = createFabExporter({ onError: (error) => expect.fail(error.message) });
        const observed = exporter.observeSession('product', streamOf(stream) as AsyncIterable<unknown>);
        // A getter that throws does so wherever the iterator is looked at.
        const isReadable = stream.closing !== 'getter throws' && stream.throwing !== 'getter throws';
        const usable = acts.filter((act) => isReadable || !['return', 'throw'].includes(act));
        const without = await consume(streamOf(stream), usable, stream.isSync);
        const withIt = await consume(observed, usable, stream.isSync);
        // Where the stream has no return(), it is called none the less, and says what a loop makes of its absence.
        const comparable = (seen: readonly string[]) =>
          stream.closing === 'missing' ? seen.filter((line) => !line.startsWith('return')) : seen;
        expect(comparable(withIt)).toEqual(comparable(without));

        const isAsked = usable.some((act) => ['next', 'loop', 'leave'].includes(act));
        const { sessions, inFlight, outcomes } = await told(exporter);
        // A last look ends whatever is still open.
        await consume(observed, ['loop', 'leave'], stream.isSync);
        const end = await told(exporter);
        expect(sessions + inFlight).toBe(isAsked ? 1 : 0);
        expect([end.sessions, end.inFlight, end.outcomes.length]).toEqual([1, 0, 1]);
        // What has been said once is not said otherwise later.
        if (sessions === 1) expect(end.outcomes).toEqual(outcomes);
      }),
      { numRuns: 1000 },
    );
    process.stdout.write(`streams and what is done to them: ${tried} tried\n`);
  });

  it('has the outcome that its first end says', async () => {
    const ends: Readonly<Partial<Record<Step, string>>> = {
      idle: 'completed',
      failed: 'error',
      throws: 'error',
      rejects: 'error',
      nothing: 'error',
      'bad done': 'error',
      done: 'terminated',
    };
    await fc.assert(
      fc.asyncProperty(streams, fc.constantFrom<Act>('loop', 'leave'), async (stream, act) => {
        const exporter = createFabExporter();
        const observed = exporter.observeSession('product', streamOf(stream) as AsyncIterable<unknown>);
        await consume(observed, [act], stream.isSync);
        const reached = act === 'leave' ? stream.steps.slice(0, 1) : stream.steps;
        const first = reached.find((step) => ends[step] !== undefined);
        const outcome = first === 'rejects' && stream.isSync ? 'terminated' : ends[first ?? 'done'];
        expect(await told(exporter)).toEqual({ sessions: 1, inFlight: 0, outcomes: [outcome] });
      }),
      { numRuns: 500 },
    );
  });

  it.each([null, undefined, 7, 'text', true, {}, () => {}, Symbol('x'), { [Symbol.asyncIterator]: 3 }])(
    'comes back as it is if it is none (%#), and that is told once',
    async (none) => {
      const errors: string[] = [];
      const exporter = createFabExporter({ onError: ({ message }) => errors.push(message) });
      for (let time = 0; time < 3; time++) expect(exporter.observeSession('product', none as never)).toBe(none);
      expect(errors).toEqual([expect.stringContaining('observeSession()')]);
      expect((await told(exporter)).sessions).toBe(0);
    },
  );

  it('may not even let itself be looked at', async () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    const exporter = createFabExporter({ onError: () => {} });
    expect(exporter.observeSession('product', trap as never)).toBe(trap);
  });

  it('may be a list, in a loop of either kind, with promises of events', async () => {
    for (const list of [[said, idle], new Set([said, idle]), [Promise.resolve(said), Promise.resolve(idle)]]) {
      const exporter = createFabExporter();
      const seen: unknown[] = [];
      for await (const event of exporter.observeSession('product', list as never)) seen.push(event);
      expect(seen).toEqual([said, idle]);
      expect(await told(exporter)).toEqual({ sessions: 1, inFlight: 0, outcomes: ['completed'] });
    }
    const exporter = createFabExporter();
    const observed: unknown = exporter.observeSession('product', [said, idle] as never);
    expect([...(observed as Iterable<unknown>)]).toEqual([said, idle]);
    expect(await told(exporter)).toEqual({ sessions: 1, inFlight: 0, outcomes: ['completed'] });
  });

  it('counts an event once where it is iterated twice, at once or one after the other', async () => {
    const exporter = createFabExporter();
    const twice = { ...said };
    const observed = exporter.observeSession('product', [twice, twice, said, idle] as never);
    const [one, other] = [observed[Symbol.asyncIterator](), observed[Symbol.asyncIterator]()];
    for (let step = 0; step < 5; step++) {
      await one.next();
      await other.next();
    }
    for await (const _ of observed);
    expect(await told(exporter)).toEqual({ sessions: 1, inFlight: 0, outcomes: ['completed'] });
    const samples = samplesOf(await exporter.registry.metrics());
    expect(Object.entries(samples).find(([series]) => series.startsWith('fab_self_eval'))?.[1]).toBe(3);
  });

  it('that is dropped without a word is left, when the memory is claimed', () => {
    const script = `
      const { createFabExporter } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/fab/exporter.ts'))});
      const exporter = createFabExporter({ environment: {} });
      const text = () => exporter.registry.metrics();
      const read = async () => {
        const iterator = exporter.observeSession('product', (async function* () {
          for (;;) yield { type: 'x' };
        })())[Symbol.asyncIterator]();
        await iterator.next();
      };
      for (let index = 0; index < 20; index++) await read();
      for (let tries = 0; tries < 200 && !/in_flight\\{.*\\} 0$/m.test(await text()); tries++) {
        gc();
        await new Promise((done) => setTimeout(done, 10));
      }
      console.log(/^fab_agent_sessions_in_flight.* (\\d+)$/m.exec(await text())[1]);
      console.log(/^fab_agent_session_outcomes_total.*terminated.* (\\d+)$/m.exec(await text())[1]);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    expect([stdout, stderr]).toEqual(['0\n20\n', '']);
  });
});
