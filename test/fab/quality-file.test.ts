import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinFiles } from '../../src/exporter/files/file.js';
import { followPerfFile } from '../../src/fab/perf-file.js';
import { followQualityFile, parseQualityRuns } from '../../src/fab/quality-file.js';
import { samplesOf } from '../exposition.js';
import { temporaryFolder } from '../temporary.js';

const run = (decision: string, profile = 'code') =>
  `${JSON.stringify({ ts: '2026-11-24T10:00:00Z', workflow: 'w', profile, decision, attempts: 2, internal: { a: 'B+' } })}\n`;

async function follow(text: string) {
  const errors: string[] = [];
  const path = join(temporaryFolder({ 'quality.jsonl': text }), 'quality.jsonl');
  const file = followQualityFile(path, ({ message }) => errors.push(message.slice(path.length + 2)));
  return { path, errors, file, samples: async () => samplesOf((await file.exposition()).text) };
}

describe('the quality file', () => {
  it('becomes merge-gate runs, and is followed as it grows', async () => {
    const { path, samples } = await follow(run('approve') + run('revise') + run('revise'));
    expect(await samples()).toEqual({
      'fab_merge_gate_runs_total{decision="approve",profile="code"}': 1,
      'fab_merge_gate_runs_total{decision="revise",profile="code"}': 2,
    });
    appendFileSync(path, run('reject', 'docs'));
    expect((await samples())['fab_merge_gate_runs_total{decision="reject",profile="docs"}']).toBe(1);
  });

  it('waits for the end of a line that is being written, and passes over one that is none', async () => {
    const whole = run('approve');
    const { path, samples, errors } = await follow(`{"broken\n${whole}${whole.slice(0, 30)}`);
    expect(Object.values(await samples())).toEqual([1]);
    writeFileSync(path, `{"broken\n${whole}${whole}`);
    expect(Object.values(await samples())).toEqual([2]);
    expect(errors).toEqual(['line 1 is not a run of the merge gate, and is ignored']);
  });

  it('keeps its last good values while it is gone, and says so', async () => {
    const { path, samples, errors, file } = await follow(run('approve'));
    await samples();
    rmSync(path);
    expect(Object.values(await samples())).toEqual([1]);
    expect(errors).toEqual(['the file is missing; serving the last good values']);
    expect(file.health()).toMatch(/^quality file: last read .*; the file is missing$/);
  });

  it('is served beside the perf file, no metric twice', async () => {
    const folder = temporaryFolder({ 'perf.json': '{}', 'quality.jsonl': run('approve') });
    const joined = joinFiles(
      followPerfFile(join(folder, 'perf.json')),
      followQualityFile(join(folder, 'quality.jsonl')),
    );
    const { text } = await joined.exposition();
    const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('fab_merge_gate_runs_total');
    expect(names).toContain('fab_agent_sessions_total');
    expect(joined.health().split('\n')).toHaveLength(2);
  });

  it('counts every line once, whatever it holds', () => {
    const line = fc.oneof(
      fc.constantFrom(run('approve').trim(), run('revise', 'docs').trim()),
      fc.json(),
      fc.string().map((text) => text.replaceAll(/[\r\n]/g, ' ')),
      fc.tuple(fc.nat(60), fc.string({ maxLength: 4 })).map(([at, put]) => {
        const text = run('approve').trim();
        return `${text.slice(0, at)}${put.replaceAll(/[\r\n]/g, ' ')}${text.slice(at + 1)}`;
      }),
      fc.constant('x'.repeat(100_000)),
    );
    let tried = 0;
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        tried += 1;
        const { counts, unreadable } = parseQualityRuns(`${lines.join('\n')}\n`);
        const runs = [...counts.values()].reduce((sum, each) => sum + each.runs, 0);
        expect(runs + unreadable.length).toBe(lines.filter((each) => each.replace(/^\uFEFF/, '').trim() !== '').length);
      }),
      { numRuns: 1000 },
    );
    process.stdout.write(`hostile quality files: ${tried} tried\n`);
  });
});
