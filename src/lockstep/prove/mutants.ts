import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { allMetrics, hasLabel } from 'lockstep-exporter/internal';
import type { AlertRule } from '../alerts/alert.js';
import { boundsOf } from '../promql/bounds.js';
import { printNumber, printSelector } from '../promql/print.js';
import type { Comparison, Matcher, Node, SelectorNode } from '../promql/tree.js';
import { COMPARISONS, selections } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds, printDuration } from '../promql/window.js';
import { selectorsOf } from './case.js';
import { unchosenLabels } from './labels.js';

/** A rule with one thing wrong in it. */
export interface Mutant {
  /** The change: `window [1h] of fab_self_eval_total -> [2h]`. */
  readonly change: string;
  readonly node: Node;
  readonly for: Duration;
}

/**
 * Every rule that differs from this one in a single place: another metric, another label value or a matcher dropped or
 * turned round, another number (factor, budget, gate, floor), another window, another comparison, `bool` dropped, a
 * part of a product left out, another `for`. A change that changes nothing, whatever the data, is left out: `>=` for
 * `>` where the count can never equal the threshold.
 *
 * @param step how far apart evaluations are, in seconds: the least by which two pending times differ
 */
export function mutantsOf(rule: AlertRule, catalogue: Catalogue, step: number): readonly Mutant[] {
  const changed = [...changesOf(rule.node, { rule, catalogue })].map(([change, node]) => ({
    change,
    node,
    for: rule.for,
  }));
  const pending = durationSeconds(rule.for) ?? 0;
  const others = [pending + step, pending - step].filter((each) => each >= 0);
  return [
    ...changed,
    ...others.map((each) => {
      const duration: Duration = each === 0 ? '0s' : printDuration(each);
      return { change: `for ${rule.for} -> ${duration}`, node: rule.node, for: duration };
    }),
  ];
}

interface Context {
  readonly rule: AlertRule;
  readonly catalogue: Catalogue;
}

type Change = readonly [string, Node];

function* changesOf(node: Node, context: Context): Generator<Change> {
  switch (node.type) {
    case 'number':
      for (const value of [node.value * 1.1, node.value * 0.9]) {
        if (node.value === 0) yield ['0 -> 1', { ...node, value: 1 }];
        if (node.value === 0) return;
        yield [`${printNumber(node.value)} -> ${printNumber(value)}`, { ...node, value }];
      }
      return;
    case 'selector':
      yield* selectorChanges(node, context);
      return;
    case 'events':
      yield* windowChanges(node);
      for (const [change, of] of selectorChanges(node.of, context))
        yield [`${change} [${node.window}]`, { ...node, of }];
      return;
    case 'overTime':
      yield* windowChanges(node);
      for (const [change, of] of selectorChanges(node.of, context))
        yield [`${change} [${node.window}]`, { ...node, of }];
      return;
    case 'clampMin':
      // Floored far above any real traffic, the ratio becomes an absolute number.
      yield [`floor ${printNumber(node.min)} -> ${printNumber(node.min * 1e12)}`, { ...node, min: node.min * 1e12 }];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'orZero':
      yield ['without "or vector(0)"', node.of];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'math':
      yield [`without ${node.fn}`, node.of];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'joined':
      yield ['without the labels of the info', node.of];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'quantile': {
      const quantile = node.quantile > 0.5 ? node.quantile / 2 : (1 + node.quantile) / 2;
      yield [`quantile ${printNumber(node.quantile)} -> ${printNumber(quantile)}`, { ...node, quantile }];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    }
    case 'fraction':
      for (const atMost of [node.atMost / 2, node.atMost * 2])
        yield [`at most ${printNumber(node.atMost)} -> ${printNumber(atMost)}`, { ...node, atMost }];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'now':
      return;
    case 'ago':
      yield ['without ago()', node.of];
      for (const back of otherDurations(node.back)) yield [`ago ${node.back} -> ${back}`, { ...node, back }];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'overSteps':
      yield ['the last of the steps alone', node.of];
      for (const window of otherDurations(node.window))
        yield [`steps of [${node.window}] -> [${window}]`, { ...node, window }];
      yield [
        `${node.fn} -> ${node.fn === 'max' ? 'min' : 'max'} of the steps`,
        { ...node, fn: node.fn === 'max' ? 'min' : 'max' },
      ];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'relabelled':
      yield [`without the label ${node.into}`, node.of];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'since':
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'aggregate':
      if (node.fn !== 'topk' && node.fn !== 'bottomk')
        yield [
          `${node.fn} -> ${node.fn === 'sum' ? 'max' : 'sum'}`,
          { ...node, fn: node.fn === 'sum' ? 'max' : 'sum', parameter: undefined },
        ];
      for (const [change, of] of changesOf(node.of, context)) yield [change, { ...node, of }];
      return;
    case 'binary':
      yield* binaryChanges(node, context);
  }
}

function* binaryChanges(node: Node & { type: 'binary' }, context: Context): Generator<Change> {
  const comparison = COMPARISONS.find((each) => each === node.op);
  if (comparison !== undefined) {
    if (node.bool) yield [`${node.op} bool -> ${node.op}, of ${about(node)}`, { ...node, bool: false }];
    for (const op of otherComparisons(comparison, node))
      yield [`${node.op} -> ${op}, of ${about(node)}`, { ...node, op }];
    if (node.right.type === 'number' && isCount(node.left) && node.right.value > 0) {
      // A gate lies between two whole numbers: the next of these gaps are what a slip of one event is.
      for (const value of [node.right.value + 1, node.right.value - 1])
        yield [
          `gate ${printNumber(node.right.value)} -> ${printNumber(value)}`,
          { ...node, right: { type: 'number', value } },
        ];
      for (const [change, left] of changesOf(node.left, context)) yield [change, { ...node, left }];
      return;
    }
  }
  if (node.op === '*' || node.op === 'and') {
    yield [`without the factor of ${about(node.right)}`, node.left];
    yield [`only the factor of ${about(node.right)}`, node.right];
  }
  if (node.op === '-' || node.op === 'unless') yield ['without what is taken away', node.left];
  if (node.op === 'or') {
    yield ['without what fills it', node.left];
    yield ['only what fills it', node.right];
  }
  for (const [change, left] of changesOf(node.left, context)) yield [change, { ...node, left }];
  for (const [change, right] of changesOf(node.right, context)) yield [change, { ...node, right }];
}

/** The series that an expression reads first, by which a person finds it in the rule. */
function about(node: Node): string {
  for (const { selector, window } of selections(node)) return `${printSelector(selector)} [${window ?? 'now'}]`;
  return 'a number';
}

/** The comparisons that could be meant instead, without those that say the same of this left side. */
function otherComparisons(op: Comparison, node: Node & { type: 'binary' }): readonly Comparison[] {
  const value = node.right.type === 'number' ? node.right.value : undefined;
  const canBeEqual = value === undefined || !isCount(node.left) || Number.isInteger(value);
  const canBeLess = value === undefined || boundsOf(node.left).low < value;
  switch (op) {
    case '>':
      return ['<', ...((isCount(node.left) ? canBeEqual : canRatioBe(node.left, value)) ? (['>='] as const) : [])];
    case '>=':
      return ['<', '>'];
    case '<':
      return ['>', ...(canBeEqual ? (['<='] as const) : [])];
    case '<=':
      return ['>', '<'];
    case '==':
      return ['!=', '>', ...(canBeLess ? (['<='] as const) : [])];
    case '!=':
      return ['=='];
  }
}

/**
 * Whether a ratio, over a budget, can be exactly some number: binary fractions allow it of few, 0.05 / 0.05 among them
 * and 0.3 / 0.05 not.
 */
function canRatioBe(node: Node, value: number | undefined): boolean {
  if (node.type !== 'binary' || node.op !== '/' || node.right.type !== 'number') return false;
  const budget = node.right.value;
  return Array.from({ length: 1000 }, (_, index) => (index + 1) / 1000).some((ratio) => ratio / budget === value);
}

/** Whether a value is a number of events: whole. */
function isCount(node: Node): boolean {
  switch (node.type) {
    case 'events':
      return node.per === 'window';
    case 'orZero':
      return isCount(node.of);
    case 'aggregate':
      return node.fn === 'sum' && isCount(node.of);
    case 'overTime':
      return node.fn === 'count_over_time';
    case 'binary':
      return (node.op === '-' || node.op === '+') && isCount(node.left) && isCount(node.right);
    default:
      return false;
  }
}

function* windowChanges(node: Node & { type: 'events' | 'overTime' }): Generator<Change> {
  for (const window of otherDurations(node.window))
    yield [`window [${node.window}] of ${printSelector(node.of)} -> [${window}]`, { ...node, window }];
}

/** Twice a duration, and half of it, in minutes. */
function otherDurations(duration: string): readonly Duration[] {
  const seconds = durationSeconds(duration);
  if (seconds === undefined) return [];
  return [seconds * 2, Math.max(60, Math.round(seconds / 120) * 60)]
    .filter((other) => other !== seconds)
    .map(printDuration);
}

function* selectorChanges(
  selector: SelectorNode,
  { rule, catalogue }: Context,
): Generator<readonly [string, SelectorNode]> {
  const text = printSelector(selector);
  const say = (changed: SelectorNode) => [`${text} -> ${printSelector(changed)}`, changed] as const;
  yield say({ ...selector, metric: otherMetric(selector.metric, catalogue) });
  if (selector.bound !== undefined) {
    const { bounds } = selector.metric;
    const index = bounds.indexOf(selector.bound);
    for (const bound of [bounds[index - 1], bounds[index + 1]])
      if (bound !== undefined) yield say({ ...selector, bound });
  }
  const unchosen = unchosenLabels(selector.metric, selectorsOf(rule));
  for (const [index, matcher] of selector.matchers.entries()) {
    const replaced = (other: readonly Matcher[]) =>
      say({
        ...selector,
        matchers: [...selector.matchers.slice(0, index), ...other, ...selector.matchers.slice(index + 1)],
      });
    yield replaced([]);
    yield replaced([{ ...matcher, negated: !matcher.negated }]);
    for (const match of otherMatches(matcher, selector.metric, unchosen)) yield replaced([{ ...matcher, match }]);
  }
}

function* otherMatches(
  matcher: Matcher,
  metric: Metric,
  unchosen: Readonly<Record<string, string>> | undefined,
): Generator<Matcher['match']> {
  const { match } = matcher;
  if (match.type === 'variable') return;
  const named = match.type === 'value' ? [match.value] : match.values;
  const values = metric.labels.find((each) => each.name === matcher.label)?.values ?? [];
  const preferred = unchosen?.[matcher.label];
  const other =
    preferred !== undefined && !named.includes(preferred) ? preferred : values.find((each) => !named.includes(each));
  if (match.type === 'value') {
    if (other !== undefined) yield { type: 'value', value: other };
    return;
  }
  for (const value of named) {
    if (named.length > 1) yield { type: 'oneOf', values: named.filter((each) => each !== value) };
  }
  if (other !== undefined) yield { type: 'oneOf', values: [...named, other] };
}

/** A metric that could be taken for another: of its kind, with its labels if there is one. */
function otherMetric(metric: Metric, catalogue: Catalogue): Metric {
  const others = allMetrics(catalogue).filter((each) => each !== metric && each.kind === metric.kind);
  const labels = metric.labels.map(({ name }) => name);
  return (
    others.find((each) => labels.every((name) => hasLabel(each, name))) ??
    others[0] ?? { ...metric, name: `${metric.name}_of_another` }
  );
}
