import { resolve } from 'node:path';
import { printValue } from 'lockstep-exporter/internal';
import { writeFiles } from '../emit/files.js';
import { LONGEST_NAME, namesOf } from '../import/names.js';
import { CONFIG_PATH } from '../import/project.js';
import { sloFiles } from '../import/slo-project.js';
import { readSloSources } from '../import/slo-sources.js';
import { importSlos, isSilent } from '../import/slos.js';
import { readText } from '../read.js';
import { printFinding } from '../report/text.js';
import { originOf } from './git.js';
import type { ImportDefinitionsOptions } from './import-definitions.js';
import { filesOf } from './import-definitions.js';
import { exposedAt, gravestFirst, printWritten, problemsOfTaken } from './import-files.js';
import { printError } from './own-process.js';
import { printLine, printOutcome, printTable, reportProblems } from './print.js';

/**
 * `lockstep import slo`: objectives of OpenSLO v1 or of Sloth as definitions with a board and alerts. It writes all
 * files or none, and over no file.
 */
export async function importSlo(paths: readonly string[], options: ImportDefinitionsOptions): Promise<number> {
  const { name, out, format } = options;
  const refuse = (code: string, where: string, found: string, fix: string) =>
    reportProblems('import', [{ code: `import/${code}`, where, found, fix }], format);
  const names = namesOf(name);
  if (names?.snake !== name)
    return refuse(
      'usage',
      '--name',
      printValue(name),
      `name the system in snake case, ${LONGEST_NAME} characters at most, such as checkout`,
    );
  const files: { file: string; text: string }[] = [];
  for (const path of paths.flatMap(filesOf)) {
    const read = readText(path);
    if (read?.text === undefined)
      return refuse('unreadable', path, read?.trouble ?? 'no such file', 'name a file or a folder that can be read');
    files.push({ file: path.replaceAll('\\', '/'), text: read.text });
  }
  const page = await exposedAt(options);
  if ('problem' in page) return reportProblems('import', [page.problem], format);
  const { scope } = page;
  const sources = readSloSources(files);
  const imported = importSlos(sources.slos, { name, system: names.kebab, scope, exposed: page.exposed });
  const findings = gravestFirst([...sources.findings, ...imported.findings]);
  if (imported.slos.length === 0 && findings.length === 0)
    return refuse('nothing', paths.join(', '), 'no objectives', 'name a file of OpenSLO v1 or of Sloth');
  const root = resolve(out);
  const source = (await originOf(root)) ?? `example.org/${names.kebab}`;
  const written =
    imported.slos.length === 0
      ? []
      : sloFiles(imported, names, {
          name,
          scope,
          datasource: options.datasource,
          grafana: options.grafana,
          source,
          isLarge: false,
        });
  const taken = options.report === true ? [] : problemsOfTaken(root, written);
  if (taken.length > 0) return reportProblems('import', taken, format);
  const ok = imported.slos.length > 0 && !findings.some(({ severity }) => severity === 'error');
  if (options.report !== true) writeFiles(root, written);
  const objectives = imported.slos.map(({ source, slo }) => ({
    where: source.where,
    name: slo.name,
    objective: slo.objective,
    window: slo.window,
    rules: isSilent(source) ? 0 : slo.policy.length,
  }));
  return printOutcome(
    { command: 'import', ok, findings, details: { total: sources.total, objectives } },
    format,
    () => {
      for (const each of findings) printError(`${printFinding(each)}\n\n`);
      printLine(
        printTable([
          ['objective', 'from', 'share', 'window', 'burn rules'],
          ...objectives.map((each) => [each.name, each.where, each.objective, each.window, each.rules]),
        ]),
      );
      const lost = sources.total - imported.slos.length;
      if (!ok)
        printLine(
          `\n${lost > 0 ? `${lost} of ${sources.total} objectives were not taken` : 'Not all of the files was taken'}: see the errors.`,
        );
      if (options.report === true || written.length === 0) return;
      const next = 'npx lockstep prove   # plays each alert, with a real promtool';
      printWritten(root, written, `${CONFIG_PATH} and lockstep/slos.ts`, next);
    },
  );
}
