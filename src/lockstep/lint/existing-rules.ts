import type { LintRule } from 'lockstep-exporter/internal';
import type { ExistingAlerts, ExistingRules } from '../existing/index.js';
import type { Read, StandingRule } from '../existing/read.js';
import { everyPanel, isOfGrafana, kindOf, readerOf, standingRules } from '../existing/read.js';
import { strangeAlertLabels, strangeLegendLabels, strangeTemplateLabels } from '../existing/slips.js';
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
}: Subject): readonly { readonly rules: ExistingRules | ExistingAlerts; readonly file: Subject['files'][number] }[] {
  return config.systems
    .flatMap((system) => system.rules ?? [])
    .flatMap((rules) => {
      const file = files.find(
        ({ resource: { kind, metadata } }) =>
          kind === kindOf(rules) && (metadata as { readonly name?: string }).name === rules.name,
      );
      return file === undefined ? [] : [{ rules, file }];
    });
}

/** Annotations that name a label which is not there, and expressions that nobody looks up. */
export function lintExistingRules(subject: Subject): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const { rules, file } of standingRuleFiles(subject)) {
    const say = sayInto(findings, file.path, ['spec']);
    const read = readerOf(rules);
    const strange = isOfGrafana(rules)
      ? rules.alerts.map((alert) => strangeAlertLabels(read, alert))
      : rules.groups.flatMap((group) => group.rules.map((rule) => strangeTemplateLabels(read, rule)));
    for (const [index, { owner, path, texts }] of standingRules(rules).entries()) {
      for (const { field, found, fix } of strange[index] ?? [])
        say('lint/template-label', owner, [...path, ...field], found, fix);
      for (const text of texts) {
        const at = [...path, ...text.path];
        if (text.unchecked !== undefined)
          say('lint/unchecked', owner, at, `an expression that is not looked up: ${text.unchecked}`, LOOK_UP);
        sayFaults(read, text, owner, at, say);
      }
    }
  }
  return findings;
}

/** The rule of each fault that a text may have. */
const FAULTS: Readonly<Record<string, LintRule>> = {
  'promql/never-true': 'lint/never-true',
  'promql/always-true': 'lint/always-true',
  'promql/interval-window': 'lint/short-window',
};

function sayFaults(
  read: Read,
  { promql, unchecked }: Pick<StandingRule['texts'][number], 'promql' | 'unchecked'>,
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
