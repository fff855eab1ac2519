import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dayOf, isProblemsError, printValue } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { writeFiles } from '../emit/files.js';
import { planFiles } from '../emit/plan.js';
import type { GrafanaVersion } from '../grafana/index.js';
import type { Account, Imported } from '../import/definitions.js';
import { importDefinitions } from '../import/definitions.js';
import { LONGEST_NAME, namesOf } from '../import/names.js';
import { CONFIG_PATH, importedFiles, importTarget, needsPrometheus3 } from '../import/project.js';
import type { Sources } from '../import/sources.js';
import { readSources } from '../import/sources.js';
import { lintPlan } from '../lint/lint.js';
import { toFinding } from '../lint/report.js';
import { toSubject } from '../lint/subject.js';
import { readText } from '../read.js';
import type { Finding } from '../report/finding.js';
import { findingOf } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { originOf } from './git.js';
import { exposedAt, gravestFirst, printWritten, problemsOfTaken } from './import-files.js';
import { printError } from './own-process.js';
import type { Format } from './print.js';
import { printLine, printOutcome, printTable, reportProblems } from './print.js';
import type { MetricsOptions } from './read-found.js';

export interface ImportDefinitionsOptions extends MetricsOptions {
  readonly name: string;
  readonly out: string;
  readonly report?: boolean;
  readonly grafana: GrafanaVersion;
  readonly datasource: string;
  readonly format: Format;
}

/**
 * `lockstep import dashboards` and `import rules`: definitions of boards and rules that stand already, and what of them
 * is false. It writes all files or none, and over no file.
 */
export async function importExisting(paths: readonly string[], options: ImportDefinitionsOptions): Promise<number> {
  const { name, out, format, datasource, grafana } = options;
  const refuse = (code: string, where: string, found: string, fix: string) =>
    reportProblems('import', [{ code: `import/${code}`, where, found, fix }], format);
  if (namesOf(name)?.snake !== name)
    return refuse(
      'usage',
      '--name',
      printValue(name),
      `name the system in snake case, ${LONGEST_NAME} characters at most, such as checkout`,
    );
  const read = readAll(paths);
  if ('where' in read)
    return refuse('unreadable', read.where, read.trouble, 'name a file or a folder that can be read');
  const page = await exposedAt(options);
  if ('problem' in page) return reportProblems('import', [page.problem], format);
  const { exposed, scope } = page;
  if (read.boards.length === 0 && read.rules.length === 0 && read.alerts.length === 0)
    return reportProblems(
      'import',
      read.findings.length > 0
        ? read.findings.map(({ id, where, found, fix = '' }) => ({ code: id, where, found, fix }))
        : [
            {
              code: 'import/nothing',
              where: paths.join(', '),
              found: 'no boards and no rules',
              fix: 'name other files',
            },
          ],
      format,
    );
  let imported: Imported;
  try {
    imported = importDefinitions(read, { name, scope, datasource, exposed });
  } catch (error) {
    // Prometheus and Grafana refuse such files too, for example one with two groups of one name.
    if (!isProblemsError(error)) throw error;
    return reportProblems('import', error.problems, format);
  }
  const root = resolve(out);
  const source = (await originOf(root)) ?? `example.org/${name.replaceAll('_', '-')}`;
  const built = misleading(imported, options, source);
  const files = importedFiles(imported, { name, scope, datasource, grafana, source, isLarge: built.isLarge });
  const taken = options.report === true ? [] : problemsOfTaken(root, files);
  if (taken.length > 0) return reportProblems('import', taken, format);
  const unknown: readonly Finding[] =
    exposed === undefined
      ? [
          {
            id: 'import/no-metrics',
            severity: 'note',
            where: '--metrics',
            found: 'no page of metrics: import assumes that all metrics and labels in queries exist',
            fix: 'give the address or a file of what the service exposes: import then lists missing ones',
          },
        ]
      : [];
  const findings = gravestFirst([...read.findings, ...imported.findings, ...built.findings, ...unknown]);
  const ok = !findings.some(({ severity, id }) => severity === 'error' && id.startsWith('import/'));
  if (options.report !== true) writeFiles(root, files);
  const { accounts } = imported;
  return printOutcome({ command: 'import', ok, findings, details: { accounts } }, format, () => {
    for (const each of findings) printError(`${printFinding(each)}\n\n`);
    printLine(printAccounts(accounts));
    const count = (level: Finding['severity']) => findings.filter(({ severity }) => severity === level).length;
    printLine(`\n${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`);
    if (!ok) printLine('A file or a rule could not be taken: see the errors whose names begin with import/.');
    if (options.report === true) return;
    printWritten(root, files, CONFIG_PATH, 'npx lockstep lint   # says again what of them misleads');
  });
}

/** A file, or all files of a folder that may hold boards or rules. */
function readAll(paths: readonly string[]): Sources | { readonly where: string; readonly trouble: string } {
  const all: {
    boards: Sources['boards'][number][];
    rules: Sources['rules'][number][];
    alerts: Sources['alerts'][number][];
    findings: Finding[];
  } = {
    boards: [],
    rules: [],
    alerts: [],
    findings: [],
  };
  for (const path of paths.flatMap(filesOf)) {
    const text = readText(path);
    if (text?.text === undefined) return { where: path, trouble: text?.trouble ?? 'no such file' };
    const found = readSources(text.text, path.replaceAll('\\', '/'));
    all.boards.push(...found.boards);
    all.rules.push(...found.rules);
    all.alerts.push(...found.alerts);
    all.findings.push(...found.findings);
  }
  return all;
}

/** A file, or the files of a folder that an import may read. */
export function filesOf(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((each) => /\.(json|ya?ml|rules)$/i.test(each))
    .sort()
    .map((each) => join(path, each));
}

/** The findings of `lockstep lint` about the files that would be built. */
function misleading(
  { catalogue, used, boards, rules, alerts }: Imported,
  { grafana, datasource }: ImportDefinitionsOptions,
  source: string,
): { readonly findings: readonly Finding[]; readonly isLarge: boolean } {
  const isQuoted = needsPrometheus3({ used, rules });
  const config = (isLarge: boolean): Config => ({
    source,
    target: importTarget({ grafana, datasource, isLarge }, isQuoted),
    systems: [
      {
        catalogue,
        dashboards: [],
        alerts: [],
        boards: boards.map(({ board }) => board),
        rules: [...rules.map((each) => each.rules), ...alerts.map((each) => each.alerts)],
      },
    ],
  });
  const first = planFiles(config(false));
  const large = first.problems.filter(({ code }) => code === 'emit/too-large');
  const isLarge = large.length > 0;
  const { files, problems } = isLarge ? planFiles(config(true)) : first;
  const whereOf = new Map(boards.map(({ board, source: { where } }) => [board.uid, where]));
  const uidOf = new Map(
    files.flatMap(({ path, kind, resource }) => (kind === 'board' ? [[path, resource.spec.uid] as const] : [])),
  );
  const all = lintPlan(toSubject(config(isLarge), files, new Map(), new Map(), dayOf(new Date())));
  // Advice to others about their names is not worth a page.
  const found = all.filter(({ rule }) => rule !== 'lint/foreign-convention');
  const names = all.length - found.length;
  const findings = [
    ...large.map((problem): Finding => ({ ...findingOf(problem), severity: 'note' })),
    ...(names === 0
      ? []
      : [
          {
            id: 'lint/foreign-convention',
            severity: 'note' as const,
            where: `catalogue ${catalogue.name}`,
            found: `${names} breaks of naming conventions in metrics of others`,
            fix: '`lockstep lint` lists them',
          },
        ]),
    ...problems.map((problem): Finding => ({ ...findingOf(problem), severity: 'warning' })),
    ...found.map((each): Finding => {
      // The place would be one in a file that is not written yet.
      const { finding } = toFinding(each, undefined, each.file);
      const where = whereOf.get(uidOf.get(each.file) ?? '');
      return where === undefined
        ? finding
        : { ...finding, where: [where, each.owner].filter((part) => part !== '').join(' › ') };
    }),
  ];
  return { findings, isLarge };
}

function printAccounts(accounts: readonly Account[]): string {
  const sum = (key: 'total' | 'kept' | 'told' | 'lost') => accounts.reduce((all, each) => all + each[key], 0);
  const rows = accounts.map(({ file, what, total, kept, told, lost }) => [file, what, total, kept, told, lost]);
  return printTable([
    ['file', 'what', 'total', 'kept', 'told', 'lost'],
    ...rows,
    ...(accounts.length > 1 ? [['all', '', sum('total'), sum('kept'), sum('told'), sum('lost')]] : []),
  ]);
}
