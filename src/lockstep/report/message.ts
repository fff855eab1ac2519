import type { Finding } from './finding.js';

/** A finding in one line, without its place. */
export function toMessage({ where, found, breaks = [], fix }: Finding): string {
  const broken = breaks.length === 0 ? '' : `; breaks ${breaks.join(', ')}`;
  return `${where === '' ? '' : `${where}: `}${found}${broken}${fix === undefined ? '' : `; ${fix}`}`;
}
