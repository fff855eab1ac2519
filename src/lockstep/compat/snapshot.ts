import type { Kind, Label, Metric, Renaming, Stability } from 'lockstep-exporter/catalogue';
import { hasLabel } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import type { Reader } from './readers.js';
import { readersOf } from './readers.js';

/**
 * The promise of a catalogue to those who read its metrics, as plain data: `lockstep docs` writes it with the
 * documentation, and `lockstep diff` compares it with the one before.
 */
export interface Snapshot {
  /** {@link SNAPSHOT_FORMAT}. */
  readonly format: number;
  readonly systems: readonly SystemSnapshot[];
}

export interface SystemSnapshot {
  readonly name: string;
  readonly metrics: readonly MetricSnapshot[];
  readonly labels: readonly LabelSnapshot[];
}

export interface MetricSnapshot {
  readonly name: string;
  readonly kind: Kind;
  readonly unit: string;
  readonly help: string;
  readonly stability: Stability;
  readonly renamedFrom?: Renaming;
  readonly labels: readonly string[];
  readonly bounds?: readonly number[];
  readonly readers: readonly ReaderSnapshot[];
}

/** A {@link Reader} without what is empty. */
export type ReaderSnapshot = Pick<Reader, 'kind' | 'title'> & Partial<Reader>;

export interface LabelSnapshot {
  readonly name: string;
  /** Left out of a label that is open. */
  readonly values?: readonly string[];
  /** The value that stands for any other, if there is one. */
  readonly fallback?: string;
  /** How many values of an open label are told apart; the others are recorded as one. */
  readonly atMost?: number;
  /** For a label that another decides: which, and its value for each of that one's. */
  readonly decidedBy?: { readonly label: string; readonly valueOf: Readonly<Record<string, string>> };
}

/** Changes whenever an older lockstep could not read what a newer one writes. */
export const SNAPSHOT_FORMAT = 1;

export function snapshotOf(systems: readonly System[]): Snapshot {
  return { format: SNAPSHOT_FORMAT, systems: systems.map(systemSnapshot) };
}

function systemSnapshot(system: System): SystemSnapshot {
  // lockstep promises the exporter's own metrics, and no catalogue does.
  const metrics = Object.values(system.catalogue.metrics);
  const labels = new Map(metrics.flatMap((metric) => metric.labels.map((label) => [label.name, label] as const)));
  return {
    name: system.catalogue.name,
    metrics: metrics.map((metric) => metricSnapshot(metric, system)),
    labels: [...labels.values()].map((label) => labelSnapshot(label, metrics)),
  };
}

function metricSnapshot(metric: Metric, system: System): MetricSnapshot {
  const { name, kind, unit, help, stability = 'stable', renamedFrom, labels, bounds } = metric;
  return {
    name,
    kind,
    unit,
    help,
    stability,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    labels: labels.map((label) => label.name),
    ...(kind === 'histogram' ? { bounds } : {}),
    readers: readersOf(metric, system).map(readerSnapshot),
  };
}

function readerSnapshot({ kind, title, board, labels, values, buckets, bounds, seconds }: Reader): ReaderSnapshot {
  return {
    kind,
    title,
    ...(board === undefined ? {} : { board }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(Object.keys(values).length === 0 ? {} : { values }),
    ...(buckets ? { buckets } : {}),
    ...(bounds.length === 0 ? {} : { bounds }),
    ...(seconds === 0 ? {} : { seconds }),
  };
}

/** A label as plain data. */
export function labelSnapshot(
  { name, values, fallback, atMost, decidedBy }: Label,
  metrics: readonly Metric[],
): LabelSnapshot {
  const isDecided = decidedBy !== undefined && metrics.some((metric) => hasLabel(metric, decidedBy.label));
  return {
    name,
    ...(values === undefined ? { atMost } : { values }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(isDecided ? { decidedBy: { label: decidedBy.label, valueOf: decidedBy.valueOf } } : {}),
  };
}
