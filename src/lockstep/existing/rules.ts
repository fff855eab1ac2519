import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import type { GrafanaFields, Readings } from './board.js';

/** A rule of a ruler: an alert, or a series that is recorded. */
export interface ExistingRule {
  /** The name of the alert; a rule has this or {@link record}. */
  readonly alert?: string;
  /** The name of the series that is recorded. */
  readonly record?: string;
  /** Its expression. Every metric, label and value in it is looked up in the catalogue. */
  readonly promql: string;
  readonly for?: string;
  readonly keepFiringFor?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Why the expression is not looked up: the catalogue cannot know what it reads, or it is not right yet. */
  readonly unchecked?: string;
  /** Findings of `lockstep lint` and `lockstep diff` that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

export interface ExistingGroup {
  readonly name: string;
  /** How often it is evaluated: `30s`. */
  readonly interval?: string;
  readonly rules: readonly ExistingRule[];
  /** All other fields of the group. */
  readonly model?: GrafanaFields;
}

/**
 * Rules that stand already, for a Prometheus ruler: written as a `PrometheusRule` with the labels and annotations that
 * they have. Nothing proves when they fire; their expressions are held to the catalogue.
 */
export interface ExistingRulesDefinition {
  readonly catalogue: Catalogue;
  /** The resource's name. */
  readonly name: string;
  /** `metadata.labels` of the resource, beside those of `target.ruler`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly groups: readonly ExistingGroup[];
  /** Alerts that were taken out, by name, each with the reason; until `lockstep diff` no longer finds them. */
  readonly retired?: Readonly<Record<string, string>>;
}

/** Rules that stand already, as {@link ExistingRulesDefinition} gives them, with their expressions read. */
export interface ExistingRules extends ExistingRulesDefinition, Readings {}
