import { isRecord, showError } from 'lockstep-exporter/internal';
import type { Access } from '../verify/http.js';
import { addressBelow, objectOf, RequestError, request } from '../verify/http.js';
import type { ApiRequest } from './requests.js';

/** The Prometheus whose data is shown. */
export interface Prometheus {
  readonly url: URL;
  readonly access: Access;
  /** The query that is asked in the place of a board's, where no ruler records what the board reads. */
  readonly instead?: (promql: string) => string;
}

/**
 * Asks a Prometheus for what a page asks for, and says how long it took.
 *
 * @throws RequestError if it does not answer, or not as a Prometheus does
 */
export async function askPrometheus(
  { url, access, instead }: Prometheus,
  { path, parameters: given }: ApiRequest,
): Promise<Record<string, unknown>> {
  const began = performance.now();
  const { query } = given;
  const parameters = instead === undefined || query === undefined ? given : { ...given, query: instead(query) };
  // Values are asked by GET: not every server takes a form there.
  const isValues = path.startsWith('label/');
  const target = addressBelow(url, `api/v1/${path}`, [
    ...url.searchParams,
    ...(isValues ? Object.entries(parameters) : []),
  ]);
  const { status, body } = await request(target, access, isValues ? undefined : { ...parameters, stats: 'all' });
  const answer = objectOf(body);
  if (answer === undefined || !isAnswer(answer))
    throw new RequestError(
      status === 401 || status === 403
        ? `HTTP ${status}: the server does not let this caller ask`
        : `HTTP ${status}, and not what a Prometheus answers: is this the address of its API?`,
    );
  const error = answer['error'] === undefined ? {} : { error: showError(answer['error']) };
  return { ...answer, ...error, seconds: (performance.now() - began) / 1000 };
}

/** Whether a page can show it: a reason, or a list of values or of series, each with its labels and points. */
function isAnswer({ status, data }: Readonly<Record<string, unknown>>): boolean {
  if (status === 'error') return true;
  if (status !== 'success') return false;
  if (Array.isArray(data)) return data.every((each) => typeof each === 'string');
  if (!isRecord(data) || !Array.isArray(data['result'])) return false;
  if (data['resultType'] === 'scalar') return isPoint(data['result']);
  return data['result'].every(
    (each: unknown) =>
      isRecord(each) &&
      isRecord(each['metric']) &&
      (each['value'] === undefined || isPoint(each['value'])) &&
      (each['values'] === undefined || (Array.isArray(each['values']) && each['values'].every(isPoint))),
  );
}

function isPoint(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string';
}
