import type { LintRule, LintSeverity } from 'lockstep-exporter/internal';
import { LINT_RULES } from 'lockstep-exporter/internal';
import type { OwnRule } from '../config/own-rule.js';

/** Steps into a resource; steps after `json` lead into the dashboard's model. */
export type Path = readonly (string | number)[];

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
  /** The part of a text that is meant: its place in the value at {@link path}, and its length. */
  readonly span?: readonly [number, number];
}

/** Notes a finding about a resource. */
export type Say = (
  rule: LintRule,
  owner: string,
  path: Path,
  found: string,
  fix: string,
  span?: readonly [number, number],
) => void;

/** Notes findings about one file, whose paths lead on from `base`. */
export function sayInto(findings: LintFinding[], file: string, base: Path): Say {
  return (rule, owner, path, found, fix, span) =>
    findings.push({
      rule,
      severity: LINT_RULES[rule],
      file,
      path: [...base, ...path],
      owner,
      found,
      fix,
      ...(span === undefined ? {} : { span }),
    });
}

/** The owner of a finding about a panel. */
export function ownerOf(panel: { readonly title?: string }): string {
  return `panel ${JSON.stringify(panel.title ?? '')}`;
}
