import { refuse } from 'lockstep-exporter/internal';
import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import { absenceRule, alertRule, defineAlertGroup, traffic } from '../alerts/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import { defineDashboard, query } from '../panels/index.js';
import { compare, instant, oneOf, select, sum } from '../promql/index.js';
import { promql } from '../promql/text.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds, printDuration } from '../promql/window.js';
import type { VerifyJob, WholeJob } from './job.js';
import { askedBy, validateVerifyJob, wholeJob } from './job.js';
import { failingLevels, verifyCatalogue } from './metrics.js';

type Metrics = ReturnType<typeof verifyCatalogue>['metrics'];

/**
 * A system that watches all others: a CronJob runs `lockstep verify` against what is live, pushes what it found to a
 * Pushgateway, and a board and alerts read that. An alert fires if a finding stays, and if the runs stop. Put it among
 * the systems of the configuration. The Prometheus that scrapes the Pushgateway must keep the label `job`
 * (`honor_labels: true`).
 *
 * @throws ProblemsError if a field is missing or not what it should be
 */
export function verifySystem(job: VerifyJob) {
  refuse(validateVerifyJob(job));
  const whole = wholeJob(job);
  const catalogue = verifyCatalogue(whole.name);
  const panels = panelsOf(whole, catalogue);
  return {
    catalogue,
    dashboards: [boardOf(catalogue, panels)],
    alerts: [alertsOf(whole, catalogue, panels)],
    verifyJob: job,
  };
}

type Catalogue = ReturnType<typeof verifyCatalogue>;
type Panels = ReturnType<typeof panelsOf>;

/** A run may be late, and the one after it too; the third is missed. */
const MISSED = 3;
const staleSeconds = ({ every }: WholeJob) => MISSED * secondsOf(every);
const secondsOf = (duration: Duration) => durationSeconds(duration) ?? 0;

/** A finding counts once a second run has it too; half a period is for a run that takes long. */
const pendingOf = ({ every }: WholeJob) => printDuration(1.5 * secondsOf(every));

function panelsOf(job: WholeJob, catalogue: Catalogue) {
  const { findings, checks } = catalogue.metrics;
  const levels = failingLevels(job);
  return {
    findings: {
      type: 'stat',
      title: 'Findings',
      description: `Findings of the last runs that are ${levels.map((each) => `${each}s`).join(' or ')}: production differs from the definitions. Red from 1.`,
      unit: 'short',
      width: 12,
      height: 5,
      noValue: 'No run',
      thresholds: { base: 'green', steps: [{ at: 1, colour: 'red' }] },
      queries: [query(sum(instant(select(findings, { level: oneOf(...levels) }))), 'findings')],
    },
    age: {
      type: 'stat',
      title: 'Longest since a run',
      description: `Time since a run came to its end, of the server that has waited longest. A run begins every ${job.every}. Red from ${printDuration(staleSeconds(job))}.`,
      unit: 's',
      width: 12,
      height: 5,
      noValue: 'No run',
      thresholds: { base: 'green', steps: [{ at: staleSeconds(job), colour: 'red' }] },
      queries: [query(promql(catalogue, 'time() - min(lockstep_verify_last_run_timestamp_seconds)'), 'age')],
    },
    bySource: {
      type: 'timeseries',
      title: 'Findings, by source and level',
      description: 'Findings of the last run of each source, by level, stacked. A gap: no run.',
      unit: 'short',
      width: 12,
      height: 9,
      min: 0,
      stacked: true,
      queries: [query(sum(instant(findings), ['source', 'level']), '{{source}}, {{level}}')],
    },
    checks: {
      type: 'timeseries',
      title: 'Checks, by source',
      description:
        'Queries, series or resources that the last run of each source compared. Fewer than before: a part is no longer looked at.',
      unit: 'short',
      width: 12,
      height: 9,
      min: 0,
      queries: [query(sum(instant(checks), ['source']), '{{source}}')],
    },
  } as const;
}

function boardOf(catalogue: Catalogue, panels: Panels): Dashboard {
  return defineDashboard({
    catalogue,
    facet: 'verify',
    description: 'Whether what runs is what is committed, as `lockstep verify` finds it again and again.',
    tags: [],
    refresh: '5m',
    range: '7d',
    variables: [],
    rows: [
      { title: 'Now', panels: [panels.findings, panels.age] },
      { title: 'Over time', panels: [panels.bySource, panels.checks] },
    ],
  });
}

function alertsOf(job: WholeJob, catalogue: Catalogue, panels: Panels): AlertGroup {
  const { checks } = catalogue.metrics;
  const title = pascal(job.name);
  return defineAlertGroup({
    catalogue,
    name: 'verify',
    rules: [
      findingsRule(job, catalogue.metrics, panels),
      staleRule(job, catalogue, panels),
      ...askedBy(job).map((source) =>
        absenceRule(select(checks, { source }), {
          system: `${job.name} verify --${source}`,
          uid: `${job.name}-${source}-absent`,
          title: `${title}${pascal(source)}Absent`,
          component: 'verify',
          panel: panels.checks,
          // The Pushgateway keeps a run until the next; where it was started again it has none until then.
          window: printDuration(2 * secondsOf(job.every)),
          for: '15m',
          runbook: runbookOf(panels, 'Nobody looks whether what runs is what is committed.', [
            'Has the CronJob ever run? `kubectl get cronjob,job,pod` shows it.',
            'Is the Pushgateway scraped, with `honor_labels: true`? Its page lists what it holds.',
          ]),
        }),
      ),
    ],
  });
}

function findingsRule(job: WholeJob, { findings }: Metrics, panels: Panels): AlertRule {
  const [every, pending] = [secondsOf(job.every), secondsOf(pendingOf(job))];
  const levels = failingLevels(job);
  const error = select(findings, { source: askedBy(job)[0] ?? 'prometheus', level: 'error' });
  const after = (seconds: number) => printDuration(seconds);
  return alertRule({
    uid: `${job.name}-verify-findings`,
    title: `${pascal(job.name)}VerifyFindings`,
    expression: compare(sum(instant(select(findings, { level: oneOf(...levels) }))), '>', 0),
    for: pendingOf(job),
    severity: job.severity,
    component: 'verify',
    summary: 'Production differs from the definitions, run after run of lockstep verify',
    description:
      'Runs of `lockstep verify` go on finding that the metrics, boards or rules in production are not those of the definitions. An alert or a panel may be blind.',
    panel: panels.findings,
    runbook: runbookOf(
      panels,
      'A panel may be empty or wrong, and an alert that reads what is not there never fires.',
      ['The log of the last Job names each finding, and says how to mend it: `kubectl logs job/<name>`.'],
      panels.bySource,
    ),
    proof: [
      {
        name: 'an error that stays for four runs, and is mended',
        lasts: after(8 * every),
        traffic: [
          traffic(error, { count: 1, until: after(4 * every) }),
          traffic(error, { count: 0, from: after(4 * every) }),
        ],
        fires: { notBefore: after(pending), by: after(pending + SLACK), overBy: after(4 * every + SLACK) },
      },
      {
        name: 'an error that the next run no longer finds',
        lasts: after(4 * every),
        traffic: [traffic(error, { count: 1, until: after(every) }), traffic(error, { count: 0, from: after(every) })],
        fires: 'never',
      },
      { name: 'no findings', lasts: after(4 * every), traffic: [traffic(error, { count: 0 })], fires: 'never' },
      {
        name: 'notes, and nothing graver',
        lasts: after(4 * every),
        traffic: [traffic(error, { count: 0 }), traffic(select(findings, { level: 'note' }), { count: 3 })],
        fires: 'never',
      },
    ],
  });
}

/** In seconds: how long after its time a state is seen at the latest, whatever the grain of a proof. */
const SLACK = 900;

function staleRule(job: WholeJob, catalogue: Catalogue, panels: Panels): AlertRule {
  const every = secondsOf(job.every);
  const stale = staleSeconds(job);
  const [source = 'prometheus', other] = askedBy(job);
  const runs = (of: typeof source, until: number) =>
    Array.from({ length: until }, (_, index) =>
      traffic(select(catalogue.metrics.lastRun, { source: of }), {
        // A scenario begins in 1970, so a time is the seconds since then. A level of 0 would be no run.
        count: Math.max(1, index * every),
        ...(index === 0 ? {} : { from: printDuration(index * every) }),
        ...(index + 1 < until ? { until: printDuration((index + 1) * every) } : {}),
      }),
    );
  return alertRule({
    uid: `${job.name}-verify-stale`,
    title: `${pascal(job.name)}VerifyStale`,
    expression: promql(catalogue, `time() - min(lockstep_verify_last_run_timestamp_seconds) > bool ${stale}`),
    for: '5m',
    severity: job.severity,
    component: 'verify',
    summary: `No run of lockstep verify has come to its end for ${printDuration(stale)}`,
    description: `No run of \`lockstep verify\` against one server at least has come to its end for ${printDuration(stale)}: nobody knows whether what runs there is what is committed.`,
    panel: panels.age,
    runbook: runbookOf(
      panels,
      'A drift that begins now is found by nobody, and the findings on the board are old.',
      [
        'Does the CronJob begin, and does its Pod start? `kubectl get cronjob,job,pod` shows it.',
        'The log of the last Job says which server it could not reach, or what is wrong with the configuration.',
      ],
      panels.checks,
    ),
    proof: [
      {
        name: 'a run, and none after it',
        lasts: printDuration(stale + 4 * SLACK),
        traffic: runs(source, 1),
        fires: { notBefore: printDuration(stale), by: printDuration(stale + SLACK) },
      },
      { name: 'a run each time', lasts: printDuration(6 * every), traffic: runs(source, 6), fires: 'never' },
      ...(other === undefined
        ? []
        : [
            {
              name: 'one server is asked each time, and the other no more',
              lasts: printDuration(stale + 4 * SLACK),
              traffic: [...runs(source, 1), ...runs(other, Math.ceil((stale + 4 * SLACK) / every))],
              fires: { notBefore: printDuration(stale), by: printDuration(stale + SLACK) },
            },
          ]),
    ],
  });
}

function runbookOf(
  panels: Panels,
  impact: string,
  say: readonly string[],
  panel: Panels['checks'] | Panels['bySource'] = panels.checks,
) {
  return {
    impact,
    firstLook: [{ panel, say: 'since when, and of which source?' }, ...say.map((each) => ({ say: each }))],
    silence: 'While the CronJob is suspended on purpose, for as long as that lasts.',
  };
}

function pascal(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
