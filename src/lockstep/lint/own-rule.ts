import { showError } from 'lockstep-exporter/internal';
import type { OwnRule, Remark } from '../config/own-rule.js';
import type { Rule } from './rule.js';

/** A rule of the configuration's own, beside the built-in ones. If it throws, that is a finding of it, and an error. */
export function toRule({ severity, about, example, fix, board, panel, alert }: OwnRule): Rule {
  const safely: <T extends readonly unknown[]>(
    check: (...given: T) => readonly Remark[] | undefined,
    ...given: T
  ) => ReturnType<NonNullable<Rule['board']>> = (check, ...given) => {
    try {
      return [...(check(...given) ?? [])].map(({ found, at = [], fix: own = fix }) => ({ found, at, fix: own }));
    } catch (error) {
      return [{ severity: 'error', found: `the rule threw: ${showError(error)}`, fix: 'fix the rule' }];
    }
  };
  return {
    severity,
    about,
    example,
    fix,
    ...(board && { board: ({ model }) => safely(board, model).map((remark) => ({ ...remark, owner: '' })) }),
    ...(panel && { panel: (placed, { model }) => safely(panel, placed.panel, model) }),
    ...(alert && { alert: ({ rule }) => safely(alert, rule) }),
  };
}
