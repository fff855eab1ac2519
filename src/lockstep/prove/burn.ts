import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { AlertRule } from '../alerts/alert.js';
import { isWithin } from '../promql/parts.js';
import type { SelectorNode } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { BurnWindow } from '../slo/burn.js';
import type { EventSli, LatencySli, Slo, UptimeSli } from '../slo/slo.js';
import { badWhen, errorBudget, isNative, minimumEvents } from '../slo/slo.js';
import type { Case, Timing } from './case.js';
import { noise, selectorsOf } from './case.js';
import type { CountedBy, LooseEvent } from './delivery.js';
import { deliver } from './delivery.js';
import { labelSets, unchosenLabels } from './labels.js';
import { besides } from './native.js';
import type { Delays, Moment } from './state.js';
import { delaysOf, firingSpans, playRule, withStates } from './state.js';
import type { World } from './world.js';
import { recordSeries, sampleSeconds } from './world.js';

/** So many steps with so many events each, of which so many are bad. */
interface Phase {
  readonly steps: number;
  readonly all: number;
  readonly bad: number;
}

interface Plan {
  readonly name: string;
  readonly phases: readonly Phase[];
  /** Which phase is wrong, and what is wrong with it. */
  readonly wrong?: { readonly phase: number; readonly what: string };
  readonly delivery?: CountedBy;
  /** Whether the process has no bucket of the threshold: then nothing is known to be good. */
  readonly withoutBound?: boolean;
  /** The step after which no process reports. */
  readonly vanishes?: number;
  /** Whether it must fire at all. */
  readonly fires: boolean;
  /** How long after the wrong phase has begun it must fire, and how long after its end it must be over, in seconds. */
  readonly fireAfter?: number;
  readonly overAfter?: number;
  /** Whether it burns at exactly the factor, which no sum of samples tells from a little more. */
  readonly isTie?: boolean;
  /** Whether a single series reports: of samples, one at each step. */
  readonly isAlone?: boolean;
  /**
   * Whether single events decide: PromQL's own `increase()` estimates, and sees nothing of the first report of a
   * series.
   */
  readonly isExact?: boolean;
}

/** By how many steps an estimate may tell later, or be over later, than a count would. */
const ESTIMATE_STEPS = 3;

/**
 * Events per step where there is traffic: so many that one of them is a hundredth of what the limit allows, at most.
 */
function busyFor(limit: number): number {
  return 1000 * Math.ceil(1 / (10 * limit));
}

/**
 * The cases that every burn rule must stand: derived from the SLO's own numbers, and judged by counting events. The
 * rule's expression is not asked.
 */
export function burnCases(rule: AlertRule, catalogue: Catalogue, timing: Timing): readonly Case[] {
  if (rule.burn === undefined) throw new Error(`${rule.title} is not a burn rule`);
  const { slo, window } = rule.burn;
  const isPlayable = isUptime(slo)
    ? ({ phases, delivery, isTie, vanishes }: Plan) =>
        (phases.every(({ all }) => all > 0) || vanishes !== undefined) && delivery?.type !== 'jobs' && isTie !== true
    : ({ isExact, delivery }: Plan) => !isEstimated(rule) || (isExact !== true && delivery?.type !== 'jobs');
  return [
    ...plans(slo, window, timing.stepSeconds).filter(isPlayable),
    ...(isUptime(slo) ? fewSamples(slo, window, timing.stepSeconds) : []),
  ].map((plan) => toCase(keptPlan(plan, rule, timing.stepSeconds), rule, slo, window, catalogue, timing));
}

/** Whether the rule reads PromQL's own `increase()`, of counters that others record. */
function isEstimated(rule: AlertRule): boolean {
  return rule.burn?.slo.sli.type !== 'uptime' && selectorsOf(rule).some(({ metric }) => metric.foreign !== undefined);
}

function isUptime({ sli }: Slo): boolean {
  return sli.type === 'uptime';
}

/** A rule that goes on firing is over later, and a case lasts until it is. */
function keptPlan(plan: Plan, rule: AlertRule, stepSeconds: number): Plan {
  const { kept } = delaysOf(rule);
  const last = plan.phases.at(-1);
  if (kept === 0 || !plan.fires || plan.overAfter === undefined || last === undefined) return plan;
  const { overAfter, ...rest } = plan;
  // Nothing is heard any more: the case ends as it did, and what it shows is compared all the same.
  if (plan.vanishes !== undefined) return rest;
  const longer = { ...last, steps: Math.ceil(kept / stepSeconds) + 2 };
  return { ...rest, phases: [...plan.phases, longer], overAfter: overAfter + kept };
}

function plans(slo: Slo, window: BurnWindow, stepSeconds: number): readonly Plan[] {
  const budget = errorBudget(slo);
  const limit = window.factor * budget;
  const busy = busyFor(limit);
  const steps = (duration: string) => Math.ceil((durationSeconds(duration) ?? Number.NaN) / stepSeconds);
  const long = steps(window.long);
  const short = steps(window.short);
  const pending = steps(window.for);
  const fewest = minimumEvents(slo, window);
  const exceeds = (bad: number) => bad / busy / budget > window.factor;
  const isTie = (bad: number) => Math.abs(bad / busy / limit - 1) < 1e-9;
  const above = Array.from({ length: busy + 1 }, (_, bad) => bad).find((bad) => exceeds(bad) && !isTie(bad)) ?? busy;
  const below = above - 1 - (isTie(above - 1) ? 1 : 0);
  const tie = above - 1 > below && (above - 1) / busy / budget === window.factor ? above - 1 : undefined;
  const good = (count: number): Phase => ({ steps: count, all: busy, bad: 0 });
  const none = (count: number): Phase => ({ steps: count, all: 0, bad: 0 });
  const only = (count: number): Phase => ({ steps: 1, all: count, bad: count });
  const at = (count: number, bad: number): Phase => ({ steps: count, all: busy, bad });
  const pendingSeconds = durationSeconds(window.for) ?? Number.NaN;
  const longSeconds = long * stepSeconds;
  const shortSeconds = short * stepSeconds;
  /** Until the long window has filled above the limit, and `for` is over: the short one fills sooner. */
  const untilFire = (ratio: number) => (limit / ratio) * longSeconds + pendingSeconds;
  const untilOver = (ratio: number) => (1 - limit / ratio) * shortSeconds;
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))}%`;
  const wrong = (phase: number, ratio: number) => ({
    phase,
    what: `${ratio === 1 ? 'all' : percent(ratio)} of the ${slo.events} are ones ${badWhen(slo)}`,
  });
  /** A whole outage that lasts until it has been told for a while. */
  const outage = at(Math.ceil(limit * long) + pending + short, busy);
  const outagePhases = [good(long), outage, good(2 * short)];
  const sinceBefore = { steps: Math.ceil(1.1 * long), all: busy, bad: busy };
  /** So that the long window lies a little below the limit while the short one is just above it. */
  const tail = short + pending + 2;
  const quietShare = (0.97 * limit * long - (above / busy) * tail) / (long - tail);
  const quiet = Math.max(0, Math.floor(quietShare * busy));
  const told = { fires: true, fireAfter: untilFire(1), overAfter: untilOver(1) } as const;

  /** At the factor, and not above it: in both windows, in the short one alone, and in the long one alone. */
  const tiePlans = (bad: number): readonly Plan[] => {
    const wanted = bad * long - above * tail;
    const each = Math.floor(wanted / (long - tail));
    const more = wanted - each * (long - tail);
    // As much enters the long window as leaves it: it stays at the factor while the short one is above.
    const period = [at(more, each + 1), at(long - tail - more, each), at(tail, above)];
    return [
      {
        name: 'burning at exactly the factor',
        phases: [at(Math.ceil(1.2 * long), bad)],
        fires: false,
        isExact: true,
        isTie: true,
      },
      {
        name: 'an outage, then exactly the factor',
        isExact: true,
        isTie: true,
        phases: [good(long), outage, at(2 * short + pending, bad)],
        wrong: wrong(1, 1),
        fires: true,
        fireAfter: untilFire(1),
        overAfter: shortSeconds,
      },
      ...(wanted < 0
        ? []
        : [
            {
              name: 'exactly the factor over the long window, and more over the short one',
              isExact: true,
              isTie: true,
              phases: [...period, ...period],
              fires: false,
            },
          ]),
    ];
  };

  return [
    {
      name: 'healthy, half of what the objective allows is bad',
      phases: [at(long + short, Math.floor((budget * busy) / 2))],
      fires: false,
    },
    { name: 'burning just below the factor', phases: [at(Math.ceil(1.2 * long), below)], fires: false },
    ...(tie === undefined ? [] : tiePlans(tie)),
    {
      name: 'burning just above the factor',
      isExact: true,
      phases: [good(long), at(long + pending + short, above), good(short)],
      wrong: wrong(1, above / busy),
      fires: true,
      fireAfter: untilFire(above / busy),
      overAfter: untilOver(above / busy),
    },
    { name: 'far above, an outage', phases: outagePhases, wrong: wrong(1, 1), ...told },
    {
      name: 'an outage during which the process is restarted, and its counters with it',
      phases: outagePhases,
      wrong: wrong(1, 1),
      delivery: { type: 'restart', at: long + Math.ceil(outage.steps / 2) },
      ...told,
    },
    {
      name: 'an outage seen by Jobs that come and go',
      phases: outagePhases,
      wrong: wrong(1, 1),
      delivery: { type: 'jobs', length: Math.max(4, Math.ceil(long / 20)) },
      ...told,
    },
    {
      name: 'an outage that began before the window, then just below, then a flare',
      isExact: true,
      phases: [sinceBefore, at(short + 1, below), at(long - short, quiet), at(tail, above)],
      wrong: wrong(0, 1),
      fires: true,
    },
    ...(slo.sli.type === 'latency' && !isNative(slo.sli.of)
      ? [
          {
            name: 'a process of another catalogue, without the bucket of the threshold: nothing is known to be good',
            phases: [at(long, busy)],
            withoutBound: true,
            fires: true,
          },
        ]
      : []),
    {
      name: 'one failure at night',
      phases: [good(2 * short), none(long), only(1), none(short + pending)],
      fires: false,
    },
    {
      name: 'one event below the minimum, all bad, after a busy day',
      phases: [good(Math.ceil(long / 2)), none(long), only(fewest - 1), none(short + pending)],
      fires: false,
    },
    {
      name: 'exactly the minimum of events, all bad, half of them long ago',
      isExact: true,
      phases: [
        only(Math.floor(fewest / 2)),
        none(long - pending - 4),
        only(Math.ceil(fewest / 2)),
        none(short + pending + 4),
      ],
      wrong: { phase: 2, what: `${fewest} ${slo.events} ${badWhen(slo)}, and no others` },
      fires: true,
    },
    {
      name: 'traffic stops during an outage',
      phases: [good(long), outage, none(2 * short)],
      wrong: wrong(1, 1),
      fires: true,
      fireAfter: untilFire(1),
      overAfter: shortSeconds,
    },
    {
      name: 'metrics vanish during an outage',
      phases: [good(long), outage, none(2 * short)],
      wrong: wrong(1, 1),
      vanishes: long + outage.steps,
      fires: true,
      fireAfter: untilFire(1),
      overAfter: shortSeconds,
    },
  ];
}

/** The gate of samples, of a series that ends and comes back: one fewer than the minimum, and exactly as many. */
function fewSamples(slo: Slo, window: BurnWindow, stepSeconds: number): readonly Plan[] {
  const busy = busyFor(window.factor * errorBudget(slo));
  const fewest = minimumEvents(slo, window);
  const steps = (duration: string) => Math.ceil((durationSeconds(duration) ?? Number.NaN) / stepSeconds);
  const [long, short, pending] = [steps(window.long), steps(window.short), steps(window.for)];
  const down = (count: number): Phase => ({ steps: count, all: busy, bad: busy });
  const silent = (count: number): Phase => ({ steps: Math.max(1, count), all: 0, bad: 0 });
  const before = Math.floor(fewest / 2);
  return [
    {
      name: 'twice one sample below the minimum, all bad, further apart than the window is long',
      phases: [down(fewest - 1), silent(long), down(fewest - 1)],
      vanishes: fewest - 1,
      isAlone: true,
      fires: false,
    },
    {
      name: 'exactly the minimum of samples, all bad, half of them long ago',
      phases: [down(before), silent(long - fewest - pending - 2), down(fewest + pending + short)],
      vanishes: before,
      isAlone: true,
      wrong: { phase: 2, what: `all ${slo.events} are ones ${badWhen(slo)}, and there are few` },
      fires: true,
    },
  ];
}

function toCase(
  plan: Plan,
  rule: AlertRule,
  slo: Slo,
  window: BurnWindow,
  catalogue: Catalogue,
  { stepSeconds, every, estimate }: Timing,
): Case {
  const busy = busyFor(window.factor * errorBudget(slo));
  const perStep = plan.phases.flatMap(({ steps, all, bad }) => Array.from({ length: steps }, () => ({ all, bad })));
  const steps = perStep.length;
  const { sli } = slo;
  // The noise of a gauge would be a level of its own: series that the SLI does not choose are among its samples.
  const sampled = sli.type === 'uptime' ? [sli.of.node.metric] : [];
  const happened =
    sli.type === 'uptime'
      ? sliSamples(sli, slo.name, perStep, plan)
      : { events: sliEvents(sli, slo.name, rule, perStep, plan.withoutBound === true), counted: perStep };
  const events = [
    ...happened.events,
    // A case that must not fire has much other traffic, and one that must fire has none: either way a rule that read
    // it would show.
    ...(plan.fires ? [] : noise(rule, catalogue, steps).filter(({ metric }) => !sampled.includes(metric))),
  ];
  const world = deliver(events, { stepSeconds, steps }, plan.delivery ?? { type: 'process' }, plan.vanishes);
  const isEstimate = isEstimated(rule);
  // An estimate is judged by what PromQL makes of the samples, and by when it must tell of what happened, to some
  // steps.
  const moments = isEstimate
    ? playRule(rule, { series: recordSeries(world), stepSeconds, estimate }, steps * stepSeconds, every)
    : judge(slo, window, delaysOf(rule), happened.counted, world, plan.vanishes, every);
  const slack = (isEstimate ? ESTIMATE_STEPS : 1) * stepSeconds + every;
  const before = plan.phases.slice(0, plan.wrong?.phase ?? 0).reduce((sum, phase) => sum + phase.steps, 0);
  const began = before * stepSeconds;
  const ended = (before + (plan.phases[plan.wrong?.phase ?? 0]?.steps ?? 0)) * stepSeconds;
  return {
    name: plan.name,
    world,
    moments,
    marks: plan.phases.map((_, index) => plan.phases.slice(0, index).reduce((sum, phase) => sum + phase.steps, 1)),
    variant: '',
    story: plan.wrong && {
      began,
      ended,
      what: plan.wrong.what,
      // The budget is as large as the traffic; without traffic there is none to speak of.
      spent: plan.phases.some(({ all }) => all === busy)
        ? (seconds) => spent(slo, perStep, stepSeconds, seconds, busy)
        : undefined,
    },
    contradictions: contradictionsOf(plan, moments, began, ended, slack),
    isClaim: false,
  };
}

/**
 * The share of the budget of the whole window that bad events have spent, were the traffic always as it is where it is
 * busy.
 */
function spent(
  slo: Slo,
  perStep: readonly { readonly bad: number }[],
  stepSeconds: number,
  seconds: number,
  busy: number,
): number {
  const bad = perStep.slice(0, Math.floor(seconds / stepSeconds)).reduce((sum, each) => sum + each.bad, 0);
  const allowed = ((durationSeconds(slo.window) ?? Number.NaN) / stepSeconds) * busy * errorBudget(slo);
  return bad / allowed;
}

/** When it fires and when it is over must be what windows, factor and `for` say, to a step. */
function contradictionsOf(
  plan: Plan,
  moments: readonly Moment[],
  began: number,
  ended: number,
  slack: number,
): readonly string[] {
  const [span] = firingSpans(moments);
  if (!plan.fires) return span === undefined ? [] : [`fires at ${span.from} s, and must not`];
  if (span === undefined) return ['never fires, and must'];
  const found: string[] = [];
  const check = (what: string, seconds: number | undefined, expected: number | undefined, since: number) => {
    if (expected === undefined) return;
    const after = seconds === undefined ? Number.NaN : seconds - since;
    if (!(after >= expected - slack && after <= expected + slack))
      found.push(
        `${what} after ${after} s; by its windows, factor and pending time it would be ${Math.round(expected)} s`,
      );
  };
  check('fires', span.from, plan.fireAfter, began);
  check('is over', span.to, plan.overAfter, ended);
  return found;
}

function sliEvents(
  sli: EventSli | LatencySli,
  slo: string,
  rule: AlertRule,
  perStep: readonly Step[],
  isBoundMissing: boolean,
): readonly LooseEvent[] {
  const { good, bad } = eventsOf(sli, selectorsOf(rule), isBoundMissing);
  if (good.length === 0) throw new Error(`slo ${slo}: every event is bad, whatever its labels`);
  return perStep.flatMap(({ all, bad: failed }, index) => {
    const happen = (count: number, kinds: readonly Recorded[]) =>
      count === 0 ? [] : (kinds[index % kinds.length] ?? []).map((each) => ({ ...each, step: index + 1, count }));
    return [...happen(all - failed, good), ...happen(failed, bad)];
  });
}

interface Step {
  readonly all: number;
  readonly bad: number;
}

/**
 * The samples of a gauge: each of its series is up for the share of each step for which it is not bad. Series that the
 * SLI does not choose are the other way round.
 */
function sliSamples(
  { of: { node } }: UptimeSli,
  slo: string,
  perStep: readonly Step[],
  { fires, isAlone = false }: Plan,
): { readonly events: readonly LooseEvent[]; readonly counted: readonly Step[] } {
  const { metric } = node;
  const [first, ...others] = labelSets(node);
  if (first === undefined) throw new Error(`slo ${slo}: no series has such labels`);
  const series = isAlone ? [first] : [first, ...others];
  const unchosen = unchosenLabels(metric, [node]);
  const sample = (labels: LooseEvent['labels'], index: number, level: number): LooseEvent => ({
    metric,
    labels,
    value: undefined,
    step: index + 1,
    count: level,
  });
  return {
    events: perStep.flatMap(({ all, bad }, index) =>
      all === 0
        ? []
        : [
            ...series.map((labels) => sample(labels, index, 1 - bad / all)),
            ...(unchosen === undefined ? [] : [sample(unchosen, index, fires ? 1 : 0)]),
          ],
    ),
    counted: perStep.map(({ all, bad }) =>
      all === 0 ? { all, bad } : { all: series.length, bad: (series.length * bad) / all },
    ),
  };
}

/** Everything that is recorded of one event: in one metric, or in two of which one counts what happens in the other. */
type Recorded = readonly Omit<LooseEvent, 'step' | 'count'>[];

/** A good event and a bad one, each in every way in which it may be recorded. */
function eventsOf(
  sli: EventSli | LatencySli,
  others: readonly SelectorNode[],
  isBoundMissing: boolean,
): { readonly good: readonly Recorded[]; readonly bad: readonly Recorded[] } {
  if (sli.type === 'latency') {
    const { node } = sli.of;
    const withoutBound = isBoundMissing ? sli.atMost : undefined;
    const observed = (value: number) =>
      labelSets(node).map((labels) => [{ metric: node.metric, labels, value, withoutBound }]);
    const [fast, slow] = isNative(sli.of)
      ? [besides(sli.atMost).below, besides(sli.atMost).above]
      : [sli.atMost, sli.atMost * 1.01];
    return { good: observed(fast), bad: observed(slow) };
  }
  const [bad, good, total] = [sli.bad, sli.good, sli.total].map((series) => (series ?? []).map(({ node }) => node));
  return {
    good: good?.length ? partsOf(good, total) : restOf(total, others, bad),
    bad: bad?.length ? partsOf(bad, total) : restOf(total, others, good),
  };
}

/** Events of a part of the whole. Those of a metric of its own are counted in the whole's as well. */
function partsOf(part: readonly SelectorNode[], whole: readonly SelectorNode[] = []): readonly Recorded[] {
  return part.flatMap((node) => {
    const around = whole.find(({ metric }) => metric !== node.metric && isWithin(node.metric, metric));
    const [labelsAround] = around === undefined ? [] : labelSets(around);
    const also = around === undefined || labelsAround === undefined ? [] : [recorded(around, labelsAround)];
    return labelSets(node).map((labels) => [recorded(node, labels), ...also]);
  });
}

/** Events of the whole that are of no part. */
function restOf(
  whole: readonly SelectorNode[] = [],
  others: readonly SelectorNode[],
  parts: readonly SelectorNode[] = [],
): readonly Recorded[] {
  return whole.flatMap((node) => labelSets(node, others, parts).map((labels) => [recorded(node, labels)]));
}

/** An observation of a histogram lies in its last bucket. */
function recorded({ metric }: SelectorNode, labels: LooseEvent['labels']): Recorded[number] {
  return { metric, labels, value: metric.bounds.at(-1) };
}

/**
 * The state that the rule must have, by counting: bad events over all of them, in both windows, against the factor;
 * and enough of them in the long one.
 */
function judge(
  slo: Slo,
  window: BurnWindow,
  delays: Delays,
  perStep: readonly Step[],
  world: World,
  vanishes: number | undefined,
  every: number,
): readonly Moment[] {
  const { stepSeconds, steps } = world;
  const sums = { all: [0], bad: [0] };
  for (const { all, bad } of perStep) {
    sums.all.push((sums.all.at(-1) ?? 0) + all);
    sums.bad.push((sums.bad.at(-1) ?? 0) + bad);
  }
  const firstEvent = perStep.findIndex(({ all }) => all > 0) + 1;
  const offset = stepSeconds - sampleSeconds(1, stepSeconds);
  const upTo = (seconds: number) => Math.min(steps, Math.max(0, Math.floor((seconds + offset) / stepSeconds)));
  const counted = (seconds: number, duration: string) => {
    const from = upTo(seconds - (durationSeconds(duration) ?? Number.NaN));
    const to = upTo(seconds);
    const all = (sums.all[to] ?? 0) - (sums.all[from] ?? 0);
    return {
      all,
      bad: (sums.bad[to] ?? 0) - (sums.bad[from] ?? 0),
      // Whether anybody reported, events or not.
      heard: isUptime(slo) ? all > 0 : Math.min(to, vanishes ?? steps) > from && to >= firstEvent,
    };
  };
  const budget = errorBudget(slo);
  const fewest = minimumEvents(slo, window);
  const values: Pick<Moment, 'seconds' | 'elements'>[] = [];
  for (let seconds = 0; seconds <= steps * stepSeconds; seconds += every) {
    const long = counted(seconds, window.long);
    const short = counted(seconds, window.short);
    const exceeds = ({ all, bad }: { all: number; bad: number }) => all > 0 && bad / all / budget > window.factor;
    const holds = exceeds(long) && exceeds(short) && long.all >= fewest;
    values.push({ seconds, elements: short.heard ? [{ labels: {}, value: holds ? 1 : 0 }] : [] });
  }
  return withStates(values, delays);
}
