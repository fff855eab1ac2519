import type { Place, Problem } from 'lockstep-exporter/internal';

export type FindingSeverity = 'error' | 'warning' | 'note';

/** Something that is wrong, or that somebody should know: what every command finds, whatever it looks at. */
export interface Finding {
  /** The rule, by its stable id: `catalogue/counter-suffix`, `lint/no-unit`, `check/changed`. */
  readonly id: string;
  readonly severity: FindingSeverity;
  /** The definition path, the part of a resource, the metric or the option that it is about. */
  readonly where: string;
  /** The place in a file, if there is one. */
  readonly at?: Place | undefined;
  /** The author's own line, of a finding whose place is in a file that is built. */
  readonly source?: Place | undefined;
  readonly found: string;
  /** Values that would have been accepted, where they can be listed. */
  readonly allowed?: string | undefined;
  /** How to mend it. */
  readonly fix?: string | undefined;
  /** The panels and alerts that break by it, of a change. */
  readonly breaks?: readonly string[] | undefined;
  /** The fate of recorded data after a change. */
  readonly history?: string | undefined;
}

/** The answer of a command. */
export interface Outcome {
  readonly command: string;
  /** Whether the command exits with 0. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Facts beyond the findings; `docs/report.schema.json` lists them for each command. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A problem of a definition: always an error. */
export function findingOf({ code, where, at, found, allowed, fix }: Problem): Finding {
  return { id: code, severity: 'error', where, at, found, allowed, fix };
}
