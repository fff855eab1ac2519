import { isRecord } from 'lockstep-exporter/internal';
import { diffValues } from '../check/diff-values.js';
import type { ExistingAlert, ExistingAlerts } from '../existing/alerts.js';
import type { GrafanaFields } from '../existing/board.js';
import { renderAlerts, renderGroups } from '../existing/render.js';
import type { ExistingRule, ExistingRules } from '../existing/rules.js';
import type { Finding } from '../report/finding.js';
import { normalAlert } from './alerts.js';
import { changed } from './compare.js';
import { normalRule } from './rules.js';
import type { AlertsSource, RulesSource } from './sources.js';

/** The rules of a group of Grafana's that are built otherwise than the file has them. */
export function compareAlertRules(
  built: ExistingAlerts,
  { spec, where: file }: AlertsSource,
  datasource: string,
  findings: Finding[],
): ReadonlySet<ExistingAlert> {
  const given = (Array.isArray(spec['rules']) ? spec['rules'] : [])
    .filter(isRecord)
    .filter(({ title, data }) => typeof title === 'string' && Array.isArray(data));
  const differing = new Set<ExistingAlert>();
  for (const [index, rule] of renderAlerts(built, datasource).entries()) {
    const definition = built.alerts[index];
    for (const { where, found, wanted } of diffValues(normalAlert(rule), normalAlert(given[index] ?? {}))) {
      findings.push(changed(`${file} › ${String(rule['title'])} › ${where}`, found, wanted));
      if (definition !== undefined) differing.add(definition);
    }
  }
  return differing;
}

/** The rules that are built otherwise than the file has them. */
export function compareGroups(
  built: ExistingRules,
  source: RulesSource,
  findings: Finding[],
): ReadonlySet<ExistingRule> {
  const given = source.groups.filter(isRecord);
  const differing = new Set<ExistingRule>();
  for (const [index, { rules: madeRules, ...made }] of renderGroups(built).entries()) {
    const { rules: hadRules, ...had } = given[index] ?? {};
    const group = `${source.where} › ${String(made['name'])}`;
    for (const { where, found, wanted } of diffValues(made, had))
      findings.push(changed(`${group} › ${where}`, found, wanted));
    const old = Array.isArray(hadRules) ? hadRules.filter(isRecord) : [];
    for (const [which, rule] of (madeRules as readonly GrafanaFields[]).entries()) {
      const definition = built.groups[index]?.rules[which];
      for (const { where, found, wanted } of diffValues(normalRule(rule), normalRule(old[which] ?? {}))) {
        findings.push(changed(`${group} › ${String(rule['alert'] ?? rule['record'])} › ${where}`, found, wanted));
        if (definition !== undefined) differing.add(definition);
      }
    }
  }
  return differing;
}
