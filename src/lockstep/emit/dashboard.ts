import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import type { System, Target } from '../config/config.js';
import { countersOf, evaluatorOf } from '../config/config.js';
import { GRAFANA_VERSIONS } from '../grafana/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import { dashboardResource, dashboardUid } from '../panels/names.js';
import type { Link, Panel } from '../panels/panel.js';
import { renderDashboard } from '../panels/render.js';
import { printExpression } from '../promql/print.js';
import { alertGroupResource, runbookUrl } from './alert-group.js';
import { recordedOf } from './recorded.js';
import type { GrafanaDashboard } from './resource.js';

/** The `GrafanaDashboard` of a dashboard. */
export function dashboardCr(dashboard: Dashboard, system: System, target: Target): GrafanaDashboard {
  const counting = countersOf(target);
  const recorded = recordedOf(system, target);
  const model = renderDashboard(dashboard, {
    grafana: GRAFANA_VERSIONS[target.grafana],
    print: (node) => printExpression({ node }, counting, recorded),
    tags: target.house?.tags ?? [],
    datasource: target.datasource,
    links: dashboardLinks(system, target),
    linksOf: (panel) => panelLinks(panel, system.alerts, target),
  });
  return boardCr(dashboardResource(dashboard), dashboardUid(dashboard), model, target, dashboard);
}

/** The `GrafanaDashboard` of a model. */
export function boardCr(
  name: string,
  uid: string,
  model: object,
  target: Target,
  { folder = target.folder, folderUid }: Pick<Dashboard, 'folder' | 'folderUid'> = {},
): GrafanaDashboard {
  return {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaDashboard',
    metadata: { name },
    spec: {
      ...(folderUid !== undefined ? { folderUID: folderUid } : folder === undefined ? {} : { folderRef: folder }),
      instanceSelector: { matchLabels: { ...target.instanceSelector } },
      resyncPeriod: '24h',
      // Without it the operator takes another dashboard of the same title in the folder for this one's former self,
      // and deletes it.
      uid,
      json: `${JSON.stringify(model, undefined, 2)}\n`,
    },
  };
}

function dashboardLinks(system: System, target: Target): readonly Link[] {
  if (system.alerts.length === 0) return [];
  const { name } = system.catalogue;
  return [
    { title: 'Runbooks', url: target.runbooks },
    { title: 'Alerts', url: `/alerting/list?search=${encodeURIComponent(`label:service=${name}`)}` },
  ];
}

/** A rule of Grafana's own has a page there by its uid; one of a ruler is found in the list by its name. */
function alertUrl({ uid, title }: AlertRule, group: AlertGroup, target: Target): string {
  return evaluatorOf(target, alertGroupResource(group)) === 'ruler'
    ? `/alerting/list?search=${encodeURIComponent(`rule:${title}`)}`
    : `/alerting/grafana/${uid}/view`;
}

function panelLinks(panel: Panel, groups: readonly AlertGroup[], target: Target): readonly Link[] {
  return groups.flatMap((group) =>
    group.rules
      .filter((rule) => rule.panel === panel)
      .flatMap((rule) => [
        { title: `Alert ${rule.title}`, url: alertUrl(rule, group, target) },
        { title: `Runbook ${rule.title}`, url: runbookUrl(rule, target) },
      ]),
  );
}
