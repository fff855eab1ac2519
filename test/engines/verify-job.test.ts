import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { runLockstep } from '../run-lockstep.js';
import { linkPackages, temporaryFolder } from '../temporary.js';
import type { Prometheus } from './servers.js';
import { startPrometheus, startPushgateway } from './servers.js';

// `lockstep verify --job`, as the CronJob runs it: a real Pushgateway holds what it found, a real Prometheus scrapes
// that, and the alerts that were built read it there.

const engines = inject('engines');
const gateway = engines['pushgateway'];

/** A configuration that watches itself, and nothing else: its own metrics are what it asks for. */
const configOf = (prometheus: string, push: string) => `
import { defineConfig } from 'lockstep/config';
import { verifySystem } from 'lockstep/verify-job';

export default defineConfig({
  source: 'example.org/watched',
  target: {
    grafana: '10.4',
    datasource: 'prometheus',
    instanceSelector: { dashboards: 'external' },
    alertFolder: 'alerts',
    routes: ['ticket'],
    runbooks: 'https://example.org/runbooks',
    layout: { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  systems: [
    verifySystem({
      name: 'watch',
      every: '5m',
      image: 'example.org/checks:1',
      prometheus: '${prometheus}',
      push: '${push}',
      path: 'verify/cronjob.yaml',
    }),
  ],
});
`;

interface AlertsFile {
  readonly spec: {
    readonly rules: readonly {
      readonly title: string;
      readonly data: readonly { readonly model: { readonly expr: string } }[];
    }[];
  };
}
interface CronJobFile {
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
      };
    };
  };
}

function projectOf(prometheus: string, push: string): string {
  const folder = temporaryFolder({ 'lockstep.config.ts': configOf(prometheus, push) });
  linkPackages(folder);
  return folder;
}

/** The value of a query as soon as it is this one; the last one that was seen if it never is. */
async function become(prometheus: Prometheus, query: string, wanted: number): Promise<number | undefined> {
  let value: number | undefined;
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    [value] = (await prometheus.query(query, Date.now() / 1000)).map((each) => each.value);
    if (value === wanted) return value;
    await new Promise((done) => setTimeout(done, 100));
  }
  return value;
}

for (const generation of ['2', '3'] as const) {
  const program = engines[`prometheus ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (program === undefined || gateway === undefined) continue;
  describe(`verify --job, on Prometheus ${generation}`, () => {
    it('is what the alerts of its system read', async () => {
      const push = await startPushgateway(gateway);
      const prometheus = await startPrometheus(program, { targets: [new URL(push.url).host], honorLabels: true });
      try {
        const folder = projectOf(prometheus.url, push.url);
        expect(await runLockstep(['build'], folder)).toMatchObject({ code: 0, stderr: '' });
        const read = (path: string): unknown => parse(readFileSync(join(folder, 'out', path), 'utf8'));
        const { rules } = (read('alerts/watch.yaml') as AlertsFile).spec;
        const ruleOf = (title: string) => rules.find((each) => each.title === title)?.data[0]?.model.expr ?? '';
        const [container] = (read('verify/cronjob.yaml') as CronJobFile).spec.jobTemplate.spec.template.spec.containers;
        const args = container?.args ?? [];
        expect(args).toEqual(['verify', '--job', 'prometheus']);

        // Nothing has been pushed yet, which the first run finds, and the absence rule.
        const absent = ruleOf('WatchPrometheusAbsent');
        expect(await become(prometheus, absent, 1)).toBe(1);
        const before = Date.now() / 1000;
        const first = await runLockstep(args, folder);
        expect(first).toMatchObject({ code: 1, stderr: '' });
        const findings = ruleOf('WatchVerifyFindings');
        expect(await become(prometheus, findings, 1)).toBe(1);
        const found = await prometheus.query('lockstep_verify_findings', Date.now() / 1000);
        const levels = Object.fromEntries(found.map(({ labels, value }) => [labels['level'], value]));
        expect(levels).toEqual({
          error: 0,
          warning: Number(/(\d+) empty or in error/.exec(first.stdout)?.[1]),
          note: 0,
        });
        expect(levels['warning']).toBeGreaterThan(3);
        for (const { labels } of found) expect(labels).toMatchObject({ job: 'watch', source: 'prometheus' });

        // The next one finds its own metrics there, and takes the place of the first.
        const second = await runLockstep(args, folder);
        expect(second).toMatchObject({ code: 0, stderr: '' });
        expect(await become(prometheus, findings, 0)).toBe(0);
        expect(await prometheus.query(absent, Date.now() / 1000)).toEqual([]);
        const checks = Number(/(\d+) queries:/.exec(second.stdout)?.[1]);
        expect(await become(prometheus, 'lockstep_verify_checks{job="watch"}', checks)).toBe(checks);
        const [ended] = await prometheus.query('lockstep_verify_last_run_timestamp_seconds', Date.now() / 1000);
        expect(ended?.value).toBeGreaterThan(before);
        expect(ended?.value).toBeLessThan(Date.now() / 1000);
        // Not before three runs are missed.
        const stale = ruleOf('WatchVerifyStale');
        const at = (ended?.value ?? 0) + 3 * 300;
        const judged = async (late: number) =>
          (await prometheus.query(stale.replace('time()', `${at + late}`), Date.now() / 1000)).map(
            ({ value }) => value,
          );
        expect([await judged(-5), await judged(5)]).toEqual([[0], [1]]);
      } finally {
        await prometheus.stop();
        await push.stop();
      }
    });

    it('says that a server is no Pushgateway', async () => {
      const prometheus = await startPrometheus(program, {});
      try {
        const folder = projectOf(prometheus.url, prometheus.url);
        const { code, stdout } = await runLockstep(['verify', '--job', 'prometheus'], folder);
        expect(code).toBe(2);
        expect(stdout).toMatch(/queries: \d+ fine, \d+ empty or in error/);
        expect(stdout).toMatch(/error\[verify\/not-pushed\] .*\n +found +http:.*HTTP 40[45]/);
      } finally {
        await prometheus.stop();
      }
    });
  });
}
