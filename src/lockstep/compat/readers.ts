import type { Metric } from 'lockstep-exporter/catalogue';
import { hasLabel } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import { expressionsOf, queriesOf } from '../existing/read.js';
import { panelsOf } from '../panels/dashboard.js';
import { dashboardTitle } from '../panels/names.js';
import type { Node } from '../promql/tree.js';
import { selections, walk } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';

/** A panel or an alert that reads a metric, and what of it. */
export interface Reader {
  readonly kind: 'panel' | 'alert';
  readonly title: string;
  /** The title of a panel's board, or the name of the resource of a rule that stood already. */
  readonly board?: string;
  /** The labels that it groups or selects by. */
  readonly labels: readonly string[];
  /** The values that it names, by label. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Whether it reads a histogram's buckets, and which bounds it names. */
  readonly buckets: boolean;
  readonly bounds: readonly number[];
  /** How far it reads back, in seconds, at the most; 0 where it reads what is now, or what the reader chooses. */
  readonly seconds: number;
}

/** The panels and alerts of a system that read a metric, in the order in which they are defined. */
export function readersOf(
  metric: Metric,
  { dashboards, alerts, boards = [], rules: existing = [] }: System,
): readonly Reader[] {
  const panels = dashboards.flatMap((dashboard) => {
    const board = dashboardTitle(dashboard);
    return [
      ...panelsOf(dashboard).flatMap(({ title, queries }) =>
        readerOf(
          { kind: 'panel', title, board },
          metric,
          queries.map(({ node }) => node),
        ),
      ),
      // Marks over the charts are shown like a panel is.
      ...(dashboard.annotations ?? []).flatMap(({ title, query }) =>
        readerOf({ kind: 'panel', title, board }, metric, [query.node]),
      ),
    ];
  });
  const rules = alerts.flatMap((group) =>
    group.rules.flatMap((rule) => readerOf({ kind: 'alert', title: rule.title }, metric, [rule.node])),
  );
  const standing = [
    ...boards.flatMap((board) =>
      queriesOf(board).flatMap(({ panel, node }) =>
        readerOf({ kind: 'panel', title: panel, board: board.title }, metric, [node]),
      ),
    ),
    ...existing.flatMap((each) =>
      expressionsOf(each).flatMap(({ panel, node }) =>
        readerOf({ kind: 'alert', title: panel, board: each.name }, metric, [node]),
      ),
    ),
  ];
  return [...panels, ...rules, ...standing];
}

function readerOf(
  names: Pick<Reader, 'kind' | 'title' | 'board'>,
  metric: Metric,
  nodes: readonly Node[],
): readonly Reader[] {
  const reading = nodes.filter((node) => [...selections(node)].some(({ selector }) => selector.metric === metric));
  if (reading.length === 0) return [];
  const labels = new Set<string>();
  const values = new Map<string, Set<string>>();
  const bounds = new Set<number>();
  let buckets = false;
  let seconds = 0;
  for (const node of reading) {
    for (const { selector, window } of selections(node)) {
      if (selector.metric !== metric) continue;
      seconds = Math.max(seconds, durationSeconds(window ?? '') ?? 0);
      buckets ||= selector.part === '_bucket';
      if (selector.bound !== undefined) bounds.add(selector.bound);
      for (const { label, match } of selector.matchers) {
        labels.add(label);
        if (match.type === 'variable') continue;
        const named = values.get(label) ?? new Set();
        for (const value of match.type === 'value' ? [match.value] : match.values) named.add(value);
        values.set(label, named);
      }
    }
    for (const inner of walk(node))
      if ('by' in inner) for (const label of inner.by ?? []) if (hasLabel(metric, label)) labels.add(label);
  }
  return [
    {
      ...names,
      labels: [...labels].sort(),
      values: Object.fromEntries([...values].map(([label, named]) => [label, [...named]])),
      buckets,
      bounds: [...bounds].sort((a, b) => a - b),
      seconds,
    },
  ];
}
