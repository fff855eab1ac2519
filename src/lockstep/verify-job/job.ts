import type { Fields, Problem } from 'lockstep-exporter/internal';
import { isRecord, isTexts, printValue, sayInto, validateFields, validateShape } from 'lockstep-exporter/internal';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import type { Severity } from '../slo/burn.js';
import { SEVERITIES } from '../slo/burn.js';

/** How `lockstep verify` runs beside the service, again and again. */
export interface VerifyJob {
  /**
   * One word of at most 22 letters and digits, such as `shopwatch`: the name of its catalogue and of its CronJob, and
   * the label `job` of its metrics. Two configurations that push to one Pushgateway need two names.
   */
  readonly name: string;
  /** Time from one run to the next: whole minutes that an hour holds, whole hours that a day holds, or `1d`. */
  readonly every: Duration;
  /**
   * The container image: Node, this configuration in the working folder, the packages that it imports, and a numeric
   * `USER` that is not root.
   */
  readonly image: string;
  /** The program and its first arguments. Default: `node_modules/.bin/lockstep`. */
  readonly command?: readonly string[];
  /** Address of the Prometheus whose data is asked. One of this and `grafana` is needed; both run side by side. */
  readonly prometheus?: string;
  /** Address of the Grafana whose boards and rules are compared. */
  readonly grafana?: string;
  /** The systems that are compared, as in `lockstep verify --system`. Default: all of the configuration. */
  readonly systems?: readonly string[];
  /** Sign requests to the Prometheus for an Amazon managed one in this region, as `--aws-region` does. */
  readonly awsRegion?: string;
  /** Address of the Pushgateway that takes the result. */
  readonly push: string;
  /** Path of the CronJob below the output folder, such as `verify/cronjob.yaml`. */
  readonly path: string;
  /**
   * The Secret of each server, whose keys become environment variables: `LOCKSTEP_VERIFY_TOKEN` and
   * `LOCKSTEP_VERIFY_HEADERS` for the server, `LOCKSTEP_PUSH_TOKEN` and `LOCKSTEP_PUSH_HEADERS` for the Pushgateway.
   */
  readonly secrets?: { readonly prometheus?: string; readonly grafana?: string };
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
  prometheus: true,
  grafana: true,
  systems: true,
  awsRegion: true,
  push: true,
  path: true,
  secrets: true,
  failOn: true,
  severity: true,
} as const satisfies Fields<VerifyJob>;

const SECRETS_FIELDS = { prometheus: true, grafana: true } as const satisfies Fields<NonNullable<VerifyJob['secrets']>>;

/** A job with every default in its place. */
export type WholeJob = VerifyJob & Required<Pick<VerifyJob, 'command' | 'failOn' | 'severity'>>;

export function wholeJob(job: VerifyJob): WholeJob {
  const { command, failOn, severity } = job;
  return {
    ...job,
    command: command ?? ['node_modules/.bin/lockstep'],
    failOn: failOn ?? 'warning',
    severity: severity ?? 'ticket',
  };
}

/** The servers that a job can ask, and whose answers it tells apart. */
export const ASKED = ['prometheus', 'grafana'] as const satisfies readonly (keyof VerifyJob)[];
export type AskedServer = (typeof ASKED)[number];

/** Those that this job asks: one at least, or it is refused. */
export function askedBy(job: VerifyJob): readonly [AskedServer, ...AskedServer[]] {
  const { prometheus, grafana } = job;
  if (prometheus === undefined) return ['grafana'];
  return grafana === undefined ? ['prometheus'] : ['prometheus', 'grafana'];
}

/** Known on a job that `verifySystem()` has returned, in every copy of this module. */
const MADE = Symbol.for('lockstep/verify-job');

/** The parts of a system that were made for one job. */
interface Parts {
  readonly catalogue: object;
  readonly dashboards: object;
  readonly alerts: object;
}

/** A copy of a job that knows what was made for it. A copy of the copy does not. */
export function withParts(job: VerifyJob, parts: Parts): VerifyJob {
  return Object.freeze(Object.defineProperty({ ...job }, MADE, { value: parts }));
}

/** Whether all parts of a system were made for its job: else it runs by one schedule, and pages by another. */
export function isMadeFor(job: VerifyJob, { catalogue, dashboards, alerts }: Parts): boolean {
  const made = (job as { readonly [MADE]?: Parts })[MADE];
  return made?.catalogue === catalogue && made.dashboards === dashboards && made.alerts === alerts;
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

/** A rule's uid has 40 characters at most, and the longest here ends in `-prometheus-absent`. */
const MOST_NAME = 22;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const FILE = /^[\w.-]*\w[\w.-]*(\/[\w.-]*\w[\w.-]*)*\.ya?ml$/;

/**
 * Every problem of a job. Its severity is routed as that of any rule, and checked there; that its systems are those of
 * the configuration, when it runs.
 */
export function validateVerifyJob(job: VerifyJob): Problem[] {
  const where = 'verifySystem';
  const optional = (['prometheus', 'grafana', 'awsRegion'] as const).filter((field) => job?.[field] !== undefined);
  const shape = validateShape(
    job,
    where,
    'verify-job/shape',
    {
      name: 'text',
      every: 'text',
      image: 'text',
      push: 'text',
      path: 'text',
      ...Object.fromEntries(optional.map((field) => [field, 'text'] as const)),
      ...(job?.severity === undefined ? {} : { severity: SEVERITIES }),
      ...(job?.failOn === undefined ? {} : { failOn: ['error', 'warning'] }),
    },
    FIELDS,
  );
  if (shape.length > 0) return shape;
  const problems: Problem[] = [];
  const say = sayInto(problems, 'verify-job', where);
  const { name, path, prometheus, grafana } = job;
  // It names a Kubernetes object and a catalogue, and begins the names of the board and its rules.
  if (!/^[a-z][a-z0-9]*$/.test(name) || name.length > MOST_NAME)
    say('name', 'name', printValue(name), 'write one word', `lower-case letters and digits, at most ${MOST_NAME}`);
  if (scheduleOf(job) === undefined)
    say('every', 'every', printValue(job.every), 'take a time at which cron can begin every day the same', EVERY);
  if (!/^\S+$/.test(job.image)) say('image', 'image', printValue(job.image), 'name a container image');
  const asksNobody = prometheus === undefined && grafana === undefined;
  if (asksNobody)
    say('asks-nobody', 'prometheus', 'neither a Prometheus nor a Grafana', 'give the address of one, or of both');
  for (const field of [...ASKED, 'push'] as const) problems.push(...validateAddress(job[field], field, where));
  if (!FILE.test(path) || path.split('/').some((step) => ['.', '..'].includes(step)))
    say('path', 'path', printValue(path), 'give a path below the output folder that ends in .yaml');
  else if (/(^|\/)kustomization\.ya?ml$/i.test(path))
    say('path', 'path', printValue(path), 'give another name: kustomize would read it as its own file');
  for (const field of ['command', 'systems'] as const) {
    const list: unknown = job[field];
    if (list !== undefined && (!isTexts(list) || list.length === 0 || list.includes('')))
      say(field, field, printValue(list), 'give a list of texts, or leave it out');
  }
  if (asksNobody) return problems;
  if (job.awsRegion !== undefined && prometheus === undefined)
    say('aws-region', 'awsRegion', printValue(job.awsRegion), 'leave it out: no Prometheus is asked');
  return [...problems, ...validateSecrets(job, where)];
}

function validateAddress(address: string | undefined, field: string, root: string): Problem[] {
  if (address === undefined) return [];
  const problems: Problem[] = [];
  const say = sayInto(problems, 'verify-job', root);
  const url = /^https?:\/\/\S+$/.test(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined)
    say('address', field, 'something that is not an address', 'give a http or https address: http://prometheus:9090');
  else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    say(
      'secret-in-address',
      field,
      'an address with credentials, a query or a fragment, which would be committed',
      field === 'push'
        ? 'leave them out, and name a Secret in `secrets`: its key LOCKSTEP_PUSH_TOKEN or LOCKSTEP_PUSH_HEADERS says who pushes'
        : 'leave them out, and name a Secret in `secrets`: its key LOCKSTEP_VERIFY_TOKEN or LOCKSTEP_VERIFY_HEADERS says who asks',
    );
  else if (field === 'push' && /\/metrics(\/|$)/.test(url.pathname))
    say('address', field, printValue(address), 'leave out the path from /metrics on: it is made of the name');
  return problems;
}

/** A token that was pasted in the place of a name must not be printed. */
function validateSecrets({ secrets, ...job }: VerifyJob, where: string): Problem[] {
  if (secrets === undefined) return [];
  const problems: Problem[] = [];
  const say = sayInto(problems, 'verify-job', where);
  if (!isRecord(secrets)) {
    say(
      'secrets',
      'secrets',
      'something that is not an object',
      "give the name of a Secret: { grafana: 'grafana-token' }",
    );
    return problems;
  }
  problems.push(...validateFields(secrets, `${where} › secrets`, 'verify-job/shape', SECRETS_FIELDS));
  for (const server of ASKED) {
    const secret: unknown = secrets[server];
    if (secret === undefined) continue;
    if (typeof secret !== 'string' || !OBJECT_NAME.test(secret))
      say(
        'secrets',
        `secrets › ${server}`,
        'something that is not the name of a Secret',
        'give the name of the object: its keys are read in the cluster',
        'lower-case letters, digits, - and .',
      );
    else if (job[server] === undefined)
      say('secrets', `secrets › ${server}`, printValue(secret), `leave it out: no ${server} is asked`);
  }
  return problems;
}
