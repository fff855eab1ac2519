import type { Problem } from 'lockstep-exporter/internal';
import { durationSeconds } from '../promql/window.js';
import type { Access } from '../verify/http.js';
import { parseHeaders } from '../verify/http.js';

/** Says who asks: a bearer token, and headers as OpenTelemetry writes them. Neither is ever printed. */
export const TOKEN_VARIABLE = 'LOCKSTEP_VERIFY_TOKEN';
export const HEADERS_VARIABLE = 'LOCKSTEP_VERIFY_HEADERS';

/** Says who pushes to a Pushgateway: what is asked and what is pushed to are two servers, with two secrets. */
export const PUSH_TOKEN_VARIABLE = 'LOCKSTEP_PUSH_TOKEN';
export const PUSH_HEADERS_VARIABLE = 'LOCKSTEP_PUSH_HEADERS';

/** Who pushes, as the environment says; or what is wrong with that. Nothing is signed: that is for a Prometheus. */
export function pushAccessOf(options: { readonly timeout: string; readonly tries: number }): Access | Problem {
  const { timeout, tries } = options;
  return accessFrom({ timeout, tries }, PUSH_TOKEN_VARIABLE, PUSH_HEADERS_VARIABLE);
}

/** Who asks, as the environment and the command line say; or what is wrong with that. */
export function accessOf(options: {
  readonly timeout: string;
  readonly tries: number;
  readonly awsRegion?: string;
}): Access | Problem {
  return accessFrom(options, TOKEN_VARIABLE, HEADERS_VARIABLE);
}

function accessFrom(
  { timeout, tries, awsRegion }: { readonly timeout: string; readonly tries: number; readonly awsRegion?: string },
  tokenVariable: string,
  headersVariable: string,
): Access | Problem {
  const headers = parseHeaders(process.env[headersVariable] ?? '');
  if (headers === undefined)
    return {
      code: 'verify/headers',
      where: headersVariable,
      found: 'something that is not a list of headers',
      allowed: 'name=value, separated by commas, values percent-encoded',
      fix: 'correct it',
    };
  const token = process.env[tokenVariable];
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
