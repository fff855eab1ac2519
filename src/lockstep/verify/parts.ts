import type { Metric } from 'lockstep-exporter/catalogue';
import { printLabels } from '../print-labels.js';
import { printNumber } from '../promql/print.js';
import type { ExposedSample } from './exposition.js';
import { readNumber } from './page.js';

/** A fault in the series of one metric, each of which is right by itself. */
export interface PartFault {
  readonly rule: 'verify/duplicate' | 'verify/parts';
  readonly line: number;
  readonly found: string;
  readonly fix: string;
}

/** Faults that Prometheus takes without a word, and that make queries of the metric wrong. */
export function faultsOfParts(metric: Metric, samples: readonly ExposedSample[]): readonly PartFault[] {
  return [...duplicates(samples), ...partsFaults(metric, samples)];
}

function duplicates(samples: readonly ExposedSample[]): readonly PartFault[] {
  const first = new Map<string, number>();
  return samples.flatMap(({ name, labels, line, time = '' }): readonly PartFault[] => {
    const key = `${name}${keyOf(labels)}${time}`;
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, line);
      return [];
    }
    return [
      {
        rule: 'verify/duplicate',
        line,
        found: `a second sample of a series that stands in line ${before}`,
        fix: 'expose each series once: Prometheus keeps the first sample and drops the other, and scrapes on',
      },
    ];
  });
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** The series of a histogram or summary that belong together: those of one set of labels. */
interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: number;
  readonly buckets: { readonly le: number; readonly value: number; readonly line: number }[];
  quantiles: number;
  count: number | undefined;
  sum: number | undefined;
}

function partsFaults(metric: Metric, samples: readonly ExposedSample[]): readonly PartFault[] {
  const { kind, name } = metric;
  if (kind !== 'histogram' && kind !== 'summary') return [];
  return groupsOf(name, samples).flatMap(({ labels, line, buckets, quantiles, count, sum }) => {
    const faults: PartFault[] = [];
    const of = Object.keys(labels).length === 0 ? '' : ` of ${printLabels(labels)}`;
    const say = (at: number, found: string, fix: string) => faults.push({ rule: 'verify/parts', line: at, found, fix });
    const sorted = buckets.filter(({ le }) => !Number.isNaN(le)).sort((a, b) => a.le - b.le);
    const most = sorted.at(-1);
    if (kind === 'summary' && quantiles === 0 && (count === undefined || sum === undefined)) return [];
    if (kind === 'histogram' && most === undefined)
      say(line, `no buckets${of}`, 'expose them: quantiles and latency objectives read them');
    if (most !== undefined && most.le !== Infinity)
      say(most.line, `no bucket up to +Inf${of}`, 'expose it: without it Prometheus computes no quantile');
    if (count === undefined) say(line, `no ${name}_count${of}`, 'expose it: rates and shares of observations read it');
    // Where values can be negative, OpenMetrics has no sum: it would go down.
    const canFall = (sorted[0]?.le ?? 0) < 0;
    if (sum === undefined && !canFall) say(line, `no ${name}_sum${of}`, 'expose it: means read it');
    const falling = sorted.find(({ value }, index) => value < (sorted[index - 1]?.value ?? value));
    const before = falling === undefined ? undefined : sorted[sorted.indexOf(falling) - 1];
    if (falling !== undefined && before !== undefined)
      say(
        falling.line,
        `${printNumber(falling.value)} up to ${printNumber(falling.le)}, and ${printNumber(before.value)} up to ${printNumber(before.le)}${of}`,
        'let each bucket count all observations up to its bound, those of the buckets below too',
      );
    else if (most?.le === Infinity && count !== undefined && most.value !== count)
      say(
        most.line,
        `${printNumber(most.value)} up to +Inf, and ${printNumber(count)} in ${name}_count${of}`,
        'count each observation in both',
      );
    return faults;
  });
}

function groupsOf(metric: string, samples: readonly ExposedSample[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { name, labels: all, line, value = Number.NaN } of samples) {
    const { le, quantile, ...labels } = all;
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, line, buckets: [], quantiles: 0, count: undefined, sum: undefined };
    groups.set(key, group);
    if (name === `${metric}_bucket`)
      group.buckets.push({ le: le === undefined ? Number.NaN : readNumber(le), value, line });
    else if (name === `${metric}_count`) group.count = value;
    else if (name === `${metric}_sum`) group.sum = value;
    else if (quantile !== undefined) group.quantiles += 1;
  }
  return [...groups.values()];
}
