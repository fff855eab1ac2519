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
  every: '30m',
  image: 'example.org/checks:1',
  prometheus: 'http://prometheus:9090',
  grafana: 'https://grafana.example.org/team',
  push: 'http://pushgateway:9091',
  path: 'verify/cronjob.yaml',
  secret: 'lockstep-verify',
  options: ['--system', 'shop'],
};
const withJob = (change: Partial<VerifyJob> = {}): Config =>
  defineConfig({ ...shopConfig, systems: [...shopConfig.systems, verifySystem({ ...job, ...change })] });
const planned = (config: Config, path: string) => {
  const { files, problems } = planFiles(config);
  expect(codes(problems)).toEqual([]);
  return files.find((file) => file.path === path)?.text ?? '';
};

describe('a system that runs lockstep verify', () => {
  it.each([
    ['verify/cronjob.yaml', 'cronjob.yaml'],
    ['alerts/lockstep.yaml', 'alerts.yaml'],
    ['boards/lockstep-verify.yaml', 'board.yaml'],
  ])('writes %s', async (path, golden) => {
    await expect(planned(withJob(), path)).toMatchFileSnapshot(`../golden/verify-job/${golden}`);
  });

  it('has nothing that lint would tell, however often it runs', () => {
    for (const every of ['5m', '30m', '1h', '12h', '1d'] as const)
      for (const asked of [{}, { grafana: undefined }, { prometheus: undefined }]) {
        const { prometheus, grafana, ...rest } = { ...job, ...asked };
        const system = verifySystem({
          ...rest,
          every,
          ...(prometheus === undefined ? {} : { prometheus }),
          ...(grafana === undefined ? {} : { grafana }),
        });
        const config = defineConfig({ ...shopConfig, systems: [system] });
        const { files } = planFiles(config);
        expect(files.length).toBe(4);
        expect(lintPlan(toSubject(config, files, new Map(), new Map(), '2026-11-28'))).toEqual([]);
      }
  });

  it('asks what it was told to ask, and counts what fails there', () => {
    const text = planned(withJob({ failOn: 'error', name: 'watch', severity: 'page' }), 'alerts/watch.yaml');
    expect(text).toContain('expr: sum(lockstep_verify_findings{job="watch", level=~"error"}) > bool 0');
    expect(text).toContain('title: WatchVerifyFindings');
    expect(text).toContain('severity: page');
    const { prometheus: _, ...noPrometheus } = job;
    const alone = defineConfig({ ...shopConfig, systems: [verifySystem(noPrometheus)] });
    const cronJob = planned(alone, 'verify/cronjob.yaml');
    expect(cronJob).toContain('- --grafana\n');
    expect(cronJob).not.toContain('- --prometheus\n');
    expect(planned(alone, 'alerts/lockstep.yaml')).not.toContain('Prometheus');
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
    ['options that are none', { options: 'all' as never }, 'verify-job/options', 'options'],
    ['an option that a field says', { options: ['--fail-on=error'] }, 'verify-job/options', 'options'],
    ['a severity that is none', { severity: 'high' as never }, 'verify-job/shape', 'severity'],
    ['a level that is none', { failOn: 'note' as never }, 'verify-job/shape', 'failOn'],
    ['a field that does not exist', { schedule: '* * * * *' } as never, 'verify-job/shape', 'schedule'],
    ['nobody to ask', { prometheus: undefined, grafana: undefined } as never, 'verify-job/asks-nobody', 'prometheus'],
  ])('refuses %s', (_, change, code, field) => {
    const problems = problemsOf(() => verifySystem({ ...job, ...change }));
    expect(codes(problems)).toEqual([`${code} at verifySystem › ${field}`]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('refuses what is no job at all', () => {
    for (const none of [undefined, null, 'daily', []]) {
      const problems = problemsOf(() => verifySystem(none as never));
      expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['verify-job/shape']));
    }
  });

  it('is refused with the job of another, or beside another', () => {
    const mixed = { ...verifySystem(job), verifyJob: { ...job, name: 'other' } };
    const { problems } = planFiles({ ...shopConfig, systems: [mixed] });
    expect(codes(problems)).toEqual(['verify-job/of-another at systems › lockstep › verifyJob']);
    const two = [verifySystem(job), verifySystem({ ...job, name: 'other', path: 'verify/other.yaml' })];
    expect(codes(problemsOf(() => defineConfig({ ...shopConfig, systems: two })))).toEqual([
      'config/verify-jobs at lockstep.config › systems',
    ]);
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
      '# HELP lockstep_verify_checks Queries, series or resources that the last run compared.',
      '# TYPE lockstep_verify_checks gauge',
      'lockstep_verify_checks 41',
      '# HELP lockstep_verify_last_run_timestamp_seconds When the last run came to its end, whatever it found, in seconds since 1970.',
      '# TYPE lockstep_verify_last_run_timestamp_seconds gauge',
      'lockstep_verify_last_run_timestamp_seconds 1795000000.5',
      '',
    ]);
  });
});
