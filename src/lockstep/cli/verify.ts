import type { Problem } from 'lockstep-exporter/internal';
import { printValue, showAddress, suggest } from 'lockstep-exporter/internal';
import { printSide } from '../check/sides.js';
import type { Config } from '../config/config.js';
import type { PlannedFile } from '../emit/plan.js';
import { durationSeconds } from '../promql/window.js';
import type { Finding } from '../report/finding.js';
import { findingOf } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { askDoubts } from '../verify/data-live.js';
import { compareGrafana, printLiveDrift } from '../verify/grafana.js';
import type { Access } from '../verify/http.js';
import { addressBelow, printUrl, put, RequestError } from '../verify/http.js';
import type { VerifyLevel } from '../verify/metrics.js';
import { compareExposition } from '../verify/metrics.js';
import type { Answer } from '../verify/prometheus.js';
import { askAll } from '../verify/prometheus.js';
import { countReadsOf } from '../verify/starts.js';
import type { AskedServer } from '../verify-job/job.js';
import { askedBy, wholeJob } from '../verify-job/job.js';
import type { Run } from '../verify-job/metrics.js';
import { exposeRun, pushPath } from '../verify-job/metrics.js';
import {
  accessOf,
  HEADERS_VARIABLE,
  PUSH_HEADERS_VARIABLE,
  PUSH_TOKEN_VARIABLE,
  pushAccessOf,
  TOKEN_VARIABLE,
  toUrl,
} from './access.js';
import { loadPlan } from './load.js';
import type { Format } from './print.js';
import { EXIT, printLine, printOutcome, printTable, reportProblems } from './print.js';
import { readMetrics } from './read-metrics.js';

export interface VerifyOptions {
  readonly config?: string;
  readonly metrics?: string;
  readonly prometheus?: string;
  readonly grafana?: string;
  readonly system?: readonly string[];
  readonly awsRegion?: string;
  readonly timeout: string;
  readonly tries: number;
  readonly rateInterval?: string;
  readonly range?: string;
  readonly failOn?: VerifyLevel;
  readonly job?: AskedServer;
  readonly format: Format;
}

/** The findings, and a function that prints them; or the exit code of a refusal that was printed before. */
type Verdict =
  | {
      readonly findings: readonly Finding[];
      readonly details: Readonly<Record<string, unknown>>;
      /** Queries, series or resources that were compared. */
      readonly checks: number;
      readonly print: () => void;
    }
  | number;

const SOURCES = ['metrics', 'prometheus', 'grafana'] as const;

/** `lockstep verify`: whether what runs is what the definitions say. Changes nothing; a job pushes what it found. */
export async function verify(given: VerifyOptions): Promise<number> {
  const loaded = await loadPlan(given.config);
  if (loaded.config === undefined) return reportProblems('verify', loaded.problems, given.format);
  const refuse = (problem: Problem) => reportProblems('verify', [problem], given.format);
  const job = jobOf(loaded.config, given);
  if (job !== undefined && 'code' in job) return refuse(job);
  const options = job === undefined ? given : { ...given, ...job.options };
  const named = SOURCES.filter((each) => options[each] !== undefined);
  const [source] = named;
  if (source === undefined || named.length > 1)
    return refuse({
      code: 'verify/usage',
      where: SOURCES.map((each) => `--${each}`).join(', '),
      found: source === undefined ? 'none of them' : named.map((each) => `--${each}`).join(' and '),
      fix: 'name one: the metrics of a process, a Prometheus, or a Grafana',
    });
  const chosen = choose(loaded.config, options.system);
  if ('code' in chosen) return refuse(chosen);
  const access = accessOf(options);
  if ('code' in access) return refuse(access);
  if (source === 'grafana' && options.awsRegion !== undefined)
    return refuse({
      code: 'verify/usage',
      where: '--aws-region',
      found: '--aws-region beside --grafana',
      fix: `leave it out: it signs for an Amazon managed Prometheus; ${TOKEN_VARIABLE} says who asks a Grafana`,
    });
  const look = {
    metrics: () => verifyMetrics(ownOf(chosen, options), options.metrics ?? '', access),
    prometheus: () => verifyPrometheus(chosen, options, access, refuse),
    grafana: () => verifyGrafana(filesOf(chosen, loaded.files), options, access, refuse),
  }[source];
  let verdict: Verdict;
  try {
    verdict = await look();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return refuse({
      code: 'verify/unreachable',
      where: `--${source}`,
      found: error.message,
      fix: `check that it is up and allows requests from here; ${TOKEN_VARIABLE} and ${HEADERS_VARIABLE} say who asks`,
    });
  }
  if (typeof verdict === 'number') return verdict;
  const { findings, details, checks, print } = verdict;
  const isFailing = failsOn(options.failOn ?? 'warning');
  const outcome = { command: 'verify', ok: !findings.some(isFailing), findings, details };
  if (job === undefined) return printOutcome(outcome, options.format, print, isFailing);

  const trouble = await pushRun(job, { source: job.server, findings, checks, ended: Date.now() });
  if (trouble === undefined) return printOutcome(outcome, options.format, print, isFailing);
  // It prints the findings even so: the log of the Job may be the only place that has them.
  const untold = findingOf(trouble);
  const both = () => {
    print();
    printLine(`\n${printFinding(untold)}`);
  };
  printOutcome({ ...outcome, ok: false, findings: [...findings, untold] }, options.format, both, isFailing);
  return EXIT.badInput;
}

/** A run of the job that a configuration has: all that it asks and counts, the configuration says. */
interface JobRun {
  readonly name: string;
  readonly server: AskedServer;
  readonly push: URL;
  /** Says who pushes. */
  readonly access: Access;
  readonly options: Partial<VerifyOptions>;
}

/** Options that say what is asked, and what fails: the configuration says it of a job. */
const OF_THE_JOB = [
  'metrics',
  'prometheus',
  'grafana',
  'system',
  'awsRegion',
  'failOn',
  'rateInterval',
  'range',
] as const;

function jobOf({ systems }: Config, options: VerifyOptions): JobRun | Problem | undefined {
  const { job: server } = options;
  if (server === undefined) return undefined;
  const say = (found: string, fix: string): Problem => ({ code: 'verify/usage', where: '--job', found, fix });
  const known = systems.find(({ verifyJob }) => verifyJob !== undefined)?.verifyJob;
  if (known === undefined)
    return say(
      'a configuration without a job',
      'add verifySystem() of lockstep/verify-job to the systems: it has the job, its metrics, a board and the alerts',
    );
  const beside = OF_THE_JOB.find((each) => options[each] !== undefined);
  if (beside !== undefined)
    return say(
      `--${beside.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} beside it`,
      'leave it out: the job in the configuration says what is asked, and its alerts rely on that',
    );
  const { name, failOn } = wholeJob(known);
  const [address, push] = [known[server], toUrl(known.push)];
  if (address === undefined || push === undefined)
    return say(`${server}, which the job does not ask`, `name one that it asks: ${askedBy(known).join(', ')}`);
  const access = pushAccessOf(options);
  if ('code' in access) return access;
  const { systems: system, awsRegion } = known;
  const region = server === 'prometheus' && awsRegion !== undefined ? { awsRegion } : {};
  return {
    name,
    server,
    push,
    access,
    options: { [server]: address, failOn, ...(system === undefined ? {} : { system }), ...region },
  };
}

/** Puts a run into the Pushgateway; or why it is not there. */
async function pushRun({ push, name, access }: JobRun, run: Run): Promise<Problem | undefined> {
  try {
    await put(addressBelow(push, pushPath(name, run)), access, exposeRun(run));
    return undefined;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return {
      code: 'verify/not-pushed',
      where: 'verifySystem › push',
      found: error.message,
      fix: `check that it is a Pushgateway, is up and allows requests from here; ${PUSH_TOKEN_VARIABLE} and ${PUSH_HEADERS_VARIABLE} say who pushes. Until a run arrives, the alerts know nothing of this one`,
    };
  }
}

/** A program exposes its own metrics, and none of `lockstep verify` itself. */
function ownOf(config: Config, { system }: VerifyOptions): Config {
  if (system !== undefined) return config;
  return { ...config, systems: config.systems.filter(({ verifyJob }) => verifyJob === undefined) };
}

/** The configuration with the systems that were asked for; or why it has none of such a name. */
function choose(config: Config, asked: readonly string[] | undefined): Config | Problem {
  if (asked === undefined) return config;
  const known = config.systems.map(({ catalogue }) => catalogue.name);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined)
    return { ...config, systems: config.systems.filter(({ catalogue }) => asked.includes(catalogue.name)) };
  return {
    code: 'verify/unknown-system',
    where: '--system',
    found: printValue(unknown),
    allowed: known.join(', '),
    fix: suggest(unknown, known, 'name a system of the configuration'),
  };
}

function filesOf({ systems }: Config, files: readonly PlannedFile[]): readonly PlannedFile[] {
  const names = new Set(systems.map(({ catalogue }) => catalogue.name));
  return files.filter(({ system }) => names.has(system));
}

/** Whether a finding fails the command; a note never does. */
function failsOn(least: VerifyLevel): (finding: Finding) => boolean {
  return ({ severity }) => severity === 'error' || (severity === 'warning' && least === 'warning');
}

async function verifyMetrics(config: Config, source: string, access: Access): Promise<Verdict> {
  const exposition = await readMetrics(source, access, config.target.prometheus);
  const reads = countReadsOf(config);
  const found = config.systems.flatMap(({ catalogue }) =>
    compareExposition(catalogue, exposition, reads, config.target.prometheus),
  );
  const mismatches = found.filter(
    (each, index) => found.findIndex((other) => JSON.stringify(other) === JSON.stringify(each)) === index,
  );
  const url = toUrl(source);
  const shown = url === undefined ? showAddress(source) : printUrl(url);
  const metrics = config.systems.map(({ catalogue }) => catalogue.name).join(', ');
  const findings = mismatches.map(
    ({ rule, level, metric, line, found: what, fix }): Finding => ({
      id: rule,
      severity: level,
      where: metric === '' ? shown : metric,
      at: { file: shown, line },
      found: what,
      fix,
    }),
  );
  return {
    findings,
    details: { source: shown, samples: exposition.samples.length },
    checks: exposition.samples.length,
    print: () => {
      for (const each of findings) printLine(`${printFinding(each)}\n`);
      printLine(
        `${exposition.samples.length} series against catalogue ${metrics}: ${mismatches.length} ${mismatches.length === 1 ? 'mismatch' : 'mismatches'}`,
      );
    },
  };
}

async function verifyPrometheus(
  config: Config,
  options: VerifyOptions,
  access: Access,
  refuse: (problem: Problem) => number,
): Promise<Verdict> {
  const url = toUrl(options.prometheus ?? '');
  const { rateInterval = '5m', range = '6h' } = options;
  const seconds = { rateInterval: durationSeconds(rateInterval), range: durationSeconds(range) };
  if (url === undefined || seconds.rateInterval === undefined || seconds.range === undefined)
    return refuse({
      code: 'verify/usage',
      where: url === undefined ? '--prometheus' : '--rate-interval, --range',
      found: url === undefined ? showAddress(options.prometheus) : `${rateInterval}, ${range}`,
      fix: url === undefined ? 'give a http or https address' : 'write a whole number and one unit: 5m, 6h',
    });
  const isTerminal = process.stderr.isTTY === true && options.format === 'text';
  let asked = 0;
  const live = { url, access, rateInterval: seconds.rateInterval, range: seconds.range };
  const answers = await askAll(config, live, ({ query }, of) => {
    asked += 1;
    if (isTerminal) process.stderr.write(`\r\u001b[K${asked} of ${of}  ${query}`);
  });
  if (isTerminal) process.stderr.write('\r\u001b[Kwhat the numbers tell');
  const doubts = await askDoubts(config, live);
  if (isTerminal) process.stderr.write('\r\u001b[K');
  const bad = answers.filter(({ status }) => status !== 'ok' && status !== 'expected-empty');
  const about = doubts.map(
    ({ rule, level, metric, found, fix }): Finding => ({ id: rule, severity: level, where: metric, found, fix }),
  );
  const findings = [
    ...bad.map(
      ({ query, status, why }): Finding => ({
        id: `verify/${status}`,
        severity: status === 'error' ? 'error' : 'warning',
        where: query,
        found: why ?? 'nothing',
      }),
    ),
    ...about,
  ];
  return {
    findings,
    details: {
      source: printUrl(url),
      answers: answers.map((each) => ({ ...each, samples: each.samples ?? null, why: each.why ?? null })),
    },
    checks: answers.length,
    print: () => {
      printLine(
        printTable([
          ['status', 'series', 'seconds', 'samples', 'query'],
          ...answers.map((each) => [
            each.status,
            each.series,
            each.seconds.toFixed(3),
            each.samples ?? '?',
            printQuery(each),
          ]),
        ]),
      );
      printLine(`\n${answers.length} queries: ${answers.length - bad.length} fine, ${bad.length} empty or in error`);
      for (const each of about) printLine(`\n${printFinding(each)}`);
    },
  };
}

async function verifyGrafana(
  files: readonly PlannedFile[],
  options: VerifyOptions,
  access: Access,
  refuse: (problem: Problem) => number,
): Promise<Verdict> {
  const url = toUrl(options.grafana ?? '');
  if (url === undefined)
    return refuse({
      code: 'verify/usage',
      where: '--grafana',
      found: showAddress(options.grafana),
      fix: 'give a http or https address',
    });
  const isTerminal = process.stderr.isTTY === true && options.format === 'text';
  const drifts = await compareGrafana(files, { url, access }, (what) => {
    if (isTerminal) process.stderr.write(`\r\u001b[K${what}`);
  });
  if (isTerminal) process.stderr.write('\r\u001b[K');
  const findings = drifts.flatMap(({ status, what, differences }): readonly Finding[] => {
    const say = (where: string, found: string): Finding => ({
      id: `verify/${status}`,
      severity: 'error',
      where,
      found,
      fix: LIVE_FIX[status],
    });
    return status === 'changed'
      ? differences.map(({ where, live, built }) =>
          say(`${what} › ${where}`, `live ${printSide(live)}, built ${printSide(built)}`),
        )
      : [say(what, status === 'missing' ? 'it is not in Grafana' : 'no definition makes it')];
  });
  return {
    findings,
    details: { source: printUrl(url) },
    checks: files.filter(({ kind }) => kind === 'board' || kind === 'group').length,
    print: () => {
      for (const drift of drifts) printLine(`${printLiveDrift(drift)}\n`);
      printLine(
        drifts.length === 0
          ? `what is live is what would be built`
          : `${drifts.length} ${drifts.length === 1 ? 'drift' : 'drifts'} of what is live`,
      );
    },
  };
}

const LIVE_FIX = {
  changed: 'see that the operator has applied what is committed, and that nobody edits it in Grafana',
  missing: 'see that the resource is applied, and what its status says',
  orphaned: 'delete it in Grafana, or bring its definition back',
} as const;

function printQuery({ query, why }: Answer): string {
  return why === undefined ? query : `${query}: ${why}`;
}
