import type { LintRule, LintSeverity } from '../exempt.js';

/** Steps into a resource; steps after `json` lead into the dashboard's model. */
export type Path = readonly (string | number)[];

/** What is wrong with what would be committed. */
export interface Finding {
  readonly rule: LintRule;
  readonly severity: LintSeverity;
  /** Below the output folder; of a metric, the catalogue's own name. */
  readonly file: string;
  /** Where in the file; empty for the whole of it, or where there is no file. */
  readonly path: Path;
  /** Whose definition may exempt it: `panel "Title"`, `rule uid`, `metric name`, `variable name`, or empty for the whole resource. */
  readonly owner: string;
  /** What was found, in a line. */
  readonly found: string;
  readonly fix: string;
  /** Of a text, the part that is meant: its place in the value at {@link path}, and its length. */
  readonly span?: readonly [number, number];
}
