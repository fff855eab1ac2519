import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { showError } from 'lockstep-exporter/internal';
import { RequestError } from '../verify/http.js';
import type { Prometheus } from './ask.js';
import { askPrometheus } from './ask.js';
import type { PageFiles } from './page.js';
import type { BoardView, EmptyQuery, GroupView, State } from './protocol.js';

export interface PreviewOptions {
  readonly port: number;
  readonly page: PageFiles;
  /** The Prometheus that is asked; without one there is no data. */
  readonly prometheus: Prometheus | undefined;
  /** Why a query of a panel returns nothing. */
  readonly why: (query: EmptyQuery) => Promise<string | undefined>;
}

export interface Preview {
  readonly url: string;
  /** Shows another state; pages that are open follow. */
  show(state: State): void;
  close(): Promise<void>;
}

/** Nothing is loaded but from here, nothing is framed, nothing is sent anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The questions that may be put to the Prometheus, and their parameters. */
const PROXIED: Readonly<Record<string, readonly string[]>> = {
  query: ['query', 'time'],
  query_range: ['query', 'start', 'end', 'step'],
  values: ['match[]', 'start', 'end'],
};

/**
 * Serves the page on loopback, below a path that is made anew at each start: whoever was not given the address,
 * another user of the machine included, cannot ask. A request that names another host (a page of another site, led
 * here by its DNS) is refused, and so is one that another site or origin makes.
 *
 * @throws the system's error if the port is taken
 */
export async function servePreview(first: State, options: PreviewOptions): Promise<Preview> {
  let state = first;
  const key = randomBytes(16).toString('hex');
  const listeners = new Set<ServerResponse>();
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      const message = showError(error);
      if (!outgoing.headersSent)
        send(
          outgoing,
          error instanceof RequestError ? 502 : 500,
          'application/json',
          JSON.stringify({ status: 'error', error: message }),
        );
      else outgoing.destroy();
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  // A browser leaves out the port that is the scheme's own.
  const hosts = ['127.0.0.1', 'localhost'].flatMap((each) => [`${each}:${port}`, ...(port === 80 ? [each] : [])]);

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { host = '', origin, 'sec-fetch-site': site = 'none' } = incoming.headers;
    const isOther = origin !== undefined && !hosts.some((each) => origin === `http://${each}`);
    if (!hosts.includes(host) || isOther || !['none', 'same-origin'].includes(String(site)))
      return send(outgoing, 421, 'text/plain', 'this preview answers to its own address only\n');
    if (incoming.method !== 'GET') return send(outgoing, 405, 'text/plain', 'only GET\n');
    const url = new URL(incoming.url ?? '/', `http://${host}`);
    if (url.pathname === '/favicon.ico') return send(outgoing, 204, 'image/x-icon', '');
    const [, given = '', path = ''] = /^\/(\w+)(\/.*)$/.exec(url.pathname) ?? [];
    if (!isSame(given, key))
      return send(outgoing, 403, 'text/plain', 'open the whole address that the command has printed\n');
    url.pathname = path;
    switch (path) {
      case '/':
        return send(outgoing, 200, 'text/html; charset=utf-8', options.page.html);
      case '/preview.js':
        return send(outgoing, 200, 'text/javascript; charset=utf-8', options.page.script);
      case '/preview.css':
        return send(outgoing, 200, 'text/css; charset=utf-8', options.page.style);
      case '/api/state':
        return send(outgoing, 200, 'application/json', printState(state));
      case '/api/events':
        outgoing.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
        outgoing.write(`data: ${state.version}\n\n`);
        listeners.add(outgoing);
        outgoing.on('close', () => listeners.delete(outgoing));
        return;
      case '/api/why': {
        const text = (name: string) => url.searchParams.get(name) ?? '';
        const [from, to] = [Number(text('from')), Number(text('to'))];
        const asked = { board: text('board'), panel: text('panel'), ref: text('ref'), from, to };
        const why = Number.isFinite(from) && Number.isFinite(to) && from < to ? await options.why(asked) : undefined;
        return send(outgoing, 200, 'application/json', JSON.stringify({ why: why ?? null }));
      }
      default:
        return proxy(url, outgoing);
    }
  }

  async function proxy(url: URL, outgoing: ServerResponse): Promise<void> {
    const [, path = ''] = /^\/api\/prometheus\/(query|query_range|label\/\w+\/values)$/.exec(url.pathname) ?? [];
    const allowed = PROXIED[path.startsWith('label/') ? 'values' : path];
    if (allowed === undefined) return send(outgoing, 404, 'text/plain', 'no such page\n');
    const { prometheus } = options;
    if (prometheus === undefined)
      return send(
        outgoing,
        503,
        'application/json',
        JSON.stringify({ status: 'error', error: 'no Prometheus was named: start with --prometheus URL or --demo' }),
      );
    const parameters = Object.fromEntries([...url.searchParams].filter(([name]) => allowed.includes(name)));
    send(outgoing, 200, 'application/json', JSON.stringify(await askPrometheus(prometheus, { path, parameters })));
  }

  return {
    url: `http://127.0.0.1:${port}/${key}/`,
    show: (next) => {
      state = next;
      for (const each of listeners) each.write(`data: ${state.version}\n\n`);
    },
    close: () =>
      new Promise((done) => {
        for (const each of listeners) each.end();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Compares in a time that does not tell how much of it is right. */
function isSame(given: string, key: string): boolean {
  return given.length === key.length && timingSafeEqual(Buffer.from(given), Buffer.from(key));
}

/** The view of a file is printed once, however often something else is saved. */
const printed = new WeakMap<object, string>();

function printState({ boards, groups, ...others }: State): string {
  const print = (view: BoardView | GroupView) => {
    const text = printed.get(view) ?? JSON.stringify(view);
    printed.set(view, text);
    return text;
  };
  const rest = JSON.stringify(others).slice(0, -1);
  return `${rest},"boards":[${boards.map(print).join(',')}],"groups":[${groups.map(print).join(',')}]}`;
}

function send(outgoing: ServerResponse, status: number, type: string, body: string): void {
  outgoing.writeHead(status, { ...HEADERS, 'content-type': type }).end(body);
}
