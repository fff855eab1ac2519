import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Label } from '../catalogue/label.js';
import type { LabelMap, Metric } from '../catalogue/metric.js';
import { givenLabels } from '../catalogue/metric.js';
import { printValue, suggest } from '../problem.js';
import type { OnError } from './report.js';
import { logError, reportOnce } from './report.js';

/** The labels that recording a metric needs: all but those that others decide. A missing or unknown one does not compile. */
export type GivenLabels<M extends Metric> =
  M extends Metric<infer _K, infer _N, infer Labels extends LabelMap, infer Given>
    ? [Given] extends [never]
      ? Readonly<Record<string, never>>
      : { readonly [Name in Given & keyof Labels]: Labels[Name] }
    : never;

export interface CounterRecorder<L> {
  /** Adds `value`, 0 or more, to the series of these labels. */
  add(labels: L, value: number): void;
}
export interface GaugeRecorder<L> {
  set(labels: L, value: number): void;
  /** Adds `value`, which may be negative. */
  add(labels: L, value: number): void;
}
export interface HistogramRecorder<L> {
  /** Counts one observation, in the metric's unit. */
  observe(labels: L, value: number): void;
}

type Recorder<M extends Metric> = M['kind'] extends 'counter'
  ? CounterRecorder<GivenLabels<M>>
  : M['kind'] extends 'gauge'
    ? GaugeRecorder<GivenLabels<M>>
    : HistogramRecorder<GivenLabels<M>>;

/** One recorder per metric, under the name that the catalogue gives its handle. */
export type Recorders<Metrics extends Record<string, Metric>> = {
  readonly [Handle in keyof Metrics]: Recorder<Metrics[Handle]>;
};

export interface RecordersOptions<Handle extends string> {
  /** Only these metrics; what a program cannot know it must not report as zero. All, if not said. */
  readonly only?: readonly Handle[];
  readonly onError?: OnError;
}

/**
 * A prom-client registry of a catalogue's metrics, and what records into it.
 *
 * Every series whose labels are enumerated exists from the start, at zero: `increase()` does not see the first event of a series that begins with it.
 * Recording never throws. A value that the catalogue does not have is recorded as its label's fallback, or else dropped; that, and a number
 * that is none, is reported once per kind to `onError` (by default a line on stderr).
 */
export function createRecorders<Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
  options: RecordersOptions<keyof Metrics & string> = {},
): { readonly registry: Registry; readonly record: Recorders<Metrics> } {
  const report = reportOnce(options.onError ?? logError);
  const registry = new Registry();
  const handles = (Object.keys(catalogue.metrics) as (keyof Metrics & string)[]).filter(
    (each) => options.only?.includes(each) ?? true,
  );
  const record = Object.fromEntries(
    handles.map((handle) => {
      const metric = catalogue.metrics[handle];
      if (metric === undefined) throw new Error(`catalogue ${catalogue.name} has no metric ${handle}`);
      return [handle, createRecorder(metric, registry, report)];
    }),
  ) as unknown as Recorders<Metrics>;
  return { registry, record };
}

type Report = (key: string, message: string) => void;
type Given = Readonly<Record<string, string>>;

function createRecorder(metric: Metric, registry: Registry, report: Report) {
  const definition = {
    name: metric.name,
    help: metric.help,
    labelNames: metric.labels.map((label) => label.name),
    registers: [registry],
  };
  const guarded = guard(metric, report);
  switch (metric.kind) {
    case 'counter': {
      const counter = new Counter(definition);
      for (const labels of enumerate(metric)) counter.inc(labels, 0);
      return { add: guarded((labels, value) => counter.inc(labels, value), 0) };
    }
    case 'gauge': {
      const gauge = new Gauge(definition);
      for (const labels of enumerate(metric)) gauge.set(labels, 0);
      return {
        set: guarded((labels, value) => gauge.set(labels, value)),
        add: guarded((labels, value) => gauge.inc(labels, value)),
      };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...definition, buckets: [...metric.bounds] });
      for (const labels of enumerate(metric)) histogram.zero(labels);
      return { observe: guarded((labels, value) => histogram.observe(labels, value), 0) };
    }
  }
}

/** A recording function that checks first and cannot throw. */
function guard(metric: Metric, report: Report) {
  const complete = completeLabels(metric, report);
  return (write: (labels: Given, value: number) => void, least = -Infinity) =>
    (given: Given, value: number): void => {
      try {
        if (!Number.isFinite(value) || value < least) {
          report(
            `${metric.name} value`,
            `${metric.name}: ${printValue(String(value))} is no value of a ${metric.kind}; it was dropped`,
          );
          return;
        }
        const labels = complete(given);
        if (labels !== undefined) write(labels, value);
      } catch (error) {
        report(`${metric.name} ${String(error)}`, `${metric.name}: ${String(error)}`);
      }
    };
}

/** All labels of a metric from those given, or `undefined` (and a report) if one of them cannot be. */
function completeLabels(metric: Metric, report: Report): (given: Given) => Given | undefined {
  const allowed = new Map(
    metric.labels.map((label) => [label.name, label.values === undefined ? undefined : new Set<string>(label.values)]),
  );
  const given = givenLabels(metric);
  return (values) => {
    const labels: Record<string, string> = {};
    for (const label of given) {
      const value = values[label.name];
      const known = allowed.get(label.name);
      if (typeof value === 'string' && (known === undefined || known.has(value))) labels[label.name] = value;
      else if (label.fallback !== undefined) labels[label.name] = label.fallback;
      else {
        report(
          `${metric.name} ${label.name}`,
          `${metric.name}: ${label.name}=${printValue(value)} is no value of this label and was dropped; ${suggest(String(value), known ?? [], `it has ${[...(known ?? [])].join(', ')}`)}`,
        );
        return undefined;
      }
    }
    return inOrder(metric, labels);
  };
}

/** All labels of a metric, decided ones too, in the order in which it declares them: that of the exposition. */
function inOrder(metric: Metric, given: Given): Given {
  return Object.fromEntries(metric.labels.map((label) => [label.name, given[label.name] ?? decide(label, given)]));
}

function decide(label: Label, given: Given): string {
  const { decidedBy } = label;
  return decidedBy === undefined ? '' : (decidedBy.valueOf[given[decidedBy.label] ?? ''] ?? '');
}

/** Every combination of values that a metric can have; none if one of its labels is open. */
function enumerate(metric: Metric): readonly Given[] {
  let combinations: Given[] = [{}];
  for (const label of givenLabels(metric))
    combinations = combinations.flatMap((each) =>
      (label.values ?? []).map((value) => ({ ...each, [label.name]: value })),
    );
  return combinations.map((each) => inOrder(metric, each));
}
