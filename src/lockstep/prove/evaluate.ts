import { isDistribution } from '../promql/kind-rules.js';
import { replaced } from '../promql/relabelling.js';
import type {
  DateFunction,
  JoinedNode,
  Matcher,
  MathFunction,
  Node,
  OverStepsNode,
  Part,
  SelectorNode,
} from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { histogramsAmong, quantileOfBuckets, shareOfAtMost } from './native.js';
import type { RecordedSeries } from './series.js';
import { valueAt } from './series.js';
import { sampleSeconds } from './world.js';

/**
 * The meaning of an expression, computed from what happened instead of from samples: the judge that a real Prometheus
 * is held against. It knows nothing of how `increase` is spelled in PromQL; an event counts in a window if its report
 * lies in it, whichever process made it.
 */
export interface Element {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export type Evaluated = number | readonly Element[];

/** Prometheus' lookback for an instant selector, in seconds. */
const LOOKBACK = 300;

/** @param seconds the moment, from the beginning of the world */
export function evaluate(node: Node, world: Recorded, seconds: number): Evaluated {
  switch (node.type) {
    case 'number':
      return node.value;
    case 'selector':
      return chosen(node, world).flatMap((series) => {
        const [from, to] = stepsWithin(series, seconds - LOOKBACK, seconds, world.stepSeconds);
        return from > to ? [] : [{ labels: labelsOfSeries(series), value: series.values[to - series.first] ?? 0 }];
      });
    case 'events': {
      const window = windowOf(node.window);
      const per = node.per === 'second' ? window : 1;
      const counted = chosen(node.of, world).flatMap((series) => {
        const [from, to] = stepsWithin(series, seconds - window, seconds, world.stepSeconds);
        if (from > to) return [];
        if (series.metric.kind === 'nativeHistogram') return grownNative(series, { seconds, window }, world);
        if (series.metric.foreign !== undefined) {
          const estimated =
            series.metric.foreign.isAnchored === true
              ? anchored(series, to, { seconds, window }, world)
              : extrapolated(series, from, to, { seconds, window }, world);
          return estimated === undefined ? [] : [{ labels: labelsOfSeries(series), value: estimated }];
        }
        const value = (series.values[to - series.first] ?? 0) - (series.values[from - 1 - series.first] ?? 0);
        return [{ labels: labelsOfSeries(series), value }];
      });
      const by = isDistribution(node) ? [...node.by, 'le'] : node.by;
      return aggregate(counted, by, (values) => total(values) / per);
    }
    case 'overTime':
      return evaluateOverTime(node, world, seconds);
    case 'quantile':
      return quantiles(node.quantile, vector(evaluate(node.of, world, seconds)), isDistribution(node.of));
    case 'fraction':
      return byBuckets(vector(evaluate(node.of, world, seconds))).map(({ labels, buckets }) => ({
        labels,
        value: shareOfAtMost(node.atMost, buckets),
      }));
    case 'clampMin':
      return map(evaluate(node.of, world, seconds), (value) => Math.max(value, node.min));
    case 'math':
      return map(evaluate(node.of, world, seconds), (value) => calculate(node.fn, value, node.parameter));
    case 'now':
      return [{ labels: {}, value: seconds }];
    case 'since':
      // promtool's rule tests begin at second 0 of 1970.
      return map(evaluate(node.of, world, seconds), (value) => seconds - value);
    case 'ago':
      return evaluate(node.of, world, seconds - windowOf(node.back));
    case 'overSteps':
      return evaluateSteps(node, world, seconds);
    case 'relabelled': {
      const { of, into, from, pattern, replacement } = node;
      return vector(evaluate(of, world, seconds)).map(({ labels, value }) => {
        const is = replaced(labels[from] ?? '', pattern, replacement);
        if (is === undefined) return { labels, value };
        const { [into]: _, ...others } = labels;
        return { labels: is === '' ? others : { ...others, [into]: is }, value };
      });
    }
    case 'joined':
      return evaluateJoined(node, world, seconds);
    case 'orZero': {
      const filled = vector(evaluate(node.of, world, seconds));
      const like = node.like === undefined ? [{ labels: {}, value: 0 }] : vector(evaluate(node.like, world, seconds));
      const known = new Set(filled.map(({ labels }) => keyOf(labels)));
      return [
        ...filled,
        ...like.filter(({ labels }) => !known.has(keyOf(labels))).map(({ labels }) => ({ labels, value: 0 })),
      ];
    }
    case 'aggregate': {
      const below = vector(evaluate(node.of, world, seconds));
      if (node.fn === 'topk') return [...below].sort((a, b) => b.value - a.value).slice(0, node.parameter);
      if (node.fn === 'bottomk') return [...below].sort((a, b) => a.value - b.value).slice(0, node.parameter);
      const share = node.parameter ?? Number.NaN;
      const combine =
        node.fn === 'quantile' ? (values: readonly number[]) => quantileOfValues(values, share) : COMBINED[node.fn];
      const { without } = node;
      return without === undefined
        ? aggregate(below, node.by ?? [], combine)
        : aggregate(
            below,
            [...labelsAmong(below)].filter((label) => !without.includes(label)),
            combine,
          );
    }
    case 'binary':
      return evaluateBinary(node, world, seconds);
    case 'text':
      throw new Error('lockstep cannot prove PromQL as text in an alert yet');
  }
}

/** `bucketQuantile()` in Prometheus' promql/quantile.go, for buckets that begin at 0 or below. */
function quantiles(quantile: number, elements: readonly Element[], isNative: boolean): readonly Element[] {
  const quantileIn = isNative ? quantileOfBuckets : bucketQuantile;
  return byBuckets(elements).map(({ labels, buckets }) => ({ labels, value: quantileIn(quantile, buckets) }));
}

interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/** The buckets for each set of the other labels. */
function byBuckets(
  elements: readonly Element[],
): readonly { readonly labels: Element['labels']; readonly buckets: readonly Bucket[] }[] {
  const groups = new Map<string, { labels: Element['labels']; buckets: Bucket[] }>();
  for (const { labels: all, value } of elements) {
    const { le, ...labels } = all;
    const group = groups.get(keyOf(labels)) ?? { labels, buckets: [] };
    groups.set(keyOf(labels), group);
    group.buckets.push({ bound: Number(le), count: value });
  }
  return [...groups.values()];
}

/** The buckets are cumulative. */
function bucketQuantile(quantile: number, unsorted: readonly Bucket[]): number {
  const buckets = [...unsorted].sort((a, b) => a.bound - b.bound);
  const all = buckets.at(-1);
  if (all === undefined || all.bound !== Infinity || buckets.length < 2 || all.count === 0) return Number.NaN;
  const rank = quantile * all.count;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const [before, found] = [buckets[index - 1], buckets[index]];
  // Nothing is known of what lies above the last bound.
  if (found === undefined || found.bound === Infinity) return buckets.at(-2)?.bound ?? Number.NaN;
  if (before === undefined && found.bound <= 0) return found.bound;
  const start = before?.bound ?? 0;
  const below = before?.count ?? 0;
  return start + (found.bound - start) * ((rank - below) / (found.count - below));
}

/** At each multiple of the step within the window. Before Prometheus 3.0 the beginning of the window is within it. */
function evaluateSteps({ fn, of, window, step }: OverStepsNode, world: Recorded, seconds: number): readonly Element[] {
  const [every, from] = [windowOf(step), seconds - windowOf(window)];
  const isOpen = world.estimate === undefined || world.estimate === 'since 3.0';
  const first = Math.ceil(from / every) * every;
  const elements: Element[] = [];
  for (let at = isOpen && first === from ? first + every : first; at <= seconds; at += every)
    elements.push(...vector(evaluate(of, world, at)));
  return aggregate(elements, [...labelsAmong(elements)], COMBINED[fn]);
}

const COMBINED = {
  sum: total,
  max: (values: readonly number[]) => Math.max(...values),
  min: (values: readonly number[]) => Math.min(...values),
  avg: (values: readonly number[]) => total(values) / values.length,
  count: ({ length }: readonly number[]) => length,
  group: () => 1,
  stddev: (values: readonly number[]) => Math.sqrt(varianceOf(values)),
  stdvar: varianceOf,
} as const;

function varianceOf(values: readonly number[]): number {
  const mean = total(values) / values.length;
  return total(values.map((value) => (value - mean) ** 2)) / values.length;
}

function labelsAmong(elements: readonly Element[]): ReadonlySet<string> {
  return new Set(elements.flatMap(({ labels }) => Object.keys(labels)));
}

function calculate(fn: MathFunction, value: number, parameter: number | undefined): number {
  switch (fn) {
    case 'abs':
      return Math.abs(value);
    case 'ceil':
      return Math.ceil(value);
    case 'clamp_max':
      return Math.min(value, parameter ?? Infinity);
    case 'exp':
      return Math.exp(value);
    case 'floor':
      return Math.floor(value);
    case 'ln':
      return Math.log(value);
    case 'log10':
      return Math.log10(value);
    case 'log2':
      return Math.log2(value);
    case 'round': {
      // Ties go up, as in Prometheus, which multiplies by the inverse.
      const inverse = 1 / (parameter ?? 1);
      return Math.floor(value * inverse + 0.5) / inverse;
    }
    case 'sgn':
      return Math.sign(value);
    case 'acos':
    case 'acosh':
    case 'asin':
    case 'asinh':
    case 'atan':
    case 'atanh':
    case 'cos':
    case 'cosh':
    case 'sin':
    case 'sinh':
    case 'tan':
    case 'tanh':
      return Math[fn](value);
    case 'deg':
      return (value * 180) / Math.PI;
    case 'rad':
      return (value * Math.PI) / 180;
    case 'sqrt':
      return Math.sqrt(value);
    default:
      return datePartOf(fn, new Date(value * 1000));
  }
}

const DAY = 86_400_000;

function datePartOf(part: DateFunction, date: Date): number {
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (part) {
    case 'day_of_month':
      return date.getUTCDate();
    case 'day_of_week':
      return date.getUTCDay();
    case 'day_of_year':
      return Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / DAY) + 1;
    case 'days_in_month':
      return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    case 'hour':
      return date.getUTCHours();
    case 'minute':
      return date.getUTCMinutes();
    case 'month':
      return month + 1;
    case 'year':
      return year;
  }
}

/** The left side, with the labels that the info has for the same thing; nothing where there is no info of it. */
function evaluateJoined(node: JoinedNode, world: Recorded, seconds: number): readonly Element[] {
  const pick = (labels: Element['labels'], names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
  const infos = aggregate(vector(evaluate(node.info, world, seconds)), [...node.on, ...node.take], COMBINED.max);
  return vector(evaluate(node.of, world, seconds)).flatMap(({ labels, value }) => {
    const key = keyOf(pick(labels, node.on));
    const [info, ...more] = infos.filter((each) => keyOf(pick(each.labels, node.on)) === key);
    if (more.length > 0) throw new Error(`several infos of ${key}: PromQL refuses to choose`);
    return info === undefined ? [] : [{ labels: { ...labels, ...pick(info.labels, node.take) }, value }];
  });
}

/** A world's series, how long its steps are, and whose `increase()` estimates from them. */
export interface Recorded {
  readonly series: readonly RecordedSeries[];
  readonly stepSeconds: number;
  /** Default: that of a Prometheus of today. */
  readonly estimate?: Estimate | undefined;
}

/**
 * How far `increase()` extends the slope of a counter that began within the window back towards zero: by half a step at
 * most since Prometheus 2.51 (https://github.com/prometheus/prometheus/pull/13725), by 1.1 steps before. And whether a
 * window holds the moment that it begins at: not since 3.0.
 */
export type Estimate = 'since 3.0' | 'since 2.51' | 'before 2.51';

/** A slope is extended to the edge of the window where that is no further than this many steps; else by half a step. */
const FAR = 1.1;

/**
 * PromQL's `increase()` of a series that never goes down: the growth between the first and the last sample
 * in the window, extended to its edges, but not below zero (`extrapolatedRate()` in Prometheus' promql/functions.go;
 * nothing of fewer than two samples).
 */
function extrapolated(
  series: RecordedSeries,
  from: number,
  to: number,
  at: { readonly seconds: number; readonly window: number },
  world: Recorded,
): number | undefined {
  const factor = extension(series, from, to, at, world);
  return factor === undefined ? undefined : (valueAt(series, to) - valueAt(series, from)) * factor;
}

/** By how much the growth of a series between two samples is extended; nothing of one sample. */
function extension(
  series: RecordedSeries,
  from: number,
  to: number,
  { seconds, window }: { readonly seconds: number; readonly window: number },
  { stepSeconds, estimate }: Recorded,
): number | undefined {
  if (to <= from) return undefined;
  const first = valueAt(series, from);
  const growth = valueAt(series, to) - first;
  const [begin, end] = [sampleSeconds(from, stepSeconds), sampleSeconds(to, stepSeconds)];
  const sampled = end - begin;
  const reach = (distance: number) => (distance < FAR * stepSeconds ? distance : stepSeconds / 2);
  const toZero = growth > 0 ? sampled * (first / growth) : Number.POSITIVE_INFINITY;
  const toEdge = begin - (seconds - window);
  const before = estimate === 'before 2.51' ? reach(Math.min(toEdge, toZero)) : Math.min(reach(toEdge), toZero);
  return (sampled + before + reach(seconds - end)) / sampled;
}

/** The growth of a part of a native histogram: all are extended as its count is, since they lie in one sample. */
function grownNative(
  series: RecordedSeries,
  at: { readonly seconds: number; readonly window: number },
  world: Recorded,
): readonly Element[] {
  const parts = histogramsAmong(world.series).find(
    ({ count, sum, buckets }) => count === series || sum === series || buckets.includes(series),
  );
  if (parts === undefined) return [];
  const [from, to] = stepsWithin(parts.count, at.seconds - at.window, at.seconds, world.stepSeconds);
  const factor = extension(parts.count, from, to, at, world);
  if (factor === undefined) return [];
  return [{ labels: labelsOfSeries(series), value: (valueAt(series, to) - valueAt(series, from)) * factor }];
}

/**
 * PromQL's `increase()` of an anchored range, of a series that never goes down: from the last sample before the window
 * on, if it is not older than the lookback; else from the first sample within.
 */
function anchored(
  series: RecordedSeries,
  to: number,
  { seconds, window }: { readonly seconds: number; readonly window: number },
  { stepSeconds }: Recorded,
): number | undefined {
  const begin = seconds - window;
  const [first, before] = stepsWithin(series, begin - LOOKBACK, begin, stepSeconds);
  const [inside] = stepsWithin(series, begin, seconds, stepSeconds);
  const anchor = first <= before ? before : inside;
  return (series.values[to - series.first] ?? 0) - (series.values[anchor - series.first] ?? 0);
}

function evaluateOverTime(node: Node & { type: 'overTime' }, world: Recorded, seconds: number): Evaluated {
  const window = windowOf(node.window);
  const found = chosen(node.of, world).flatMap((series) => {
    const [from, to] = stepsWithin(series, seconds - window, seconds, world.stepSeconds);
    return from > to ? [] : [{ series, from, values: series.values.slice(from - series.first, to - series.first + 1) }];
  });
  const { stepSeconds } = world;
  /** Leaves out series of a single sample. */
  const fitted = (of: (values: readonly number[], times: readonly number[]) => number) =>
    found.flatMap(({ series, from, values }) =>
      values.length < 2
        ? []
        : [
            {
              labels: labelsOfSeries(series),
              value: of(
                values,
                values.map((_, index) => sampleSeconds(from + index, stepSeconds) - seconds),
              ),
            },
          ],
    );
  const each = (of: (values: readonly number[]) => number) =>
    found.map(({ series, values }) => ({ labels: labelsOfSeries(series), value: of(values) }));
  switch (node.fn) {
    case 'absent_over_time':
      return found.length > 0 ? [] : [{ labels: {}, value: 1 }];
    case 'avg_over_time':
      return each((values) => total(values) / values.length);
    case 'count_over_time':
      return each(({ length }) => length);
    case 'last_over_time':
      return each((values) => values.at(-1) ?? Number.NaN);
    case 'max_over_time':
      return each((values) => Math.max(...values));
    case 'min_over_time':
      return each((values) => Math.min(...values));
    case 'sum_over_time':
      return each(total);
    case 'changes':
      return each((values) => values.filter((value, index) => value !== (values[index - 1] ?? value)).length);
    case 'present_over_time':
      return each(() => 1);
    case 'stddev_over_time':
      return each((values) => Math.sqrt(varianceOf(values)));
    case 'quantile_over_time':
      return each((values) => quantileOfValues(values, node.parameter ?? Number.NaN));
    case 'delta':
      return fitted((values, times) => {
        const [first = 0, last = 0, begin = 0, end = 0] = [values[0], values.at(-1), times[0], times.at(-1)];
        const sampled = end - begin;
        const reach = (distance: number) => (distance < FAR * stepSeconds ? distance : stepSeconds / 2);
        return (last - first) * ((sampled + reach(begin + window) + reach(-end)) / sampled);
      });
    case 'deriv':
      return fitted((values, times) => lineThrough(values, times).slope);
    case 'predict_linear':
      return fitted((values, times) => {
        const { slope, now } = lineThrough(values, times);
        return now + slope * (node.parameter ?? 0);
      });
    case 'returned':
      throw new Error('lockstep cannot prove a silence in an alert yet');
    case 'resets':
      return each((values) => values.filter((value, index) => value < (values[index - 1] ?? value)).length);
  }
}

/** The line of least squares: its slope per second, and its value at time 0. */
function lineThrough(
  values: readonly number[],
  times: readonly number[],
): { readonly slope: number; readonly now: number } {
  const [y, x] = [total(values) / values.length, total(times) / times.length];
  const slope =
    total(values.map((value, index) => (value - y) * ((times[index] ?? 0) - x))) /
    total(times.map((time) => (time - x) ** 2));
  return { slope, now: y - slope * x };
}

/** Interpolated between the two nearest, as Prometheus does. */
function quantileOfValues(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(rank)] ?? 0, sorted[Math.ceil(rank)] ?? 0];
  const weight = rank - Math.floor(rank);
  return low * (1 - weight) + high * weight;
}

function evaluateBinary(node: Node & { type: 'binary' }, world: Recorded, seconds: number): Evaluated {
  const left = evaluate(node.left, world, seconds);
  const right = evaluate(node.right, world, seconds);
  const apply = (a: number, b: number): number | undefined => {
    switch (node.op) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return a / b;
      case 'and':
      case 'or':
      case 'unless':
        return a;
      default: {
        const holds = compares(node.op, a, b);
        if (node.bool) return holds ? 1 : 0;
        return holds ? a : undefined;
      }
    }
  };
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right) ?? Number.NaN;
  if (typeof left === 'number') return keepDefined(vector(right), (each) => apply(left, each.value));
  if (typeof right === 'number') return keepDefined(left, (each) => apply(each.value, right));
  const { on } = node;
  const matched = (labels: Element['labels']) =>
    on === undefined ? labels : Object.fromEntries(Object.entries(labels).filter(([name]) => on.includes(name)));
  const byKey = new Map(right.map((each) => [keyOf(matched(each.labels)), each.value]));
  if (node.op === 'unless') return left.filter((each) => !byKey.has(keyOf(each.labels)));
  if (node.op === 'or') {
    const known = new Set(left.map((each) => keyOf(each.labels)));
    return [...left, ...right.filter((each) => !known.has(keyOf(each.labels)))];
  }
  return keepDefined(left, (each) => {
    const other = byKey.get(keyOf(matched(each.labels)));
    return other === undefined ? undefined : apply(each.value, other);
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0);
}

function compares(op: string, a: number, b: number): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '<':
      return a < b;
    case '>=':
      return a >= b;
    default:
      return a <= b;
  }
}

function keepDefined(
  elements: readonly Element[],
  apply: (element: Element) => number | undefined,
): readonly Element[] {
  return elements.flatMap((each) => {
    const value = apply(each);
    return value === undefined ? [] : [{ labels: each.labels, value }];
  });
}

function map(evaluated: Evaluated, apply: (value: number) => number): Evaluated {
  if (typeof evaluated === 'number') return apply(evaluated);
  return evaluated.map(({ labels, value }) => ({ labels, value: apply(value) }));
}

function vector(evaluated: Evaluated): readonly Element[] {
  return typeof evaluated === 'number' ? [{ labels: {}, value: evaluated }] : evaluated;
}

function aggregate(
  elements: readonly Element[],
  by: readonly string[],
  combine: (values: readonly number[]) => number,
): readonly Element[] {
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of elements) {
    const kept = Object.fromEntries(by.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(keyOf(kept), group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: combine(values) }));
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** With what tells one process from another: each has series of its own. */
function labelsOfSeries(series: RecordedSeries): Readonly<Record<string, string>> {
  return {
    ...series.labels,
    ...(series.bound === undefined ? {} : { le: String(series.bound) }),
    '<process>': String(series.process),
  };
}

function windowOf(window: string): number {
  const seconds = durationSeconds(window);
  if (seconds === undefined) throw new Error(`an alert has no window ${window}`);
  return seconds;
}

/** The first and last step of a series whose sample lies after `from` and not after `to`. */
function stepsWithin(series: RecordedSeries, from: number, to: number, stepSeconds: number): readonly [number, number] {
  const offset = stepSeconds - sampleSeconds(1, stepSeconds);
  const first = Math.floor((from + offset) / stepSeconds) + 1;
  const last = Math.floor((to + offset) / stepSeconds);
  return [Math.max(first, series.first), Math.min(last, series.last)];
}

function chosen(selector: SelectorNode, { series }: Recorded): readonly RecordedSeries[] {
  return series.filter(
    (each) =>
      each.metric === selector.metric &&
      each.part === partRead(selector) &&
      (selector.bound === undefined || each.bound === selector.bound) &&
      (selector.quantile === undefined || each.bound === selector.quantile) &&
      selector.matchers.every((matcher) => satisfies(matcher, each.labels)),
  );
}

/** A native histogram as a whole is all of its buckets. */
function partRead({ metric, part }: SelectorNode): Part {
  return metric.kind === 'nativeHistogram' && part === '' ? '_bucket' : part;
}

/** Whether labels satisfy a matcher. */
export function satisfies({ label, negated, match }: Matcher, labels: Readonly<Record<string, string>>): boolean {
  if (match.type === 'variable') throw new Error('an alert has no dashboard variables');
  const value = labels[label] ?? '';
  return (match.type === 'value' ? match.value === value : match.values.includes(value)) !== negated;
}
