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

/** A server that gives one body to all; what it was asked is listed. */
async function serve(
  answer: number | ((path: string) => number),
  body = '',
): Promise<{ readonly url: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming);
    const status = typeof answer === 'number' ? answer : answer(incoming.url ?? '');
    incoming.resume().on('end', () => outgoing.writeHead(status).end(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const configOf = (grafana: string, push: string, more = '') => `
import { defineConfig } from 'lockstep/config';
import { verifySystem } from 'lockstep/verify-job';
import shop from './shop/lockstep.config.js';

export default defineConfig({
  ...shop,
  systems: [
    ...shop.systems,
    verifySystem({ name: 'watch', every: '1h', image: 'checks', grafana: '${grafana}', push: '${push}', path: 'job.yaml', ${more} }),
  ],
});
`;
const shop = join(import.meta.dirname, '..', 'shop');

function run(config: string, env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const folder = temporaryFolder({ 'lockstep.config.ts': config });
  cpSync(shop, join(folder, 'shop'), { recursive: true });
  return runLockstep(['verify', '--tries', '1', ...args], folder, env);
}
const job = (config: string, ...args: readonly string[]) => run(config, {}, '--job', 'grafana', ...args);

/** A Grafana in which nothing is: each board and each rule is missing. */
const emptyGrafana = () => serve((path) => (path.includes('/uid/') || path.includes('/folder/') ? 404 : 200), '[]');

describe('verify --job', () => {
  it('tells what it found in numbers, each server by its own secret', async () => {
    const [grafana, gateway] = [await emptyGrafana(), await serve(202)];
    const secrets = {
      LOCKSTEP_VERIFY_TOKEN: 'hunter2',
      LOCKSTEP_VERIFY_HEADERS: 'x-key=hunter3',
      LOCKSTEP_PUSH_TOKEN: 'hunter4',
      LOCKSTEP_PUSH_HEADERS: 'x-key=hunter5',
    };
    const { code, stdout } = await run(configOf(grafana.url, gateway.url), secrets, '--job', 'grafana');
    expect(code).toBe(1);
    expect(stdout).toMatch(/drifts of what is live\n$/);
    const sent = ({ asked }: { readonly asked: readonly IncomingMessage[] }) =>
      new Set(asked.map(({ headers }) => `${headers.authorization} ${headers['x-key']}`));
    expect(sent(grafana)).toEqual(new Set(['Bearer hunter2 hunter3']));
    expect(sent(gateway)).toEqual(new Set(['Bearer hunter4 hunter5']));
    expect(gateway.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /metrics/job/watch/source/grafana',
    ]);
  });

  it('signs what it asks of an Amazon managed Prometheus, and not what it pushes', async () => {
    const nothing = { status: 'success', data: { resultType: 'vector', result: [] } };
    const [prometheus, gateway] = [await serve(200, JSON.stringify(nothing)), await serve(200)];
    const config = configOf(
      'http://127.0.0.1:1',
      gateway.url,
      `prometheus: '${prometheus.url}', awsRegion: 'eu-west-1'`,
    );
    const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'hunter2', LOCKSTEP_VERIFY_TOKEN: '' };
    const { code } = await run(config, keys, '--job', 'prometheus');
    expect(code).toBe(1);
    const signed = ({ headers }: IncomingMessage) => headers.authorization?.startsWith('AWS4-HMAC-SHA256') === true;
    expect(prometheus.asked.length).toBeGreaterThan(10);
    expect(prometheus.asked.every(signed)).toBe(true);
    expect(gateway.asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/metrics/job/watch/source/prometheus', undefined],
    ]);
    const grafana = await run(config, keys, '--grafana', 'http://127.0.0.1:1', '--aws-region', 'eu-west-1');
    expect(grafana.stderr).toMatch(/error\[verify\/usage\] --aws-region/);
  });

  it('does not look at what is for a push, unless it pushes', async () => {
    const bad = { LOCKSTEP_PUSH_HEADERS: 'none' };
    const [grafana, gateway] = [await emptyGrafana(), await serve(200)];
    const config = configOf(grafana.url, gateway.url);
    expect((await run(config, bad, '--grafana', grafana.url)).code).toBe(1);
    const { code, stderr } = await run(config, bad, '--job', 'grafana');
    expect(code).toBe(2);
    expect(stderr).toContain('error[verify/headers] LOCKSTEP_PUSH_HEADERS');
  });

  it('pushes below a path', async () => {
    const [grafana, gateway] = [await emptyGrafana(), await serve(200)];
    expect(await job(configOf(grafana.url, `${gateway.url}/push/`))).toMatchObject({ code: 1, stderr: '' });
    expect(gateway.asked.map(({ url }) => url)).toEqual(['/push/metrics/job/watch/source/grafana']);
  });

  it.each([400, 401, 404, 405, 500, 503])('tells what it found where the Pushgateway answers %d', async (status) => {
    const [grafana, gateway] = [await emptyGrafana(), await serve(status, 'text format parsing error\nmore')];
    const config = configOf(grafana.url, gateway.url);
    const { code, stdout } = await job(config);
    expect(code).toBe(2);
    expect(stdout).toMatch(/missing +.*shop/);
    expect(stdout).toMatch(new RegExp(`error\\[verify/not-pushed\\] .*\\n +found .*HTTP ${status}`));
    if (status !== 503) expect(stdout).toContain(`HTTP ${status}, text format parsing error\n`);
    const json = await job(config, '--format', 'json');
    expect(json.code).toBe(2);
    const { ok, findings } = JSON.parse(json.stdout) as {
      readonly ok: boolean;
      readonly findings: { readonly id: string }[];
    };
    expect(ok).toBe(false);
    expect(new Set(findings.map(({ id }) => id))).toEqual(new Set(['verify/missing', 'verify/not-pushed']));
  });

  it('pushes nothing where it could not look', async () => {
    const [grafana, gateway] = [await serve(500), await serve(202)];
    const { code, stderr } = await job(configOf(grafana.url, gateway.url));
    expect(code).toBe(2);
    expect(stderr).toContain('error[verify/unreachable] --grafana');
    expect(gateway.asked).toEqual([]);
  });

  it.each([
    ['--system', 'shop'],
    ['--fail-on', 'error'],
    ['--prometheus', 'http://other'],
    ['--grafana', 'http://other'],
    ['--metrics', 'page'],
    ['--aws-region', 'eu-west-1'],
    ['--range', '1h'],
    ['--rate-interval', '1h'],
  ])('is as the configuration says, and takes no %s', async (option, value) => {
    const { code, stderr } = await job(configOf('http://127.0.0.1:1', 'http://127.0.0.1:1'), option, value);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`error\\[verify/usage\\] --job\\n +found +${option} beside it`));
  });

  it('needs a job that asks the server', async () => {
    const none = "export { default } from './shop/lockstep.config.js';";
    const nobody = await job(none);
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toMatch(/found +a configuration without a job\n +fix +add verifySystem\(\)/);
    const other = await run(configOf('http://a', 'http://b'), {}, '--job', 'prometheus');
    expect(other.stderr).toMatch(
      /found +prometheus, which the job does not ask\n +fix +name one that it asks: grafana/,
    );
    const unknown = await run(configOf('http://a', 'http://b'), {}, '--job', 'loki');
    expect(unknown.code).toBe(2);
    const slip = await job(configOf('http://a', 'http://b', "systems: ['shpo']"));
    expect(slip).toMatchObject({ code: 2, stdout: '' });
    expect(slip.stderr).toContain('did you mean "shop"?');
  });
});

it.each([
  ['every', "every: 'often'", 'verify-job/every'],
  ['name', "name: 'shop-verify-of-all-there-is-to-see'", 'verify-job/name'],
  ['severity', "severity: 'grave'", 'verify-job/shape'],
  ['push', 'push: undefined', 'verify-job/shape'],
])('tells one slip in the job once: %s', async (_, slip, code) => {
  const { code: exit, stderr } = await run(configOf('http://a', 'http://b', slip), {}, '--job', 'grafana');
  expect(exit).toBe(2);
  expect(stderr.match(/^error\[.*?\]/gm)).toEqual([`error[${code}]`]);
  expect(stderr).toMatch(/ at +lockstep\.config\.ts:\d+/);
});

it('expects the metrics of lockstep verify from no program, unless --system names them', async () => {
  const page = await serve(200, '# EOF\n');
  const config = configOf('http://a', 'http://b');
  const { stdout } = await run(config, {}, '--metrics', page.url);
  expect(stdout).toContain('shop_sales_total');
  expect(stdout).not.toContain('lockstep_verify');
  expect((await run(config, {}, '--metrics', page.url, '--system', 'watch')).stdout).toContain(
    'lockstep_verify_checks',
  );
});
