import { everyPanel, promqlOf } from '../existing/read.js';
import { templateLabels } from '../existing/slips.js';
import { legendLabels } from '../panels/names.js';
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
  return groups.flatMap((group) => group.rules.flatMap((rule) => usesOf(rule.promql, labelsWanted(rule)) ?? []));
}

export function usesOfAlerts({ alerts }: AlertsData): readonly MetricUse[] {
  return alerts.flatMap((alert) =>
    alert.queries.flatMap(({ promql }) => (promql === undefined ? [] : (usesOf(promql, labelsWanted(alert)) ?? []))),
  );
}

/** Labels that Grafana and Prometheus give to each alert. */
const GIVEN = new Set(['alertname', 'grafana_folder']);

type Texts = Readonly<Record<string, string>>;

/** The labels that the texts of a rule name, and that its expression must return then. */
function labelsWanted({ labels = {}, annotations }: { readonly labels?: Texts; readonly annotations?: Texts }) {
  const named = Object.values({ ...annotations, ...labels }).flatMap(templateLabels);
  return named.filter((label) => isLabel(label) && !Object.hasOwn(labels, label) && !GIVEN.has(label));
}

/** Whether a metric may have a label of that name. */
export const isLabel = (name: string) => /^[a-zA-Z_]\w*$/.test(name) && !name.startsWith('__');
