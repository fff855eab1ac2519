import { Registry } from 'prom-client';
import type { Catalogue } from '../catalogue/catalogue.js';
import { hashCatalogue } from '../catalogue/catalogue.js';
import type { LabelMap, Metric } from '../catalogue/metric.js';
import { exposedAs, START_LABEL } from '../catalogue/metric.js';
import { printValue } from '../problem.js';
import type { OnError } from '../report.js';
import { describeError, logError, reportOnce } from '../report.js';
import { VERSION } from '../version.js';
import type { Amount, Page } from './ledger.js';
import type { Labels, OnAnomaly, SeriesSet, SeriesState } from './series.js';
import { createSeriesSet } from './series.js';

/**
 * The labels that recording a metric needs: all but those that others decide. A missing or unknown one does not
 * compile.
 */
export type GivenLabels<M extends Metric> =
  M extends Metric<infer _K, infer _N, infer Labels extends LabelMap, infer Given>
    ? [Given] extends [never]
      ? Readonly<Record<string, never>>
      : { readonly [Name in Given & keyof Labels]: Labels[Name] }
    : never;

export interface CounterRecorder<L> {
  /**
   * Adds `value`, 0 or more, to the series of these labels. Adding 0 brings the series about: nothing happened, and
   * that is known.
   */
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
  /** The value of {@link START_LABEL} on every series; without it they have no such label. */
  readonly startId?: string | undefined;
  /**
   * Whether the exporter's own metrics are served too. Default true; false where another recording is served beside
   * this one.
   */
  readonly own?: boolean;
  readonly onError?: OnError;
}

/** The registry as one report shows it. */
export interface ShownReport<Shown> {
  readonly shown: Shown;
  /** {@link Recording.revision} of what it shows. */
  readonly revision: number;
}

export interface Recording<Metrics extends Record<string, Metric>> {
  /** The prom-client registry, and the one source of values: every way out reads it. */
  readonly registry: Registry;
  readonly record: Recorders<Metrics>;
  /** A number that changes whenever something is recorded. */
  revision(): number;
  /**
   * The registry's text, or its values, as a report of one way out shows them: under the id of that way, without what
   * earlier ids of it have delivered, and zero first where the report wants that. A query that computes differences
   * between samples would otherwise never see the value that a series began with.
   */
  read<Shown>(page: Page, read: (registry: Registry) => Promise<Shown>): Promise<ShownReport<Shown>>;
  /** The same at once, of what the registry can say at once. */
  readNow<Shown>(page: Page, read: (registry: Registry) => Shown): Shown;
}

/**
 * The greatest value that is taken, and the greatest whole number that can be counted exactly: what is above is a
 * mistake, and would spoil a sum for ever.
 */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * A prom-client registry of a catalogue's metrics, and what records into it.
 *
 * A series exists from its first recording on and not before: with Jobs, every series is one more for as long as
 * Prometheus remembers. Recording never throws. A value that the catalogue does not have is recorded as its label's
 * fallback, or else dropped; that, and a number that is none, is counted in `<system>_exporter_anomalies_total`, and
 * reported once per kind to `onError` (by default a line on stderr).
 */
export function createRecorders<Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
  options: RecordersOptions<keyof Metrics & string> = {},
): Recording<Metrics> {
  const report = reportOnce(options.onError ?? logError);
  const registry = new Registry();
  const constant: Labels = options.startId === undefined ? {} : { [START_LABEL]: options.startId };
  const state: { revision: number; page: Page | undefined } = { revision: 0, page: undefined };

  const anomalies = register(catalogue.own.anomalies, () => {});
  // These alone are there from the start: that nothing was amiss must be told from that nothing is known.
  for (const reason of catalogue.own.anomalies.labels[0]?.values ?? []) anomalies.find({ reason });
  const info = register(catalogue.own.info, () => {}).find({ hash: hashCatalogue(catalogue), version: VERSION });
  if (info !== undefined) info.value = 1;

  const handles = (Object.keys(catalogue.metrics) as (keyof Metrics & string)[]).filter(
    (each) => options.only?.includes(each) ?? true,
  );
  const record = Object.fromEntries(
    handles.map((handle) => {
      const metric = catalogue.metrics[handle];
      if (metric === undefined) throw new Error(`catalogue ${catalogue.name} has no metric ${handle}`);
      return [handle, createRecorder(metric)];
    }),
  ) as unknown as Recorders<Metrics>;

  function register(metric: Metric, onAnomaly: OnAnomaly): SeriesSet {
    const set = createSeriesSet(metric, constant, onAnomaly);
    const isOwn = metric === catalogue.own.info || metric === catalogue.own.anomalies;
    if (isOwn && options.own === false) return set;
    const isAlwaysThere = metric === catalogue.own.anomalies;
    const look = (series: SeriesState): Shown | undefined => {
      const { page } = state;
      if (page === undefined) return series;
      const amount = metric.kind === 'gauge' ? series : page.show(series, isAlwaysThere);
      return amount === undefined
        ? undefined
        : { labels: page.labels(series), value: amount.value, counts: amount.counts };
    };
    for (const exposed of exposedAs(metric))
      registry.registerMetric(toPromMetric(exposed, set, look) as unknown as Parameters<Registry['registerMetric']>[0]);
    return set;
  }

  function createRecorder(metric: Metric) {
    const { name, kind, bounds } = metric;
    const take: OnAnomaly = (anomaly, message) => {
      const counted = anomalies.find({ reason: anomaly });
      if (counted !== undefined) counted.value += 1;
      report(`${name} ${anomaly}`, message);
    };
    const set = register(metric, take);
    const guarded =
      (least: number, write: (series: SeriesState, value: number) => void) =>
      (given: Labels, value: number): void => {
        try {
          if (typeof value !== 'number' || !(value >= least && value <= MOST)) {
            take('number', `${name}: ${printValue(String(value))} is not a value of a ${kind}; it was dropped`);
            return;
          }
          const series = set.find(given);
          if (series === undefined) return;
          write(series, value);
          state.revision += 1;
        } catch (error) {
          report(`${name} ${describeError(error)}`, `${name}: ${describeError(error)}`);
        }
      };
    const add = (series: SeriesState, value: number) => {
      series.value += value;
    };
    switch (kind) {
      case 'counter':
        return { add: guarded(0, add) };
      case 'gauge':
        return {
          add: guarded(-MOST, add),
          set: guarded(-MOST, (series, value) => {
            series.value = value;
          }),
        };
      case 'histogram':
        return {
          observe: guarded(0, (series, value) => {
            let bucket = 0;
            while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
            series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
            series.value += value;
          }),
        };
    }
  }

  function readNow<Shown>(page: Page, read: (registry: Registry) => Shown): Shown {
    state.page = page;
    try {
      return read(registry);
    } finally {
      state.page = undefined;
    }
  }

  return {
    registry,
    record,
    revision: () => state.revision,
    read: async (page, read) => {
      const { revision } = state;
      // prom-client asks every metric for its values before this call returns, and awaits only then: what it asked is
      // of one moment.
      return { shown: await readNow(page, read), revision };
    },
    readNow,
  };
}

/** A series as a report shows it. */
interface Shown extends Amount {
  readonly labels: Labels;
}

/** A value as prom-client has it. */
interface PromValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric as prom-client's registry knows one: it asks for the values when somebody asks it. */
function toPromMetric(metric: Metric, set: SeriesSet, look: (series: SeriesState) => Shown | undefined) {
  const { name, help, kind: type, bounds } = metric;
  const les = [...bounds, '+Inf'];
  const valuesOf = (series: SeriesState): readonly PromValue[] => {
    const shown = look(series);
    if (shown === undefined) return [];
    const { labels, value } = shown;
    if (type !== 'histogram') return [{ labels, value }];
    let below = 0;
    const buckets = shown.counts.map((count, index) => {
      below += count;
      return { labels: { le: les[index] ?? '', ...labels }, value: below, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value, metricName: `${name}_sum` },
      { labels, value: below, metricName: `${name}_count` },
    ];
  };
  return {
    name,
    help,
    type,
    labelNames: metric.labels.map((label) => label.name),
    aggregator: 'sum',
    get: () => ({ name, help, type, aggregator: 'sum', values: set.all().flatMap(valuesOf) }),
    reset: () => set.clear(),
  };
}
