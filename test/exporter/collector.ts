import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { Metadata } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';

/** Asks as a scraper does. */
export const SCRAPER = { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '10' } };

/** Of the machine, also where a test sets the clock of what it tests. */
const every = setInterval;

/** What a collector that misbehaves does with a report, on a real socket. */
export type Misbehaviour =
  | { readonly answer: number; readonly body?: string }
  | 'says nothing'
  | 'hangs up'
  | 'talks nonsense'
  | 'never ends its answer';

/** Something on a port of loopback that takes reports, badly or well, and can be told to change. */
export async function startBadCollector(
  misbehaviour: Misbehaviour,
  whenFinished: (done: () => void) => void = onTestFinished,
  port = 0,
) {
  let behaviour = misbehaviour;
  const received: { readonly path: string; readonly headers: Record<string, unknown>; readonly bytes: number }[] = [];
  const sockets = new Set<Socket>();
  let last: Buffer = Buffer.alloc(0);
  const server = createServer((request, response) => {
    let bytes = 0;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
    });
    request.on('end', () => {
      last = Buffer.concat(chunks);
      received.push({ path: `${request.method} ${request.url}`, headers: request.headers, bytes });
      if (behaviour === 'says nothing') return;
      if (behaviour === 'hangs up') request.socket.destroy();
      else if (behaviour === 'talks nonsense') request.socket.end('\x00\xff nonsense \r\n\r\n');
      else if (behaviour === 'never ends its answer') {
        response.writeHead(200);
        const timer = every(() => response.write('x'.repeat(10_000)), 5);
        response.on('close', () => clearInterval(timer));
      } else {
        response.writeHead(behaviour.answer);
        response.end(behaviour.body ?? '');
      }
    });
    request.on('error', () => {});
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  whenFinished(stop);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** The text of the last report, as far as it is text. */
    last: () => last.toString('latin1'),
    stop,
    become: (next: Misbehaviour) => {
      behaviour = next;
    },
  };
}

/** Something that takes every report by gRPC. */
export async function startGoodGrpcCollector() {
  let last: Buffer = Buffer.alloc(0);
  let authorization: unknown;
  const same = (bytes: Buffer) => bytes;
  const server = new Server();
  server.addService(
    {
      export: {
        path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      export: (
        { request, metadata }: { request: Buffer; metadata: Metadata },
        answer: (error: null, value: Buffer) => void,
      ) => {
        last = request;
        [authorization] = metadata.get('authorization');
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? done(bound) : fail(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { url: `http://127.0.0.1:${port}`, last: () => last.toString('latin1'), authorization: () => authorization };
}

/** A port that is open and on which nobody ever accepts: its queue is full. */
export async function startBlackHole(): Promise<string> {
  const server = createTcpServer({ pauseOnConnect: true });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port of loopback on which nobody listens. */
export async function unusedAddress(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}
