import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { hashCatalogue } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import { about, aKind, allMetrics, printValue, suggest } from 'lockstep-exporter/internal';
import { boundsOf, decidedOutcome } from './bounds.js';
import { addedQuantiles, decidedComparison } from './decided.js';
import { dimensionOf, isMixed, printDimension } from './dimension.js';
import { validateQuotient } from './parts.js';
import { printNumber, printSelector } from './print.js';
import type {
  AggregateNode,
  BinaryNode,
  CallNode,
  JoinedNode,
  Match,
  Matcher,
  Node,
  OrZeroNode,
  Part,
  RangeFunction,
  SelectorNode,
} from './tree.js';
import { COMPARISONS, children, labelsOf, TARGET, walk } from './tree.js';
import { durationSeconds, GRAFANA_WINDOWS } from './window.js';

/** Where an expression will be evaluated, and what it may therefore refer to. */
export interface ExpressionContext {
  readonly catalogue: Catalogue;
  /**
   * The dashboard variables that exist there, by name, each with the label whose values it holds: `undefined` where
   * that label is wrong and told already. An alert has no variables, and no Grafana windows either.
   */
  readonly variables: ReadonlyMap<string, string | undefined> | undefined;
}

/**
 * Every problem of an expression, whatever types its author used or talked out of their job: names, labels and values
 * that the catalogue does not have, combinations of values that no series can have, sides that cannot match,
 * comparisons that are decided before any data arrives.
 */
export function validateExpression(root: Node, where: string, context: ExpressionContext): Problem[] {
  const problems: Problem[] = [];
  // In PromQL as text, all quantiles of a summary may be read together.
  const ofTexts = new Set<Node>([...walk(root)].flatMap((node) => (node.type === 'text' ? children(node) : [])));
  // Nodes that something reads as native histograms, and does not take for numbers.
  const distributions = new Set<Node>([...ofTexts, ...[...walk(root)].flatMap(histogramsOf)]);
  for (const node of walk(root)) {
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
      return node.parameter === undefined || Number.isFinite(node.parameter) ? [] : [notANumber(node.parameter, where)];
    case 'since':
      return validateSince(node, where);
    case 'joined':
      return validateJoined(node, where);
    case 'number':
      return Number.isFinite(node.value) ? [] : [notANumber(node.value, where)];
    case 'quantile':
      return validateQuantile(node, where);
    case 'clampMin':
      return Number.isFinite(node.min) ? [] : [notANumber(node.min, where)];
    case 'orZero':
      return validateOrZero(node, where);
    case 'aggregate':
      return [
        ...validateGrouping(node.fn, node.by ?? [], node.of, where),
        ...validateGrouping(node.fn, node.without ?? [], node.of, where, 'without'),
        ...validateSum(node, where),
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

/** The parts by which a metric is read; by default only the metric itself. */
const PARTS: Readonly<Partial<Record<Metric['kind'], readonly Part[]>>> = {
  histogram: ['_bucket', '_count', '_sum'],
  nativeHistogram: ['', '_count', '_sum'],
  summary: ['', '_count', '_sum'],
};
/** The builders that take a part of a metric. */
const READ_BY: Readonly<Partial<Record<Metric['kind'], string>>> = {
  histogram: 'take buckets(), countOf() or sumOf() of it',
  nativeHistogram: 'take distribution(), countOf() or sumOf() of it',
  summary: 'take quantileOf(), countOf() or sumOf() of it',
};

function readsAllQuantiles({ metric, part, quantile }: SelectorNode): boolean {
  return metric.kind === 'summary' && part === '' && quantile === undefined;
}

function strangePart({ metric: { kind, name }, part }: SelectorNode, where: string): Problem {
  return {
    code: 'promql/kind',
    where,
    found: `${name}${part}, a series that ${aKind(kind)} does not have`,
    fix: READ_BY[kind] ?? 'use the metric itself',
  };
}

function validateSelector(node: SelectorNode, where: string, { catalogue, variables }: ExpressionContext): Problem[] {
  const metrics = allMetrics(catalogue);
  const metric = metrics.find((each) => each.name === node.metric.name);
  if (metric === undefined) {
    const names = metrics.map((each) => each.name);
    return [
      {
        code: 'promql/unknown-metric',
        where,
        found: printValue(node.metric.name),
        allowed: `the metrics of catalogue ${catalogue.name}: ${names.join(', ')}`,
        fix: suggest(
          node.metric.name,
          names,
          `add the metric to catalogue ${catalogue.name}, or use one that is there`,
        ),
      },
    ];
  }
  const parts = PARTS[metric.kind] ?? [''];
  if (!parts.includes(node.part)) return [strangePart(node, where)];
  if (node.quantile !== undefined && metric.quantiles?.includes(node.quantile) !== true)
    return [
      {
        code: 'promql/no-such-quantile',
        where,
        found: `the quantile ${printNumber(node.quantile)} of ${metric.name}`,
        allowed: (metric.quantiles ?? []).map(printNumber).join(', ') || 'none: it has a sum and a count alone',
        fix: 'take a quantile that it has, or add this one to the metric if it is exposed',
      },
    ];
  if (node.bound !== undefined && !metric.bounds.includes(node.bound))
    return [
      {
        code: 'promql/no-such-bound',
        where,
        found: `observations of ${metric.name} of at most ${printNumber(node.bound)}`,
        allowed: `the bounds of its buckets: ${metric.bounds.map(printNumber).join(', ')}`,
        fix: `take the nearest, ${nearestBound(node.bound, metric.bounds)}, or add the bound to the metric`,
      },
    ];
  const problems = node.matchers.flatMap((matcher) => [
    ...validateMatcher(matcher, metric, where, variables),
    ...(metric === catalogue.own.info ? validateHash(matcher, catalogue, where) : []),
  ]);
  if (problems.length === 0 && !canMatch(node.matchers, metric))
    problems.push({
      code: 'promql/no-such-series',
      where,
      found: `${printSelector(node)}: no series can have these values together`,
      fix: 'drop a matcher: one of these labels decides another',
    });
  return problems;
}

/** A process is compared with the catalogue that the queries are built from, and with no other. */
function validateHash({ label, match }: Matcher, catalogue: Catalogue, where: string): Problem[] {
  if (label !== 'hash' || match.type === 'variable') return [];
  const hash = hashCatalogue(catalogue);
  return valuesOf(match)
    .filter((value) => value !== hash)
    .map((value) => ({
      code: 'promql/another-catalogue',
      where,
      found: `hash=${printValue(value)}, which is not the hash of this catalogue`,
      allowed: printValue(hash),
      fix: 'give hashCatalogue(…) of the catalogue that the queries read',
    }));
}

function nearestBound(wanted: number, bounds: readonly number[]): string {
  const [nearest = Number.NaN] = [...bounds].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
  return printNumber(nearest);
}

function validateMatcher(
  matcher: Matcher,
  metric: Metric,
  where: string,
  variables: ExpressionContext['variables'],
): Problem[] {
  const { match } = matcher;
  const names = metric.labels.map((label) => label.name);
  const label = metric.labels.find((each) => each.name === matcher.label);
  if (label === undefined && matcher.label === 'le')
    return [
      {
        code: 'promql/le-literal',
        where,
        found: `le compared with a literal, on ${metric.name}`,
        fix: 'take countAtMost(), or group by le and take a quantile: one Prometheus stores a bound as 60, another as 60.0, and a literal matches only one',
      },
    ];
  if (label === undefined)
    return [
      {
        code: 'promql/unknown-label',
        where,
        found: `label ${printValue(matcher.label)} on ${metric.name}`,
        allowed: names.length === 0 ? 'none: it has no labels' : names.join(', '),
        fix: suggest(matcher.label, names, 'drop the matcher, or add the label to the metric'),
      },
    ];
  if (match.type === 'variable') {
    if (variables === undefined)
      return [
        {
          code: 'promql/variable-in-alert',
          where,
          found: `variable $${match.variable}`,
          fix: 'name the values: an alert is evaluated where no dashboard is',
        },
      ];
    if (!variables.has(match.variable))
      return [
        {
          code: 'promql/undeclared-variable',
          where,
          found: `variable $${match.variable}`,
          allowed:
            [...variables.keys()].map((each) => `$${each}`).join(', ') ||
            'none: the dashboard declares no label variable',
          fix: 'add it to the variables of the dashboard',
        },
      ];
    const holds = variables.get(match.variable);
    if (holds !== undefined && holds !== matcher.label)
      return [
        {
          code: 'promql/variable-of-other-label',
          where,
          found: `label ${matcher.label} compared with $${match.variable}, which holds values of ${holds}`,
          fix: `compare ${holds} with it`,
        },
      ];
    return [];
  }
  const { values } = label;
  const wanted = match.type === 'value' ? [match.value] : match.values;
  if (wanted.length === 0)
    return [{ code: 'promql/no-values', where, found: `no value for ${label.name}`, fix: 'name at least one value' }];
  if (values === undefined) return [];
  return wanted
    .filter((value) => !values.includes(value))
    .map((value) => ({
      code: 'promql/unknown-value',
      where,
      found: `${label.name}=${printValue(value)} on ${metric.name}`,
      allowed: values.map(printValue).join(', '),
      fix: suggest(value, values, `use one of them, or add it to the label ${label.name}`),
    }));
}

function valuesOf(match: Exclude<Match, { type: 'variable' }>): readonly string[] {
  return match.type === 'value' ? [match.value] : match.values;
}

/** Whether any combination of values that the catalogue allows satisfies all matchers. */
function canMatch(matchers: readonly Matcher[], metric: Metric): boolean {
  const allows = (name: string, value: string) =>
    matchers.every(({ label, negated, match }) => {
      if (label !== name || match.type === 'variable') return true;
      const listed = match.type === 'value' ? match.value === value : match.values.includes(value);
      return listed !== negated;
    });
  return metric.labels.every((label) => {
    if (label.values === undefined) {
      // Two matchers of an open label can contradict each other all the same: a scope, and a value outside of it.
      const named = matchers.filter(
        (each) => each.label === label.name && !each.negated && each.match.type !== 'variable',
      );
      const [first] = named;
      const values = first === undefined || first.match.type === 'variable' ? undefined : valuesOf(first.match);
      return values === undefined || values.some((value) => allows(label.name, value));
    }
    const decided = metric.labels.filter((each) => each.decidedBy?.label === label.name);
    return label.values.some(
      (value) =>
        allows(label.name, value) && decided.every((each) => allows(each.name, each.decidedBy?.valueOf[value] ?? '')),
    );
  });
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

/** A quantile says nothing of how many observations it is of: no sum of quantiles is one. */
function validateSum(node: AggregateNode, where: string): Problem[] {
  if (node.fn !== 'sum' && node.fn !== 'avg') return [];
  const added = quantileIn(node.of);
  return added === undefined ? [] : [{ where, ...addedQuantiles(added.metric.name) }];
}

/** The selector of a summary whose quantiles are the values of a node. */
function quantileIn(node: Node): SelectorNode | undefined {
  switch (node.type) {
    case 'selector':
      return node.quantile === undefined ? undefined : node;
    case 'overTime':
      return KEEPING.includes(node.fn) ? quantileIn(node.of) : undefined;
    case 'math':
    case 'clampMin':
    case 'joined':
    case 'orZero':
      return quantileIn(node.of);
    case 'aggregate':
      return node.fn === 'count' ? undefined : quantileIn(node.of);
    case 'binary':
      if (node.bool) return undefined;
      return quantileIn(node.left) ?? (node.op === '*' ? quantileIn(node.right) : undefined);
    default:
      return undefined;
  }
}

/** Functions over a range that return values of its samples. */
const KEEPING: readonly RangeFunction[] = [
  'avg_over_time',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'quantile_over_time',
  'sum_over_time',
];

function validateShare({ fn, parameter }: CallNode & { type: 'overTime' }, where: string): Problem[] {
  if (
    parameter === undefined ||
    (fn === 'quantile_over_time' ? parameter >= 0 && parameter <= 1 : Number.isFinite(parameter))
  )
    return [];
  return fn === 'quantile_over_time'
    ? [
        {
          code: 'promql/quantile',
          where,
          found: printValue(parameter),
          allowed: 'from 0 to 1',
          fix: 'give the share, not the percentage: 0.95 for p95',
        },
      ]
    : [notANumber(parameter, where)];
}

/** The time that passed since a value can only be told of a value that is a time. */
function validateSince(node: CallNode & { type: 'since' }, where: string): Problem[] {
  const dimension = dimensionOf(node.of);
  if (dimension === undefined || (dimension.size === 1 && dimension.get('seconds') === 1)) return [];
  return [
    {
      code: 'promql/not-a-time',
      where,
      found: `the time since a number in ${printDimension(dimension)}`,
      fix: 'take it of a gauge that holds a time, in seconds since 1970',
    },
  ];
}

function validateJoined(node: JoinedNode, where: string): Problem[] {
  const { metric } = node.info;
  if (metric.kind !== 'info')
    return [
      {
        code: 'promql/kind',
        where,
        found: `labels of ${metric.name}, ${aKind(metric.kind)}`,
        fix: 'take labels of an info, which is always 1: by any other the value would be multiplied',
      },
    ];
  const of = (labelsOf(node.of) ?? []).filter((label) => label !== TARGET);
  const infoLabels = metric.labels.map(({ name }) => name);
  const lacking = (label: string, has: readonly string[], whose: string): Problem[] =>
    has.includes(label)
      ? []
      : [
          {
            code: 'promql/join',
            where,
            found: `${printValue(label)}, which ${whose} does not have`,
            allowed: has.join(', ') || 'none',
            fix: suggest(label, has, 'name a label that is there'),
          },
        ];
  const shared = hasWrongLabels(node.of) ? [] : node.on.flatMap((label) => lacking(label, of, 'the left side'));
  const taken = node.take.filter((label) => of.includes(label) || node.on.includes(label));
  return [
    ...(node.on.length === 0
      ? [
          {
            code: 'promql/join',
            where,
            found: 'no label to match by',
            fix: 'name the labels that say which thing it is',
          },
        ]
      : []),
    ...shared,
    ...node.on
      .filter((label) => !shared.some(({ found }) => found.startsWith(printValue(label))))
      .flatMap((label) => lacking(label, infoLabels, metric.name)),
    ...node.take.flatMap((label) => lacking(label, infoLabels, metric.name)),
    ...taken.map((label) => ({
      code: 'promql/join',
      where,
      found: `${printValue(label)}, which the left side has already`,
      fix: 'take only labels that are missing',
    })),
  ];
}

/** Whether its values are native histograms, which find their buckets themselves. */
function isDistribution(node: Node): node is SelectorNode | (CallNode & { type: 'events' }) {
  const selector = node.type === 'events' ? node.of : node.type === 'selector' ? node : undefined;
  return selector?.metric?.kind === 'nativeHistogram' && selector.part === '';
}

/** The nodes whose native histograms a node reads as such. */
function histogramsOf(node: Node): readonly Node[] {
  if (node.type === 'quantile' || node.type === 'events') return [node.of];
  return node.type === 'overTime' && ASKING.includes(node.fn) ? [node.of] : [];
}

/** These ask only whether there are samples. */
const ASKING: readonly RangeFunction[] = [
  'absent_over_time',
  'changes',
  'count_over_time',
  'present_over_time',
  'resets',
];

function nativeAsNumber(node: SelectorNode | (CallNode & { type: 'events' }), where: string): Problem {
  const { metric } = node.type === 'events' ? node.of : node;
  return {
    code: 'promql/native-as-number',
    where,
    found: `${metric.name}, a native histogram, as a number`,
    fix: 'take countOf(), sumOf() or the histogramQuantile() of its distribution(): Prometheus returns nothing here',
  };
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

/** Slips of PromQL as text that leave open which labels it returns. */
const OPEN_LABELS = ['syntax', 'unread', 'group-by', 'labels', 'no-name', 'unknown-metric', 'unknown-label'];

/**
 * Whether a slip within the expression leaves open which labels it returns, such as a group by a label that is not
 * there. A rule about these labels would report that slip again.
 */
export function hasWrongLabels(root: Node): boolean {
  return [...walk(root)].some((node) => {
    if (node.type === 'text')
      return node.slips.some(({ code }) => OPEN_LABELS.some((each) => code === `promql/${each}`));
    if (node.type !== 'aggregate' && node.type !== 'events') return false;
    const below = labelsOf(node.of) ?? [];
    return node.by?.some((label) => !below.includes(label)) === true;
  });
}

function validateBinary(node: BinaryNode, where: string): Problem[] {
  const problems: Problem[] = validateQuotient(node, where);
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
  const isOff = left !== undefined && right !== undefined && [...left].sort().join() !== [...right].sort().join();
  if (isOff && !hasWrongLabels(node))
    problems.push({
      code: 'promql/no-match',
      where,
      found: `left of "${node.op}" has the labels ${left.join(', ') || 'none'}, right of it ${right.join(', ') || 'none'}`,
      fix: 'aggregate both sides by the same labels: as it is, nothing matches',
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
