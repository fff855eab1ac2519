import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import type { ExistingAlerts, ExistingBoard, ExistingRules } from '../existing/index.js';
import { isOfGrafana } from '../existing/read.js';
import { boardResource, renderAlerts, renderExistingBoard, renderGroups } from '../existing/render.js';
import { GRAFANA_VERSIONS } from '../grafana/index.js';
import { boardCr } from './dashboard.js';
import type { GrafanaAlertRuleGroup, GrafanaDashboard, PrometheusRule } from './resource.js';

/** The `GrafanaDashboard` of an existing board. */
export function existingBoardCr(board: ExistingBoard, target: Target): GrafanaDashboard {
  const model = renderExistingBoard(board, target.datasource);
  const tags = [...new Set([...(target.house?.tags ?? []), ...(board.tags ?? [])])];
  return boardCr(boardResource(board), board.uid, { ...model, tags }, target);
}

/** The `PrometheusRule` of existing rules. */
export function existingRulesCr(rules: ExistingRules, labels: Readonly<Record<string, string>>): PrometheusRule {
  const all = { ...labels, ...rules.labels };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: rules.name, ...(Object.keys(all).length === 0 ? {} : { labels: all }) },
    spec: { groups: renderGroups(rules) },
  };
}

/** The `GrafanaAlertRuleGroup` of existing rules that Grafana evaluates. */
export function existingAlertsCr(existing: ExistingAlerts, target: Target): GrafanaAlertRuleGroup {
  const { name, group = name, interval, folder = { folderRef: target.alertFolder }, model } = existing;
  return {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaAlertRuleGroup',
    metadata: { name },
    spec: {
      ...folder,
      instanceSelector: { matchLabels: { ...target.instanceSelector } },
      interval,
      name: group,
      resyncPeriod: '24h',
      ...model,
      rules: renderAlerts(existing, target.datasource),
    },
  };
}

/** Existing boards need a Grafana that reads their schema, and existing rules a ruler. */
export function validateExisting({ boards = [], rules = [] }: System, target: Target): Problem[] {
  const { schemaVersion } = GRAFANA_VERSIONS[target.grafana];
  const newer = boards
    .filter((board) => board.schemaVersion > schemaVersion)
    .flatMap((board) =>
      about(board, [
        {
          code: 'board/schema',
          where: definitionPath(`boards/${board.catalogue.name}-${board.name}`, 'schemaVersion'),
          found: `${board.schemaVersion}`,
          allowed: `at most ${schemaVersion}, which is what Grafana ${target.grafana} reads`,
          fix: 'name the Grafana that you have as target › grafana, or export the board from an older one',
        },
      ]),
    );
  const homeless =
    target.ruler === undefined
      ? rules
          .filter((each) => !isOfGrafana(each))
          .flatMap((each) =>
            about(each, [
              {
                code: 'rules/no-ruler',
                where: `rules/${each.name}`,
                found: 'rules for a Prometheus ruler, and no target › ruler',
                fix: "say where they go: ruler: { layout: 'rules/{name}.yaml', labels: {} }",
              },
            ]),
          )
      : [];
  return [...newer, ...homeless];
}
