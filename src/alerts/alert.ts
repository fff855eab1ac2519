import type { Catalogue } from '../catalogue/catalogue.js';
import type { Panel } from '../panels/panel.js';
import { refuse } from '../problem.js';
import type { Vector } from '../promql/expression.js';
import type { Node } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import type { Severity } from '../slo/burn.js';
import { lintAlertGroup } from './rules.js';

/** One rule: its expression yields above 0 while it holds, and 0 or nothing while it does not. */
export interface AlertRule {
  /** Never changed once applied: by it Grafana knows the rule. At most 40 characters of `a-z A-Z 0-9 - _`. */
  readonly uid: string;
  /** Pascal case, unique in its folder. */
  readonly title: string;
  readonly node: Node;
  readonly for: Duration;
  readonly severity: Severity;
  /** The part of the system that is concerned. */
  readonly component: string;
  /** One line, for the notification. */
  readonly summary: string;
  /** What happened, what it means, what to look at first. */
  readonly description: string;
  /** The panel that shows what the rule reads; each links to the other. */
  readonly panel: Panel;
  /** Why the expression returns nothing on a healthy system, if it does. */
  readonly emptyBecause: string | undefined;
  /** Of a burn rule: the share of the budget that its summary claims, and the window of the SLO that it is a share of. */
  readonly claim: { readonly spent: number; readonly factor: number; readonly long: Duration } | undefined;
}

export interface AlertGroup {
  readonly catalogue: Catalogue;
  /** The group is `<system>-<name>`: `slo`. */
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** An alert rule from an expression. */
export function alertRule(
  definition: Omit<AlertRule, 'node' | 'emptyBecause' | 'claim'> & {
    readonly expression: Vector;
    readonly emptyBecause?: string;
  },
): AlertRule {
  const { expression, emptyBecause, ...rest } = definition;
  return { ...rest, node: expression.node, emptyBecause, claim: undefined };
}

/**
 * Checks an alert group and returns it.
 *
 * @throws ProblemsError with every problem of every rule: see {@link lintAlertGroup}.
 */
export function defineAlertGroup(group: AlertGroup): AlertGroup {
  refuse(lintAlertGroup(group));
  return group;
}
