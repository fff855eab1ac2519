import type { Kind, Metric } from 'lockstep-exporter/catalogue';
import { isLevel } from 'lockstep-exporter/internal';

/**
 * A PromQL expression as plain data. Nothing here is text yet: quoting, escaping and rounding happen once, in the
 * printer.
 */
export type Node = SelectorNode | NumberNode | CallNode | AggregateNode | BinaryNode | TextNode;

/** PromQL as its author wrote it, with what it reads; printed as it is. */
export interface TextNode {
  readonly type: 'text';
  /** With the scope of the metrics in every selector. */
  readonly text: string;
  /** The labels that come out of it. */
  readonly by: readonly string[];
  /** The series that it reads. A pattern stands here for the values that it matches, as far as they are known. */
  readonly reads: readonly { readonly selector: SelectorNode; readonly window: string | undefined }[];
  /** The least and the greatest value that it can return. An unknown bound is infinite. */
  readonly bounds: { readonly low: number; readonly high: number };
  /** The labels that it matches, groups by or joins on. */
  readonly named?: readonly string[];
  /** The functions and notations in it that some versions of Prometheus do not read. */
  readonly needs: readonly { readonly from: '3.16' | 'experimental'; readonly found: string }[];
  /** In what it is wrong. */
  readonly slips: readonly TextSlip[];
  /**
   * Faults of a query that stood already which show in what it returns: comparisons that have one outcome whatever the
   * data, windows that hold one sample. Of any other text they are slips.
   */
  readonly faults?: readonly TextSlip[];
}

/** A mistake in a text. */
export interface TextSlip {
  readonly code: string;
  readonly found: string;
  readonly allowed?: string;
  readonly fix: string;
}

/** Series of one metric, or of one part of a histogram, that match. */
export interface SelectorNode {
  readonly type: 'selector';
  readonly metric: Metric;
  readonly part: Part;
  readonly matchers: readonly Matcher[];
  /** The upper bound of the one bucket that is read, if it is not all of them. */
  readonly bound?: number;
  /** The one quantile of a summary that is read. */
  readonly quantile?: number;
}

/** The parts of a histogram or summary; `''` for any other metric, and for the quantiles of a summary. */
export type Part = '' | '_bucket' | '_count' | '_sum';

/** The scope of its catalogue, which every selector of a metric of others carries. */
export function scopeOf({ foreign }: Metric): readonly Matcher[] {
  return (foreign?.scope ?? []).map(({ label, values }) => ({
    label,
    negated: false,
    match: values.length === 1 ? { type: 'value', value: values[0] ?? '' } : { type: 'oneOf', values },
  }));
}

/** Whether the events of a selector are observations, each of which has a value. */
export function readsObservations(selector: SelectorNode): boolean {
  return MEASURING.includes(selector.metric.kind) && !readsLevel(selector);
}

const MEASURING: readonly Kind[] = ['histogram', 'nativeHistogram', 'summary'];

/** Whether a selector reads a value that goes up and down, and no count. */
export function readsLevel({ metric, part }: SelectorNode): boolean {
  return part === '' && (isLevel(metric) || metric.kind === 'summary');
}

export interface Matcher {
  readonly label: string;
  readonly negated: boolean;
  readonly match: Match;
}

/** The right side of a matcher: one value, one of several, or whatever a dashboard variable holds. */
export type Match =
  | { readonly type: 'value'; readonly value: string }
  | { readonly type: 'oneOf'; readonly values: readonly string[] }
  | { readonly type: 'variable'; readonly variable: string; readonly label: string };

export interface NumberNode {
  readonly type: 'number';
  readonly value: number;
}

/**
 * Functions over a range of raw samples. `returned` is not PromQL's: the highest value in the window of the series
 * that were silent for more than an hour before it, and not yet for a day.
 */
export const RANGE_FUNCTIONS = [
  'absent_over_time',
  'avg_over_time',
  'changes',
  'count_over_time',
  'delta',
  'deriv',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'predict_linear',
  'present_over_time',
  'quantile_over_time',
  'resets',
  'returned',
  'stddev_over_time',
  'sum_over_time',
] as const;
export type RangeFunction = (typeof RANGE_FUNCTIONS)[number];

/**
 * How many events counters counted in a window, or how fast, added up by labels. Its PromQL depends on how
 * the counters arrive there, and is the printer's business: see {@link Counting}.
 */
export interface EventsNode {
  readonly type: 'events';
  readonly per: 'window' | 'second';
  readonly of: SelectorNode;
  readonly window: string;
  readonly by: readonly string[];
}

/**
 * How counters arrive in Prometheus.
 * - `perStart`: every start of a process brings series of its own, told apart by the label `start_id`, which never go
 *   down;
 * - `aggregated`: the processes' deltas are added up before they are stored, in series that outlive the processes;
 *   each report is stored as the total before it and the total after it.
 */
export const COUNTINGS = ['perStart', 'aggregated'] as const;
export type Counting = (typeof COUNTINGS)[number];

export type CallNode =
  | EventsNode
  | {
      readonly type: 'overTime';
      readonly fn: RangeFunction;
      readonly of: SelectorNode;
      readonly window: string;
      /** The share of `quantile_over_time`, or how many seconds `predict_linear` looks ahead. */
      readonly parameter?: number;
    }
  | { readonly type: 'quantile'; readonly quantile: number; readonly of: Node }
  /** The share of the observations of native histograms that were no greater. */
  | { readonly type: 'fraction'; readonly atMost: number; readonly of: Node }
  | { readonly type: 'clampMin'; readonly of: Node; readonly min: number }
  | { readonly type: 'math'; readonly fn: MathFunction; readonly of: Node; readonly parameter?: number }
  /** The time at which the query is evaluated, in seconds since 1970. */
  | { readonly type: 'now' }
  /** How many seconds ago the time was that the values say. */
  | { readonly type: 'since'; readonly of: Node }
  /** The same, as it was so long ago. */
  | { readonly type: 'ago'; readonly of: Node; readonly back: string }
  | OverStepsNode
  | RelabelledNode
  | JoinedNode
  | OrZeroNode;

/** Functions over the values that an expression had at each step of a window. */
export const STEP_FUNCTIONS = ['avg', 'count', 'max', 'min', 'sum'] as const;

/** A subquery: an expression at each step of a window, and what becomes of these values. */
export interface OverStepsNode {
  readonly type: 'overSteps';
  readonly fn: (typeof STEP_FUNCTIONS)[number];
  readonly of: Node;
  readonly window: string;
  readonly step: string;
}

/** A vector with a label that is made of another one. */
export interface RelabelledNode {
  readonly type: 'relabelled';
  readonly of: Node;
  readonly into: string;
  readonly from: string;
  /** A regular expression that the whole value fits; of a value that does not, nothing is made. */
  readonly pattern: string;
  /** The new value: `$1` is the first group of the pattern. */
  readonly replacement: string;
}

/** Parts of a time in seconds since 1970, in UTC. */
export const DATE_FUNCTIONS = [
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'year',
] as const;
export type DateFunction = (typeof DATE_FUNCTIONS)[number];

/** Of angles in radians, and `deg` and `rad` between degrees and radians. */
export const TRIGONOMETRIC = [
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atanh',
  'cos',
  'cosh',
  'sin',
  'sinh',
  'tan',
  'tanh',
  'deg',
  'rad',
] as const;
export type Trigonometric = (typeof TRIGONOMETRIC)[number];

/** Functions of each value by itself. */
export const MATH_FUNCTIONS = [
  'abs',
  'ceil',
  'clamp_max',
  'exp',
  'floor',
  'ln',
  'log10',
  'log2',
  'round',
  'sgn',
  'sqrt',
  ...DATE_FUNCTIONS,
  ...TRIGONOMETRIC,
] as const;
export type MathFunction = (typeof MATH_FUNCTIONS)[number];

/** A vector with labels that an info has for the same thing. */
export interface JoinedNode {
  readonly type: 'joined';
  readonly of: Node;
  readonly info: SelectorNode;
  /** The labels that say which thing it is. */
  readonly on: readonly string[];
  /** The labels that come from the info. */
  readonly take: readonly string[];
}

/** 0 where there is nothing: one number, or one for each combination of labels that another vector has. */
export interface OrZeroNode {
  readonly type: 'orZero';
  readonly of: Node;
  readonly like: Node | undefined;
  /**
   * Whether there is nothing where `like` has nothing. The share of a whole needs no such care: without the whole there
   * is no share, and one zero is had for nothing.
   */
  readonly isBound?: true;
}

export const AGGREGATIONS = [
  'sum',
  'max',
  'min',
  'avg',
  'count',
  'group',
  'quantile',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface AggregateNode {
  readonly type: 'aggregate';
  readonly fn: Aggregation;
  /** The labels that are kept; `undefined` for `topk` and `bottomk`, which keep all, and with {@link without}. */
  readonly by: readonly string[] | undefined;
  /** The labels that are removed, all others being kept. */
  readonly without?: readonly string[];
  readonly parameter: number | undefined;
  readonly of: Node;
}

export const ARITHMETIC = ['+', '-', '*', '/'] as const;
export type Arithmetic = (typeof ARITHMETIC)[number];
export const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** `or` and `unless` ask whether there is a value, as `and` does. */
export const SETS = ['and', 'or', 'unless'] as const;
export type BinaryOperator = Arithmetic | Comparison | (typeof SETS)[number];

export interface BinaryNode {
  readonly type: 'binary';
  readonly op: BinaryOperator;
  /** Whether a comparison yields 1 or 0 instead of keeping what compares true. */
  readonly bool: boolean;
  /**
   * The labels of the right side, where each of its elements stands for all on the left that have them: PromQL's
   * `on (...) group_left ()`.
   */
  readonly on?: readonly string[];
  /** Why the sides of a quotient belong together, where the catalogue does not say so. Not printed. */
  readonly because?: string;
  readonly left: Node;
  readonly right: Node;
}

/**
 * Stands for the labels that scraping adds to every series (`job`, `instance`, `pod`, ...). An aggregation removes
 * them; until then a vector does not match one that was aggregated, whatever its other labels.
 */
export const TARGET = '<scrape target>';
export type ScrapeTarget = typeof TARGET;

/** The nodes directly below one. */
export function children(node: Node): readonly Node[] {
  switch (node.type) {
    case 'selector':
    case 'number':
    case 'now':
      return [];
    case 'events':
    case 'overTime':
    case 'quantile':
    case 'fraction':
    case 'clampMin':
    case 'math':
    case 'since':
    case 'ago':
    case 'overSteps':
    case 'relabelled':
    case 'aggregate':
      return [node.of];
    case 'joined':
      return [node.of, node.info];
    case 'orZero':
      return node.like === undefined ? [node.of] : [node.of, node.like];
    case 'binary':
      return [node.left, node.right];
    case 'text':
      return node.reads.map(({ selector }) => selector);
  }
}

/** A node and everything below it, depth first. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) yield* walk(child);
}

/** The selectors of an expression, each with the window it is read over, if it is. */
export function* selections(
  node: Node,
): Generator<{ readonly selector: SelectorNode; readonly window: string | undefined }> {
  for (const { selector, window } of reads(node)) yield { selector, window };
}

/** A selector as an expression reads it. */
export interface ReadSeries {
  readonly selector: SelectorNode;
  /** The window that it is read over, if it is. */
  readonly window: string | undefined;
  /** How long ago that is, as `ago()` says. */
  readonly ago: readonly string[];
  /** The windows at whose steps it is read. */
  readonly steps: readonly string[];
}

/** The selectors of an expression, each with all that says which of its samples are read. */
export function* reads(node: Node, ago: readonly string[] = [], steps: readonly string[] = []): Generator<ReadSeries> {
  switch (node.type) {
    case 'text':
      for (const { selector, window } of node.reads) yield { selector, window, ago, steps };
      return;
    case 'overTime':
    case 'events':
      yield { selector: node.of, window: node.window, ago, steps };
      return;
    case 'selector':
      yield { selector: node, window: undefined, ago, steps };
      return;
    case 'ago':
      yield* reads(node.of, [...ago, node.back], steps);
      return;
    case 'overSteps':
      yield* reads(node.of, ago, [...steps, node.window]);
      return;
    default:
      for (const child of children(node)) yield* reads(child, ago, steps);
  }
}

/** The selectors of everything that an expression reads. */
export function selectorsIn(root: Node): readonly SelectorNode[] {
  return [...selections(root)].map(({ selector }) => selector);
}

/** The labels that the result of a node carries; `undefined` for a plain number, which has no series. */
export function labelsOf(node: Node): readonly string[] | undefined {
  switch (node.type) {
    case 'number':
      return undefined;
    case 'selector': {
      const own = node.metric.labels.map((label) => label.name);
      return node.part === '_bucket' ? [...own, 'le', TARGET] : [...own, TARGET];
    }
    case 'now':
      return [];
    case 'events':
    case 'text':
      return node.by;
    case 'overTime':
      return node.fn === 'absent_over_time' ? [] : labelsOf(node.of);
    case 'quantile':
      return labelsOf(node.of)?.filter((label) => label !== 'le');
    case 'fraction':
    case 'clampMin':
    case 'math':
    case 'since':
    case 'ago':
    case 'overSteps':
    case 'orZero':
      return labelsOf(node.of);
    case 'relabelled':
      return [...new Set([...(labelsOf(node.of) ?? []), node.into])];
    case 'joined':
      return [...new Set([...(labelsOf(node.of) ?? []), ...node.take])];
    case 'aggregate': {
      const { by, without } = node;
      if (without === undefined) return by ?? labelsOf(node.of);
      return labelsOf(node.of)?.filter((label) => !without.includes(label));
    }
    case 'binary':
      return labelsOf(node.left) ?? labelsOf(node.right);
  }
}
