import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import { made } from 'lockstep-exporter/internal';
import type { Panel } from '../panels/panel.js';
import type { Vector } from '../promql/expression.js';
import type { Node } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import type { BurnWindow, Severity } from '../slo/burn.js';
import type { Slo } from '../slo/slo.js';
import type { Scenario } from './scenario.js';

/** The work of the person who is paged; the runbook's other parts follow from the rule. */
export interface Runbook {
  /** The harm to those who depend on the system, and the cost of waiting. */
  readonly impact: string;
  /** The places to look at, in order. */
  readonly firstLook: readonly Look[];
  /** When the alert may be silenced, and when it must not be. */
  readonly silence: string;
}

/** One thing to look at. */
export interface Look {
  /** Markdown, after the panel's name if there is one. */
  readonly say: string;
  /** A panel of a dashboard of the system, which is linked. */
  readonly panel?: Panel;
}

/**
 * A contact point that gets an alert in place of the notification policy, whatever the labels of the alert are. Written
 * with the names of the `GrafanaAlertRuleGroup`.
 */
export interface NotificationSettings {
  /** The contact point, as it is called in Grafana. */
  readonly receiver: string;
  /** Labels that put alerts into one notification: `alertname` and `grafana_folder` are among them, or `...`. */
  readonly groupBy?: readonly string[];
  /** How long the first notification of a group waits for more alerts. */
  readonly groupWait?: Duration;
  /** How long a group waits before it sends a notification of alerts that were added. */
  readonly groupInterval?: Duration;
  /** How long Grafana waits before it sends the same notification again. */
  readonly repeatInterval?: Duration;
  /** Names of Grafana's time intervals in which it sends no notification. */
  readonly muteTimeIntervals?: readonly string[];
  /** Names of Grafana's time intervals outside of which it sends no notification. */
  readonly activeTimeIntervals?: readonly string[];
}

/** One rule: its expression yields above 0 while it holds, and 0 or nothing while it does not. */
export interface AlertRule {
  /** Never changed once applied: by it Grafana knows the rule. At most 40 characters of `a-z A-Z 0-9 - _`. */
  readonly uid: string;
  /** Pascal case, unique in its folder. */
  readonly title: string;
  /** The expression. */
  readonly node: Node;
  /** How long the expression must hold before it fires. */
  readonly for: Duration;
  /**
   * How long it goes on firing once the expression no longer holds: an alert that comes and goes is one. Grafana 12 and
   * later, and each ruler; in s, m or h.
   */
  readonly keepFiringFor?: Duration;
  /** How many evaluations a series may be missing before its alert ends: 1 or more. Grafana 12 and later. */
  readonly missingSeriesEvalsToResolve?: number;
  /** A contact point of its own, in place of the notification policy. Grafana 12 and later; no ruler reads it. */
  readonly notificationSettings?: NotificationSettings;
  /** Whether it wakes somebody (`page`) or waits for the morning (`ticket`). */
  readonly severity: Severity;
  /** The part of the system that is concerned. */
  readonly component: string;
  /** One line, for the notification. */
  readonly summary: string;
  /** Says what happened, what it means, and what to look at first. */
  readonly description: string;
  /** The panel that shows what the rule reads; each links to the other. */
  readonly panel: Panel;
  /** The page that the person who is paged opens. */
  readonly runbook: Runbook;
  /** The scenarios that `lockstep prove` plays to it. Those of a burn rule follow from the SLO. */
  readonly proof: readonly Scenario[];
  /** Why the expression returns nothing on a healthy system, if it does. */
  readonly emptyBecause: string | undefined;
  /** More labels beside `severity`, `service` and `component`, for the notification policy: `{ team: 'pay' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** More annotations. They may name labels of the expression, as summary and description may: `{{ $labels.role }}`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Findings of `lockstep lint` and `lockstep diff` that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
  /** The source of a burn rule. */
  readonly burn: { readonly slo: Slo; readonly window: BurnWindow } | undefined;
}

/** Parts of a rule that do not follow from anything: a function that makes rules takes them as they are. */
export type OwnParts = Pick<
  AlertRule,
  'labels' | 'annotations' | 'exempt' | 'keepFiringFor' | 'missingSeriesEvalsToResolve' | 'notificationSettings'
>;

export interface AlertGroup {
  /** The metrics that its rules read. */
  readonly catalogue: Catalogue;
  /** The group is `<system>-<name>`: `slo`. */
  readonly name: string;
  /** They are evaluated together, each minute. */
  readonly rules: readonly AlertRule[];
  /** Rules that were taken out, by title, each with the reason; until `lockstep diff` no longer finds them. */
  readonly retired?: Readonly<Record<string, string>>;
}

/** An alert rule from an expression. */
export function alertRule(
  definition: Omit<AlertRule, 'node' | 'emptyBecause' | 'burn'> & {
    readonly expression: Vector;
    readonly emptyBecause?: string;
  },
): AlertRule {
  const { expression, emptyBecause, ...rest } = definition;
  return made({ ...rest, node: expression.node, emptyBecause, burn: undefined });
}
