import { randomBytes } from 'node:crypto';
import { START_LABEL } from '../catalogue/metric.js';
import type { Labels, SeriesState } from './series.js';

/**
 * After a silence longer than this a way out goes on under a new id: 45 minutes. Queries look for a series' value
 * before a window for an hour; the rest is margin for the way to the store and for an interval between two reports.
 */
export const LONGEST_SILENCE_MS = 45 * 60_000;

/** The count of a series: of a counter its value, of a histogram its sum and its buckets. */
export interface Amount {
  readonly value: number;
  readonly counts: readonly number[];
}

/**
 * One report of everything, under one id. All series are asked for at one moment, and delivered together or not at all.
 */
export interface Page {
  readonly startId: string;
  /** Whether no series was shown at zero because it was the first time. */
  whole(): boolean;
  /** The labels of a series in this report. */
  labels(series: SeriesState): Labels;
  /**
   * The count that this report shows of a series; nothing if earlier ids have said all of it, unless it is always to be
   * there.
   */
  show(series: SeriesState, always: boolean): Amount | undefined;
  /** Says that the other side has it. A report that only may have arrived is not delivered. */
  delivered(): void;
}

/**
 * One way out's account of the counts that it has delivered, and under which id.
 *
 * A series that was silent for longer than queries look back, and then goes on, would be counted again from its start.
 * So a way out that delivered nothing for that long goes on under a new id, which carries only what the ids before have
 * not delivered: nothing is lost, and nothing is counted twice.
 */
export interface Ledger {
  /**
   * Begins a report, under a new id if the silence was too long. With `zeroFirst` a series that this id has not shown
   * is shown at zero.
   */
  open(options: { readonly zeroFirst: boolean }): Page;
  /** Goes on under a new id. */
  roll(): void;
}

/**
 * By the wall's clock, which may be set, and by one that may not, but stands still while a laptop sleeps. The longer
 * time counts.
 */
interface Moment {
  readonly wall: number;
  readonly steady: number;
}
const now = (): Moment => ({ wall: Date.now(), steady: performance.now() });
const since = ({ wall, steady }: Moment): number => Math.max(Date.now() - wall, performance.now() - steady);

/** @param firstId the id until the first silence */
export function createLedger(firstId: string): Ledger {
  let startId = firstId;
  /** The count of each series that the ids before this one have delivered. */
  let baseline: ReadonlyMap<SeriesState, Amount> = new Map();
  /** The count of each series that all ids together have delivered. */
  const delivered = new Map<SeriesState, Amount>();
  let announced = new WeakSet<SeriesState>();
  /** When the last report was made that this id delivered. */
  let heard: Moment | undefined;
  let opened = 0;
  let newest = 0;

  function roll(): void {
    startId = randomBytes(6).toString('hex');
    baseline = new Map(delivered);
    announced = new WeakSet();
    heard = undefined;
  }

  function open({ zeroFirst }: { readonly zeroFirst: boolean }): Page {
    if (heard !== undefined && since(heard) > LONGEST_SILENCE_MS) roll();
    opened += 1;
    const order = opened;
    const made = now();
    const id = startId;
    const shown = new Map<SeriesState, Amount | undefined>();
    /** The count of each series, from all ids, that the other side has once it has this report. */
    const totals = new Map<SeriesState, Amount>();
    let whole = true;

    function look(series: SeriesState, always: boolean): Amount | undefined {
      const before = baseline.get(series);
      const total = { value: series.value, counts: [...series.counts] };
      const rest = before === undefined ? total : less(total, before);
      const isNew = !announced.has(series);
      if (isZero(rest) && before !== undefined && !always) {
        totals.set(series, total);
        return undefined;
      }
      announced.add(series);
      if (isNew && zeroFirst && !isZero(rest)) {
        whole = false;
        totals.set(series, before ?? less(total, total));
        return less(rest, rest);
      }
      totals.set(series, total);
      return rest;
    }

    return {
      startId: id,
      whole: () => whole,
      labels: ({ labels }) =>
        labels[START_LABEL] === undefined || labels[START_LABEL] === id ? labels : { ...labels, [START_LABEL]: id },
      show: (series, always) => {
        // A metric that is being renamed is asked for its series twice, and says the same of both names.
        if (!shown.has(series)) shown.set(series, look(series, always));
        return shown.get(series);
      },
      delivered: () => {
        // Of two reports that arrive in the other order the later one said more.
        if (id !== startId || order < newest) return;
        newest = order;
        heard = made;
        for (const [series, total] of totals) delivered.set(series, total);
      },
    };
  }

  return { open, roll };
}

function less(total: Amount, before: Amount): Amount {
  return {
    value: total.value - before.value,
    counts: total.counts.map((count, index) => count - (before.counts[index] ?? 0)),
  };
}

function isZero({ value, counts }: Amount): boolean {
  return value === 0 && counts.every((count) => count === 0);
}
