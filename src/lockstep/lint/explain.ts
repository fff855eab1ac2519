import type { LintRule } from 'lockstep-exporter/internal';
import { LINT_RULES } from 'lockstep-exporter/internal';
import type { OwnRule } from '../config/own-rule.js';
import { RULE_TEXTS } from './texts.js';

/** The documentation of a rule as text for a terminal; `undefined` of a rule that does not exist. */
export function explainRule(id: string, own: readonly OwnRule[]): string | undefined {
  const rule = own.find((each) => each.id === id) ?? builtIn(id);
  if (rule === undefined) return undefined;
  const { severity, about, example, fix } = rule;
  return [
    `${id} (${severity})`,
    '',
    about,
    '',
    `Example: ${example}`,
    `Fix: ${fix}`,
    '',
    `To keep a finding, write the reason beside its definition: exempt: { '${id}': 'why' }`,
  ].join('\n');
}

/** All rules, by id. */
export function ruleIds(own: readonly OwnRule[]): readonly string[] {
  return [...Object.keys(LINT_RULES), ...own.map(({ id }) => id)];
}

function builtIn(id: string): Pick<OwnRule, 'severity' | 'about' | 'example' | 'fix'> | undefined {
  if (!Object.hasOwn(LINT_RULES, id)) return undefined;
  const rule = id as LintRule;
  return { severity: LINT_RULES[rule], ...RULE_TEXTS[rule] };
}
