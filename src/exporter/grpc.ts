import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Transport } from './otlp.js';
import type { Answered } from './post.js';
import type { Settings } from './settings.js';

const GRPC_PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

/** gRPC status codes of OTLP that may pass (https://opentelemetry.io/docs/specs/otlp/#failures): cancelled, deadline, exhausted, aborted, out of range, unavailable, data loss. */
const GRPC_RETRYABLE = [1, 4, 8, 10, 11, 14, 15];
const GRPC_UNAVAILABLE = 14;

/**
 * OTLP over gRPC. A module of its own, because it is more code than all the rest, and most use HTTP.
 *
 * A call that is under way keeps the program alive, which cannot be helped: so that the program ends within the deadline all the same, none but the
 * last takes longer than half of it.
 */
export function createGrpcTransport({ otlp, exitDeadlineMs }: Settings): Transport {
  const target = /^https?:\/\//.test(otlp.endpoint) ? new URL(otlp.endpoint) : new URL(`http://${otlp.endpoint}`);
  const secure = target.protocol === 'https:';
  const address = target.port === '' ? `${target.hostname}:${secure ? 443 : 80}` : target.host;
  const client = new Client(address, secure ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5000,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(otlp.headers)) metadata.set(name, value);
  const same = (bytes: Buffer) => bytes;
  return {
    send: ({ body, timeoutMs, letGo, signal }) =>
      new Promise<Answered>((resolve) => {
        const deadline = Date.now() + (letGo ? Math.min(timeoutMs, exitDeadlineMs / 2) : timeoutMs);
        const call = client.makeUnaryRequest(
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
                delivery:
                  error.code === GRPC_UNAVAILABLE || !GRPC_RETRYABLE.includes(error.code) ? 'refused' : 'unknown',
                trouble: error.message,
                again: GRPC_RETRYABLE.includes(error.code),
              });
          },
        );
        if (signal.aborted) call.cancel();
        else signal.addEventListener('abort', () => call.cancel(), { once: true });
      }),
    close: () => client.close(),
  };
}
