import type { AlertGroup, AlertRule, NotificationSettings } from '../alerts/alert.js';
import type { Target } from '../config/config.js';
import { countersOf, severityLabel } from '../config/config.js';
import type { GroupRule } from '../config/own-rule.js';
import { compact } from '../existing/render.js';
import { EXPRESSION_SOURCE } from '../grafana/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import { shownOn } from '../panels/layout.js';
import { dashboardTitle, dashboardUid, toResourceName } from '../panels/names.js';
import { printExpression } from '../promql/print.js';
import { selections } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { GrafanaAlertRuleGroup } from './resource.js';

/** How often Grafana evaluates the group. */
export const INTERVAL = '1m';
/** The values that Grafana's own rule editor writes; an instant query uses neither. */
const QUERY_DEFAULTS = { intervalMs: 1000, maxDataPoints: 43_200 };
/** The least time shown beside a rule. */
const LEAST_RANGE_SECONDS = 600;

/** `<system>-<name>`. */
export function alertGroupResource(group: AlertGroup): string {
  return toResourceName(`${group.catalogue.name}-${group.name}`);
}

/** Where a rule's runbook is. */
export function runbookUrl(rule: AlertRule, target: Target): string {
  return `${target.runbooks}/${runbookFile(rule)}`;
}

/** The file of a rule's runbook: titles are unique over all systems. */
export function runbookFile(rule: AlertRule): string {
  return `${rule.title}.md`;
}

/** The `GrafanaAlertRuleGroup` of a group. */
export function alertGroupCr(
  group: AlertGroup,
  dashboards: readonly Dashboard[],
  target: Target,
): GrafanaAlertRuleGroup {
  const name = alertGroupResource(group);
  return {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaAlertRuleGroup',
    metadata: { name },
    spec: {
      folderRef: target.alertFolder,
      instanceSelector: { matchLabels: { ...target.instanceSelector } },
      interval: INTERVAL,
      name,
      resyncPeriod: '24h',
      rules: group.rules.map((rule) => alertRuleCr(rule, group, dashboards, target)),
    },
  };
}

function alertRuleCr(rule: AlertRule, group: AlertGroup, dashboards: readonly Dashboard[], target: Target): GroupRule {
  const { labels, annotations } = notification(rule, group, dashboards, target);
  return {
    uid: rule.uid,
    title: rule.title,
    condition: 'B',
    for: rule.for,
    ...endAndReceiver(rule),
    noDataState: 'OK',
    execErrState: 'Error',
    isPaused: false,
    labels,
    annotations: { ...annotations, ...panelLink(rule, dashboards) },
    data: [
      {
        refId: 'A',
        datasourceUid: target.datasource,
        relativeTimeRange: { from: longestRange(rule), to: 0 },
        model: {
          refId: 'A',
          datasource: { type: 'prometheus', uid: target.datasource },
          editorMode: 'code',
          expr: printExpression({ node: rule.node }, countersOf(target)),
          instant: true,
          range: false,
          ...QUERY_DEFAULTS,
        },
      },
      {
        refId: 'B',
        datasourceUid: EXPRESSION_SOURCE,
        relativeTimeRange: { from: 0, to: 0 },
        model: {
          refId: 'B',
          datasource: { type: EXPRESSION_SOURCE, uid: EXPRESSION_SOURCE },
          type: 'threshold',
          expression: 'A',
          conditions: [
            {
              type: 'query',
              evaluator: { type: 'gt', params: [0] },
              operator: { type: 'and' },
              query: { params: ['A'] },
              reducer: { type: 'last', params: [] },
            },
          ],
          ...QUERY_DEFAULTS,
        },
      },
    ],
  };
}

/** Fields that a built rule has only where the definition has them. */
function endAndReceiver({ keepFiringFor, missingSeriesEvalsToResolve, notificationSettings: settings }: AlertRule) {
  return compact({
    keepFiringFor,
    missingSeriesEvalsToResolve,
    notificationSettings: settings === undefined ? undefined : settingsCr(settings),
  });
}

/** The resource has the names of Grafana's API there, and not those of Kubernetes. */
function settingsCr(settings: NotificationSettings): Readonly<Record<string, unknown>> {
  return compact({
    receiver: settings.receiver,
    group_by: settings.groupBy,
    group_wait: settings.groupWait,
    group_interval: settings.groupInterval,
    repeat_interval: settings.repeatInterval,
    mute_time_intervals: settings.muteTimeIntervals,
    active_time_intervals: settings.activeTimeIntervals,
  });
}

/** The labels that route a rule's alert, and the annotations that its notification shows; alike for each ruler. */
export function notification(rule: AlertRule, group: AlertGroup, dashboards: readonly Dashboard[], target: Target) {
  return {
    labels: {
      severity: severityLabel(target, rule.severity),
      service: group.catalogue.name,
      component: rule.component,
      ...rule.labels,
    },
    annotations: {
      summary: summaryOf(rule, group, dashboards),
      description: rule.description,
      runbook_url: runbookUrl(rule, target),
      ...rule.annotations,
    },
  };
}

/**
 * The summary as a chat shows it, which shows nothing else: the system, what is wrong and how much, and the panel to
 * look at.
 */
export function summaryOf(rule: AlertRule, group: AlertGroup, dashboards: readonly Dashboard[]): string {
  const { name } = group.catalogue;
  const said = rule.summary.includes(name) ? rule.summary : `${name}: ${rule.summary}`;
  const shown = shownOn(rule.panel, dashboards);
  return shown === undefined ? said : `${said}. Look at "${rule.panel.title}" on ${dashboardTitle(shown.dashboard)}`;
}

/** The annotations by which Grafana shows a rule's state on its panel, and the panel beside the rule. */
function panelLink(rule: AlertRule, dashboards: readonly Dashboard[]): Readonly<Record<string, string>> {
  const shown = shownOn(rule.panel, dashboards);
  return shown === undefined ? {} : { __dashboardUid__: dashboardUid(shown.dashboard), __panelId__: String(shown.id) };
}

/** The longest window that a rule reads, in seconds: what is worth seeing beside it. */
function longestRange(rule: AlertRule): number {
  const windows = [...selections(rule.node)].map(({ window }) =>
    window === undefined ? 0 : (durationSeconds(window) ?? 0),
  );
  return Math.max(LEAST_RANGE_SECONDS, ...windows);
}
