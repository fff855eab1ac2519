import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { AlertRule } from '../alerts/alert.js';
import type { Scenario, Traffic } from '../alerts/scenario.js';
import { EVALUATION_SECONDS } from '../grafana/index.js';
import { labelsOf, readsLevel, TARGET, walk } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { Case, Timing } from './case.js';
import { noise, selectorsOf } from './case.js';
import type { CountedBy, LooseEvent } from './delivery.js';
import { deliver } from './delivery.js';
import { labelSets } from './labels.js';
import type { Moment } from './state.js';
import { firingSpans, playRule } from './state.js';
import { recordSeries } from './world.js';

/**
 * The scenarios that a rule's definition gives, each as its traffic may be delivered: by one process amid other
 * traffic, by one that is restarted halfway, by Jobs that come and go. The exact minute follows from what the
 * expression means; it must lie where the author said.
 */
export function authoredCases(rule: AlertRule, catalogue: Catalogue, timing: Timing): readonly Case[] {
  return rule.proof.flatMap((scenario) => {
    const steps = Math.ceil(seconds(scenario.lasts) / timing.stepSeconds);
    const hasGauge = scenario.traffic.some(({ of }) => readsLevel(of.node));
    const deliveries: readonly (readonly [CountedBy, string, boolean])[] = hasGauge
      ? [[{ type: 'process' }, 'by one process', true]]
      : [
          [{ type: 'process' }, 'by one process', true],
          [{ type: 'restart', at: Math.ceil(steps / 2) }, 'by a process that is restarted halfway', false],
          [{ type: 'jobs', length: Math.max(4, Math.ceil(steps / 40)) }, 'by Jobs that come and go', false],
        ];
    return deliveries.map(([delivery, how, noisy]) =>
      toCase(rule, scenario, catalogue, { ...timing, steps, delivery, how, noisy }),
    );
  });
}

interface Setting extends Timing {
  readonly steps: number;
  readonly delivery: CountedBy;
  readonly how: string;
  readonly noisy: boolean;
}

function toCase(rule: AlertRule, scenario: Scenario, catalogue: Catalogue, setting: Setting): Case {
  const { stepSeconds, steps, every, estimate, delivery, how, noisy } = setting;
  const vanishes = scenario.vanishes === undefined ? undefined : Math.ceil(seconds(scenario.vanishes) / stepSeconds);
  const own = scenario.traffic.flatMap((traffic) =>
    toEvents(traffic, rule, { stepSeconds, steps, vanishes: vanishes ?? steps }),
  );
  const others = noisy ? noise(rule, catalogue, steps) : [];
  const world = deliver([...own, ...others], { stepSeconds, steps }, delivery, vanishes);
  const isText = [...walk(rule.node)].some(({ type }) => type === 'text');
  const lasts = steps * stepSeconds;
  const moments = isText
    ? claimedMoments(rule, scenario, lasts, every)
    : playRule(rule, { series: recordSeries(world), stepSeconds, estimate }, lasts, every);
  return {
    name: scenario.name,
    variant: how,
    world,
    moments,
    marks: [...new Set(own.map(({ step }) => step))],
    story: scenario.fires === 'never' ? undefined : { began: 0, ended: undefined, what: undefined, spent: undefined },
    contradictions: isText ? [] : contradictionsOf(scenario, moments, stepSeconds > 60 ? stepSeconds : 0),
    isClaim: isText,
  };
}

/** A scenario in which nothing may fire is checked at about this many evaluations. */
const LOOKS = 120;

/**
 * The moments at which a scenario says whether a rule fires. Lockstep cannot compute the values of PromQL as text, so
 * promtool alone says when the rule fires.
 *
 * @throws Error if the expression returns labels: a scenario does not say which of them fire
 */
function claimedMoments({ node }: AlertRule, { fires }: Scenario, lasts: number, every: number): readonly Moment[] {
  const labels = (labelsOf(node) ?? []).filter((label) => label !== TARGET);
  if (labels.length > 0)
    throw new Error(
      `its expression is PromQL as text with the labels ${labels.join(', ')}: aggregate them away, or build it of lockstep/promql, for a proof`,
    );
  const at = (time: number, isFiring: boolean): Moment => ({
    seconds: Math.max(0, Math.ceil(time / every) * every),
    elements: [],
    firing: isFiring ? [{}] : [],
  });
  if (fires === 'never') {
    const apart = Math.max(1, Math.ceil(lasts / every / LOOKS)) * every;
    return Array.from({ length: Math.floor(lasts / apart) + 1 }, (_, index) => at(index * apart, false));
  }
  const before = seconds(fires.notBefore) - every;
  return [
    ...(before < 0 ? [] : [at(before, false)]),
    at(seconds(fires.by), true),
    ...(fires.overBy === undefined ? [] : [at(seconds(fires.overBy), false)]),
  ];
}

/**
 * @param slack how coarse time is, in seconds: to be said of a rule that is played in longer steps than it is
 * evaluated in
 */
function contradictionsOf({ fires }: Scenario, moments: readonly Moment[], slack: number): readonly string[] {
  const spans = firingSpans(moments);
  if (fires === 'never') return spans.map(({ from }) => `fires at ${minutes(from)}, and must never`);
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return ['never fires, and must'];
  const found: string[] = [];
  if (first.from < seconds(fires.notBefore) - slack)
    found.push(`fires at ${minutes(first.from)}, and must not before ${fires.notBefore}`);
  if (first.from > seconds(fires.by) + slack) found.push(`fires at ${minutes(first.from)}, and must by ${fires.by}`);
  if (fires.overBy !== undefined && (last.to === undefined || last.to > seconds(fires.overBy) + slack))
    found.push(
      `${last.to === undefined ? 'is never over' : `is over at ${minutes(last.to)}`}, and must be by ${fires.overBy}`,
    );
  return found;
}

function minutes(value: number): string {
  return `${Math.round(value / 60)}m`;
}

function toEvents(
  traffic: Traffic,
  rule: AlertRule,
  { stepSeconds, steps, vanishes }: { readonly stepSeconds: number; readonly steps: number; readonly vanishes: number },
): readonly LooseEvent[] {
  const { metric, quantile } = traffic.of.node;
  const own = new Set(selectorsOf(rule).filter((selector) => selector.metric === metric));
  const sets = labelSets(traffic.of.node, [...own]);
  if (sets.length === 0) throw new Error(`no series of ${metric.name} has the labels that a scenario says`);
  const end = steps * stepSeconds;
  const from = traffic.from === undefined ? 0 : seconds(traffic.from);
  const until = traffic.until === undefined ? end : Math.min(end, seconds(traffic.until));
  const every = traffic.every === undefined ? EVALUATION_SECONDS : seconds(traffic.every);
  const event = (step: number, index: number, count: number): LooseEvent => ({
    step,
    metric,
    labels: sets[index % sets.length] ?? {},
    count,
    value: traffic.value,
    ...(quantile === undefined ? {} : { quantile }),
  });
  const stepAt = (time: number) => Math.floor(time / stepSeconds) + 1;
  if (readsLevel(traffic.of.node)) {
    const level = [event(stepAt(from), 0, traffic.count)];
    // A level ends at 0, or with the process that reports it.
    const isSetBack = until < end && (stepAt(until) <= vanishes || stepAt(from) > vanishes);
    return isSetBack ? [...level, { ...event(stepAt(from), 0, 0), step: stepAt(until) }] : level;
  }
  // All of it happens, however long a step is: what falls into one is counted there.
  const events: LooseEvent[] = [];
  for (let time = from, index = 0; time < until; time += every, index += 1)
    events.push(event(stepAt(time), index, traffic.count));
  return events;
}

function seconds(duration: string): number {
  return durationSeconds(duration) ?? Number.NaN;
}
