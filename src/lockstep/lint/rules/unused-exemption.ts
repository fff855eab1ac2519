import type { Rule } from '../rule.js';

export const unusedExemption: Rule = {
  severity: 'warning',
  about: 'An exemption whose finding is gone: it would hide the next one.',
  example: '`exempt` on a panel that was mended',
  fix: 'take it out',
  exemption: ({ rule }, isUsed) =>
    isUsed
      ? []
      : [
          {
            found: `an exemption from ${rule}, which finds nothing there`,
            fix: 'take it out: it would hide the next finding',
          },
        ],
};
