/** The rules of `lockstep lint`, by their stable ids. Each has a section in docs/lint.md. */
export type LintRule =
  | 'lint/undeclared-variable'
  | 'lint/unused-variable'
  | 'lint/unwired-datasource'
  | 'lint/no-unit'
  | 'lint/no-title'
  | 'lint/no-description'
  | 'lint/no-legend'
  | 'lint/duplicate-title'
  | 'lint/duplicate-id'
  | 'lint/grid-overlap'
  | 'lint/grid-overflow'
  | 'lint/colour-only'
  | 'lint/short-window'
  | 'lint/few-samples'
  | 'lint/integer-le'
  | 'lint/averaged-ratio'
  | 'lint/wide-bucket'
  | 'lint/percent-of-share'
  | 'lint/long-range'
  | 'lint/many-lines'
  | 'lint/silent-transport'
  | 'lint/words'
  | 'lint/left-out-choice'
  | 'lint/unchained-variable'
  | 'lint/legend-label'
  | 'lint/template-label'
  | 'lint/never-true'
  | 'lint/always-true'
  | 'lint/unchecked'
  | 'lint/unused-metric'
  | 'lint/unrecorded-metric'
  | 'lint/uid'
  | 'lint/title-length'
  | 'lint/large'
  | 'lint/immutable'
  | 'lint/name-taken'
  | 'lint/undeclared-resource'
  | 'lint/past-day'
  | 'lint/no-scope'
  | 'lint/all-states'
  | 'lint/foreign-convention'
  | 'lint/unused-exemption'
  | 'lint/exemption-without-reason';

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
  'diff/alert-receiver': 'error',
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

/** The rules of `lockstep verify` that doubt the numbers of a metric, which its definition may exempt. */
export const DOUBT_RULES = [
  'verify/outside-buckets',
  'verify/part-over-whole',
  'verify/percentage',
  'verify/standstill',
] as const;
export type DoubtRule = (typeof DOUBT_RULES)[number];

/** Findings that are meant to be, each with the reason why: `{ 'lint/long-range': 'the SLO is over 30 days' }`. */
export type Exemptions = { readonly [Rule in LintRule | DiffRule | DoubtRule | `house/${string}`]?: string };
