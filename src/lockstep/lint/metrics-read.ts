import type { Metric } from 'lockstep-exporter/catalogue';
import type { System } from '../config/config.js';
import { everyPanel, expressionsOf, queriesOf, standingRules } from '../existing/read.js';
import type { Node } from '../promql/tree.js';
import { selections } from '../promql/tree.js';

/** Every expression of a system's panels and alerts that is held to its catalogue. */
export function nodesOf({ dashboards, alerts, boards = [], rules = [] }: System): readonly Node[] {
  return [
    ...dashboards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries))),
    ...alerts.flatMap((group) => group.rules),
    ...boards.flatMap(queriesOf),
    ...rules.flatMap(expressionsOf),
  ].map(({ node }) => node);
}

/** Says whether a panel or an alert of a system reads a metric. */
export function metricsRead(system: System): (metric: Metric) => boolean {
  const { boards = [], rules = [] } = system;
  const read = new Set(nodesOf(system).flatMap((node) => [...selections(node)].map(({ selector }) => selector.metric)));
  // A text that is not looked up may read any metric that it names.
  const unchecked = [
    ...boards.flatMap(({ panels }) => everyPanel(panels).flatMap(({ queries = [] }) => queries)),
    ...rules.flatMap(standingRules).flatMap(({ texts }) => texts),
  ].flatMap((text) => (text.unchecked === undefined || text.promql === undefined ? [] : [text.promql]));
  return (metric) => read.has(metric) || unchecked.some((text) => text.includes(metric.name));
}
