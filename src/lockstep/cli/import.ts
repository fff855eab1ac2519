import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Catalogue } from 'lockstep-exporter/catalogue';
import { identifier, printAdditions, printCatalogue } from '../import/print-catalogue.js';
import type { Proposal } from '../import/propose.js';
import { propose } from '../import/propose.js';
import type { Finding } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { loadPlan } from './load.js';
import { printError } from './own-process.js';
import type { Format } from './print.js';
import { printLine, printOutcome, reportProblems } from './print.js';
import type { MetricsOptions } from './read-found.js';
import { readFound } from './read-found.js';

export interface ImportMetricsOptions extends Omit<MetricsOptions, 'metrics'> {
  readonly name: string;
  readonly out?: string;
  readonly report?: boolean;
  readonly config?: string;
  readonly format: Format;
}

/**
 * The catalogue of this name in the configuration, where the file that is to be written stands already: people may have
 * written in it, so an import proposes and does not write.
 */
async function standingCatalogue(
  name: string,
  config: string | undefined,
): Promise<{ readonly catalogue: Catalogue } | { readonly trouble: string; readonly fix: string }> {
  const loaded = await loadPlan(config);
  const fix = `write to another file; or give --config with the configuration of ${name}, so that import can propose changes`;
  if (loaded.config === undefined)
    return { trouble: `the configuration cannot be read (${loaded.problems[0]?.found ?? 'no reason is known'})`, fix };
  const catalogue = loaded.config.systems.map((system) => system.catalogue).find((each) => each.name === name);
  if (catalogue === undefined) return { trouble: `the configuration has no system ${name}`, fix };
  if (catalogue.recordedBy !== 'others')
    return {
      trouble: `your program records the metrics of ${name}`,
      fix: 'compare the two by `lockstep verify --metrics`: the catalogue decides, and the program follows',
    };
  return { catalogue };
}

/** Findings on stderr, and on stdout the TypeScript to be added. Nothing is written. */
function printProposal(
  { added, findings: differences }: Proposal,
  others: readonly Finding[],
  { name, out, format }: ImportMetricsOptions,
): number {
  const findings = [...others, ...differences];
  const changes = findings.filter(({ severity }) => severity !== 'note').length;
  const ok = !findings.some(({ severity }) => severity === 'error');
  const details = { metrics: added.metrics.length };
  return printOutcome({ command: 'import', ok, findings, details }, format, () => {
    if (added.metrics.length + added.labels.length > 0) printLine(printAdditions(added, identifier(name)).trimEnd());
    for (const each of findings) printError(`${printFinding(each)}\n\n`);
    printError(
      changes === 0
        ? `catalogue ${name} has what is exposed; nothing to change\n`
        : `${changes} findings to look at; ${out} is as it was\n`,
    );
  });
}

/**
 * `lockstep import metrics` makes a catalogue of what a process exposes, or of series in a Prometheus. It overwrites no
 * file: where the file is there, it proposes what to change in it.
 */
export async function importMetrics(source: string | undefined, options: ImportMetricsOptions): Promise<number> {
  const { name, out, format } = options;
  const refuse = (code: string, where: string, found: string, fix: string) =>
    reportProblems('import', [{ code, where, found, fix }], format);
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    return refuse('import/usage', '--name', name, 'name the system in snake case, such as checkout');
  const path = out === undefined ? undefined : resolve(out);
  const standing = path !== undefined && existsSync(path) ? await standingCatalogue(name, options.config) : undefined;
  if (standing !== undefined && 'trouble' in standing)
    return refuse('import/exists', out ?? '', `a file that is there; ${standing.trouble}`, standing.fix);
  const read = await readFound(source === undefined ? options : { ...options, metrics: source });
  if (read === undefined)
    return refuse('import/usage', 'import metrics', 'no metrics', 'name an address or a file, or a --prometheus');
  if ('trouble' in read) return refuse(`import/${read.rule}`, read.where, read.trouble, read.fix);
  const { found, scope } = read;
  if (standing !== undefined) return printProposal(propose(standing.catalogue, found), found.findings, options);
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
