import { isRecord, showError } from 'lockstep-exporter/internal';
import type { Access } from './http.js';
import { addressBelow, objectOf, printUrl, RequestError, request } from './http.js';

/** Where and how to ask. */
export interface Live {
  readonly url: URL;
  readonly access: Access;
  /** The seconds that `$__interval` and `$__rate_interval` stand for, and those of `$__range`. */
  readonly rateInterval: number;
  readonly range: number;
  /** When, in seconds since 1970; now, if not said. */
  readonly time?: number;
}

/** How many series a query returned, and the value of the first; or why it was refused. */
export type Result =
  | {
      readonly series: number;
      readonly samples: number | undefined;
      readonly value: number | undefined;
    }
  | { readonly error: string };

/**
 * The answer to one query, at one moment.
 *
 * @throws RequestError if no Prometheus answers
 */
export async function instant(query: string, { url, access, time }: Live): Promise<Result> {
  const address = addressBelow(url, 'api/v1/query');
  const { status, body } = await request(address, access, {
    query,
    stats: 'all',
    ...(time === undefined ? {} : { time: String(time) }),
  });
  if (status === 401 || status === 403)
    throw new RequestError(`${printUrl(address)}: HTTP ${status}: the server does not let this caller ask`);
  const answer = objectOf(body);
  if (answer === undefined)
    throw new RequestError(
      `${printUrl(address)}: HTTP ${status}, and no JSON: is this the address of a Prometheus API?`,
    );
  if (answer['status'] !== 'success')
    return { error: `HTTP ${status}: ${answer['error'] === undefined ? 'no reason' : showError(answer['error'])}` };
  const { resultType, result, stats } = recordIn(answer, 'data');
  if (!Array.isArray(result))
    throw new RequestError(`${printUrl(address)}: an answer that no Prometheus gives: is this the address of its API?`);
  const samples = recordIn(recordIn({ stats }, 'stats'), 'samples')['totalQueryableSamples'];
  const [first] = result as readonly unknown[];
  const value = isRecord(first) && Array.isArray(first['value']) ? (first['value'][1] as unknown) : undefined;
  return {
    series: resultType === 'scalar' ? 1 : result.length,
    samples: typeof samples === 'number' ? samples : undefined,
    value: value === undefined ? undefined : Number(value),
  };
}

function recordIn(holder: Readonly<Record<string, unknown>>, field: string): Readonly<Record<string, unknown>> {
  const value = holder[field];
  return isRecord(value) ? value : {};
}

/** The values that a label had between two moments, in seconds since 1970: of any metric of those names. */
export async function labelValues(
  label: string,
  metrics: readonly string[],
  [from, to]: readonly [number, number],
  { url, access }: Live,
): Promise<readonly string[] | { readonly error: string }> {
  const address = addressBelow(url, `api/v1/label/${label}/values`, [
    ...url.searchParams,
    ['match[]', `{__name__=~"${metrics.join('|')}"}`],
    ['start', String(Math.round(from))],
    ['end', String(Math.round(to))],
  ]);
  const { status, body } = await request(address, access);
  const data = objectOf(body)?.['data'];
  if (status === 200 && Array.isArray(data)) return data.filter((each) => typeof each === 'string');
  return { error: `HTTP ${status} for the values of a label` };
}
