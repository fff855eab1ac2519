import type { ClientRequest } from 'node:http';

/** The fate of a report that was sent. Where it is not known, the other side may have taken it. */
export type Delivery = 'taken' | 'refused' | 'unknown';

export interface Sent {
  readonly delivery: Delivery;
  /** The fault, in one line, if there was one. */
  readonly trouble: string | undefined;
  /** Whether trying again may help. */
  readonly again: boolean;
  /** Whether all that was recorded was in it. Default true. */
  readonly whole?: boolean;
}

/** With what came back, of what was taken. */
export interface Answered extends Sent {
  readonly answer?: Buffer;
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
/** Statuses that OTLP calls retryable (https://opentelemetry.io/docs/specs/otlp/#failures-1). */
const RETRYABLE = [429, 502, 503, 504];

/**
 * Sends one request and never rejects. The connection is of its own and ends with it; no answer is waited for longer
 * than the timeout.
 */
export async function send({ url, method, headers, body, timeoutMs, letGo, signal }: Request): Promise<Answered> {
  let request: ClientRequest | undefined;
  let timer: NodeJS.Timeout | undefined;
  let status = 0;
  /** Before a connection is there, nothing can have arrived. */
  let connected = false;
  const chunks: Buffer[] = [];
  try {
    const target = new URL(url);
    if (target.protocol !== 'http:' && target.protocol !== 'https:')
      return { delivery: 'refused', trouble: `${target.protocol}// is neither http nor https`, again: false };
    const { request: open } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
    await new Promise<void>((resolve, reject) => {
      const length = { 'Content-Length': String(Buffer.byteLength(body)) };
      request = open(target, { method, headers: { ...headers, ...length }, agent: false }, (response) => {
        status = response.statusCode ?? 0;
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES) response.destroy();
          else chunks.push(chunk);
        });
        response.on('close', resolve);
        response.on('error', () => {});
      });
      timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(timeoutMs)} ms`)), timeoutMs);
      if (letGo) timer.unref();
      request.on('socket', (socket) => {
        socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          connected = true;
        });
        if (!letGo) return;
        // A host with several addresses is tried by one handle after the other, each of which holds the program by
        // itself.
        const release = () => socket.unref();
        release();
        socket.on('connectionAttempt', release);
        socket.on('connect', release);
      });
      request.on('error', reject);
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
      if (signal.aborted) reject(new Error('given up'));
      request.end(body);
    });
  } catch (error) {
    // Once a status has been said, the fate of what was sent is known, however its explanation ends.
    if (status === 0) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      return {
        delivery: connected ? 'unknown' : 'refused',
        trouble: message || code,
        again: request !== undefined,
      };
    }
  } finally {
    clearTimeout(timer);
    request?.on('error', () => {});
    request?.destroy();
  }
  const answer = Buffer.concat(chunks);
  if (status >= 200 && status < 300) return { delivery: 'taken', trouble: undefined, again: false, answer };
  return { delivery: 'refused', trouble: explain(status, answer.toString()), again: RETRYABLE.includes(status) };
}

function explain(status: number, text: string): string {
  // An OTLP error is a protobuf message; what is printable in it is its text.
  const words = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  return `status ${status}${words === '' ? '' : `: ${words}`}`;
}
