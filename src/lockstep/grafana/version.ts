/** Fields of an alert rule that came after Grafana 10.4. */
export const RULE_FIELDS_SINCE = ['keepFiringFor', 'missingSeriesEvalsToResolve', 'notificationSettings'] as const;
type RuleField = (typeof RULE_FIELDS_SINCE)[number];

/** All that a version of Grafana decides about what is written for it. */
export interface GrafanaTarget {
  /**
   * The newest schema of dashboards that it reads. A board of a lower one is migrated up when it is read, never down.
   */
  readonly schemaVersion: number;
  /**
   * Fields of a dashboard's model that the foundation SDK writes and that this version does not have yet, or means
   * otherwise.
   *
   * @param field the field's name
   * @param holder the object that has it
   */
  isLeftOut(field: string, holder: object): boolean;
  /** Fields of an alert rule that it reads, beside those that all versions do. */
  readonly ruleFields: readonly RuleField[];
  /** The most characters of a dashboard's and of a rule's uid (`pkg/util/shortid_generator.go`). */
  readonly uidLength: number;
  /** The most characters of a rule's title (`pkg/services/ngalert/store/alert_rule.go`, the column's length). */
  readonly ruleTitleLength: number;
}

/**
 * The datasource by which a rule computes with the results of its other queries (`pkg/expr`). The same in all
 * versions.
 */
export const EXPRESSION_SOURCE = '__expr__';

/** How often a group of rules is evaluated, in seconds: what lockstep writes into each group. */
export const EVALUATION_SECONDS = 60;
