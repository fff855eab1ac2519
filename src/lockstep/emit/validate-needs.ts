import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import type { Node } from '../promql/tree.js';
import { walk } from '../promql/tree.js';

/** PromQL as text that the Prometheus of the target does not read. Nothing is refused where its version is not said. */
export function validateNeeds({ dashboards, alerts }: System, { prometheus, experimental = false }: Target): Problem[] {
  if (prometheus === undefined) return [];
  const check = (node: Node, where: string): Problem[] =>
    [...walk(node)].flatMap((each) => {
      if (each.type !== 'text') return [];
      const lacking = each.needs.filter(({ from }) =>
        from === 'experimental' ? !experimental || prometheus !== '3.16' : prometheus !== '3.16',
      );
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
  return [
    ...dashboards.flatMap((board) =>
      board.rows.flatMap((row) =>
        row.panels.flatMap((panel) =>
          panel.queries.flatMap((query) =>
            check(
              query.node,
              definitionPath(`dashboards/${board.catalogue.name}-${board.facet}`, row.title, panel.title),
            ),
          ),
        ),
      ),
    ),
    ...alerts.flatMap((group) =>
      group.rules.flatMap((rule) =>
        check(rule.node, definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title, 'expression')),
      ),
    ),
  ];
}
