import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, quotedNames } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import { expressionsOf, queriesOf } from '../existing/read.js';
import { letterOf } from '../panels/names.js';
import { IN_QUOTES } from '../promql/text-needs.js';
import type { Node } from '../promql/tree.js';
import { walk } from '../promql/tree.js';

/** Finds PromQL as text that the target's Prometheus does not read; nothing, if the target names no version. */
export function validateNeeds(
  { catalogue: { name: system, metrics }, dashboards, alerts, boards = [], rules: existing = [] }: System,
  { prometheus, experimental = false }: Target,
): Problem[] {
  if (prometheus === undefined) return [];
  // Where the catalogue has such names, that has been told.
  const isToldOf = Object.values(metrics).some(
    (metric) =>
      quotedNames(
        metric.name,
        metric.labels.map((label) => label.name),
      ).length > 0,
  );
  const has = { '3.16': prometheus === '3.16', experimental: prometheus === '3.16' && experimental };
  const check = (node: Node, where: string): Problem[] =>
    [...walk(node)].flatMap((each) => {
      if (each.type !== 'text') return [];
      const lacking = each.needs.filter(({ from, found }) => !has[from] && !(isToldOf && found.startsWith(IN_QUOTES)));
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
  const ofBoards = dashboards.flatMap(({ catalogue, facet, rows, annotations = [] }) => {
    const board = `dashboards/${catalogue.name}-${facet}`;
    return [
      ...rows.flatMap((row) =>
        row.panels.flatMap(({ title, queries }) =>
          queries.map(({ node }, index) => ({
            node,
            where: definitionPath(board, row.title, title, `query ${letterOf(index)}`),
          })),
        ),
      ),
      ...annotations.map(({ title, query }) => ({
        node: query.node,
        where: definitionPath(board, `annotation ${title}`),
      })),
    ];
  });
  const ofRules = alerts.flatMap(({ catalogue, name, rules }) =>
    rules.map(({ node, title }) => ({
      node,
      where: definitionPath(`alerts/${catalogue.name}-${name}`, title, 'expression'),
    })),
  );
  const ofExisting = [
    ...boards.flatMap((board) =>
      queriesOf(board).map(({ name, node }) => ({ node, where: `boards/${system}-${board.name} › ${name}` })),
    ),
    ...existing.flatMap((rules) =>
      expressionsOf(rules).map(({ name, node }) => ({ node, where: `rules/${rules.name} › ${name}` })),
    ),
  ];
  return [...ofBoards, ...ofRules, ...ofExisting].flatMap(({ node, where }) => check(node, where));
}
