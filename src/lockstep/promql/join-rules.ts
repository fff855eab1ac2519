import type { Problem } from 'lockstep-exporter/internal';
import { aKind, printValue, suggest } from 'lockstep-exporter/internal';
import type { JoinedNode } from './tree.js';
import { labelsOf, TARGET } from './tree.js';
import { hasWrongLabels } from './wrong-labels.js';

/** Every problem of labels that are taken from an info. */
export function validateJoined(node: JoinedNode, where: string): Problem[] {
  const { metric } = node.info;
  if (metric.kind !== 'info')
    return [
      {
        code: 'promql/kind',
        where,
        found: `labels of ${metric.name}, ${aKind(metric.kind)}`,
        fix: 'take labels of an info, which is always 1: by any other the value would be multiplied',
      },
    ];
  const of = (labelsOf(node.of) ?? []).filter((label) => label !== TARGET);
  const infoLabels = metric.labels.map(({ name }) => name);
  const lacking = (label: string, has: readonly string[], whose: string): Problem[] =>
    has.includes(label)
      ? []
      : [
          {
            code: 'promql/join',
            where,
            found: `${printValue(label)}, which ${whose} does not have`,
            allowed: has.join(', ') || 'none',
            fix: suggest(label, has, 'name a label that is there'),
          },
        ];
  const shared = hasWrongLabels(node.of) ? [] : node.on.flatMap((label) => lacking(label, of, 'the left side'));
  const taken = node.take.filter((label) => of.includes(label) || node.on.includes(label));
  return [
    ...(node.on.length === 0
      ? [
          {
            code: 'promql/join',
            where,
            found: 'no label to match by',
            fix: 'name the labels that say which thing it is',
          },
        ]
      : []),
    ...shared,
    ...node.on
      .filter((label) => !shared.some(({ found }) => found.startsWith(printValue(label))))
      .flatMap((label) => lacking(label, infoLabels, metric.name)),
    ...node.take.flatMap((label) =>
      lacking(
        label,
        infoLabels.includes(label)
          ? infoLabels
          : infoLabels.filter((each) => !of.includes(each) && !node.on.includes(each)),
        metric.name,
      ),
    ),
    ...(node.take.length === 0
      ? [
          {
            code: 'promql/join',
            where,
            found: 'no label to take',
            fix: 'name the labels of the info that are wanted',
          },
        ]
      : []),
    ...taken.map((label) => ({
      code: 'promql/join',
      where,
      found: `${printValue(label)}, which the left side has already`,
      fix: 'take only labels that are missing',
    })),
  ];
}
