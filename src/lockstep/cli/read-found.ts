import { isRecord, showAddress, showError } from 'lockstep-exporter/internal';
import type { FoundCatalogue } from '../import/metrics.js';
import { findMetrics } from '../import/metrics.js';
import { findInPrometheus } from '../import/prometheus.js';
import { matchersOf } from '../promql/text-counts.js';
import { RequestError } from '../verify/http.js';
import { accessOf, toUrl } from './access.js';
import { readMetrics } from './read-metrics.js';

/** Options that name the metrics of a service: a page of them, or a Prometheus that has its series. */
export interface MetricsOptions {
  readonly metrics?: string;
  readonly prometheus?: string;
  readonly match?: string;
  readonly scope: Readonly<Record<string, string>>;
}

/** The metrics that were found, and the matchers that select their series. */
export interface Found {
  readonly found: FoundCatalogue;
  readonly scope: Readonly<Record<string, string>>;
}

/** Why no metrics were found. */
export interface Trouble {
  readonly rule: 'unreachable' | 'nothing' | 'usage';
  readonly where: string;
  readonly trouble: string;
  readonly fix: string;
}

/** The metrics that the options name; nothing, if they name none; or why there are none. */
export async function readFound(options: MetricsOptions): Promise<Found | Trouble | undefined> {
  const { metrics, prometheus, match, scope } = options;
  if (metrics === undefined && prometheus === undefined && match === undefined) return undefined;
  const usage = (where: string, trouble: string, fix: string): Trouble => ({ rule: 'usage', where, trouble, fix });
  if (metrics !== undefined && prometheus !== undefined)
    return usage('--prometheus', 'a page of metrics and a Prometheus', 'name one of the two');
  if (prometheus === undefined && match !== undefined)
    return usage('--match', match, 'name the Prometheus with --prometheus');
  const fix =
    prometheus === undefined
      ? 'name an address or a file of metrics'
      : 'name the address of a Prometheus, and a selector that matches series of the last hour';
  const source = metrics ?? prometheus ?? '';
  const where = showAddress(source);
  const access = accessOf({ timeout: '30s', tries: 3 });
  if ('code' in access) return { rule: 'unreachable', where, trouble: access.found, fix: access.fix };
  try {
    if (prometheus === undefined) {
      const found = findMetrics(await readMetrics(source, access, '3.16'), where);
      return found.metrics.length > 0 ? { found, scope } : { rule: 'nothing', where, trouble: 'no metrics', fix };
    }
    const url = toUrl(prometheus);
    if (url === undefined) return usage('--prometheus', where, 'give an http or https address');
    if (match === undefined)
      return usage('--match', 'no selector', 'say which series are the service’s: --match \'{job="checkout"}\'');
    const matchers = matchersOf(match);
    if (typeof matchers === 'string') return usage('--match', matchers, 'write it as \'{job="checkout"}\'');
    const found = await findInPrometheus(url, access, match, Date.now() / 1000);
    if (found.metrics.length === 0) return { rule: 'nothing', where: `${where} ${match}`, trouble: 'no metrics', fix };
    const chosen = matchers.filter(({ label, op }) => op === '=' && found.targetLabels?.includes(label) === true);
    return { found, scope: { ...Object.fromEntries(chosen.map(({ label, value }) => [label, value])), ...scope } };
  } catch (error) {
    if (!(error instanceof RequestError) && !isRecord(error)) throw error;
    return { rule: 'unreachable', where, trouble: showError(error), fix };
  }
}
