import type { Day } from 'lockstep-exporter/catalogue';
import type { Config, System } from '../config/config.js';
import type { BoardModel, GroupRule } from '../config/own-rule.js';
import type { PlannedFile } from '../emit/plan.js';
import type { TakenName } from '../emit/taken-names.js';

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

/** All that is linted. */
export interface Subject {
  readonly config: Config;
  readonly files: readonly PlannedFile[];
  readonly boards: readonly Board[];
  readonly groups: readonly Group[];
  /** The files that are checked in, by path. */
  readonly checkedIn: ReadonlyMap<string, string>;
  /** The sources of what records, by path, for systems that name them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names that files of somebody else have too. */
  readonly taken: readonly TakenName[];
  /** Promised days are compared with this one. */
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
