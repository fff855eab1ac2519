import type { Metric } from 'lockstep-exporter/catalogue';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, labelNames, labelPieces, matcherPieces, namePiece, sliceOf } from './text-tree.js';
import { scopeOf, TARGET } from './tree.js';

type Labels = readonly string[] | undefined;
type MetricOf = (name: string) => Metric | undefined;

/** Aggregations that choose among series and keep their labels. */
const CHOOSING = ['topk', 'bottomk', 'limitk', 'limit_ratio'];
/** Functions whose result is one number without labels, or no vector at all. */
const WITHOUT_LABELS = ['vector', 'time', 'pi', 'scalar'];
/** Functions that give a series of what is not there: it has the labels of the selector's `=` alone. */
const OF_NOTHING = ['absent', 'absent_over_time'];

/** The labels that come out of a text; `undefined` of a number. */
export function outputLabels(root: SyntaxNode, text: string, metricOf: MetricOf): Labels {
  const first = root.firstChild;
  return first === null ? undefined : labelsIn(first, text, metricOf);
}

/** A label that a text groups by, and that the grouped series do not have. */
export interface StrangeGroup {
  readonly node: SyntaxNode;
  readonly label: string;
  readonly returned: readonly string[];
}

/** The labels of `by` that do not come out of what is grouped, as far as that is known for certain. */
export function strangeGroups(root: SyntaxNode, text: string, metricOf: MetricOf): readonly StrangeGroup[] {
  const found: StrangeGroup[] = [];
  root.cursor().iterate(({ node }) => {
    const modifier = node.name === 'AggregateExpr' ? node.getChild('AggregateModifier') : null;
    const of = argumentsOf(node.getChild('FunctionCallBody')).at(-1);
    if (modifier?.getChild('By') == null || of === undefined || !isCertain(of, text, metricOf)) return;
    const returned = labelsIn(of, text, metricOf);
    if (returned === undefined) return;
    // Bounds are not declared, and names that begin with __ are Prometheus' own.
    for (const { name: label, node: place } of labelPieces(modifier, text))
      if (label !== 'le' && !label.startsWith('__') && !returned.includes(label))
        found.push({ node: place, label, returned: returned.filter((other) => other !== TARGET) });
  });
  return found;
}

/** The labels of `on` and `group_left` that a side does not have, as far as that is known for certain. */
export function strangeJoins(root: SyntaxNode, text: string, metricOf: MetricOf): readonly StrangeGroup[] {
  const found: StrangeGroup[] = [];
  root.cursor().iterate(({ node }) => {
    const clause = node.name === 'BinaryExpr' ? node.getChild('MatchingModifierClause') : null;
    const { firstChild: left, lastChild: right } = node;
    if (clause === null || left === null || right === null) return;
    const [matched, ...more] = clause.getChildren('GroupingLabels');
    const one =
      clause.getChild('GroupLeft') !== null ? right : clause.getChild('GroupRight') !== null ? left : undefined;
    const look = (side: SyntaxNode, pieces: SyntaxNode | undefined) => {
      if (pieces === undefined || !isCertain(side, text, metricOf)) return;
      const returned = labelsIn(side, text, metricOf);
      if (returned === undefined) return;
      for (const { name: label, node: place } of labelPieces(pieces, text))
        if (label !== 'le' && !label.startsWith('__') && !returned.includes(label))
          found.push({ node: place, label, returned: returned.filter((other) => other !== TARGET) });
    };
    if (clause.getChild('On') !== null) for (const side of [left, right]) look(side, matched);
    if (one !== undefined) for (const pieces of more) look(one, pieces);
  });
  // A label that neither side has is one slip.
  return found.filter(({ node: { from } }, index) => found.findIndex((each) => each.node.from === from) === index);
}

/** Whether the labels that come out of a piece are known: `or` and `info()` may give more. */
function isCertain(piece: SyntaxNode, text: string, metricOf: MetricOf): boolean {
  let certain = true;
  piece.cursor().iterate(({ node }) => {
    if (node.name === 'VectorSelector' && metricOf(namePiece(node, text)?.name ?? '') === undefined) certain = false;
    if (node.name === 'Or' || (node.name === 'FunctionIdentifier' && /^(info|absent)/.test(sliceOf(node, text))))
      certain = false;
  });
  return certain;
}

function labelsIn(node: SyntaxNode, text: string, metricOf: MetricOf): Labels {
  const inner = (child: SyntaxNode | null) => (child === null ? undefined : labelsIn(child, text, metricOf));
  switch (node.name) {
    case 'VectorSelector': {
      const name = namePiece(node, text)?.name ?? '';
      const metric = metricOf(name);
      if (metric === undefined) return [TARGET];
      const own = metric.labels.map((label) => label.name);
      if (metric.kind === 'summary' && name === metric.name) return [...new Set([...own, 'quantile']), TARGET];
      return name.endsWith('_bucket') ? [...own, 'le', TARGET] : [...own, TARGET];
    }
    case 'AggregateExpr':
      return aggregated(node, text, inner);
    case 'FunctionCall':
      return called(node, text, metricOf, inner);
    case 'BinaryExpr':
      return combined(node, text, inner);
    case 'NumberDurationLiteral':
    case 'StringLiteral':
      return undefined;
    default:
      // Brackets, signs, ranges, offsets: what is within.
      return inner(node.firstChild);
  }
}

function aggregated(node: SyntaxNode, text: string, inner: (child: SyntaxNode | null) => Labels): Labels {
  const op = sliceOf(node.firstChild ?? node, text);
  const body = node.getChild('FunctionCallBody');
  const of = inner(argumentsOf(body).at(-1) ?? null) ?? [];
  const modifier = node.getChild('AggregateModifier');
  const named = modifier === null ? [] : labelNames(modifier, text);
  if (CHOOSING.includes(op)) return of;
  const kept =
    modifier === null ? [] : modifier.getChild('By') !== null ? named : of.filter((label) => !named.includes(label));
  const counted = op === 'count_values' ? body?.getChild('StringLiteral') : null;
  return counted ? [...kept, sliceOf(counted, text).slice(1, -1)] : kept;
}

function called(
  node: SyntaxNode,
  text: string,
  metricOf: MetricOf,
  inner: (child: SyntaxNode | null) => Labels,
): Labels {
  const name = sliceOf(node.firstChild ?? node, text);
  const body = node.getChild('FunctionCallBody');
  if (WITHOUT_LABELS.includes(name)) return name === 'scalar' || name === 'time' || name === 'pi' ? undefined : [];
  const args = argumentsOf(body);
  if (OF_NOTHING.includes(name)) return matchedLabels(args[0], text, metricOf);
  const of = args.map(inner).find((each) => each !== undefined);
  if (name.startsWith('histogram_quantile')) return of?.filter((label) => label !== 'le');
  if (name !== 'label_replace' && name !== 'label_join') return of;
  const made = args.find((each) => each.name === 'StringLiteral');
  const label = made === undefined ? undefined : sliceOf(made, text).slice(1, -1);
  return label === undefined || of?.includes(label) === true ? of : [...(of ?? []), label];
}

/** The labels that a selector gives one value; of an expression that is not a selector, Prometheus takes none. */
function matchedLabels(piece: SyntaxNode | undefined, text: string, metricOf: MetricOf): readonly string[] {
  const selector = piece?.name === 'MatrixSelector' ? piece.getChild('VectorSelector') : piece;
  if (selector?.name !== 'VectorSelector') return [];
  const metric = metricOf(namePiece(selector, text)?.name ?? '');
  const scope = metric === undefined ? [] : scopeOf(metric);
  const own = matcherPieces(selector, text).flatMap(({ name: label, op }) =>
    sliceOf(op, text) === '=' ? [label] : [],
  );
  return [...new Set([...scope.flatMap(({ label, match }) => (match.type === 'value' ? [label] : [])), ...own])];
}

function combined(node: SyntaxNode, text: string, inner: (child: SyntaxNode | null) => Labels): Labels {
  const [left, right] = [inner(node.firstChild), inner(node.lastChild)];
  if (left === undefined || right === undefined) return left ?? right;
  const isSet = ['And', 'Or', 'Unless'].some((op) => node.getChild(op) !== null);
  const clause = node.getChild('MatchingModifierClause');
  if (isSet || clause === null) return left;
  const [matched, ...more] = clause.getChildren('GroupingLabels');
  const named = matched === undefined ? [] : labelNames(matched, text);
  const extra = more.flatMap((each) => labelNames(each, text));
  const many =
    clause.getChild('GroupLeft') !== null ? left : clause.getChild('GroupRight') !== null ? right : undefined;
  if (many !== undefined) return [...new Set([...many, ...extra])];
  return clause.getChild('On') !== null ? named : left.filter((label) => !named.includes(label));
}
