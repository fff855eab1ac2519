import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import type { TextNode } from '../promql/tree.js';

/** Fields of Grafana's own, as its JSON has them. */
export type GrafanaFields = Readonly<Record<string, unknown>>;

/** One query of an existing panel. */
export interface ExistingQuery {
  /** PromQL. Every metric, label and value in it is looked up in the catalogue. */
  readonly promql?: string;
  /** Grafana's legend format: text with `{{label}}`. */
  readonly legend?: string;
  /** Default: `A` of the first query, `B` of the second, and so on. */
  readonly refId?: string;
  /** Why the query is not looked up: the catalogue cannot know what it reads, or it is not right yet. */
  readonly unchecked?: string;
  /** All other fields: `{ instant: true, format: 'table' }`. A query of another datasource stands here whole. */
  readonly model?: GrafanaFields;
}

/** From `at` upwards the value is shown in `colour`. */
export interface ExistingThreshold {
  readonly at: number;
  readonly colour: string;
}

/** Where a panel or the header of a row lies, in columns (of 24) and rows of Grafana's grid. */
export interface GridPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A panel of any kind, or the header of a row, with Grafana's own fields. */
export interface ExistingPanel {
  /** Grafana's id of the kind: `timeseries`, `table`, `row`. */
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  /** Default: its number on the board, from 1. Links and alerts know the panel by it. */
  readonly id?: number;
  readonly at: GridPlace;
  /** Grafana's id of the unit: `s`, `percentunit`, `reqps`. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** In increasing order, above the colour `base`. */
  readonly thresholds?: { readonly base: string; readonly steps: readonly ExistingThreshold[] };
  readonly queries?: readonly ExistingQuery[];
  /** Whether a row is closed: then its panels lie within it. */
  readonly collapsed?: boolean;
  /** The panels of a closed row. */
  readonly panels?: readonly ExistingPanel[];
  /** The rest of `fieldConfig.defaults`. */
  readonly defaults?: GrafanaFields;
  readonly overrides?: readonly GrafanaFields[];
  readonly options?: GrafanaFields;
  readonly transformations?: readonly GrafanaFields[];
  readonly links?: readonly GrafanaFields[];
  /** All other fields of the panel. */
  readonly model?: GrafanaFields;
  /** Findings of `lockstep lint` here that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** A dropdown of an existing board, with Grafana's own fields. */
export interface ExistingVariable {
  /** `query`, `datasource`, `custom`, `interval`, `constant`, `textbox` or `adhoc`. */
  readonly type: string;
  readonly name: string;
  readonly title?: string;
  /** The PromQL in `label_values(metric, label)` and `query_result(promql)` is looked up in the catalogue. */
  readonly query?: string;
  /** As {@link ExistingQuery.unchecked}. */
  readonly unchecked?: string;
  /** All other fields: `{ multi: true, includeAll: true }`. */
  readonly model?: GrafanaFields;
}

/** The texts of a definition, each as it was read. */
export interface Readings {
  readonly readings: ReadonlyMap<string, TextNode>;
}

/** A board that stands already, as {@link ExistingBoardDefinition} gives it, with its queries read. */
export interface ExistingBoard extends ExistingBoardDefinition, Readings {}

/** A board that stands already, in Grafana's own terms. Its queries are held to the catalogue. */
export interface ExistingBoardDefinition {
  readonly catalogue: Catalogue;
  /** Kebab case: the name of the resource. */
  readonly name: string;
  /** The uid that it has in Grafana. Links and bookmarks know the board by it. */
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** How often an open board asks anew: `30s`. */
  readonly refresh?: string;
  /** The time range that is shown at first. */
  readonly time?: { readonly from: string; readonly to: string };
  /** The version of Grafana's JSON that it is written in; at most that of the target. */
  readonly schemaVersion: number;
  readonly variables: readonly ExistingVariable[];
  readonly panels: readonly ExistingPanel[];
  /** All other fields of the board. */
  readonly model?: GrafanaFields;
  /** Findings of `lockstep lint` anywhere on it that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** A query that was read: where it stands, its text, and what the text reads. */
export interface ReadQuery {
  /** The panel's title, and the letter of the query; or the name of the variable. */
  readonly name: string;
  /** The title of the panel, for those who look the panel up. */
  readonly panel: string;
  readonly node: TextNode;
}
