import type { Aggregation, BinaryNode, MathFunction, Node, RangeFunction } from './tree.js';

/**
 * The unit of an expression, as powers of the catalogue's units; empty of a plain share. `per second` of a rate is the
 * power -1 of {@link RATE}, which is not the unit `seconds` of a duration: a rate of seconds is not a share.
 */
export type Dimension = ReadonlyMap<string, number>;

const SHARE: Dimension = new Map();
/** No unit of a catalogue is called so: `{s}` counts things. */
export const RATE = '/s';

/** Functions of a gauge that give one of its levels, in its unit. */
const LEVELS: readonly RangeFunction[] = [
  'avg_over_time',
  'delta',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'predict_linear',
  'quantile_over_time',
  'stddev_over_time',
];
/** Functions whose result has the unit of their argument. */
const IN_ITS_UNIT: readonly MathFunction[] = ['abs', 'ceil', 'clamp_max', 'floor', 'round'];
const SECONDS: Dimension = new Map([['seconds', 1]]);

/** How many there are, that there are any, and the square of a unit, have no unit in the catalogue. */
const WITHOUT_UNIT: readonly Aggregation[] = ['count', 'group', 'stdvar'];

/** The unit of an expression; `undefined` where the catalogue cannot say: text, counts of observations, constants. */
export function dimensionOf(node: Node): Dimension | undefined {
  switch (node.type) {
    case 'number':
    case 'text':
      return undefined;
    case 'selector':
      // How many observations there were has no unit in the catalogue.
      if (node.part === '_count' || node.part === '_bucket') return undefined;
      // A summary as a whole is no number, which its own rule tells.
      if (node.part === '' && node.metric.kind === 'summary' && node.quantile === undefined) return undefined;
      return dimensionOfUnit(node.metric.unit);
    case 'events': {
      const counted = dimensionOf(node.of);
      return counted === undefined || node.per === 'window' ? counted : times(counted, new Map([[RATE, -1]]));
    }
    case 'overTime':
      if (node.fn === 'deriv') {
        const level = dimensionOf(node.of);
        return level === undefined ? undefined : times(level, new Map([[RATE, -1]]));
      }
      return LEVELS.includes(node.fn) ? dimensionOf(node.of) : undefined;
    case 'quantile':
      return unitOfBuckets(node.of);
    case 'fraction':
      return SHARE;
    case 'math':
      return IN_ITS_UNIT.includes(node.fn) ? dimensionOf(node.of) : undefined;
    case 'now':
    case 'since':
      return SECONDS;
    case 'aggregate':
      return WITHOUT_UNIT.includes(node.fn) ? undefined : dimensionOf(node.of);
    case 'overSteps':
      return node.fn === 'count' ? undefined : dimensionOf(node.of);
    case 'clampMin':
    case 'joined':
    case 'ago':
    case 'relabelled':
    case 'orZero':
      return dimensionOf(node.of);
    case 'binary':
      return ofBinary(node);
  }
}

/** Whether both sides of a sum or a difference are known, and are of two units. */
export function isMixed({ op, left, right }: BinaryNode): boolean {
  if (op !== '+' && op !== '-') return false;
  const [one, other] = [dimensionOf(left), dimensionOf(right)];
  return one !== undefined && other !== undefined && printDimension(one) !== printDimension(other);
}

/** A unit as a person writes it: `seconds`, `token per session`, `session per second`, `a share`. */
export function printDimension(dimension: Dimension): string {
  const named = (sign: number) =>
    [...dimension]
      .filter(([, power]) => Math.sign(power) === sign)
      .map(([unit, power]) => `${unit === RATE ? 'second' : unit}${Math.abs(power) === 1 ? '' : `^${Math.abs(power)}`}`)
      .sort();
  const [above, below] = [named(1), named(-1)];
  if (above.length === 0 && below.length === 0) return 'a share';
  return [above.join(' ') || '1', ...below].join(' per ');
}

function ofBinary(node: BinaryNode): Dimension | undefined {
  const [left, right] = [dimensionOf(node.left), dimensionOf(node.right)];
  if (node.bool) return SHARE;
  switch (node.op) {
    case '+':
    case '-':
      // A constant takes the unit of the other side.
      return left ?? right;
    case '*':
    case '/': {
      if (node.right.type === 'number') return left;
      if (node.left.type === 'number') return node.op === '*' ? right : undefined;
      if (left === undefined || right === undefined) return undefined;
      return times(left, node.op === '*' ? right : inverse(right));
    }
    default:
      return left;
  }
}

/**
 * The factor by which constants have multiplied the numbers of an expression: 1000 for seconds as milliseconds;
 * `undefined` where that cannot be said.
 */
export function scaleOf(node: Node): number | undefined {
  switch (node.type) {
    case 'number':
      return undefined;
    case 'clampMin':
    case 'joined':
    case 'math':
    case 'orZero':
    case 'aggregate':
      return scaleOf(node.of);
    case 'binary':
      return scaleOfBinary(node);
    default:
      return 1;
  }
}

function scaleOfBinary({ op, left, right, bool }: BinaryNode): number | undefined {
  if (bool) return 1;
  const [a, b] = [left, right].map((side) => (side.type === 'number' ? side.value : scaleOf(side)));
  switch (op) {
    case '*':
      return a === undefined || b === undefined ? undefined : a * b;
    case '/':
      return a === undefined || b === undefined || b === 0 ? undefined : a / b;
    case '+':
    case '-':
      // 100 less a share times 100 is a share times 100; 1 less a share over its budget is of no scale.
      return a === b ? a : undefined;
    default:
      return left.type === 'number' ? b : a;
  }
}

function unitOfBuckets(node: Node): Dimension | undefined {
  switch (node.type) {
    case 'selector':
      return dimensionOfUnit(node.metric.unit);
    case 'events':
    case 'aggregate':
    case 'clampMin':
      return unitOfBuckets(node.of);
    case 'binary':
      return unitOfBuckets(node.left);
    default:
      return undefined;
  }
}

/** A unit of the catalogue. */
export function dimensionOfUnit(unit: string): Dimension {
  if (unit === 'ratio') return SHARE;
  return new Map([[unit.replace(/[{}]/g, ''), 1]]);
}

function times(a: Dimension, b: Dimension): Dimension {
  const all = new Map(a);
  for (const [unit, power] of b) {
    const sum = (all.get(unit) ?? 0) + power;
    if (sum === 0) all.delete(unit);
    else all.set(unit, sum);
  }
  return all;
}

function inverse(dimension: Dimension): Dimension {
  return new Map([...dimension].map(([unit, power]) => [unit, -power]));
}
