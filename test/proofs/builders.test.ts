import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { printLabels } from '../../src/lockstep/print-labels.js';
import { boundsOf } from '../../src/lockstep/promql/bounds.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  abs,
  ago,
  average,
  averageOverTime,
  bottomk,
  byCommon,
  ceil,
  changes,
  clampMax,
  clampMin,
  compare,
  count,
  datePart,
  delta,
  deriv,
  deviation,
  deviationOverTime,
  div,
  exp,
  floor,
  group,
  increase,
  instant,
  keep,
  labelReplace,
  ln,
  log2,
  log10,
  max,
  maxOverTime,
  min,
  mul,
  or,
  overSteps,
  predictLinear,
  presentOverTime,
  quantile,
  quantileOverTime,
  rate,
  round,
  secondsSince,
  select,
  sgn,
  sqrt,
  sub,
  sum,
  now as thisMoment,
  topk,
  trigonometry,
  unless,
  variance,
  withLabels,
  without,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { validateTree } from '../../src/lockstep/promql/shape.js';
import { readQuery } from '../../src/lockstep/promql/text.js';
import { DATE_FUNCTIONS, labelsOf, TARGET, TRIGONOMETRIC } from '../../src/lockstep/promql/tree.js';
import { deliver } from '../../src/lockstep/prove/delivery.js';
import { evaluate } from '../../src/lockstep/prove/evaluate.js';
import { inputInterval, recordSeries, toInput } from '../../src/lockstep/prove/world.js';
import { cluster } from '../promql/cluster.js';
import { shop } from '../shop/catalogue.js';
import { temporaryFolder } from '../temporary.js';
import { expectAgreement } from './agreement.js';

// What each builder means, computed from what happened, and what a real promtool makes of its PromQL.

const engines = inject('engines');
const { memory, pods, phases, restarts } = cluster.metrics;
const catalogue = cluster as unknown as Catalogue;
const ofA = select(memory, { pod: 'a' });
const now = sum(instant(memory), ['pod']);
const failed = sum(instant(select(phases, { phase: 'Failed' })), ['pod']);

/** Of three Pods: a rises in steps, b swings, c comes late; the infos of a and b alone are there. */
const world = deliver(
  [
    ...Array.from({ length: 60 }, (_, index) => [
      {
        step: index + 1,
        metric: memory,
        labels: { pod: 'a' },
        count: 100 + 7.3 * Math.floor(index / 5),
        value: undefined,
      },
      { step: index + 1, metric: memory, labels: { pod: 'b' }, count: 300 + 80 * Math.sin(index), value: undefined },
      ...(index < 30 ? [] : [{ step: index + 1, metric: memory, labels: { pod: 'c' }, count: 2.5, value: undefined }]),
      {
        step: index + 1,
        metric: restarts,
        labels: { pod: index % 3 === 0 ? 'a' : 'b' },
        count: index % 4,
        value: undefined,
      },
      { step: index + 1, metric: pods, labels: { pod: 'a', node: 'n1' }, count: 1, value: undefined },
      { step: index + 1, metric: pods, labels: { pod: 'b', node: 'n2' }, count: 1, value: undefined },
      ...['a', 'b', 'c'].map((pod) => ({
        step: index + 1,
        metric: phases,
        labels: { pod, phase: 'Failed' },
        count: pod === 'b' && index > 20 ? 1 : 0,
        value: undefined,
      })),
    ]).flat(),
  ],
  { stepSeconds: 60, steps: 60 },
  { type: 'process' },
);

const EXPRESSIONS: readonly (readonly [string, Vector, string])[] = [
  ['min', min(instant(memory)), 'min(memory_bytes)'],
  ['min, by a label', min(instant(phases), ['phase']), 'min by (phase) (kube_pod_status_phase)'],
  ['average', average(instant(memory)), 'avg(memory_bytes)'],
  ['count', count(instant(memory)), 'count(memory_bytes)'],
  ['group', group(instant(pods), ['node']), 'group by (node) (kube_pod_info)'],
  ['deviation', deviation(instant(memory)), 'stddev(memory_bytes)'],
  ['variance, by a label', variance(instant(phases), ['phase']), 'stdvar by (phase) (kube_pod_status_phase)'],
  ['quantile', quantile(0.4, instant(memory)), 'quantile(0.4, memory_bytes)'],
  [
    'quantile, by a label',
    quantile(0.9, instant(phases), ['phase']),
    'quantile by (phase) (0.9, kube_pod_status_phase)',
  ],
  [
    'the share that each Pod has of all',
    byCommon(now, '/', sum(instant(memory)), 'all of one memory'),
    'sum by (pod) (memory_bytes) / on () group_left () sum(memory_bytes)',
  ],
  [
    'the share that each phase has of its Pod',
    byCommon(sum(instant(phases), ['pod', 'phase']), '*', now),
    'sum by (pod, phase) (kube_pod_status_phase) * on (pod) group_left () sum by (pod) (memory_bytes)',
  ],
  ['now', thisMoment(), 'vector(time())'],
  ['the minute', datePart('minute', thisMoment()), 'minute(vector(time()))'],
  ['the year of a level', datePart('year', mul(now, 1e6)), 'year(sum by (pod) (memory_bytes) * 1000000)'],
  ...DATE_FUNCTIONS.map(
    (part) => [part, datePart(part, mul(now, 5e6)), `${part}(sum by (pod) (memory_bytes) * 5000000)`] as const,
  ),
  ...TRIGONOMETRIC.map(
    (fn) => [fn, trigonometry(fn, div(now, 1000)), `${fn}(sum by (pod) (memory_bytes) / 1000)`] as const,
  ).filter(([fn]) => fn !== 'acosh'),
  ['acosh', trigonometry('acosh', now), 'acosh(sum by (pod) (memory_bytes))'],
  ['sgn', sgn(sub(now, 200)), 'sgn(sum by (pod) (memory_bytes) - 200)'],
  [
    'count, by a label',
    count(keep(instant(phases), '>', 0), ['phase']),
    'count by (phase) (kube_pod_status_phase > 0)',
  ],
  ['sum without', sum(now, without('pod')), 'sum without (pod) (sum by (pod) (memory_bytes))'],
  [
    'max without one of two',
    max(sum(instant(phases), ['pod', 'phase']), without('pod')),
    'max without (pod) (sum by (pod, phase) (kube_pod_status_phase))',
  ],
  ['topk', topk(1, now), 'topk(1, sum by (pod) (memory_bytes))'],
  ['bottomk', bottomk(2, now), 'bottomk(2, sum by (pod) (memory_bytes))'],
  ['clampMax', clampMax(now, 120), 'clamp_max(sum by (pod) (memory_bytes), 120)'],
  [
    'clampMin of clampMax',
    clampMin(clampMax(now, 320), 110),
    'clamp_min(clamp_max(sum by (pod) (memory_bytes), 320), 110)',
  ],
  ['abs', abs(sub(now, 250)), 'abs(sum by (pod) (memory_bytes) - 250)'],
  ['ceil', ceil(now), 'ceil(sum by (pod) (memory_bytes))'],
  ['floor', floor(now), 'floor(sum by (pod) (memory_bytes))'],
  ['round', round(now), 'round(sum by (pod) (memory_bytes))'],
  ['round to 5', round(now, 5), 'round(sum by (pod) (memory_bytes), 5)'],
  ['sqrt', sqrt(now), 'sqrt(sum by (pod) (memory_bytes))'],
  ['ln', ln(now), 'ln(sum by (pod) (memory_bytes))'],
  ['log2', log2(now), 'log2(sum by (pod) (memory_bytes))'],
  ['log10', log10(now), 'log10(sum by (pod) (memory_bytes))'],
  ['exp', exp(div(now, 100)), 'exp(sum by (pod) (memory_bytes) / 100)'],
  ['changes', sum(changes(memory, '20m'), ['pod']), 'sum by (pod) (changes(memory_bytes[20m]))'],
  ['presentOverTime', sum(presentOverTime(memory, '20m')), 'sum(present_over_time(memory_bytes[20m]))'],
  [
    'quantileOverTime',
    sum(quantileOverTime(0.3, memory, '17m'), ['pod']),
    'sum by (pod) (quantile_over_time(0.3, memory_bytes[17m]))',
  ],
  [
    'deviationOverTime',
    sum(deviationOverTime(memory, '9m'), ['pod']),
    'sum by (pod) (stddev_over_time(memory_bytes[9m]))',
  ],
  ['secondsSince', max(secondsSince(instant(ofA))), 'max(time() - memory_bytes{pod="a"})'],
  ['secondsSince of a difference', secondsSince(sub(now, 5)), 'time() - (sum by (pod) (memory_bytes) - 5)'],
  [
    'withLabels',
    sum(withLabels(instant(memory), pods, { on: ['pod'], take: ['node'] }), ['node']),
    'sum by (node) (memory_bytes * on (pod) group_left (node) max by (pod, node) (kube_pod_info))',
  ],
  [
    'withLabels of a sum',
    withLabels(mul(now, 2), select(pods, { node: 'n1' }), { on: ['pod'], take: ['node'] }),
    'sum by (pod) (memory_bytes) * 2 * on (pod) group_left (node) max by (pod, node) (kube_pod_info{node="n1"})',
  ],
  [
    'unless',
    unless(now, keep(failed, '>', 0)),
    'sum by (pod) (memory_bytes) unless sum by (pod) (kube_pod_status_phase{phase="Failed"}) > 0',
  ],
  [
    'or',
    or(keep(now, '>', 310), failed),
    'sum by (pod) (memory_bytes) > 310 or sum by (pod) (kube_pod_status_phase{phase="Failed"})',
  ],
  [
    'or within unless',
    unless(now, or(keep(failed, '>', 0), keep(now, '<', 3))),
    'sum by (pod) (memory_bytes) unless (sum by (pod) (kube_pod_status_phase{phase="Failed"}) > 0 or sum by (pod) (memory_bytes) < 3)',
  ],
  ['ago', ago(now, '7m'), 'sum by (pod) (memory_bytes offset 7m)'],
  ['ago of a range', max(ago(maxOverTime(memory, '5m'), '2m')), 'max(max_over_time(memory_bytes[5m] offset 2m))'],
  ['ago of ago', ago(ago(now, '5m'), '3m'), 'sum by (pod) (memory_bytes offset 8m)'],
  [
    'how much more than a while ago',
    sub(now, ago(now, '10m')),
    'sum by (pod) (memory_bytes) - sum by (pod) (memory_bytes offset 10m)',
  ],
  ['ago of a difference', mul(ago(sub(now, 5), '10m'), 2), '(sum by (pod) (memory_bytes offset 10m) - 5) * 2'],
  ['ago of a count', ago(increase(restarts, '7m'), '5m'), 'sum(increase(restarts_total[7m] offset 5m))'],
  [
    'ago of a join',
    sum(ago(withLabels(instant(memory), pods, { on: ['pod'], take: ['node'] }), '3m'), ['node']),
    'sum by (node) (memory_bytes offset 3m * on (pod) group_left (node) max by (pod, node) (kube_pod_info offset 3m))',
  ],
  ['overSteps', overSteps('max', now, '12m', '3m'), 'max_over_time((sum by (pod) (memory_bytes))[12m:3m])'],
  [
    'overSteps, averaged',
    overSteps('avg', sub(now, 5), '13m', '4m'),
    'avg_over_time((sum by (pod) (memory_bytes) - 5)[13m:4m])',
  ],
  [
    'overSteps, counted',
    overSteps('count', now, '12m', '3m'),
    'count_over_time((sum by (pod) (memory_bytes))[12m:3m])',
  ],
  [
    'overSteps of a count',
    overSteps('sum', rate(restarts, '5m', ['pod']), '10m', '5m'),
    'sum_over_time((sum by (pod) (rate(restarts_total[5m])))[10m:5m])',
  ],
  [
    'overSteps of a while ago',
    ago(overSteps('min', now, '10m', '1m'), '4m'),
    'min_over_time((sum by (pod) (memory_bytes))[10m:1m] offset 4m)',
  ],
  [
    'labelReplace',
    sum(labelReplace(now, { into: 'kind', from: 'pod', pattern: '[ab]', replacement: 'old' }), ['kind']),
    'sum by (kind) (label_replace(sum by (pod) (memory_bytes), "kind", "old", "pod", "[ab]"))',
  ],
  [
    'labelReplace by a group in braces',
    labelReplace(now, { into: 'name', from: 'pod', pattern: '(?i)([AB])', replacement: `$$\${1}_x` }),
    `label_replace(sum by (pod) (memory_bytes), "name", "$$\${1}_x", "pod", "(?i)([AB])")`,
  ],
  [
    'labelReplace of the whole',
    labelReplace(now, { into: 'name', from: 'pod', replacement: 'pod-$1' }),
    'label_replace(sum by (pod) (memory_bytes), "name", "pod-$1", "pod", "(.*)")',
  ],
  ['delta', sum(delta(memory, '10m'), ['pod']), 'sum by (pod) (delta(memory_bytes[10m]))'],
  ['delta over much', max(delta(memory, '50m')), 'max(delta(memory_bytes[50m]))'],
  ['deriv', sum(deriv(memory, '10m'), ['pod']), 'sum by (pod) (deriv(memory_bytes[10m]))'],
  [
    'predictLinear',
    sum(predictLinear(memory, '10m', 3600), ['pod']),
    'sum by (pod) (predict_linear(memory_bytes[10m], 3600))',
  ],
  ['maxOverTime', max(maxOverTime(memory, '10m')), 'max(max_over_time(memory_bytes[10m]))'],
  [
    'a comparison of it',
    compare(average(averageOverTime(memory, '5m')), '>', 150),
    'avg(avg_over_time(memory_bytes[5m])) > bool 150',
  ],
];

const MOMENTS = [15, 25, 29, 31, 45, 59].map((minutes) => minutes * 60);

/** Runs a test of promtool, and gives what it says of what fails. */
function play(promtool: string, tests: readonly object[]): string {
  const file = join(temporaryFolder(), 'test.json');
  const input = toInput(world, 'perStart');
  writeFileSync(
    file,
    JSON.stringify({
      evaluation_interval: '1m',
      tests: [{ interval: `${inputInterval(world)}s`, input_series: input, promql_expr_test: tests }],
    }),
  );
  try {
    execFileSync(promtool, ['test', 'rules', file], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return `${(error as { stdout?: Buffer }).stdout}${(error as { stderr?: Buffer }).stderr}`;
  }
}

/** Parts of the memory, as if it were a time. */
const isOfDate = (text: string) => DATE_FUNCTIONS.some((part) => text.startsWith(`${part}(sum`));

describe.each(EXPRESSIONS)('%s', (_, { node }, text) => {
  it('is printed, is right, and is read again with the same labels', () => {
    expect(printExpression({ node })).toBe(text);
    expect(validateTree(node, 'here')).toEqual([]);
    // The memory is taken for a time, to compute with it.
    const problems = validateExpression(node, 'here', { catalogue, variables: undefined });
    expect(problems.map(({ code }) => code)).toEqual(
      text.startsWith('time()') || text.includes('(time() -') || isOfDate(text) ? ['promql/not-a-time'] : [],
    );
    const read = readQuery(catalogue, text);
    const bare = (labels: readonly string[] | undefined) =>
      [...(labels ?? [])].filter((each) => each !== TARGET).sort();
    expect([read.slips, bare(read.by)]).toEqual([[], bare(labelsOf(node))]);
  });
});

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it.each(EXPRESSIONS)('%s is what lockstep computes of it', (_, { node }, text) => {
    const { low, high } = boundsOf(node);
    const estimate = name === 'promtool 2' ? ('before 2.51' as const) : ('since 3.0' as const);
    const recorded = { series: recordSeries(world), stepSeconds: world.stepSeconds, estimate };
    let seen = 0;
    const tests = MOMENTS.map((seconds) => {
      const found = evaluate(node, recorded, seconds);
      if (typeof found === 'number') throw new Error('not a vector');
      seen += found.length;
      for (const { value } of found) {
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }
      return {
        // The last digit of a logarithm is another on another machine.
        expr: `round(${text}, 0.000001)`,
        eval_time: `${seconds}s`,
        exp_samples: found.map(({ labels, value }) => ({
          labels: printLabels(Object.fromEntries(Object.entries(labels).filter(([label]) => label !== '<process>'))),
          value: Math.floor(value * 1e6 + 0.5) / 1e6,
        })),
      };
    });
    expect(seen).toBeGreaterThan(0);
    const said = play(promtool, tests);
    expect(said).toBe('');
  });
});

/** Own counters look back by themselves. */
describe.each(['promtool 2', 'promtool 3'] as const)('counts of a while ago, on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  const { sales } = shop.metrics;
  const events = Array.from({ length: 200 }, (_, index) => ({
    step: index + 1,
    metric: sales,
    labels: { till: 'north', result: index % 7 === 0 ? 'refused' : 'paid' },
    count: index % 5,
    value: undefined,
  }));
  it.each(
    (['perStart', 'aggregated'] as const).flatMap((counting) =>
      ['process', 'restart', 'jobs'].map((type) => [counting, type] as const),
    ),
  )('are what happened then, %s, of a %s', async (counting, type) => {
    const delivery =
      type === 'jobs'
        ? { type: 'jobs' as const, length: 20 }
        : type === 'restart'
          ? { type: 'restart' as const, at: 77 }
          : { type: 'process' as const };
    const past = deliver(events, { stepSeconds: 60, steps: 200 }, delivery);
    const asked: readonly Vector[] = [
      ago(increase(sales, '10m'), '20m'),
      ago(increase(sales, '90m', ['result']), '30m'),
      ago(rate(select(sales, { result: 'refused' }), '2h'), '1h'),
    ];
    await expectAgreement(promtool, past, asked, [5400, 7260, 9000, 11_940], counting);
  });
});
