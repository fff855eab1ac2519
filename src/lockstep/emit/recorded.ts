import type { Config, System, Target } from '../config/config.js';
import { countersOf } from '../config/config.js';
import { panelsOf } from '../panels/dashboard.js';
import type { RecordedAs } from '../promql/print.js';
import { printExpression } from '../promql/print.js';
import type { Counting, Node } from '../promql/tree.js';
import { children } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import type { Slo } from '../slo/slo.js';
import { allEvents, badEvents, errorRatio, measuredSeries } from '../slo/slo.js';

/** A rule that records one series. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The counts of an SLI, and the share of bad events that follows from them. */
type Part = 'sli_bad' | 'sli_total' | 'sli_error';

const OPERATIONS = {
  events: { ratio: 'ratio_rate', count: 'increase' },
  latency: { ratio: 'ratio_rate', count: 'increase' },
  uptime: { ratio: 'ratio_samples', count: 'samples' },
} as const;

/**
 * `<metric>:<what>:<operation><window>`, as https://prometheus.io/docs/practices/rules has it: the metric without the
 * suffix of its kind.
 */
function recordedName(slo: Slo, part: Part, window: Duration): string {
  const { metric } = measuredSeries(slo).node;
  const { ratio, count } = OPERATIONS[slo.sli.type];
  const operation = part === 'sli_error' ? ratio : count;
  return `${metric.name.replace(/_total$/, '')}:${part}:${operation}${window}`;
}

/** The series that is recorded of an SLO over a window. */
export function recordedSeries(slo: Slo, part: Part, window: Duration): string {
  return `${recordedName(slo, part, window)}{slo="${slo.name}"}`;
}

/**
 * The rules that record an SLO over some windows. Numerator and denominator are recorded and divided after that: a
 * ratio is never averaged.
 */
export function recordingRules(slo: Slo, windows: readonly Duration[], counting: Counting): readonly RecordingRule[] {
  const labels = { slo: slo.name };
  return windows.flatMap((window) => [
    {
      record: recordedName(slo, 'sli_bad', window),
      expr: printExpression(badEvents(slo, window), counting),
      labels,
    },
    {
      record: recordedName(slo, 'sli_total', window),
      expr: printExpression(allEvents(slo, window), counting),
      labels,
    },
    {
      record: recordedName(slo, 'sli_error', window),
      expr: `${recordedSeries(slo, 'sli_bad', window)} / (${recordedSeries(slo, 'sli_total', window)} > 0)`,
      labels,
    },
  ]);
}

/** The windows of an SLO's policy, shortest first. */
export function policyWindows({ policy }: Slo): readonly Duration[] {
  const seconds = (window: Duration) => durationSeconds(window) ?? 0;
  return [...new Set(policy.flatMap(({ long, short }) => [long, short]))].sort((a, b) => seconds(a) - seconds(b));
}

/** The SLOs that rules of the system watch: a ruler records those, and no others. */
function watchedSlos({ alerts }: System): ReadonlySet<Slo> {
  return new Set(alerts.flatMap(({ rules }) => rules.flatMap(({ burn }) => (burn === undefined ? [] : [burn.slo]))));
}

/** A part of an SLO over a window that a ruler records. */
interface Series {
  readonly slo: Slo;
  readonly window: Duration;
  /** As a board reads it. */
  readonly read: string;
}

const known = new WeakMap<System, Map<Counting, ReadonlyMap<string, Series>>>();

/** The series that a ruler records for a system, by the expression that each stands for. Found once for each system. */
function seriesByExpression(system: System, counting: Counting): ReadonlyMap<string, Series> {
  const ofSystem = known.get(system) ?? new Map<Counting, ReadonlyMap<string, Series>>();
  known.set(system, ofSystem);
  const series = ofSystem.get(counting) ?? findSeries(system, counting);
  ofSystem.set(counting, series);
  return series;
}

function findSeries(system: System, counting: Counting): ReadonlyMap<string, Series> {
  const series = new Map<string, Series>();
  for (const slo of watchedSlos(system))
    for (const window of new Set([...policyWindows(slo), slo.window]))
      for (const [part, expression] of [
        ['sli_bad', badEvents(slo, window)],
        ['sli_total', allEvents(slo, window)],
        ['sli_error', errorRatio(slo, window)],
      ] as const) {
        const text = printExpression(expression, counting);
        // Two SLOs over one SLI record the same numbers.
        if (!series.has(text)) series.set(text, { slo, window, read: readSeries(slo, part, window) });
      }
  return series;
}

/**
 * A recorded series has a label that says of which SLO it is, and what it stands for has none. With two rulers for the
 * sake of safety there are two of it, with the same value.
 */
function readSeries(slo: Slo, part: Part, window: Duration): string {
  return `max(${recordedSeries(slo, part, window)})`;
}

/** The nodes that an SLO's expressions begin with: no other is looked up. */
const BEGINNINGS: ReadonlySet<Node['type']> = new Set(['events', 'aggregate', 'orZero', 'binary']);

function lookUp(series: ReadonlyMap<string, Series>, counting: Counting, found?: (one: Series) => void): RecordedAs {
  return (node) => {
    if (!BEGINNINGS.has(node.type)) return undefined;
    const one = series.get(printExpression({ node }, counting));
    if (one !== undefined) found?.(one);
    return one?.read;
  };
}

/**
 * Says which expressions of a system's boards a ruler records already; nothing without a ruler. A query that a variable
 * restricts is another expression, and is computed.
 */
export function recordedOf(system: System, target: Target): RecordedAs | undefined {
  if (target.ruler === undefined) return undefined;
  const counting = countersOf(target);
  const series = seriesByExpression(system, counting);
  return series.size === 0 ? undefined : lookUp(series, counting);
}

/** A range is read by the function that it is given to, and so are steps and what was a while ago. */
const READING: ReadonlySet<Node['type']> = new Set(['events', 'overTime', 'overSteps', 'ago']);

/** The parts of an expression that read series of the catalogue: all but those that are recorded already. */
export function computedIn(node: Node, recorded: RecordedAs | undefined): readonly Node[] {
  if (recorded === undefined) return [node];
  if (recorded(node) !== undefined) return [];
  const parts = children(node);
  const isRead = READING.has(node.type) || parts.length === 0;
  return isRead ? [node] : parts.flatMap((each) => computedIn(each, recorded));
}

/** The SLOs that a board of the system shows over their whole window, as the budget is. */
export function shownOverWindow(system: System, target: Target): ReadonlySet<Slo> {
  const counting = countersOf(target);
  const shown = new Set<Slo>();
  const recorded = lookUp(seriesByExpression(system, counting), counting, ({ slo, window }) => {
    if (window === slo.window) shown.add(slo);
  });
  for (const { annotations = [], ...dashboard } of system.dashboards)
    for (const { node } of [
      ...panelsOf(dashboard).flatMap(({ queries }) => queries),
      ...annotations.map(({ query }) => query),
    ])
      printExpression({ node }, counting, recorded);
  return shown;
}

/**
 * Gives a query of any board of a configuration with the expressions in the place of the series that a ruler records;
 * for a Prometheus without one.
 */
export function computedEverywhere({ systems, target }: Config): (promql: string) => string {
  if (target.ruler === undefined) return (promql) => promql;
  const series = systems.flatMap((system) => [...seriesByExpression(system, countersOf(target))]);
  return (promql) =>
    series.reduce((text, [expression, { read }]) => text.replaceAll(read, () => `(${expression})`), promql);
}
