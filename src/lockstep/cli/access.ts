import type { Problem } from 'lockstep-exporter/internal';
import { durationSeconds } from '../promql/window.js';
import type { Access } from '../verify/http.js';
import { parseHeaders } from '../verify/http.js';

/** Says who asks: a bearer token, and headers as OpenTelemetry writes them. Neither is ever printed. */
export const TOKEN_VARIABLE = 'LOCKSTEP_VERIFY_TOKEN';
export const HEADERS_VARIABLE = 'LOCKSTEP_VERIFY_HEADERS';

/** Who asks, as the environment and the command line say; or what is wrong with that. */
export function accessOf({
  timeout,
  tries,
  awsRegion,
}: {
  readonly timeout: string;
  readonly tries: number;
  readonly awsRegion?: string;
}): Access | Problem {
  const headers = parseHeaders(process.env[HEADERS_VARIABLE] ?? '');
  if (headers === undefined)
    return {
      code: 'verify/headers',
      where: HEADERS_VARIABLE,
      found: 'something that is not a list of headers',
      allowed: 'name=value, separated by commas, values percent-encoded',
      fix: 'correct it',
    };
  const token = process.env[TOKEN_VARIABLE];
  return {
    headers: token === undefined || token === '' ? headers : { ...headers, authorization: `Bearer ${token}` },
    aws: awsRegion === undefined ? undefined : { region: awsRegion, service: 'aps' },
    timeout: 1000 * (durationSeconds(timeout) ?? 30),
    tries,
  };
}

/** A http or https address; `undefined` of what is none. */
export function toUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}
