import { isRecord, showAddress, showError } from 'lockstep-exporter/internal';
import type { FoundCatalogue } from '../import/metrics.js';
import { findMetrics } from '../import/metrics.js';
import { parseExposition } from '../verify/exposition.js';
import { RequestError } from '../verify/http.js';
import { accessOf } from './access.js';
import { readMetrics } from './read-metrics.js';

/** Why no metrics were found. */
interface Trouble {
  readonly rule: 'unreachable' | 'nothing';
  readonly trouble: string;
  readonly fix: string;
}

/** The metrics of an exposition, by its address or from a file; or why there are none. */
export async function readFound(source: string): Promise<{ readonly found: FoundCatalogue } | Trouble> {
  const fix = 'name an address or a file of metrics';
  const access = accessOf({ timeout: '30s', tries: 3 });
  if ('code' in access) return { rule: 'unreachable', trouble: access.found, fix: access.fix };
  try {
    const found = findMetrics(parseExposition(await readMetrics(source, access)), showAddress(source));
    return found.metrics.length > 0 ? { found } : { rule: 'nothing', trouble: 'no metrics', fix };
  } catch (error) {
    if (!(error instanceof RequestError) && !isRecord(error)) throw error;
    return { rule: 'unreachable', trouble: showError(error), fix };
  }
}
