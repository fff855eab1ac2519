import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { createRecorders } from '../../src/exporter/recording/recorders.js';
import { fab } from '../../src/fab/catalogue.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { runLockstep } from '../run-lockstep.js';
import { makeWorld, play } from './factory.js';
import { startPrometheus } from './servers.js';

const engines = inject('engines');
const root = join(import.meta.dirname, '..', '..');

interface Answer {
  readonly query: string;
  readonly status: string;
  readonly series: number;
  readonly samples: number | null;
  readonly why: string | null;
}

const verify = (...args: readonly string[]) => runLockstep(['verify', ...args], root);
const answersOf = (stdout: string) =>
  (JSON.parse(stdout) as { readonly details: { readonly answers: readonly Answer[] } }).details.answers;

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined) continue;
  describe(`verify, on Prometheus ${generation}`, () => {
    it('finds the metrics of a process right, and every query of a Prometheus that scrapes it answered', async () => {
      const errors: string[] = [];
      const exporter = createFabExporter({ onError: (error) => errors.push(error.message) });
      const server = await exporter.serve({ port: 0 });
      if (server === undefined) throw new Error(errors.join());
      const prometheus = await startPrometheus(program, { targets: [new URL(server.url).host] });
      try {
        const scraped = async () => (await prometheus.lastScrape('fab_catalogue_info'))?.samples ?? 0;
        const pause = async () => {
          const wanted = (await scraped()) + 2;
          while ((await scraped()) < wanted) await new Promise((done) => setTimeout(done, 100));
        };
        await play(makeWorld(11, 0.2, true), exporter, pause);
        await pause();
        const metrics = await verify('--system', 'fab', '--metrics', `${server.url}/metrics`);
        expect(metrics).toMatchObject({ code: 0, stderr: '' });
        expect(metrics.stdout).toMatch(/^\d{3,} series against catalogue fab: 0 mismatches\n$/);

        const { code, stdout, stderr } = await verify(
          '--system',
          'fab',
          '--prometheus',
          prometheus.url,
          '--format',
          'json',
        );
        const answers = answersOf(stdout);
        const bad = answers.filter(({ status }) => status !== 'ok' && status !== 'expected-empty');
        expect(bad).toEqual([]);
        expect([code, stderr]).toEqual([0, '']);
        expect(answers.filter(({ status }) => status === 'expected-empty').map(({ query }) => query)).toEqual([
          'alert FabMetricsAbsent',
        ]);
        expect(answers.every(({ samples }) => samples !== null && samples >= 0)).toBe(true);
      } finally {
        await prometheus.stop();
        await server.close();
      }
    });

    it('says of counts that do not say which start they are of, as a process and as a Prometheus have them', async () => {
      const { record, registry } = createRecorders(fab, {});
      record.sessions.add({ role: 'product' }, 5);
      const server = createServer(async (_, response) => {
        response.setHeader('content-type', registry.contentType).end(await registry.metrics());
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const prometheus = await startPrometheus(program, { targets: [host] });
      try {
        const metrics = await verify('--metrics', `http://${host}/metrics`, '--format', 'json');
        expect(metrics.code).toBe(1);
        expect(metrics.stdout).toContain('"id": "verify/start"');
        while ((await prometheus.lastScrape('fab_agent_sessions_total')) === undefined)
          await new Promise((done) => setTimeout(done, 100));
        const { code, stdout } = await verify('--prometheus', prometheus.url, '--fail-on', 'error', '--format', 'json');
        expect(code).toBe(1);
        expect(answersOf(stdout).filter(({ status }) => status === 'error')).toMatchObject([
          { query: 'label start_id of fab_agent_sessions_total' },
          { query: 'label start_id of fab_exporter_anomalies_total' },
        ]);
      } finally {
        await prometheus.stop();
        server.closeAllConnections();
        server.close();
      }
    });

    it('says of every query that returns nothing what is missing', async () => {
      const prometheus = await startPrometheus(program, {});
      try {
        const { code, stdout } = await verify('--system', 'fab', '--prometheus', prometheus.url, '--format', 'json');
        expect(code).toBe(1);
        const answers = answersOf(stdout);
        const empty = answers.filter(({ status }) => status === 'empty');
        expect(empty.length).toBeGreaterThan(40);
        for (const { why } of empty) expect(why).toMatch(/^no series of fab_\w+ in the last \d+ h$/);
        // With no metrics at all, one alert fires; what fills in zeros shows them.
        expect(answers.find(({ query }) => query === 'alert FabMetricsAbsent')?.status).toBe('ok');
        expect((await verify('--prometheus', prometheus.url, '--fail-on', 'error')).code).toBe(0);
        const text = await verify('--prometheus', `${prometheus.url}/nowhere`, '--tries', '1');
        expect(text).toMatchObject({ code: 2, stdout: '' });
        expect(text.stderr).toContain('no JSON: is this the address of a Prometheus API?');
      } finally {
        await prometheus.stop();
      }
    });
  });
}
