import type { Catalogue } from 'lockstep-exporter/catalogue';
import { isRecord } from 'lockstep-exporter/internal';
import type { ExistingPanel, ExistingQuery, GrafanaFields } from '../existing/board.js';
import type { Read } from '../existing/read.js';
import { everyPanel, nameOf } from '../existing/read.js';
import { slipsOfQuery, slipsOfRule, slipsOfVariable } from '../existing/slips.js';
import { letterOf } from '../panels/names.js';
import type { TextSlip } from '../promql/tree.js';
import type { Finding } from '../report/finding.js';
import type { AlertsData } from './alerts.js';
import type { BoardData } from './board.js';
import type { RulesData } from './rules.js';

// A query that the catalogue does not bear out is kept with the reason, and told.

/** Takes the findings about queries. */
export interface Checker {
  readonly catalogue: Catalogue;
  readonly read: Read;
  readonly findings: Finding[];
}

/** The board with a reason at each query that the catalogue does not bear out. */
export function withUnchecked(board: BoardData, where: string, checker: Checker): BoardData {
  let index = 0;
  const visit = (panel: ExistingPanel): ExistingPanel => {
    const name = nameOf(panel, index++);
    const { queries, panels } = panel;
    return {
      ...panel,
      ...(queries === undefined
        ? {}
        : {
            queries: queries.map((query, which) =>
              checkQuery(query, `${where} › ${name} › query ${query.refId ?? letterOf(which)}`, checker),
            ),
          }),
      ...(panels === undefined ? {} : { panels: panels.map(visit) }),
    };
  };
  const foreign = new Set<string>();
  const panels = board.panels.map(visit);
  for (const { queries = [] } of everyPanel(panels))
    for (const { promql, model } of queries) if (promql === undefined) foreign.add(typeOf(model));
  for (const type of foreign)
    checker.findings.push({
      id: 'import/other-datasource',
      severity: 'note',
      where,
      found: `queries of ${type}, which are written as they are and are not looked up`,
      fix: 'check them by hand',
    });
  return {
    ...board,
    variables: board.variables.map((variable) => {
      if (variable.unchecked !== undefined) return variable;
      const slips = slipsOfVariable(checker.read, checker.catalogue, variable);
      return { ...variable, ...reasonOf(slips, `${where} › variable ${variable.name}`, checker) };
    }),
    panels,
  };
}

function typeOf(model: GrafanaFields = {}): string {
  const { datasource } = model;
  return isRecord(datasource) && typeof datasource['type'] === 'string' ? datasource['type'] : 'an unknown datasource';
}

function checkQuery(query: ExistingQuery, where: string, checker: Checker): ExistingQuery {
  return { ...query, ...reasonOf(slipsOfQuery(checker.read, query), where, checker) };
}

function reasonOf(slips: readonly TextSlip[], where: string, { findings }: Checker): { readonly unchecked?: string } {
  const [first] = slips;
  if (first === undefined) return {};
  for (const { code, found, fix, allowed } of slips)
    findings.push({ id: code, severity: 'warning', where, found, fix, ...(allowed === undefined ? {} : { allowed }) });
  return { unchecked: first.found.split('\n', 1)[0] ?? first.code };
}

export function withUncheckedRules(rules: RulesData, where: string, checker: Checker): RulesData {
  return {
    ...rules,
    groups: rules.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({
        ...rule,
        ...reasonOf(
          slipsOfRule(checker.read, rule),
          `${where} › ${group.name} › ${rule.alert ?? rule.record ?? '?'}`,
          checker,
        ),
      })),
    })),
  };
}

export function withUncheckedAlerts(group: AlertsData, where: string, checker: Checker): AlertsData {
  return {
    ...group,
    alerts: group.alerts.map((alert) => ({
      ...alert,
      queries: alert.queries.map((query, index) => ({
        ...query,
        ...reasonOf(
          slipsOfQuery(checker.read, query),
          `${where} › ${alert.title} › query ${query.refId ?? letterOf(index)}`,
          checker,
        ),
      })),
    })),
  };
}
