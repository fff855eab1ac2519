import { largestOf } from '../../emit/target.js';
import type { Rule } from '../rule.js';

/** From here on a resource is soon too large. */
const NEARLY = 0.9;

export const large: Rule = {
  severity: 'warning',
  about:
    'A resource above nine tenths of what can be applied: 262,144 bytes, which `kubectl apply` keeps in an annotation, or 1,400,000 with server-side apply (`target.apply`).',
  example: 'a board of 240 kB',
  fix: 'split it into facets',
  file: ({ appliedBytes }, { config }) => {
    const { bytes, why } = largestOf(config.target);
    if (appliedBytes <= NEARLY * bytes) return [];
    return [
      {
        found: `${appliedBytes} bytes of at most ${bytes}: ${why}`,
        fix: 'split it before it outgrows that: the next panel may be the one that cannot be applied',
      },
    ];
  },
};
