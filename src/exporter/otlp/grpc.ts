import { once } from 'node:events';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Destination } from '../push/destination.js';
import type { Answered } from '../push/post.js';
import type { Carrier, Report } from '../push/transport.js';
import type { Settings } from '../settings/settings.js';
import { GRPC_PATH } from './grpc-path.js';

/**
 * gRPC status codes of OTLP that may pass (https://opentelemetry.io/docs/specs/otlp/#failures): cancelled, deadline,
 * exhausted, aborted, out of range, unavailable, data loss.
 */
const GRPC_RETRYABLE = [1, 4, 8, 10, 11, 14, 15];
const GRPC_UNAVAILABLE = 14;

/** Over when the program has had a moment to end since the last call that it need not wait for. */
let idle: Promise<unknown> = Promise.resolve();

/**
 * Calls when no other call that the program need not wait for is under way, whichever exporter made it: of several that
 * hang, one by one, some call would always be holding the program. One that somebody waits for is not made if its turn
 * has not come: the next says all that it would have said.
 */
async function inTurn({ signal, hurry }: Report, call: () => Promise<Answered>): Promise<Answered> {
  const before = idle;
  let ended = () => {};
  const mine = new Promise<void>((done) => {
    ended = done;
  });
  idle = Promise.all([before, mine]).then(turnOfTheLoop).then(turnOfTheLoop);
  try {
    await Promise.race([before, aborted(signal), aborted(hurry)]);
    return signal.aborted || hurry.aborted ? { delivery: 'refused', trouble: undefined, again: true } : await call();
  } finally {
    ended();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/**
 * Over in the next check phase of the event loop, and holds nothing. Between two of them, and not surely between two
 * timers, the loop asks whether the program has anything left to do.
 */
function turnOfTheLoop(): Promise<void> {
  return new Promise((done) => {
    // Where others hold the loop, it would wait for them: an immediate that holds nothing does not wake it.
    setTimeout(() => {}, 1).unref();
    setImmediate(done).unref();
  });
}

/**
 * OTLP over gRPC. A module of its own, because it is more code than all the rest, and most use HTTP.
 *
 * A call that is under way keeps the program alive, which cannot be helped: so that the program ends within the
 * deadline all the same, none but the last takes longer than half of it, and the program finds a moment to end between
 * any two.
 */
export function createGrpcTransport(to: Destination, { exitDeadlineMs }: Settings): Carrier {
  const target = new URL(to.address);
  const secure = target.protocol === 'https:';
  const address = target.port === '' ? `${target.hostname}:${secure ? 443 : 80}` : target.host;
  const client = new Client(address, secure ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5000,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(to.headers)) metadata.set(name, value);
  const same = (bytes: Buffer) => bytes;
  const call = ({ body, timeoutMs, letGo, signal }: Report) =>
    new Promise<Answered>((resolve) => {
      const deadline = Date.now() + (letGo ? Math.min(timeoutMs, exitDeadlineMs / 2) : timeoutMs);
      const request = client.makeUnaryRequest(
        GRPC_PATH,
        same,
        same,
        Buffer.from(body),
        metadata,
        { deadline },
        (error, answer) => {
          if (error === null)
            resolve({ delivery: 'taken', trouble: undefined, again: false, answer: answer ?? Buffer.alloc(0) });
          else
            resolve({
              delivery: error.code === GRPC_UNAVAILABLE || !GRPC_RETRYABLE.includes(error.code) ? 'refused' : 'unknown',
              trouble: error.message,
              again: GRPC_RETRYABLE.includes(error.code),
            });
        },
      );
      if (signal.aborted) request.cancel();
      else signal.addEventListener('abort', () => request.cancel(), { once: true });
    });
  return {
    send: (report) => (report.letGo ? inTurn(report, () => call(report)) : call(report)),
    close: () => client.close(),
  };
}
