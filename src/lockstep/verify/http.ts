import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { isRecord, secretsOf, showError, splitCredentials } from 'lockstep-exporter/internal';

/** How to speak with a server that may want to know who asks. Nothing of it is ever printed. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** Signs requests for an Amazon managed service (`aps`), with the credentials that the environment gives. */
  readonly aws: { readonly region: string; readonly service: string } | undefined;
  /** For each try, in milliseconds. */
  readonly timeout: number;
  readonly tries: number;
}

/**
 * A request that was not answered as it should. The message has no secret: not the headers, and of the address no user
 * and no query.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Statuses that another try may mend. */
const RETRIED = [429, 502, 503, 504];
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Asks a server, again if it is too busy or not there, and gives the body of a 2xx answer; or of any answer of
 * Prometheus' API, which says what is wrong as JSON.
 *
 * @throws RequestError otherwise
 */
export async function request(url: URL, access: Access, form?: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  return send(
    url,
    access,
    form === undefined ? READ : { method: 'POST', type: FORM, body: new URLSearchParams(form).toString() },
  );
}

/**
 * Puts a text in the place of what is at an address, again if the server is too busy or not there.
 *
 * @throws RequestError unless the answer is 2xx
 */
export async function put(url: URL, access: Access, body: string): Promise<void> {
  const answer = await send(url, access, { method: 'PUT', type: 'text/plain; version=0.0.4', body });
  if (answer.status >= 200 && answer.status < 300) return;
  const [why = ''] = answer.body.trim().split('\n');
  const said = showError(why.slice(0, 200), secretsIn(url, access));
  throw new RequestError(`${printUrl(url)}: HTTP ${answer.status}${why === '' ? '' : `, ${said}`}`);
}

/** The answer of a server. */
export interface HttpAnswer {
  readonly status: number;
  /** Its Content-Type; empty if it has none. */
  readonly type: string;
  readonly bytes: Buffer;
  /** The same as text. */
  readonly body: string;
}

interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly type?: string;
  readonly body?: string;
}
const READ: Sent = { method: 'GET' };
const FORM = 'application/x-www-form-urlencoded';

async function send(url: URL, access: Access, sent: Sent): Promise<HttpAnswer> {
  const { bare, authorization } = withoutCredentials(url);
  if (authorization !== undefined && (access.aws !== undefined || 'authorization' in access.headers))
    throw new RequestError(
      `${printUrl(url)}: the address and ${access.aws === undefined ? 'a token or header' : 'a signature'} both say who asks; give only one`,
    );
  const identified =
    authorization === undefined ? access : { ...access, headers: { ...access.headers, authorization } };
  const secrets = secretsIn(url, identified);
  let last = '';
  for (let attempt = 1; attempt <= access.tries; attempt++) {
    if (attempt > 1) await new Promise((done) => setTimeout(done, Math.min(4000, 250 * 2 ** attempt)));
    try {
      const headers = await headersFor(bare, identified, sent);
      const response = await fetch(bare, {
        method: sent.method,
        headers,
        signal: AbortSignal.timeout(access.timeout),
        redirect: 'error',
        ...(sent.body === undefined ? {} : { body: sent.body }),
      });
      if (!RETRIED.includes(response.status)) {
        const { status } = response;
        const type = response.headers.get('content-type') ?? '';
        const bytes = await limited(response, bare);
        return { status, type, bytes, body: bytes.toString('utf8') };
      }
      // A server that is too busy may also never end its answer.
      await response.body?.cancel();
      last = `HTTP ${response.status}`;
    } catch (error) {
      if (error instanceof RequestError) throw error;
      last = describe(error, secrets);
    }
  }
  throw new RequestError(`${printUrl(url)}: ${last}${access.tries > 1 ? `, ${access.tries} times` : ''}`);
}

async function limited(response: Response, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new RequestError(`${printUrl(url)}: an answer of more than ${MOST_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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

/** The JSON object of an answer; `undefined` of anything else. */
export function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `fetch()` takes no address with credentials, and says them in its error. */
function withoutCredentials(url: URL): { readonly bare: URL; readonly authorization: string | undefined } {
  const { address, authorization } = splitCredentials(url.href);
  return { bare: new URL(address), authorization };
}

/** Texts that must not be in a message: a header that is refused is in the error whole. */
function secretsIn(url: URL, { headers }: Access): readonly string[] {
  const { AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = process.env;
  const values = Object.values(headers).flatMap((value) => [value, value.replace(/^(Bearer|Basic) /, '')]);
  return [...secretsOf(url.href), ...values, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN].filter((each) => each !== '');
}

function describe(error: unknown, secrets: readonly string[]): string {
  if (!(error instanceof Error)) return showError(error, secrets);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return showError(cause.code, secrets);
  return showError(cause instanceof Error ? cause : error, secrets);
}

async function headersFor(url: URL, access: Access, { method, type, body }: Sent): Promise<Record<string, string>> {
  const headers: Record<string, string> = {
    ...access.headers,
    ...(type === undefined ? {} : { 'content-type': type }),
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
    method,
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
 * `name=value` pairs, separated by commas and percent-encoded, as OpenTelemetry's `OTEL_EXPORTER_OTLP_HEADERS` has
 * them; `undefined` if a pair is none.
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
