import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Place } from 'lockstep-exporter/internal';
import { dayOf, printValue, suggest } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { placeEach } from '../config/load.js';
import { findDeclared } from '../emit/declared.js';
import { findOrphans } from '../emit/files.js';
import type { PlannedFile } from '../emit/plan.js';
import { resourcesBeside } from '../emit/resources-beside.js';
import { findTakenNames } from '../emit/taken-names.js';
import { problemsOfDefinitions } from '../lint/definitions.js';
import { explainRule, ruleIds } from '../lint/explain.js';
import type { LintFinding } from '../lint/finding.js';
import { lintPlan } from '../lint/lint.js';
import { toFinding } from '../lint/report.js';
import type { Subject } from '../lint/subject.js';
import { toSubject } from '../lint/subject.js';
import { readText } from '../read.js';
import type { Finding } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { configFolder, loadPlan, outputFolder } from './load.js';
import { withProcessKept } from './own-process.js';
import type { Format } from './print.js';
import { EXIT, printLine, printOutcome, reportProblems } from './print.js';

export interface LintOptions {
  readonly config?: string;
  readonly against?: string;
  readonly format: Format;
  readonly failOn: 'error' | 'warning';
  readonly explain?: string;
}

/** `lockstep lint`: what of the files that would be committed misleads, or will not hold. Writes nothing. */
export async function lint(options: LintOptions): Promise<number> {
  const { format } = options;
  // A built-in rule is explained also where there is no configuration, or a broken one.
  const builtIn = options.explain === undefined ? undefined : explainRule(options.explain, []);
  if (builtIn !== undefined) return explain(builtIn);
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('lint', loaded.problems, format);
  const { config, files } = loaded;
  const own = config.lint?.rules ?? [];
  if (options.explain !== undefined) {
    const text = explainRule(options.explain, own);
    if (text !== undefined) return explain(text);
    return reportProblems(
      'lint',
      [
        {
          code: 'lint/unknown-rule',
          where: '--explain',
          found: printValue(options.explain),
          fix: suggest(options.explain, ruleIds(own), 'name a rule of docs/lint.md, or one of lint.rules'),
        },
      ],
      format,
    );
  }
  const folder = outputFolder(options.against, options.config, config);
  const root = configFolder(options.config);
  const recorded = config.systems.flatMap(({ recordedIn = [] }) => recordedIn);
  const missing = recorded.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0)
    return reportProblems(
      'lint',
      missing.map((path) => ({
        code: 'config/recorded-in',
        where: 'lockstep.config › systems › recordedIn',
        found: `${path}, which is not there`,
        fix: 'name the files in which the exporter records, from the folder of the configuration',
      })),
      format,
    );
  const read = (paths: readonly string[], base: string) =>
    new Map(
      paths.flatMap((path) => {
        const text = readText(join(base, path), base)?.text;
        return text === undefined ? [] : [[path, text] as const];
      }),
    );
  const checkedIn = read(
    files.map(({ path }) => path),
    folder,
  );
  const leftovers = new Set(
    findOrphans(folder, files, { source: config.source, command: 'build' }).map(({ path }) => path),
  );
  const beside = resourcesBeside(folder, files);
  const taken = findTakenNames(beside, files, leftovers);
  const declared = findDeclared(beside);
  const today = dayOf(new Date());
  const sources = read(recorded, root);
  const subjectOf = (of: Config, plan: readonly PlannedFile[]) =>
    toSubject(of, plan, checkedIn, sources, today, taken, declared);
  const subject = subjectOf(config, files);
  const raw = lintPlan(subject);
  const places = await placesOf(raw, subject, options.config, subjectOf);
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const located = raw.map((each, index) => {
    const text = texts.get(each.file);
    const shown = relative(process.cwd(), join(folder, each.file)).replaceAll('\\', '/');
    return toFinding(each, text, shown, places[index]);
  });
  const findings = located.map(({ finding }) => finding);
  const isFailing = ({ severity }: Finding) => severity === 'error' || options.failOn === 'warning';
  const failing = findings.filter(isFailing);
  return printOutcome(
    { command: 'lint', ok: failing.length === 0, findings, details: { files: files.length } },
    format,
    () => {
      for (const { finding, line } of located) printLine(`${printFinding(finding, line)}\n`);
      printLine(
        `${counted(files.length, 'file')}, ${counted(findings.length, 'finding')}${findings.length === 0 ? '' : `, ${failing.length} of which fail`}`,
      );
    },
    isFailing,
  );
}

/** The author's own line of each finding, where it is known. Only what is found costs a second reading. */
async function placesOf(
  raw: readonly LintFinding[],
  subject: Subject,
  configPath: string | undefined,
  subjectOf: (config: Config, files: readonly PlannedFile[]) => Subject,
): Promise<readonly (Place | undefined)[]> {
  if (raw.length === 0) return [];
  const { planFiles } = await import('../emit/plan.js');
  const placed = await withProcessKept(() =>
    placeEach(process.cwd(), configPath, problemsOfDefinitions(raw, subject), (config) => {
      const again = subjectOf(config, planFiles(config).files);
      return problemsOfDefinitions(lintPlan(again), again);
    }),
  );
  return (placed ?? []).map(({ at }) => at);
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function explain(text: string): number {
  printLine(text);
  return EXIT.fine;
}
