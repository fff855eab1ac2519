import { START_LABEL } from '../catalogue/metric.js';
import { withPath } from '../push/destination.js';
import { showAddress, splitCredentials } from '../secret.js';
import { isRecord } from '../shape.js';

/** A group of a Pushgateway that a start of a process has left behind. */
export interface StaleGroup {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since it was last pushed to. */
  readonly age: number;
}

export interface SweepOptions {
  readonly url: string;
  /**
   * Only groups that were not pushed to for longer than this, in seconds: two scrapes at the least, or the last values
   * are lost.
   */
  readonly olderThanSeconds: number;
  /** Only groups of this job; of all, if not said. */
  readonly job?: string | undefined;
  /** Find, and delete nothing. */
  readonly dryRun?: boolean;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

interface ApiGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly push_time_seconds?: { readonly metrics?: readonly { readonly value?: string }[] };
}

/**
 * Deletes the groups of a Pushgateway that ended processes have left, and gives those it deleted. Groups without a
 * {@link START_LABEL} are somebody else's and are not touched. A Pushgateway keeps what was pushed for ever, each Job
 * adds a group, and none can delete its own: it is gone before its last values are scraped.
 *
 * @throws Error if the Pushgateway cannot be reached, or does not answer as one
 */
export async function sweepPushgateway(options: SweepOptions): Promise<readonly StaleGroup[]> {
  const { olderThanSeconds, job, dryRun = false, timeoutMs = TIMEOUT_MS } = options;
  const { address, authorization } = splitCredentials(options.url);
  const headers = authorization === undefined ? {} : { authorization };
  const ask = async (path: string, method: 'GET' | 'DELETE') => {
    const url = withPath(address, path);
    const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok) throw new Error(`${method} ${showAddress(url)}: status ${answer.status}`);
    return answer;
  };
  const answer: unknown = await (await ask('/api/v1/metrics', 'GET')).json();
  const data = isRecord(answer) ? answer['data'] : undefined;
  if (!Array.isArray(data) || !data.every(isGroup))
    throw new Error(`${showAddress(withPath(address, '/api/v1/metrics'))} did not answer as a Pushgateway does`);
  const now = Date.now() / 1000;
  const stale = data.flatMap(({ labels, push_time_seconds }: ApiGroup): StaleGroup[] => {
    const age = now - Number(push_time_seconds?.metrics?.[0]?.value);
    const ours = labels[START_LABEL] !== undefined && (job === undefined || labels['job'] === job);
    return ours && age > olderThanSeconds ? [{ labels, age }] : [];
  });
  if (!dryRun) for (const { labels } of stale) await ask(groupPath(labels), 'DELETE');
  return stale;
}

function isGroup(value: unknown): value is ApiGroup {
  if (!isRecord(value) || !isRecord(value['labels'])) return false;
  return Object.values(value['labels']).every((each) => typeof each === 'string');
}

/** The path of a group: its job first, the other labels in any order. */
export function groupPath(labels: Readonly<Record<string, string>>): string {
  const { job = '', ...others } = labels;
  const parts = [['job', job], ...Object.entries(others)].map(([name = '', value = '']) => part(name, value));
  return `/metrics/${parts.join('/')}`;
}

/** https://github.com/prometheus/pushgateway#url: a value that is empty or has a slash travels in base64. */
function part(name: string, value: string): string {
  // A path of dots leads elsewhere.
  if (!['', '.', '..'].includes(value) && !value.includes('/')) return `${name}/${encodeURIComponent(value)}`;
  return `${name}@base64/${value === '' ? '=' : Buffer.from(value).toString('base64url')}`;
}
