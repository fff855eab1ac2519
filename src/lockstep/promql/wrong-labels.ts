import type { Node } from './tree.js';
import { labelsOf, walk } from './tree.js';

/** Slips of PromQL as text that leave open which labels it returns. */
const OPEN_LABELS = [
  'syntax',
  'unread',
  'group-by',
  'labels',
  'no-name',
  'two-names',
  'join',
  'unknown-metric',
  'unknown-label',
];

/**
 * Whether a slip within the expression leaves open which labels it returns, such as a group by a label that is not
 * there. A rule about these labels would report that slip again.
 */
export function hasWrongLabels(root: Node): boolean {
  return [...walk(root)].some((node) => {
    if (node.type === 'text')
      return node.slips.some(({ code }) => OPEN_LABELS.some((each) => code === `promql/${each}`));
    if (node.type === 'joined') {
      const own = node.info.metric.labels.map(({ name }) => name);
      return node.take.length === 0 || ![...node.on, ...node.take].every((label) => own.includes(label));
    }
    if (node.type === 'relabelled') {
      const own = labelsOf(node.of) ?? [];
      return !own.includes(node.from) || own.includes(node.into) || !/^\w+$/.test(node.into);
    }
    if (node.type !== 'aggregate' && node.type !== 'events') return false;
    const below = labelsOf(node.of) ?? [];
    return node.by?.some((label) => !below.includes(label)) === true;
  });
}
