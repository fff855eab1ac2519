import type { Dimension } from '../promql/dimension.js';
import { dimensionOf, dimensionOfUnit, RATE, scaleOf } from '../promql/dimension.js';
import { printNumber } from '../promql/print.js';
import type { Node } from '../promql/tree.js';
import type { PanelUnit } from './units.js';

// The meaning of Grafana's units, in the words of the catalogue.

/** Numbers of a dimension, each of which is that many of the catalogue's units, times `scale`. */
export interface Quantity {
  readonly dimension: Dimension;
  /** `undefined` where it is not known. */
  readonly scale: number | undefined;
}

/** A unit of Grafana: numbers of this dimension, after they were multiplied by `scale`. */
interface Said {
  readonly dimension: Dimension;
  readonly scale: number;
  /** Whether it is of any thing at all, per second or per minute. */
  readonly isRate: boolean;
}

const unit = (scale: number, powers: Readonly<Record<string, number>>): Said => ({
  dimension: new Map(Object.entries(powers)),
  scale,
  isRate: false,
});
const seconds = (scale: number) => unit(scale, { seconds: 1 });
const bytes = (scale: number) => unit(scale, { bytes: 1 });
const perSecond = (scale: number) => unit(scale, { bytes: 1, [RATE]: -1 });
const things = (scale: number): Said => ({ ...unit(scale, { [RATE]: -1 }), isRate: true });
const BITS = 8;
const [KILO, KIBI] = [1000, 1024];

/** Each prefix of bytes and bits, by its power. */
const PREFIXES = ['k', 'm', 'g', 't', 'p'];

const SAYS: ReadonlyMap<PanelUnit, Said> = new Map(
  Object.entries({
    percentunit: unit(1, {}),
    percent: unit(100, {}),
    s: seconds(1),
    dtdurations: seconds(1),
    dthms: seconds(1),
    dtdhms: seconds(1),
    clocks: seconds(1),
    ns: seconds(1e9),
    µs: seconds(1e6),
    ms: seconds(1000),
    dtdurationms: seconds(1000),
    clockms: seconds(1000),
    timeticks: seconds(100),
    m: seconds(1 / 60),
    h: seconds(1 / 3600),
    d: seconds(1 / 86_400),
    bytes: bytes(1),
    decbytes: bytes(1),
    bits: bytes(BITS),
    decbits: bytes(BITS),
    ...Object.fromEntries(
      PREFIXES.flatMap((prefix, index) => [
        [`${prefix}bytes`, bytes(KIBI ** -(index + 1))],
        [`dec${prefix}bytes`, bytes(KILO ** -(index + 1))],
        [`${prefix.toUpperCase()}Bs`, perSecond(KILO ** -(index + 1))],
        [`${prefix.toUpperCase()}iBs`, perSecond(KIBI ** -(index + 1))],
        [`${prefix.toUpperCase()}bits`, perSecond(BITS * KILO ** -(index + 1))],
        [`${prefix.toUpperCase()}ibits`, perSecond(BITS * KIBI ** -(index + 1))],
      ]),
    ),
    Bps: perSecond(1),
    binBps: perSecond(1),
    bps: perSecond(BITS),
    binbps: perSecond(BITS),
    ...Object.fromEntries(
      ['cps', 'ops', 'reqps', 'rps', 'wps', 'iops', 'eps', 'mps', 'recps', 'rowsps', 'pps'].map((id) => [
        id,
        things(1),
      ]),
    ),
    ...Object.fromEntries(
      ['cpm', 'opm', 'reqpm', 'rpm', 'wpm', 'epm', 'mpm', 'recpm', 'rowspm'].map((id) => [id, things(60)]),
    ),
    currencyUSD: unit(1, { usd: 1 }),
    celsius: unit(1, { celsius: 1 }),
    lengthm: unit(1, { meters: 1 }),
    lengthmm: unit(1000, { meters: 1 }),
    lengthkm: unit(0.001, { meters: 1 }),
    volt: unit(1, { volts: 1 }),
    mvolt: unit(1000, { volts: 1 }),
    kvolt: unit(0.001, { volts: 1 }),
    amp: unit(1, { amperes: 1 }),
    mamp: unit(1000, { amperes: 1 }),
    kamp: unit(0.001, { amperes: 1 }),
    joule: unit(1, { joules: 1 }),
    watt: unit(1, { joules: 1, [RATE]: -1 }),
    kwatt: unit(0.001, { joules: 1, [RATE]: -1 }),
    massg: unit(1, { grams: 1 }),
    massmg: unit(1000, { grams: 1 }),
    masskg: unit(0.001, { grams: 1 }),
  }) as [PanelUnit, Said][],
);

/** The unit that Grafana has for a dimension of the catalogue; a plain number would hide it: 3600 is an hour. */
const OWN: readonly PanelUnit[] = ['s', 'currencyUSD', 'bytes', 'celsius', 'lengthm', 'volt', 'amp', 'joule', 'massg'];

/** Units under which a number is a number. */
const SAYS_NOTHING = /^(none|string|short|sishort|locale|sci|hex|hex0x|bool.*|[a-z]+:.*)$/;
/** Dates, which Grafana reads from milliseconds since 1970. */
const DATE = /^(dateTime|time:)/;

/** The meaning of a unit: none, one that the catalogue has no word for, or its numbers. */
export function saidBy(id: PanelUnit): Said | 'nothing' | 'unknown' {
  if (DATE.test(id)) return seconds(1000);
  return SAYS.get(id) ?? (SAYS_NOTHING.test(id) ? 'nothing' : 'unknown');
}

/** The unit that a reader would miss: that of the numbers' scale if Grafana has one, else that of their dimension. */
export function ownUnitOf({ dimension, scale }: Quantity): PanelUnit | undefined {
  const own = OWN.find((id) => {
    const said = SAYS.get(id);
    return said !== undefined && isSame(said.dimension, dimension);
  });
  if (own === undefined || scale === undefined) return own;
  return unitOf({ dimension, isRate: false }, scale) ?? own;
}

/** The unit in which values of a unit of the catalogue are shown. */
export function unitFor(unit: string): PanelUnit {
  const numbers = dimensionOfUnit(unit);
  return numbers.size === 0 ? 'percentunit' : (ownUnitOf(inBaseUnits(numbers, 1)) ?? 'short');
}

/** Words for units that others record in, beside the catalogue's. */
const WORDS: ReadonlyMap<string, readonly [unit: string, scale: number]> = new Map(
  Object.entries({
    nanosecond: ['seconds', 1e9],
    microsecond: ['seconds', 1e6],
    millisecond: ['seconds', 1000],
    ms: ['seconds', 1000],
    minute: ['seconds', 1 / 60],
    hour: ['seconds', 1 / 3600],
    day: ['seconds', 1 / 86_400],
    second: ['seconds', 1],
    byte: ['bytes', 1],
    bit: ['bytes', BITS],
  }),
);

/** The numbers of an expression; `undefined` where the catalogue cannot say. */
export function quantityOf(node: Node): Quantity | undefined {
  const dimension = dimensionOf(node);
  return dimension === undefined ? undefined : inBaseUnits(dimension, scaleOf(node));
}

function inBaseUnits(found: Dimension, factor: number | undefined): Quantity {
  const dimension = new Map<string, number>();
  let scale = factor;
  for (const [name, power] of found) {
    const [word, times] = WORDS.get(name) ?? WORDS.get(name.replace(/s$/, '')) ?? [name, 1];
    dimension.set(word, (dimension.get(word) ?? 0) + power);
    if (scale !== undefined) scale *= times ** power;
  }
  return { dimension, scale };
}

/** Whether numbers of a dimension can be said in a unit. The price of one session is in dollars, too. */
export function isSaid(dimension: Dimension, { dimension: said, isRate }: Said): boolean {
  if (isRate) return dimension.get(RATE) === -1;
  if (isSame(said, dimension)) return true;
  const isEach = said.size > 0 && [...said].every(([name, power]) => dimension.get(name) === power);
  return isEach && [...dimension].every(([name, power]) => said.has(name) || power < 0);
}

/**
 * The fix for numbers that are of another scale than their unit: shares times 100 as `percentunit`, seconds as `ms`.
 * Nothing where the scale fits, or where no unit has the one that the numbers have.
 */
export function fixOfScale(id: PanelUnit, said: Said, scale: number): string | undefined {
  if (isClose(said.scale, scale)) return undefined;
  const factor = said.scale / scale;
  const change = factor < 1 ? `divide by ${printNumber(1 / factor)}` : `multiply by ${printNumber(factor)}`;
  if (said.scale !== 1) return `${change}, or give ${nameOf(said, scale)}`;
  // A share is divided by a budget, and dollars are multiplied by days: not every factor is a unit's.
  const fitting = unitOf(said, scale);
  return fitting === undefined ? undefined : `give the unit ${fitting}, or leave the factor out for ${id}`;
}

function nameOf(said: Said, scale: number): string {
  const fitting = unitOf(said, scale);
  return fitting === undefined ? 'the unit that they have' : `the unit ${fitting}`;
}

function unitOf({ dimension, isRate }: Pick<Said, 'dimension' | 'isRate'>, scale: number): PanelUnit | undefined {
  return [...SAYS].find(
    ([, other]) => other.isRate === isRate && isSame(other.dimension, dimension) && isClose(other.scale, scale),
  )?.[0];
}

function isSame(a: Dimension, b: Dimension): boolean {
  return a.size === b.size && [...a].every(([name, power]) => b.get(name) === power);
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a / b - 1) < 1e-9;
}
