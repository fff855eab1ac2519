import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { GateRuns, Session, World } from './factory.js';

/** How long a process works before it ends, and when it starts. */
export interface Life {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a process records, and when in its life. */
export interface Step {
  readonly atMs: number;
  readonly sessions: Session[];
  readonly gateRuns: GateRuns[];
}

/** The world's work, dealt out to processes and to moments of their lives. */
export function deal(world: World, lives: readonly Life[]): readonly (readonly Step[])[] {
  const all = lives.map(({ endMs }) => {
    const times = endMs < 1000 ? [0] : [0, 0.35, 0.7, 1].map((share) => Math.round(share * (endMs - 50)));
    return times.map((atMs): Step => ({ atMs, sessions: [], gateRuns: [] }));
  });
  const at = (index: number) => {
    const steps = all[index % all.length] ?? [];
    return steps[Math.floor(index / all.length) % steps.length];
  };
  world.sessions.forEach((session, index) => {
    at(index * 7)?.sessions.push(session);
  });
  world.gateRuns.forEach((runs, index) => {
    at(index * 3)?.gateRuns.push(runs);
  });
  return all;
}

/** Runs one process of the factory to its end, and gives what its exporter said on stderr. */
export async function runProcess(
  plan: { readonly steps: readonly Step[]; readonly endMs: number },
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'worker.mjs')], {
    env: { PATH: process.env['PATH'], OTEL_METRIC_EXPORT_INTERVAL: '1000', ...environment },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stdin.end(JSON.stringify(plan));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`the process ended with ${code}: ${said}`);
  return said;
}

export async function pause(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}
