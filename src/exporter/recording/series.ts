import type { Label } from '../catalogue/label.js';
import type { Metric } from '../catalogue/metric.js';
import { decidedValue, givenLabels } from '../catalogue/metric.js';
import { printValue, suggest } from '../problem.js';

/** Label values as they are given, or all of them. */
export type Labels = Readonly<Record<string, string>>;

/** One series of a counter or a gauge; one set of series of a histogram. */
export interface SeriesState {
  /** All labels, in the order in which the metric declares them. */
  readonly labels: Labels;
  /** The value of a counter or gauge, and the sum of the observations of a histogram. */
  value: number;
  /**
   * The observations of a histogram that lie in each bucket and in no lower one, `+Inf` last; empty for other kinds.
   */
  readonly counts: number[];
}

/** Why a recording was not taken as it came. */
export type Anomaly = 'number' | 'label' | 'overflow';
export type OnAnomaly = (anomaly: Anomaly, message: string) => void;

/** The series of one metric: found by what a recorder gives, made when they are first needed. */
export interface SeriesSet {
  /**
   * `undefined` if a label has a value that cannot be, which has then been told. @throws whatever hostile labels throw
   */
  find(given: Labels): SeriesState | undefined;
  all(): readonly SeriesState[];
  clear(): void;
}

/** Stands for a value of an open label that is one too many, or that is not a name. */
const OVERFLOW = 'unknown';
/** Longer than any name, in UTF-16 units; a label value is kept for as long as the process lives. */
const LONGEST_VALUE = 200;

/** @param constant labels that every series has, after those of the metric */
export function createSeriesSet(metric: Metric, constant: Labels, onAnomaly: OnAnomaly): SeriesSet {
  const given = givenLabels(metric);
  const names = given.map((label) => label.name);
  const known = given.map((label) => (label.values === undefined ? undefined : new Set<string>(label.values)));
  const opened = given.map(() => new Set<string>());
  let all: SeriesState[] = [];
  /** By the first label's value, then the second's, and so on: no text is put together to find a series. */
  let root: Branch = new Map();

  function find(labels: Labels): SeriesState | undefined {
    let node: Branch | SeriesState | undefined = root;
    for (const name of names) {
      node = (node as Branch).get(labels[name] as string);
      if (node === undefined) return miss(labels);
    }
    return node === root ? miss(labels) : (node as SeriesState);
  }

  function miss(labels: Labels): SeriesState | undefined {
    const values: string[] = [];
    for (const [index, label] of given.entries()) {
      const value = resolve(label, index, labels?.[label.name]);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return at(values) ?? plant(values);
  }

  function resolve(label: Label, index: number, value: unknown): string | undefined {
    const values = known[index];
    if (typeof value === 'string') {
      if (values === undefined) return open(label, index, value);
      if (values.has(value)) return value;
    }
    if (label.fallback !== undefined) return label.fallback;
    const other = [...(values ?? [])];
    const advice = values === undefined ? 'give a text' : suggest(String(value), other, `it has ${other.join(', ')}`);
    onAnomaly(
      'label',
      `${metric.name}: ${label.name}=${printValue(value)} is not a value of this label and was dropped; ${advice}`,
    );
    return undefined;
  }

  function open(label: Label, index: number, value: string): string {
    const seen = opened[index];
    if (seen === undefined || seen.has(value)) return value;
    // One place is kept for the overflow, so that the budget holds with it.
    if (seen.size < Math.max(1, label.atMost - 1) && value.length <= LONGEST_VALUE && !/\p{Surrogate}/u.test(value)) {
      seen.add(value);
      return value;
    }
    onAnomaly(
      'overflow',
      `${metric.name}: more values of ${label.name} than the ${label.atMost} that the catalogue expects, ` +
        `or one that is too long; recorded as ${OVERFLOW}`,
    );
    return label.fallback ?? OVERFLOW;
  }

  function at(values: readonly string[]): SeriesState | undefined {
    let node: Branch | SeriesState | undefined = root;
    for (const value of values) node = (node as Branch | undefined)?.get(value);
    return values.length === 0 ? all[0] : (node as SeriesState | undefined);
  }

  function plant(values: readonly string[]): SeriesState {
    const own = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
    const labels: Record<string, string> = {};
    for (const label of metric.labels) labels[label.name] = own[label.name] ?? decidedValue(label, own);
    const counts = metric.kind === 'histogram' ? new Array<number>(metric.bounds.length + 1).fill(0) : [];
    const series = { labels: { ...labels, ...constant }, value: 0, counts };
    all.push(series);
    let branch = root;
    for (const [index, value] of values.entries())
      if (index === values.length - 1) branch.set(value, series);
      else {
        const next = (branch.get(value) as Branch | undefined) ?? new Map();
        branch.set(value, next);
        branch = next;
      }
    return series;
  }

  return {
    find: names.length === 0 ? () => all[0] ?? plant([]) : find,
    all: () => all,
    clear: () => {
      all = [];
      root = new Map();
      for (const seen of opened) seen.clear();
    },
  };
}

type Branch = Map<string, Branch | SeriesState>;
