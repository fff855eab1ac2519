import type { DiffRule } from 'lockstep-exporter/internal';
import { DIFF_RULES, isRecord } from 'lockstep-exporter/internal';
import { durationSeconds } from '../promql/window.js';
import type { BuiltBefore } from './built.js';
import type { Change } from './compare.js';

/** The fields of a rule that decide whom it tells, of what, and when. */
export interface BuiltAlert {
  /** Who evaluates it. */
  readonly by: readonly ('Grafana' | 'a ruler')[];
  /** The name of the resource that it stands in. */
  readonly group: string;
  readonly uid: string;
  readonly title: string;
  readonly severity: string;
  readonly for: string;
  /** How often its group is evaluated. */
  readonly interval: string;
  /** Its own notification settings, as JSON; empty if the notification policy tells it. */
  readonly settings: string;
  readonly isPaused: boolean;
  readonly noDataState: string;
  readonly execErrState: string;
  /** The PromQL of its queries, and the settings of its expressions. */
  readonly condition: string;
}

/**
 * The alerts of all built resources. A `PrometheusRule` of the name of an alert group has the same alerts for a ruler,
 * and is left out.
 */
export function alertsIn(all: readonly BuiltBefore[]): readonly BuiltAlert[] {
  const ofRulers = all.filter(({ kind }) => kind === 'PrometheusRule');
  const groups = new Set(all.filter(({ kind }) => kind === 'GrafanaAlertRuleGroup').map(({ name }) => name));
  const twins = ofRulers.filter(({ name }) => groups.has(name)).flatMap((built) => rulerAlerts(built));
  return all.flatMap((built) => {
    if (built.kind === 'PrometheusRule') return groups.has(built.name) ? [] : rulerAlerts(built);
    return rulesIn(built).map((rule): BuiltAlert => {
      const isTwin = twins.some(({ group, title }) => group === rule.group && title === rule.title);
      return isTwin ? { ...rule, by: ['Grafana', 'a ruler'] } : rule;
    });
  });
}

function rulerAlerts({ name, spec }: BuiltBefore): readonly BuiltAlert[] {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].filter(isRecord) : [];
  return groups.flatMap((group) => {
    const seen = new Map<string, number>();
    const rules = Array.isArray(group['rules']) ? group['rules'].filter(isRecord) : [];
    return rules.flatMap((rule): readonly BuiltAlert[] => {
      const { alert, labels, expr } = rule;
      if (typeof alert !== 'string') return [];
      const severity = String(isRecord(labels) ? (labels['severity'] ?? '') : '');
      // Alerts of one name differ in their severity, or else in their place.
      const key = `${alert} ${severity}`;
      const nth = (seen.get(key) ?? 0) + 1;
      seen.set(key, nth);
      return [
        {
          by: ['a ruler'],
          group: String(name),
          uid: `${String(name)} ${String(group['name'])} ${rules.filter((each) => each['alert'] === alert).length > 1 ? key : alert} ${nth}`,
          title: alert,
          severity,
          for: String(rule['for'] ?? '0s'),
          interval: String(group['interval'] ?? ''),
          settings: '',
          isPaused: false,
          noDataState: '',
          execErrState: '',
          condition: String(expr ?? ''),
        },
      ];
    });
  });
}

/** The rules of a built alert group. Any other resource has none. */
export function rulesIn({ name, kind, spec }: BuiltBefore): readonly BuiltAlert[] {
  if (kind !== 'GrafanaAlertRuleGroup') return [];
  const { rules, interval } = spec;
  return (Array.isArray(rules) ? rules : []).filter(isRecord).map((rule) => ({
    by: ['Grafana'],
    group: String(name),
    uid: String(rule['uid'] ?? ''),
    title: String(rule['title'] ?? ''),
    severity: String(isRecord(rule['labels']) ? (rule['labels']['severity'] ?? '') : ''),
    for: String(rule['for'] ?? '0s'),
    interval: String(interval ?? ''),
    settings: settingsOf(rule['notificationSettings']),
    isPaused: rule['isPaused'] === true,
    noDataState: String(rule['noDataState'] ?? ''),
    execErrState: String(rule['execErrState'] ?? ''),
    condition: conditionOf(rule['data']),
  }));
}

/** In one order, whatever that of the file is. */
function settingsOf(settings: unknown): string {
  return isRecord(settings) ? JSON.stringify(Object.fromEntries(Object.entries(settings).sort())) : '';
}

function conditionOf(data: unknown): string {
  return (Array.isArray(data) ? data : [])
    .filter(isRecord)
    .map(({ refId, model }) => {
      if (!isRecord(model)) return `${refId}`;
      const { expr, expression, conditions } = model;
      return `${refId}: ${expr ?? `${expression} ${JSON.stringify(conditions)}`}`;
    })
    .join('\n');
}

function policyOf({ settings }: BuiltAlert): string {
  return settings === '' ? 'the notification policy' : settings;
}

/**
 * Every change by which somebody may be told later, less, or no longer: nothing of it is wrong by itself, and each is
 * what a reviewer would ask about. A rule is known by its uid.
 *
 * @param severities the values of the label `severity`, the gravest first
 */
export function compareAlerts(
  before: readonly BuiltAlert[],
  after: readonly BuiltAlert[],
  severities: readonly string[],
): readonly Change[] {
  return before.flatMap((old) => {
    const now = after.find(({ uid }) => uid === old.uid) ?? after.find((each) => isTakenOver(old, each));
    const say = (rule: DiffRule, found: string, level = DIFF_RULES[rule]): Change => ({
      rule,
      level,
      metric: `alert ${(now ?? old).title}`,
      found,
      breaks: [],
      history: undefined,
      fix:
        level === 'note'
          ? undefined
          : now === undefined
            ? `bring it back, or say why it is gone: retired: { ${old.title}: '…' } at its group`
            : `take it back, or say why in the rule: exempt: { '${rule}': '…' }`,
    });
    if (now === undefined) return [say('diff/alert-removed', 'the rule is gone: no alert reports this now')];
    const changes: Change[] = [];
    const left = old.by.filter((each) => !now.by.includes(each));
    if (left.length > 0)
      changes.push(
        say('diff/alert-removed', `${left.join(' and ')} no longer evaluates it: ${now.by.join(' and ')} does`, 'note'),
      );
    if (old.severity !== now.severity) {
      const [was, is] = [severities.indexOf(old.severity), severities.indexOf(now.severity)];
      const isRaised = was >= 0 && is >= 0 && is < was;
      const found = `severity ${now.severity}, was ${old.severity}`;
      changes.push(say('diff/alert-severity', found, isRaised ? 'note' : DIFF_RULES['diff/alert-severity']));
    }
    for (const [field, what] of [
      ['for', 'pending for'],
      ['interval', 'evaluated every'],
    ] as const) {
      const [was, is] = [durationSeconds(old[field]) ?? 0, durationSeconds(now[field]) ?? 0];
      const found = `${what} ${now[field]}, was ${old[field]}`;
      if (is > was) changes.push(say('diff/alert-slower', `${found}: it tells ${is - was} s later`));
      if (is < was) changes.push(say('diff/alert-slower', found, 'note'));
    }
    if (old.settings !== now.settings)
      changes.push(say('diff/alert-receiver', `told by ${policyOf(now)}, was by ${policyOf(old)}`));
    if (now.isPaused && !old.isPaused) changes.push(say('diff/alert-paused', 'it is paused'));
    // Each says a condition, and no data, in its own way; both are of one definition.
    if (isTakenOver(old, now)) return changes;
    for (const field of ['noDataState', 'execErrState'] as const)
      if (old[field] !== now[field]) changes.push(say('diff/alert-state', `${field} ${now[field]}, was ${old[field]}`));
    if (old.condition !== now.condition) changes.push(conditionChange(old, now, say));
    return changes;
  });
}

/** A rule of the same group and title, which Grafana evaluated and only a ruler does now, or the other way round. */
function isTakenOver(old: BuiltAlert, now: BuiltAlert): boolean {
  const isMoved = old.by.includes('Grafana') !== now.by.includes('Grafana');
  return isMoved && now.group === old.group && now.title === old.title;
}

const NUMBER = /(?<![\w.])\d+(?:\.\d+)?(?:[smhdw](?!\w))?/g;

/** Numbers alone that changed are a threshold, a window, a budget or a gate; anything else may be a mere rewording. */
function conditionChange(
  old: BuiltAlert,
  now: BuiltAlert,
  say: (rule: DiffRule, found: string, level?: Change['level']) => Change,
): Change {
  const [was, is] = [old.condition.match(NUMBER) ?? [], now.condition.match(NUMBER) ?? []];
  const isSameForm = old.condition.replace(NUMBER, '#') === now.condition.replace(NUMBER, '#');
  if (!isSameForm) return say('diff/alert-condition', 'its condition reads or compares something else', 'warning');
  const changed = new Set(is.flatMap((each, index) => (each === was[index] ? [] : [`${was[index]} is ${each} now`])));
  return say('diff/alert-condition', `in its condition ${[...changed].slice(0, 5).join(', ')}`);
}
