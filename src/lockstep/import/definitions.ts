import type { Catalogue } from 'lockstep-exporter/catalogue';
import { isRecord } from 'lockstep-exporter/internal';
import type { ExistingAlerts } from '../existing/alerts.js';
import type { ExistingBoard, GrafanaFields } from '../existing/board.js';
import { defineExistingAlerts, defineExistingBoard, defineExistingRules, reading } from '../existing/define.js';
import { everyPanel, nameOf } from '../existing/read.js';
import { renderExistingBoard } from '../existing/render.js';
import type { ExistingRules } from '../existing/rules.js';
import { labelsOf, TARGET } from '../promql/tree.js';
import type { Finding } from '../report/finding.js';
import type { AlertsData } from './alerts.js';
import { readAlerts } from './alerts.js';
import type { BoardData } from './board.js';
import { readBoard } from './board.js';
import { changed, compareBoards } from './compare.js';
import { compareAlertRules, compareGroups } from './compare-rules.js';
import type { FoundCatalogue } from './metrics.js';
import { wordsIn } from './names.js';
import type { RulesData } from './rules.js';
import { readRules } from './rules.js';
import type { AlertsSource, BoardSource, RulesSource, Sources } from './sources.js';
import { toCatalogue } from './to-catalogue.js';
import { withUnchecked, withUncheckedAlerts, withUncheckedRules } from './unchecked.js';
import { untaken } from './untaken.js';
import type { UsedCatalogue } from './used-metrics.js';
import { catalogueOf } from './used-metrics.js';
import { isLabel, usesOfAlerts, usesOfBoard, usesOfRules } from './uses.js';

/** Counts the panels or rules of a file: those that are kept as they were, and those that a finding is about. */
export interface Account {
  readonly file: string;
  readonly what: 'panels' | 'rules';
  readonly total: number;
  /** Written as they were, and held to the catalogue. */
  readonly kept: number;
  /** Written, and a finding names the part that is not looked up, or is not as it was. */
  readonly told: number;
  /** Not written. */
  readonly lost: number;
}

export interface ImportedBoard {
  readonly source: BoardSource;
  readonly data: BoardData;
  readonly board: ExistingBoard;
}

export interface ImportedRules {
  readonly source: RulesSource;
  readonly data: RulesData;
  readonly rules: ExistingRules;
}

export interface ImportedAlerts {
  readonly source: AlertsSource;
  readonly data: AlertsData;
  readonly alerts: ExistingAlerts;
}

/** Everything that an import makes of the files. */
export interface Imported {
  readonly used: UsedCatalogue;
  readonly catalogue: Catalogue;
  readonly boards: readonly ImportedBoard[];
  readonly rules: readonly ImportedRules[];
  readonly alerts: readonly ImportedAlerts[];
  readonly accounts: readonly Account[];
  readonly findings: readonly Finding[];
}

export interface ImportOptions {
  readonly name: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly datasource: string;
  readonly exposed: FoundCatalogue | undefined;
}

/**
 * Definitions of boards and rules that stand already, over one catalogue of all that they read. Each is built again
 * and compared with its file: whatever is not as it was is a finding.
 */
export function importDefinitions(
  sources: Pick<Sources, 'boards' | 'rules' | 'alerts'>,
  { name, scope, datasource, exposed }: ImportOptions,
): Imported {
  const findings: Finding[] = [...(exposed?.findings ?? [])];
  const names = new Set<string>();
  const readBoards = sources.boards.map((source) => ({ source, ...readBoard(source, unique(source.name, names)) }));
  const rulesNames = new Set<string>();
  const readRuleSets = sources.rules.map((source) => ({
    source,
    ...readRules(source, unique(source.name, rulesNames)),
  }));
  const readGroups = sources.alerts.map((source) => ({
    source,
    ...readAlerts(source, unique(source.name, rulesNames), datasource),
  }));
  findings.push(...readGroups.flatMap((each) => each.findings));
  findings.push(...readBoards.flatMap((each) => each.findings), ...readRuleSets.flatMap((each) => each.findings));
  const used = catalogueOf(
    [
      ...readBoards.flatMap(({ board }) => usesOfBoard(board)),
      ...readRuleSets.flatMap(({ rules }) => usesOfRules(rules)),
      ...readGroups.flatMap(({ alerts }) => usesOfAlerts(alerts)),
    ],
    exposed,
    new Set(
      readRuleSets.flatMap(({ rules }) =>
        rules.groups.flatMap((group) => group.rules.flatMap(({ record }) => (record === undefined ? [] : [record]))),
      ),
    ),
  );
  const recorded = recordedIn(
    readRuleSets.map(({ rules }) => rules),
    used,
    name,
  );
  const catalogue = toCatalogue(recorded.catalogue, name, scope, used.targetLabels);
  // The scope is wanted, and no change of what the file has.
  const unscoped =
    Object.keys(scope).length === 0
      ? catalogue
      : toCatalogue(recorded.catalogue, name, {}, [...used.targetLabels, ...Object.keys(scope)]);
  const checker = { catalogue, read: reading(catalogue).read, findings };
  const boards = readBoards.map(({ source, board, model }): ImportedBoard & { readonly account: Account } => {
    const before = findings.length;
    const data = withUnchecked(board, source.where, checker);
    const built = defineExistingBoard({ ...data, catalogue });
    const asInFile = unscoped === catalogue ? built : defineExistingBoard({ ...data, catalogue: unscoped });
    for (const { where, found, wanted } of compareBoards(renderExistingBoard(asInFile, datasource), model, datasource))
      findings.push(changed(`${source.where} › ${where}`, found, wanted));
    return { source, data, board: built, account: accountOf(source, data, model, findings.slice(before)) };
  });
  const rules = readRuleSets.map(({ source, rules: given }): ImportedRules & { readonly account: Account } => {
    const data = withUncheckedRules(given, source.where, checker);
    const built = defineExistingRules({ ...data, catalogue });
    const asInFile = unscoped === catalogue ? built : defineExistingRules({ ...data, catalogue: unscoped });
    const differing = compareGroups(asInFile, source, findings);
    const total = countRules(source.groups);
    const written = data.groups.reduce((sum, group) => sum + group.rules.length, 0);
    const told = asInFile.groups
      .flatMap((group) => group.rules)
      .filter((rule) => rule.unchecked !== undefined || differing.has(rule)).length;
    return {
      source,
      data,
      rules: built,
      account: {
        file: source.where,
        what: 'rules',
        total,
        kept: written - told,
        told,
        lost: total - written,
      },
    };
  });
  const alerts = readGroups.map(({ source, alerts: given }): ImportedAlerts & { readonly account: Account } => {
    const data = withUncheckedAlerts(given, source.where, checker);
    const built = defineExistingAlerts({ ...data, catalogue });
    const asInFile = unscoped === catalogue ? built : defineExistingAlerts({ ...data, catalogue: unscoped });
    const differing = compareAlertRules(asInFile, source, datasource, findings);
    const written = asInFile.alerts.length;
    const told = asInFile.alerts.filter(
      (alert) => differing.has(alert) || alert.queries.some(({ unchecked }) => unchecked !== undefined),
    ).length;
    const total = countRules([source.spec]);
    const account = {
      file: source.where,
      what: 'rules' as const,
      total,
      kept: written - told,
      told,
      lost: total - written,
    };
    return { source, data, alerts: built, account };
  });
  return {
    used: recorded,
    alerts,
    catalogue,
    boards,
    rules,
    accounts: [...boards, ...rules, ...alerts].map(({ account }) => account),
    findings,
  };
}

/**
 * The catalogue with the labels of recorded series: those that come out of the rule which records them, and not those
 * that somebody expects of them.
 */
function recordedIn(sets: readonly RulesData[], used: UsedCatalogue, name: string): UsedCatalogue {
  const rules = sets.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const { read } = reading(toCatalogue(used.catalogue, name, {}, used.targetLabels));
  const labels = new Map<string, Set<string>>();
  for (const { record, promql, labels: own = {} } of rules) {
    if (record === undefined) continue;
    const known = labels.get(record) ?? new Set(Object.keys(own));
    labels.set(record, known);
    // Bounds are not declared: every query may group by them.
    for (const label of labelsOf(read(promql)) ?? []) if (label !== 'le') known.add(label);
  }
  const metrics = used.catalogue.metrics.map((metric) => {
    const given = labels.get(metric.name);
    return given === undefined || !used.inferred.includes(metric.name)
      ? metric
      : {
          ...metric,
          help: `recorded: ${metric.name}`,
          // Without an aggregation, the labels that scraping adds come out too: those that somebody reads.
          labels: [...new Set([...given, ...(given.has(TARGET) ? metric.labels : [])])].filter(isLabel).sort(),
        };
  });
  const missing = [...new Set(metrics.flatMap((metric) => metric.labels))].filter(
    (label) => !used.catalogue.labels.some((each) => each.name === label) && !used.targetLabels.includes(label),
  );
  return {
    ...used,
    inferred: used.inferred.filter((each) => !labels.has(each)),
    catalogue: {
      ...used.catalogue,
      metrics: metrics.map((metric) => ({
        ...metric,
        labels: metric.labels.filter((label) => !used.targetLabels.includes(label)),
      })),
      labels: [
        ...used.catalogue.labels,
        ...missing.map((label) => ({ name: label, values: undefined, count: 0, seen: [], decidedBy: undefined })),
      ],
    },
  };
}

/** A name in kebab case that no other has. */
function unique(given: string, taken: Set<string>): string {
  return untaken(wordsIn(given).join('-') || 'imported', taken, '-');
}

function countRules(groups: readonly unknown[]): number {
  return groups.filter(isRecord).reduce((sum, { rules }) => sum + (Array.isArray(rules) ? rules.length : 0), 0);
}

function accountOf(source: BoardSource, data: BoardData, model: GrafanaFields, own: readonly Finding[]): Account {
  const inFile = countPanels(model['panels']);
  const all = everyPanel(data.panels);
  const written = all.filter(({ type }) => type !== 'row').length;
  const told = all.filter((panel, index) => {
    if (panel.type === 'row') return false;
    const name = nameOf(panel, index);
    return (
      (panel.queries ?? []).some(({ unchecked }) => unchecked !== undefined) ||
      own.some(
        ({ id, where }) => id === 'import/changed' && where.includes(`panel ${JSON.stringify(panel.title ?? '')}`),
      ) ||
      own.some(({ id, where }) => id === 'import/place' && where.endsWith(` › ${name}`))
    );
  }).length;
  return { file: source.where, what: 'panels', total: inFile, kept: written - told, told, lost: inFile - written };
}

function countPanels(panels: unknown): number {
  return (Array.isArray(panels) ? panels : [])
    .filter(isRecord)
    .reduce((sum, panel) => sum + (panel['type'] === 'row' ? countPanels(panel['panels']) : 1), 0);
}
