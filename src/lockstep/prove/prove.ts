import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { AlertRule } from '../alerts/alert.js';
import { fillLabels } from '../alerts/template.js';
import type { Config } from '../config/config.js';
import { countersOf } from '../config/config.js';
import type { PlannedFile } from '../emit/plan.js';
import { isStanding } from '../emit/resource.js';
import { EVALUATION_SECONDS } from '../grafana/index.js';
import { printLabels } from '../print-labels.js';
import { printExpression } from '../promql/print.js';
import type { Counting } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { authoredCases } from './authored.js';
import type { BuiltRule } from './built.js';
import { readRules } from './built.js';
import { burnCases } from './burn.js';
import type { Case, Grain } from './case.js';
import { selectorsOf, stepSecondsFor } from './case.js';
import type { Estimate } from './evaluate.js';
import { mutantsOf } from './mutants.js';
import type { PromRule, RuleTest, TestRun, Verdict } from './promtool.js';
import { eachAtOnce, failuresOf, promtoolVersion, runPromtool } from './promtool.js';
import type { Proven } from './proven.js';
import type { Moment } from './state.js';
import { delaysOf, evaluatedEach, firingSpans } from './state.js';
import { inputInterval, toInput } from './world.js';

/** A rule as it is defined and as it was built; they are proven against each other. */
export interface ProvenRule {
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
  readonly subject: ProvenRule;
  readonly cases: readonly CaseResult[];
}

/** How rules are proven. */
export interface ProveSetting {
  /**
   * `fine` (the default) judges each minute; `coarse` rules with long windows once per report, which takes a tenth of
   * the time.
   */
  readonly grain?: Grain;
  /** Test runs that need not be run again, and where those that pass are noted. */
  readonly proven?: Pick<Proven, 'has' | 'add'> | undefined;
  /** Called with each rule as soon as it and all before it are proven. */
  readonly told?: (proof: RuleProof) => void;
}

/** Proves each rule in each of its cases with a real promtool. */
export async function proveRules(
  subjects: readonly ProvenRule[],
  promtool: string,
  { grain = 'fine', proven, told }: ProveSetting = {},
): Promise<readonly RuleProof[]> {
  const estimate = await estimateOf(promtool);
  const rules = subjects.map((subject) => ({
    subject,
    works: worksOf(subject, grain, estimate),
    results: [] as CaseResult[],
    left: 0,
  }));
  for (const rule of rules) rule.left = rule.works.length;
  const proofs: RuleProof[] = [];
  const works = rules.flatMap((rule) => rule.works.map((each, index) => ({ rule, each, index })));
  await eachAtOnce(works, async ({ rule, each, index }) => {
    rule.results[index] = 'failures' in each ? each : await proveCase(rule.subject, each, promtool, grain, proven);
    rule.left--;
    for (let next = rules[proofs.length]; next?.left === 0; next = rules[proofs.length]) {
      const proof = { subject: next.subject, cases: next.results };
      proofs.push(proof);
      told?.(proof);
    }
  });
  return proofs;
}

/** How the Prometheus of a promtool estimates. One that does not say its version is one of today. */
async function estimateOf(promtool: string): Promise<Estimate> {
  const [, major = '3', minor = '0'] = /version (\d+)\.(\d+)/.exec(await promtoolVersion(promtool)) ?? [];
  if (Number(major) >= 3) return 'since 3.0';
  return Number(major) === 2 && Number(minor) >= 51 ? 'since 2.51' : 'before 2.51';
}

/** The cases of a rule; if they cannot be made, that is the one result. */
function worksOf(subject: ProvenRule, grain: Grain, estimate: Estimate): readonly (Case | CaseResult)[] {
  const native = selectorsOf(subject.rule).find(({ metric }) => metric.kind === 'nativeHistogram');
  if (native !== undefined && estimate !== 'since 3.0')
    return [
      failed(
        'it cannot be played',
        `it reads ${native.metric.name}, a native histogram, which a promtool before 3.0 cannot write down: take a later one`,
      ),
    ];
  try {
    const cases = casesOf(subject, grain, momentSeconds(subject, grain), estimate);
    const otherPending = pendingFailure(subject);
    return otherPending === undefined ? cases : [failed('its times', otherPending), ...cases];
  } catch (error) {
    return [failed('it cannot be played', error instanceof Error ? error.message : String(error))];
  }
}

function failed(name: string, failure: string): CaseResult {
  return { name, variant: '', failures: [failure], moments: 0, spans: [], story: undefined };
}

/** Evaluations lie so far apart that a `for` that is a little wrong would not show: it is compared as it is written. */
function pendingFailure({ rule, built }: ProvenRule): string | undefined {
  const { for: pending, keep_firing_for: kept } = built.rules.at(-1) ?? {};
  for (const [field, written, said] of [
    ['for', pending, rule.for],
    ['keepFiringFor', kept, rule.keepFiringFor],
  ] as const)
    if (durationSeconds(written ?? '0s') !== durationSeconds(said ?? '0s'))
      return `it was built with ${field}: ${written ?? 'nothing'}, and its definition says ${said ?? 'nothing'}`;
  return undefined;
}

/**
 * How far apart the moments are that are judged, in seconds. Reports that are added up stand there twice, and between
 * the two nothing is to be said: then no moment lies between two steps.
 */
function momentSeconds({ rule, counting }: ProvenRule, grain: Grain): number {
  return grain === 'coarse' || counting === 'aggregated' ? stepSecondsFor(rule, grain) : EVALUATION_SECONDS;
}

/** A rule is evaluated at least so often while it is pending. */
const WHILE_PENDING = 3;

/**
 * How often promtool evaluates a rule, in seconds: its time is all evaluations. The value of the query is compared at
 * the very moments, so the state needs no evaluation at each; but evaluations must not always meet a step at the same
 * point of it. A ruler's alert reads what was recorded just before, and has no value that could be compared.
 */
function evaluationSeconds(subject: ProvenRule, grain: Grain): number {
  const { rule, built } = subject;
  const moment = momentSeconds(subject, grain);
  if (grain === 'coarse' || built.query === undefined) return moment;
  const step = stepSecondsFor(rule, grain);
  const most = Math.floor((durationSeconds(rule.for) ?? 0) / WHILE_PENDING / moment);
  return wandering(Math.max(1, most), moment, step) * moment;
}

/** The largest number up to `most`, so many moments apart from which all points of a step are met in turn. */
function wandering(most: number, moment: number, step: number): number {
  for (let apart = most; apart > 1; apart--)
    if (commonDivisor(apart * moment, step) === commonDivisor(moment, step)) return apart;
  return 1;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function casesOf({ rule, catalogue }: ProvenRule, grain: Grain, every: number, estimate: Estimate): readonly Case[] {
  const timing = { stepSeconds: stepSecondsFor(rule, grain), every, estimate };
  return rule.burn === undefined ? authoredCases(rule, catalogue, timing) : burnCases(rule, catalogue, timing);
}

async function proveCase(
  subject: ProvenRule,
  each: Case,
  promtool: string,
  grain: Grain,
  proven: ProveSetting['proven'],
): Promise<CaseResult> {
  const { rule, built } = subject;
  const every = evaluationSeconds(subject, grain);
  const values = tellingMoments(each, rule, each.moments);
  const states = each.isClaim ? values : tellingMoments(each, rule, evaluatedEach(each.moments, delaysOf(rule), every));
  const run: TestRun = {
    groups: [{ name: 'proof', rules: built.rules }],
    evaluationInterval: each.isClaim ? momentSeconds(subject, grain) : every,
    tests: [toTest(each, subject, { states, values }, built.title, built.query, '')],
  };
  const { passed, output } = proven?.has(run) ? PASSED : await tryPromtool(promtool, run);
  if (passed) proven?.add(run);
  return {
    name: each.name,
    variant: each.variant,
    failures: [...each.contradictions, ...(passed ? [] : [output.trim()])],
    moments: values.length,
    spans: firingSpans(each.moments),
    story: each.story,
  };
}

const PASSED: Verdict = { passed: true, output: '' };

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
  { rule, built, counting }: ProvenRule,
  compared: { readonly states: readonly Moment[]; readonly values: readonly Moment[] },
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
    alerts: compared.states.map(({ seconds, firing }) => ({
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
        : compared.values.map(({ seconds, elements }) => ({
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

/** At least so many of the moments at which nothing is known to happen. */
const BETWEEN = 64;

/**
 * The moments that are compared: those at which something changes, and the ones just before; those at which what
 * happens changes, and when whatever that sets off would be told; and of the many others a few.
 */
function tellingMoments(
  { marks, world, isClaim }: Case,
  rule: AlertRule,
  moments: readonly Moment[],
): readonly Moment[] {
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
  const apart = wandering(Math.max(1, Math.floor(moments.length / BETWEEN)), every, world.stepSeconds);
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
): { readonly subjects: readonly ProvenRule[]; readonly unmapped: readonly string[] } {
  const counting = countersOf(config.target);
  const unmapped: string[] = [];
  const subjects = files.flatMap(({ path, text, definition }) => {
    // Nobody has said when rules that stood already must fire: `lockstep lint` tells of them.
    if (isStanding(definition)) return [];
    const read = readRules(text);
    unmapped.push(...read.unmapped.map((what) => `${path}: ${what}`));
    return read.rules.flatMap((built): readonly ProvenRule[] => {
      for (const { catalogue, alerts } of config.systems)
        for (const group of alerts)
          for (const rule of group.rules) if (rule.title === built.title) return [{ rule, built, catalogue, counting }];
      unmapped.push(`${path}: ${built.title}: no definition has this title`);
      return [];
    });
  });
  return { subjects, unmapped };
}

/** How a rule's mutants fared. */
export interface MutationScore {
  readonly subject: ProvenRule;
  readonly total: number;
  /** Mutants that every case let pass: a mistake of this kind in the rule would not be noticed. */
  readonly survivors: readonly string[];
}

/**
 * Proves the proof: every mutant of each rule is played in the rule's own cases, and must be told from the rule in one
 * of them. Rules with long windows are evaluated once per step and not once a minute here, which takes none of them
 * off the hook.
 */
export async function scoreMutants(
  subjects: readonly ProvenRule[],
  promtool: string,
): Promise<readonly MutationScore[]> {
  const estimate = await estimateOf(promtool);
  return eachAtOnce(subjects, (subject) => scoreRule(subject, promtool, estimate));
}

/** How long a built rule goes on firing, as the rules of its mutants have it too. */
function keptOf(rules: readonly PromRule[]): Pick<PromRule, 'keep_firing_for'> {
  const { keep_firing_for: kept } = rules.at(-1) ?? {};
  return kept === undefined ? {} : { keep_firing_for: kept };
}

async function scoreRule(subject: ProvenRule, promtool: string, estimate: Estimate): Promise<MutationScore> {
  const { rule, built, counting, catalogue } = subject;
  const every = momentSeconds(subject, 'coarse');
  const all = mutantsOf(rule, catalogue, every);
  let alive = all.map((mutant, index) => ({ mutant, name: `m${index}` }));
  for (const each of casesOf(subject, 'coarse', every, estimate)) {
    if (alive.length === 0) break;
    const states = tellingMoments(each, rule, each.moments);
    const compared = { states, values: states };
    const tests = alive.map(({ name }) => toTest(each, subject, compared, name, `proof:${name}`, `proof:${name}`));
    const [first] = tests;
    if (first === undefined) break;
    const verdict = await runPromtool(promtool, {
      groups: [
        {
          name: 'mutants',
          rules: alive.flatMap(({ mutant, name }) => [
            { record: `proof:${name}`, expr: printExpression({ node: mutant.node }, counting) },
            { alert: name, expr: `proof:${name} > 0`, for: mutant.for, ...keptOf(built.rules), labels: built.labels },
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
