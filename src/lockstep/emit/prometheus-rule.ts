import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import type { Target } from '../config/config.js';
import { countersOf } from '../config/config.js';
import type { Dashboard } from '../panels/dashboard.js';
import { printExpression, printNumber } from '../promql/print.js';
import type { Counting } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import type { BurnWindow } from '../slo/burn.js';
import type { Slo } from '../slo/slo.js';
import { allEvents, badEvents, errorBudget, measuredSeries, trafficGate } from '../slo/slo.js';
import { alertGroupResource, INTERVAL, notification } from './alert-group.js';
import type { PrometheusRule } from './resource.js';

interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The `PrometheusRule` of a group, for a target where a ruler evaluates it. Numerator and denominator of each SLI are
 * recorded once per window and divided after that: a ratio is never averaged. The alerts read what is recorded;
 * otherwise they are those of the Grafana group, with the same labels and `slo`.
 */
export function prometheusRuleCr(
  group: AlertGroup,
  dashboards: readonly Dashboard[],
  target: Target,
  ruler: NonNullable<Target['ruler']>,
): PrometheusRule {
  const name = alertGroupResource(group);
  const counting = countersOf(target);
  const slos = new Set(group.rules.flatMap(({ burn }) => (burn === undefined ? [] : [burn.slo])));
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, labels: { ...ruler.labels } },
    spec: {
      groups: [
        {
          name,
          interval: INTERVAL,
          rules: [
            ...[...slos].flatMap((slo) => recordingRules(slo, counting)),
            ...group.rules.map((rule) => alertingRule(rule, group, dashboards, target)),
          ],
        },
      ],
    },
  };
}

/** The windows of an SLO's policy, shortest first. */
function windowsOf(slo: Slo): readonly Duration[] {
  const seconds = (window: Duration) => durationSeconds(window) ?? 0;
  return [...new Set(slo.policy.flatMap(({ long, short }) => [long, short]))].sort((a, b) => seconds(a) - seconds(b));
}

const OPERATIONS = {
  events: { ratio: 'ratio_rate', count: 'increase' },
  latency: { ratio: 'ratio_rate', count: 'increase' },
  uptime: { ratio: 'ratio_samples', count: 'samples' },
} as const;

/**
 * `<metric>:<what>:<operation><window>`, as https://prometheus.io/docs/practices/rules has it: the metric without the
 * suffix of its kind.
 */
function recordedName(slo: Slo, what: 'sli_bad' | 'sli_total' | 'sli_error', window: Duration): string {
  const { metric } = measuredSeries(slo).node;
  const { ratio, count } = OPERATIONS[slo.sli.type];
  const operation = what === 'sli_error' ? ratio : count;
  return `${metric.name.replace(/_total$/, '')}:${what}:${operation}${window}`;
}

function recordingRules(slo: Slo, counting: Counting): readonly RecordingRule[] {
  const labels = { slo: slo.name };
  return windowsOf(slo).flatMap((window) => [
    {
      record: recordedName(slo, 'sli_bad', window),
      expr: printExpression(badEvents(slo, window), counting),
      labels,
    },
    {
      record: recordedName(slo, 'sli_total', window),
      expr: printExpression(allEvents(slo, window), counting),
      labels,
    },
    {
      record: recordedName(slo, 'sli_error', window),
      expr: `${recorded(slo, 'sli_bad', window)} / (${recorded(slo, 'sli_total', window)} > 0)`,
      labels,
    },
  ]);
}

function recorded(slo: Slo, what: 'sli_bad' | 'sli_total' | 'sli_error', window: Duration): string {
  return `${recordedName(slo, what, window)}{slo="${slo.name}"}`;
}

function alertingRule(
  rule: AlertRule,
  group: AlertGroup,
  dashboards: readonly Dashboard[],
  target: Target,
): Record<string, unknown> {
  const condition =
    rule.burn === undefined
      ? printExpression({ node: rule.node }, countersOf(target))
      : recordedCondition(rule.burn.slo, rule.burn.window);
  return {
    alert: rule.title,
    // A Prometheus alert fires on any sample, also on a 0.
    expr: `(${condition}) > 0`,
    for: rule.for,
    ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor }),
    ...notification(rule, group, dashboards, target),
  };
}

function recordedCondition(slo: Slo, window: BurnWindow): string {
  const exceeds = (over: Duration) =>
    `(${recorded(slo, 'sli_error', over)} / ${printNumber(errorBudget(slo))} > bool ${printNumber(window.factor)})`;
  const enough = `(${recorded(slo, 'sli_total', window.long)} > bool ${printNumber(trafficGate(slo, window))})`;
  return `${exceeds(window.long)} * ${exceeds(window.short)} * ${enough}`;
}
