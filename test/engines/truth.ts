import { hashCatalogue } from '../../src/exporter/catalogue/index.js';
import { VERSION } from '../../src/exporter/version.js';
import { fab, SESSION_DURATION_BOUNDS } from '../../src/fab/catalogue.js';
import type { Role } from '../../src/fab/roster.js';
import { GATE_ROLES, ROSTER } from '../../src/fab/roster.js';
import type { Session, World } from './factory.js';
import type { Sample } from './servers.js';

// What every panel and alert must show, computed from what happened and from nothing else: no PromQL, no code of
// lockstep but the roster and the bounds.

type By = 'role' | 'phase' | 'group';

/** What the reader has chosen. */
export interface View {
  readonly chosen: (role: Role) => boolean;
}

interface Scene extends View {
  readonly world: World;
  readonly sessions: readonly Session[];
}

type Truth = (scene: Scene) => readonly Sample[];

function roleOf({ name }: { readonly name: string }): Role {
  return name in ROSTER ? (name as Role) : 'unknown';
}

function labelsOfRole(role: Role): Readonly<Record<By, string>> {
  return { role, phase: ROSTER[role].phase, group: ROSTER[role].group };
}

/**
 * The sum of a figure over sessions, per combination of labels that the sessions have: of a role that did nothing,
 * nothing is known.
 */
function sumBy(scene: Scene, by: readonly By[], figure: (session: Session) => number): Map<string, Sample> {
  const sums = new Map<string, Sample>();
  const add = (role: Role, value: number) => {
    const all = labelsOfRole(role);
    const labels = Object.fromEntries(by.map((label) => [label, all[label]]));
    const key = JSON.stringify(labels);
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + value });
  };
  for (const session of scene.sessions) add(roleOf(session), figure(session));
  return sums;
}

/** Where there is no whole, there is no ratio. */
function ratioBy(
  by: readonly By[],
  part: (session: Session) => number,
  whole: (session: Session) => number,
  fewest = 1,
): Truth {
  return (scene) => {
    const wholes = sumBy(scene, by, whole);
    return [...sumBy(scene, by, part)].flatMap(([key, { labels, value }]) => {
      const all = wholes.get(key)?.value ?? 0;
      return all >= fewest ? [{ labels, value: value / all }] : [];
    });
  };
}

/** The quantile as Prometheus defines it: linear within the bucket, the last finite bound for what lies beyond. */
function quantile(share: number, durations: readonly number[]): number | undefined {
  if (durations.length === 0) return undefined;
  const rank = share * durations.length;
  const bounds: readonly number[] = SESSION_DURATION_BOUNDS;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const upTo = durations.filter((duration) => duration <= bound).length;
    if (upTo >= rank) {
      const start = bounds[index - 1] ?? 0;
      return start + (bound - start) * ((rank - below) / (upTo - below));
    }
    below = upTo;
  }
  return bounds.at(-1);
}

function quantileBy(share: number, by: readonly By[], fewest = 1): Truth {
  return (scene) =>
    [...sumBy(scene, by, () => 1).values()].flatMap(({ labels }) => {
      const durations = scene.sessions
        .filter((session) => by.every((label) => labelsOfRole(roleOf(session))[label] === labels[label]))
        .map((session) => session.durationSeconds);
      const value = quantile(share, durations);
      return value === undefined || durations.length < fewest ? [] : [{ labels, value }];
    });
}

function greatest(count: number, truth: Truth): Truth {
  return (scene) => [...truth(scene)].sort((a, b) => b.value - a.value).slice(0, count);
}

function ofTheBusiest(truth: Truth): Truth {
  const busiest = greatest(
    15,
    count(['role'], () => 1),
  );
  return (scene) => {
    const roles = new Set(busiest(scene).map((sample) => sample.labels['role']));
    return truth(scene).filter((sample) => roles.has(sample.labels['role']));
  };
}

function count(by: readonly By[], figure: (session: Session) => number): Truth {
  return (scene) => [...sumBy(scene, by, figure).values()];
}

/** Of the whole factory, whatever is chosen. */
function ofAll(truth: Truth): Truth {
  return (scene) => truth({ ...scene, chosen: () => true, sessions: scene.world.sessions });
}

const evaluations = ({ selfEval }: Session) => selfEval.pass + selfEval.fail;
const failed = ({ selfEval }: Session) => selfEval.fail;
const tokens = (session: Session) => session.tokens.input + session.tokens.output;
const BUDGET = 0.05;
/** Fewer events than these are no measurement: of a phase, and of the whole factory. */
const FEWEST = 5;
const FEWEST_OF_ALL = 20;

const errorRatio = ofAll(ratioBy([], failed, evaluations));
const burn: Truth = (scene) => errorRatio(scene).map(({ labels, value }) => ({ labels, value: value / BUDGET }));

const isBroken = ({ outcome }: Session) => (outcome === 'completed' ? 0 : 1);
const brokenRatio = ofAll(ratioBy([], isBroken, () => 1));
const brokenBurn: Truth = (scene) => brokenRatio(scene).map(({ labels, value }) => ({ labels, value: value / BUDGET }));

const byDirection: Truth = (scene) =>
  (['input', 'output'] as const).flatMap((direction) =>
    [...sumBy(scene, [], (session) => session.tokens[direction]).values()].map(({ labels, value }) => ({
      labels: { ...labels, direction },
      value,
    })),
  );

function inFlight(by: By, moment: 'peak' | 'now'): Truth {
  return (scene) => {
    const sums = new Map<string, number>();
    for (const each of scene.world.inFlight) {
      const role = roleOf(each);
      const label = labelsOfRole(role)[by];
      if (scene.chosen(role)) sums.set(label, (sums.get(label) ?? 0) + each[moment]);
    }
    return [...sums].map(([label, value]) => ({ labels: { [by]: label }, value }));
  };
}

const isGate = (session: Session) => ((GATE_ROLES as readonly string[]).includes(session.name) ? 1 : 0);
const isShip = (session: Session) => (ROSTER[roleOf(session)].phase === 'ship' ? 1 : 0);

/**
 * By panel title and query. A query of the board that is not here fails the test, as does a truth that no query asks
 * for.
 */
export const PANELS: Readonly<Record<string, Truth>> = {
  'Self-eval SLI, 30d A': (scene) => errorRatio(scene).map(({ labels, value }) => ({ labels, value: 1 - value })),
  'Self-eval budget left, 30d A': (scene) => burn(scene).map(({ labels, value }) => ({ labels, value: 1 - value })),
  'Self-eval fast burn, 1h A': burn,
  'Self-eval slow burn, 6h A': burn,
  'Self-eval burn rate against its alert thresholds A': burn,
  'Self-eval burn rate against its alert thresholds B': burn,
  'Self-eval burn rate against its alert thresholds C': burn,
  'Self-eval burn rate against its alert thresholds D': burn,
  'Sessions SLI, 30d A': (scene) => brokenRatio(scene).map(({ labels, value }) => ({ labels, value: 1 - value })),
  'Sessions budget left, 30d A': (scene) =>
    brokenBurn(scene).map(({ labels, value }) => ({ labels, value: 1 - value })),
  'Sessions fast burn, 1h A': brokenBurn,
  'Sessions slow burn, 6h A': brokenBurn,
  'Sessions burn rate against its alert thresholds A': brokenBurn,
  'Sessions burn rate against its alert thresholds B': brokenBurn,
  'Sessions burn rate against its alert thresholds C': brokenBurn,
  'Sessions burn rate against its alert thresholds D': brokenBurn,
  'Releases annotation': (scene) => ofAll(count([], isShip))(scene).filter(({ value }) => value > 0),
  'Sessions, shown range A': count([], () => 1),
  'Sessions measured, 6h A': count([], () => 1),
  'Phases in the shown range A': count(['phase'], () => 1),
  'Phases in the shown range B': ratioBy(['phase'], failed, evaluations),
  'Phases in the shown range C': quantileBy(0.95, ['phase']),
  'Phases in the shown range D': count(['phase'], ({ revisions }) => revisions),
  'Phases in the shown range E': count(['phase'], ({ costUsd }) => costUsd),
  'Sessions, by phase A': count(['phase'], () => 1),
  'Sessions, by group A': count(['group'], () => 1),
  'Self-evaluations that fail, by phase A': ratioBy(['phase'], failed, evaluations, FEWEST),
  'Sessions that did not complete, by outcome A': ratioBy(
    [],
    ({ outcome }) => (outcome === 'error' ? 1 : 0),
    () => 1,
    FEWEST_OF_ALL,
  ),
  'Sessions that did not complete, by outcome B': ratioBy(
    [],
    ({ outcome }) => (outcome === 'terminated' ? 1 : 0),
    () => 1,
    FEWEST_OF_ALL,
  ),
  'Duration of sessions, p50, p95 and p99 A': quantileBy(0.5, [], FEWEST_OF_ALL),
  'Duration of sessions, p50, p95 and p99 B': quantileBy(0.95, [], FEWEST_OF_ALL),
  'Duration of sessions, p50, p95 and p99 C': quantileBy(0.99, [], FEWEST_OF_ALL),
  'Duration of sessions, p95 by phase A': quantileBy(0.95, ['phase'], FEWEST),
  'Merge gate: work, revisions and releases in 6h A': ofAll(count([], isGate)),
  'Merge gate: work, revisions and releases in 6h B': ofAll(count([], ({ revisions }) => revisions)),
  // All of it happened lately.
  'Merge gate: work, revisions and releases in 6h C': () => [{ labels: {}, value: 0 }],
  'Merge gate: work, revisions and releases in 6h D': ofAll(count([], isShip)),
  'Merge-gate runs, by decision A': ({ world }) =>
    world.gateRuns.map(({ decision, profile, count: runs }) => ({
      labels: { decision, profile },
      value: runs,
    })),
  'Revisions per session, by phase A': ratioBy(
    ['phase'],
    ({ revisions }) => revisions,
    () => 1,
    FEWEST,
  ),
  'Advisor calls per session, by phase A': ratioBy(
    ['phase'],
    ({ advisorCalls }) => advisorCalls,
    () => 1,
    FEWEST,
  ),
  'Tokens, by phase A': count(['phase'], tokens),
  'Cost, by phase A': count(['phase'], ({ costUsd }) => costUsd),
  'Cost, shown range A': count([], ({ costUsd }) => costUsd),
  'Tokens in the shown range A': byDirection,
  'Sessions in flight, by phase A': inFlight('phase', 'now'),
  'Peaks of one role, added up A': greatest(1, inFlight('role', 'peak')),
  'Counters that went down A': () => [{ labels: {}, value: 0 }],
  // What a silence does is shown by test/engines/silence.test.ts.
  'Counted again after a silence A': () => [{ labels: {}, value: 0 }],
  'Another catalogue A': () => [{ labels: {}, value: 0 }],
  'Processes that report A': () => [{ labels: { version: VERSION, hash: hashCatalogue(fab) }, value: 1 }],
  'Recordings refused A': () => ['number', 'label', 'overflow'].map((reason) => ({ labels: { reason }, value: 0 })),
  'The fifteen busiest roles in the shown range A': greatest(
    15,
    count(['role'], () => 1),
  ),
  'The fifteen busiest roles in the shown range B': ofTheBusiest(ratioBy(['role'], failed, evaluations)),
  'The fifteen busiest roles in the shown range C': ofTheBusiest(quantileBy(0.95, ['role'])),
  'The fifteen busiest roles in the shown range D': ofTheBusiest(count(['role'], ({ revisions }) => revisions)),
  'The fifteen busiest roles in the shown range E': ofTheBusiest(count(['role'], ({ advisorCalls }) => advisorCalls)),
  'The fifteen busiest roles in the shown range F': ofTheBusiest(count(['role'], tokens)),
  'The fifteen busiest roles in the shown range G': ofTheBusiest(count(['role'], ({ costUsd }) => costUsd)),
};

/** What a panel's query must return for a world as it is seen. */
export function panelTruth(truth: Truth, world: World, view: View): readonly Sample[] {
  return truth({ ...view, world, sessions: world.sessions.filter((session) => view.chosen(roleOf(session))) });
}

/**
 * By uid: the value of each alert's expression, all windows holding the whole run; `undefined` where it must return
 * nothing.
 */
export const ALERTS: Readonly<Record<string, (world: World) => number | undefined>> = {
  'fab-self-eval-burn-1h': burns(14.4, failed, evaluations),
  'fab-self-eval-burn-6h': burns(6, failed, evaluations),
  'fab-self-eval-burn-1d': burns(3, failed, evaluations),
  'fab-self-eval-burn-3d': burns(1, failed, evaluations),
  'fab-session-end-burn-1h': burns(14.4, isBroken, () => 1),
  'fab-session-end-burn-6h': burns(6, isBroken, () => 1),
  'fab-session-end-burn-1d': burns(3, isBroken, () => 1),
  'fab-session-end-burn-3d': burns(1, isBroken, () => 1),
  // A stall lasts for hours, and these worlds for a minute: what makes one is proven by `lockstep prove`.
  'fab-merge-gate-stalled': () => 0,
  'fab-self-eval-missing': () => 0,
  'fab-session-end-missing': () => 0,
  'fab-metrics-absent': () => undefined,
};

function burns(
  factor: number,
  bad: (session: Session) => number,
  all: (session: Session) => number,
): (world: World) => number {
  return ({ sessions }) => {
    const total = sessions.reduce((sum, session) => sum + all(session), 0);
    const spoiled = sessions.reduce((sum, session) => sum + bad(session), 0);
    return total >= 20 && spoiled / total / BUDGET > factor ? 1 : 0;
  };
}
