import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { samplesOf } from '../exposition.js';
import { temporaryFolder } from '../temporary.js';

const cli = join(import.meta.dirname, '..', '..', 'src', 'fab', 'dist', 'cli.js');

/** The sidecar as it is shipped, from its first line on. */
async function startSidecar(path: string) {
  const child = spawn(process.execPath, [cli, 'serve', '--perf-file', path, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = /at (http:\S+)\/metrics$/.exec(line)?.[1] ?? '';
  const sample = async (series: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return samplesOf(text)[series];
  };
  return { child, url, sample };
}

function perfFile(sessions: number): string {
  const product = {
    sessions,
    selfEvalPass: 6,
    selfEvalFail: 1,
    advisorCalls: 3,
    revisions: 2,
    totalInputTokens: 1200,
    totalOutputTokens: 340,
    lastActive: '2026-11-24T10:00:00Z',
  };
  return JSON.stringify({ product });
}
const SESSIONS = 'fab_agent_sessions_total{role="product",phase="discovery",group="factory"}';

describe('lockstep-fab serve', () => {
  it('refuses an option that is given twice', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [cli, 'serve', '--perf-file', 'a', '--port', '0', '--perf-file', 'b'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toContain("option '--perf-file <file>' is given twice");
  });

  it('follows the file, keeps the last good values, and ends with 0 when it is told to stop', async () => {
    const path = join(temporaryFolder(), '.fab-perf.json');
    const { child, url, sample } = await startSidecar(path);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await sample(SESSIONS)).toBeUndefined();

    writeFileSync(path, perfFile(7));
    await vi.waitFor(async () => expect(await sample(SESSIONS)).toBe(7));
    writeFileSync(path, perfFile(8).slice(0, 40));
    expect(await sample(SESSIONS)).toBe(7);
    writeFileSync(path, '');
    expect(await sample(SESSIONS)).toBe(7);
    rmSync(path);
    expect(await sample(SESSIONS)).toBe(7);
    writeFileSync(path, perfFile(9));
    await vi.waitFor(async () => expect(await sample(SESSIONS)).toBe(9));

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('says why it cannot listen, and ends with 2', async () => {
    const { url } = await startSidecar(join(temporaryFolder(), 'perf.json'));
    const child = spawn(process.execPath, [cli, 'serve', '--perf-file', 'x', '--port', new URL(url).port]);
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => {
      told += String(chunk);
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(told).toMatch(/EADDRINUSE|in use/);
    expect(told).not.toContain('    at ');
  });
});
