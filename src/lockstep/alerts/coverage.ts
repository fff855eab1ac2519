import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath } from 'lockstep-exporter/internal';
import { choosesAmong } from '../promql/bounds.js';
import { printExpression, printSelector } from '../promql/print.js';
import type { AggregateNode, BinaryNode, Node, SelectorNode } from '../promql/tree.js';
import { labelsOf, selectorsIn, walk } from '../promql/tree.js';
import type { AlertGroup, AlertRule } from './alert.js';

/**
 * The states in which a rule is silent because there is nothing to measure, and that no other rule of its group
 * reports: an alert that waits for data is quiet without any, and that reads as healthy.
 *
 * - A ratio says nothing without its whole, nor below its traffic gate.
 * - A guard `x != 0` leaves the state 0 to somebody.
 *
 * A rule reports such a state if it fires on it: `absent_over_time` of the same series or of some of them, or
 * `== bool 0` of their count. If that rule has a guard of its own, that state too must be reported, and not by a rule
 * that relies on the first: two rules that each leave a state to the other leave both to nobody.
 */
export function validateCoverage(group: AlertGroup, root: string): Problem[] {
  return group.rules.flatMap((rule) => {
    const where = definitionPath(root, rule.title, 'expression');
    const found = leavesOf(rule, false).flatMap((left): Problem[] => {
      const { text } = left;
      const found = reportersOf(left, group.rules, [rule]);
      if (found === 'reported') return [];
      if (found === 'nobody')
        return [
          {
            code: 'alerts/unreported',
            where,
            found: `silent while there is no ${text}, and no rule of the group fires on that`,
            fix: 'add absenceRule() or missingRule() for it, or a rule with compare(..., "==", 0)',
          },
        ];
      return [
        {
          code: 'alerts/left-to-each-other',
          where,
          found: `silent while there is no ${text}. ${found.title} fires on that, but is silent in a state that only ${rule.title} reports`,
          fix: `remove the guard from one of the two rules, or add a rule without one: now no rule fires when both are missing`,
        },
      ];
    });
    return about(rule, found);
  });
}

interface Left {
  readonly text: string;
  /** The series of which at least one must be there. */
  readonly selectors: readonly SelectorNode[];
  /**
   * Whether it is the count 0 that is left, which a series that is there and does not grow has too; else it is that
   * there is none.
   */
  readonly isZero: boolean;
}

/**
 * The series that a rule needs before it says anything, and whose absence another rule must report. A rule over
 * counts may wait for some of them; a ratio, and a rule that others rely on, may not.
 */
function leavesOf(rule: AlertRule, isReliedOn: boolean): readonly Left[] {
  const parts = conjuncts(rule.node);
  const isRatio = [...walk(rule.node)].some(isQuotient);
  const left = parts.flatMap((part): readonly Left[] => {
    if (isAbsence(part) || zeroOf(part) !== undefined) return [];
    if (part.type !== 'binary') return isReliedOn ? [toLeft(part, false)] : [];
    if ([...walk(part.left)].some(isQuotient)) return [];
    if (part.op === '!=' && isNumber(part.right, 0)) return [toLeft(part.left, true)];
    const isGuard = isReliedOn || (isRatio && ['>', '>='].includes(part.op));
    return isGuard ? [toLeft(part.left, false)] : [];
  });
  const wholes = [...walk(rule.node)].filter(isQuotient).map((quotient) => toLeft(quotient.right, false));
  return [...new Map([...left, ...wholes].map((each) => [`${each.text} ${each.isZero}`, each])).values()];
}

function toLeft(node: Node, isZero: boolean): Left {
  const bare = unwrapped(node);
  const counted = summedIn(bare);
  if (counted.length > 0) return { text: counted.map(printSelector).join(' or '), selectors: counted, isZero };
  const read = selectorsIn(bare);
  return { text: printExpression({ node: bare }), selectors: read.length === 1 ? read : [], isZero };
}

/** The series whose events a node counts and does nothing else with; none of any other node. */
function summedIn(node: Node): readonly SelectorNode[] {
  const bare = unwrapped(node);
  if (bare.type === 'events') return [bare.of];
  if (isSampleCount(bare)) return [bare.of.of];
  if (bare.type !== 'binary' || bare.op !== '+') return [];
  const [left, right] = [summedIn(bare.left), summedIn(bare.right)];
  return left.length > 0 && right.length > 0 ? [...left, ...right] : [];
}

/** How many samples a gauge has, all series together. */
function isSampleCount(node: Node): node is AggregateNode & { readonly of: Node & { type: 'overTime' } } {
  return (
    node.type === 'aggregate' && node.fn === 'sum' && node.of.type === 'overTime' && node.of.fn === 'count_over_time'
  );
}

/** Whether some rule fires on a state; if only rules do that rely on those that asked, one of them. */
function reportersOf(
  left: Left,
  rules: readonly AlertRule[],
  asking: readonly AlertRule[],
): 'reported' | 'nobody' | AlertRule {
  let relying: AlertRule | undefined;
  for (const rule of rules) {
    if (!conjuncts(rule.node).some((part) => reports(part, left))) continue;
    if (asking.includes(rule)) {
      relying = rule;
      continue;
    }
    const own = leavesOf(rule, true).map((each) => reportersOf(each, rules, [...asking, rule]));
    if (own.every((found) => found === 'reported')) return 'reported';
    relying = rule;
  }
  return relying === undefined || (asking.length === 1 && relying === asking[0]) ? 'nobody' : relying;
}

/** Whether a part of a rule is true in a state that another leaves. */
function reports(part: Node, { text, selectors, isZero: wantsZero }: Left): boolean {
  const isAmong = (one: SelectorNode) => selectors.some((selector) => choosesAmong(one, selector));
  if (isAbsence(part)) return !wantsZero && isAmong(part.of);
  const zero = zeroOf(part);
  if (zero === undefined) return false;
  const counted = summedIn(zero);
  return (counted.length > 0 && counted.every(isAmong)) || toLeft(zero, true).text === text;
}

function isAbsence(node: Node): node is Node & { type: 'overTime' } {
  return node.type === 'overTime' && node.fn === 'absent_over_time';
}

/**
 * The part that says that there is nothing, if it does: filled with zeros, or else it says nothing where there is
 * nothing.
 */
function zeroOf(node: Node): Node | undefined {
  if (node.type !== 'binary' || node.op !== '==' || !node.bool || !isNumber(node.right, 0)) return undefined;
  return node.left.type === 'orZero' ? node.left.of : undefined;
}

function isNumber(node: Node, value: number): boolean {
  return node.type === 'number' && node.value === value;
}

function isQuotient(node: Node): node is BinaryNode {
  return (
    node.type === 'binary' && node.op === '/' && labelsOf(node.left) !== undefined && labelsOf(node.right) !== undefined
  );
}

/** The parts that must all be true: those of a product, or of `and`. */
export function conjuncts(node: Node): readonly Node[] {
  return node.type === 'binary' && (node.op === '*' || node.op === 'and')
    ? [...conjuncts(node.left), ...conjuncts(node.right)]
    : [node];
}

/** A vector without what fills or bounds it. */
function unwrapped(node: Node): Node {
  if (node.type === 'orZero' || node.type === 'clampMin') return unwrapped(node.of);
  if (node.type === 'binary' && !node.bool && node.op === '>') return unwrapped(node.left);
  return node;
}
