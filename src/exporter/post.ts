import type { ClientRequest } from 'node:http';

/** What became of something that was sent. Where it is not known, the other side may have taken it. */
export type Delivery = 'taken' | 'refused' | 'unknown';

export interface Sent {
  readonly delivery: Delivery;
  /** What went wrong, in one line, if anything did. */
  readonly trouble: string | undefined;
  /** Whether trying again may help. */
  readonly again: boolean;
}

export interface Request {
  readonly url: string;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly timeoutMs: number;
  /** Whether the program may end while the answer is outstanding. */
  readonly letGo: boolean;
  readonly signal: AbortSignal;
}

/** An answer longer than this is not read to its end. */
const MOST_ANSWER_BYTES = 65_536;
/** What OTLP calls retryable (https://opentelemetry.io/docs/specs/otlp/#failures-1). */
const RETRYABLE = [429, 502, 503, 504];
/** Errors before anything can have arrived. */
const NEVER_ARRIVED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EINVAL'];

/** Sends one request and never rejects. The connection is of its own and ends with it; no answer is waited for longer than the timeout. */
export async function send({ url, method, headers, body, timeoutMs, letGo, signal }: Request): Promise<Sent> {
  let request: ClientRequest | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const target = new URL(url);
    if (target.protocol !== 'http:' && target.protocol !== 'https:')
      return { delivery: 'refused', trouble: `${target.protocol}// is neither http nor https`, again: false };
    const { request: open } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
    return await new Promise<Sent>((resolve, reject) => {
      const length = { 'Content-Length': String(Buffer.byteLength(body)) };
      request = open(target, { method, headers: { ...headers, ...length }, agent: false }, (response) => {
        const status = response.statusCode ?? 0;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text.length + chunk.length > MOST_ANSWER_BYTES) response.destroy();
          else text += chunk;
        });
        // A status has been said, so the fate of what was sent is known, however its explanation ends.
        response.on('close', () => {
          if (status >= 200 && status < 300) resolve({ delivery: 'taken', trouble: undefined, again: false });
          else resolve({ delivery: 'refused', trouble: explain(status, text), again: RETRYABLE.includes(status) });
        });
        response.on('error', () => {});
      });
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      if (letGo) timer.unref();
      request.on('socket', (socket) => {
        if (letGo) socket.unref();
      });
      request.on('error', reject);
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
      if (signal.aborted) reject(new Error('given up'));
      request.end(body);
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const never = NEVER_ARRIVED.includes(code) || request === undefined;
    return { delivery: never ? 'refused' : 'unknown', trouble: message || code, again: request !== undefined };
  } finally {
    clearTimeout(timer);
    request?.on('error', () => {});
    request?.destroy();
  }
}

function explain(status: number, text: string): string {
  // An OTLP error is a protobuf message; what is printable in it is its text.
  const words = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  return `status ${status}${words === '' ? '' : `: ${words}`}`;
}
