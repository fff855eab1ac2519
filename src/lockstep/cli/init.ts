import { existsSync, mkdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { isRecord, printValue } from 'lockstep-exporter/internal';
import type { PlannedText } from '../emit/files.js';
import { writeFiles } from '../emit/files.js';
import { hasQuotedNames } from '../import/metrics.js';
import type { SystemNames } from '../import/names.js';
import { LONGEST_NAME, namesOf } from '../import/names.js';
import { boardsOf, othersFiles } from '../init/others.js';
import type { TargetChoices } from '../init/project.js';
import { projectFiles, TSCONFIG, withIgnored, withScripts } from '../init/project.js';
import { serviceFiles } from '../init/service.js';
import { readText } from '../read.js';
import { printFinding } from '../report/text.js';
import { originOf } from './git.js';
import { printError } from './own-process.js';
import { EXIT, printLine, reportProblems } from './print.js';
import type { MetricsOptions } from './read-found.js';
import { readFound } from './read-found.js';

export interface InitOptions extends TargetChoices, MetricsOptions {
  readonly name?: string;
}

/** Files that may be there: something is added to them. */
const MENDED = ['package.json', '.gitignore'] as const;

/**
 * `lockstep init`: definitions that build, lint and prove as they stand, for a service that imports the exporter or,
 * with `--metrics` or `--prometheus`, for one whose metrics somebody else records. It writes all files or none, and
 * over no file.
 */
export async function init(folder: string | undefined, options: InitOptions): Promise<number> {
  const root = resolve(folder ?? '.');
  const refuse = (code: string, where: string, found: string, fix: string) =>
    reportProblems('init', [{ code, where, found, fix }], 'text');
  const there = new Map<string, ReturnType<typeof readText>>(MENDED.map((path) => [path, readText(join(root, path))]));
  for (const [path, read] of there)
    if (read?.trouble !== undefined)
      return refuse('init/unreadable', path, read.trouble, 'move it away, or begin in another folder');
  const packageText = there.get('package.json')?.text;
  let packageName: unknown;
  try {
    packageName = packageText === undefined ? undefined : nameIn(packageText);
  } catch {
    return refuse('init/package', 'package.json', 'text that is not JSON', 'correct it: two scripts go into it');
  }
  const given = options.name ?? (typeof packageName === 'string' ? packageName : basename(root));
  const names = namesOf(given);
  if (names === undefined)
    return refuse(
      'init/name',
      options.name === undefined ? 'the name of the package or folder' : '--name',
      printValue(given),
      `name the system with --name: letters, digits and _, ${LONGEST_NAME} characters at most, such as checkout`,
    );

  let definitions: readonly PlannedText[];
  const read = await readFound(options);
  if (read === undefined) definitions = serviceFiles(names);
  else {
    if ('trouble' in read) return refuse('init/metrics', read.where, read.trouble, read.fix);
    for (const each of read.found.findings) printError(`${printFinding(each)}\n\n`);
    definitions = othersFiles(names, read.found, read.scope);
  }
  const source = (await originOf(root)) ?? `example.org/${names.kebab}`;
  const has =
    read === undefined
      ? {}
      : { isQuoted: hasQuotedNames(read.found), isLarge: boardsOf(read.found.metrics).length > 1 };
  const files = [...definitions, ...projectFiles(names, source, options, has)];
  const taken = files.filter(({ path }) => existsSync(join(root, path)));
  if (taken.length > 0)
    return reportProblems(
      'init',
      taken.map(({ path }) => ({
        code: 'init/exists',
        where: join(relative('.', root), path),
        found: 'a file that is there',
        fix: 'init overwrites no file: move it away, or begin in another folder',
      })),
      'text',
    );
  mkdirSync(root, { recursive: true });
  const written = writeFiles(root, [
    ...files,
    { path: 'package.json', text: withScripts(packageText, names) },
    { path: '.gitignore', text: withIgnored(there.get('.gitignore')?.text, 'node_modules/') },
    ...(existsSync(join(root, 'tsconfig.json')) ? [] : [{ path: 'tsconfig.json', text: TSCONFIG }]),
  ]);
  for (const [path, status] of written) {
    const isMended = status === 'written' && there.get(path) !== undefined;
    printLine(`${(isMended ? 'changed' : status).padEnd(10)} ${join(relative('.', root), path)}`);
  }
  if (read !== undefined && Object.keys(read.scope).length === 0)
    printError(
      'no --scope: each query adds up the series of everybody who has a metric of that name. Say scope in lockstep/catalogue.ts.\n',
    );
  printNext(root, names, read === undefined);
  // The files are there, without what no Prometheus reads.
  return read?.found.findings.some(({ severity }) => severity === 'error') === true ? EXIT.checkFailed : EXIT.fine;
}

function nameIn(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value['name'] : undefined;
}

function printNext(root: string, names: SystemNames, isOwn: boolean): void {
  const at = relative('.', root);
  printLine('');
  if (isOwn)
    printLine(
      `Record the metrics: import { createExporter } from 'lockstep-exporter' and ${names.camel} from lockstep/catalogue.ts.`,
    );
  printLine(
    'Look through lockstep.config.ts: datasource, instanceSelector, alertFolder and runbooks are yours to name.',
  );
  printLine('Next:');
  printLine(`  ${at === '' ? '' : `cd ${at} && `}npm run build:dashboards   # writes out/ and docs/metrics`);
  printLine('  npx lockstep preview --open   # shows the board in a browser');
}
