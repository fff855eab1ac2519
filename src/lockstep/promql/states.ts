import type { Metric } from 'lockstep-exporter/catalogue';
import type { Node } from './tree.js';
import { labelsOf, selectorsIn, walk } from './tree.js';

/** Each state set that an expression reads without saying which state it means, as a problem without its place. */
export function stateless(root: Node): readonly { readonly found: string; readonly fix: string }[] {
  const sets = new Set(selectorsIn(root).flatMap(({ metric }) => (metric.kind === 'stateSet' ? [metric] : [])));
  return [...sets]
    .filter((metric) => !saysState(root, metric))
    .map(({ name, state }) => ({
      found: `${name} without ${state}: all its states together`,
      fix: `match the label ${state}, or group by it: the sum over all states is the same whatever happens`,
    }));
}

function saysState(root: Node, { name, state = '' }: Metric): boolean {
  if (labelsOf(root)?.includes(state) === true) return true;
  return [...walk(root)].some((node) => {
    if (node.type === 'text') return node.named?.includes(state) === true;
    if (node.type === 'events' || node.type === 'aggregate') return node.by?.includes(state) === true;
    if (node.type === 'joined') return node.on.includes(state);
    return node.type === 'selector' && node.metric.name === name && node.matchers.some(({ label }) => label === state);
  });
}
