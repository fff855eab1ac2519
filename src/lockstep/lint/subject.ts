import type { Day } from 'lockstep-exporter/catalogue';
import type { Config, System } from '../config/config.js';
import { evaluatorOf } from '../config/config.js';
import type { BoardModel, GroupRule, PanelModel } from '../config/own-rule.js';
import { alertGroupCr, alertGroupResource } from '../emit/alert-group.js';
import type { Declared } from '../emit/declared.js';
import { NOTHING_DECLARED } from '../emit/declared.js';
import type { BoardFile, GroupFile, PlannedFile, RulerFile } from '../emit/plan.js';
import { isStanding, modelOf } from '../emit/resource.js';
import type { TakenName } from '../emit/taken-names.js';
import type { Dashboard } from '../panels/dashboard.js';
import { panelsOf } from '../panels/dashboard.js';
import type { PlacedModel } from '../panels/models.js';
import { placedModels } from '../panels/models.js';
import type { Panel } from '../panels/panel.js';
import { durationSeconds } from '../promql/window.js';
import type { Path } from './finding.js';
import type { PlacedText } from './model-texts.js';
import { textsIn } from './model-texts.js';
import type { VariableUse } from './variables.js';
import { variableUses } from './variables.js';

/** A panel that would be committed, and its definition. One without was made by hand, or stood already. */
export interface BoardPanel extends PlacedModel<PanelModel> {
  readonly definition: Panel | undefined;
}

/** A dashboard that would be committed, the system it is of, and its definition if it did not stand already. */
export interface Board {
  readonly file: BoardFile;
  readonly system: System;
  readonly model: BoardModel;
  readonly definition: Dashboard | undefined;
  /** Every text of the model. */
  readonly texts: readonly PlacedText[];
  /** Every place that names a variable of the board's own. */
  readonly uses: readonly VariableUse[];
  /** Rows, too. */
  readonly panels: readonly BoardPanel[];
}

/** An alert rule that would be committed, and its definition if it did not stand already. */
export interface GroupAlert {
  readonly rule: GroupRule;
  /** Where it stands in the resource. */
  readonly path: Path;
  readonly definition: System['alerts'][number]['rules'][number] | undefined;
}

/** An alert group that would be committed. */
export interface LintedGroup {
  readonly file: GroupFile | RulerFile;
  readonly system: System;
  readonly alerts: readonly GroupAlert[];
}

/** All that is linted. */
export interface Subject {
  readonly config: Config;
  readonly files: readonly PlannedFile[];
  readonly boards: readonly Board[];
  readonly groups: readonly LintedGroup[];
  /** The files that are checked in, by path. */
  readonly checkedIn: ReadonlyMap<string, string>;
  /** The sources of what records, by path, for systems that name them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names that files of somebody else have too. */
  readonly taken: readonly TakenName[];
  /** Folders, data sources and Grafanas that files of somebody else declare. */
  readonly declared: Declared;
  /** Promised days are compared with this one. */
  readonly today: Day;
  /** How often Prometheus scrapes, in seconds. */
  readonly scrapeSeconds: number;
}

/** Finds the boards and groups among the files of a plan. */
export function toSubject(
  config: Config,
  files: readonly PlannedFile[],
  checkedIn: ReadonlyMap<string, string>,
  sources: ReadonlyMap<string, string>,
  today: Day,
  taken: readonly TakenName[] = [],
  declared: Declared = NOTHING_DECLARED,
): Subject {
  const boards: Board[] = [];
  const groups: LintedGroup[] = [];
  const systems = new Map(config.systems.map((system) => [system.catalogue.name, system]));
  for (const file of files) {
    const system = systems.get(file.system);
    if (system === undefined) continue;
    if (file.kind === 'board') boards.push(toBoard(file, system));
    if (file.kind === 'group') groups.push(toGroup(file, system));
    if (file.kind === 'ruler') groups.push(...rulersAlone(file, system, config));
  }
  const scrapeSeconds = durationSeconds(config.target.scrapeInterval ?? '1m') ?? 60;
  return { config, files, boards, groups, checkedIn, sources, taken, declared, today, scrapeSeconds };
}

function toBoard(file: BoardFile, system: System): Board {
  const model = modelOf(file.resource);
  const definition = isStanding(file.definition) ? undefined : file.definition;
  const definitions = new Map((definition === undefined ? [] : panelsOf(definition)).map((each) => [each.title, each]));
  const panels = placedModels<PanelModel>(model).map((placed) => ({
    ...placed,
    definition: definitions.get(placed.panel.title ?? ''),
  }));
  const texts = textsIn(model);
  return { file, system, model, definition, texts, uses: variableUses(texts), panels };
}

function toGroup(file: GroupFile, system: System): LintedGroup {
  const definitions = isStanding(file.definition) ? [] : file.definition.rules;
  const alerts = file.resource.spec.rules.map((rule, index) => ({
    rule,
    path: ['spec', 'rules', index],
    definition: definitions.find(({ uid }) => uid === rule.uid),
  }));
  return { file, system, alerts };
}

/** A group that a ruler alone evaluates, as Grafana would have it: the rules of lint know one kind of alert. */
function rulersAlone(file: RulerFile, system: System, { target }: Config): readonly LintedGroup[] {
  const { definition, resource } = file;
  if (isStanding(definition) || evaluatorOf(target, alertGroupResource(definition)) !== 'ruler') return [];
  const built = (resource.spec.groups[0] as { readonly rules: readonly { readonly alert?: string }[] }).rules;
  const alerts = alertGroupCr(definition, system.dashboards, target).spec.rules.map((rule, index) => ({
    rule,
    path: ['spec', 'groups', 0, 'rules', built.findIndex(({ alert }) => alert === rule.title)],
    definition: definition.rules[index],
  }));
  return [{ file, system, alerts }];
}
