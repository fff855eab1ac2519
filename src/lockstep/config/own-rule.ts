/** A query of a panel, as its model has it. */
export interface QueryModel {
  readonly refId?: string;
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly datasource?: Datasource;
}

export interface Datasource {
  readonly uid?: string;
}

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A panel, as its model has it. Whatever it lacks is for a rule to tell. */
export interface PanelModel {
  readonly id?: number;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly gridPos?: GridPos;
  /** The panels of a closed row. */
  readonly panels?: readonly PanelModel[];
  readonly datasource?: Datasource;
  readonly targets?: readonly QueryModel[];
  readonly options?: { readonly textMode?: string; readonly colorMode?: string };
  readonly fieldConfig?: {
    readonly defaults?: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly thresholds?: unknown;
    };
    readonly overrides?: readonly {
      readonly matcher?: { readonly options?: unknown };
      readonly properties?: readonly { readonly id?: string; readonly value?: unknown }[];
    }[];
  };
}

export interface BoardModel {
  readonly uid?: string;
  readonly title?: string;
  readonly refresh?: string;
  readonly tags?: readonly string[];
  readonly panels?: readonly PanelModel[];
  readonly templating?: {
    readonly list?: readonly { readonly name?: string; readonly type?: string; readonly datasource?: Datasource }[];
  };
}

/** An alert rule of a group, as its resource has it. */
export interface GroupRule {
  readonly uid: string;
  readonly title: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data: readonly {
    readonly refId?: string;
    readonly datasourceUid?: string;
    readonly model?: { readonly expr?: string; readonly [field: string]: unknown };
    readonly [field: string]: unknown;
  }[];
  readonly [field: string]: unknown;
}

/** A finding of an own rule, about the panel, board or alert rule that it was given. */
export interface Remark {
  /** The fault, in a line. */
  readonly found: string;
  /** Steps from the panel, board or rule to the value that is meant: `['targets', 0, 'expr']`. */
  readonly at?: readonly (string | number)[];
  /** Instead of the rule's own {@link OwnRule.fix}. */
  readonly fix?: string;
}

/**
 * A rule of one's own for `lockstep lint`, in the shape of the built-in ones. It reads the resources as they would be
 * committed. A function gives nothing, or an empty list, where all is well.
 */
export interface OwnRule {
  /** `house/` and a name in kebab case. Exemptions name it. */
  readonly id: `house/${string}`;
  readonly severity: 'error' | 'warning';
  /** The harm that the rule prevents. */
  readonly about: string;
  readonly example: string;
  readonly fix: string;
  readonly board?: (board: BoardModel) => readonly Remark[] | undefined;
  /** Called for each panel, in closed rows too; rows themselves are left out. */
  readonly panel?: (panel: PanelModel, board: BoardModel) => readonly Remark[] | undefined;
  /** Called for each alert rule of a Grafana-managed group. */
  readonly alert?: (rule: GroupRule) => readonly Remark[] | undefined;
}
