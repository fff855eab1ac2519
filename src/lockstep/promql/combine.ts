import { made } from 'lockstep-exporter/internal';
import type { LabelOf, OfKind, Selectable, TypeProblem, Vector, VectorLabel } from './expression.js';
import { toSeries, vectorOf } from './expression.js';
import type { Arithmetic, BinaryOperator, Comparison, Node, ScrapeTarget } from './tree.js';
import { labelsOf } from './tree.js';

type Operand = number | Vector;

type Listed<L extends string> = [L] extends [never] ? 'none' : L;

/** The labels that both an expression and an info have: by them, the two are matched. */
type OnBoth<V, S> = Exclude<VectorLabel<V>, ScrapeTarget> & LabelOf<S>;

/**
 * The same values, with labels that an info has for the same thing: a Pod's memory with the node that it runs on. It is
 * PromQL's `* on (pod) group_left (node)`. An element without an info is gone.
 *
 * @param definition.on   the labels that say which thing it is; both have them
 * @param definition.take the labels of the info that are wanted
 */
export function withLabels<
  V extends Vector,
  S extends Selectable,
  const On extends OnBoth<V, S>,
  const Take extends Exclude<LabelOf<S>, On>,
>(
  of: V,
  info: S & OfKind<S, 'info', 'only an info gives its labels: it is always 1, and any other would change the value'>,
  definition: { readonly on: readonly [On, ...On[]]; readonly take: readonly [Take, ...Take[]] },
): Vector<VectorLabel<V> | Take> {
  const { on, take } = definition;
  return vectorOf({ type: 'joined', of: of.node, info: toSeries(info as Selectable).node, on, take });
}

type NoLabels<V extends Vector> = [VectorLabel<V>] extends [never]
  ? unknown
  : TypeProblem<'orZero() stands for one number; aggregate these labels away first', VectorLabel<V>>;

/** 0 where there is nothing at all. Only for a vector without labels: which labels should a made-up zero carry? */
export function orZero<V extends Vector>(of: V & NoLabels<V>): Vector<never> {
  return vectorOf({ type: 'orZero', of: of.node, like: undefined });
}

/** 0 in the place of nothing where another count has a value; nothing where both have none. */
export function orZeroOf(of: Vector<never>, like: Vector<never>): Vector<never> {
  return vectorOf({ type: 'orZero', of: of.node, like: like.node, isBound: true });
}

type SameLabels<Left, Right> =
  Left extends Vector<infer A>
    ? Right extends Vector<infer B>
      ? [A] extends [B]
        ? [B] extends [A]
          ? unknown
          : LabelsDiffer<A, B>
        : LabelsDiffer<A, B>
      : unknown
    : Right extends Vector
      ? unknown
      : TypeProblem<'one side must be a vector'>;

type LabelsDiffer<A extends string, B extends string> = TypeProblem<
  'nothing would match: aggregate both sides by the same labels',
  { readonly left: Listed<A>; readonly right: Listed<B> }
>;

type ResultLabel<Left, Right> = Left extends Vector<infer A> ? A : VectorLabel<Right>;

function binary<L extends string>(op: BinaryOperator, left: Operand, right: Operand, bool = false): Vector<L> {
  return vectorOf({ type: 'binary', op, bool, left: toNode(left), right: toNode(right) });
}

function toNode(operand: Operand): Node {
  return typeof operand === 'number' ? { type: 'number', value: operand } : operand.node;
}

/** The sum of two numbers for the same labels, both of one unit. An element that only one side has is gone. */
export function add<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('+', left, right);
}

/** The difference of two numbers for the same labels, both of one unit. An element that only one side has is gone. */
export function sub<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('-', left, right);
}

/** The product of two numbers for the same labels. An element that only one side has is gone. */
export function mul<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('*', left, right);
}

/** The quotient of two numbers for the same labels, a division by 0 too: for a share take {@link ratio}. */
export function div<Left extends Operand, Right extends Operand>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('/', left, right);
}

/**
 * A part of a whole: numerator over denominator, both summed before they are divided. Where the whole is 0 there is no
 * ratio, and no number is shown: not 0, which would read as healthy, and not NaN.
 *
 * The part is of the same metric as the whole, or of one that happens `within` it by the catalogue.
 *
 * @param because why the two belong together, where the catalogue does not know it
 */
export function ratio<Left extends Vector, Right extends Vector>(
  part: Left,
  whole: Right & SameLabels<Left, Right>,
  because?: string,
): Vector<ResultLabel<Left, Right>> {
  return withReason(binary('/', part, keep(whole, '>', 0)), because);
}

/**
 * The share of a whole that a part has: {@link ratio}, but 0 where there is a whole and no part. An event that never
 * happened has no series, and a whole of which nothing failed has a share of failures: none.
 *
 * @param fewest events that the whole must have: a share of fewer is no measurement, and no number is shown
 * @param because why the two belong together, where the catalogue does not know it
 */
export function share<Left extends Vector, Right extends Vector>(
  part: Left,
  whole: Right & SameLabels<Left, Right>,
  fewest = 0,
  because?: string,
): Vector<ResultLabel<Left, Right>> {
  const filled: Node = { type: 'orZero', of: part.node, like: whole.node };
  return withReason(
    binary('/', { node: filled }, fewest > 0 ? keep(whole, '>=', fewest) : keep(whole, '>', 0)),
    because,
  );
}

function withReason<L extends string>(vector: Vector<L>, because: string | undefined): Vector<L> {
  return because === undefined ? vector : { ...vector, node: made({ ...vector.node, because } as Node) };
}

type AmongLabels<Left extends Vector, Right extends Vector> = [VectorLabel<Right>] extends [VectorLabel<Left>]
  ? unknown
  : TypeProblem<
      'the right side has a label that the left does not have',
      Exclude<VectorLabel<Right>, VectorLabel<Left>>
    >;

/**
 * Each element of the left with the one on the right that has the same values for the labels of the right: the share
 * that each route has of all requests, or of those of its pod. An element without one is gone. It is PromQL's
 * `/ on (pod) group_left ()`.
 *
 * @param because of a quotient: why the two belong together, where the catalogue does not know it
 */
export function byCommon<Left extends Vector, Right extends Vector>(
  left: Left,
  op: Arithmetic,
  right: Right & AmongLabels<Left, Right>,
  because?: string,
): Vector<VectorLabel<Left>> {
  const on = labelsOf(right.node) ?? [];
  const node: Node = { type: 'binary', op, bool: false, on, left: left.node, right: right.node };
  return withReason(vectorOf(node), because);
}

/** 1 where the comparison holds and 0 where it does not: `> bool`. An alert's threshold reads it. */
export function compare<L extends string>(left: Vector<L>, op: Comparison, right: number): Vector<L> {
  return binary(op, left, right, true);
}

/**
 * Only the elements for which the comparison holds, with their values. Not for an alert: a kept 0 never trips `gt 0`.
 */
export function keep<L extends string>(left: Vector<L>, op: Comparison, right: number): Vector<L> {
  return binary(op, left, right);
}

/** The elements of the left side whose labels the right side has too. */
export function and<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('and', left, right);
}

/** The elements of the left side whose labels the right side does not have. */
export function unless<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('unless', left, right);
}

/** The elements of the left side, and those of the right side whose labels the left one does not have. */
export function or<Left extends Vector, Right extends Vector>(
  left: Left,
  right: Right & SameLabels<Left, Right>,
): Vector<ResultLabel<Left, Right>> {
  return binary('or', left, right);
}
