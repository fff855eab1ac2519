import type { Metric, MetricEvent } from 'lockstep-exporter/catalogue';
import { hashCatalogue, VERSION } from 'lockstep-exporter/catalogue';
import { fab } from './catalogue.js';
import type { Role } from './roster.js';
import { GATE_ROLES, ROLES, ROSTER, UNKNOWN_ROLE } from './roster.js';

/** The events of the made-up month, which the board must show. */
export interface FactoryTruth {
  readonly evaluations: number;
  readonly failed: number;
  readonly sessions: number;
  readonly completed: number;
  readonly tokens: number;
  readonly cost: number;
}

/** How much the factory works, and how its last days went. */
export interface FactoryPace {
  /** Jobs a day in the last days, besides a few at night. Default 48. */
  readonly jobs?: number;
  /** Sessions of each Job, those of the gate and the release left out. Default 5. */
  readonly sessions?: number;
  /**
   * The trouble of the month: a release after which most evaluations failed, and that was taken back; a gate that
   * stalls; both; or nothing.
   */
  readonly trouble?: 'both' | 'bad release' | 'stalled gate' | 'none';
  /** The hour of the day at which the month ends. Default 16 (the afternoon). */
  readonly lastHour?: number;
}

interface FactoryMonth {
  readonly minutes: number;
  readonly processes: readonly { readonly first: number; readonly last: number }[];
  readonly events: readonly MetricEvent[];
  /** Over the last `minutes` of the month. */
  truth(minutes: number): FactoryTruth;
}

const HOUR = 60;
const DAY = 24 * HOUR;
/** A month, and the day by which the longest window reaches over its beginning. */
const MINUTES = 31 * DAY;
/** Before the last days the factory was small, so that the month is filled in seconds: Jobs a day. */
const SMALL = 8;
/** Busier factories than this are shown for one busy day and not for three: what they record is what takes the time. */
const LARGE = 300;
/** Minutes before the end: a release after which most evaluations fail, and since when nothing has been released. */
const BAD_RELEASE = { from: 30 * HOUR, until: 27 * HOUR } as const;
const FRESH_RELEASE = { from: 3 * HOUR, until: 0 } as const;
const STALLED_SINCE = 7 * HOUR;
/** By day a Job begins in each slot, by night in one of nine. */
const DAY_HOURS = 16;
const NIGHT_SLOTS = 9;

/**
 * A month of the factory: Jobs by day and few at night, and what went wrong; by default one bad release, and a merge
 * gate that has stalled since this morning. The same every time: its luck is a sequence that spreads evenly (multiples
 * of the golden section), and no clock.
 */
export function factoryMonth(pace: FactoryPace = {}): FactoryMonth {
  const { jobs = 48, sessions: sessionsPerJob = 5, trouble = 'both', lastHour = 16 } = pace;
  const release = trouble === 'both' ? BAD_RELEASE : trouble === 'bad release' ? FRESH_RELEASE : { from: 0, until: 0 };
  const stalledSince = trouble === 'both' || trouble === 'stalled gate' ? STALLED_SINCE : 0;
  const busyDays = jobs > LARGE ? 1 : 3;
  const catalogue = { hash: hashCatalogue(fab), version: VERSION };
  let luck = 0;
  const next = () => {
    luck = (luck + 0.618_033_988_749_895) % 1;
    return luck;
  };
  const processes: { first: number; last: number }[] = [];
  const events: MetricEvent[] = [];
  const facts: { readonly step: number; readonly fact: keyof FactoryTruth; readonly amount: number }[] = [];
  const roles = ROLES.filter((role) => role !== UNKNOWN_ROLE && ROSTER[role].phase !== 'ship');
  let turn = 0;

  const job = (start: number, sessions: number) => {
    const process = processes.length;
    const minutes = 12 + Math.floor(12 * next());
    const last = Math.min(MINUTES, start + minutes + 4);
    processes.push({ first: start, last });
    const count = (
      step: number,
      metric: Metric,
      labels: Readonly<Record<string, string>>,
      amount: number,
      value?: number,
    ) => events.push({ step, process, metric, labels, count: amount, value });
    const note = (step: number, fact: keyof FactoryTruth, amount: number) => facts.push({ step, fact, amount });
    count(start, fab.own.info, catalogue, 1);
    for (const reason of ['number', 'label', 'overflow']) count(start, fab.own.anomalies, { reason }, 0);
    const names: Role[] = Array.from({ length: sessions }, () => {
      turn += 7;
      return roles[turn % roles.length] ?? 'product';
    });
    // The gate judges what a Job makes; what passes is released.
    const back = MINUTES - start;
    const isStalled = back <= stalledSince;
    const revises = isStalled || next() < 0.15;
    names.push(
      GATE_ROLES[turn % GATE_ROLES.length] ?? 'pr-reviewer',
      ...(revises ? [] : (['release-manager'] as const)),
    );
    for (const [index, role] of names.entries()) {
      const { phase, group } = ROSTER[role];
      const labels = { role, phase, group };
      const begin = start + 1 + Math.floor((index * minutes) / names.length);
      const end = begin + 1 + Math.floor(6 * next() ** 2);
      count(begin, fab.metrics.inFlight, labels, 1);
      if (end > last - 1) continue;
      count(end, fab.metrics.inFlight, labels, 0);
      const isBad = back <= release.from && back > release.until;
      const fails = next() < (isBad ? 0.85 : 0.02);
      const broke = next() < (isBad ? 0.1 : 0.01);
      const tokens = { input: 20_000 + Math.floor(200_000 * next()), output: 1000 + Math.floor(20_000 * next()) };
      const cost = Math.round(100 * (0.05 + 0.9 * next())) / 100;
      count(end, fab.metrics.sessions, labels, 1);
      count(end, fab.metrics.selfEval, { ...labels, result: fails ? 'fail' : 'pass' }, 1);
      count(end, fab.metrics.outcomes, { ...labels, outcome: broke ? 'error' : 'completed' }, 1);
      count(end, fab.metrics.tokens, { ...labels, direction: 'input' }, tokens.input);
      count(end, fab.metrics.tokens, { ...labels, direction: 'output' }, tokens.output);
      count(end, fab.metrics.cost, labels, cost);
      count(end, fab.metrics.duration, labels, 1, Math.round(10 + 60 * (end - begin) * (0.5 + next())));
      if (next() < 0.3) count(end, fab.metrics.advisorCalls, labels, 1 + Math.floor(2 * next()));
      if (revises && phase === 'build') count(end, fab.metrics.revisions, labels, 1);
      note(end, 'sessions', 1);
      note(end, 'evaluations', 1);
      if (fails) note(end, 'failed', 1);
      if (!broke) note(end, 'completed', 1);
      note(end, 'tokens', tokens.input + tokens.output);
      note(end, 'cost', cost);
    }
    const verdict = revises ? 'revise' : next() < 0.05 ? 'reject' : 'approve';
    count(
      Math.min(last - 1, start + minutes),
      fab.metrics.gateRuns,
      { decision: verdict, profile: next() < 0.7 ? 'code' : 'docs' },
      1,
    );
    if (revises)
      count(start + Math.floor(minutes / 2), fab.metrics.revisions, { role: 'product', ...ROSTER.product }, 1);
  };

  const slotMinutes = Math.max(1, Math.round((DAY_HOURS * HOUR) / jobs));
  const fill = Math.max(1, Math.round(jobs / SMALL));
  for (let start = 10; start < MINUTES - 2; start += slotMinutes) {
    const back = MINUTES - start;
    const hour = (((lastHour - Math.floor(back / HOUR)) % 24) + 24) % 24;
    const isNight = hour < 6 || hour >= 22;
    const isBusy = back <= busyDays * DAY;
    const slot = Math.floor(start / slotMinutes);
    if (isNight ? slot % NIGHT_SLOTS === 0 : isBusy || slot % fill === 0) job(start, isBusy ? sessionsPerJob : 2);
  }
  return {
    minutes: MINUTES,
    processes,
    events,
    truth: (minutes) => {
      const sum = (fact: keyof FactoryTruth) =>
        facts.reduce(
          (total, each) => (each.fact === fact && each.step > MINUTES - minutes ? total + each.amount : total),
          0,
        );
      return {
        evaluations: sum('evaluations'),
        failed: sum('failed'),
        sessions: sum('sessions'),
        completed: sum('completed'),
        tokens: sum('tokens'),
        cost: sum('cost'),
      };
    },
  };
}
