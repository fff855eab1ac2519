import { defineCatalogue, gauge, label, openLabel } from 'lockstep-exporter/catalogue';
import type { AskedServer, WholeJob } from './job.js';
import { ASKED } from './job.js';

/** How grave findings are, gravest first. */
export const LEVELS = ['error', 'warning', 'note'] as const;
type Level = (typeof LEVELS)[number];

/** The levels that fail a run, and that its alert counts. */
export function failingLevels({ failOn }: Pick<WholeJob, 'failOn'>): readonly [Level, ...Level[]] {
  return failOn === 'error' ? ['error'] : ['error', 'warning'];
}

const source = label('source', { help: 'the server that was compared with the definitions', values: ASKED });
const level = label('level', { help: 'how grave the findings are', values: LEVELS });
const job = openLabel('job', { help: 'the name of the job, as it is pushed', atMost: 20 });

const findings = gauge({
  name: 'lockstep_verify_findings',
  help: 'Findings of the last run that came to its end.',
  unit: '{finding}',
  labels: [source, level],
});
const checks = gauge({
  name: 'lockstep_verify_checks',
  help: 'Queries or resources that the last run compared.',
  unit: '{check}',
  labels: [source],
});
const lastRun = gauge({
  name: 'lockstep_verify_last_run_timestamp_seconds',
  help: 'When the last run came to its end, whatever it found, in seconds since 1970.',
  unit: 'seconds',
  labels: [source],
});

/** The metrics of `lockstep verify`, which a Pushgateway holds until the next run. */
export function verifyCatalogue(name: string) {
  return defineCatalogue({
    name,
    recordedBy: 'others',
    targetLabels: [job],
    scope: { job: name },
    metrics: { findings, checks, lastRun },
  });
}

/** A run that came to its end. */
export interface Run {
  readonly source: AskedServer;
  readonly findings: readonly { readonly severity: Level }[];
  readonly checks: number;
  /** When it ended, in milliseconds since 1970. */
  readonly ended: number;
}

/** The path below a Pushgateway's address that holds a run until the next of its kind takes its place. */
export function pushPath(name: string, run: Pick<Run, 'source'>): string {
  return `metrics/job/${name}/source/${run.source}`;
}

/** A run in the text format, with every level, so that one without findings is 0 and not absent. */
export function exposeRun(run: Run): string {
  const levels = LEVELS.map((each) => [each, run.findings.filter(({ severity }) => severity === each).length] as const);
  const family = ({ name, help }: { readonly name: string; readonly help: string }, samples: readonly string[]) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map((each) => `${name}${each}`),
  ];
  return [
    ...family(
      findings,
      levels.map(([each, count]) => `{level="${each}"} ${count}`),
    ),
    ...family(checks, [` ${run.checks}`]),
    ...family(lastRun, [` ${run.ended / 1000}`]),
    '',
  ].join('\n');
}
