import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Access } from '../../src/lockstep/verify/http.js';
import { parseHeaders, request } from '../../src/lockstep/verify/http.js';

// What a Prometheus never does when it is asked to: be busy, be silent, ask who we are.

const access: Access = { headers: {}, aws: undefined, timeout: 300, tries: 3 };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.unstubAllEnvs();
});

interface Seen {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A server that answers with these statuses, one after the other; 0 is no answer at all. */
async function serve(...statuses: readonly number[]): Promise<{ readonly url: URL; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      seen.push({ headers: incoming.headers, body });
      const status = statuses[Math.min(seen.length, statuses.length) - 1];
      if (status === 0) return;
      outgoing.writeHead(status ?? 200, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: new URL(`http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/api?token=secret`),
    seen,
  };
}
const plain = (url: URL) => new URL(url.pathname, `http://${url.host}`);

describe('a request', () => {
  it('is made again while the server is busy, and not if it says no', async () => {
    const busy = await serve(503, 429, 200);
    expect((await request(plain(busy.url), access)).status).toBe(200);
    expect(busy.seen).toHaveLength(3);
    const no = await serve(403);
    expect((await request(plain(no.url), access)).status).toBe(403);
    expect(no.seen).toHaveLength(1);
  });

  it('is given up after its time and tries, without a word of what is secret', async () => {
    const silent = await serve(0);
    const headers = { authorization: 'Bearer secret' };
    const failed = request(plain(silent.url), { ...access, headers, timeout: 50, tries: 2 });
    await expect(failed).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+\/api: no answer in time, 2 times$/);
    const busy = await serve(503);
    const refused = request(new URL(`http://${busy.url.host}/api?token=secret`), { ...access, headers, tries: 1 });
    await expect(refused).rejects.toThrow(/^http:\/\/127\.0\.0\.1:\d+\/api: HTTP 503$/);
  });

  it('does not follow a server to another one, which would be told who we are', async () => {
    const { url } = await serve(302);
    await expect(request(plain(url), { ...access, tries: 1 })).rejects.toThrow(/127\.0\.0\.1/);
  });

  it('says who asks, and is signed for Amazon where that is wanted', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    const { url, seen } = await serve(200);
    await request(plain(url), { ...access, headers: { 'x-scope-orgid': 'fab' } }, { query: 'up' });
    expect(seen[0]).toMatchObject({ headers: { 'x-scope-orgid': 'fab' }, body: 'query=up' });
    expect(seen[0]?.headers['authorization']).toBeUndefined();
    await request(plain(url), { ...access, aws: { region: 'eu-west-1', service: 'aps' } }, { query: 'up' });
    expect(seen[1]?.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/aps\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    expect(seen[1]?.headers['x-amz-security-token']).toBe('session');
  });

  it('is not made unsigned where it should be signed and nobody says by whom', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    const { url, seen } = await serve(200);
    const unsigned = request(plain(url), { ...access, aws: { region: 'eu-west-1', service: 'aps' } });
    await expect(unsigned).rejects.toThrow('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set');
    expect(seen).toEqual([]);
  });
});

describe('headers', () => {
  it('are read as OpenTelemetry writes them', () => {
    expect(parseHeaders('X-Scope-OrgID=fab, authorization=Basic%20YTpi=')).toEqual({
      'x-scope-orgid': 'fab',
      authorization: 'Basic YTpi=',
    });
    expect(parseHeaders('')).toEqual({});
    for (const wrong of ['fab', '=x', 'a b=c', 'a=%zz']) expect(parseHeaders(wrong)).toBeUndefined();
  });
});
