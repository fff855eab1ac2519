import type { Problem } from 'lockstep-exporter/internal';
import { printProblems } from 'lockstep-exporter/internal';
import { printError, printOut } from './own-process.js';

/** Exit codes of every command. */
export const EXIT = { fine: 0, checkFailed: 1, badInput: 2 } as const;

export const FORMATS = ['text', 'json', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export function printLine(text: string): void {
  printOut(`${withoutCommands(text)}\n`);
}

/** Prints an {@link annotation}. */
export function printCommand(annotated: string): void {
  printOut(`${annotated}\n`);
}

/**
 * GitHub's runner takes a line for a command that begins with `::`, after blanks too, and one that has `##[` anywhere.
 */
function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}

/** Problems of the definitions, in the format that was asked for: text to stderr, the machine formats to stdout. */
export function reportProblems(problems: readonly Problem[], format: Format): number {
  if (format === 'json') printLine(JSON.stringify({ ok: false, problems }, undefined, 2));
  else if (format === 'github')
    for (const { code, where, at = '', found, fix } of problems) {
      const [, file, line] = /^(.+):(\d+):\d+$/.exec(at) ?? [];
      printCommand(
        annotation(code, `${where}: found ${found}; ${fix}`, file, line === undefined ? undefined : Number(line)),
      );
    }
  else
    printError(
      `${withoutCommands(printProblems(problems))}\n\n${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was written\n`,
    );
  return EXIT.badInput;
}

/**
 * A GitHub workflow command (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), escaped
 * as its toolkit does.
 */
export function annotation(
  title: string,
  message: string,
  file?: string,
  line?: number,
  level: 'error' | 'warning' = 'error',
): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const properties = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${property(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${data(message)}`;
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
