import type { Rule } from '../rule.js';

export const unusedExemption: Rule = {
  severity: 'warning',
  about: 'An exemption whose finding is gone: the next one would be passed over.',
  example: '`exempt` on a panel that was mended',
  fix: 'take it out',
  exemption: ({ rule }, isUsed) =>
    isUsed
      ? []
      : [
          {
            found: `an exemption from ${rule}, which finds nothing there`,
            fix: 'take it out: the next finding would be passed over',
          },
        ],
};
