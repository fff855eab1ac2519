import type { MetricEvent } from '../catalogue/event.js';
import { hashCatalogue } from '../catalogue/index.js';
import type { Metric } from '../catalogue/metric.js';
import { VERSION } from '../version.js';
import { fab } from './catalogue.js';
import type { Role } from './roster.js';
import { GATE_ROLES, ROLES, ROSTER, UNKNOWN_ROLE } from './roster.js';

/** What happened in the made-up month: what the board must show of it. */
export interface FactoryTruth {
  readonly evaluations: number;
  readonly failed: number;
  readonly sessions: number;
  readonly completed: number;
  readonly tokens: number;
  readonly cost: number;
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
/** The month ends in the afternoon. */
const LAST_HOUR = 16;
/** The last days are as busy as the factory is; before them it was small, so that the month is filled in seconds. */
const BUSY_DAYS = 3;
/** Minutes before the end: a release after which most evaluations fail, and since when nothing has been released. */
const BAD_RELEASE = { from: 30 * HOUR, until: 27 * HOUR } as const;
const STALLED_SINCE = 7 * HOUR;

/**
 * A month of the factory: Jobs by day and few at night, one bad release, and a merge gate that has stalled since this
 * morning. The same every time: its luck is a sequence that spreads evenly (multiples of the golden section), and no
 * clock.
 */
export function factoryMonth(): FactoryMonth {
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
    const isStalled = back <= STALLED_SINCE;
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
      const isBad = back <= BAD_RELEASE.from && back > BAD_RELEASE.until;
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

  for (let start = 10; start < MINUTES - 2; start += 20) {
    const back = MINUTES - start;
    const hour = (((LAST_HOUR - Math.floor(back / HOUR)) % 24) + 24) % 24;
    const isNight = hour < 6 || hour >= 22;
    const isBusy = back <= BUSY_DAYS * DAY;
    // By day three Jobs an hour, one where the month is only filled; at night one in three hours.
    const slot = Math.floor(start / 20);
    if (isNight ? slot % 9 === 0 : isBusy || slot % 6 === 0) job(start, isBusy ? 5 : 2);
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
