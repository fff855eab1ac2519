import type { Rule } from '../rule.js';

export const exemptionWithoutReason: Rule = {
  severity: 'error',
  about: 'An exemption that says nothing.',
  example: "`{ 'lint/long-range': '' }`",
  fix: 'say why it is meant to be',
  exemption: ({ rule, reason }) =>
    reason.trim() === ''
      ? [{ found: `an exemption from ${rule} without a reason`, fix: 'say why it is meant to be' }]
      : [],
};
