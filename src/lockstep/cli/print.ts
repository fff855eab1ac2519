import type { Problem } from 'lockstep-exporter/internal';
import type { Finding, Outcome } from '../report/finding.js';
import { findingOf } from '../report/finding.js';
import { toAnnotations } from '../report/github.js';
import { toJson } from '../report/json.js';
import { toJunit } from '../report/junit.js';
import { toSarif } from '../report/sarif.js';
import { printFinding } from '../report/text.js';
import { printError, printOut } from './own-process.js';

/** Exit codes of every command. */
export const EXIT = { fine: 0, checkFailed: 1, badInput: 2 } as const;

export const FORMATS = ['text', 'json', 'github', 'sarif', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

export function printLine(text: string): void {
  printOut(`${withoutCommands(text)}\n`);
}

/**
 * GitHub's runner takes a line for a command that begins with `::`, after blanks too, and one that has `##[` anywhere.
 */
function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}

/**
 * Prints what a command found, in the format that was asked for.
 *
 * @param text      prints it for a person
 * @param isFailing whether a finding is one for which the command fails
 */
export function printOutcome(
  outcome: Outcome,
  format: Format,
  text: () => void,
  isFailing: (finding: Finding) => boolean = ({ severity }) => severity === 'error',
): number {
  switch (format) {
    case 'text':
      text();
      break;
    case 'json':
      printLine(toJson(outcome));
      break;
    case 'github':
      for (const line of toAnnotations(outcome)) printOut(`${line}\n`);
      break;
    case 'sarif':
      printLine(toSarif(outcome, helpOf));
      break;
    case 'junit':
      printLine(toJunit(outcome, isFailing));
  }
  return outcome.ok ? EXIT.fine : EXIT.checkFailed;
}

/** Problems of the definitions or of the usage: as text on stderr, in the machine formats on stdout. */
export function reportProblems(command: string, problems: readonly Problem[], format: Format): number {
  const findings = problems.map(findingOf);
  printOutcome({ command, ok: false, findings }, format, () =>
    printError(
      `${withoutCommands(findings.map((each) => printFinding(each)).join('\n\n'))}\n\n${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was written\n`,
    ),
  );
  return EXIT.badInput;
}

/** Where a rule is described. */
function helpOf(id: string): string | undefined {
  const [, page, name] = /^(lint|diff)\/(.+)$/.exec(id) ?? [];
  return page === undefined ? undefined : `docs/${page}.md#${page}${name}`;
}

/** Bytes as a person reads them: `72.3 kB`. */
export function printBytes(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

/** Rows with their columns aligned; numbers to the right. */
export function printTable(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          typeof cell === 'number' ? String(cell).padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
