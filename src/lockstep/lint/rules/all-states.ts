import { stateless } from '../../promql/states.js';
import type { Node } from '../../promql/tree.js';
import type { Path } from '../finding.js';
import type { LintRemark, Rule } from '../rule.js';

export const allStates: Rule = {
  severity: 'warning',
  about:
    'A query adds up all states of a state set: the sum is the number of things, whatever their states. It is right below a line: the share of those in one state.',
  example: '`sum(instant(podPhase))`: five pods that failed are five, and so are five that run',
  fix: 'match the label of the state, or group by it; the number of things is that of an info',
  panel: ({ definition }) =>
    (definition?.queries ?? []).flatMap(({ node }, index) => remarksOn(node, ['targets', index, 'expr'])),
  alert: ({ definition }) => (definition === undefined ? [] : remarksOn(definition.node, ['data'])),
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/all-states'),
};

function remarksOn(node: Node, at: Path): readonly LintRemark[] {
  return stateless(node).map((slip) => ({ at, ...slip }));
}
