import type { Problem } from 'lockstep-exporter/internal';
import { definitionPath, isRecord, printValue, validateFields } from 'lockstep-exporter/internal';
import { OWN_RULE_FIELDS } from './fields.js';

const CHECKS = ['board', 'panel', 'alert'] as const;

/** Every problem of the own rules of a configuration. */
export function validateOwnRules(rules: unknown, where: string): readonly Problem[] {
  if (!Array.isArray(rules))
    return [{ code: 'config/lint-rule', where, found: printValue(rules), fix: 'give a list of rules' }];
  const ids = new Set<unknown>();
  return rules.flatMap((rule: unknown, index): readonly Problem[] => {
    const at = definitionPath(where, String(index + 1));
    if (!isRecord(rule))
      return [{ code: 'config/lint-rule', where: at, found: printValue(rule), fix: 'give an object' }];
    const say = (field: string, fix: string): Problem => ({
      code: 'config/lint-rule',
      where: definitionPath(at, field),
      found: printValue(rule[field]),
      fix,
    });
    const id = rule['id'];
    const isTwice = ids.has(id);
    ids.add(id);
    const used = CHECKS.filter((each) => rule[each] !== undefined);
    return [
      ...validateFields(rule, at, 'config/lint-rule', OWN_RULE_FIELDS),
      ...(typeof id === 'string' && /^house\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)
        ? isTwice
          ? [say('id', 'give each rule an id of its own')]
          : []
        : [say('id', 'write house/ and a name in kebab case, such as house/owner-label')]),
      ...(rule['severity'] === 'error' || rule['severity'] === 'warning'
        ? []
        : [say('severity', 'write error or warning')]),
      ...(['about', 'example', 'fix'] as const)
        .filter((field) => typeof rule[field] !== 'string' || rule[field].trim() === '')
        .map((field) => say(field, 'write a sentence: `lockstep lint --explain` prints it')),
      ...used.filter((field) => typeof rule[field] !== 'function').map((field) => say(field, 'give a function')),
      ...(used.length === 0 ? [say('panel', `give a function that checks: ${CHECKS.join(', ')}`)] : []),
    ];
  });
}
