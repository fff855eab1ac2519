import type { Problem } from 'lockstep-exporter/internal';
import { about, aKind, printValue, suggest } from 'lockstep-exporter/internal';
import { boundsOf, decidedOutcome } from './bounds.js';
import { decidedComparison } from './decided.js';
import { dimensionOf, isMixed, printDimension } from './dimension.js';
import { validateJoined } from './join-rules.js';
import { histogramsOf, isDistribution, nativeAsNumber, validateSum } from './kind-rules.js';
import { validateQuotient } from './parts.js';
import { printNumber } from './print.js';
import type { ExpressionContext } from './selector-rules.js';
import { readsAllQuantiles, strangePart, validateSelector } from './selector-rules.js';
import { validateAgo, validateRelabelled, validateSteps } from './shifted-rules.js';
import type { BinaryNode, CallNode, Node, OrZeroNode, RangeFunction } from './tree.js';
import { COMPARISONS, children, DATE_FUNCTIONS, labelsOf, TARGET, walk } from './tree.js';
import { durationSeconds, GRAFANA_WINDOWS } from './window.js';
import { hasWrongLabels } from './wrong-labels.js';

/**
 * Every problem of an expression, whatever types its author used or talked out of their job: names, labels and values
 * that the catalogue does not have, combinations of values that no series can have, sides that cannot match,
 * comparisons that are decided before any data arrives.
 */
export function validateExpression(root: Node, where: string, context: ExpressionContext): Problem[] {
  const problems: Problem[] = [];
  // In PromQL as text, all quantiles of a summary may be read together.
  const nodes = [...walk(root)];
  const ofTexts = new Set(nodes.flatMap((node) => (node.type === 'text' ? children(node) : [])));
  // Nodes that something reads as native histograms, and does not take for numbers.
  const distributions = new Set([...ofTexts, ...nodes.flatMap(histogramsOf)]);
  for (const node of nodes) {
    const isBare = node.type === 'selector' && !ofTexts.has(node) && readsAllQuantiles(node);
    const isNative = isDistribution(node) && !distributions.has(node);
    if (isNative) problems.push(...about(node, [nativeAsNumber(node, where)]));
    problems.push(...about(node, isBare ? [strangePart(node, where)] : validateNode(node, where, context)));
  }
  return problems;
}

function validateNode(node: Node, where: string, context: ExpressionContext): Problem[] {
  switch (node.type) {
    case 'selector':
      return validateSelector(node, where, context);
    case 'events':
      return [
        ...validateWindow(node, where, context),
        ...validateNativeWindow(node, where),
        ...validateGrouping('count', node.by, node.of, where),
      ];
    case 'overTime':
      return [
        ...validateWindow(node, where, context),
        ...(NEED_TWO.includes(node.fn) ? validateNativeWindow(node, where) : []),
        ...validateShare(node, where),
      ];
    case 'math':
      if (DATE_FUNCTIONS.some((each) => each === node.fn)) return validateTime(node.of, where, `the ${node.fn}`);
      return node.parameter === undefined || Number.isFinite(node.parameter) ? [] : [notANumber(node.parameter, where)];
    case 'now':
      return [];
    case 'since':
      return validateTime(node.of, where, 'the time since');
    case 'joined':
      return validateJoined(node, where);
    case 'ago':
      return validateAgo(node, where);
    case 'overSteps':
      return validateSteps(node, where);
    case 'relabelled':
      return validateRelabelled(node, where);
    case 'number':
      return Number.isFinite(node.value) ? [] : [notANumber(node.value, where)];
    case 'quantile':
      return validateQuantile(node, where);
    case 'fraction':
      return validateFraction(node, where);
    case 'clampMin':
      return Number.isFinite(node.min) ? [] : [notANumber(node.min, where)];
    case 'orZero':
      return validateOrZero(node, where);
    case 'aggregate':
      return [
        ...validateGrouping(node.fn, node.by ?? [], node.of, where),
        ...validateGrouping(node.fn, node.without ?? [], node.of, where, 'without'),
        ...validateSum(node, where),
        ...(node.fn === 'quantile' ? validateQuantileShare(node.parameter, where) : []),
      ];
    case 'binary':
      return validateBinary(node, where);
    case 'text':
      return node.slips.map((slip) => ({ ...slip, where }));
  }
}

function notANumber(value: number, where: string): Problem {
  return { code: 'promql/number', where, found: printValue(String(value)), fix: 'give a finite number' };
}

/** Functions over a range that are nothing of a single sample. */
const NEED_TWO: readonly RangeFunction[] = ['delta', 'deriv', 'predict_linear'];

/** `rate()` needs two samples, and the windows of neighbouring points as long as the step hold one each. */
function validateNativeWindow(node: CallNode & { type: 'events' | 'overTime' }, where: string): Problem[] {
  if ((node.type === 'events' && node.of.metric.foreign === undefined) || node.window !== '$__interval') return [];
  return [
    {
      code: 'promql/interval-window',
      where,
      found: `a window of $__interval over ${node.of.metric.name}${node.type === 'events' ? ', which others record' : ''}`,
      allowed: '$__rate_interval, $__range, or a duration of four scrape intervals at least',
      fix: `take '$__rate_interval': ${node.type === 'events' ? 'increase() and rate() of PromQL need' : `${node.fn} needs`} two samples in the window`,
    },
  ];
}

function validateWindow(
  node: CallNode & { type: 'overTime' | 'events' },
  where: string,
  { variables }: ExpressionContext,
): Problem[] {
  const problems: Problem[] = [];
  const reads = node.type === 'events' || node.fn === 'resets' ? 'counter' : 'gauge';
  const { metric, part } = node.of;
  const kind = part === '' ? metric.kind : 'counter';
  const isRead = kind === 'counter' || kind === 'nativeHistogram' ? 'counter' : 'gauge';
  const anyKind = node.type === 'overTime' && node.fn === 'absent_over_time';
  // A histogram without a part has been reported at its selector.
  if (!anyKind && kind !== 'histogram' && isRead !== reads)
    problems.push({
      code: 'promql/kind',
      where,
      found: `${node.type === 'events' ? 'a count of events' : node.fn} of ${metric.name}, ${aKind(metric.kind)}`,
      allowed: `a ${reads}`,
      fix: isRead === 'gauge' ? 'read a gauge by instant() or maxOverTime()' : 'read a counter by rate() or increase()',
    });
  if (GRAFANA_WINDOWS.includes(node.window)) {
    if (variables === undefined)
      problems.push({
        code: 'promql/window-in-alert',
        where,
        found: `[${node.window}]`,
        fix: 'give a literal window such as 5m: only a dashboard knows this one',
      });
  } else if (durationSeconds(node.window) === undefined)
    problems.push({
      code: 'promql/window',
      where,
      found: `[${node.window}]`,
      allowed: 'a whole number and one unit, s, m, h, d or w: 5m, 1h, 30d',
      fix: 'write the window in a single unit',
    });
  return problems;
}

function validateShare({ fn, parameter }: CallNode & { type: 'overTime' }, where: string): Problem[] {
  if (
    parameter === undefined ||
    (fn === 'quantile_over_time' ? parameter >= 0 && parameter <= 1 : Number.isFinite(parameter))
  )
    return [];
  return fn === 'quantile_over_time' ? validateQuantileShare(parameter, where) : [notANumber(parameter, where)];
}

function validateQuantileShare(share: number | undefined, where: string): Problem[] {
  if (share !== undefined && share >= 0 && share <= 1) return [];
  return [
    {
      code: 'promql/quantile',
      where,
      found: printValue(share),
      allowed: 'from 0 to 1',
      fix: 'give the share, not the percentage: 0.95 for p95',
    },
  ];
}

/** Parts of a time, and how long ago it was, can only be told of a value that is a time. */
function validateTime(of: Node, where: string, what: string): Problem[] {
  const dimension = dimensionOf(of);
  if (dimension === undefined || (dimension.size === 1 && dimension.get('seconds') === 1)) return [];
  return [
    {
      code: 'promql/not-a-time',
      where,
      found: `${what} of a number in ${printDimension(dimension)}`,
      fix: 'take it of a gauge that holds a time, in seconds since 1970',
    },
  ];
}

function validateQuantile(node: CallNode & { type: 'quantile' }, where: string): Problem[] {
  const problems: Problem[] = [];
  if (!(node.quantile > 0 && node.quantile < 1))
    problems.push({
      code: 'promql/quantile',
      where,
      found: printValue(node.quantile),
      allowed: 'above 0 and below 1',
      fix: 'give the share, not the percentage: 0.95 for p95',
    });
  if (!isDistribution(node.of) && !labelsOf(node.of)?.includes('le') && !hasWrongLabels(node.of))
    problems.push({
      code: 'promql/quantile-without-le',
      where,
      found: 'histogram_quantile of a vector without the label le',
      fix: "take the increase of buckets(histogram) by 'le' and what else is wanted",
    });
  return problems;
}

function validateFraction({ atMost, of }: CallNode & { type: 'fraction' }, where: string): Problem[] {
  if (!Number.isFinite(atMost)) return [notANumber(atMost, where)];
  if (isDistribution(of)) return [];
  return [
    {
      code: 'promql/share-of-no-native',
      where,
      found: 'histogram_fraction of what is no native histogram: Prometheus returns nothing here',
      fix: 'take it of a native histogram; of a histogram with buckets take the ratio of countAtMost() to countOf()',
    },
  ];
}

function validateOrZero(node: OrZeroNode, where: string): Problem[] {
  // The zeros are like the whole of a ratio, and are matched there.
  if (node.like !== undefined) return [];
  const labels = labelsOf(node.of) ?? [];
  if (labels.length === 0) return [];
  return [
    {
      code: 'promql/or-zero',
      where,
      found: `"or vector(0)" beside a vector with the labels ${labels.join(', ')}`,
      fix: 'aggregate these labels away first',
    },
  ];
}

function validateGrouping(
  fn: string,
  by: readonly string[],
  of: Node,
  where: string,
  word: 'by' | 'without' = 'by',
): Problem[] {
  if (hasWrongLabels(of)) return [];
  const below = (labelsOf(of) ?? []).filter((label) => label !== TARGET);
  return by
    .filter((label) => !below.includes(label))
    .map((label) => ({
      code: 'promql/group-by',
      where,
      found: `${fn} ${word} (${label})`,
      allowed: below.length === 0 ? 'none: an inner aggregation removed all labels' : below.join(', '),
      fix: suggest(
        label,
        below,
        `keep the label in the inner aggregation, or ${word === 'by' ? 'group by' : 'take away'} one that is there`,
      ),
    }));
}

/** Whether elements of two sides find each other: all labels are alike, or those of the right are among the left's. */
function areMatched(left: readonly string[], right: readonly string[], on: readonly string[] | undefined): boolean {
  if (on === undefined) return [...left].sort().join() === [...right].sort().join();
  return [...on].sort().join() === [...right].sort().join() && right.every((label) => left.includes(label));
}

function validateBinary(node: BinaryNode, where: string): Problem[] {
  // A side that is grouped by a label that is not there is no part of the other: that is one slip.
  const problems: Problem[] = hasWrongLabels(node) ? [] : validateQuotient(node, where);
  if (isMixed(node)) {
    const [one, other] = [dimensionOf(node.left), dimensionOf(node.right)];
    problems.push({
      code: 'promql/mixed-units',
      where,
      found: `"${node.op}" of ${printDimension(one ?? new Map())} and ${printDimension(other ?? new Map())}`,
      fix: 'add and subtract numbers of one unit only',
    });
  }
  const left = labelsOf(node.left);
  const right = labelsOf(node.right);
  const isOff = left !== undefined && right !== undefined && !areMatched(left, right, node.on);
  if (isOff && !hasWrongLabels(node))
    problems.push({
      code: 'promql/no-match',
      where,
      found: `left of "${node.op}" has the labels ${left.join(', ') || 'none'}, right of it ${right.join(', ') || 'none'}`,
      fix:
        node.on === undefined
          ? 'aggregate both sides by the same labels: as it is, nothing matches'
          : `group the right side by labels of the left: ${left.join(', ') || 'none'}`,
    });
  const asks = node.op === 'and' || node.op === 'unless';
  if (asks && [...walk(node.right)].some((each) => each.type === 'binary' && each.bool))
    problems.push({
      code: 'promql/and-bool',
      where,
      found: `"${node.op}" with a comparison that yields 0 where it does not hold`,
      fix: `${node.op === 'and' ? 'multiply the two by mul(), or compare' : 'compare'} by keep() on the right: "${node.op}" asks whether there is a value, and 0 is one`,
    });
  const comparison = COMPARISONS.find((each) => each === node.op);
  if (comparison !== undefined) {
    const reach = boundsOf(node.left);
    const outcome = decidedOutcome(comparison, reach, boundsOf(node.right));
    if (outcome !== undefined)
      problems.push({ where, ...decidedComparison(`"${node.op} ${printRight(node.right)}"`, outcome, reach) });
  }
  return problems;
}

function printRight(node: Node): string {
  return node.type === 'number' ? printNumber(node.value) : 'the right side';
}
