import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { dayOf, VERSION } from 'lockstep-exporter/internal';
import { findOrphans } from '../emit/files.js';
import { findTakenNames } from '../emit/taken-names.js';
import type { Finding } from '../lint/finding.js';
import { lintPlan } from '../lint/lint.js';
import { locate } from '../lint/locate.js';
import { printFinding, toSarif } from '../lint/report.js';
import { toSubject } from '../lint/subject.js';
import { readText } from '../read.js';
import { loadPlan, outputFolder } from './load.js';
import { annotation, EXIT, printCommand, printLine, reportProblems } from './print.js';

export const LINT_FORMATS = ['text', 'json', 'github', 'sarif'] as const;

export interface LintOptions {
  readonly config?: string;
  readonly against?: string;
  readonly format: (typeof LINT_FORMATS)[number];
  readonly failOn: 'error' | 'warning';
}

/** `lockstep lint`: what of the files that would be committed misleads, or will not hold. Writes nothing. */
export async function lint(options: LintOptions): Promise<number> {
  const { format } = options;
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems(loaded.problems, format === 'sarif' ? 'json' : format);
  const { config, files } = loaded;
  const folder = outputFolder(options.against, options.config);
  const root = resolve(options.config === undefined ? '.' : dirname(options.config));
  const recorded = config.systems.flatMap(({ recordedIn = [] }) => recordedIn);
  const missing = recorded.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0)
    return reportProblems(
      missing.map((path) => ({
        code: 'config/recorded-in',
        where: 'lockstep.config › systems › recordedIn',
        found: `${path}, which is not there`,
        fix: 'name the files in which the exporter records, from the folder of the configuration',
      })),
      format === 'sarif' ? 'json' : format,
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
  const taken = findTakenNames(folder, files, leftovers);
  const findings = lintPlan(toSubject(config, files, checkedIn, read(recorded, root), dayOf(new Date()), taken));
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const shownPath = (file: string) =>
    texts.has(file) ? relative(process.cwd(), join(folder, file)).replaceAll('\\', '/') : file;
  const failing = findings.filter(({ severity }) => severity === 'error' || options.failOn === 'warning');
  switch (format) {
    case 'json':
      printLine(
        JSON.stringify(
          { ok: failing.length === 0, findings: findings.map((each) => withPlace(each, texts)) },
          undefined,
          2,
        ),
      );
      break;
    case 'sarif':
      printLine(
        JSON.stringify(
          toSarif(findings, VERSION, (file) => texts.get(file), shownPath),
          undefined,
          2,
        ),
      );
      break;
    case 'github':
      for (const each of findings) {
        const text = texts.get(each.file);
        const message = `${each.owner === '' ? '' : `${each.owner}: `}${each.found}; ${each.fix}`;
        const line = text === undefined ? undefined : locate(each, text)?.line;
        printCommand(
          annotation(each.rule, message, text === undefined ? undefined : shownPath(each.file), line, each.severity),
        );
      }
      break;
    case 'text':
      for (const each of findings)
        printLine(`${printFinding({ ...each, file: shownPath(each.file) }, texts.get(each.file))}\n`);
      printLine(
        `${files.length} files, ${findings.length} findings${findings.length === 0 ? '' : `, ${failing.length} of which fail`}`,
      );
  }
  return failing.length === 0 ? EXIT.fine : EXIT.checkFailed;
}

function withPlace(finding: Finding, texts: ReadonlyMap<string, string>) {
  const text = texts.get(finding.file);
  const place = text === undefined ? undefined : locate(finding, text);
  return { ...finding, line: place?.line ?? null, column: place?.column ?? null };
}
