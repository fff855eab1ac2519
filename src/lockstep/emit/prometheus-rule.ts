import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import type { System, Target } from '../config/config.js';
import { countersOf, evaluatorOf } from '../config/config.js';
import { printExpression, printNumber } from '../promql/print.js';
import type { BurnWindow } from '../slo/burn.js';
import type { Slo } from '../slo/slo.js';
import { errorBudget, trafficGate } from '../slo/slo.js';
import { alertGroupResource, INTERVAL, notification } from './alert-group.js';
import { policyWindows, recordedSeries, recordingRules, shownOverWindow } from './recorded.js';
import type { PrometheusRule } from './resource.js';

/**
 * How often an SLO is recorded over its whole window. It changes slowly and costs most; beyond five minutes a
 * Prometheus would no longer hear of it.
 */
const WINDOW_INTERVAL = '2m';

/**
 * The `PrometheusRule` of a group, for a target where a ruler evaluates it. The alerts read the ratios that it records;
 * otherwise they are those of the Grafana group, with the same labels and `slo`. Nothing, if there is no rule for it:
 * of a group whose alerts Grafana evaluates, it only records.
 */
export function prometheusRuleCr(
  group: AlertGroup,
  system: System,
  target: Target,
  ruler: NonNullable<Target['ruler']>,
): PrometheusRule | undefined {
  const name = alertGroupResource(group);
  const counting = countersOf(target);
  const slos = [...new Set(group.rules.flatMap(({ burn }) => (burn === undefined ? [] : [burn.slo])))];
  const alerts = evaluatorOf(target, name) === 'grafana' ? [] : group.rules;
  const shown = shownOverWindow(system, target);
  const groups = [
    {
      name,
      interval: INTERVAL,
      rules: [
        ...slos.flatMap((slo) => recordingRules(slo, policyWindows(slo), counting)),
        ...alerts.map((rule) => alertingRule(rule, group, system, target)),
      ],
    },
    // A group of its own: the alerts do not wait for it.
    {
      name: `${name}-window`,
      interval: WINDOW_INTERVAL,
      rules: slos.filter((slo) => shown.has(slo)).flatMap((slo) => recordingRules(slo, [slo.window], counting)),
    },
  ].filter(({ rules }) => rules.length > 0);
  if (groups.length === 0) return undefined;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name, labels: { ...ruler.labels } },
    spec: { groups },
  };
}

function alertingRule(rule: AlertRule, group: AlertGroup, system: System, target: Target): Record<string, unknown> {
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
    ...notification(rule, group, system.dashboards, target),
  };
}

function recordedCondition(slo: Slo, window: BurnWindow): string {
  const exceeds = (over: BurnWindow['long']) =>
    `(${recordedSeries(slo, 'sli_error', over)} / ${printNumber(errorBudget(slo))} > bool ${printNumber(window.factor)})`;
  const enough = `(${recordedSeries(slo, 'sli_total', window.long)} > bool ${printNumber(trafficGate(slo, window))})`;
  return `${exceeds(window.long)} * ${exceeds(window.short)} * ${enough}`;
}
