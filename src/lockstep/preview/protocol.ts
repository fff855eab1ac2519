import type { Problem } from 'lockstep-exporter/internal';

/** The state of the page: what would be built, how it differs from what is checked in, and its problems. */
export interface State {
  /** Changes whenever anything else does. */
  readonly version: number;
  /** Problems of the definitions as they are now, with absolute paths; the boards are then the last good ones. */
  readonly problems: readonly Problem[];
  readonly boards: readonly BoardView[];
  readonly groups: readonly GroupView[];
  /** How often processes are scraped, in seconds: a rate reads four of them at least. */
  readonly scrapeSeconds: number;
  /** Where the data comes from, as a reader is told: an address without what is secret in it. */
  readonly source: string | undefined;
  /** The folder that the boards are compared with. */
  readonly against: string;
  /** The moment that a page without a server shows, in seconds since 1970. */
  readonly now?: number;
}

export interface BoardView {
  readonly uid: string;
  readonly title: string;
  readonly path: string;
  readonly model: ShownBoard;
  readonly status: ChangeStatus;
  readonly changes: readonly FieldChange[];
  /** As it is checked in, if it is, and is another. */
  readonly before: ShownBoard | undefined;
}

export type ChangeStatus = 'same' | 'changed' | 'new';

/** One field in which what is checked in is not what would be built. */
export interface FieldChange {
  readonly where: string;
  readonly checkedIn: unknown;
  readonly built: unknown;
}

export interface GroupView {
  readonly name: string;
  readonly path: string;
  readonly status: ChangeStatus;
  readonly changes: readonly FieldChange[];
  readonly rules: readonly RuleView[];
}

export interface RuleView {
  readonly uid: string;
  readonly title: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  /** How long it must hold before it fires, in seconds. */
  readonly pendingSeconds: number;
  readonly expr: string;
  /** The values that the expression compares, each with its threshold. */
  readonly parts: readonly RulePart[];
  /** The runbook, as Markdown. */
  readonly runbook: string;
  readonly board: string | undefined;
  readonly panel: string;
}

export interface RulePart {
  readonly expr: string;
  readonly op: string;
  readonly threshold: number;
}

/** A dashboard's model, as far as it is shown. */
export interface ShownBoard {
  readonly uid?: string;
  readonly title: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly refresh?: string;
  readonly time?: { readonly from: string; readonly to: string };
  readonly links?: readonly Link[];
  readonly templating?: { readonly list?: readonly VariableModel[] };
  readonly annotations?: { readonly list?: readonly AnnotationModel[] };
  readonly panels: readonly ShownPanel[];
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** Moments that a Prometheus is asked for, and that every chart marks. */
export interface AnnotationModel {
  readonly name: string;
  readonly expr: string;
  readonly step?: string;
  readonly iconColor: string;
}

export interface VariableModel {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string;
  readonly allValue?: string;
  /** The values that can be chosen, where they are not those in the data. */
  readonly options?: readonly { readonly value?: unknown }[];
  readonly current?: { readonly text?: unknown; readonly value?: unknown };
}

export interface ShownPanel {
  /** How many queries of other datasources it has, which the preview does not ask. */
  readonly others?: number;
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly interval?: string;
  /** Whether a row is closed, and the panels that it then holds. */
  readonly collapsed?: boolean;
  readonly panels?: readonly ShownPanel[];
  readonly maxDataPoints?: number;
  readonly targets?: readonly TargetModel[];
  readonly fieldConfig?: { readonly defaults: FieldDefaults; readonly overrides: readonly unknown[] };
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly { readonly id: string; readonly options: unknown }[];
  readonly links?: readonly Link[];
}

export interface FieldDefaults {
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly thresholds?: {
    readonly mode: string;
    readonly steps: readonly { readonly value: number | null; readonly color: string }[];
  };
  readonly custom?: Readonly<Record<string, unknown>>;
}

export interface TargetModel {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly format?: string;
  readonly instant?: boolean;
}

/** An answer of the Prometheus HTTP API, with how long it took. */
export interface QueryAnswer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly RawSeries[];
    readonly stats?: { readonly samples?: { readonly totalQueryableSamples?: number } };
  };
  readonly seconds: number;
}

export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** A query of a panel that returned nothing, over the range in which it was asked. */
export interface EmptyQuery {
  readonly board: string;
  readonly panel: string;
  readonly ref: string;
  /** In seconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** The values of a label, as the API gives them. */
export interface LabelAnswer {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: readonly string[];
}
