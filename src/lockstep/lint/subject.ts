import type { Day } from 'lockstep-exporter/catalogue';
import type { Config, System } from '../config/config.js';
import type { PlannedFile } from '../emit/plan.js';
import type { TakenName } from '../emit/taken-names.js';

/** A query of a panel, as its model has it. */
export interface Target {
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
  /** Of a closed row. */
  readonly panels?: readonly PanelModel[];
  readonly datasource?: Datasource;
  readonly targets?: readonly Target[];
  readonly options?: { readonly textMode?: string; readonly colorMode?: string };
  readonly fieldConfig?: {
    readonly defaults?: { readonly unit?: string; readonly mappings?: readonly unknown[] };
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
  readonly panels?: readonly PanelModel[];
  readonly templating?: {
    readonly list?: readonly { readonly name?: string; readonly type?: string; readonly datasource?: Datasource }[];
  };
}

/** A dashboard that would be committed, and the system it is of. */
export interface Board {
  readonly file: PlannedFile;
  readonly system: System;
  readonly model: BoardModel;
}

/** An alert group that would be committed. */
export interface Group {
  readonly file: PlannedFile;
  readonly system: System;
  readonly rules: readonly GroupRule[];
}

export interface GroupRule {
  readonly uid: string;
  readonly title: string;
  readonly data: readonly {
    readonly datasourceUid?: string;
    readonly model?: { readonly expr?: string };
  }[];
}

/** All that is linted. */
export interface Subject {
  readonly config: Config;
  readonly files: readonly PlannedFile[];
  readonly boards: readonly Board[];
  readonly groups: readonly Group[];
  /** What is checked in, by path. */
  readonly checkedIn: ReadonlyMap<string, string>;
  /** The sources of what records, by path, for systems that name them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names that files of somebody else have too. */
  readonly taken: readonly TakenName[];
  /** What days that are promised are compared with. */
  readonly today: Day;
}

interface Resource {
  readonly kind: string;
  readonly spec: { readonly json?: string; readonly rules?: readonly GroupRule[] };
}

/** Finds the boards and groups among the files of a plan. */
export function toSubject(
  config: Config,
  files: readonly PlannedFile[],
  checkedIn: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, string>,
  today: Day,
  taken: readonly TakenName[] = [],
): Subject {
  const boards: Board[] = [];
  const groups: Group[] = [];
  for (const file of files) {
    const { kind, spec } = file.resource as unknown as Resource;
    const system = config.systems.find(({ catalogue }) => catalogue.name === file.system);
    if (system === undefined) continue;
    if (kind === 'GrafanaDashboard') boards.push({ file, system, model: JSON.parse(spec.json ?? '{}') as BoardModel });
    if (kind === 'GrafanaAlertRuleGroup') groups.push({ file, system, rules: spec.rules ?? [] });
  }
  return { config, files, boards, groups, checkedIn, sources, taken, today };
}
