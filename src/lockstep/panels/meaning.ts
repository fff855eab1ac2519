import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import type { Bounds } from '../promql/bounds.js';
import { boundsOf } from '../promql/bounds.js';
import { printDimension } from '../promql/dimension.js';
import { harmIn } from '../promql/harm.js';
import { printNumber } from '../promql/print.js';
import type { Node } from '../promql/tree.js';
import { letterOf } from './names.js';
import type { Colour, CountedPanel, Thresholds } from './panel.js';
import { fixOfScale, isSaid, ownUnitOf, quantityOf, saidBy } from './unit-meaning.js';
import type { PanelUnit } from './units.js';

// Compares what a panel says of its numbers with what the catalogue knows: units, thresholds, and colours.

/** Every problem of what a panel says of the numbers that its queries give. */
export function validateMeaning(panel: CountedPanel, where: string): Problem[] {
  return panel.queries.flatMap((query, index) => {
    const at = definitionPath(where, `query ${letterOf(index)}`);
    const unit = validateUnit(query.node, query.unit ?? panel.unit, at);
    return [
      ...(query.unit === undefined ? unit : about(query, unit)),
      ...(panel.thresholds === undefined ? [] : validateThresholds(query.node, panel.thresholds, at)),
    ];
  });
}

function validateUnit(node: Node, unit: PanelUnit, where: string): Problem[] {
  const numbers = quantityOf(node);
  if (numbers === undefined) return [];
  const is = printDimension(numbers.dimension);
  const refuse = (found: string, fix: string): Problem[] => [
    { code: 'dashboard/unit-of-another-kind', where, found, fix },
  ];
  const said = saidBy(unit);
  const own = ownUnitOf(numbers);
  const found = `the unit ${unit} for a number in ${is}`;
  if (said === 'nothing') return own === undefined ? [] : refuse(found, `give the unit ${own}`);
  if (said === 'unknown') {
    // A count of things may be of anything; a share, seconds and bytes are not.
    const known = numbers.dimension.size === 0 ? 'percentunit' : own;
    return known === undefined ? [] : refuse(found, `give the unit ${known}, or show what the unit says`);
  }
  if (!isSaid(numbers.dimension, said))
    return refuse(
      found,
      said.isRate
        ? 'take rate() of it, or the unit short'
        : 'give the unit that the numbers have, or show what the unit says',
    );
  const { scale } = numbers;
  const fix = scale === undefined ? undefined : fixOfScale(unit, said, scale);
  if (scale === undefined || fix === undefined) return [];
  return refuse(scale === 1 ? found : `${found}, times ${printNumber(scale)}`, fix);
}

/** Whether a value within these bounds can never come to a threshold. */
export function isOutOfReach({ low, high }: Bounds, at: number): boolean {
  return at > high || at < low;
}

function validateThresholds(node: Node, thresholds: Thresholds, where: string): Problem[] {
  const problems: Problem[] = [];
  const { low, high } = boundsOf(node);
  for (const { at } of thresholds.steps)
    if (isOutOfReach({ low, high }, at))
      problems.push({
        code: 'dashboard/threshold-out-of-reach',
        where,
        found: `a threshold at ${printNumber(at)} of a value that lies between ${printNumber(low)} and ${printNumber(high)}`,
        fix: `give a threshold that the value can reach${high === 1 ? '; a share is 0.05, and not 5' : Number.isFinite(high) ? `, at most ${printNumber(high)}` : ''}`,
      });
  const worse = worseWhen(thresholds);
  const harm = harmIn(partOf(node));
  if ((harm === 'bad' && worse === 'lower') || (harm === 'good' && worse === 'higher'))
    problems.push({
      code: 'dashboard/good-and-bad',
      where,
      found: `colours by which ${worse === 'lower' ? 'more' : 'fewer'} is better, of events that the catalogue calls ${harm}`,
      fix: 'turn the colours around, or show the other events',
    });
  return problems;
}

/** The upper side of a quotient, without the zeros of the whole that fill it. */
function partOf(node: Node): Node {
  if (node.type !== 'binary' || node.op !== '/') return node;
  return node.left.type === 'orZero' ? node.left.of : node.left;
}

const HARM: Readonly<Record<Colour, number | undefined>> = {
  green: 0,
  yellow: 1,
  orange: 2,
  red: 3,
  blue: undefined,
  purple: undefined,
  text: undefined,
};

/** Whether higher values have the worse colours, or lower ones; `undefined` where the colours do not say. */
function worseWhen({ base, steps }: Thresholds): 'higher' | 'lower' | undefined {
  const ranks = [base, ...steps.map(({ colour }) => colour)].map((colour) => HARM[colour]);
  const known = ranks.filter((rank) => rank !== undefined);
  if (known.length !== ranks.length || known.length < 2) return undefined;
  const [first = 0, last = 0] = [known[0], known.at(-1)];
  return first === last ? undefined : last > first ? 'higher' : 'lower';
}
