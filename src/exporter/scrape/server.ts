import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_HOST, DEFAULT_PORT } from '../settings/settings.js';
import { limitConnections } from './connections.js';
import { scraperOf, watchPatience } from './scraper.js';

export interface ServerOptions {
  /**
   * The address to listen on; loopback unless told otherwise. An empty one, which would be all there are, is refused.
   */
  readonly host?: string | undefined;
  /** 0 takes a free one. Default 9464, which OpenTelemetry gives to Prometheus exporters. */
  readonly port?: number | undefined;
  /**
   * The token that a scraper must send in `Authorization: Bearer`; one that no scraper could send is refused.
   * `/healthz` asks for nothing.
   */
  readonly bearerToken?: string | undefined;
  /** Whether the open server keeps the process alive. Default false: the observed program ends when it ends. */
  readonly keepAlive?: boolean | undefined;
}

/** The content that is served. */
export interface Served {
  readonly contentType: string;
  /** The exposition, made anew for each scrape. */
  readonly exposition: () => Promise<ServedText>;
  /** One line on the state, below `ok`. */
  readonly health?: () => string;
  /** Called with why there was no exposition; the scraper is not told. */
  readonly failed?: (error: unknown) => void;
}
export interface ServedText {
  readonly text: string;
  /**
   * Called when the scraper has been sent all of it, and in time, as far as can be known. No scraper is a probe, or
   * curl.
   */
  readonly delivered?: (scraper: string) => void;
}

export interface MetricsServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  /** Stops listening and drops open connections. */
  close(): Promise<void>;
}

/** A scraper has sent its request within this time, in milliseconds, or is dropped. */
const REQUEST_TIMEOUT_MS = 5000;
/** The text as a header can carry it; beyond Latin-1 as bytes of UTF-8. */
const TOKEN = /^[\t\x20-\x7e\u0080-\uffff]+$/;

/**
 * Serves `GET /metrics` and `GET /healthz`, and nothing else.
 *
 * @throws Error if it cannot listen, e.g. because the port is taken, or if a token or host that was asked for cannot be
 */
export async function serveMetrics(served: Served, options: ServerOptions = {}): Promise<MetricsServer> {
  // Loaded here, so that a program which only records does not pay for it.
  const { createServer } = await import('node:http');
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, keepAlive = false } = options;
  refuseHost(host);
  const bearerToken = readToken(options.bearerToken);
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      void answer(served, bearerToken, request, response);
    },
  );
  limitConnections(server);
  // A client that does not read its answer holds a connection, and with it memory, no longer than this.
  server.setTimeout(2 * REQUEST_TIMEOUT_MS, (socket) => socket.destroy());
  server.on('clientError', (_, socket) => socket.destroy());
  // The server does not keep the process alive, and neither does a scraper that is connected to it.
  if (!keepAlive) server.on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Not shared with other workers of a cluster, which have other values: a second taker is refused.
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      // Whatever comes later concerns one connection, and must not become an uncaught exception of the program.
      server.on('error', () => {});
      resolve();
    });
  });
  if (!keepAlive) server.unref();
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A token that cannot be sent is refused: without it the server would answer anybody. */
function readToken(token: unknown): string | undefined {
  if (token === undefined) return undefined;
  const text = typeof token === 'string' ? token.trim() : '';
  if (TOKEN.test(text)) return text;
  throw new Error(
    'the bearer token is empty or cannot be sent in a header; ' +
      'give another, or leave it out (LOCKSTEP_METRICS_BEARER_TOKEN)',
  );
}

function refuseHost(host: unknown): void {
  if (typeof host === 'string' && host.trim() !== '') return;
  throw new Error('the host to listen on is empty or not text; give 127.0.0.1, or 0.0.0.0 for all addresses');
}

async function answer(
  served: Served,
  bearerToken: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/metrics' && path !== '/healthz')
      return send(response, 404, 'not found: /metrics and /healthz are here\n');
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET');
      return send(response, 405, 'only GET\n');
    }
    if (path === '/healthz')
      return send(response, 200, `ok\n${served.health === undefined ? '' : `${served.health()}\n`}`);
    if (bearerToken !== undefined && !isBearer(request.headers.authorization, bearerToken)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return send(response, 401, 'a bearer token is wanted\n');
    }
    const scraper = scraperOf(request);
    const isLate = watchPatience(request);
    // A scraper that gave up while the program was busy has said so by now, and it need only be read.
    await hear();
    if (isGone(request)) return void response.destroy();
    const { text, delivered } = await served.exposition();
    await hear();
    if (isGone(request)) return void response.destroy();
    if (delivered !== undefined && scraper !== undefined)
      response.once('finish', () => {
        if (!isGone(request) && !isLate()) delivered(scraper);
      });
    return send(response, 200, text, served.contentType);
  } catch (error) {
    served.failed?.(error);
    if (!response.headersSent) send(response, 500, 'no metrics: the program could not make them, and has said why\n');
    else response.destroy();
  }
}

/** Over when the event loop has asked the sockets twice: the first time it may have been asking them already. */
async function hear(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

function isGone({ socket }: IncomingMessage): boolean {
  return socket.destroyed || socket.readableEnded;
}

/** Compares in a time that does not tell how much of the token was right. */
function isBearer(header: string | undefined, token: string): boolean {
  // Node reads a header as Latin-1, byte for byte.
  const given = Buffer.from(/^Bearer +(.*)$/i.exec(header ?? '')?.[1] ?? '', 'latin1');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}
