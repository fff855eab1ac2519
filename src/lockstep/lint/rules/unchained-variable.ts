import type { Dashboard } from '../../panels/dashboard.js';
import { isOfLabel } from '../../panels/variable.js';
import type { Rule } from '../rule.js';

export const unchainedVariable: Rule = {
  severity: 'warning',
  about:
    'A dropdown lists all values of its label, although an earlier one of the board has narrowed the series: a reader can choose two values that nothing has together.',
  example: "`labelVariable('role', { from: sessions })` after a variable `phase` of the same metric",
  fix: 'say `within: [phase]`, or put it first',
  board: ({ model, definition }) => {
    const names = (model.templating?.list ?? []).map(({ name }) => name);
    return (definition === undefined ? [] : unchainedVariables(definition))
      .filter(({ variable }) => names.includes(variable))
      .map(({ variable, by }) => ({
        owner: `variable ${variable}`,
        at: ['templating', 'list', names.indexOf(variable)],
        found: `variable $${variable}, which lists values that $${by} excludes`,
        fix: `say within: [${by}] at the variable, or put it before $${by}`,
      }));
  },
};

/** A dropdown that lists values of a metric, and an earlier one of the same metric that does not narrow it. */
export function unchainedVariables({
  variables,
}: Dashboard): readonly { readonly variable: string; readonly by: string }[] {
  const ofLabels = variables.filter(isOfLabel);
  return ofLabels.flatMap(({ variable, within, metric, values }, index) =>
    (values === undefined ? ofLabels : [])
      .slice(0, index)
      .filter(
        (earlier) =>
          metric.labels.some(({ name }) => name === earlier.label) &&
          !within.some(({ variable: each }) => each === earlier.variable),
      )
      .map((earlier) => ({ variable, by: earlier.variable })),
  );
}
