import type { Vector } from './expression.js';
import type { BinaryNode, Matcher, Node, SelectorNode } from './tree.js';

/** PromQL as text. The only place that quotes, escapes, brackets and rounds. */
export function printExpression(expression: Vector): string {
  return printNode(expression.node);
}

/** A selector as it stands in an expression: two that print alike choose the same series. */
export function printSelector(node: SelectorNode): string {
  const matchers = node.matchers.map(printMatcher).join(', ');
  return `${node.metric.name}${node.part}${matchers === '' ? '' : `{${matchers}}`}`;
}

function printNode(node: Node): string {
  switch (node.type) {
    case 'selector':
      return printSelector(node);
    case 'number':
      return printNumber(node.value);
    case 'overTime':
      return `${node.fn}(${printSelector(node.of)}[${node.window}])`;
    case 'quantile':
      return `histogram_quantile(${printNumber(node.quantile)}, ${printNode(node.of)})`;
    case 'clampMin':
      return `clamp_min(${printNode(node.of)}, ${printNumber(node.min)})`;
    case 'orZero':
      return `(${printNode(node.of)} or vector(0))`;
    case 'aggregate': {
      const by = node.by === undefined || node.by.length === 0 ? '' : ` by (${node.by.join(', ')}) `;
      const parameter = node.parameter === undefined ? '' : `${printNumber(node.parameter)}, `;
      return `${node.fn}${by}(${parameter}${printNode(node.of)})`;
    }
    case 'binary':
      return printBinary(node);
  }
}

/** https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence; all left-associative. */
const PRECEDENCE: Readonly<Record<BinaryNode['op'], number>> = {
  '*': 4,
  '/': 4,
  '+': 3,
  '-': 3,
  '==': 2,
  '!=': 2,
  '>': 2,
  '<': 2,
  '>=': 2,
  '<=': 2,
  and: 1,
};

function printBinary(node: BinaryNode): string {
  const own = PRECEDENCE[node.op];
  const left = printOperand(node.left, (theirs) => theirs < own || isComparison(node.op, theirs));
  // A left-associative operator reads its equals on the right as if they came later: those keep their brackets.
  const right = printOperand(node.right, (theirs) => theirs <= own);
  return `${left} ${node.op}${node.bool ? ' bool' : ''} ${right}`;
}

/** `a > b > c` is legal and misread by everybody: a comparison within a comparison keeps its brackets. */
function isComparison(op: BinaryNode['op'], theirs: number): boolean {
  return PRECEDENCE[op] === PRECEDENCE['=='] && theirs === PRECEDENCE['=='];
}

function printOperand(node: Node, needsBrackets: (precedence: number) => boolean): string {
  const text = printNode(node);
  return node.type === 'binary' && needsBrackets(PRECEDENCE[node.op]) ? `(${text})` : text;
}

function printMatcher({ label, negated, match }: Matcher): string {
  switch (match.type) {
    case 'value':
      return `${label}${negated ? '!=' : '='}${quote(match.value)}`;
    case 'oneOf':
      return `${label}${negated ? '!~' : '=~'}${quote(match.values.map(escapeRegex).join('|'))}`;
    case 'variable':
      // Grafana itself escapes what it puts in the place of a multi-value variable of a Prometheus query.
      return `${label}${negated ? '!~' : '=~'}"$${match.variable}"`;
  }
}

/** A PromQL string literal: Go's rules for a double-quoted string. */
function quote(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped}"`;
}

/** Makes RE2 read the text literally (the characters of Go's `regexp.QuoteMeta`). */
function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/**
 * A number without the noise of binary fractions: `1 - 0.95` is 0.050000000000000044, and prints as 0.05. Twelve digits are
 * more than any threshold means and fewer than the noise begins at.
 */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(Number(value.toPrecision(12)));
}
