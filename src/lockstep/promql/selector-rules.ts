import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { hashCatalogue } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import { aKind, allMetrics, printValue, suggest } from 'lockstep-exporter/internal';
import { printNumber, printSelector } from './print.js';
import type { Match, Matcher, Part, SelectorNode } from './tree.js';

/** Where an expression will be evaluated, and what it may therefore refer to. */
export interface ExpressionContext {
  readonly catalogue: Catalogue;
  /**
   * The dashboard variables that exist there, by name, each with the label whose values it holds: `undefined` where
   * that label is wrong and told already. An alert has no variables, and no Grafana windows either.
   */
  readonly variables: ReadonlyMap<string, string | undefined> | undefined;
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

export function readsAllQuantiles({ metric, part, quantile }: SelectorNode): boolean {
  return metric.kind === 'summary' && part === '' && quantile === undefined;
}

export function strangePart({ metric: { kind, name }, part }: SelectorNode, where: string): Problem {
  return {
    code: 'promql/kind',
    where,
    found: `${name}${part}, a series that ${aKind(kind)} does not have`,
    fix: READ_BY[kind] ?? 'use the metric itself',
  };
}

export function validateSelector(
  node: SelectorNode,
  where: string,
  { catalogue, variables }: ExpressionContext,
): Problem[] {
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
  // A wrong quantile in the catalogue has a problem of its own.
  const areRight = (metric.quantiles ?? []).every((each) => each >= 0 && each <= 1);
  if (node.quantile !== undefined && areRight && metric.quantiles?.includes(node.quantile) !== true)
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
