import type { Exemptions } from 'lockstep-exporter/internal';
import { letterOf } from '../panels/names.js';
import type { TextNode } from '../promql/tree.js';
import type { ExistingAlerts } from './alerts.js';
import type { ExistingBoard, ExistingPanel, ExistingVariable, Readings, ReadQuery } from './board.js';
import type { ExistingRules } from './rules.js';

/** Panels and rows in the order in which they are read, those within a closed row after it. */
export function everyPanel(panels: readonly ExistingPanel[]): readonly ExistingPanel[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

/** The name of a panel in messages. */
export function nameOf(panel: ExistingPanel, index: number): string {
  return panel.title?.trim() ? panel.title : `panel ${index + 1}`;
}

/** The PromQL within the query of a variable; nothing where it holds none. */
export function promqlOf({ type, query = '' }: ExistingVariable): string | undefined {
  if (type !== 'query') return undefined;
  const [, values, of, whole] =
    /^\s*(?:label_values\(\s*(?:([\s\S]*?)\s*,\s*)?([\w:]+)\s*\)|query_result\(([\s\S]*)\))\s*$/.exec(query) ?? [];
  return whole ?? (values === undefined || of === undefined ? undefined : values);
}

/** The label whose values a variable holds. */
export function labelOf({ query = '' }: ExistingVariable): string | undefined {
  return /^\s*label_values\((?:[\s\S]*,)?\s*(\w+)\s*\)\s*$/.exec(query)?.[1];
}

/** Gives a text as it was read. */
export type Read = (text: string) => TextNode;

/** The texts of a definition. One that was never read has a slip that says so. */
export function readerOf({ readings }: Readings): Read {
  return (text) =>
    readings.get(text) ?? {
      type: 'text',
      text,
      by: [],
      reads: [],
      bounds: { low: -Infinity, high: Infinity },
      needs: [],
      slips: [
        {
          code: 'promql/unread',
          found: 'a text that was not read',
          fix: 'make the definition with defineExistingBoard() or defineExistingRules(), and change nothing after that',
        },
      ],
    };
}

/** Every query of a board that is held to the catalogue, those of its variables too. */
export function queriesOf(board: ExistingBoard): readonly ReadQuery[] {
  const { panels, variables } = board;
  const read = readerOf(board);
  const ofPanels = everyPanel(panels).flatMap((panel, index) =>
    (panel.queries ?? []).flatMap(({ promql, unchecked, refId }, which): readonly ReadQuery[] => {
      if (promql === undefined || unchecked !== undefined) return [];
      const title = nameOf(panel, index);
      return [{ name: `${title} › query ${refId ?? letterOf(which)}`, panel: title, node: read(promql) }];
    }),
  );
  const ofVariables = variables.flatMap((variable): readonly ReadQuery[] => {
    const text = promqlOf(variable);
    if (text === undefined || variable.unchecked !== undefined) return [];
    const name = `variable ${variable.name}`;
    return [{ name, panel: name, node: read(text) }];
  });
  return [...ofPanels, ...ofVariables];
}

/** Every expression of existing rules that is held to the catalogue. */
export function expressionsOf(rules: ExistingRules | ExistingAlerts): readonly ReadQuery[] {
  const read = readerOf(rules);
  return standingRules(rules).flatMap(({ title, texts }) =>
    texts.flatMap(({ name, promql, unchecked }): readonly ReadQuery[] =>
      promql === undefined || unchecked !== undefined ? [] : [{ name, panel: title, node: read(promql) }],
    ),
  );
}

/** Whether rules are of a group that Grafana evaluates. */
export function isOfGrafana(rules: ExistingRules | ExistingAlerts): rules is ExistingAlerts {
  return 'alerts' in rules;
}

/** The kind of the resource that rules are written as. */
export function kindOf(rules: ExistingRules | ExistingAlerts): 'GrafanaAlertRuleGroup' | 'PrometheusRule' {
  return isOfGrafana(rules) ? 'GrafanaAlertRuleGroup' : 'PrometheusRule';
}

/** A rule that stood already, whoever evaluates it. */
export interface StandingRule {
  /** The name of the alert, or of the series that is recorded. */
  readonly title: string;
  readonly isAlert: boolean;
  /** The owner of its findings. */
  readonly owner: string;
  /** Steps to it within the `spec` of its resource. */
  readonly path: readonly (string | number)[];
  readonly exempt: Exemptions | undefined;
  readonly texts: readonly {
    /** The name in messages. */
    readonly name: string;
    readonly promql?: string | undefined;
    readonly unchecked?: string | undefined;
    /** Steps to it within the rule. */
    readonly path: readonly (string | number)[];
  }[];
}

/** The rules of a definition, whoever evaluates them. */
export function standingRules(rules: ExistingRules | ExistingAlerts): readonly StandingRule[] {
  if (isOfGrafana(rules))
    return rules.alerts.map(({ uid, title, exempt, queries }, index) => ({
      title,
      isAlert: true,
      owner: `rule ${uid}`,
      path: ['rules', index],
      exempt,
      texts: queries.map(({ promql, unchecked, refId }, which) => ({
        name: `${title} › query ${refId ?? letterOf(which)}`,
        promql,
        unchecked,
        path: ['data', which, 'model', 'expr'],
      })),
    }));
  return rules.groups.flatMap((group, index) =>
    group.rules.map(({ alert, record, exempt, promql, unchecked }, which) => {
      const title = alert ?? record ?? '?';
      return {
        title,
        isAlert: alert !== undefined,
        owner: `rule ${title}`,
        path: ['groups', index, 'rules', which],
        exempt,
        texts: [{ name: `${group.name} › ${title}`, promql, unchecked, path: ['expr'] }],
      };
    }),
  );
}
