import type { Metric } from 'lockstep-exporter/catalogue';
import type { MetricEvent } from 'lockstep-exporter/internal';
import {
  formerMetric,
  hasLabel,
  isQuotedLabel,
  isQuotedMetric,
  SHARD_LABEL,
  START_LABEL,
} from 'lockstep-exporter/internal';
import type { Counting, Part } from '../promql/tree.js';
import { histogramsAmong, samplesOf, upperBoundOf } from './native.js';
import type { RecordedSeries } from './series.js';

/** The events of a process of a world: {@link MetricEvent.process} is an index into {@link World.processes}. */
export interface WorldEvent extends MetricEvent {
  /** A bucket that this process does not have: its catalogue is an older one. */
  readonly withoutBound?: number | undefined;
  /** The quantile of a summary that {@link MetricEvent.count} is the level of; without one it is an observation. */
  readonly quantile?: number | undefined;
}

/** A process reports at every step from its first to its last, what it has counted until then. */
export interface Process {
  readonly first: number;
  readonly last: number;
}

/** Something that happened: processes, and what they counted when. Time runs in steps. */
export interface World {
  readonly stepSeconds: number;
  readonly steps: number;
  readonly processes: readonly Process[];
  readonly events: readonly WorldEvent[];
}

/**
 * When the sample of a step is taken, in seconds: a third of a step before the step's end, so that none ever lies on
 * the edge of a window.
 */
export function sampleSeconds(step: number, stepSeconds: number): number {
  return (step - 1 / 3) * stepSeconds;
}

const recorded = new WeakMap<World, readonly RecordedSeries[]>();

/** Every series that the processes of a world report. A series is born with its first event. */
export function recordSeries(world: World): readonly RecordedSeries[] {
  // The judge reads them, and so does promtool.
  const known = recorded.get(world) ?? record(world);
  recorded.set(world, known);
  return known;
}

/** The labels of an event that its metric has, and one text of them. */
interface OwnLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly key: string;
}

function record(world: World): readonly RecordedSeries[] {
  // Traffic is one set of labels at thousands of steps.
  const ownLabels = new Map<WorldEvent['labels'], Map<Metric, OwnLabels>>();
  const ownOf = ({ metric, labels }: WorldEvent): OwnLabels => {
    const byMetric = ownLabels.get(labels) ?? new Map<Metric, OwnLabels>();
    ownLabels.set(labels, byMetric);
    const known = byMetric.get(metric);
    if (known !== undefined) return known;
    const own = Object.entries(labels)
      .filter(([name]) => hasLabel(metric, name))
      .sort();
    const made = { labels: Object.fromEntries(own), key: JSON.stringify([metric.name, own]) };
    byMetric.set(metric, made);
    return made;
  };
  const found = new Map<string, { series: Omit<RecordedSeries, 'values'>; changes: Map<number, number> }>();
  const note = (event: WorldEvent, part: Part, bound: number | undefined, amount: number) => {
    const { process, metric, step } = event;
    const own = ownOf(event);
    const key = `${process} ${part} ${bound} ${own.key}`;
    let entry = found.get(key);
    if (entry === undefined) {
      const { first = step, last = world.steps } = world.processes[process] ?? {};
      // Who anchors says that a counter is there at 0 before it counts.
      const born = metric.foreign?.isAnchored === true && !isSeriesOfLevels({ metric, part }) ? first : step;
      const series = { metric, part, labels: own.labels, bound, process, first: born, last };
      entry = { series, changes: new Map() };
      found.set(key, entry);
    }
    if (step < entry.series.first) entry.series = { ...entry.series, first: step };
    entry.changes.set(step, (entry.changes.get(step) ?? 0) + amount);
  };
  for (const event of world.events) {
    const { kind } = event.metric;
    if (!MEASURING.includes(kind) || event.quantile !== undefined) {
      note(event, '', event.quantile, event.count);
      continue;
    }
    const value = event.value ?? 0;
    if (kind === 'nativeHistogram') note(event, '_bucket', upperBoundOf(value), event.count);
    for (const bound of kind === 'histogram' ? [...event.metric.bounds, Infinity] : [])
      if (bound !== event.withoutBound) note(event, '_bucket', bound, value <= bound ? event.count : 0);
    note(event, '_count', undefined, event.count);
    note(event, '_sum', undefined, event.count * value);
  }
  return [...found.values()].map(({ series, changes }) => {
    const values: number[] = [];
    let total = 0;
    for (let step = series.first; step <= series.last; step++) {
      const change = changes.get(step);
      if (change !== undefined) total = isSeriesOfLevels(series) ? change : total + change;
      values.push(total);
    }
    return { ...series, values };
  });
}

const MEASURING: readonly Metric['kind'][] = ['histogram', 'nativeHistogram', 'summary'];

function isSeriesOfLevels({ metric, part }: Pick<RecordedSeries, 'metric' | 'part'>): boolean {
  return part === '' && metric.kind !== 'counter';
}

/**
 * The names under which a process has a metric. Of one that is being renamed: both; and only the former, of a process
 * that is not the last, which then is one of before the renaming.
 */
function namesOf({ metric, process }: RecordedSeries, { processes }: World): readonly string[] {
  const former = formerMetric(metric);
  if (former === undefined) return [metric.name];
  return process < processes.length - 1 ? [former.name] : [metric.name, former.name];
}

/** Tells the processes of others apart; a label that scraping adds and that no catalogue declares. */
const INSTANCE_LABEL = 'proof_instance';

/** A series in the notation of promtool's rule tests. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** Samples per step in the input: nothing, the total before a report where reports are added up, the sample. */
const SLOTS = 3;

/** How far apart the input's samples are, in seconds. */
export function inputInterval(world: World): number {
  return world.stepSeconds / SLOTS;
}

/**
 * The series of a world as promtool takes them. With `perStart` each process has its own, told apart by the start
 * label. With `aggregated` the process is the collector's, and each report stands there as the total before it and the
 * total after it.
 */
export function toInput(world: World, counting: Counting): readonly InputSeries[] {
  const series = recordSeries(world);
  const natives = new Map(histogramsAmong(series).map((parts) => [parts.count, samplesOf(parts)]));
  return series.flatMap((each) => {
    const isNative = each.metric.kind === 'nativeHistogram';
    // Its parts lie in the samples of one series.
    if (isNative && each.part !== '_count') return [];
    const isGauge = isSeriesOfLevels(each);
    const isForeign = each.metric.foreign !== undefined;
    const isAddedUp = counting === 'aggregated' && !isGauge && !isForeign;
    // Each process of others is a target of its own.
    const own = isForeign ? INSTANCE_LABEL : isAddedUp ? SHARD_LABEL : START_LABEL;
    const labels = {
      ...each.labels,
      ...(each.bound === undefined
        ? {}
        : { [each.part === '' ? 'quantile' : 'le']: each.bound === Infinity ? '+Inf' : String(each.bound) }),
      // Of others it may be a label of the catalogue.
      ...(each.labels['job'] === undefined ? { job: 'proof' } : {}),
      [own]: `p${each.process}`,
    };
    const text = Object.entries(labels)
      .map(
        ([name, value]) => `${isQuotedLabel(name) ? JSON.stringify(name) : name}="${value.replace(/[\\"]/g, '\\$&')}"`,
      )
      .join(', ');
    // Index 0 is the moment before the first step; the sample of step k is the last but one of its three slots' end:
    // 3k - 1.
    const slots: string[] = [];
    const skip = (count: number) => {
      if (count > 0) slots.push(count === 1 ? '_' : `_x${count}`);
    };
    skip(SLOTS * (each.first - 1) + 1);
    let before = 0;
    for (const sample of natives.get(each) ?? []) slots.push('_', sample, '_');
    for (const value of isNative ? [] : each.values) {
      if (isAddedUp) slots.push(String(before), String(value), '_');
      else slots.push('_', String(value), '_');
      before = value;
    }
    return namesOf(each, world).map((base) => {
      const name = isNative ? base : `${base}${each.part}`;
      const series = isQuotedMetric(name) ? `{${JSON.stringify(name)}, ${text}}` : `${name}{${text}}`;
      return { series, values: slots.join(' ') };
    });
  });
}
