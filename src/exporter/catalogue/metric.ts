import type { Exemptions } from '../exempt.js';
import { made } from '../trace.js';
import type { Label, ValueOf } from './label.js';
import type { Renaming, Stability } from './life-cycle.js';

/** The kinds that the exporter records, and those that others record besides. */
export const KINDS = ['counter', 'gauge', 'histogram', 'nativeHistogram', 'summary', 'info', 'stateSet'] as const;
export type Kind = (typeof KINDS)[number];

/** A kind in a sentence: `a counter`, `an info`. */
export function aKind(kind: Kind): string {
  if (kind === 'info') return 'an info';
  return kind === 'nativeHistogram' ? 'a native histogram' : kind === 'stateSet' ? 'a state set' : `a ${kind}`;
}

export const RECORDED_KINDS: readonly Kind[] = ['counter', 'gauge', 'histogram'];

/** Label name -> value, as a type. */
export type LabelMap = Record<string, string>;

/**
 * The unit of a metric. Base units, spelled as Prometheus has them, must end the metric's name
 * (https://prometheus.io/docs/practices/naming/#base-units); `{session}` and the like is a count of things,
 * written as UCUM annotations are and as OpenTelemetry's conventions do.
 */
export type Unit = BaseUnit | `{${string}}`;
export const BASE_UNITS = [
  'seconds',
  'bytes',
  'ratio',
  'usd',
  'celsius',
  'meters',
  'volts',
  'amperes',
  'joules',
  'grams',
] as const;
export type BaseUnit = (typeof BASE_UNITS)[number];

/**
 * A metric of a catalogue, and the only handle by which it can be queried, shown, alerted on or recorded.
 *
 * @typeParam Labels the values of each label
 * @typeParam Given  the labels that a recorder gives; the others are decided by these
 */
export interface Metric<
  K extends Kind = Kind,
  Name extends string = string,
  Labels extends LabelMap = LabelMap,
  Given extends string = string,
> {
  readonly kind: K;
  readonly name: Name;
  readonly help: string;
  readonly unit: Unit;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram's buckets, in the metric's unit, `+Inf` left out; empty for other kinds. */
  readonly bounds: readonly number[];
  /** The quantiles of a summary, from 0 to 1. */
  readonly quantiles?: readonly number[];
  /** The name of the label of a state set that says the state. */
  readonly state?: string;
  /** The most series this metric may have per process. */
  readonly budget: number;
  /** The name of the metric within whose events these happen; see {@link MetricDefinition.within}. */
  readonly within?: string;
  /** Its stage; default `stable`. */
  readonly stability?: Stability;
  /** The name it had before, which is exposed and read beside its own. */
  readonly renamedFrom?: Renaming;
  /** The ways of running the program on which it never hears of this. */
  readonly silentOn?: readonly string[];
  /** Known of a metric that another program records; see {@link Foreign}. */
  readonly foreign?: Foreign;
  /** Findings of `lockstep lint`, `diff` and `verify` about it that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
  /** Types only: what a matcher on this metric may say. */
  readonly '~labels'?: Labels;
  /** Types only: what a recorder of this metric must say. */
  readonly '~given'?: Given;
}

/**
 * Facts about a metric that this exporter does not record: another library, another language, an exporter of
 * somebody else. Its counters go back to zero when a process restarts in place, so they are read by PromQL's own
 * `rate()` and `increase()`.
 */
export interface Foreign {
  /** Labels that scraping adds, and that no page of metrics has: `job`, `namespace`, `pod`. */
  readonly targetLabels: readonly string[];
  /**
   * The matchers of every selector: without them a query adds up the series of everybody who has a metric of that
   * name.
   */
  readonly scope: readonly { readonly label: string; readonly values: readonly string[] }[];
  /** Whether counters are read from the last sample before the window on; see {@link CatalogueDefinition.increases}. */
  readonly isAnchored?: boolean;
}

interface MetricDefinition<Name extends string, Labels extends readonly Label[]> {
  readonly name: Name;
  readonly help: string;
  readonly unit: Unit;
  readonly labels: Labels;
  /** The most series per process; {@link DEFAULT_BUDGET} if not said. */
  readonly budget?: number;
  /**
   * The counter or histogram within whose events these happen: tokens are spent within sessions. `ratio()` and
   * `share()` of the two are refused without it, and upside down.
   */
  readonly within?: Metric;
  /** Its stage, to which `lockstep diff` holds it; default `stable`. */
  readonly stability?: Stability;
  /**
   * The name it had until now: both are exposed, and queries read both, until this is taken out on the day that it
   * says or later.
   */
  readonly renamedFrom?: Renaming;
  /**
   * The ways of running the program (its transports, its platforms) on which it never hears of this, by name: the
   * description of every panel that reads it names them, or `lockstep lint` finds the panel.
   */
  readonly silentOn?: readonly string[];
  /** Findings of `lockstep lint`, `diff` and `verify` about it that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/**
 * Series that a metric may have per process unless its definition says otherwise. Robust Perception and Prometheus'
 * own practice ("keep the cardinality of your metrics below 10, with a handful going over 100") would have it far
 * lower; a label of 100 values crossed with one of ten is where we ask for a decision.
 */
export const DEFAULT_BUDGET = 1000;

/**
 * The label by which the series of one start of a process are told from those of any other: an id that each start
 * makes anew, so that no counter ever goes down. Every series that the exporter serves or pushes has it, unless deltas
 * are added up on the way (then only gauges do). Queries add it away.
 */
export const START_LABEL = 'start_id';

/**
 * The label of counters whose deltas are added up on the way: one of a few values, which a start draws by lot. Queries
 * add it away.
 */
export const SHARD_LABEL = 'shard';

/** Every label's values, by the label's name. */
export type LabelsOf<Labels extends readonly Label[]> = { readonly [L in Labels[number] as L['name']]: ValueOf<L> };

/** The labels that are not decided by another one of the same metric. */
type GivenOf<Labels extends readonly Label[]> = {
  readonly [L in Labels[number] as NonNullable<L['decidedBy']>['label'] extends infer By
    ? [By] extends [never]
      ? L['name']
      : By extends Labels[number]['name']
        ? never
        : L['name']
    : never]: true;
} extends infer Given
  ? keyof Given & string
  : never;

/** A cumulative count of what happened. Its name ends in `_total`; it is queried by `rate` or `increase`. */
export function counter<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels>,
): Metric<'counter', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return metric('counter', definition, []);
}

/** A value that goes up and down. */
export function gauge<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels>,
): Metric<'gauge', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return metric('gauge', definition, []);
}

/**
 * A distribution, counted in buckets.
 *
 * @param definition.bounds upper bounds of the buckets in the metric's unit, increasing, `+Inf` left out.
 */
export function histogram<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels> & { readonly bounds: readonly number[] },
): Metric<'histogram', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return metric('histogram', definition, definition.bounds);
}

/**
 * A native histogram, which finds its buckets itself (https://prometheus.io/docs/specs/native_histograms/). Only others
 * record one. Its PromQL has no `le` and no `_bucket`, `_count` or `_sum`.
 */
export function nativeHistogram<
  const Name extends string,
  const Labels extends readonly Label<string, string, string>[],
>(definition: MetricDefinition<Name, Labels>): Metric<'nativeHistogram', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return metric('nativeHistogram', definition, []);
}

/**
 * A sum, a count, and quantiles that each process works out of its own observations. Only others record one. Quantiles
 * of several processes cannot be added up or averaged.
 *
 * @param definition.quantiles from 0 to 1; none if it has a sum and a count alone
 */
export function summary<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels> & { readonly quantiles: readonly number[] },
): Metric<'summary', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return made({ ...metric('summary', definition, []), quantiles: definition.quantiles });
}

/**
 * A series that is always 1, whose labels say what a thing is: its version, its node. Only others record one.
 *
 * @param definition.unit the thing: `{pod}` for `kube_pod_info`, so that the sum is a number of pods
 */
export function info<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels>,
): Metric<'info', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return metric('info', definition, []);
}

/**
 * A thing in one of several states: a series for each, 1 or 0. Only others record one.
 *
 * @param definition.unit the thing: `{pod}` for `kube_pod_status_phase`, so that the sum is a number of pods
 * @param definition.state the label that says the state. A query matches it or groups by it: the sum over all states is
 * the number of things, whatever their states.
 */
export function stateSet<const Name extends string, const Labels extends readonly Label<string, string, string>[]>(
  definition: MetricDefinition<Name, Labels> & { readonly state: Labels[number] },
): Metric<'stateSet', Name, LabelsOf<Labels>, GivenOf<Labels>> {
  return made({ ...metric('stateSet', definition, []), state: definition.state?.name });
}

function metric<K extends Kind, Name extends string, Labels extends readonly Label[]>(
  kind: K,
  definition: MetricDefinition<Name, Labels>,
  bounds: readonly number[],
): Metric<K, Name, LabelsOf<Labels>, GivenOf<Labels>> {
  const {
    name,
    help,
    unit,
    labels,
    budget = DEFAULT_BUDGET,
    within,
    stability,
    renamedFrom,
    silentOn,
    exempt,
  } = definition;
  return made({
    kind,
    name,
    help,
    unit,
    labels,
    bounds,
    budget,
    ...(within === undefined ? {} : { within: within?.name }),
    ...(stability === undefined ? {} : { stability }),
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    ...(silentOn === undefined ? {} : { silentOn }),
    ...(exempt === undefined ? {} : { exempt }),
  });
}

/**
 * The series one process can have of this metric: the product of the values of its given labels (a decided label
 * multiplies by one), times the buckets, `+Inf`, `_sum` and `_count` of a histogram; of a summary the quantiles,
 * `_sum` and `_count`.
 */
export function seriesCount(metric: Metric): number {
  const combinations = givenLabels(metric).reduce((product, each) => product * each.atMost, 1);
  if (metric.kind === 'histogram') return combinations * (metric.bounds.length + 3);
  return metric.kind === 'summary' ? combinations * ((metric.quantiles ?? []).length + 2) : combinations;
}

/** The labels of a metric that nothing on it decides: the ones a recorder gives. */
export function givenLabels(metric: Metric): readonly Label[] {
  return metric.labels.filter((each) => each.decidedBy === undefined || !hasLabel(metric, each.decidedBy.label));
}

/** The value of a label that another one decides; empty if none does, or if it decides nothing for this value. */
export function decidedValue({ decidedBy }: Label, given: Readonly<Record<string, string>>): string {
  return decidedBy === undefined ? '' : (decidedBy.valueOf[given[decidedBy.label] ?? ''] ?? '');
}

export function hasLabel(metric: Metric, name: string): boolean {
  return metric.labels.some((each) => each.name === name);
}

/** Every name under which the metric's series appear in Prometheus. */
export function seriesNames({ kind, name }: Pick<Metric, 'kind' | 'name'>): readonly string[] {
  if (kind === 'summary') return [name, `${name}_count`, `${name}_sum`];
  return kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];
}

/** Whether the metric's value goes up and down and is read as it is: a gauge, or 1 and 0 of an info or a state set. */
export function isLevel({ kind }: Metric): boolean {
  return kind === 'gauge' || kind === 'info' || kind === 'stateSet';
}

/**
 * A metric under the name that it had before, as it is exposed beside itself until the renaming is over; `undefined`
 * if it had none.
 */
export function formerMetric(metric: Metric): Metric | undefined {
  const { renamedFrom, ...rest } = metric;
  if (renamedFrom === undefined) return undefined;
  return { ...rest, name: renamedFrom.name, help: `${metric.help} The former name of ${metric.name}.` };
}

/** A metric as it is exposed: under its name, and the one that it had before, until the renaming is over. */
export function exposedAs(metric: Metric): readonly Metric[] {
  const former = formerMetric(metric);
  return former === undefined ? [metric] : [metric, former];
}

/** The names of what every exporter of a system tells of itself. */
export function ownNames(system: string): readonly [info: string, anomalies: string] {
  return [`${system}_catalogue_info`, `${system}_exporter_anomalies_total`];
}
