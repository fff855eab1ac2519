import { printValue, suggest } from 'lockstep-exporter/internal';
import { findProgram, PROGRAM_VARIABLES } from '../prove/find-program.js';
import { promtoolVersion } from '../prove/promtool.js';
import type { MutationScore, RuleProof } from '../prove/prove.js';
import { proveRules, scoreMutants, subjectsOf } from '../prove/prove.js';
import { provenBefore } from '../prove/proven.js';
import { printScore, printTimeline } from '../prove/timeline.js';
import type { Finding } from '../report/finding.js';
import { loadPlan } from './load.js';
import type { Format } from './print.js';
import { printLine, printOutcome, reportProblems } from './print.js';

export interface ProveOptions {
  readonly config?: string;
  readonly promtool?: string;
  readonly rule?: string;
  readonly mutants?: boolean;
  readonly changed?: boolean;
  readonly format: Format;
}

/**
 * `lockstep prove`: plays every rule that would be built against what may happen to the system, with a real promtool.
 * Writes nothing.
 */
export async function prove(options: ProveOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('prove', loaded.problems, options.format);
  const all = subjectsOf(loaded.config, loaded.files);
  const titles = all.subjects.map(({ rule }) => rule.title);
  const chosen = all.subjects.filter(({ rule }) => options.rule === undefined || rule.title === options.rule);
  if (options.rule !== undefined && chosen.length === 0)
    return reportProblems(
      'prove',
      [
        {
          code: 'prove/unknown-rule',
          where: '--rule',
          found: printValue(options.rule),
          allowed: [...new Set(titles)].join(', '),
          fix: suggest(options.rule, titles, 'name one of them'),
        },
      ],
      options.format,
    );
  const promtool = findProgram('promtool', options.promtool);
  if (promtool === undefined)
    return reportProblems(
      'prove',
      [
        {
          code: 'prove/no-promtool',
          where: options.promtool === undefined ? 'PATH' : '--promtool',
          found:
            options.promtool === undefined ? 'no promtool' : `${options.promtool}, which is not a program that runs`,
          fix: `install Prometheus' promtool (Debian: apt-get install prometheus), or name one with --promtool or ${PROGRAM_VARIABLES.promtool}; in a clone of lockstep \`npm run engines\` fetches one`,
        },
      ],
      options.format,
    );
  const mutable = chosen.filter(({ built }) => built.kind === 'GrafanaAlertRuleGroup');
  let proofs: readonly RuleProof[];
  let scores: readonly MutationScore[] | undefined;
  try {
    const version = await promtoolVersion(promtool);
    const isOlder = loaded.config.target.prometheus === '3.16' && /version [12]\./.test(version);
    if (isOlder)
      return reportProblems(
        'prove',
        [
          {
            code: 'prove/old-promtool',
            where: options.promtool ?? 'promtool',
            found: `${/version \S+/.exec(version)?.[0] ?? version}, and target › prometheus is 3.16`,
            fix: `take the promtool of that Prometheus: name it with --promtool or ${PROGRAM_VARIABLES.promtool}`,
          },
        ],
        options.format,
      );
    const proven = provenBefore(version);
    // This takes a while, so a person is shown each rule when it is proven.
    if (options.format === 'text') for (const what of all.unmapped) printLine(`NOT MAPPED  ${what}\n`);
    proofs = await proveRules(chosen, promtool, {
      proven: { has: (run) => options.changed === true && proven.has(run), add: proven.add },
      told: (proof) => {
        if (options.format === 'text') printLine(`${printTimeline(proof)}\n`);
      },
    });
    proven.save();
    scores = options.mutants === true ? await scoreMutants(mutable, promtool) : undefined;
  } catch (error) {
    return reportProblems(
      'prove',
      [
        {
          code: 'prove/promtool',
          where: promtool,
          found: error instanceof Error ? error.message : String(error),
          fix: 'name a promtool of Prometheus 2.37 or later with --promtool',
        },
      ],
      options.format,
    );
  }
  const wrong = proofs.filter(({ cases }) => cases.some(({ failures }) => failures.length > 0));
  const survivors = scores?.reduce((sum, each) => sum + each.survivors.length, 0) ?? 0;
  const isFine = wrong.length === 0 && all.unmapped.length === 0 && survivors === 0;
  const findings = [
    ...all.unmapped.map(
      (what): Finding => ({
        id: 'prove/not-mapped',
        severity: 'error',
        where: what,
        found: 'no rule of Prometheus says the same, so it is not proven',
      }),
    ),
    ...proofs.flatMap(({ subject, cases }) =>
      cases.flatMap(({ name, failures }) =>
        failures.map(
          (found): Finding => ({
            id: 'prove/failed',
            severity: 'error',
            where: `${subject.rule.title} (${subject.built.kind}) › ${name}`,
            found,
          }),
        ),
      ),
    ),
    ...(scores ?? []).flatMap(({ subject, survivors: alive }) =>
      alive.map(
        (mutant): Finding => ({
          id: 'prove/survivor',
          severity: 'error',
          where: subject.rule.title,
          found: `no case tells this mutant from the rule: ${typeof mutant === 'string' ? mutant : JSON.stringify(mutant)}`,
          fix: 'add a scenario in which the two differ',
        }),
      ),
    ),
  ];
  const details = {
    rules: proofs.map(({ subject, cases }) => ({
      title: subject.rule.title,
      kind: subject.built.kind,
      cases: cases.map(({ name, variant, failures, moments, spans }) => ({
        name,
        variant,
        failures,
        moments,
        firing: spans,
      })),
    })),
    ...(scores && {
      mutants: scores.map(({ subject, total, survivors: alive }) => ({
        title: subject.rule.title,
        total,
        survivors: alive,
      })),
    }),
  };
  return printOutcome({ command: 'prove', ok: isFine, findings, details }, options.format, () => {
    for (const score of scores ?? []) printLine(printScore(score));
    if (scores !== undefined) {
      const total = scores.reduce((sum, each) => sum + each.total, 0);
      printLine(
        `${total - survivors} of ${total} mutants killed, ${total === 0 ? 100 : Math.floor((1000 * (total - survivors)) / total) / 10}%\n`,
      );
    }
    if (proofs.length === 0)
      printLine('There is nothing to prove: rules as text (lockstep/existing) hold no scenarios.');
    printLine(
      `${proofs.length - wrong.length} of ${proofs.length} rules proven, in ${proofs.reduce((sum, { cases }) => sum + cases.length, 0)} cases`,
    );
  });
}
