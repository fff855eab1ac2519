import { parser } from '@prometheus-io/lezer-promql';
import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { allMetrics, hasLabel, made, printValue, seriesNames, suggest } from 'lockstep-exporter/internal';
import { ANY } from './bounds.js';
import { addedQuantiles, decidedComparison } from './decided.js';
import type { Vector } from './expression.js';
import { printMatcher, printNumber, spellingsOf } from './print.js';
import { stateless } from './states.js';
import { textBounds } from './text-bounds.js';
import { addedQuantilesIn, nativeAsNumber } from './text-kinds.js';
import { outputLabels, strangeGroups, strangeJoins } from './text-labels.js';
import { needsOf } from './text-needs.js';
import type { MatcherPieces, SyntaxNode } from './text-tree.js';
import {
  argumentsOf,
  contentOf,
  labelNames,
  matcherPieces,
  namePiece,
  pieceOf,
  readable,
  sliceOf,
} from './text-tree.js';
import type { Match, Matcher, Part, SelectorNode, TextNode, TextSlip } from './tree.js';
import { readsLevel, scopeOf, TARGET } from './tree.js';

/**
 * PromQL as text: the whole language, read by Prometheus' own grammar. Every metric, label and value in it is looked
 * up in the catalogue, and the scope of a catalogue of others is added to every selector. A slip is a problem
 * of whatever uses it, with the word that is wrong.
 *
 * Counters that the exporter of lockstep records are not read so: `rate()` of PromQL loses what a start counted before
 * it was first scraped. Take `increase()` or `rate()` of `lockstep/promql` for them.
 *
 * @param by the labels that come out of it; none if not said. Others than those that the text gives are a problem.
 */
export function promql<const L extends string = never>(
  catalogue: Catalogue,
  text: string,
  by: readonly L[] = [],
): Vector<L> {
  return { node: made(readText(catalogue, text, by)) };
}

/**
 * The text of a query that stands on a board of somebody else: Grafana's variables may stand wherever a number or a
 * window may, and the labels that come out are those that the text gives.
 */
export function readQuery(catalogue: Catalogue, text: string): TextNode {
  return readText(catalogue, text, undefined);
}

function readText(catalogue: Catalogue, given: string, by: readonly string[] | undefined): TextNode {
  const text = given.trim();
  const slips: TextSlip[] = [];
  // A query that stood already is taken as it is, and `lockstep lint` tells these.
  const faults = by === undefined ? ([] as TextSlip[]) : slips;
  const root = parser.parse(readable(text, by === undefined ? 'all' : 'windows')).topNode;
  const say = (node: { readonly from: number; readonly to: number }, code: string, found: string, fix: string) =>
    slips.push({ code: `promql/${code}`, found: `${found}\n${pieceOf(text, node)}`, fix });
  const broken = findError(root);
  if (text === '' || broken !== undefined) {
    say(
      broken ?? { from: 0, to: 0 },
      'syntax',
      'text that is not PromQL',
      'correct it: https://prometheus.io/docs/prometheus/latest/querying/basics/',
    );
    return { type: 'text', text, by: by ?? [], reads: [], bounds: ANY, needs: [], slips };
  }
  const metrics = metricsOf(catalogue);
  const reads: { readonly selector: SelectorNode; readonly window: string | undefined }[] = [];
  const insertions: { readonly at: number; readonly text: string }[] = [];
  root.cursor().iterate(({ node }) => {
    if (node.name !== 'VectorSelector') return;
    const read = readSelector(node, text, metrics, say, by === undefined);
    if (read === undefined) return;
    const { metric, selector, insertion } = read;
    if (insertion !== undefined) insertions.push(insertion);
    const window = windowOf(node, text);
    if (metric.foreign === undefined && metric.kind !== 'gauge')
      say(
        node,
        'own-counter',
        `${metric.name}, a ${metric.kind} that the exporter of lockstep records`,
        "take increase() or rate() of lockstep/promql: PromQL's own lose what a start counted before it was first scraped",
      );
    if (!readsLevel(selector) && window === '$__interval')
      faults.push({
        code: 'promql/interval-window',
        found: `a window of $__interval\n${pieceOf(text, node)}`,
        fix: "take '$__rate_interval': rate() and increase() need two samples in the window",
      });
    reads.push({ selector, window });
  });
  if (by === undefined)
    for (const node of seriesInVariables(root, text, reads.length > 0))
      say(
        node,
        'series-in-variable',
        'a variable that stands for series',
        "name the series: lockstep cannot look up a reader's choice",
      );
  const joins = strangeJoins(root, text, (name) => metrics.get(name));
  for (const { node, label, returned } of joins)
    say(
      node,
      'join',
      `the label ${label}, which one side of the operator does not have`,
      suggest(label, returned, 'match by a label that both sides have, and take one that the side has'),
    );
  // A join that is wrong leaves open which labels come out of it.
  for (const { node, label, returned } of joins.length > 0
    ? []
    : strangeGroups(root, text, (name) => metrics.get(name)))
    say(
      node,
      'group-by',
      `by (${label}), a label that the grouped series do not have`,
      suggest(label, returned, 'group by a label that is there, or add it to the metric'),
    );
  for (const { node, metric } of addedQuantilesIn(root, text, (name) => metrics.get(name))) {
    const slip = addedQuantiles(metric);
    faults.push({ ...slip, found: `${slip.found}\n${pieceOf(text, node)}` });
  }
  for (const { node, metric } of nativeAsNumber(root, text, (name) => metrics.get(name)))
    faults.push({
      code: 'promql/native-as-number',
      found: `${metric}, a native histogram, as a number\n${pieceOf(text, node)}`,
      fix: 'read it by histogram_quantile(), histogram_count(), histogram_sum() or histogram_fraction(): Prometheus returns nothing here',
    });
  const labels = outputLabels(root, text, (name) => metrics.get(name));
  // The panel that shows it reports a series of each target.
  const listed = (all: readonly string[]) => all.filter((each) => each !== TARGET).sort();
  const real = listed(labels ?? []).join(', ');
  const wanted = by === undefined ? real : listed(by).join(', ');
  if (slips.length === 0 && wanted !== real)
    say(
      { from: 0, to: text.length },
      'labels',
      `labels ${real === '' ? 'none' : real}, but the list says ${wanted === '' ? 'none' : wanted}`,
      `say which labels come out of it: promql(catalogue, text, [${listed(labels ?? [])
        .map((each) => `'${each}'`)
        .join(', ')}])`,
    );
  const named = namedLabels(root, text);
  if (by === undefined) {
    const read: TextNode = { type: 'text', text, by: labels ?? [], reads, bounds: ANY, needs: [], slips, named };
    // `lockstep lint` looks at the expressions of other definitions by itself.
    faults.push(...stateless(read).map((slip) => ({ code: 'promql/all-states', ...slip })));
  }
  const bounds = textBounds(root.firstChild ?? root, {
    text,
    metricOf: (name) => metrics.get(name),
    decided: (node, outcome, reach) => {
      const slip = decidedComparison('a comparison', outcome, reach);
      faults.push({ ...slip, found: `${slip.found}\n${pieceOf(text, node)}` });
    },
  });
  let scoped = text;
  for (const { at, text: added } of insertions.sort((a, b) => b.at - a.at))
    scoped = scoped.slice(0, at) + added + scoped.slice(at);
  return {
    type: 'text',
    text: scoped,
    by:
      by === undefined ? (labels ?? []) : [...new Set([...by, ...(labels?.includes(TARGET) === true ? [TARGET] : [])])],
    reads,
    bounds,
    needs: needsOf(root, text),
    slips,
    named,
    ...(faults === slips ? {} : { faults }),
  };
}

/** The labels of all matchers and groupings. */
function namedLabels(root: SyntaxNode, text: string): readonly string[] {
  const found = new Set<string>();
  root.cursor().iterate(({ node }) => {
    if (node.name === 'VectorSelector') for (const { name } of matcherPieces(node, text)) found.add(name);
    if (node.name === 'GroupingLabels') for (const name of labelNames(node, text)) found.add(name);
  });
  return [...found];
}

/** Finds variables of Grafana's that stand where series must. In a text that names no series, each of them does. */
function seriesInVariables(root: SyntaxNode, text: string, readsSeries: boolean): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root.cursor().iterate(({ node }) => {
    if (node.name !== 'NumberDurationLiteral' || !/^(\$|\[\[)/.test(sliceOf(node, text))) return;
    const { parent } = node;
    const isLast = parent?.name === 'FunctionCallBody' && argumentsOf(parent).at(-1)?.from === node.from;
    const isAggregated = isLast && parent?.parent?.name === 'AggregateExpr';
    if (!readsSeries || parent?.name === 'MatrixSelector' || isAggregated) found.push(node);
  });
  return found;
}

type Say = (node: { readonly from: number; readonly to: number }, code: string, found: string, fix: string) => void;

function findError(root: SyntaxNode): SyntaxNode | undefined {
  let found: SyntaxNode | undefined;
  root.cursor().iterate(({ node, type }) => {
    if (type.isError) found ??= node;
  });
  return found;
}

// A catalogue of thousands of metrics is asked for each of its queries.
const known = new WeakMap<Catalogue, ReadonlyMap<string, Metric>>();

/** The metrics of a catalogue, by each name under which one is read. */
function metricsOf(catalogue: Catalogue): ReadonlyMap<string, Metric> {
  const metrics =
    known.get(catalogue) ??
    new Map(allMetrics(catalogue).flatMap((each) => namesOf(each).map((name) => [name, each] as const)));
  known.set(catalogue, metrics);
  return metrics;
}

const hasParts = ({ kind }: Metric) => kind === 'histogram' || kind === 'summary';

/** The names under which a metric is read: its parts, and of a histogram its own too, where it is native. */
function namesOf(metric: Metric): readonly string[] {
  return metric.kind === 'histogram' ? [...seriesNames(metric), metric.name] : seriesNames(metric);
}

function readSelector(
  node: SyntaxNode,
  text: string,
  metrics: ReadonlyMap<string, Metric>,
  say: Say,
  isStanding: boolean,
) {
  const read = namePiece(node, text);
  const list = node.getChild('LabelMatchers');
  if (read === undefined) {
    say(
      node,
      'no-name',
      'a selector without the name of a metric',
      'begin it with the name: lockstep cannot look it up without',
    );
    return undefined;
  }
  const { name, node: place, others } = read;
  if (others !== undefined)
    say(
      others,
      'two-names',
      'a second name of the metric',
      'leave one of them out: Prometheus refuses the query, or finds nothing',
    );
  const metric = metrics.get(name);
  if (metric === undefined) {
    say(place, 'unknown-metric', printValue(name), adviseName(name, metrics));
    return undefined;
  }
  const part = (hasParts(metric) ? name.slice(metric.name.length) : '') as Part;
  const matchers = matcherPieces(node, text);
  const own = matchers.flatMap((each) =>
    // A bound as text meets one spelling of two: where a query stands already, `lockstep lint` tells.
    isStanding && each.name === 'le' ? [] : readMatcher(each, text, metric, part, say, isStanding),
  );
  const scope = scopeOf(metric);
  // Text that stood already often has the matchers of the scope: they are not said twice.
  const added = scope.filter((each) => !own.some((other) => isSame(each, other)));
  const printed = added.map(printMatcher).join(', ');
  const isEmpty = list !== null && sliceOf(list, text).slice(1, -1).trim() === '';
  const insertion =
    printed === ''
      ? undefined
      : list === null
        ? { at: place.to, text: `{${printed}}` }
        : { at: list.from + 1, text: isEmpty ? printed : `${printed}, ` };
  const selector: SelectorNode = { type: 'selector', metric, part, matchers: [...added, ...own] };
  return { metric, selector, insertion };
}

function adviseName(name: string, metrics: ReadonlyMap<string, Metric>): string {
  const [, base = '', part = ''] = /^(.*)_(bucket|count|sum)$/.exec(name) ?? [];
  if (metrics.get(base)?.kind === 'nativeHistogram')
    return part === 'bucket'
      ? `take histogram_quantile() of ${base}: a native histogram has no buckets of their own`
      : `take histogram_${part}() of ${base}: a native histogram has no series for it`;
  return suggest(name, [...metrics.keys()], 'add the metric to the catalogue, or use one that is there');
}

function isSame(one: Matcher, other: Matcher): boolean {
  return (
    JSON.stringify([one.label, one.negated, one.match]) === JSON.stringify([other.label, other.negated, other.match])
  );
}

function readMatcher(
  { whole, name, label, op, literal }: MatcherPieces,
  text: string,
  metric: Metric,
  part: Part,
  say: Say,
  isStanding: boolean,
): readonly Matcher[] {
  const sign = sliceOf(op, text);
  const written = sliceOf(literal, text);
  // A wrong escape is for Prometheus' own grammar to refuse.
  const value = contentOf(written) ?? written.slice(1, -1);
  const names = metric.labels.map((each) => each.name);
  if (name === 'le' && part === '_bucket') {
    say(
      whole,
      'le-literal',
      'le compared with a literal',
      'take countAtMost(): one Prometheus stores a bound as 60, another as 60.0, and a literal matches only one',
    );
    return [];
  }
  if (name === 'quantile' && metric.kind === 'summary' && part === '') {
    validateQuantiles(metric, { whole, op, literal }, text, say, isStanding);
    return [];
  }
  if (!hasLabel(metric, name)) {
    say(
      label,
      'unknown-label',
      `label ${printValue(name)} on ${metric.name}`,
      suggest(name, names, 'drop the matcher, or add the label to the metric'),
    );
    return [];
  }
  const negated = sign.startsWith('!');
  const known = metric.labels.find((each) => each.name === name)?.values;
  const variable = /^\$(?:\{(\w+)(?::\w+)?\}|(\w+))$/.exec(value);
  if (variable !== null)
    return [
      { label: name, negated, match: { type: 'variable', variable: variable[1] ?? variable[2] ?? '', label: name } },
    ];
  // To Prometheus, empty means that the label is not there.
  if (value === '') return [];
  const match = matchOf(sign, value, known);
  if (match === undefined) return [];
  const wanted = match.type === 'value' ? [match.value] : match.type === 'oneOf' ? match.values : [];
  const missing = wanted.find((each) => known !== undefined && !known.includes(each));
  if (wanted.length === 0)
    say(
      literal,
      'unknown-value',
      `${name}${sign}${printValue(value)}, which no value of ${name} matches`,
      `the values are ${(known ?? []).map(printValue).join(', ')}`,
    );
  else if (missing !== undefined)
    say(
      literal,
      'unknown-value',
      `${name}=${printValue(missing)} on ${metric.name}`,
      suggest(missing, [...(known ?? [])], `use one of its values, or add it to the label ${name}`),
    );
  else return [{ label: name, negated, match }];
  return [];
}

/** A quantile that no process works out is a series that is not there. */
function validateQuantiles(
  { name, quantiles = [] }: Metric,
  { whole, op, literal }: Pick<MatcherPieces, 'whole' | 'op' | 'literal'>,
  text: string,
  say: Say,
  isStanding: boolean,
): void {
  const value = contentOf(sliceOf(literal, text)) ?? '';
  const sign = sliceOf(op, text);
  if (value.includes('$') || (sign !== '=' && sign !== '=~')) return;
  const isMet = sign === '=' ? (spelling: string) => spelling === value : patternOf(value);
  if (isMet === undefined) return;
  const met = quantiles.map((each) => ({ each, all: spellingsOf(each), those: spellingsOf(each).filter(isMet) }));
  // Each of a list is meant to match.
  const listed = sign === '=~' && /^[\d.|]+$/.test(value) ? value.split('|') : [];
  const isStray = listed.some((each) => !quantiles.some((one) => spellingsOf(one).includes(each)));
  const half = met.find(({ all, those }) => those.length > 0 && those.length < all.length);
  if (isStray || met.every(({ those }) => those.length === 0))
    say(
      whole,
      'no-such-quantile',
      `quantile${sign}${printValue(value)}, which no series of ${name} has`,
      `take one of ${quantiles.map(printNumber).join(', ') || 'none: it has a sum and a count alone'}`,
    );
  // A standing query meets one spelling of two: `lockstep lint` tells.
  else if (half !== undefined && !isStanding)
    say(
      whole,
      'quantile-literal',
      `the quantile ${printNumber(half.each)} in one of its spellings`,
      `match both, quantile=~"${half.all.map((each) => each.replace('.', '\\\\.')).join('|')}", or take quantileOf(): one Prometheus stores 1, another 1.0`,
    );
}

/** A whole pattern, anchored as Prometheus does; nothing for what JavaScript does not read. */
function patternOf(value: string): ((text: string) => boolean) | undefined {
  try {
    const pattern = new RegExp(`^(?:${value})$`, 'su');
    return (text) => pattern.test(text);
  } catch {
    return undefined;
  }
}

/** The known values that a matcher chooses; nothing where none are known and a pattern stands for many. */
function matchOf(sign: string, value: string, known: readonly string[] | undefined): Match | undefined {
  if (sign === '=' || sign === '!=') return { type: 'value', value };
  if (/^[\w-]+(\|[\w-]+)*$/.test(value)) return { type: 'oneOf', values: value.split('|') };
  if (known === undefined) return undefined;
  try {
    // RE2 is anchored in a matcher; what it has and JavaScript has not is left to Prometheus.
    const pattern = new RegExp(`^(?:${value})$`, 'su');
    return { type: 'oneOf', values: known.filter((each) => pattern.test(each)) };
  } catch {
    return undefined;
  }
}

function windowOf(selector: SyntaxNode, text: string): string | undefined {
  const matrix = selector.parent;
  if (matrix?.name !== 'MatrixSelector') return undefined;
  const duration = matrix.getChild('DurationExpr') ?? matrix.lastChild;
  return duration === null ? undefined : sliceOf(duration, text);
}
