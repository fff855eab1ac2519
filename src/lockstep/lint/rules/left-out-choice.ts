import type { Dashboard } from '../../panels/dashboard.js';
import type { Panel } from '../../panels/panel.js';
import type { Variable } from '../../panels/variable.js';
import { isOfLabel } from '../../panels/variable.js';
import type { Node } from '../../promql/tree.js';
import { selectorsIn } from '../../promql/tree.js';
import type { Rule } from '../rule.js';

export const leftOutChoice: Rule = {
  severity: 'warning',
  about:
    'A query does not match a variable of the board, although its metric has the label and the other queries of the panel, or at least half of the other panels of the row, match it. A reader who chooses a value takes every panel of the row to be about it.',
  example: '`rate(x[5m])` beside `rate(y{role=~"$role"}[5m])`',
  fix: 'match the label with the variable, or exempt the panel with the reason',
  board: ({ panels, definition }) =>
    (definition === undefined ? [] : leftOutChoices(definition)).flatMap(({ panel, variables, query }) => {
      const found = panels.find((each) => each.definition === panel);
      if (found === undefined) return [];
      return [
        {
          at: [...found.path, 'targets', query],
          found: `a query without ${variables.map((each) => `$${each}`).join(', ')}, which other panels of the row match`,
          fix: 'match the label with the variable, or exempt the panel with the reason: a reader who chooses a value takes every panel to be about it',
        },
      ];
    }),
};

export interface LeftOut {
  readonly panel: Panel;
  readonly variables: readonly string[];
  /** The index of the first query. */
  readonly query: number;
}

/**
 * Panels with queries that could match a variable of the board and do not, while other queries of the panel do, or at
 * least half of the other panels of the row that could.
 */
export function leftOutChoices({ rows, variables }: Dashboard): readonly LeftOut[] {
  return rows.flatMap(({ panels }) =>
    panels.flatMap((panel) => {
      const others = panels.filter((each) => each !== panel);
      const found = variables.filter(isOfLabel).flatMap((variable) => {
        const own = usesOf(panel, variable);
        // A part of what is chosen, over the whole of everything.
        const mixed = own.indexOf('used in part');
        if (mixed >= 0) return [{ variable: variable.variable, query: mixed }];
        if (!own.includes('left out')) return [];
        const able = others
          .map((each) => usesOf(each, variable))
          .filter((each) => each.some((use) => use !== 'unable'));
        const used = able.filter((each) => each.includes('used')).length;
        const isUsual = own.includes('used') || (used > 0 && used * 2 >= able.length);
        return isUsual ? [{ variable: variable.variable, query: own.indexOf('left out') }] : [];
      });
      const [first] = found;
      return first === undefined
        ? []
        : [{ panel, variables: found.map(({ variable }) => variable), query: first.query }];
    }),
  );
}

type Use = 'used' | 'used in part' | 'left out' | 'unable';

function usesOf({ queries }: Panel, variable: Variable): readonly Use[] {
  return queries.map(({ node }) => useOf(node, variable));
}

function useOf(node: Node, { variable, label }: Variable): Use {
  const selectors = selectorsIn(node);
  const isUsed = selectors.some(({ matchers }) =>
    matchers.some(({ match }) => match.type === 'variable' && match.variable === variable),
  );
  // A query of one role is of that role, whatever is chosen.
  const isFree = selectors.some(
    ({ metric, matchers }) =>
      metric.labels.some(({ name }) => name === label) && !matchers.some((matcher) => matcher.label === label),
  );
  return isUsed && isFree ? 'used in part' : isFree ? 'left out' : isUsed ? 'used' : 'unable';
}
