import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { runLockstep } from '../run-lockstep.js';
import { temporaryFolder } from '../temporary.js';
import { startPrometheus } from './servers.js';

const engines = inject('engines');

const lockstep = (cwd: string, ...args: readonly string[]) => runLockstep(args, cwd);

/** A page of a shop that takes the same orders again with each scrape. */
const page = (scrape: number) => `# HELP orders_total Orders that were taken.
# TYPE orders_total counter
orders_total{country="de",currency="eur"} ${7 * scrape}
orders_total{country="at",currency="eur"} ${3 * scrape}
orders_total{country="fr",currency="eur"} ${5 * scrape}
orders_total{country="uk",currency="gbp"} ${2 * scrape}
orders_total{country="im",currency="gbp"} ${2 * scrape}
# HELP order_duration_seconds The time of an order.
# TYPE order_duration_seconds histogram
order_duration_seconds_bucket{country="de",le="0.5"} ${1 * scrape}
order_duration_seconds_bucket{country="de",le="2"} ${6 * scrape}
order_duration_seconds_bucket{country="de",le="+Inf"} ${7 * scrape}
order_duration_seconds_sum{country="de"} ${9 * scrape}
order_duration_seconds_count{country="de"} ${7 * scrape}
# HELP baskets Baskets that are open.
# TYPE baskets gauge
baskets 4
odd_thing 1
`;

/** Serves a page of metrics until the test ends; its `host:port`. */
async function expose(text: (scrape: number) => string): Promise<string> {
  let scrapes = 0;
  const server = createServer((_, response) => {
    scrapes += 1;
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text(scrapes));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined) continue;
  describe(`import metrics, from Prometheus ${generation}`, () => {
    /** A shop in two pods, and a job of others that has metrics of the same names. */
    async function startShop() {
      const [one, two, other] = await Promise.all([
        expose(page),
        expose(page),
        expose(() => '# HELP orders_total Another.\n# TYPE orders_total gauge\norders_total{region="north"} 1\n'),
      ]);
      const prometheus = await startPrometheus(program ?? '', {
        jobs: [
          { name: 'checkout', targets: [one], labels: { namespace: 'shop', pod: 'a' } },
          { name: 'checkout-two', targets: [two], labels: { namespace: 'shop', pod: 'b' } },
          { name: 'other', targets: [other], labels: { namespace: 'lab', zone: 'z' } },
        ],
      });
      onTestFinished(() => prometheus.stop());
      for (const job of ['checkout', 'checkout-two', 'other'])
        while (((await prometheus.lastScrape(`orders_total{job="${job}"}`))?.samples ?? 0) < 3)
          await new Promise((done) => setTimeout(done, 100));
      return prometheus;
    }

    it('gives what the selected series have, with the labels of scraping apart, and the selector as the scope', async () => {
      const { url } = await startShop();
      const folder = temporaryFolder();
      const { code, stdout, stderr } = await lockstep(
        folder,
        ...['import', 'metrics', '--prometheus', url, '--match', '{job="checkout", pod=~"a|b"}', '--name', 'shop'],
      );
      expect([code, stderr.match(/import\/[\w-]+/g)]).toEqual([0, ['import/untyped']]);
      await expect(stdout).toMatchFileSnapshot('../golden/imported-from-prometheus.txt');
    });

    it('begins a project that builds and whose queries all find series', async () => {
      const { url } = await startShop();
      const folder = temporaryFolder();
      const start = ['--prometheus', url, '--match', '{namespace="shop"}', '--name', 'shop', '--grafana', '12.4'];
      expect(await lockstep(folder, 'init', ...start)).toMatchObject({ code: 0 });
      expect(readFileSync(join(folder, 'lockstep', 'catalogue.ts'), 'utf8')).toContain("scope: { namespace: 'shop' }");
      expect(await lockstep(folder, 'build')).toMatchObject({ code: 0 });
      const { code, stdout } = await lockstep(folder, 'verify', '--prometheus', url, '--format', 'json');
      const { answers } = (JSON.parse(stdout) as { details: { answers: { query: string; status: string }[] } }).details;
      const asked = answers.filter(({ query }) => query.startsWith('panel '));
      expect([code, asked.length > 3, asked.filter(({ status }) => status !== 'ok')]).toEqual([0, true, []]);
    });

    it('reads existing rules against the series that there are', async () => {
      const { url } = await startShop();
      const rule = (expr: string) => ({ alert: `A${expr.length}`, expr, annotations: { summary: 's' } });
      const rules = [
        rule('sum by (country) (rate(orders_total{pod="a"}[5m])) == 0'),
        rule('sum by (zone) (rate(orders_total[5m])) == 0'),
        rule('rate(order_total[5m]) == 0'),
      ];
      const folder = temporaryFolder({ 'rules.yaml': JSON.stringify({ groups: [{ name: 'shop', rules }] }) });
      const { stderr } = await lockstep(
        folder,
        ...['import', 'rules', 'rules.yaml', '--prometheus', url, '--match', '{job="checkout"}', '--report'],
      );
      expect(stderr).toMatch(/order_total[\s\S]*did you mean \\?"orders_total/);
      expect(stderr).toMatch(/zone/);
      expect(stderr).not.toMatch(/"pod"|pod, which/);
    });

    it('says why it has nothing', async () => {
      const { url } = await startShop();
      const folder = temporaryFolder();
      const run = (...args: readonly string[]) => lockstep(folder, 'import', 'metrics', ...args);
      for (const [args, said] of [
        [['--prometheus', url], /say which series/],
        [['--match', '{job="x"}'], /name the Prometheus/],
        [['page.txt', '--prometheus', url, '--match', '{job="x"}'], /name one of the two/],
        [['--prometheus', url, '--match', '{job="none"}'], /no metrics/],
        [['--prometheus', url, '--match', 'sum(x)'], /not a selector/],
        [['--prometheus', url, '--match', '{job='], /not PromQL/],
        [['--prometheus', url, '--match', '{job=~".*"}'], /empty matcher|non-empty matcher/],
        [
          ['--prometheus', `http://${await expose(() => 'x 1\n')}`, '--match', '{job="x"}'],
          /not an answer of Prometheus/,
        ],
        [[], /no metrics/],
      ] as const) {
        const { code, stdout, stderr } = await run(...args);
        expect([args, code, stdout]).toEqual([args, 2, '']);
        expect(stderr).toMatch(said);
      }
    });
  });
}
