/**
 * The rules of `lockstep lint`, by their stable ids. Each has a section in docs/lint.md.
 *
 * `error` is what shows or tells something false; `warning` what will, or what nobody can read.
 */
export const LINT_RULES = {
  'lint/undeclared-variable': 'error',
  'lint/unused-variable': 'warning',
  'lint/unwired-datasource': 'error',
  'lint/no-unit': 'warning',
  'lint/no-title': 'warning',
  'lint/no-description': 'warning',
  'lint/no-legend': 'warning',
  'lint/duplicate-title': 'error',
  'lint/duplicate-id': 'error',
  'lint/grid-overlap': 'error',
  'lint/grid-overflow': 'error',
  'lint/colour-only': 'warning',
  'lint/short-window': 'error',
  'lint/integer-le': 'error',
  'lint/averaged-ratio': 'error',
  'lint/long-range': 'warning',
  'lint/many-lines': 'warning',
  'lint/silent-transport': 'warning',
  'lint/words': 'warning',
  'lint/left-out-choice': 'warning',
  'lint/unchained-variable': 'warning',
  'lint/legend-label': 'error',
  'lint/template-label': 'error',
  'lint/never-true': 'error',
  'lint/always-true': 'warning',
  'lint/unchecked': 'warning',
  'lint/unused-metric': 'warning',
  'lint/unrecorded-metric': 'error',
  'lint/uid': 'error',
  'lint/title-length': 'error',
  'lint/large': 'warning',
  'lint/immutable': 'error',
  'lint/name-taken': 'error',
  'lint/past-day': 'warning',
  'lint/no-scope': 'warning',
  'lint/foreign-convention': 'warning',
  'lint/unused-exemption': 'warning',
  'lint/exemption-without-reason': 'error',
} as const satisfies Readonly<Record<string, 'error' | 'warning'>>;
export type LintRule = keyof typeof LINT_RULES;
export type LintSeverity = (typeof LINT_RULES)[LintRule];

/**
 * The rules of `lockstep diff`, by their stable ids, with the level at which each is told of a metric that is stable.
 * Each has a section in docs/diff.md.
 *
 * `error` is what a stage does not allow; `warning` what may mislead for a while; `note` what misleads nobody.
 */
export const DIFF_RULES = {
  'diff/added': 'note',
  'diff/removed': 'error',
  'diff/renamed': 'note',
  'diff/former-name': 'error',
  'diff/retyped': 'error',
  'diff/unit': 'error',
  'diff/help': 'note',
  'diff/stability': 'error',
  'diff/label-removed': 'error',
  'diff/label-added': 'warning',
  'diff/values-narrowed': 'error',
  'diff/values-widened': 'note',
  'diff/decided-otherwise': 'warning',
  'diff/recorded-otherwise': 'warning',
  'diff/bounds-removed': 'error',
  'diff/bounds-added': 'warning',
  'diff/alert-removed': 'error',
  'diff/alert-severity': 'error',
  'diff/alert-slower': 'error',
  'diff/alert-paused': 'error',
  'diff/alert-state': 'warning',
  'diff/alert-condition': 'error',
  'diff/moved': 'error',
  'diff/renamed-resource': 'error',
  'diff/datasource': 'error',
  'diff/runbooks': 'error',
  'diff/unused-exemption': 'warning',
} as const satisfies Readonly<Record<string, 'error' | 'warning' | 'note'>>;
export type DiffRule = keyof typeof DIFF_RULES;
export type DiffLevel = (typeof DIFF_RULES)[DiffRule];

/** Findings that are meant to be, each with the reason why: `{ 'lint/long-range': 'the SLO is over 30 days' }`. */
export type Exemptions = { readonly [Rule in LintRule | DiffRule | `house/${string}`]?: string };
