import { allMetrics } from 'lockstep-exporter/internal';
import type { System } from '../../config/config.js';
import { isCounted } from '../../panels/panel.js';
import type { Node } from '../../promql/tree.js';
import { selections, selectorsIn } from '../../promql/tree.js';
import type { Path } from '../finding.js';
import type { Rule } from '../rule.js';
import type { Meant, Said } from '../word-slips.js';
import { wordSlips } from '../word-slips.js';

export const words: Rule = {
  severity: 'warning',
  about:
    'A title, legend, summary or description names a quantile, label, window, metric, threshold or number that its query does not have. A reader believes the words.',
  example: '`Advisor calls` over a query of revisions; `p95` over a quantile of 0.9; `in 6h` over a window of 5h',
  fix: 'correct the words or the query; derive both from one constant',
  panel: ({ definition }, { system }) => {
    if (definition === undefined || !isCounted(definition)) return [];
    const { title, description, queries, thresholds } = definition;
    const nodes = queries.map(({ node }) => node);
    const meant = { nodes, thresholds, metrics: allMetrics(system.catalogue), durations: sloDurations(nodes, system) };
    const slipsAt = (at: Path, text: string, kind: Said['kind'], compared: Meant = meant) =>
      wordSlips({ text, kind }, compared).map((slip) => ({ ...slip, at }));
    return [
      ...slipsAt(['title'], title, 'name'),
      ...slipsAt(['description'], description, 'description'),
      ...queries.flatMap(({ legend, node }, index) =>
        slipsAt(['targets', index], legend.replaceAll(/\{\{.*?\}\}/g, ''), 'name', { ...meant, nodes: [node] }),
      ),
    ];
  },
  // The words of a burn rule are made from its SLO.
  alert: ({ definition }, { system }) => {
    if (definition === undefined || definition.burn !== undefined) return [];
    const { node, summary, description } = definition;
    const meant = { nodes: [node], durations: [definition.for], metrics: allMetrics(system.catalogue) };
    const slipsAt = (field: string, text: string, kind: Said['kind']) =>
      wordSlips({ text, kind }, meant).map((slip) => ({ ...slip, at: ['annotations', field] }));
    return [...slipsAt('summary', summary, 'name'), ...slipsAt('description', description, 'description')];
  },
};

/** A burn rate over one window is explained by the others of its alert, and by the window of its objective. */
function sloDurations(nodes: readonly Node[], { alerts }: System): readonly string[] {
  const read = nodes.flatMap((node) => [...selections(node)]);
  return alerts.flatMap(({ rules }) =>
    rules.flatMap(({ node, burn }) => {
      if (burn === undefined || !read.some(({ window }) => window === burn.window.long)) return [];
      const metrics = new Set(selectorsIn(node).map(({ metric }) => metric));
      if (!read.every(({ selector }) => metrics.has(selector.metric))) return [];
      return [burn.slo.window, burn.window.long, burn.window.short];
    }),
  );
}
