import { random } from '../../scripts/random.mjs';
import type { FabExporter } from '../../src/fab/exporter.js';
import { GATE_ROLES, ROLES, ROSTER, toRole } from '../../src/fab/roster.js';

/** One session with every field said: what a complete transport would know. */
export interface Session {
  /** As fab names it; one that the roster does not have is recorded as `unknown`. */
  readonly name: string;
  readonly durationSeconds: number;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly selfEval: { readonly pass: number; readonly fail: number };
  readonly advisorCalls: number;
  readonly revisions: number;
  readonly costUsd: number;
  readonly outcome: 'completed' | 'error' | 'terminated';
}

export interface GateRuns {
  readonly decision: 'approve' | 'revise' | 'reject';
  readonly profile: 'code' | 'docs';
  readonly count: number;
}

/** What happened in a factory: the ground truth that every panel and alert is held against. */
export interface World {
  readonly seed: number;
  readonly sessions: readonly Session[];
  readonly gateRuns: readonly GateRuns[];
  /** Sessions of a role in flight at the busiest moment, and at the end. */
  readonly inFlight: readonly { readonly name: string; readonly peak: number; readonly now: number }[];
}

/**
 * A factory of realistic shape: about half of the roster at work, the gate's roles and a role that the roster lacks
 * among them, every role with another number of sessions, so that figures which were swapped would show.
 *
 * @param failShare about this share of the self-evaluations fail
 * @param ships     whether the release manager runs
 */
export function makeWorld(seed: number, failShare: number, ships: boolean): World {
  const next = random(seed);
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const chosen = ROLES.filter(
    (role, index) =>
      role !== 'unknown' &&
      (index % 2 === 0 || (GATE_ROLES as readonly string[]).includes(role) || ROSTER[role].phase === 'ship'),
  );
  const names = [...chosen.filter((role) => ships || ROSTER[role].phase !== 'ship'), 'a-role-of-tomorrow'];
  const sessions = names.flatMap((name, index) =>
    Array.from({ length: 3 + index }, (): Session => {
      const evaluations = whole(1, 3);
      const fail = Array.from({ length: evaluations }, () => next()).filter((value) => value < failShare).length;
      const luck = next();
      return {
        name,
        // Seconds to 30 minutes, most of them short, one in a hundred beyond.
        durationSeconds: next() < 0.01 ? 1800 + whole(1, 9000) : 2 + Math.round(1798 * next() ** 2 * 1000) / 1000,
        tokens: { input: whole(1000, 400_000), output: whole(100, 40_000) },
        selfEval: { pass: evaluations - fail, fail },
        advisorCalls: whole(0, 3),
        revisions: luck < 0.3 ? whole(1, 2) : 0,
        costUsd: whole(1, 999) / 100,
        outcome: luck < 0.9 ? 'completed' : luck < 0.97 ? 'error' : 'terminated',
      };
    }),
  );
  return {
    seed,
    sessions,
    gateRuns: [
      { decision: 'approve', profile: 'code', count: 11 },
      { decision: 'approve', profile: 'docs', count: 7 },
      { decision: 'revise', profile: 'code', count: 5 },
      { decision: 'revise', profile: 'docs', count: 3 },
      { decision: 'reject', profile: 'code', count: 2 },
    ],
    inFlight: [
      { name: 'product', peak: 5, now: 2 },
      { name: 'react-engineer', peak: 9, now: 3 },
      { name: 'pr-reviewer', peak: 4, now: 4 },
      { name: 'learner', peak: 1, now: 0 },
    ],
  };
}

/** Records a world as fab would, with pauses for the scraper: the busiest moment, half of the work, and the rest. */
export async function play(world: World, exporter: FabExporter, pause: () => Promise<void>): Promise<void> {
  const ends = world.inFlight.map(({ name, peak }) =>
    Array.from({ length: peak }, () => exporter.sessionStarted(toRole(name))),
  );
  await pause();
  const half = Math.floor(world.sessions.length / 2);
  for (const { name, ...session } of world.sessions.slice(0, half))
    exporter.recordSession({ role: toRole(name), ...session });
  await pause();
  for (const { name, ...session } of world.sessions.slice(half))
    exporter.recordSession({ role: toRole(name), ...session });
  for (const { count, ...run } of world.gateRuns)
    for (let index = 0; index < count; index++) exporter.recordGateRun(run);
  world.inFlight.forEach(({ peak, now }, index) => {
    for (const end of ends[index]?.slice(0, peak - now) ?? []) end();
  });
}
