import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { onTestFinished } from 'vitest';

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
) {
  let behaviour = misbehaviour;
  const received: { readonly path: string; readonly headers: Record<string, unknown>; readonly bytes: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
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
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  whenFinished(stop);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    stop,
    become: (next: Misbehaviour) => {
      behaviour = next;
    },
  };
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
