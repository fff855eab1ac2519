import type { LintRule } from 'lockstep-exporter/internal';
import type { OwnRule } from '../config/own-rule.js';

export type LintSeverity = OwnRule['severity'];

/** Steps into a resource; steps after `json` lead into the dashboard's model. */
export type Path = readonly (string | number)[];

/** A part of a text: where it begins, and its length. */
export type Span = readonly [at: number, length: number];

/** A fault of the files that would be committed. */
export interface LintFinding {
  readonly rule: LintRule | OwnRule['id'];
  readonly severity: LintSeverity;
  /** Below the output folder; of a metric, the catalogue's own name. */
  readonly file: string;
  /** Where in the file; empty for the whole of it, or where there is no file. */
  readonly path: Path;
  /**
   * Whose definition may exempt it: `panel "Title"`, `rule uid`, `metric name`, `variable name`, or empty for the
   * whole resource.
   */
  readonly owner: string;
  /** The fault, in a line. */
  readonly found: string;
  readonly fix: string;
  /** The part of the text at {@link path} that is meant. */
  readonly span?: Span;
}

/** The owner of a finding about a panel. */
export function ownerOf(panel: { readonly title?: string }): string {
  return `panel ${JSON.stringify(panel.title ?? '')}`;
}
