import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** More scrapers than a replicated Prometheus, an agent and some people with curl. */
const MOST = 64;
/** An answer that is written for longer than this is read by nobody, in milliseconds. */
const SLOW_MS = 1000;

interface Connection {
  /** Whether it ever sent a whole request. */
  asked: boolean;
  /** When the request that is being answered came. */
  busySince: number | undefined;
}

/**
 * Keeps a server at no more than 64 connections. One too many closes the oldest that has not asked for anything yet, or
 * else the oldest that has nothing to be answered, or whose answer nobody reads; only where all are busy is the new one
 * refused. So many peers that connect and say nothing cannot keep a scraper out.
 */
export function limitConnections(server: Server): void {
  /** The oldest first. */
  const open = new Map<Socket, Connection>();

  function makeRoom(): boolean {
    const all = [...open];
    const now = performance.now();
    const [victim] =
      all.find(([, { asked, busySince }]) => !asked && busySince === undefined) ??
      all.find(([, { busySince }]) => busySince === undefined) ??
      all.find(([, { busySince = now }]) => now - busySince > SLOW_MS) ??
      [];
    if (victim === undefined) return false;
    open.delete(victim);
    victim.destroy();
    return true;
  }

  server.on('connection', (socket: Socket) => {
    if (open.size >= MOST && !makeRoom()) {
      socket.destroy();
      return;
    }
    open.set(socket, { asked: false, busySince: undefined });
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = open.get(socket);
    if (connection === undefined) return;
    connection.asked = true;
    connection.busySince = performance.now();
    response.once('close', () => {
      connection.busySince = undefined;
    });
  });
}
