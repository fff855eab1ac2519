import { everyPanel, promqlOf } from '../existing/read.js';
import { legendLabels, templateLabels } from '../existing/slips.js';
import type { MetricUse } from '../promql/text-uses.js';
import { usesOf } from '../promql/text-uses.js';
import type { AlertsData } from './alerts.js';
import type { BoardData } from './board.js';
import type { RulesData } from './rules.js';

// The metrics that boards and rules read, with the labels that they expect of each.

export function usesOfBoard({ panels, variables }: BoardData): readonly MetricUse[] {
  return [
    ...everyPanel(panels).flatMap(({ queries = [] }) =>
      queries.flatMap(({ promql, legend = '' }) =>
        promql === undefined ? [] : (usesOf(promql, legendLabels(legend).filter(isLabel)) ?? []),
      ),
    ),
    ...variables.flatMap((variable) => {
      const text = promqlOf(variable);
      const [, label] = /,\s*(\w+)\s*\)\s*$/.exec(variable.query ?? '') ?? [];
      return text === undefined || variable.unchecked !== undefined
        ? []
        : (usesOf(text, label === undefined ? [] : [label]) ?? []);
    }),
  ];
}

export function usesOfRules({ groups }: RulesData): readonly MetricUse[] {
  return groups.flatMap((group) =>
    group.rules.flatMap(({ promql, annotations, labels }) => {
      const named = Object.values({ ...annotations, ...labels }).flatMap(templateLabels);
      const own = Object.keys(labels ?? {});
      return (
        usesOf(
          promql,
          named.filter((label) => isLabel(label) && !own.includes(label) && label !== 'alertname'),
        ) ?? []
      );
    }),
  );
}

export function usesOfAlerts({ alerts }: AlertsData): readonly MetricUse[] {
  return alerts.flatMap(({ queries, labels = {}, annotations }) => {
    const named = Object.values({ ...annotations, ...labels }).flatMap(templateLabels);
    const wanted = named.filter((label) => isLabel(label) && !Object.hasOwn(labels, label) && !GIVEN.has(label));
    return queries.flatMap(({ promql }) => (promql === undefined ? [] : (usesOf(promql, wanted) ?? [])));
  });
}

/** Labels that Grafana and Prometheus give to each alert. */
const GIVEN = new Set(['alertname', 'grafana_folder']);

/** Whether a metric may have a label of that name. */
export const isLabel = (name: string) => /^[a-zA-Z_]\w*$/.test(name) && !name.startsWith('__');
