import type { Fields, Problem } from 'lockstep-exporter/internal';
import {
  definitionPath,
  isTexts,
  printValue,
  sayInto,
  splitCredentials,
  validateShape,
} from 'lockstep-exporter/internal';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import type { Severity } from '../slo/burn.js';
import { SEVERITIES } from '../slo/burn.js';

/** How `lockstep verify` runs beside the service, again and again. */
export interface VerifyJob {
  /**
   * The name of its catalogue, its CronJob and the label `job` of its metrics. Two configurations that push to one
   * Pushgateway need two names. One word of at most 22 letters and digits. Default: `lockstep`.
   */
  readonly name?: string;
  /** Time from one run to the next: whole minutes that an hour holds, whole hours that a day holds, or `1d`. */
  readonly every: Duration;
  /** The container image: Node, this configuration in the working folder, and the packages that it imports. */
  readonly image: string;
  /** The program and its first arguments. Default: `node_modules/.bin/lockstep`. */
  readonly command?: readonly string[];
  /** More options of `lockstep verify`, such as `['--aws-region', 'eu-west-1']`. */
  readonly options?: readonly string[];
  /** Address of the Prometheus whose data is asked. One of this and `grafana` is needed; both run side by side. */
  readonly prometheus?: string;
  /** Address of the Grafana whose boards and rules are compared. */
  readonly grafana?: string;
  /** Address of the Pushgateway that takes the result. */
  readonly push: string;
  /** Path of the CronJob below the output folder, such as `verify/cronjob.yaml`. */
  readonly path: string;
  /** The Secret whose keys become environment variables, such as `LOCKSTEP_VERIFY_TOKEN`. */
  readonly secret?: string;
  /** The least finding that counts, as in `lockstep verify --fail-on`. Default: `warning`. */
  readonly failOn?: 'error' | 'warning';
  /** The severity of its alerts. Default: `ticket`. */
  readonly severity?: Severity;
}

const FIELDS = {
  name: true,
  every: true,
  image: true,
  command: true,
  options: true,
  prometheus: true,
  grafana: true,
  push: true,
  path: true,
  secret: true,
  failOn: true,
  severity: true,
} as const satisfies Fields<VerifyJob>;

/** A job with every default in its place. */
export type WholeJob = VerifyJob & Required<Pick<VerifyJob, 'name' | 'command' | 'options' | 'failOn' | 'severity'>>;

export function wholeJob(job: VerifyJob): WholeJob {
  return {
    name: 'lockstep',
    command: ['node_modules/.bin/lockstep'],
    options: [],
    failOn: 'warning',
    severity: 'ticket',
    ...job,
  };
}

/** The servers that a job can ask, and whose answers it tells apart. */
export const ASKED = ['prometheus', 'grafana'] as const satisfies readonly (keyof VerifyJob)[];

/** Those that this job asks. */
export function askedBy(job: VerifyJob): readonly (typeof ASKED)[number][] {
  return ASKED.filter((each) => job[each] !== undefined);
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const EVERY = '5m, 6m, 10m, 12m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d';

/** When the runs begin, as cron writes it: at the same minutes of every day. `undefined` where cron cannot say it. */
export function scheduleOf({ every }: Pick<VerifyJob, 'every'>): string | undefined {
  const seconds = durationSeconds(every) ?? 0;
  if (seconds === DAY) return '0 0 * * *';
  if (seconds === HOUR) return '0 * * * *';
  if (seconds >= 5 * MINUTE && seconds < HOUR && seconds % MINUTE === 0 && HOUR % seconds === 0)
    return `*/${seconds / MINUTE} * * * *`;
  if (seconds > HOUR && seconds < DAY && seconds % HOUR === 0 && DAY % seconds === 0)
    return `0 */${seconds / HOUR} * * *`;
  return undefined;
}

/** Every problem of a job. The severity is routed like that of any rule, and checked there. */
export function validateVerifyJob(job: VerifyJob): Problem[] {
  const where = 'verifySystem';
  const shape = validateShape(
    job,
    where,
    'verify-job/shape',
    {
      every: 'text',
      image: 'text',
      push: 'text',
      path: 'text',
      ...Object.fromEntries(
        (['name', 'prometheus', 'grafana', 'secret'] as const)
          .filter((field) => job?.[field] !== undefined)
          .map((field) => [field, 'text'] as const),
      ),
      ...(job?.severity === undefined ? {} : { severity: SEVERITIES }),
      ...(job?.failOn === undefined ? {} : { failOn: ['error', 'warning'] }),
    },
    FIELDS,
  );
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  const say = sayInto(problems, 'verify-job', where);
  const { name = 'lockstep', path } = job;
  // It names a Kubernetes object and a catalogue, and begins the names of the board and its rules.
  if (!/^[a-z][a-z0-9]*$/.test(name) || name.length > MOST_NAME)
    say('name', 'name', printValue(name), 'write one word', `lower-case letters and digits, at most ${MOST_NAME}`);
  if (scheduleOf(job) === undefined)
    say('every', 'every', printValue(job.every), 'take a time at which cron can begin every day the same', EVERY);
  if (!/^\S+$/.test(job.image)) say('image', 'image', printValue(job.image), 'name a container image');
  if (askedBy(job).length === 0)
    say('asks-nobody', 'prometheus', 'neither a Prometheus nor a Grafana', 'give the address of one, or of both');
  for (const field of [...ASKED, 'push'] as const) {
    const address = job[field];
    if (address === undefined) continue;
    if (!isAddress(address))
      say('address', field, 'something that is not an address', 'give a http or https address: http://prometheus:9090');
    else if (splitCredentials(address).authorization !== undefined || new URL(address).search !== '')
      say(
        'secret-in-address',
        field,
        'an address with credentials or a query, which would be committed',
        'leave them out, and name a Secret with LOCKSTEP_VERIFY_TOKEN or LOCKSTEP_VERIFY_HEADERS in `secret`',
      );
  }
  if (!/\.ya?ml$/.test(path) || path.split('/').some((step) => ['', '.', '..'].includes(step)))
    say('path', 'path', printValue(path), 'give a path below the output folder that ends in .yaml');
  for (const field of ['command', 'options'] as const) {
    const list: unknown = job[field];
    if (list !== undefined && (!isTexts(list) || (field === 'command' && list.length === 0)))
      say(field, field, printValue(list), 'give a list of texts, or leave it out');
  }
  const own = isTexts(job.options) ? job.options.map((each) => each.split('=')[0] ?? '') : [];
  for (const option of own.filter((each) => OWN_OPTIONS.includes(each)))
    say('options', 'options', option, `leave it out: ${definitionPath(where, FIELD_OF[option] ?? '')} says it`);
  return problems;
}

/** A rule's uid has 40 characters at most, and the longest here ends in `-prometheus-absent`. */
const MOST_NAME = 22;

/** Options that follow from a field of the job: given twice, the alert and the run could differ. */
const FIELD_OF: Readonly<Record<string, string>> = {
  '--prometheus': 'prometheus',
  '--grafana': 'grafana',
  '--push': 'push',
  '--fail-on': 'failOn',
};
const OWN_OPTIONS = Object.keys(FIELD_OF);

function isAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
