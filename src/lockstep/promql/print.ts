import { formerMetric, isQuotedLabel, isQuotedMetric } from 'lockstep-exporter/internal';
import type { Vector } from './expression.js';
import type { BinaryNode, Counting, EventsNode, Matcher, Node, OrZeroNode, SelectorNode } from './tree.js';
import { labelsOf } from './tree.js';
import { durationSeconds, GRAFANA_WINDOW_SECONDS, printDuration } from './window.js';

/** The text of a series that is recorded already, for an expression that would compute it anew; for others, nothing. */
export type RecordedAs = (node: Node) => string | undefined;

/** How counters arrive, and which expressions are recorded already. */
interface Printing {
  readonly counting: Counting;
  readonly recorded?: RecordedAs | undefined;
  /** How long ago the values are that are read, in seconds. */
  readonly ago?: number;
}

/** The modifier of what is read so many seconds ago. */
function offset(seconds = 0): string {
  return seconds === 0 ? '' : ` offset ${printDuration(seconds)}`;
}

/** PromQL as text. The only place that quotes, escapes, brackets and rounds. */
export function printExpression(
  expression: Pick<Vector, 'node'>,
  counting: Counting = 'perStart',
  recorded?: RecordedAs,
): string {
  return printNode(expression.node, { counting, recorded });
}

/** A selector as it stands in an expression: two that print alike choose the same series. */
export function printSelector(node: SelectorNode): string {
  const matchers = printMatchers(node);
  const name = `${node.metric.name}${isWithin(node) ? '' : node.part}`;
  if (isQuotedMetric(name)) return `{${[quote(name), ...matchers].join(', ')}}`;
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
}

/**
 * The series of a metric, whatever name they have; for functions that only ask whether there are any. A range of both
 * names at once would be refused by any other: without their names the two would be one series.
 */
export function printAnyName(node: SelectorNode): string {
  const former = formerMetric(node.metric);
  if (former === undefined) return printSelector(node);
  const matchers = [
    `__name__=~${quote(`${node.metric.name}${node.part}|${former.name}${node.part}`)}`,
    ...printMatchers(node),
  ];
  return `{${matchers.join(', ')}}`;
}

/**
 * A function of the series of a metric. A metric that is being renamed is read by its former name, or
 * else by the new one. Every process that has the new name has the former too, so that nothing is counted
 * twice, and what was before the renaming is read on.
 */
function printRead(node: SelectorNode, print: (series: string) => string): string {
  const text = print(printSelector(node));
  const former = formerMetric(node.metric);
  return former === undefined ? text : `(${print(printSelector({ ...node, metric: former }))} or ${text})`;
}

function printNode(node: Node, printing: Printing): string {
  return readRecorded(node, printing) ?? printComputed(node, printing);
}

/** Nothing says that a ruler recorded it already, some time ago. */
function readRecorded(node: Node, { recorded, ago }: Printing): string | undefined {
  return ago === undefined ? recorded?.(node) : undefined;
}

function printComputed(node: Node, printing: Printing): string {
  const print = (inner: Node) => printNode(inner, printing);
  switch (node.type) {
    case 'selector':
      return printRead(node, (series) => `${series}${offset(printing.ago)}`);
    case 'number':
      return printNumber(node.value);
    case 'events':
      return printEvents(node, printing);
    case 'overTime': {
      if (node.fn === 'returned') return `(${printRead(node.of, (series) => printReturned(series, node.window))})`;
      if (node.fn !== 'absent_over_time')
        return printRead(node.of, (series) => printOverTime(node, `${series}[${node.window}]${offset(printing.ago)}`));
      const text = `${node.fn}(${printAnyName(node.of)}[${node.window}]${offset(printing.ago)})`;
      // Prometheus gives what is absent the labels that were asked for by `=`; nothing beside it has them.
      const isLabelled = node.of.matchers.some(({ negated, match }) => !negated && match.type === 'value');
      return isLabelled ? `sum(${text})` : text;
    }
    case 'quantile':
      return `histogram_quantile(${printNumber(node.quantile)}, ${print(node.of)})`;
    case 'fraction':
      return `histogram_fraction(-Inf, ${printNumber(node.atMost)}, ${print(node.of)})`;
    case 'clampMin':
      return `clamp_min(${print(node.of)}, ${printNumber(node.min)})`;
    case 'math': {
      const parameter = node.parameter === undefined ? '' : `, ${printNumber(node.parameter)}`;
      return `${node.fn}(${print(node.of)}${parameter})`;
    }
    case 'since':
      return `time() - ${printOperand(node.of, printing, (theirs) => theirs <= PRECEDENCE['-'])}`;
    case 'now':
      return 'vector(time())';
    case 'ago':
      return printNode(node.of, { ...printing, ago: (printing.ago ?? 0) + (durationSeconds(node.back) ?? 0) });
    case 'overSteps': {
      const { ago, recorded: _, ...others } = printing;
      // Each step of a while ago is one of a while ago.
      const now = ago === undefined ? printing : others;
      const range = `[${node.window}:${node.step}]${offset(ago)}`;
      return `${node.fn}_over_time((${printNode(node.of, now)})${range})`;
    }
    case 'relabelled': {
      const texts = [node.into, node.replacement, node.from, node.pattern].map(quote).join(', ');
      return `label_replace(${print(node.of)}, ${texts})`;
    }
    case 'joined': {
      const left = printOperand(node.of, printing, (theirs) => theirs < PRECEDENCE['*']);
      const [on, take] = [node.on, node.take].map((labels) => labels.map(printLabel).join(', '));
      // Several processes may expose the same info, and one of them is enough.
      const info = `max${printBy([...node.on, ...node.take])}(${print(node.info)})`;
      return `${left} * on (${on}) group_left (${take}) ${info}`;
    }
    case 'orZero':
      return `(${print(node.of)} or ${printZeros(node, printing)})`;
    case 'aggregate': {
      const parameter = node.parameter === undefined ? '' : `${printNumber(node.parameter)}, `;
      const grouping = node.without === undefined ? printBy(node.by ?? []) : printGroup('without', node.without);
      return `${node.fn}${grouping}(${parameter}${print(node.of)})`;
    }
    case 'binary':
      return printBinary(node, printing);
    case 'text':
      return node.text;
  }
}

/** Zeros for labels are made of the vector that has them; one number is had for nothing. */
function printZeros({ like, isBound }: OrZeroNode, printing: Printing): string {
  if (like === undefined || (isBound !== true && labelsOf(like)?.length === 0)) return 'vector(0)';
  return `0 * ${printOperand(like, printing, (theirs) => theirs <= PRECEDENCE['*'])}`;
}

function printOverTime({ fn, parameter }: Node & { type: 'overTime' }, range: string): string {
  if (parameter === undefined) return `${fn}(${range})`;
  const number = printNumber(parameter);
  return fn === 'quantile_over_time' ? `${fn}(${number}, ${range})` : `${fn}(${range}, ${number})`;
}

function printBy(by: readonly string[]): string {
  return by.length === 0 ? '' : printGroup('by', by);
}

function printGroup(word: 'by' | 'without', labels: readonly string[]): string {
  return ` ${word} (${labels.map(printLabel).join(', ')}) `;
}

/** Longer than any process that lives is not heard of; see {@link printCount}. */
const LOOKBACK = '1h';
const LOOKBACK_SECONDS = 3600;

function printEvents(node: EventsNode, { counting, ago = 0 }: Printing): string {
  const by = printBy(node.by);
  // Others' counters restart in place: what PromQL has for that is the best there is.
  if (node.of.metric.foreign !== undefined)
    return `sum${by}(${printRead(node.of, (series) => printOthers(node, series, ago))})`;
  const count = `sum${by}(${counting === 'aggregated' ? printGrowth(node.of, node.window, ago) : printCount(node.of, node.window, ago)})`;
  if (node.per === 'window') return count;
  const seconds = durationSeconds(node.window);
  return `${count} / ${seconds === undefined ? GRAFANA_WINDOW_SECONDS[node.window] : printNumber(seconds)}`;
}

/** The count or sum of a native histogram is within its samples, and not a series of its own. */
function printOthers({ per, window, of }: EventsNode, series: string, ago: number): string {
  // Prometheus anchors no native histograms.
  const isAnchored = of.metric.foreign?.isAnchored === true && of.metric.kind !== 'nativeHistogram';
  const range = `${series}[${window}]${isAnchored ? ' anchored' : ''}${offset(ago)}`;
  const counted = `${per === 'window' ? 'increase' : 'rate'}(${range})`;
  return isWithin(of) ? `histogram${of.part}(${counted})` : counted;
}

const isWithin = ({ metric, part }: SelectorNode) => metric.kind === 'nativeHistogram' && part !== '';

/**
 * The count of each series in a window, for series that never go down because every start of a process has its own:
 * its greatest value in the window less its last value before it, or less nothing where the process was not there
 * before. Nothing is extrapolated, one sample is enough, and the values of windows side by side add up to that of the
 * whole.
 *
 * "Before" is an hour at most, whatever the window: a network that is down for some minutes must not make the
 * processes behind it count anew. One that is not heard of for longer than an hour and then goes on is counted again
 * from its start.
 *
 * A long window is read once and not twice: its greatest values less those of before, of the series that still had a
 * sample in the hour after the window began. It is the same number, by the same assumption; the made-up label keeps
 * the two sides of `or` apart.
 */
function printCount(of: SelectorNode, window: string, ago: number): string {
  const seconds = durationSeconds(window);
  const greatest = printRead(of, (series) => `max_over_time(${series}[${window}]${offset(ago)})`);
  const begin = ago === 0 || seconds === undefined ? ` offset ${window}` : offset(seconds + ago);
  const before = printRead(of, (series) => `last_over_time(${series}[${LOOKBACK}]${begin})`);
  if (seconds === undefined || seconds <= LOOKBACK_SECONDS) return `${greatest} - ${before} or ${greatest}`;
  const later = offset(seconds - LOOKBACK_SECONDS + ago);
  const still = printRead(of, (series) => `last_over_time(${series}[${LOOKBACK}]${later})`);
  return `${greatest} or label_replace(0 - (${before} and ${still}), "side", "before", "", "")`;
}

/**
 * Those that are there, were not there for as long as a count looks back, and had been there in the day before that.
 */
function printReturned(series: string, window: string): string {
  const lately = `last_over_time(${series}[${LOOKBACK}] offset ${window})`;
  const before = `last_over_time(${series}[1d] offset ${window})`;
  return `max_over_time(${series}[${window}]) unless ${lately} and ${before}`;
}

/**
 * https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence; all left-associative.
 */
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
  unless: 1,
  or: 0,
};

function printBinary(node: BinaryNode, printing: Printing): string {
  const own = PRECEDENCE[node.op];
  const left = printOperand(node.left, printing, (theirs) => theirs < own || isComparison(node.op, theirs));
  // A left-associative operator reads its equals on the right as if they came later: those keep their brackets.
  const right = printOperand(node.right, printing, (theirs) => theirs <= own);
  const on = node.on === undefined ? '' : ` on (${node.on.map(printLabel).join(', ')}) group_left ()`;
  return `${left} ${node.op}${node.bool ? ' bool' : ''}${on} ${right}`;
}

/** `a > b > c` is legal and misread by everybody: a comparison within a comparison keeps its brackets. */
function isComparison(op: BinaryNode['op'], theirs: number): boolean {
  return PRECEDENCE[op] === PRECEDENCE['=='] && theirs === PRECEDENCE['=='];
}

function printOperand(node: Node, printing: Printing, needsBrackets: (precedence: number) => boolean): string {
  const recorded = readRecorded(node, printing);
  if (recorded !== undefined) return recorded;
  const text = printComputed(node, printing);
  const precedence = precedenceOf(node);
  return precedence !== undefined && needsBrackets(precedence) ? `(${text})` : text;
}

/**
 * The count of each series in a window, for series that a collector adds up and that never go down because every start
 * of the collector has its own. Every report that it was sent stands there as two samples, the total before it and the
 * total after it: the lowest in a window is the total before the first report, and the greatest that after the last.
 */
function printGrowth(of: SelectorNode, window: string, ago: number): string {
  return (
    printRead(of, (series) => `max_over_time(${series}[${window}]${offset(ago)})`) +
    ' - ' +
    printRead(of, (series) => `min_over_time(${series}[${window}]${offset(ago)})`)
  );
}

/** The precedence of the operator that a node's text ends with, if it has one outside of all brackets. */
function precedenceOf(node: Node): number | undefined {
  if (node.type === 'binary') return PRECEDENCE[node.op];
  // It may end with any operator.
  if (node.type === 'text') return 0;
  if (node.type === 'ago') return precedenceOf(node.of);
  if (node.type === 'since') return PRECEDENCE['-'];
  if (node.type === 'joined') return PRECEDENCE['*'];
  const isDivided = node.type === 'events' && node.per === 'second' && node.of.metric.foreign === undefined;
  return isDivided ? PRECEDENCE['/'] : undefined;
}

function printMatchers({ matchers, bound, quantile }: SelectorNode): readonly string[] {
  const own = matchers.map(printMatcher);
  if (quantile !== undefined) return [...own, `quantile=~${quote(spellings(quantile))}`];
  return bound === undefined ? own : [...own, `le=~${quote(spellings(bound))}`];
}

/** The name of a label, in the quotes that Prometheus 3 takes where it needs them. */
function printLabel(name: string): string {
  return isQuotedLabel(name) ? quote(name) : name;
}

/** A matcher as it stands within the braces of a selector. */
export function printMatcher({ label: name, negated, match }: Matcher): string {
  const label = printLabel(name);
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

/**
 * The upper bound of a bucket, or a quantile, however it is spelled: Prometheus 2 keeps a scraped `le` as the program
 * wrote it, Prometheus 3 writes it as Go does and whole numbers with `.0`, and what comes by OTLP has no exponent.
 */
export function spellingsOf(value: number): readonly string[] {
  return [...new Set([String(value), goFloat(value), withoutExponent().format(value)])];
}

function spellings(value: number): string {
  return spellingsOf(value).map(escapeRegex).join('|');
}

let decimal: Intl.NumberFormat | undefined;
/** Made once, and only where there is a bound to print: it costs more than all else that prints. */
function withoutExponent(): Intl.NumberFormat {
  decimal ??= new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 20 });
  return decimal;
}

/** Go's `strconv.FormatFloat(x, 'g', -1, 64)` and what OpenMetrics adds to it. */
function goFloat(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
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
 * A number without the noise of binary fractions: `1 - 0.95` is 0.050000000000000044, and prints as 0.05. Twelve
 * digits are more than any threshold means and fewer than the noise begins at.
 */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(Number(value.toPrecision(12)));
}

/**
 * A number as people read it: of three significant digits at most, and whole from 100 on. For texts, never for PromQL.
 */
export function printRounded(value: number, digits: 2 | 3 = 3): string {
  return printNumber(Math.abs(value) < 100 ? Number(value.toPrecision(digits)) : Math.round(value));
}
