import { showError } from 'lockstep-exporter/internal';
import type { Remark } from '../config/own-rule.js';
import { placedModels } from '../panels/models.js';
import type { LintFinding, Path } from './finding.js';
import { ownerOf } from './finding.js';
import type { Subject } from './subject.js';

/** The findings of the configuration's own rules. A rule that throws is a finding of that rule, and an error. */
export function lintByOwnRules({ config, boards, groups }: Subject): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const rule of config.lint?.rules ?? []) {
    const look = (file: string, owner: string, base: Path, check: () => readonly Remark[] | undefined) => {
      const say = (severity: LintFinding['severity'], path: Path, found: string, fix: string) =>
        findings.push({ rule: rule.id, severity, file, path: [...base, ...path], owner, found, fix });
      try {
        for (const { found, at = [], fix = rule.fix } of check() ?? []) say(rule.severity, at, found, fix);
      } catch (error) {
        say('error', [], `the rule threw: ${showError(error)}`, 'mend the rule');
      }
    };
    for (const { file, model } of boards) {
      look(file.path, '', ['spec', 'json'], () => rule.board?.(model));
      for (const { panel, path } of placedModels(model))
        if (panel.type !== 'row')
          look(file.path, ownerOf(panel), ['spec', 'json', ...path], () => rule.panel?.(panel, model));
    }
    for (const { file, rules } of groups)
      rules.forEach((each, index) => {
        look(file.path, `rule ${each.uid}`, ['spec', 'rules', index], () => rule.alert?.(each));
      });
  }
  return findings;
}
