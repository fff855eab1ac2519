import type { Access } from '../verify/http.js';
import { addressBelow, RequestError, request } from '../verify/http.js';
import type { ApiRequest } from './requests.js';

/** The Prometheus whose data is shown. */
export interface Prometheus {
  readonly url: URL;
  readonly access: Access;
}

/**
 * Asks a Prometheus for what a page asks for, and says how long it took.
 *
 * @throws RequestError if it does not answer, or not as a Prometheus does
 */
export async function askPrometheus(
  { url, access }: Prometheus,
  { path, parameters }: ApiRequest,
): Promise<Record<string, unknown>> {
  const began = performance.now();
  // Values are asked by GET: not every server takes a form there.
  const isValues = path.startsWith('label/');
  const target = addressBelow(url, `api/v1/${path}`, [
    ...url.searchParams,
    ...(isValues ? Object.entries(parameters) : []),
  ]);
  const { status, body } = await request(target, access, isValues ? undefined : { ...parameters, stats: 'all' });
  try {
    return { ...(JSON.parse(body) as Record<string, unknown>), seconds: (performance.now() - began) / 1000 };
  } catch {
    throw new RequestError(`HTTP ${status}, and no JSON: is this the address of a Prometheus API?`);
  }
}
