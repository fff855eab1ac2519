import type { Place } from 'lockstep-exporter/internal';
import { printPlace } from 'lockstep-exporter/internal';
import type { Finding } from './finding.js';

/** So much of a long line is shown, around the place. */
const SHOWN = 100;
const BEFORE = 20;

/**
 * A finding as a person reads it: what, where, the line with a caret below the place, and the fix.
 *
 * @param line the text of the line, where it is to be shown
 */
export function printFinding(finding: Finding, line?: string): string {
  const { id, severity, where, at, source, found, allowed, fix, breaks = [], history } = finding;
  const rows: string[] = [`${severity}[${id}] ${where}`];
  // A message that names its line itself needs no second mention.
  if (at !== undefined && !found.includes(printPlace(at))) rows.push(row('at', printPlace(at)));
  if (at !== undefined && line !== undefined) rows.push(...excerpt(at, line));
  if (source !== undefined) rows.push(row('source', printPlace(source)));
  rows.push(row('found', found));
  breaks.forEach((each, index) => {
    rows.push(row(index === 0 ? 'breaks' : '', each));
  });
  if (history !== undefined) rows.push(row('history', history));
  if (allowed !== undefined) rows.push(row('allowed', allowed));
  if (fix !== undefined) rows.push(row('fix', fix));
  return rows.join('\n');
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(7)}  ${text}`;
}

function excerpt({ line = 1, column = 1, length = 1 }: Place, text: string): readonly string[] {
  const from = Math.max(0, Math.min(column - 1 - BEFORE, text.length - SHOWN));
  const caret = column - 1 - from;
  const number = String(line);
  return [
    `  ${number} | ${from > 0 ? '...' : ''}${text.slice(from, from + SHOWN)}${from + SHOWN < text.length ? '...' : ''}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(caret + (from > 0 ? 3 : 0))}${'^'.repeat(Math.max(1, Math.min(length, SHOWN - caret)))}`,
  ];
}
