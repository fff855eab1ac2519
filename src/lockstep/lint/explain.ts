import type { OwnRule } from '../config/own-rule.js';
import type { Rule } from './rule.js';
import { RULES } from './rules/index.js';

/** The documentation of a rule as text for a terminal; `undefined` of a rule that does not exist. */
export function explainRule(id: string, own: readonly OwnRule[]): string | undefined {
  const builtIn: Readonly<Record<string, Rule>> = RULES;
  const rule = own.find((each) => each.id === id) ?? (Object.hasOwn(builtIn, id) ? builtIn[id] : undefined);
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
    `To keep a finding, write the reason in its definition: exempt: { '${id}': 'why' }`,
  ].join('\n');
}

/** The ids of all rules. */
export function ruleIds(own: readonly OwnRule[]): readonly string[] {
  return [...Object.keys(RULES), ...own.map(({ id }) => id)];
}
