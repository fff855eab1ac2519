import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A rule as promtool reads it. */
export interface PromRule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One rule test: series, and what must be of them. Times in seconds. */
export interface RuleTest {
  readonly inputInterval: number;
  readonly series: readonly { readonly series: string; readonly values: string }[];
  readonly alerts: readonly {
    readonly alertname: string;
    readonly seconds: number;
    /** Each alert that must fire: its labels, without the name, and its annotations. */
    readonly firing: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
  readonly values: readonly {
    readonly expr: string;
    readonly seconds: number;
    readonly samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
}

export interface TestRun {
  readonly groups: readonly { readonly name: string; readonly rules: readonly PromRule[] }[];
  readonly evaluationInterval: number;
  readonly tests: readonly RuleTest[];
}

/** promtool's verdict: whether every test passed, and what it printed if not. */
export interface Verdict {
  readonly passed: boolean;
  readonly output: string;
}

/**
 * Runs `promtool test rules`, the whole of it in one process.
 *
 * @throws Error if the program cannot be run, or says that the files are wrong
 */
export async function runPromtool(promtool: string, run: TestRun): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-prove-'));
  try {
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: run.groups }));
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(toTestFile(run)));
    const { code, output } = await execute(promtool, ['test', 'rules', 'tests.json'], folder);
    if (code === 0) return { passed: true, output };
    if (!/FAILED/.test(output) || !/exp:/.test(output)) throw new Error(`${promtool} test rules: ${output.trim()}`);
    return { passed: false, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toTestFile(run: TestRun) {
  return {
    rule_files: ['rules.json'],
    evaluation_interval: `${run.evaluationInterval}s`,
    tests: run.tests.map((test) => ({
      interval: `${test.inputInterval}s`,
      input_series: test.series,
      alert_rule_test: test.alerts.map(({ alertname, seconds, firing }) => ({
        alertname,
        eval_time: `${seconds}s`,
        exp_alerts: firing.map(({ labels, annotations = {} }) => ({
          exp_labels: labels,
          exp_annotations: annotations,
        })),
      })),
      promql_expr_test: [...test.values, ...lastEvaluation(test, run.evaluationInterval)].map(
        ({ expr, seconds, samples }) => ({ expr, eval_time: `${seconds}s`, exp_samples: samples }),
      ),
    })),
  };
}

/**
 * promtool knows no sample that is later than its last evaluation, and evaluates until the last time that a test
 * names: one after all values.
 */
function lastEvaluation({ values }: RuleTest, interval: number): RuleTest['values'] {
  const last = Math.max(0, ...values.map(({ seconds }) => seconds));
  if (last % interval === 0) return [];
  const seconds = Math.ceil(last / interval) * interval;
  return [{ expr: 'vector(0)', seconds, samples: [{ labels: '{}', value: 0 }] }];
}

/**
 * The program's own word on what it is.
 *
 * @throws Error if it cannot be run, or is no promtool
 */
export async function promtoolVersion(promtool: string): Promise<string> {
  const { code, output } = await execute(promtool, ['--version'], '.');
  const [line = ''] = output.trim().split('\n');
  if (code !== 0 || !/promtool/.test(line)) throw new Error(`${promtool} --version: ${line || `exit code ${code}`}`);
  return line;
}

/** A test that takes longer is no test. */
const MOST_MILLISECONDS = 15 * 60_000;

/** The failures by name: alerts, and the expressions of values. */
export function failuresOf({ output }: Verdict): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, alert] of output.matchAll(/^\s*alertname: (\w+), time:/gm)) if (alert !== undefined) names.add(alert);
  for (const [, expr] of output.matchAll(/^\s*expr: "([^"]*)", time:/gm)) if (expr !== undefined) names.add(expr);
  return names;
}

function execute(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    // One processor each, since there are as many of these as processors, and less collecting of garbage: 4.6 s of
    // processor instead of 6.9 for a case of three days.
    const env = { ...process.env, GOMAXPROCS: '1', GOGC: '400' };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: MOST_MILLISECONDS });
    let output = '';
    const add = (text: string) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });
}

/**
 * Does work for each, the results in order: as many at once as there are processors, and one more, since a program that
 * has ended waits until this process has prepared the next.
 */
export async function eachAtOnce<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < values.length; index = next++) results.set(index, await work(values[index] as T));
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
  return values.map((_, index) => results.get(index) as R);
}
