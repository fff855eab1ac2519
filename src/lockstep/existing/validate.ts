import type { Problem } from 'lockstep-exporter/internal';
import {
  about,
  definitionPath,
  isRecord,
  printValue,
  sayInto,
  titlePath,
  validateCatalogueShape,
  validateShape,
} from 'lockstep-exporter/internal';
import { UID_LENGTH } from '../grafana/index.js';
import { letterOf } from '../panels/names.js';
import type { TextSlip } from '../promql/tree.js';
import type { ExistingAlertsDefinition } from './alerts.js';
import type { ExistingBoardDefinition, ExistingPanel } from './board.js';
import {
  ALERT_FIELDS,
  ALERT_QUERY_FIELDS,
  ALERTS_FIELDS,
  BOARD_FIELDS,
  GROUP_FIELDS,
  PANEL_FIELDS,
  PLACE_FIELDS,
  QUERY_FIELDS,
  RULE_FIELDS,
  RULES_FIELDS,
  THRESHOLD_FIELDS,
  THRESHOLDS_FIELDS,
  VARIABLE_FIELDS,
} from './fields.js';
import type { Read } from './read.js';
import { everyPanel, nameOf } from './read.js';
import type { ExistingRule, ExistingRulesDefinition } from './rules.js';
import { slipsOfQuery, slipsOfRule, slipsOfVariable } from './slips.js';

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Every problem of an existing board: its shape, and its queries against the catalogue. Pure. */
export function validateExistingBoard(board: ExistingBoardDefinition, read: Read): Problem[] {
  const root = `boards/${board?.catalogue?.name ?? '?'}-${board?.name ?? '?'}`;
  const code = 'board/shape';
  const needed = {
    catalogue: 'object',
    name: 'text',
    uid: 'text',
    title: 'text',
    schemaVersion: 'number',
    variables: 'list',
    panels: 'list',
  } as const;
  const shape = validateShape(board, root, code, needed, { ...BOARD_FIELDS, readings: true });
  if (shape.length === 0) shape.push(...validateCatalogueShape(board.catalogue, root));
  if (shape.length > 0) return shape;
  shape.push(
    ...board.variables.flatMap((variable, index) =>
      validateShape(
        variable,
        definitionPath(root, `variable ${variable?.name ?? index + 1}`),
        code,
        { type: 'text', name: 'text', ...(variable?.query === undefined ? {} : { query: 'text' }) },
        VARIABLE_FIELDS,
      ),
    ),
    ...board.panels.flatMap((panel, index) => validatePanelShape(panel, root, index)),
  );
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  const say = (rule: string, where: string, found: string, fix: string) =>
    problems.push({ code: `board/${rule}`, where, found, fix });
  if (!NAME.test(board.name))
    say('name', definitionPath(root, 'name'), printValue(board.name), 'write it in kebab case');
  if (!/^[a-zA-Z0-9_-]+$/.test(board.uid) || board.uid.length > UID_LENGTH)
    say(
      'uid',
      definitionPath(root, 'uid'),
      printValue(board.uid),
      `give 1 to ${UID_LENGTH} of a-z A-Z 0-9 - _: Grafana takes no other`,
    );
  if (board.title.trim() === '') say('title', root, 'no title', 'give a title');
  for (const [index, panel] of everyPanel(board.panels).entries()) {
    const where = definitionPath(root, nameOf(panel, index));
    if (panel.panels !== undefined && panel.collapsed !== true)
      say('open-row', where, 'an open row with panels in it', 'list them after the row, or close it: collapsed: true');
  }
  return [
    ...about(board, problems),
    ...everyPanel(board.panels).flatMap((panel, index) =>
      (panel.queries ?? []).flatMap((query, which) =>
        problemsOf(
          query,
          query.unchecked === undefined ? slipsOfQuery(read, query) : [],
          definitionPath(root, nameOf(panel, index), `query ${query.refId ?? letterOf(which)}`),
        ),
      ),
    ),
    ...board.variables.flatMap((variable) =>
      problemsOf(
        variable,
        variable.unchecked === undefined ? slipsOfVariable(read, board.catalogue, variable) : [],
        definitionPath(root, `variable ${variable.name}`),
      ),
    ),
  ];
}

function validatePanelShape(panel: ExistingPanel, root: string, index: number): Problem[] {
  const code = 'board/shape';
  const where = definitionPath(root, typeof panel?.title === 'string' ? nameOf(panel, index) : `panel ${index + 1}`);
  const optional = {
    ...(panel?.title === undefined ? {} : { title: 'text' as const }),
    ...(panel?.queries === undefined ? {} : { queries: 'list' as const }),
    ...(panel?.panels === undefined ? {} : { panels: 'list' as const }),
  };
  const own = validateShape(panel, where, code, { type: 'text', at: 'object', ...optional }, PANEL_FIELDS);
  if (own.length > 0) return own;
  const number = { x: 'number', y: 'number', width: 'number', height: 'number' } as const;
  own.push(...validateShape(panel.at, definitionPath(where, 'at'), code, number, PLACE_FIELDS));
  if (panel.thresholds !== undefined) {
    const at = definitionPath(where, 'thresholds');
    own.push(...validateShape(panel.thresholds, at, code, { base: 'text', steps: 'list' }, THRESHOLDS_FIELDS));
    if (own.length === 0)
      own.push(
        ...panel.thresholds.steps.flatMap((step) =>
          validateShape(step, at, code, { at: 'number', colour: 'text' }, THRESHOLD_FIELDS),
        ),
      );
  }
  for (const [which, query] of (panel.queries ?? []).entries()) {
    const at = definitionPath(where, `query ${which + 1}`);
    const text = isRecord(query) && query['promql'] !== undefined ? ({ promql: 'text' } as const) : {};
    const found = validateShape(query, at, code, text, QUERY_FIELDS);
    own.push(...found);
    if (found.length === 0 && query.promql === undefined && query.model === undefined)
      own.push({ code, where: at, found: 'neither promql nor model', fix: 'give the query' });
  }
  return [...own, ...(panel.panels ?? []).flatMap((inner, place) => validatePanelShape(inner, where, place))];
}

function problemsOf(owner: object, slips: readonly TextSlip[], where: string): Problem[] {
  return about(
    owner,
    slips.map((slip) => ({ ...slip, where })),
  );
}

const DURATION = /^(\d+(ms|s|m|h|d|w|y))+$/;

/** Every problem of existing rules: their shape, their texts, and their expressions against the catalogue. Pure. */
export function validateExistingRules(rules: ExistingRulesDefinition, read: Read): Problem[] {
  const root = `rules/${rules?.name ?? '?'}`;
  const code = 'rules/shape';
  const shape = validateShape(
    rules,
    root,
    code,
    { catalogue: 'object', name: 'text', groups: 'list' },
    { ...RULES_FIELDS, readings: true },
  );
  if (shape.length === 0) shape.push(...validateCatalogueShape(rules.catalogue, root));
  if (shape.length > 0) return shape;
  shape.push(
    ...rules.groups.flatMap((group, index) => {
      const at = definitionPath(root, `group ${group?.name ?? index + 1}`);
      const own = validateShape(group, at, code, { name: 'text', rules: 'list' }, GROUP_FIELDS);
      if (own.length > 0) return own;
      return group.rules.flatMap((rule, which) =>
        validateShape(
          rule,
          definitionPath(at, `rule ${rule?.alert ?? rule?.record ?? which + 1}`),
          code,
          { promql: 'text' },
          RULE_FIELDS,
        ),
      );
    }),
  );
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  if (!NAME.test(rules.name))
    problems.push({
      code: 'rules/name',
      where: definitionPath(root, 'name'),
      found: printValue(rules.name),
      fix: 'write it in kebab case',
    });
  const names = new Set<string>();
  for (const group of rules.groups) {
    const at = definitionPath(root, `group ${group.name}`);
    if (names.has(group.name))
      problems.push({ code: 'rules/duplicate', where: at, found: 'a second group of that name', fix: 'rename one' });
    names.add(group.name);
    for (const [index, rule] of group.rules.entries()) {
      const where = definitionPath(at, rule.alert ?? rule.record ?? `${index + 1}`);
      problems.push(
        ...about(rule, validateRule(rule, where)),
        ...problemsOf(rule, rule.unchecked === undefined ? slipsOfRule(read, rule) : [], where),
      );
    }
  }
  return problems;
}

function validateRule(rule: ExistingRule, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'rules', where);
  if ((rule.alert === undefined) === (rule.record === undefined))
    say('kind', '', rule.alert === undefined ? 'neither alert nor record' : 'alert and record', 'give one of the two');
  for (const field of ['for', 'keepFiringFor'] as const) {
    const value: unknown = rule[field];
    if (value === undefined) continue;
    if (typeof value !== 'string' || !(DURATION.test(value) || value === '0'))
      say('duration', field, printValue(value), 'write it as Prometheus does: 15m');
    else if (rule.record !== undefined) say('duration', field, printValue(value), 'leave it out: only an alert has it');
  }
  if (rule.record !== undefined && rule.annotations !== undefined)
    say('annotations', 'annotations', 'annotations of a recording rule', 'leave them out: only an alert has them');
  if (rule.promql.trim() === '') say('expression', 'promql', 'no expression', 'give one');
  return problems;
}

/** Every problem of existing rules that Grafana evaluates. Pure. */
export function validateExistingAlerts(group: ExistingAlertsDefinition, read: Read): Problem[] {
  const root = `alerts/${group?.name ?? '?'}`;
  const code = 'alerts/shape';
  const shape = validateShape(
    group,
    root,
    code,
    { catalogue: 'object', name: 'text', interval: 'text', alerts: 'list' },
    { ...ALERTS_FIELDS, readings: true },
  );
  if (shape.length === 0) shape.push(...validateCatalogueShape(group.catalogue, root));
  if (shape.length > 0) return shape;
  const alertShape = { uid: 'text', title: 'text', condition: 'text', for: 'text', queries: 'list' } as const;
  shape.push(
    ...group.alerts.flatMap((alert, index) => {
      const where = titlePath(alert, root, 'alert', index);
      const own = validateShape(alert, where, code, alertShape, ALERT_FIELDS);
      if (own.length > 0) return own;
      return alert.queries.flatMap((query, which) =>
        validateShape(query, definitionPath(where, `query ${which + 1}`), code, {}, ALERT_QUERY_FIELDS),
      );
    }),
  );
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  if (!NAME.test(group.name))
    problems.push({
      code: 'alerts/name',
      where: definitionPath(root, 'name'),
      found: printValue(group.name),
      fix: 'write it in kebab case',
    });
  const uids = new Set<string>();
  for (const alert of group.alerts) {
    const where = definitionPath(root, alert.title);
    if (uids.has(alert.uid))
      problems.push(
        ...about(alert, [
          {
            code: 'alerts/duplicate',
            where: definitionPath(where, 'uid'),
            found: `${printValue(alert.uid)} a second time`,
            fix: 'give one of them another uid',
          },
        ]),
      );
    uids.add(alert.uid);
    for (const [index, query] of alert.queries.entries())
      problems.push(
        ...problemsOf(
          alert,
          query.unchecked === undefined ? slipsOfQuery(read, query) : [],
          definitionPath(where, `query ${query.refId ?? letterOf(index)}`),
        ),
      );
  }
  return problems;
}

/** Every problem of existing rules, whoever evaluates them. Pure. */
export function validateStandingRules(
  rules: ExistingRulesDefinition | ExistingAlertsDefinition,
  read: Read,
): Problem[] {
  return typeof rules === 'object' && rules !== null && 'alerts' in rules
    ? validateExistingAlerts(rules, read)
    : validateExistingRules(rules as ExistingRulesDefinition, read);
}
