import { refuse } from 'lockstep-exporter/internal';
import type { AlertGroup, AlertRule, Look } from '../alerts/alert.js';
import { absenceRule, alertRule, defineAlertGroup, traffic } from '../alerts/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import { defineDashboard, query } from '../panels/index.js';
import { compare, instant, lastOverTime, oneOf, select, sum } from '../promql/index.js';
import { promql } from '../promql/text.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds, printDuration } from '../promql/window.js';
import type { AskedServer, VerifyJob, WholeJob } from './job.js';
import { ASKED, askedBy, validateVerifyJob, wholeJob, withParts } from './job.js';
import { failingLevels, verifyCatalogue } from './metrics.js';

/**
 * A system that watches all others: a CronJob runs `lockstep verify` against what is live, pushes what it found to a
 * Pushgateway, and a board and alerts read that. An alert fires if a finding stays, and if the runs stop. Put it among
 * the systems of the configuration, as it is. The Prometheus that scrapes the Pushgateway must keep the label `job`
 * (`honor_labels: true`).
 *
 * @throws ProblemsError if a field is missing or not what it should be
 */
export function verifySystem(job: VerifyJob) {
  const problems = validateVerifyJob(job);
  refuse(problems);
  // A command goes on to tell the problems of other definitions: those that would follow from this one are no news.
  const whole = wholeJob(problems.length === 0 ? job : STAND_IN);
  const catalogue = verifyCatalogue(whole.name);
  const panels = panelsOf(whole, catalogue);
  const parts = {
    catalogue,
    dashboards: [boardOf(catalogue, panels)],
    alerts: [alertsOf(whole, catalogue, panels)],
  };
  return { ...parts, ...(problems.length === 0 ? { verifyJob: withParts(job, parts) } : {}) };
}

const STAND_IN: VerifyJob = { name: 'lockstep', every: '1h', image: 'none', grafana: '', push: '', path: '' };

type Catalogue = ReturnType<typeof verifyCatalogue>;
type Panels = ReturnType<typeof panelsOf>;

const secondsOf = (duration: Duration) => durationSeconds(duration) ?? 0;

/** A run may be late, and the one after it too; the third is missed. */
const staleSeconds = ({ every }: WholeJob) => 3 * secondsOf(every);

/** A finding counts once the next run has it too; the half is for a run that takes long. */
const pendingSeconds = ({ every }: WholeJob) => 1.5 * secondsOf(every);

/** A Pushgateway that is started again may have lost what it held: what it said before is read until the next run. */
const bridged = (job: WholeJob) => printDuration(staleSeconds(job) + secondsOf(job.every));

/** A group of a server that is no longer asked stays in a Pushgateway for ever: it is not read. */
const askedIn = (job: WholeJob) => ({ source: oneOf(...askedBy(job)) });

/** The findings that count, as board and alert read them. */
function countedFindings(job: WholeJob, { metrics }: Catalogue) {
  const counted = select(metrics.findings, { ...askedIn(job), level: oneOf(...failingLevels(job)) });
  return sum(lastOverTime(counted, bridged(job)));
}

/** The time since the last run, of the server that has waited longest, as board and alert read it. */
const ageText = (job: WholeJob) =>
  `time() - min(last_over_time(lockstep_verify_last_run_timestamp_seconds{source=~"${askedBy(job).join('|')}"}[${bridged(job)}]))`;

function panelsOf(job: WholeJob, catalogue: Catalogue) {
  const { findings, checks } = catalogue.metrics;
  const levels = failingLevels(job);
  const asked = askedIn(job);
  return {
    findings: {
      type: 'stat',
      title: 'Findings',
      description: `Findings of the last run against each server that are ${levels.map((each) => `${each}s`).join(' or ')}: production differs from the definitions. Red from 1. Beside it stands how old they are.`,
      unit: 'short',
      width: 12,
      height: 5,
      noValue: 'No run',
      thresholds: { base: 'green', steps: [{ at: 1, colour: 'red' }] },
      queries: [query(countedFindings(job, catalogue), 'findings')],
    },
    age: {
      type: 'stat',
      title: 'Longest since a run',
      description:
        'Time since a run came to its end, of the server that has waited longest. Red once three runs are missed.',
      unit: 's',
      width: 12,
      height: 5,
      noValue: 'No run',
      thresholds: { base: 'green', steps: [{ at: staleSeconds(job), colour: 'red' }] },
      queries: [query(promql(catalogue, ageText(job)), 'age')],
    },
    bySource: {
      type: 'timeseries',
      title: 'Findings, by source and level',
      description:
        'Findings of the last run against each server, by level, stacked. They stay as they are until the next run.',
      unit: 'short',
      width: 12,
      height: 9,
      min: 0,
      stacked: true,
      queries: [query(sum(instant(select(findings, asked)), ['source', 'level']), '{{source}}, {{level}}')],
    },
    checks: {
      type: 'timeseries',
      title: 'Checks, by source',
      description:
        'Queries or resources that the last run compared, by server. Fewer than before: a part is no longer looked at.',
      unit: 'short',
      width: 12,
      height: 9,
      min: 0,
      queries: [query(sum(instant(select(checks, asked)), ['source']), '{{source}}')],
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
  return defineAlertGroup({
    catalogue,
    name: 'verify',
    rules: [
      findingsRule(job, catalogue, panels),
      staleRule(job, catalogue, panels),
      ...askedBy(job).map((source) => absentRule(source, job, catalogue, panels)),
    ],
  });
}

function absentRule(source: AskedServer, job: WholeJob, { metrics }: Catalogue, panels: Panels): AlertRule {
  return absenceRule(select(metrics.checks, { source }), {
    system: `${job.name} verify --job ${source}`,
    uid: `${job.name}-${source}-absent`,
    title: `${pascal(job.name)}${pascal(source)}Absent`,
    component: 'verify',
    panel: panels.checks,
    window: printDuration(2 * secondsOf(job.every)),
    for: '15m',
    runbook: runbookOf('Nobody looks whether what runs is what is committed.', [
      { panel: panels.checks, say: 'has there ever been a run?' },
      { say: 'Does the Pod start? `kubectl get cronjob,job,pod` shows it. The image needs a numeric `USER`.' },
      { say: 'Is the Pushgateway scraped, with `honor_labels: true`? Its page lists what it holds.' },
    ]),
  });
}

function findingsRule(job: WholeJob, catalogue: Catalogue, panels: Panels): AlertRule {
  const { findings } = catalogue.metrics;
  const [every, pending] = [secondsOf(job.every), pendingSeconds(job)];
  const [asked] = askedBy(job);
  const error = select(findings, { source: asked, level: 'error' });
  const note = select(findings, { source: asked, level: 'note' });
  const after = printDuration;
  const stays = Math.ceil((pending + 2 * SLACK) / every + 1) * every;
  return alertRule({
    uid: `${job.name}-verify-findings`,
    title: `${pascal(job.name)}VerifyFindings`,
    expression: compare(countedFindings(job, catalogue), '>', 0),
    for: after(pending),
    severity: job.severity,
    component: 'verify',
    summary: 'Production differs from the definitions, run after run of lockstep verify',
    description:
      'Runs of `lockstep verify` go on finding that the metrics, boards or rules in production are not those of the definitions. An alert or a panel may be blind.',
    panel: panels.findings,
    runbook: runbookOf('A panel may be empty or wrong, and an alert that reads what is not there never fires.', [
      { panel: panels.bySource, say: 'since when, and on which server?' },
      { say: 'The log of the last Job names each finding, and says how to mend it: `kubectl logs job/<name>`.' },
    ]),
    proof: [
      {
        name: 'an error that stays for some runs, and is mended',
        lasts: after(stays + 2 * every + 2 * SLACK),
        traffic: [traffic(error, { count: 1, until: after(stays) }), traffic(error, { count: 0, from: after(stays) })],
        fires: { notBefore: after(pending), by: after(pending + SLACK), overBy: after(stays + SLACK) },
      },
      {
        name: 'an error that stays, and a Pushgateway that forgets one run of it',
        lasts: after(stays),
        traffic: [
          traffic(error, { count: 1, until: after(every) }),
          traffic(error, { count: 1, from: after(2 * every) }),
        ],
        vanishes: after(every),
        fires: { notBefore: after(pending), by: after(pending + SLACK) },
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
        traffic: [traffic(error, { count: 0 }), traffic(note, { count: 3 })],
        fires: 'never',
      },
      ...unasked(job).map((source) => ({
        name: `an error that stays of the ${source} that is no longer asked`,
        lasts: after(4 * every),
        traffic: [traffic(error, { count: 0 }), traffic(select(findings, { source, level: 'error' }), { count: 3 })],
        fires: 'never' as const,
      })),
    ],
  });
}

/** The servers of which the Pushgateway may hold an old run. */
function unasked(job: WholeJob): readonly AskedServer[] {
  return ASKED.filter((each) => job[each] === undefined);
}

/** In seconds: how long after its time a state is seen at the latest, whatever the grain of a proof. */
const SLACK = 900;

function staleRule(job: WholeJob, catalogue: Catalogue, panels: Panels): AlertRule {
  const every = secondsOf(job.every);
  const stale = staleSeconds(job);
  const [source, other] = askedBy(job);
  const lasts = stale + 4 * SLACK;
  const runs = (of: AskedServer, until: number) =>
    Array.from({ length: until }, (_, index) =>
      traffic(select(catalogue.metrics.lastRun, { source: of }), {
        // A scenario begins in 1970, so a time is the seconds since then. A level of 0 would be no run.
        count: Math.max(1, index * every),
        ...(index === 0 ? {} : { from: printDuration(index * every) }),
        ...(index + 1 < until ? { until: printDuration((index + 1) * every) } : {}),
      }),
    );
  const fires = { notBefore: printDuration(stale), by: printDuration(stale + SLACK) };
  return alertRule({
    uid: `${job.name}-verify-stale`,
    title: `${pascal(job.name)}VerifyStale`,
    expression: promql(catalogue, `${ageText(job)} > bool ${stale}`),
    for: '5m',
    severity: job.severity,
    component: 'verify',
    summary: `No run of lockstep verify has come to its end for ${printDuration(stale)}`,
    description: `No run of \`lockstep verify\` against one server at least has come to its end for ${printDuration(stale)}: nobody knows whether what runs there is what is committed.`,
    panel: panels.age,
    runbook: runbookOf('A drift that begins now is found by nobody, and the findings on the board are old.', [
      { panel: panels.checks, say: 'which server, or both?' },
      { say: 'Does the CronJob begin, and does its Pod start? `kubectl get cronjob,job,pod` shows it.' },
      { say: 'The log of the last Job says which server it could not reach, or what is wrong in the configuration.' },
    ]),
    proof: [
      { name: 'a run, and none after it', lasts: printDuration(lasts), traffic: runs(source, 1), fires },
      { name: 'a run each time', lasts: printDuration(6 * every), traffic: runs(source, 6), fires: 'never' },
      ...(other === undefined
        ? []
        : [
            {
              name: 'one server is asked each time, and the other no more',
              lasts: printDuration(lasts),
              traffic: [...runs(source, 1), ...runs(other, Math.ceil(lasts / every))],
              fires,
            },
          ]),
      ...unasked(job).map((each) => ({
        name: `a run each time, and an old one against the ${each} that is no longer asked`,
        lasts: printDuration(6 * every),
        traffic: [...runs(source, 6), ...runs(each, 1)],
        fires: 'never' as const,
      })),
    ],
  });
}

function runbookOf(impact: string, firstLook: readonly Look[]) {
  return { impact, firstLook, silence: 'While the CronJob is suspended on purpose, for as long as that lasts.' };
}

function pascal(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
