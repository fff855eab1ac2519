import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import { boundsOf } from '../promql/bounds.js';
import type { Dimension } from '../promql/dimension.js';
import { dimensionOf, printDimension, RATE } from '../promql/dimension.js';
import { harmIn } from '../promql/harm.js';
import { printNumber } from '../promql/print.js';
import type { Node } from '../promql/tree.js';
import { letterOf } from './names.js';
import type { Colour, Panel, PanelUnit, Thresholds } from './panel.js';

// Compares what a panel says of its numbers with what the catalogue knows: units, thresholds, and colours.

/** The units of Grafana that say what a number is; `short` and `none` say nothing. */
const SAYS: Readonly<Partial<Record<PanelUnit, Dimension>>> = {
  s: new Map([['seconds', 1]]),
  percentunit: new Map(),
  currencyUSD: new Map([['usd', 1]]),
  bytes: new Map([['bytes', 1]]),
  Bps: new Map([
    ['bytes', 1],
    [RATE, -1],
  ]),
};
/** Units that a plain number would hide: 3600 is read as a count, and is an hour. */
const NEEDS: ReadonlyMap<string, PanelUnit> = new Map([
  ['seconds', 's'],
  ['usd', 'currencyUSD'],
  ['bytes', 'bytes'],
]);

/** Every problem of what a panel says of the numbers that its queries give. */
export function validateMeaning(panel: Panel, where: string): Problem[] {
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
  const dimension = dimensionOf(node);
  if (dimension === undefined) return [];
  const said = SAYS[unit];
  const is = printDimension(dimension);
  const refuse = (fix: string): Problem[] => [
    { code: 'dashboard/unit-of-another-kind', where, found: `the unit ${unit} for a number in ${is}`, fix },
  ];
  if (unit === 'cps') return dimension.get(RATE) === -1 ? [] : refuse('take rate() of it, or the unit short');
  if (said === undefined) {
    const needed = NEEDS.get(is);
    return needed === undefined || (unit !== 'short' && unit !== 'none') ? [] : refuse(`give the unit ${needed}`);
  }
  // Dollars per session are dollars, and seconds per session are seconds: the price of one.
  const isEach = [...said].every(([name, power]) => dimension.get(name) === power) && said.size > 0;
  const others = [...dimension].filter(([name]) => !said.has(name));
  if (isEach && others.every(([, power]) => power < 0)) return [];
  return printDimension(said) === is ? [] : refuse('give the unit that the numbers have, or show what the unit says');
}

function validateThresholds(node: Node, thresholds: Thresholds, where: string): Problem[] {
  const problems: Problem[] = [];
  const { low, high } = boundsOf(node);
  for (const { at } of thresholds.steps)
    if (at > high || at < low)
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
