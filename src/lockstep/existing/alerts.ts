import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import type { GrafanaFields, Readings } from './board.js';

/** A query of a rule that Grafana evaluates, or an expression over its other queries. */
export interface ExistingAlertQuery {
  /** PromQL. Every metric, label and value in it is looked up in the catalogue. */
  readonly promql?: string;
  /** Default: `A` of the first query, `B` of the second, and so on. */
  readonly refId?: string;
  /** The uid of its datasource; `__expr__` of an expression. Default: `target.datasource`. */
  readonly datasource?: string;
  /** The time that it reads, in seconds before the evaluation. */
  readonly range?: { readonly from: number; readonly to: number };
  /** Why the query is not looked up: the catalogue cannot know what it reads, or it is not right yet. */
  readonly unchecked?: string;
  /** All other fields of its model. */
  readonly model?: GrafanaFields;
  readonly queryType?: string;
}

/** A rule that Grafana evaluates, in Grafana's own terms. */
export interface ExistingAlert {
  /** By it Grafana knows the rule. */
  readonly uid: string;
  readonly title: string;
  /** The letter of the query that decides. */
  readonly condition: string;
  readonly for: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly queries: readonly ExistingAlertQuery[];
  /** All other fields: `{ noDataState: 'OK', execErrState: 'Error' }`. */
  readonly model?: GrafanaFields;
  /** Findings of `lockstep lint` and `lockstep diff` that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** A group of rules that Grafana evaluates and that stands already: written as a `GrafanaAlertRuleGroup`. */
export interface ExistingAlertsDefinition {
  readonly catalogue: Catalogue;
  /** The resource's name. */
  readonly name: string;
  /** The name of the group in Grafana. Default: the resource's. */
  readonly group?: string;
  /** How often it is evaluated: `1m`. */
  readonly interval: string;
  /** The folder: `{ folderRef }` or `{ folderUID }`. Default: `target.alertFolder`. */
  readonly folder?: GrafanaFields;
  readonly alerts: readonly ExistingAlert[];
  /** All other fields of the resource's `spec`. */
  readonly model?: GrafanaFields;
  /** Alerts that were taken out, by title, each with the reason; until `lockstep diff` no longer finds them. */
  readonly retired?: Readonly<Record<string, string>>;
}

/** Rules that stand already, as {@link ExistingAlertsDefinition} gives them, with their queries read. */
export interface ExistingAlerts extends ExistingAlertsDefinition, Readings {}
