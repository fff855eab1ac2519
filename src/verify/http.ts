import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

/** How to speak with a server that may want to know who asks. Nothing of it is ever printed. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** Signs requests for an Amazon managed service (`aps`), with the credentials that the environment gives. */
  readonly aws: { readonly region: string; readonly service: string } | undefined;
  /** For each try, in milliseconds. */
  readonly timeout: number;
  readonly tries: number;
}

/** A request that was not answered as it should. The message has no secret: not the headers, and of the address no user and no query. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Statuses that another try may mend. */
const RETRIED = [429, 502, 503, 504];
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Asks a server, again if it is too busy or not there, and gives the body of a 2xx answer; or of any answer of Prometheus' API, which says what is wrong as JSON.
 *
 * @throws RequestError otherwise
 */
export async function request(
  url: URL,
  access: Access,
  form?: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly body: string }> {
  let last = '';
  for (let attempt = 1; attempt <= access.tries; attempt++) {
    if (attempt > 1) await new Promise((done) => setTimeout(done, Math.min(4000, 250 * 2 ** attempt)));
    try {
      const body = form === undefined ? undefined : new URLSearchParams(form).toString();
      const headers = await headersFor(url, access, body);
      const response = await fetch(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        signal: AbortSignal.timeout(access.timeout),
        redirect: 'error',
        ...(body === undefined ? {} : { body }),
      });
      if (!RETRIED.includes(response.status)) return { status: response.status, body: await limited(response) };
      last = `HTTP ${response.status}`;
    } catch (error) {
      if (error instanceof RequestError) throw error;
      last = describe(error);
    }
  }
  throw new RequestError(`${printUrl(url)}: ${last}${access.tries > 1 ? `, ${access.tries} times` : ''}`);
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new RequestError(
        `${printUrl(new URL(response.url))}: an answer of more than ${MOST_BYTES / 1024 / 1024} MiB`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An address below another, which may itself lie below a path; with that one's parameters, unless others are given. */
export function addressBelow(
  base: URL,
  path: string,
  parameters: Iterable<readonly [string, string]> = base.searchParams,
): URL {
  const address = new URL(`${base.pathname.replace(/\/$/, '')}/${path}`, base);
  for (const [name, value] of parameters) address.searchParams.set(name, value);
  return address;
}

/** An address without what may be secret in it. */
export function printUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  return cause instanceof Error ? ('code' in cause && String(cause.code)) || cause.message : error.message;
}

async function headersFor(url: URL, access: Access, body: string | undefined): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    ...access.headers,
    ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  if (access.aws === undefined) return headers;
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new RequestError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: requests cannot be signed');
  const signer = new SignatureV4({
    service: access.aws.service,
    region: access.aws.region,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    },
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method: body === undefined ? 'GET' : 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  const { host: _, ...rest } = signed.headers;
  return rest;
}

/**
 * `name=value` pairs, separated by commas and percent-encoded, as OpenTelemetry's `OTEL_EXPORTER_OTLP_HEADERS` has them; `undefined` if a pair is none.
 */
export function parseHeaders(text: string): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals < 1 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return undefined;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      return undefined;
    }
  }
  return headers;
}
