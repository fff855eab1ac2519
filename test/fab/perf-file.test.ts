import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePerfData } from '../../src/fab/perf-data.js';
import { followPerfFile } from '../../src/fab/perf-file.js';
import { countedLines } from '../exposition.js';
import { temporaryFolder } from '../temporary.js';

const zero = {
  sessions: 0,
  selfEvalPass: 0,
  selfEvalFail: 0,
  advisorCalls: 0,
  revisions: 0,
  totalInputTokens: 0,
  totalOutputTokens: 0,
  lastActive: '',
};
const product = {
  sessions: 11,
  selfEvalPass: 7,
  selfEvalFail: 5,
  advisorCalls: 3,
  revisions: 2,
  totalInputTokens: 123_456,
  totalOutputTokens: 7890,
  lastActive: '2026-11-24T10:00:00Z',
};

const labels = 'role="product",phase="discovery",group="factory"';
const shown = [
  `fab_agent_sessions_total{${labels}} 11`,
  `fab_self_eval_total{${labels},result="pass"} 7`,
  `fab_self_eval_total{${labels},result="fail"} 5`,
  `fab_advisor_calls_total{${labels}} 3`,
  `fab_revisions_total{${labels}} 2`,
  `fab_tokens_total{${labels},direction="input"} 123456`,
  `fab_tokens_total{${labels},direction="output"} 7890`,
];

describe('the perf file', () => {
  it('is served as it says, to the last digit, and followed as it changes', async () => {
    const path = join(temporaryFolder({ 'perf.json': JSON.stringify({ product }, undefined, 2) }), 'perf.json');
    const file = followPerfFile(path, (error) => expect.fail(error.message));
    expect(countedLines((await file.exposition()).text)).toEqual(shown);
    writeFileSync(path, JSON.stringify({ product: { ...product, sessions: 12 } }));
    expect(countedLines((await file.exposition()).text)[0]).toBe(`fab_agent_sessions_total{${labels}} 12`);
    writeFileSync(path, JSON.stringify({ product: { ...product, sessions: 1 } }));
    expect(countedLines((await file.exposition()).text)[0]).toBe(`fab_agent_sessions_total{${labels}} 1`);
    expect(file.health()).toMatch(/^perf file: last read \d{4}-/);
  });

  it('goes on with the same series when it is served again, and with others when its totals begin anew', async () => {
    const path = join(temporaryFolder({ 'perf.json': JSON.stringify({ product }) }), 'perf.json');
    const startId = async (file: ReturnType<typeof followPerfFile>) =>
      /^fab_agent_sessions_total\{.*start_id="(\w+)"/m.exec((await file.exposition()).text)?.[1] ?? '';
    const file = followPerfFile(path);
    const first = await startId(file);
    expect(await startId(followPerfFile(path))).toBe(first);
    writeFileSync(path, JSON.stringify({ product: { ...product, sessions: 12 } }));
    expect(await startId(file)).toBe(first);
    writeFileSync(path, JSON.stringify({ product: { ...product, sessions: 1 } }));
    expect(await startId(file)).not.toBe(first);
    // Deleted and begun anew while nobody served it.
    rmSync(path);
    writeFileSync(path, JSON.stringify({ product }));
    expect(await startId(followPerfFile(path))).not.toBe(first);
  });

  it('goes on with the series of every role but the one that began anew, and keeps what is missing or malformed', async () => {
    const write = (data: unknown) => writeFileSync(path, JSON.stringify(data));
    const path = join(temporaryFolder({ 'perf.json': '{}' }), 'perf.json');
    const errors: string[] = [];
    const file = followPerfFile(path, ({ message }) => errors.push(message.slice(path.length + 2)));
    const sessions = async () => {
      const { text } = await file.exposition();
      const found = text.matchAll(/^fab_agent_sessions_total\{role="([\w-]+)".*start_id="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries([...found].map(([, role, id, value]) => [role, { id, value: Number(value) }]));
    };
    write({ product, learner: product });
    const first = await sessions();
    write({ product: { ...product, sessions: 12 }, learner: { ...product, revisions: 'x' } });
    expect(await sessions()).toEqual({ ...first, product: { id: first['product']?.id, value: 12 } });
    expect(errors).toEqual([
      'role "learner": expected revisions to be a number, 0 or more, found "x"; serving the last good values',
    ]);
    write({});
    expect((await sessions())['learner']).toEqual(first['learner']);
    write({ learner: { ...product, sessions: 2 } });
    const last = await sessions();
    expect(last['product']).toEqual({ id: first['product']?.id, value: 12 });
    expect(last['learner']?.value).toBe(2);
    expect(last['learner']?.id).not.toBe(first['learner']?.id);
  });

  it.each(['a folder', 'a pipe'])('is not %s', async (kind) => {
    const path = join(temporaryFolder(), 'perf.json');
    if (kind === 'a folder') mkdirSync(path);
    else execFileSync('mkfifo', [path]);
    const file = followPerfFile(path, () => {});
    expect(countedLines((await file.exposition()).text)).toEqual([]);
    expect(file.health()).toMatch(/never read; (this is not a file|EISDIR)/);
  });

  it('adds up, as unknown, the roles that the roster lacks', async () => {
    const path = join(
      temporaryFolder({
        'perf.json': JSON.stringify({
          unknown: { ...zero, sessions: 1 },
          tomorrow: { ...zero, sessions: 2 },
          constructor: { ...zero, sessions: 4 },
        }),
      }),
      'perf.json',
    );
    expect(countedLines((await followPerfFile(path).exposition()).text)).toEqual([
      'fab_agent_sessions_total{role="unknown",phase="unknown",group="unknown"} 7',
    ]);
  });

  it('serves only metrics that the file knows of', async () => {
    const { text } = await followPerfFile(join(temporaryFolder(), 'none.json'), () => {}).exposition();
    expect([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)).toEqual([
      'fab_exporter_anomalies_total',
      'fab_catalogue_info',
      'fab_agent_sessions_total',
      'fab_self_eval_total',
      'fab_advisor_calls_total',
      'fab_revisions_total',
      'fab_tokens_total',
    ]);
  });

  it('has no series before its first good read', async () => {
    const errors: string[] = [];
    const path = join(temporaryFolder(), 'perf.json');
    const file = followPerfFile(path, ({ message }) => errors.push(message));
    expect(countedLines((await file.exposition()).text)).toEqual([]);
    await file.exposition();
    expect(errors).toEqual([`${path}: the file is missing; serving nothing yet`]);
    expect(file.health()).toBe('perf file: never read; the file is missing');
  });

  it('keeps its last good values through each kind of trouble, and tells each once per occurrence', async () => {
    const path = join(temporaryFolder({ 'perf.json': JSON.stringify({ product }) }), 'perf.json');
    const errors: string[] = [];
    const file = followPerfFile(path, ({ message }) => errors.push(message.slice(path.length + 2)));
    await file.exposition();
    const texts = [
      '',
      '{"product": {"sessions": 1',
      '[]',
      'null',
      '{"product": 3}',
      '{"product": {"sessions": 1}}',
      JSON.stringify({ product: { ...product, revisions: -1 } }),
      `${' '.repeat(4_000_001)}{}`,
    ];
    for (const text of texts) {
      writeFileSync(path, text);
      expect(countedLines((await file.exposition()).text)).toEqual(shown);
    }
    rmSync(path);
    expect(countedLines((await file.exposition()).text)).toEqual(shown);
    expect(errors).toEqual(
      [
        'the file is empty',
        'the file is no JSON, or half written',
        'expected an object by role, found []',
        'expected an object by role, found null',
        'role "product": expected an object, found 3',
        'role "product": expected selfEvalPass to be a number, 0 or more, found nothing',
        'role "product": expected revisions to be a number, 0 or more, found -1',
        'the file has 4000003 bytes; a perf file has 4000000 at most',
        'the file is missing',
      ].map((reason) => `${reason}; serving the last good values`),
    );
    writeFileSync(path, JSON.stringify({ product: { ...product, sessions: 12 } }));
    expect(countedLines((await file.exposition()).text)[0]).toMatch(/ 12$/);
    rmSync(path);
    await file.exposition();
    expect(errors).toHaveLength(texts.length + 2);
  });

  it('is refused at any cut of a half-written file', () => {
    const text = JSON.stringify({ product, 'ops-sre': product }, undefined, 2);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        expect(() => parsePerfData(text.slice(0, length))).toThrow(/half written|empty/);
      }),
    );
  });

  it('is parsed or refused with a reason, whatever it holds', () => {
    const text = JSON.stringify({ product, 'ops-sre': product }, undefined, 2);
    const piece = fc.constantFrom(
      '',
      '\r\n',
      '\t',
      '\uFEFF',
      '\0',
      '1e999',
      '-',
      '{',
      '[',
      '"',
      'null',
      '__proto__',
      '9'.repeat(400),
    );
    /** A good file with anything in the place of a part of it. */
    const broken = fc
      .tuple(fc.nat(text.length), fc.nat(8), piece)
      .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
    let tried = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), broken), (hostile) => {
        tried += 1;
        try {
          parsePerfData(hostile);
        } catch (error) {
          refused += 1;
          expect((error as Error).message).toMatch(/^(the file|expected|role ")/);
        }
      }),
      { numRuns: 2000 },
    );
    process.stdout.write(`hostile perf files: ${tried} tried, ${refused} refused with a reason\n`);
  });
});
