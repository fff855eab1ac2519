import { conventionsOf, LINT_RULES } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import { everyPanel, expressionsOf, queriesOf, standingRules } from '../existing/read.js';
import { selections } from '../promql/tree.js';
import type { LintFinding } from './finding.js';
import type { Subject } from './subject.js';

function uncheckedIn({ boards = [], rules = [] }: System): readonly string[] {
  return [
    ...boards.flatMap(({ panels }) => everyPanel(panels).flatMap(({ queries = [] }) => queries)),
    ...rules.flatMap(standingRules).flatMap(({ texts }) => texts),
  ].flatMap(({ promql, unchecked }) => (unchecked === undefined || promql === undefined ? [] : [promql]));
}

/** Metrics that nothing reads, and metrics that are read and that nothing records. */
export function lintMetrics(system: System, { sources, today }: Subject): readonly LintFinding[] {
  const read = new Set(
    [
      ...system.dashboards.flatMap(({ rows }) =>
        rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries)),
      ),
      ...system.alerts.flatMap(({ rules }) => rules),
      ...(system.boards ?? []).flatMap(queriesOf),
      ...(system.rules ?? []).flatMap(expressionsOf),
    ].flatMap(({ node }) => [...selections(node)].map(({ selector }) => selector.metric)),
  );
  const texts = (system.recordedIn ?? []).map((path) => sources.get(path) ?? '');
  const say = (
    rule: 'lint/unused-metric' | 'lint/unrecorded-metric' | 'lint/past-day',
    name: string,
    found: string,
    fix: string,
  ): LintFinding => ({
    rule,
    severity: LINT_RULES[rule],
    file: `catalogue ${system.catalogue.name}`,
    path: [],
    owner: `metric ${name}`,
    found,
    fix,
  });
  const past = Object.values(system.catalogue.metrics).flatMap(
    ({ name, stability, renamedFrom }): readonly LintFinding[] => {
      const gone = typeof stability === 'object' && stability.deprecatedUntil <= today;
      return [
        ...(gone
          ? [
              say(
                'lint/past-day',
                name,
                `deprecated until ${stability.deprecatedUntil}, which is past`,
                'drop the metric, or say a later day',
              ),
            ]
          : []),
        ...(renamedFrom !== undefined && renamedFrom.until <= today
          ? [
              say(
                'lint/past-day',
                name,
                `exposed and read as ${renamedFrom.name} too until ${renamedFrom.until}, which is past`,
                'drop renamedFrom, or say a later day: every series is stored twice',
              ),
            ]
          : []),
      ];
    },
  );
  // A text that is not looked up may read any metric that it names.
  const uncheckedTexts = uncheckedIn(system);
  const unread = Object.entries(system.catalogue.metrics).flatMap(([handle, metric]): readonly LintFinding[] => {
    if (!read.has(metric) && !uncheckedTexts.some((each) => each.includes(metric.name)))
      return [
        say(
          'lint/unused-metric',
          metric.name,
          'no panel shows it and no alert reads it',
          'show it, alert on it, or drop it: it is recorded, shipped and stored for nobody',
        ),
      ];
    if (texts.length === 0 || texts.some((text) => recordingOf(handle).test(text))) return [];
    return [
      say(
        'lint/unrecorded-metric',
        metric.name,
        `nothing in ${(system.recordedIn ?? []).join(', ')} records it`,
        `record it (record.${handle}.${VERBS[metric.kind]}(...)), or drop what reads it: it would show nothing for ever`,
      ),
    ];
  });
  return [...past, ...unread, ...lintForeign(system)];
}

/**
 * Of metrics that others record: what adds up everybody's, and what of their names is advice to whoever records them.
 */
function lintForeign({ catalogue }: System): readonly LintFinding[] {
  const finding = (
    rule: 'lint/no-scope' | 'lint/foreign-convention',
    owner: string,
    found: string,
    fix: string,
  ): LintFinding => ({
    rule,
    severity: LINT_RULES[rule],
    file: `catalogue ${catalogue.name}`,
    path: [],
    owner,
    found,
    fix,
  });
  if (catalogue.recordedBy !== 'others') return [];
  const metrics = Object.values(catalogue.metrics);
  const bare = metrics.filter(({ foreign }) => foreign?.scope.length === 0);
  const scope =
    bare.length === 0
      ? []
      : [
          finding(
            'lint/no-scope',
            `metric ${bare[0]?.name}`,
            `no scope, on ${bare.length} of ${metrics.length} metrics that others record`,
            "say which series are yours, scope: { namespace: 'checkout' }: a query adds up those of everybody who has a metric of that name",
          ),
        ];
  const conventions = metrics.flatMap((metric) => {
    // The parts of a summary are called as Prometheus has them.
    if (/_(sum|count)$/.test(metric.name)) return [];
    const [first, ...more] = conventionsOf(metric);
    if (first === undefined) return [];
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    const fix = `${first.fix}, where it is recorded; or exempt the metric, since it is not yours to rename`;
    return [finding('lint/foreign-convention', `metric ${metric.name}`, `${first.found}${others}`, fix)];
  });
  return [...scope, ...conventions];
}

const VERBS = { counter: 'add', gauge: 'set', histogram: 'observe' } as const;

/** A call that records by a handle of the catalogue: `record.sessions.add(`. */
function recordingOf(handle: string): RegExp {
  return new RegExp(`\\b${handle}\\s*\\.\\s*(add|set|observe)\\s*\\(`);
}
