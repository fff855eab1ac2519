import type { LintRule } from 'lockstep-exporter/internal';
import type { ExistingQuery, ExistingRule, ExistingRules } from '../existing/index.js';
import type { Read } from '../existing/read.js';
import { everyPanel, readerOf } from '../existing/read.js';
import { strangeLegendLabels, strangeTemplateLabels } from '../existing/slips.js';
import { placedModels } from '../panels/models.js';
import type { LintFinding, Path, Say } from './finding.js';
import { ownerOf, sayInto } from './finding.js';
import type { Board, Subject } from './subject.js';

// Findings about boards and rules that stand already, by their definitions.

const LOOK_UP = 'correct the query, or add to the catalogue what it reads, and take the reason out';

/** Legends that name a label which is not there, and queries that nobody looks up. */
export function lintExistingBoard({ model, system }: Board, say: Say): void {
  const placed = placedModels(model);
  for (const board of (system.boards ?? []).filter(({ uid }) => uid === model.uid)) {
    const read = readerOf(board);
    for (const [index, { queries = [] }] of everyPanel(board.panels).entries()) {
      const found = placed[index];
      if (found === undefined) continue;
      for (const [which, query] of queries.entries()) {
        const at = [...found.path, 'targets', which];
        if (query.unchecked !== undefined)
          say('lint/unchecked', ownerOf(found.panel), at, `a query that is not looked up: ${query.unchecked}`, LOOK_UP);
        for (const { found: said, fix } of strangeLegendLabels(read, query))
          say('lint/legend-label', ownerOf(found.panel), [...at, 'legendFormat'], said, fix);
        sayFaults(read, query, ownerOf(found.panel), [...at, 'expr'], say);
      }
    }
    for (const [index, { name, unchecked }] of board.variables.entries())
      if (unchecked !== undefined)
        say(
          'lint/unchecked',
          `variable ${name}`,
          ['templating', 'list', index],
          `a query that is not looked up: ${unchecked}`,
          LOOK_UP,
        );
  }
}

/** The definitions of rules that stood already, each with its file. */
export function standingRuleFiles({
  config,
  files,
}: Subject): readonly { readonly rules: ExistingRules; readonly file: Subject['files'][number] }[] {
  return config.systems
    .flatMap((system) => system.rules ?? [])
    .flatMap((rules) => {
      const file = files.find(
        ({ resource: { kind, metadata } }) =>
          kind === 'PrometheusRule' && (metadata as { readonly name?: string }).name === rules.name,
      );
      return file === undefined ? [] : [{ rules, file }];
    });
}

/** Annotations that name a label which is not there, and expressions that nobody looks up. */
export function lintExistingRules(subject: Subject): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const { rules, file } of standingRuleFiles(subject))
    lintRules(rules, sayInto(findings, file.path, ['spec', 'groups']));
  return findings;
}

function lintRules(rules: ExistingRules, say: Say): void {
  const read = readerOf(rules);
  for (const [index, group] of rules.groups.entries())
    for (const [which, rule] of group.rules.entries()) {
      const owner = `rule ${rule.alert ?? rule.record}`;
      const at = [index, 'rules', which];
      if (rule.unchecked !== undefined)
        say(
          'lint/unchecked',
          owner,
          [...at, 'expr'],
          `an expression that is not looked up: ${rule.unchecked}`,
          LOOK_UP,
        );
      for (const { field, found, fix } of strangeTemplateLabels(read, rule))
        say('lint/template-label', owner, [...at, ...field], found, fix);
      sayFaults(read, rule, owner, [...at, 'expr'], say);
    }
}

/** The rule of each fault that a text may have. */
const FAULTS: Readonly<Record<string, LintRule>> = {
  'promql/never-true': 'lint/never-true',
  'promql/always-true': 'lint/always-true',
  'promql/interval-window': 'lint/short-window',
};

function sayFaults(
  read: Read,
  { promql, unchecked }: ExistingQuery | ExistingRule,
  owner: string,
  at: Path,
  say: Say,
): void {
  if (promql === undefined || unchecked !== undefined) return;
  for (const { code, found, fix } of read(promql).faults ?? []) {
    const rule = FAULTS[code];
    if (rule !== undefined) say(rule, owner, at, found, fix);
  }
}
