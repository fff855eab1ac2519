import type { Node } from '../../promql/tree.js';
import { labelsOf } from '../../promql/tree.js';
import type { Rule } from '../rule.js';

/** More lines than these over each other cannot be told apart. */
const MOST_LINES = 6;

export const manyLines: Rule = {
  severity: 'warning',
  about:
    'More than six lines lie over each other, as far as the catalogue knows the values of their labels. Nobody can tell them apart.',
  example: 'a time series of an error ratio by `phase`, of which there are eleven',
  fix: "show them as lanes (`type: 'state-timeline'`), stacked, or in a table",
  panel: ({ definition }, { system }) => {
    if (definition?.type !== 'timeseries' || definition.stacked === true) return [];
    const values = new Map(
      Object.values(system.catalogue.metrics).flatMap(({ labels }) => labels.map((each) => [each.name, each.values])),
    );
    const lines = definition.queries
      .map(({ node }) =>
        isFew(node)
          ? 1
          : (labelsOf(node) ?? []).reduce((product, label) => product * (values.get(label)?.length ?? 1), 1),
      )
      .reduce((sum, count) => sum + count, 0);
    if (lines <= MOST_LINES) return [];
    return [
      {
        at: ['targets'],
        found: `up to ${lines} lines over each other`,
        fix: `show them as lanes (type 'state-timeline'), stacked, or in a table; ${MOST_LINES} lines can be told apart`,
      },
    ];
  },
};

/** Whether it picks a few of its series by itself. */
function isFew(node: Node): boolean {
  return node.type === 'aggregate' && node.fn === 'topk';
}
