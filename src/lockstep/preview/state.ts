import { isRecord } from 'lockstep-exporter/internal';
import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import { diffValues } from '../check/diff-values.js';
import type { Config, System } from '../config/config.js';
import { countersOf, evaluatorOf } from '../config/config.js';
import { runbookPage } from '../docs/runbook.js';
import { alertGroupResource, summaryOf } from '../emit/alert-group.js';
import type { BoardFile, GroupFile, PlannedFile, RulerFile } from '../emit/plan.js';
import { isStanding } from '../emit/resource.js';
import { DATASOURCE_VARIABLE, dashboardUid } from '../panels/names.js';
import { printExpression } from '../promql/print.js';
import { walk } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { readYaml } from '../read-yaml.js';
import type {
  BoardView,
  ChangeStatus,
  FieldChange,
  GroupView,
  RulePart,
  RuleView,
  ShownBoard,
  State,
} from './protocol.js';

/** A resource that is checked in, which may be anything. */
interface Resource {
  readonly kind?: string;
  readonly spec?: { readonly json?: string; readonly name?: string; readonly rules?: readonly unknown[] };
}

/** The view of one file, with the text that is checked in for it. */
interface Viewed {
  readonly text: string | undefined;
  readonly view: { readonly board: BoardView } | { readonly group: GroupView } | undefined;
}

/**
 * The view of a plan, systems in the order of the configuration: its first board is the one that opens. Definitions
 * with problems have none: the last good one is shown then.
 *
 * The view of a file is made once: the same file, with the same text, gives the same object.
 */
export function rememberingViewer(): (
  config: Config,
  files: readonly PlannedFile[],
  checkedIn: (path: string) => string | undefined,
) => Pick<State, 'boards' | 'groups' | 'scrapeSeconds'> {
  const known = new WeakMap<PlannedFile, Viewed>();
  return (config, files, checkedIn) => {
    const order = new Map(config.systems.map(({ catalogue }, index) => [catalogue.name, index]));
    const placeOf = ({ system }: PlannedFile) => order.get(system) ?? 0;
    const views = [...files]
      .sort((a, b) => placeOf(a) - placeOf(b))
      .flatMap((file) => {
        const text = checkedIn(file.path);
        const before = known.get(file);
        const viewed =
          before !== undefined && before.text === text ? before : { text, view: viewOf(file, text, config) };
        known.set(file, viewed);
        return viewed.view ?? [];
      });
    return {
      boards: views.flatMap((view) => ('board' in view ? view.board : [])),
      groups: views.flatMap((view) => ('group' in view ? view.group : [])),
      scrapeSeconds: durationSeconds(config.target.scrapeInterval ?? '1m') ?? 60,
    };
  };
}

function viewOf(file: PlannedFile, text: string | undefined, config: Config): Viewed['view'] {
  const system = config.systems.find(({ catalogue }) => catalogue.name === file.system);
  if (system === undefined) return undefined;
  switch (file.kind) {
    case 'board':
      return { board: boardView(file, readResource(text)) };
    case 'group':
      return { group: groupView(file, file.resource.spec.rules, readResource(text), system, config) };
    case 'ruler': {
      const { definition } = file;
      const isAlone = !isStanding(definition) && evaluatorOf(config.target, alertGroupResource(definition)) === 'ruler';
      return isAlone ? { group: groupView(file, definition.rules, readResource(text), system, config) } : undefined;
    }
    case 'job':
      return undefined;
  }
}

/** The resource that is checked in; nothing where there is no file, or it is not a resource. */
function readResource(text: string | undefined): Resource | undefined {
  if (text === undefined) return undefined;
  try {
    const { value } = readYaml(text);
    return isRecord(value) && isRecord(value['spec']) ? (value as Resource) : {};
  } catch {
    return {};
  }
}

/**
 * The model of a board, if it is one that can be shown: whoever changed the file by hand may have made anything of it.
 */
function modelOf(resource: Resource | undefined): ShownBoard | undefined {
  try {
    const json = resource?.spec?.json;
    const model: unknown = JSON.parse(String(json));
    const shown = isRecord(model)
      ? { ...model, panels: fitted(model['panels'], OWN_SOURCE.test(String(json))) }
      : model;
    return isModel(shown) ? shown : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Panels as the page draws them: a board that stood already may have panels without a title, and queries that are not
 * PromQL.
 */
function fitted(panels: unknown, hasOwnSource: boolean): unknown {
  if (!Array.isArray(panels)) return panels;
  return panels.filter(isRecord).map((panel) => {
    const { title, targets, panels: inner } = panel;
    const all = (Array.isArray(targets) ? targets : []).filter(isRecord).map((each, index) => ({
      ...each,
      refId: String(each['refId'] ?? index + 1),
    }));
    const queries = all.filter((each) => !isOfAnother(each, hasOwnSource));
    const others = all.length - queries.length;
    return {
      ...panel,
      title: typeof title === 'string' ? title : '',
      ...(others === 0 ? {} : { others }),
      ...(targets === undefined
        ? {}
        : { targets: queries.filter((each) => 'expr' in each && typeof each.expr === 'string') }),
      ...(inner === undefined ? {} : { panels: fitted(inner, hasOwnSource) }),
    };
  });
}

/** Whether a query is not for the Prometheus that the preview asks: another would answer it otherwise. */
function isOfAnother(query: Readonly<Record<string, unknown>>, hasOwnSource: boolean): boolean {
  const datasource = query['datasource'];
  if (!isRecord(datasource)) return false;
  const { type = 'prometheus', uid } = datasource;
  return type !== 'prometheus' || (hasOwnSource && uid !== OWN_UID);
}

/** The Prometheus that a reader chooses on a board of lockstep's; one that stood already may name it in any way. */
const OWN_UID = `\${${DATASOURCE_VARIABLE}}`;
const OWN_SOURCE = new RegExp(`"uid": ?"\\$\\{${DATASOURCE_VARIABLE}\\}"`);

function isModel(value: unknown): value is ShownBoard {
  if (!isRecord(value) || typeof value['title'] !== 'string' || !isPanels(value['panels'])) return false;
  const { templating = {}, annotations = {}, links = [], time = { from: '', to: '' } } = value;
  return (
    [templating, annotations].every((each) => isRecord(each) && isRecords(each['list'] ?? [])) &&
    isRecords(links) &&
    isRecord(time) &&
    typeof time['from'] === 'string' &&
    typeof time['to'] === 'string'
  );
}

function isPanels(value: unknown): boolean {
  return (
    isRecords(value) &&
    value.every(({ gridPos, title, targets = [], panels = [], fieldConfig }) => {
      const numbers = isRecord(gridPos) ? ['x', 'y', 'w', 'h'].map((each) => gridPos[each]) : [undefined];
      return (
        numbers.every((each) => typeof each === 'number') &&
        typeof title === 'string' &&
        isRecords(targets) &&
        targets.every(({ expr, refId }) => typeof expr === 'string' && typeof refId === 'string') &&
        (fieldConfig === undefined || isRecord(fieldConfig)) &&
        isPanels(panels)
      );
    })
  );
}

function isRecords(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every(isRecord);
}

function boardView({ path, resource }: BoardFile, before: Resource | undefined): BoardView {
  const model = modelOf(resource);
  if (model === undefined) throw new Error(`${path} has no model`);
  const old = modelOf(before);
  const change = changeOf(before !== undefined, old, model);
  return {
    uid: model.uid ?? path,
    title: model.title,
    path,
    model,
    ...change,
    before: change.status === 'changed' ? old : undefined,
  };
}

/** In what something is not as it is checked in, if it is. */
function changeOf(
  isCheckedIn: boolean,
  before: unknown,
  after: unknown,
): { readonly status: ChangeStatus; readonly changes: readonly FieldChange[] } {
  if (!isCheckedIn) return { status: 'new', changes: [] };
  const changes = diffValues(before, after).map(({ where, found, wanted }) => ({
    where,
    checkedIn: found ?? null,
    built: wanted ?? null,
  }));
  return { status: changes.length > 0 ? 'changed' : 'same', changes };
}

function groupView(
  file: GroupFile | RulerFile,
  built: readonly { readonly uid: string }[],
  before: Resource | undefined,
  system: System,
  config: Config,
): GroupView {
  const { name } = file.resource.metadata;
  const uids = new Set(built.map(({ uid }) => uid));
  const rules = system.alerts.flatMap((group) =>
    group.rules.filter(({ uid }) => uids.has(uid)).map((rule) => ruleView(rule, group, system, config)),
  );
  return {
    name,
    path: file.path,
    ...changeOf(before !== undefined, before, file.resource),
    rules,
  };
}

function ruleView(rule: AlertRule, group: AlertGroup, system: System, config: Config): RuleView {
  const board = system.dashboards.find(({ rows }) => rows.some(({ panels }) => panels.includes(rule.panel)));
  return {
    uid: rule.uid,
    title: rule.title,
    severity: rule.severity,
    summary: summaryOf(rule, group, system.dashboards),
    description: rule.description,
    pendingSeconds: durationSeconds(rule.for) ?? 0,
    expr: printExpression({ node: rule.node }, countersOf(config.target)),
    parts: partsOf(rule, config),
    runbook: runbookPage(rule, system, config.target),
    board: board === undefined ? undefined : dashboardUid(board),
    panel: rule.panel.title,
  };
}

/** The comparisons with a number of which a rule is made: what is charted beside its threshold. */
function partsOf({ node }: AlertRule, config: Config): readonly RulePart[] {
  const parts: RulePart[] = [];
  for (const each of walk(node))
    if (each.type === 'binary' && each.bool && each.right.type === 'number')
      parts.push({
        expr: printExpression({ node: each.left }, countersOf(config.target)),
        op: each.op,
        threshold: each.right.value,
      });
  return parts;
}
