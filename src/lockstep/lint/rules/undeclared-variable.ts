import type { Path } from '../finding.js';
import type { Rule } from '../rule.js';

export const undeclaredVariable: Rule = {
  severity: 'error',
  about:
    'A query, a variable or a datasource names a variable that the dashboard does not declare: Grafana sends the name itself, and nothing matches.',
  example: '`sum(x{phase="$phaze"})` on a board with `phase`',
  fix: 'declare it, or name one that is there',
  board: ({ model, uses }) => {
    const declared = (model.templating?.list ?? []).map(({ name }) => name ?? '');
    return uses
      .filter(({ name, path }) => !declared.includes(name) && isRead(path))
      .map(({ name, path, span }) => ({
        at: path,
        span,
        found: `variable $${name}, which the dashboard does not declare`,
        fix: `declare it among the variables of the dashboard: there is ${declared.join(', ') || 'none'}`,
      }));
  },
};

/** Whether Grafana fills in variables there. `$A` in an expression of Grafana's is another query. */
function isRead(path: Path): boolean {
  if (path.at(-1) === 'expression') return false;
  return path.at(-1) === 'url' || ['targets', 'templating', 'datasource'].some((each) => path.includes(each));
}
