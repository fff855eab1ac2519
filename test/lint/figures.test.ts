import { describe, expect, it } from 'vitest';
import { cloudgov } from '../../dashboards/cloudgov-catalogue.js';
import { defineCatalogue, histogram } from '../../src/exporter/catalogue/index.js';
import type { System } from '../../src/lockstep/config/index.js';
import { percentOfShare } from '../../src/lockstep/lint/rules/percent-of-share.js';
import { wideBucket } from '../../src/lockstep/lint/rules/wide-bucket.js';
import type { GroupAlert, Subject } from '../../src/lockstep/lint/subject.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  buckets,
  compare,
  countAtMost,
  div,
  histogramQuantile,
  increase,
  instant,
  keep,
  max,
  mul,
  rate,
  select,
  sum,
} from '../../src/lockstep/promql/index.js';

const { quota, scans } = cloudgov.metrics;

describe('a share that is compared with a percentage', () => {
  const remarks = (expression: Vector) => {
    const alert = { definition: { node: expression.node } } as unknown as GroupAlert;
    return percentOfShare.alert?.(alert, {} as never, {} as Subject).map(({ found, fix }) => `${found}; ${fix}`);
  };

  it.each<[string, Vector, readonly string[]]>([
    [
      'a gauge in ratio',
      compare(max(instant(quota)), '>=', 90),
      ['a share compared with 90, which is 9000%; write 0.9'],
    ],
    [
      'as a value that is kept',
      keep(max(instant(quota)), '>', 80),
      ['a share compared with 80, which is 8000%; write 0.8'],
    ],
    ['the share itself', compare(max(instant(quota)), '>=', 0.9), []],
    ['a limit that is overrun', compare(max(instant(quota)), '>=', 1.5), []],
    ['a percentage of a percentage', compare(mul(max(instant(quota)), 100), '>=', 90), []],
    ['a burn rate', compare(div(max(instant(quota)), max(instant(quota))), '>', 14.4), []],
    ['a sum over many', compare(sum(instant(quota)), '>', 12), []],
    ['a count', compare(increase(scans, '1h'), '>=', 90), []],
    ['a quotient of two counts', compare(div(increase(scans, '1h'), increase(scans, '2h')), '>=', 90), []],
  ])('%s', (_, expression, expected) => {
    expect(remarks(expression)).toEqual(expected);
  });
});

describe('a quantile of a bucket that is too wide to tell', () => {
  const wait = (bounds: readonly [number, ...number[]]) =>
    histogram({ name: 'hall_wait_seconds', help: 'Waits.', unit: 'seconds', labels: [], bounds });

  function remarks(bounds: readonly [number, ...number[]], read: (of: ReturnType<typeof wait>) => Vector) {
    const metric = wait(bounds);
    const catalogue = defineCatalogue({ name: 'hall', metrics: { wait: metric } });
    const panel = { queries: [{ node: read(metric).node }] };
    const system = { catalogue, dashboards: [{ rows: [{ panels: [panel] }] }], alerts: [] } as unknown as System;
    return wideBucket.system?.(system, {} as Subject).map(({ found }) => found);
  }
  const text = (promql: string) => ({ node: { type: 'text', text: promql, reads: [] } }) as unknown as Vector;
  const p95 = (of: ReturnType<typeof wait>) => histogramQuantile(0.95, rate(buckets(select(of, {})), '5m', ['le']));

  it.each<[string, readonly [number, ...number[]], (of: ReturnType<typeof wait>) => Vector, readonly string[]]>([
    [
      'from 1 to 10',
      [0.5, 1, 10],
      p95,
      ['a quantile of it cannot tell 2 from 10 seconds: no bound lies between 1 and 10'],
    ],
    ['the widest of two', [1, 10, 1000], p95, [expect.stringContaining('between 10 and 1000')] as never],
    ['the defaults of client libraries', [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], p95, []],
    ['a first bucket, which begins at 0', [10, 20], p95, []],
    [
      'in text',
      [1, 10],
      () => text('histogram_quantile(0.9, sum by (le) (rate(hall_wait_seconds_bucket[5m])))'),
      [expect.stringContaining('between 1 and 10')] as never,
    ],
    [
      'a quantile of another, in text',
      [1, 10],
      () =>
        text(
          'histogram_quantile(0.9, sum by (le) (rate(b_bucket[5m]))) + hall_wait_seconds_bucket # histogram_quantile(',
        ),
      [],
    ],
    ['no quantile', [1, 10], (of) => sum(increase(countAtMost(of, 1), '5m')), []],
  ])('%s', (_, bounds, read, expected) => {
    expect(remarks(bounds, read)).toEqual(expected);
  });
});
