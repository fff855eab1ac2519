import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import type { Node } from '../promql/tree.js';
import { walk } from '../promql/tree.js';

/** Finds PromQL as text that the target's Prometheus does not read; nothing, if the target names no version. */
export function validateNeeds({ dashboards, alerts }: System, { prometheus, experimental = false }: Target): Problem[] {
  if (prometheus === undefined) return [];
  const has = { '3.16': prometheus === '3.16', experimental: prometheus === '3.16' && experimental };
  const check = (node: Node, where: string): Problem[] =>
    [...walk(node)].flatMap((each) => {
      if (each.type !== 'text') return [];
      const lacking = each.needs.filter(({ from }) => !has[from]);
      const problems = lacking.map(
        ({ from, found }): Problem => ({
          code: 'promql/not-in-this-prometheus',
          where,
          found,
          allowed: `PromQL of Prometheus ${prometheus}${experimental ? ', experimental functions too' : ''}`,
          fix:
            from === '3.16'
              ? 'write it in another way, or name the Prometheus that you have as target › prometheus'
              : 'write it in another way, or set target › experimental where Prometheus 3.16 runs with --enable-feature=promql-experimental-functions',
        }),
      );
      return about(each, problems);
    });
  const ofPanels = dashboards.flatMap(({ catalogue, facet, rows }) =>
    rows.flatMap((row) =>
      row.panels.map((panel) => ({
        nodes: panel.queries.map(({ node }) => node),
        where: definitionPath(`dashboards/${catalogue.name}-${facet}`, row.title, panel.title),
      })),
    ),
  );
  const ofRules = alerts.flatMap(({ catalogue, name, rules }) =>
    rules.map(({ node, title }) => ({
      nodes: [node],
      where: definitionPath(`alerts/${catalogue.name}-${name}`, title, 'expression'),
    })),
  );
  return [...ofPanels, ...ofRules].flatMap(({ nodes, where }) => nodes.flatMap((node) => check(node, where)));
}
