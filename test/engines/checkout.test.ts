import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import type { PanelModel } from '../../src/lockstep/config/own-rule.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { modelOf } from '../../src/lockstep/emit/resource.js';
import { placedModels } from '../../src/lockstep/panels/models.js';
import config from '../checkout/lockstep.config.js';
import { runLockstep } from '../run-lockstep.js';
import { holdPort, startPrometheus } from './servers.js';

// The board and the rules of a system that others record, over real processes of theirs: a pod that is restarted in
// place, one that comes later, and a neighbour of the same names in another namespace, on a real Prometheus that
// evaluates the recording rules. The test knows what each pod did, and
// compares the board with it.

const engines = inject('engines');
const root = join(import.meta.dirname, '..', '..');

/** Of each query, what a reader with nothing chosen would see; of the recording rules, the same each second. */
const shown = planFiles(config).files;
const rules = shown.flatMap(({ kind, text }) => {
  if (kind !== 'ruler') return [];
  const { spec } = parse(text) as { spec: { groups: readonly { readonly rules: readonly { record?: string }[] }[] } };
  return spec.groups.map((group, index) => ({
    name: `group-${index}`,
    interval: '1s',
    rules: group.rules.filter(({ record }) => record !== undefined),
  }));
});
const queries = new Map(
  shown
    .flatMap((file) => (file.kind === 'board' ? placedModels<PanelModel>(modelOf(file.resource)) : []))
    .map(({ panel: { title = '', targets = [] } }) => [title, targets.map(({ expr = '' }) => expr)] as const),
);

interface Work {
  readonly code: '200' | '404' | '500' | '503';
  readonly route: '/' | '/pay';
  readonly ms: number;
  readonly count: number;
}

/** Starts a pod of the checkout on a port. */
async function startPod(port: number) {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'checkout-worker.mjs'), String(port)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  if (child.stdout === null) throw new Error('no stdout');
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    does: async (work: Partial<Work> & { readonly waiting?: number }) => {
      child.stdin?.write(`${JSON.stringify(work)}\n`);
      await lines.next();
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
type Pod = Awaited<ReturnType<typeof startPod>>;

const TRAFFIC: readonly Work[] = [
  { code: '200', route: '/', ms: 20, count: 80 },
  { code: '200', route: '/pay', ms: 80, count: 30 },
  { code: '404', route: '/', ms: 10, count: 7 },
  { code: '500', route: '/pay', ms: 700, count: 4 },
  { code: '503', route: '/pay', ms: 250, count: 2 },
];

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined) continue;
  describe(`the checkout, on Prometheus ${generation}`, () => {
    it('shows what its processes did, restarts and neighbours or not', { timeout: 240_000 }, async () => {
      const ports = await Promise.all([holdPort(), holdPort(), holdPort()]);
      const [first = 0, second = 0, neighbour = 0] = ports.map(({ port }) => port);
      await Promise.all(ports.map(({ release }) => release()));
      const target = (port: number, namespace: string, pod: string) => ({
        name: `${namespace}-${pod}`,
        targets: [`127.0.0.1:${port}`],
        labels: { namespace, pod, job: 'api' },
      });
      const prometheus = await startPrometheus(program, {
        jobs: [
          target(first, 'checkout', 'api-1'),
          target(second, 'checkout', 'api-2'),
          target(neighbour, 'staging', 'api-1'),
        ],
        rules,
      });
      const pods: Pod[] = [];
      const start = async (port: number) => {
        const pod = await startPod(port);
        pods.push(pod);
        return pod;
      };
      /** Until a pod's present has been scraped: nothing that it did is lost with it. */
      const scraped = async (namespace: string, pod: string) => {
        const of = `OrdersPlaced{namespace="${namespace}", pod="${pod}"}`;
        const count = async () => (await prometheus.lastScrape(of))?.samples ?? 0;
        const wanted = (await count()) + 2;
        while ((await count()) < wanted) await new Promise((done) => setTimeout(done, 100));
      };
      const done = { total: 0, bad: 0, orders: 0, byCode: new Map<string, number>() };
      const work = async (pod: Pod, times: number) => {
        for (const each of TRAFFIC) {
          const count = each.count * times;
          await pod.does({ ...each, count });
          done.total += count;
          if (each.code === '500' || each.code === '503') done.bad += count;
          if (each.code === '200' && each.route === '/pay') done.orders += count;
          done.byCode.set(each.code, (done.byCode.get(each.code) ?? 0) + count);
        }
      };
      try {
        const staging = await start(neighbour);
        let api = await start(first);
        await Promise.all([scraped('checkout', 'api-1'), scraped('staging', 'api-1')]);
        await staging.does({ code: '500', route: '/pay', ms: 900, count: 5000, waiting: 99 });
        await work(api, 3);
        await scraped('checkout', 'api-1');
        // In place: the same pod, and counters that begin anew. It has counted less before than after.
        await api.stop();
        api = await start(first);
        await scraped('checkout', 'api-1');
        await work(api, 5);
        await api.does({ waiting: 4 });
        const later = await start(second);
        await scraped('checkout', 'api-2');
        await work(later, 2);
        await later.does({ waiting: 11 });
        for (let round = 0; round < 8; round++)
          await Promise.all([scraped('checkout', 'api-1'), scraped('checkout', 'api-2')]);

        const now = (await prometheus.lastScrape('OrdersPlaced{namespace="checkout", pod="api-1"}'))?.time ?? 0;
        const ask = async (title: string, which = 0) => {
          const expr = queries.get(title)?.[which];
          if (expr === undefined) throw new Error(`no panel ${title}: ${[...queries.keys()].join(', ')}`);
          const text = expr
            .replaceAll('$__rate_interval', '1h')
            .replaceAll('$__range', '1h')
            .replace(/"\$\w+"/g, '".*"');
          return await prometheus.query(text, now);
        };
        /** PromQL's `increase()` estimates: docs/others.md says by how much. */
        const near = (value: number | undefined, truth: number, share = 0.1) => {
          expect(value).toBeGreaterThan(truth * (1 - share));
          expect(value).toBeLessThan(truth * (1 + share));
        };
        const error = done.bad / done.total;
        const [sli] = await ask('API SLI, 30d');
        near(1 - (sli?.value ?? 0), error);
        const [budget] = await ask('API budget left, 30d');
        near(1 - (budget?.value ?? 0), error / 0.01);
        // Read from what the ruler has recorded, and not computed from the raw series.
        expect(queries.get('API SLI, 30d')?.[0]).toContain('sli_error:ratio_rate30d');
        for (const { labels, value } of await ask('Requests, by code'))
          near(value * 3600, done.byCode.get(labels['code'] ?? '') ?? 0);
        const [orders] = await ask('Orders');
        near(orders?.value, done.orders);
        const [queue] = await ask('Queue');
        expect(queue?.value).toBe(11);
        expect((await ask('Lag of the event loop')).map(({ labels }) => labels['pod']).sort()).toEqual([
          'api-1',
          'api-2',
        ]);
        const shares = await ask('Requests per pod, and the slowest tenth', 1);
        expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);

        const { code, stdout, stderr } = await runLockstep(
          [
            'verify',
            '--config',
            'test/checkout/lockstep.config.ts',
            '--prometheus',
            prometheus.url,
            '--format',
            'json',
          ],
          root,
        );
        const { answers } = (
          JSON.parse(stdout) as { details: { answers: readonly { query: string; status: string }[] } }
        ).details;
        const unanswered = answers.filter(({ status }) => status !== 'ok' && status !== 'expected-empty');
        expect([unanswered, stderr, code]).toEqual([[], '', 0]);
      } finally {
        for (const pod of pods) await pod.stop();
        await prometheus.stop();
      }
    });
  });
}
