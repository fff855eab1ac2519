import type { Place } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import type { LintFinding } from './finding.js';
import { locate } from './locate.js';

/** A finding with its place, as every command reports it, and the text of its line. */
export interface LocatedFinding {
  readonly finding: Finding;
  readonly line: string | undefined;
}

/**
 * Finds the place of a finding in the file that it is about.
 *
 * @param text  the text of that file; `undefined` of what is about no file
 * @param shown the path by which the reader knows the file
 * @param source the author's own line, if it is known
 */
export function toFinding(raw: LintFinding, text: string | undefined, shown: string, source?: Place): LocatedFinding {
  const { rule, severity, file, owner, found, fix } = raw;
  const place = text === undefined ? undefined : locate(raw, text);
  const at =
    text === undefined
      ? undefined
      : { file: shown, ...(place && { line: place.line, column: place.column, length: place.length }) };
  const where = [...(text === undefined ? [file] : []), ...(owner === '' ? [] : [owner])].join(' › ');
  const placed = { at, ...(source === undefined ? {} : { source }) };
  return {
    finding: { id: rule, severity, where: where === '' ? shown : where, ...placed, found, fix },
    line: place?.text,
  };
}
