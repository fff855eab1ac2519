import { formerMetric, SHARD_LABEL, START_LABEL } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { countersOf } from '../config/config.js';
import type { Counting, Node, SelectorNode } from '../promql/tree.js';
import { selections } from '../promql/tree.js';

/**
 * The counts that queries read, and the label by which they tell those of one start, or of one shard, from those of
 * the next.
 */
export interface CountReads {
  readonly counting: Counting;
  readonly label: string;
  /** By the name of the metric: one of its selectors, without matchers. */
  readonly selectors: ReadonlyMap<string, SelectorNode>;
}

/** The counters and histograms that the panels and rules of a configuration read. */
export function countReadsOf(config: Config): CountReads {
  const counting = countersOf(config.target);
  const selectors = new Map<string, SelectorNode>();
  for (const node of config.systems.flatMap(nodesOf))
    for (const { selector } of selections(node)) {
      const { metric } = selector;
      if (metric.kind === 'gauge' || metric.foreign !== undefined) continue;
      const part = metric.kind === 'histogram' ? '_count' : '';
      const read: SelectorNode = { type: 'selector', metric, part, matchers: [] };
      selectors.set(metric.name, read);
      const former = formerMetric(metric);
      if (former !== undefined) selectors.set(former.name, { ...read, metric: former });
    }
  return { counting, label: counting === 'aggregated' ? SHARD_LABEL : START_LABEL, selectors };
}

function nodesOf({ dashboards, alerts }: Config['systems'][number]): readonly Node[] {
  return [
    ...dashboards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries))),
    ...alerts.flatMap(({ rules }) => rules),
  ].map(({ node }) => node);
}

/** Why counts without the label are wrong, and what mends it. */
export function adviseStarts({ counting, label }: CountReads): string {
  if (counting === 'aggregated')
    return `add up deltas per ${label}, as the exporter of lockstep sends them: queries read counts per ${label}`;
  return `add it: queries read counts per start, and without it a restart in place loses them. The exporter of lockstep does; with prom-client by hand: register.setDefaultLabels({ ${label}: randomBytes(6).toString('hex') })`;
}
