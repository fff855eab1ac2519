import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import { isStanding } from '../emit/resource.js';
import { panelsOf } from '../panels/dashboard.js';
import type { LintFinding } from './finding.js';
import { ownerOf } from './finding.js';
import type { Subject } from './subject.js';

/** The definition behind a finding, from the outer one to the inner, each with its name in a definition path. */
type Definitions = readonly (readonly [name: string, definition: object])[];

/**
 * Findings as problems of the definitions that the files are built from: by them the author's own line is found. The
 * order is that of the findings.
 */
export function problemsOfDefinitions(findings: readonly LintFinding[], subject: Subject): readonly Problem[] {
  return findings.map((finding) => {
    const definitions = definitionsOf(finding, subject);
    const { rule, file, owner, found, fix } = finding;
    const where = definitionPath(`${file} ${owner}`, ...definitions.map(([name]) => name));
    const problem: Problem = { code: rule, where, found, fix };
    // The innermost that is known to have been made somewhere counts.
    for (const [, definition] of [...definitions].reverse()) about(definition, [problem]);
    return problem;
  });
}

function definitionsOf({ file, owner }: LintFinding, { boards, groups, config }: Subject): Definitions {
  for (const { file: board, definition } of boards) {
    if (board.path !== file) continue;
    if (definition === undefined) return isStanding(board.definition) ? [['', board.definition]] : [];
    const panel = panelsOf(definition).find((each) => ownerOf(each) === owner);
    const variable = definition.variables.find((each) => `variable ${each.variable}` === owner);
    const inner = panel ?? variable;
    return [['', definition], ...(inner === undefined ? [] : [[inner.title, inner] as const])];
  }
  for (const { file: group, alerts } of groups) {
    if (group.path !== file) continue;
    const rule = alerts.find((each) => `rule ${each.rule.uid}` === owner)?.definition;
    return [['', group.definition], ...(rule === undefined ? [] : [[rule.title, rule] as const])];
  }
  for (const { catalogue } of config.systems) {
    if (`catalogue ${catalogue.name}` !== file) continue;
    const metric = Object.entries(catalogue.metrics).find(([, { name }]) => `metric ${name}` === owner);
    return [['', catalogue], ...(metric === undefined ? [] : [metric])];
  }
  return [];
}
