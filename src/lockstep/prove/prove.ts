import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { AlertRule } from '../alerts/alert.js';
import { fillLabels } from '../alerts/template.js';
import type { Config } from '../config/config.js';
import { countersOf } from '../config/config.js';
import type { PlannedFile } from '../emit/plan.js';
import { kindOf } from '../existing/read.js';
import { EVALUATION_SECONDS } from '../grafana/index.js';
import { printExpression } from '../promql/print.js';
import type { Counting } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { authoredCases } from './authored.js';
import type { BuiltRule } from './built.js';
import { readRules } from './built.js';
import { burnCases } from './burn.js';
import type { Case, Grain } from './case.js';
import { stepSecondsFor } from './case.js';
import { mutantsOf } from './mutants.js';
import type { RuleTest, TestRun, Verdict } from './promtool.js';
import { eachAtOnce, failuresOf, runPromtool } from './promtool.js';
import type { Moment } from './state.js';
import { firingSpans } from './state.js';
import { inputInterval, toInput } from './world.js';

/** A rule as it is defined and as it was built; they are proven against each other. */
export interface Subject {
  readonly rule: AlertRule;
  readonly built: BuiltRule;
  readonly catalogue: Catalogue;
  readonly counting: Counting;
}

/** How one case went. */
export interface CaseResult {
  readonly name: string;
  readonly variant: string;
  /** The faults that promtool, or the definition itself, found; empty if it is proven. */
  readonly failures: readonly string[];
  /** How many moments were compared: the state of the alert, and the value of its expression. */
  readonly moments: number;
  readonly spans: readonly { readonly from: number; readonly to: number | undefined }[];
  readonly story: Case['story'];
}

export interface RuleProof {
  readonly subject: Subject;
  readonly cases: readonly CaseResult[];
}

/**
 * Proves each rule in each of its cases with a real promtool.
 *
 * @param grain `fine` evaluates each minute; `coarse` rules with long windows once per report, which takes a tenth of
 *   the time
 */
export async function proveRules(
  subjects: readonly Subject[],
  promtool: string,
  grain: Grain = 'fine',
): Promise<readonly RuleProof[]> {
  const works = subjects.flatMap((subject) => worksOf(subject, grain));
  const results = await eachAtOnce(works, ({ subject, each }) =>
    'failures' in each ? Promise.resolve(each) : proveCase(subject, each, promtool, grain),
  );
  return subjects.map((subject) => ({
    subject,
    cases: results.filter((_, index) => works[index]?.subject === subject),
  }));
}

/** The cases of a rule; if they cannot be made, that is the one result. */
function worksOf(
  subject: Subject,
  grain: Grain,
): readonly { readonly subject: Subject; readonly each: Case | CaseResult }[] {
  try {
    return casesOf(subject, grain, evaluationFor(subject, grain)).map((each) => ({ subject, each }));
  } catch (error) {
    const failures = [error instanceof Error ? error.message : String(error)];
    const each = { name: 'it cannot be played', variant: '', failures, moments: 0, spans: [], story: undefined };
    return [{ subject, each }];
  }
}

/**
 * Reports that are added up stand there twice, and between the two nothing is to be said: then no evaluation lies
 * between two steps.
 */
function evaluationFor({ rule, counting }: Subject, grain: Grain): number {
  return grain === 'coarse' || counting === 'aggregated' ? stepSecondsFor(rule, grain) : EVALUATION_SECONDS;
}

function casesOf({ rule, catalogue }: Subject, grain: Grain, every: number): readonly Case[] {
  const stepSeconds = stepSecondsFor(rule, grain);
  return rule.burn === undefined
    ? authoredCases(rule, catalogue, stepSeconds, every)
    : burnCases(rule, catalogue, stepSeconds, every);
}

async function proveCase(subject: Subject, each: Case, promtool: string, grain: Grain): Promise<CaseResult> {
  const { rule, built } = subject;
  const checked = tellingMoments(each, rule);
  const { passed, output } = await tryPromtool(promtool, {
    groups: [{ name: 'proof', rules: built.rules }],
    evaluationInterval: evaluationFor(subject, grain),
    tests: [toTest(each, subject, checked, built.title, built.query, '')],
  });
  return {
    name: each.name,
    variant: each.variant,
    failures: [...each.contradictions, ...(passed ? [] : [output.trim()])],
    moments: checked.length,
    spans: firingSpans(each.moments),
    story: each.story,
  };
}

/** A rule that promtool does not understand has failed. */
async function tryPromtool(promtool: string, run: TestRun): Promise<Verdict> {
  try {
    return await runPromtool(promtool, run);
  } catch (error) {
    return { passed: false, output: error instanceof Error ? error.message : String(error) };
  }
}

function toTest(
  each: Case,
  { rule, built, counting }: Subject,
  moments: readonly Moment[],
  alertname: string,
  query: string | undefined,
  recorded: string,
): RuleTest {
  // A recorded series carries the name of its SLO.
  const recordedLabels =
    built.kind === 'PrometheusRule' && rule.burn !== undefined ? { slo: rule.burn.slo.name } : undefined;
  return {
    inputInterval: inputInterval(each.world),
    series: toInput(each.world, counting),
    alerts: moments.map(({ seconds, firing }) => ({
      alertname,
      seconds,
      firing: firing.map((own) => ({
        labels: { ...own, ...recordedLabels, ...built.labels },
        annotations: mapValues(built.annotations, (text) => fillLabels(text, own)),
      })),
    })),
    values:
      query === undefined || each.isClaim
        ? []
        : moments.map(({ seconds, elements }) => ({
            expr: query,
            seconds,
            samples: elements.map((element) => ({
              labels: `${recorded}${printLabels(element.labels)}`,
              value: element.value,
            })),
          })),
  };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}

/** So many of the moments at which nothing is known to happen. */
const BETWEEN = 16;

/**
 * The moments that are compared: those at which something changes, and the ones just before; those at which what
 * happens changes, and when whatever that sets off would be told; and of the many others a few.
 */
function tellingMoments({ moments, marks, world, isClaim }: Case, rule: AlertRule): readonly Moment[] {
  if (isClaim) return moments;
  const said = moments.map(({ elements, firing }) => JSON.stringify([elements, firing]));
  const chosen = new Set<number>();
  for (let index = 1; index < moments.length; index++)
    if (said[index] !== said[index - 1]) chosen.add(index - 1).add(index);
  const every = (moments[1]?.seconds ?? 1) - (moments[0]?.seconds ?? 0);
  const pending = durationSeconds(rule.for) ?? 0;
  for (const step of marks)
    for (const after of [0, world.stepSeconds, pending, pending + world.stepSeconds])
      chosen.add(Math.ceil((step * world.stepSeconds + after) / every));
  const apart = Math.max(1, Math.floor(moments.length / BETWEEN));
  for (let index = apart; index < moments.length; index += apart) chosen.add(index);
  chosen.add(moments.length - 1);
  return [...chosen].sort((a, b) => a - b).flatMap((index) => moments[index] ?? []);
}

/**
 * The rules of a configuration, each with what was built of it.
 *
 * @returns what of the built files cannot be mapped onto a rule test beside them: as long as there is any, nothing is
 *   proven
 */
export function subjectsOf(
  config: Config,
  files: readonly PlannedFile[],
): { readonly subjects: readonly Subject[]; readonly unmapped: readonly string[] } {
  const counting = countersOf(config.target);
  const unmapped: string[] = [];
  const standing = new Set(
    config.systems.flatMap(({ rules = [] }) => rules.map((each) => `${kindOf(each)} ${each.name}`)),
  );
  const subjects = files.flatMap(({ path, text, resource }) => {
    // Nobody has said when rules that stood already must fire: `lockstep lint` tells of them.
    if (isStanding(resource, standing)) return [];
    const read = readRules(text);
    unmapped.push(...read.unmapped.map((what) => `${path}: ${what}`));
    return read.rules.flatMap((built): readonly Subject[] => {
      for (const { catalogue, alerts } of config.systems)
        for (const group of alerts)
          for (const rule of group.rules) if (rule.title === built.title) return [{ rule, built, catalogue, counting }];
      unmapped.push(`${path}: ${built.title}: no definition has this title`);
      return [];
    });
  });
  return { subjects, unmapped };
}

function isStanding({ kind, metadata }: PlannedFile['resource'], names: ReadonlySet<string>): boolean {
  return names.has(`${String(kind)} ${(metadata as { readonly name?: string }).name ?? ''}`);
}

/** How a rule's mutants fared. */
export interface MutationScore {
  readonly subject: Subject;
  readonly total: number;
  /** Mutants that every case let pass: a mistake of this kind in the rule would not be noticed. */
  readonly survivors: readonly string[];
}

/**
 * Proves the proof: every mutant of each rule is played in the rule's own cases, and must be told from the rule in one
 * of them. Rules with long windows are evaluated once per step and not once a minute here, which takes none of them
 * off the hook.
 */
export async function scoreMutants(subjects: readonly Subject[], promtool: string): Promise<readonly MutationScore[]> {
  return eachAtOnce(subjects, (subject) => scoreRule(subject, promtool));
}

async function scoreRule(subject: Subject, promtool: string): Promise<MutationScore> {
  const { rule, built, counting, catalogue } = subject;
  const every = evaluationFor(subject, 'coarse');
  const all = mutantsOf(rule, catalogue, every);
  let alive = all.map((mutant, index) => ({ mutant, name: `m${index}` }));
  for (const each of casesOf(subject, 'coarse', every)) {
    if (alive.length === 0) break;
    const checked = tellingMoments(each, rule);
    const tests = alive.map(({ name }) => toTest(each, subject, checked, name, `proof:${name}`, `proof:${name}`));
    const [first] = tests;
    if (first === undefined) break;
    const verdict = await runPromtool(promtool, {
      groups: [
        {
          name: 'mutants',
          rules: alive.flatMap(({ mutant, name }) => [
            { record: `proof:${name}`, expr: printExpression({ node: mutant.node }, counting) },
            { alert: name, expr: `proof:${name} > 0`, for: mutant.for, labels: built.labels },
          ]),
        },
      ],
      evaluationInterval: every,
      tests: [
        { ...first, alerts: tests.flatMap(({ alerts }) => alerts), values: tests.flatMap(({ values }) => values) },
      ],
    });
    const killed = failuresOf(verdict);
    alive = alive.filter(({ name }) => !killed.has(name) && !killed.has(`proof:${name}`));
  }
  return { subject, total: all.length, survivors: alive.map(({ mutant }) => mutant.change) };
}
