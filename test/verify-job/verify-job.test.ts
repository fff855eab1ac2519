import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/lockstep/config/index.js';
import { defineConfig } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { lintPlan } from '../../src/lockstep/lint/lint.js';
import { toSubject } from '../../src/lockstep/lint/subject.js';
import { durationSeconds, printDuration } from '../../src/lockstep/promql/window.js';
import type { VerifyJob } from '../../src/lockstep/verify-job/index.js';
import { verifySystem } from '../../src/lockstep/verify-job/index.js';
import { scheduleOf } from '../../src/lockstep/verify-job/job.js';
import { exposeRun } from '../../src/lockstep/verify-job/metrics.js';
import { codes, problemsOf } from '../problems.js';
import shopConfig from '../shop/lockstep.config.js';

const job: VerifyJob = {
  name: 'shopwatch',
  every: '30m',
  image: 'example.org/checks:1',
  prometheus: 'http://prometheus:9090',
  grafana: 'https://grafana.example.org/team',
  push: 'http://pushgateway:9091',
  path: 'verify/cronjob.yaml',
  secrets: { prometheus: 'prometheus-token', grafana: 'grafana-token' },
  systems: ['shop', 'shopwatch'],
  awsRegion: 'eu-west-1',
};
const withJob = (change: Partial<VerifyJob> = {}): Config =>
  defineConfig({ ...shopConfig, systems: [...shopConfig.systems, verifySystem({ ...job, ...change })] });
const planned = (config: Config, path: string) => {
  const { files, problems } = planFiles(config);
  expect(codes(problems)).toEqual([]);
  return files.find((file) => file.path === path)?.text ?? '';
};

const { prometheus: _p, awsRegion: _r, secrets: _s, ...onlyGrafana } = job;
const { grafana: _g, secrets: _t, ...onlyPrometheus } = job;

describe('a system that runs lockstep verify', () => {
  it.each([
    ['verify/cronjob.yaml', 'cronjob.yaml'],
    ['alerts/shopwatch.yaml', 'alerts.yaml'],
    ['boards/shopwatch-verify.yaml', 'board.yaml'],
  ])('writes %s', async (path, golden) => {
    await expect(planned(withJob(), path)).toMatchFileSnapshot(`../golden/verify-job/${golden}`);
  });

  it('has nothing that lint would tell, however often it runs', () => {
    for (const every of ['5m', '30m', '1h', '12h', '1d'] as const)
      for (const each of [job, onlyGrafana, onlyPrometheus]) {
        const config = defineConfig({ ...shopConfig, systems: [verifySystem({ ...each, every })] });
        const { files } = planFiles(config);
        expect(files.length).toBe(4);
        expect(lintPlan(toSubject(config, files, new Map(), new Map(), '2026-11-28'))).toEqual([]);
      }
  });

  it('asks what it was told to ask, and counts what fails there', () => {
    const text = planned(withJob({ failOn: 'error', name: 'watch', severity: 'page' }), 'alerts/watch.yaml');
    expect(text).toContain(
      'expr: sum(last_over_time(lockstep_verify_findings{job="watch", source=~"prometheus|grafana", level=~"error"}[2h])) > bool 0',
    );
    expect(text).toContain('title: WatchVerifyFindings');
    expect(text).toContain('severity: page');
    const alone = defineConfig({ ...shopConfig, systems: [verifySystem(onlyGrafana)] });
    const cronJob = planned(alone, 'verify/cronjob.yaml');
    expect(cronJob.match(/- --job\n +- .*/g)).toEqual(['- --job\n                - grafana']);
    expect(planned(alone, 'alerts/shopwatch.yaml')).not.toMatch(/prometheus"|Prometheus/);
  });

  it('takes a field that is undefined for one that is left out', () => {
    const undefineds = { command: undefined, systems: undefined, failOn: undefined, severity: undefined } as never;
    const { systems: _, ...bare } = job;
    const text = (given: VerifyJob, path: string) =>
      planned(defineConfig({ ...shopConfig, systems: [verifySystem(given)] }), path);
    for (const path of ['verify/cronjob.yaml', 'alerts/shopwatch.yaml', 'boards/shopwatch-verify.yaml'])
      expect(text(Object.assign({}, bare, undefineds), path)).toBe(text(bare, path));
  });

  it('has ended when the next begins, however late it began', () => {
    for (const every of ['5m', '30m', '1h', '12h', '1d'] as const) {
      const text = planned(withJob({ every }), 'verify/cronjob.yaml');
      const [late, long] = ['startingDeadlineSeconds', 'activeDeadlineSeconds'].map((field) =>
        Number(new RegExp(`${field}: (\\d+)`).exec(text)?.[1]),
      );
      // Kubernetes looks every ten seconds: a shorter time to begin in may be missed.
      expect(late).toBeGreaterThan(10);
      expect((late ?? 0) + (long ?? 0)).toBeLessThan(durationSeconds(every) ?? 0);
      expect(long).toBeLessThanOrEqual(3600);
    }
  });

  it.each<[string, Partial<VerifyJob>, string, string | undefined]>([
    ['a time that cron cannot keep', { every: '7m' }, 'verify-job/every', 'every'],
    ['a time that is too short', { every: '1m' }, 'verify-job/every', 'every'],
    ['a time that is none', { every: 'often' as never }, 'verify-job/every', 'every'],
    ['a name of two words', { name: 'shop-verify' }, 'verify-job/name', 'name'],
    ['a name that is too long', { name: 'abcdefghijklmnopqrstuvw' }, 'verify-job/name', 'name'],
    ['no image', { image: '' }, 'verify-job/image', 'image'],
    ['credentials', { prometheus: 'http://ann:hunter2@prometheus' }, 'verify-job/secret-in-address', 'prometheus'],
    ['a key in the query', { push: 'http://pushgateway/?key=hunter2' }, 'verify-job/secret-in-address', 'push'],
    ['an address that is none', { push: 'pushgateway:9091' }, 'verify-job/address', 'push'],
    ['a path out of the folder', { path: '../cronjob.yaml' }, 'verify-job/path', 'path'],
    ['a path of no YAML', { path: 'verify/cronjob' }, 'verify-job/path', 'path'],
    ['an empty command', { command: [] }, 'verify-job/command', 'command'],
    ['systems that are none', { systems: 'all' as never }, 'verify-job/systems', 'systems'],
    ['a system without a name', { systems: [''] }, 'verify-job/systems', 'systems'],
    ['no systems', { systems: [] }, 'verify-job/systems', 'systems'],
    ['a fragment', { grafana: 'http://grafana/#key=hunter2' }, 'verify-job/secret-in-address', 'grafana'],
    ['an address with blanks', { push: ' http://pushgateway ' }, 'verify-job/address', 'push'],
    ['the address of a group', { push: 'http://pushgateway:9091/metrics' }, 'verify-job/address', 'push'],
    ['a path with a placeholder', { path: 'verify/{system}.yaml' }, 'verify-job/path', 'path'],
    ['a path with a backslash', { path: 'verify\\\\cronjob.yaml' }, 'verify-job/path', 'path'],
    ['a path of a name without one', { path: 'verify/.yaml' }, 'verify-job/path', 'path'],
    ['a path of kustomize', { path: 'verify/kustomization.yaml' }, 'verify-job/path', 'path'],
    ['a token for a name', { secrets: { grafana: 'glsa_hunter2' } }, 'verify-job/secrets', 'secrets › grafana'],
    ['an empty name of a Secret', { secrets: { grafana: '' } }, 'verify-job/secrets', 'secrets › grafana'],
    ['one Secret for both', { secrets: 'hunter2' as never }, 'verify-job/secrets', 'secrets'],
    ['a Secret of another server', { secrets: { loki: 'x' } as never }, 'verify-job/shape', 'secrets › loki'],
    ['a name that is no text', { name: 5 as never }, 'verify-job/shape', 'name'],
    ['a region that is no text', { awsRegion: 5 as never }, 'verify-job/shape', 'awsRegion'],
    ['a severity that is none', { severity: 'high' as never }, 'verify-job/shape', 'severity'],
    ['a level that is none', { failOn: 'note' as never }, 'verify-job/shape', 'failOn'],
    ['a field that does not exist', { schedule: '* * * * *' } as never, 'verify-job/shape', 'schedule'],
    ['nobody to ask', { prometheus: undefined, grafana: undefined } as never, 'verify-job/asks-nobody', 'prometheus'],
  ])('refuses %s', (_, change, code, field) => {
    const problems = problemsOf(() => verifySystem({ ...job, ...change }));
    expect(codes(problems)).toEqual([`${code} at verifySystem › ${field}`]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('refuses what is for a server that it does not ask', () => {
    const told = (given: VerifyJob) => codes(problemsOf(() => verifySystem(given)));
    expect(told({ ...onlyGrafana, secrets: { prometheus: 'token' } })).toEqual([
      'verify-job/secrets at verifySystem › secrets › prometheus',
    ]);
    expect(told({ ...onlyGrafana, awsRegion: 'eu-west-1' })).toEqual([
      'verify-job/aws-region at verifySystem › awsRegion',
    ]);
  });

  it('refuses what is no job at all', () => {
    for (const none of [undefined, null, 'daily', []]) {
      const problems = problemsOf(() => verifySystem(none as never));
      expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['verify-job/shape']));
    }
  });

  it.each<[string, (whole: ReturnType<typeof verifySystem>) => object]>([
    ['another job', () => ({ verifyJob: { ...job, name: 'other' } })],
    ['a job that runs less often', ({ verifyJob }) => ({ verifyJob: { ...verifyJob, every: '1d' } })],
    ['the job as it was given', () => ({ verifyJob: job })],
    ['no alerts', () => ({ alerts: [] })],
    ['alerts of its own', ({ alerts: [group] }) => ({ alerts: [{ ...group, rules: group?.rules.slice(1) }] })],
    ['no board', () => ({ dashboards: [] })],
  ])('is refused with %s', (_, change) => {
    const whole = verifySystem(job);
    const { problems } = planFiles({ ...shopConfig, systems: [{ ...whole, ...change(whole) }] });
    expect(codes(problems)).toContain('verify-job/of-another at systems › shopwatch › verifyJob');
  });

  it('is one in a configuration, in a file of its own', () => {
    const two = [verifySystem(job), verifySystem({ ...job, name: 'other', path: 'verify/other.yaml' })];
    expect(codes(problemsOf(() => defineConfig({ ...shopConfig, systems: two })))).toEqual([
      'config/verify-jobs at lockstep.config › systems',
    ]);
    const { problems } = planFiles({
      ...shopConfig,
      systems: [verifySystem({ ...job, path: 'alerts/shopwatch.yaml' })],
    });
    expect(problems).toMatchObject([{ code: 'emit/same-path', fix: 'give verifySystem › path a path of its own' }]);
  });
});

/** The minutes of a day at which cron begins, for the fields that are written here. */
function begins(schedule: string): readonly number[] {
  const [minutes = '', hours = '', ...rest] = schedule.split(' ');
  expect(rest).toEqual(['*', '*', '*']);
  const values = (field: string, most: number) => {
    const step = /^\*\/(\d+)$/.exec(field)?.[1];
    const all = Array.from({ length: most }, (_, value) => value);
    if (field === '*') return all;
    return step === undefined ? [Number(field)] : all.filter((value) => value % Number(step) === 0);
  };
  return values(hours, 24).flatMap((hour) => values(minutes, 60).map((minute) => hour * 60 + minute));
}

describe('a schedule', () => {
  it('begins so often, all day long, the next day too; or there is none', () => {
    const some = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (minutes) => {
        const every = printDuration(minutes * 60);
        const schedule = scheduleOf({ every });
        if (schedule === undefined) return;
        some.add(every);
        const times = begins(schedule);
        const day = [...times, (times[0] ?? 0) + 1440];
        expect(new Set(day.slice(1).map((time, index) => time - (day[index] ?? 0)))).toEqual(new Set([minutes]));
      }),
      { numRuns: 20_000 },
    );
    // As the refusal of another lists them.
    const [problem] = problemsOf(() => verifySystem({ ...job, every: '7m' }));
    expect([...some].sort((a, b) => (durationSeconds(a) ?? 0) - (durationSeconds(b) ?? 0)).join(', ')).toBe(
      problem?.allowed,
    );
  });
});

describe('a run', () => {
  it('tells every level, and when it ended', () => {
    const run = { source: 'prometheus', checks: 41, ended: 1_795_000_000_500 } as const;
    const findings = [{ severity: 'warning' }, { severity: 'note' }, { severity: 'warning' }] as const;
    expect(exposeRun({ ...run, findings }).split('\n')).toEqual([
      '# HELP lockstep_verify_findings Findings of the last run that came to its end.',
      '# TYPE lockstep_verify_findings gauge',
      'lockstep_verify_findings{level="error"} 0',
      'lockstep_verify_findings{level="warning"} 2',
      'lockstep_verify_findings{level="note"} 1',
      '# HELP lockstep_verify_checks Queries or resources that the last run compared.',
      '# TYPE lockstep_verify_checks gauge',
      'lockstep_verify_checks 41',
      '# HELP lockstep_verify_last_run_timestamp_seconds When the last run came to its end, whatever it found, in seconds since 1970.',
      '# TYPE lockstep_verify_last_run_timestamp_seconds gauge',
      'lockstep_verify_last_run_timestamp_seconds 1795000000.5',
      '',
    ]);
  });
});
