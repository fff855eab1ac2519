import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printCatalogue } from '../import/print-catalogue.js';
import { printFinding } from '../report/text.js';
import { printError } from './own-process.js';
import type { Format } from './print.js';
import { printLine, printOutcome, reportProblems } from './print.js';
import type { MetricsOptions } from './read-found.js';
import { readFound } from './read-found.js';

export interface ImportMetricsOptions extends Omit<MetricsOptions, 'metrics'> {
  readonly name: string;
  readonly out?: string;
  readonly report?: boolean;
  readonly format: Format;
}

/** `lockstep import metrics`: a catalogue of what a process exposes, or of series in a Prometheus; over no file. */
export async function importMetrics(source: string | undefined, options: ImportMetricsOptions): Promise<number> {
  const { name, out, format } = options;
  const refuse = (code: string, where: string, found: string, fix: string) =>
    reportProblems('import', [{ code, where, found, fix }], format);
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    return refuse('import/usage', '--name', name, 'name the system in snake case, such as checkout');
  const path = out === undefined ? undefined : resolve(out);
  if (path !== undefined && existsSync(path))
    return refuse(
      'import/exists',
      out ?? '',
      'a file that is there',
      'write to another file, and take over what is new',
    );
  const read = await readFound(source === undefined ? options : { ...options, metrics: source });
  if (read === undefined)
    return refuse('import/usage', 'import metrics', 'no metrics', 'name an address or a file, or a --prometheus');
  if ('trouble' in read) return refuse(`import/${read.rule}`, read.where, read.trouble, read.fix);
  const { found, scope } = read;
  const { findings, metrics } = found;
  const ok = !findings.some(({ severity }) => severity === 'error');
  const catalogue = printCatalogue(found, { name, scope });
  if (options.report !== true && path !== undefined) writeFileSync(path, catalogue, { flag: 'wx' });
  return printOutcome({ command: 'import', ok, findings, details: { metrics: metrics.length } }, format, () => {
    if (options.report !== true && path === undefined) printLine(catalogue.trimEnd());
    // The catalogue alone goes to stdout: `lockstep import metrics … > catalogue.ts`.
    for (const each of findings) printError(`${printFinding(each)}\n\n`);
    printError(
      `${metrics.length} metrics, ${findings.length} findings${path === undefined ? '' : `; written to ${out}`}\n`,
    );
  });
}
