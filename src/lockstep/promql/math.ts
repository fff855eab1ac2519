import type { Vector } from './expression.js';
import { vectorOf } from './expression.js';
import type { DateFunction, MathFunction, Trigonometric } from './tree.js';

/** At least `min`. */
export function clampMin<L extends string>(of: Vector<L>, min: number): Vector<L> {
  return vectorOf({ type: 'clampMin', of: of.node, min });
}

/** At most `max`. */
export function clampMax<L extends string>(of: Vector<L>, max: number): Vector<L> {
  return math('clamp_max', of, max);
}

/** The distance from 0. */
export function abs<L extends string>(of: Vector<L>): Vector<L> {
  return math('abs', of);
}

/** The next whole number above, unless it is one. */
export function ceil<L extends string>(of: Vector<L>): Vector<L> {
  return math('ceil', of);
}

/** The next whole number below, unless it is one. */
export function floor<L extends string>(of: Vector<L>): Vector<L> {
  return math('floor', of);
}

/**
 * The nearest multiple of `to`; halves go up.
 *
 * @param to above 0; 1 if not said
 */
export function round<L extends string>(of: Vector<L>, to?: number): Vector<L> {
  return math('round', of, to);
}

/** 1 of a value above 0, -1 of one below, and 0 of 0. */
export function sgn<L extends string>(of: Vector<L>): Vector<L> {
  return math('sgn', of);
}

/** The square root; not a number below 0. */
export function sqrt<L extends string>(of: Vector<L>): Vector<L> {
  return math('sqrt', of);
}

/** The natural logarithm; not a number below 0. */
export function ln<L extends string>(of: Vector<L>): Vector<L> {
  return math('ln', of);
}

/** The logarithm to the base 2; not a number below 0. */
export function log2<L extends string>(of: Vector<L>): Vector<L> {
  return math('log2', of);
}

/** The logarithm to the base 10; not a number below 0. */
export function log10<L extends string>(of: Vector<L>): Vector<L> {
  return math('log10', of);
}

/** Euler's number to the power of each value. */
export function exp<L extends string>(of: Vector<L>): Vector<L> {
  return math('exp', of);
}

/** The time at which the query is evaluated, in seconds since 1970. */
export function now(): Vector<never> {
  return vectorOf({ type: 'now' });
}

/**
 * A part of each time, in UTC: `datePart('hour', now())` is 0 to 23, `datePart('day_of_week', now())` 0 on a Sunday.
 *
 * @param of times in seconds since 1970
 */
export function datePart<L extends string>(part: DateFunction, of: Vector<L>): Vector<L> {
  return math(part, of);
}

/** A trigonometric function of each value, in radians: `sin`, `acosh`, ..., and `deg` and `rad`. */
export function trigonometry<L extends string>(fn: Trigonometric, of: Vector<L>): Vector<L> {
  return math(fn, of);
}

function math<L extends string>(fn: MathFunction, of: Vector<L>, parameter?: number): Vector<L> {
  return vectorOf({ type: 'math', fn, of: of.node, ...(parameter === undefined ? {} : { parameter }) });
}

/**
 * How many seconds ago the time was that the values say, in seconds since 1970: the age of the last backup, of a
 * process, of a certificate that has run out.
 *
 * @param of a gauge whose unit is `seconds`
 */
export function secondsSince<L extends string>(of: Vector<L>): Vector<L> {
  return vectorOf({ type: 'since', of: of.node });
}
