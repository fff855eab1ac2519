import { cpSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runLockstep } from '../run-lockstep.js';
import { temporaryFolder } from '../temporary.js';

// `lockstep verify --push` and whatever may be at the other end of it.

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that gives one answer to all; what it was asked is listed. */
async function serve(status: number, body = ''): Promise<{ readonly url: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming);
    incoming.resume().on('end', () => outgoing.writeHead(status).end(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const CONFIG = `
import { defineConfig } from 'lockstep/config';
import { verifySystem } from 'lockstep/verify-job';
import shop from './shop/lockstep.config.js';

export default defineConfig({
  ...shop,
  systems: [
    ...shop.systems,
    verifySystem({ every: '1h', image: 'checks', prometheus: 'http://a', push: 'http://b', path: 'job.yaml' }),
  ],
});
`;
const shop = join(import.meta.dirname, '..', 'shop');

function projectOf(config: string | undefined): string {
  const folder = temporaryFolder(config === undefined ? {} : { 'lockstep.config.ts': config });
  cpSync(shop, config === undefined ? folder : join(folder, 'shop'), { recursive: true });
  return folder;
}
const verify = (config: string | undefined, env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
  runLockstep(['verify', '--tries', '1', ...args], projectOf(config), env);

/** An exposition with nothing in it: each metric of the shop is missing. */
const empty = () => serve(200, '# EOF\n');

describe('verify --push', () => {
  it('tells what it found in numbers, and nothing of who asks the other server', async () => {
    const [page, gateway] = [await empty(), await serve(202)];
    const secret = { LOCKSTEP_VERIFY_TOKEN: 'hunter2', LOCKSTEP_VERIFY_HEADERS: 'x-key=hunter3' };
    const { code, stdout } = await verify(CONFIG, secret, '--metrics', page.url, '--push', gateway.url);
    expect(code).toBe(1);
    expect(stdout).toMatch(/mismatches\n$/);
    expect(JSON.stringify(page.asked.map(({ headers }) => headers))).toMatch(/hunter2.*hunter3|hunter3.*hunter2/);
    expect(gateway.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /metrics/job/lockstep/source/metrics',
    ]);
    expect(JSON.stringify(gateway.asked.map(({ headers }) => headers))).not.toMatch(/hunter/);
  });

  it('lies below a path, and takes credentials from the address', async () => {
    const [page, gateway] = [await empty(), await serve(200)];
    const address = `${gateway.url.replace('//', '//ann:hunter2@')}/push/`;
    const { code, stdout, stderr } = await verify(CONFIG, {}, '--metrics', page.url, '--push', address);
    expect(code).toBe(1);
    const [asked] = gateway.asked;
    expect(asked?.url).toBe('/push/metrics/job/lockstep/source/metrics');
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('ann:hunter2').toString('base64')}`);
    expect(`${stdout}${stderr}`).not.toContain('hunter2');
  });

  it.each([400, 401, 404, 405, 500, 503])('says that the Pushgateway answers %d, in every format', async (status) => {
    const [page, gateway] = [await empty(), await serve(status)];
    const { code, stdout, stderr } = await verify(CONFIG, {}, '--metrics', page.url, '--push', gateway.url);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`error\\[verify/unreachable\\] --push\n +found .*HTTP ${status}\n`));
    const json = await verify(CONFIG, {}, '--metrics', page.url, '--push', gateway.url, '--format', 'json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, findings: [{ id: 'verify/unreachable' }] });
  });

  it('puts nothing where it could not look', async () => {
    const [page, gateway] = [await serve(500), await serve(202)];
    const { code, stderr } = await verify(CONFIG, {}, '--metrics', page.url, '--push', gateway.url);
    expect(code).toBe(2);
    expect(stderr).toContain('error[verify/unreachable] --metrics');
    expect(gateway.asked).toEqual([]);
  });

  it('needs somebody who reads it, and an address', async () => {
    const page = await empty();
    const nobody = await verify(undefined, {}, '--metrics', page.url, '--push', 'http://127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toMatch(/error\[verify\/usage\] --push\n.*\n +fix +add verifySystem\(\)/);
    const nowhere = await verify(CONFIG, {}, '--metrics', page.url, '--push', 'pushgateway:9091');
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toMatch(/error\[verify\/usage\] --push\n.*\n +fix +give the http or https address/);
    expect(page.asked).toEqual([]);
  });
});
