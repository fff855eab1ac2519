import type { Metric } from 'lockstep-exporter/catalogue';
import type { SyntaxNode } from './text-tree.js';
import { argumentsOf, namePiece, sliceOf } from './text-tree.js';

// Finds where a text reads a summary or a native histogram as something that it is not.

type MetricOf = (name: string) => Metric | undefined;

/** A piece of a text, and the name of the metric that it misreads. */
export interface Misreading {
  readonly node: SyntaxNode;
  readonly metric: string;
}

/** Every sum, average or rate of the quantiles of a summary, over its series or over time. */
export function addedQuantilesIn(root: SyntaxNode, text: string, metricOf: MetricOf): readonly Misreading[] {
  const found: Misreading[] = [];
  root.cursor().iterate(({ node }) => {
    const fn = sliceOf(node.firstChild ?? node, text);
    const isSum = node.name === 'AggregateExpr' && ['sum', 'avg'].includes(fn);
    const isRate = node.name === 'FunctionCall' && ['rate', 'increase', 'irate'].includes(fn);
    if (!isSum && !isRate) return;
    const of = argumentsOf(node.getChild('FunctionCallBody')).at(-1);
    const metric = of === undefined ? undefined : quantilesIn(of, text, metricOf);
    if (metric !== undefined) found.push({ node, metric });
  });
  return found;
}

/** A level has the values of quantiles after these functions too. */
const KEEPING =
  /^(abs|avg_over_time|clamp(_max|_min)?|ceil|floor|label_(join|replace)|(first|last|max|min)_over_time|round|sort.*)$/;

/** The summary whose quantiles are the values of a piece. */
function quantilesIn(piece: SyntaxNode, text: string, metricOf: MetricOf): string | undefined {
  const within = (child: SyntaxNode | null) => (child === null ? undefined : quantilesIn(child, text, metricOf));
  switch (piece.name) {
    case 'VectorSelector': {
      const name = namePiece(piece, text)?.name ?? '';
      const metric = metricOf(name);
      return metric?.kind === 'summary' && metric.name === name ? name : undefined;
    }
    case 'FunctionCall':
      return KEEPING.test(sliceOf(piece.firstChild ?? piece, text))
        ? within(argumentsOf(piece.getChild('FunctionCallBody'))[0] ?? null)
        : undefined;
    case 'AggregateExpr':
      return /^(max|min|topk|bottomk)$/.test(sliceOf(piece.firstChild ?? piece, text))
        ? within(argumentsOf(piece.getChild('FunctionCallBody')).at(-1) ?? null)
        : undefined;
    case 'BinaryExpr': {
      const has = (...ops: readonly string[]) => ops.some((op) => piece.getChild(op) !== null);
      // A number changes the unit; a comparison chooses.
      if (has('Mul', 'Div')) return within(piece.firstChild) ?? (has('Mul') ? within(piece.lastChild) : undefined);
      const keeps = has('Eql', 'Neq', 'Gtr', 'Lss', 'Gte', 'Lte', 'And', 'Unless', 'Or');
      return keeps && !has('BoolModifier') ? within(piece.firstChild) : undefined;
    }
    case 'NumberDurationLiteral':
    case 'StringLiteral':
      return undefined;
    default:
      return within(piece.name === 'UnaryExpr' ? piece.lastChild : piece.firstChild);
  }
}

/** These functions and aggregations return native histograms if their argument is one. */
const HISTOGRAM_OF_HISTOGRAM =
  /^(sum|avg|rate|increase|delta|irate|idelta|(avg|sum|last|first)_over_time|label_(join|replace)|limitk|limit_ratio|sort_by_label(_desc)?|info)$/;
/** These read native histograms, or ask only whether there is a sample. */
const READING =
  /^(histogram_.*|absent(_over_time)?|present_over_time|count(_over_time|_values)?|group|timestamp|changes|resets|ts_of_.*)$/;

/** Every place at which a native histogram stands where PromQL takes only numbers: it returns nothing there. */
export function nativeAsNumber(root: SyntaxNode, text: string, metricOf: MetricOf): readonly Misreading[] {
  const found: Misreading[] = [];
  /** The metric of a piece that returns native histograms. */
  const visit = (node: SyntaxNode | null): string | undefined => {
    if (node === null) return undefined;
    const own = sliceOf(node.firstChild ?? node, text);
    switch (node.name) {
      case 'VectorSelector': {
        const name = namePiece(node, text)?.name ?? '';
        return metricOf(name)?.kind === 'nativeHistogram' ? name : undefined;
      }
      case 'FunctionCall':
      case 'AggregateExpr': {
        const args = argumentsOf(node.getChild('FunctionCallBody'));
        const native = args.map(visit).find((each) => each !== undefined);
        if (native === undefined || READING.test(own)) return undefined;
        if (HISTOGRAM_OF_HISTOGRAM.test(own)) return native;
        found.push({ node, metric: native });
        return undefined;
      }
      case 'BinaryExpr': {
        const [left, right] = [visit(node.firstChild), visit(node.lastChild)];
        const native = left ?? right;
        const has = (...ops: readonly string[]) => ops.some((op) => node.getChild(op) !== null);
        if (native === undefined) return undefined;
        // One side may be of numbers.
        if (has('Or')) return left !== undefined && right !== undefined ? native : undefined;
        if (has('And', 'Unless')) return left;
        const isBoth = left !== undefined && right !== undefined;
        if (isBoth && has('Eql', 'Neq')) return node.getChild('BoolModifier') === null ? native : undefined;
        if (isBoth && has('Add', 'Sub')) return native;
        if (has('Mul') && !isBoth) return native;
        if (has('Div') && left !== undefined && !isBoth) return native;
        found.push({ node, metric: native });
        return undefined;
      }
      default: {
        let native: string | undefined;
        for (let child = node.firstChild; child !== null; child = child.nextSibling) native ??= visit(child);
        return native;
      }
    }
  };
  visit(root);
  return found;
}
