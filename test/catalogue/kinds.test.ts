import { describe, expect, it } from 'vitest';
import type { Catalogue, Metric } from '../../src/exporter/catalogue/index.js';
import {
  defineCatalogue,
  info,
  label,
  nativeHistogram,
  stateSet,
  summary,
} from '../../src/exporter/catalogue/index.js';
import { metricsPage } from '../../src/lockstep/docs/metrics.js';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { printCatalogue } from '../../src/lockstep/import/print-catalogue.js';
import { propose } from '../../src/lockstep/import/propose.js';
import { toCatalogue } from '../../src/lockstep/import/to-catalogue.js';
import { quantityOf } from '../../src/lockstep/panels/unit-meaning.js';
import { boundsOf } from '../../src/lockstep/promql/bounds.js';
import {
  absentOverTime,
  average,
  compare,
  count,
  countOf,
  countOverTime,
  deriv,
  distribution,
  histogramQuantile,
  increase,
  instant,
  max,
  maxOverTime,
  mul,
  noneOf,
  oneOf,
  predictLinear,
  quantileOf,
  quantileOverTime,
  rate,
  ratio,
  round,
  secondsSince,
  select,
  shareAtMost,
  sqrt,
  sum,
  sumOf,
  unless,
  withLabels,
  without,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { validateTree } from '../../src/lockstep/promql/shape.js';
import { promql, readQuery } from '../../src/lockstep/promql/text.js';
import { BURN_WINDOWS_30D, defineSlo, uptime } from '../../src/lockstep/slo/index.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { compareExposition } from '../../src/lockstep/verify/metrics.js';
import { codes, problemsOf } from '../problems.js';
import { cluster } from '../promql/cluster.js';

// Summaries, native histograms, infos and state sets: others record them, and lockstep knows what each can say.

const { pods, phases, pauses, answers, memory, restarts } = cluster.metrics;
const catalogue = cluster as unknown as Catalogue;
const context = { catalogue, variables: undefined };

/** A catalogue whose quantiles its own rules would refuse. */
function defineCatalogueOf(quantiles: readonly number[]) {
  const wait = summary({ name: 'wait_seconds', help: 'W.', unit: 'seconds', labels: [], quantiles: [0.5] });
  const made = defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { wait } });
  return { ...made, metrics: { wait: { ...made.metrics.wait, quantiles } } };
}

describe('the kinds that only others record', () => {
  it.each([
    ['an info', sum(instant(pods), ['node']), 'sum by (node) (kube_pod_info)'],
    ['a state', sum(instant(select(phases, { phase: 'Failed' }))), 'sum(kube_pod_status_phase{phase="Failed"})'],
    ['a quantile', max(instant(quantileOf(pauses, 0.99))), 'max(gc_pause_seconds{quantile=~"0\\\\.99"})'],
    // One client writes 1, and another 1.0.
    [
      'the greatest value',
      max(maxOverTime(quantileOf(pauses, 1), '5m')),
      'max(max_over_time(gc_pause_seconds{quantile=~"1|1\\\\.0"}[5m]))',
    ],
    [
      'the mean of a summary',
      ratio(rate(sumOf(pauses), '5m'), rate(countOf(pauses), '5m')),
      'sum(rate(gc_pause_seconds_sum[5m])) / (sum(rate(gc_pause_seconds_count[5m])) > 0)',
    ],
    [
      'a quantile of a native histogram',
      histogramQuantile(0.95, distribution(answers, '5m', ['pod'])),
      'histogram_quantile(0.95, sum by (pod) (rate(answer_seconds[5m])))',
    ],
    [
      'the count of a native histogram',
      increase(countOf(answers), '1h', ['pod']),
      'sum by (pod) (histogram_count(increase(answer_seconds[1h])))',
    ],
    [
      'the mean of a native histogram',
      ratio(rate(sumOf(answers), '5m'), rate(countOf(answers), '5m')),
      'sum(histogram_sum(rate(answer_seconds[5m]))) / (sum(histogram_count(rate(answer_seconds[5m]))) > 0)',
    ],
    [
      'a share of a native histogram',
      shareAtMost(answers, 0.3, '5m', ['pod']),
      'histogram_fraction(-Inf, 0.3, sum by (pod) (rate(answer_seconds[5m])))',
    ],
    [
      'the absence of a native histogram',
      absentOverTime(countOf(answers), '5m'),
      'absent_over_time(answer_seconds[5m])',
    ],
  ])('%s is read by the builders', (_, expression, text) => {
    expect(validateTree(expression.node, 'here')).toEqual([]);
    expect(validateExpression(expression.node, 'here', context)).toEqual([]);
    for (const counting of ['perStart', 'aggregated'] as const)
      expect(printExpression(expression, counting)).toBe(text);
  });

  it.each<[string, { readonly node: Parameters<typeof validateExpression>[0] }, string]>([
    ['a quantile that is not there', max(instant(quantileOf(pauses, 0.95))), 'promql/no-such-quantile'],
    ['a sum of quantiles', sum(instant(quantileOf(pauses, 0.99)), ['pod']), 'promql/added-quantiles'],
    ['a summary by itself', max(instant(pauses as never)), 'promql/kind'],
    ['a rate of an info', rate(pods as never, '5m'), 'promql/kind'],
    ['a rate of a state', rate(phases as never, '5m'), 'promql/kind'],
    ['an info that is 2', compare(max(instant(pods)), '>', 1), 'promql/never-true'],
    ['a state that is 2', compare(max(instant(select(phases, { phase: 'Failed' }))), '>=', 2), 'promql/never-true'],
    ['the level of a native histogram', max(instant(answers as never)), 'promql/native-as-number'],
    ['a share of a counter', shareAtMost(restarts as never, 0.3, '5m'), 'promql/share-of-no-native'],
    ['a share above all', compare(shareAtMost(answers, 0.3, '5m'), '>', 1), 'promql/never-true'],
    ['a share at no number', shareAtMost(answers, Number.NaN, '5m'), 'promql/number'],
    ['a native histogram compared', compare(increase(answers as never, '5m'), '>', 3), 'promql/native-as-number'],
    ['how many are slow', sum(compare(instant(quantileOf(pauses, 0.5)), '>', 3)), ''],
    ['how many samples there are', sum(countOverTime(quantileOf(pauses, 0.5), '5m')), ''],
    ['a sum of quantiles in milliseconds', sum(mul(instant(quantileOf(pauses, 0.5)), 1000)), 'promql/added-quantiles'],
  ])('%s is refused', (_, expression, code) => {
    const found = validateExpression(expression.node, 'here', context).map((each) => each.code);
    expect(found).toEqual(code === '' ? [] : [code]);
  });

  it.each<[string, { readonly node: Parameters<typeof validateExpression>[0] }, readonly string[]]>([
    [
      'labels of what is no info',
      withLabels(instant(memory), memory as never, { on: ['pod'], take: ['node'] } as never),
      ['promql/kind'],
    ],
    [
      'a label to match by that one side lacks',
      withLabels(sum(instant(memory)), pods, { on: ['pod'], take: ['node'] } as never),
      ['promql/join'],
    ],
    [
      'a label to match by that the info lacks',
      withLabels(sum(instant(phases), ['phase']), pods, { on: ['phase'], take: ['node'] } as never),
      ['promql/join'],
    ],
    [
      'a label that the info does not have',
      withLabels(instant(memory), pods, { on: ['pod'], take: ['nod'] } as never),
      ['promql/join'],
    ],
    [
      'a label that is there already',
      withLabels(instant(memory), pods, { on: ['node'], take: ['pod'] } as never),
      ['promql/join', 'promql/join'],
    ],
    ['nothing to take', withLabels(instant(memory), pods, { on: ['pod'], take: [] } as never), ['promql/join']],
    [
      'a label that is not taken, grouped by',
      sum(withLabels(instant(memory), pods, { on: ['pod'], take: ['nod'] } as never), ['node'] as never),
      ['promql/join'],
    ],
    ['nothing to match by', withLabels(instant(memory), pods, { on: [], take: ['node'] } as never), ['promql/join']],
    ['a label that without does not find', sum(instant(memory), without('nod') as never), ['promql/group-by']],
    ['the time since a number of bytes', secondsSince(max(instant(memory))), ['promql/not-a-time']],
    ['a quantile in per cent', max(quantileOverTime(95, memory, '5m')), ['promql/quantile']],
    ['a look ahead of no number', max(predictLinear(memory, '5m', Number.NaN)), ['promql/number']],
    ['a round to no number', round(max(instant(memory)), Number.NaN), ['promql/number']],
    [
      'what always has a value, taken away',
      unless(max(instant(memory)), compare(max(instant(memory)), '>', 1)),
      ['promql/and-bool'],
    ],
    ['an average of quantiles', average(instant(quantileOf(pauses, 0.99))), ['promql/added-quantiles']],
    ['a count below 1', compare(count(instant(memory)), '<', 1), ['promql/never-true']],
    ['a root below 0', compare(max(sqrt(instant(pods))), '<', 1), ['promql/never-true']],
  ])('%s is refused', (_, expression, expected) => {
    expect(validateExpression(expression.node, 'here', context).map(({ code }) => code)).toEqual(expected);
  });

  it('one slip is one problem, whatever follows from it', () => {
    const wrong = defineCatalogueOf([50, 0.99]);
    const { wait } = wrong.metrics;
    const found = validateExpression(max(instant(quantileOf(wait, 0.5))).node, 'here', {
      catalogue: wrong as unknown as Catalogue,
      variables: undefined,
    });
    expect(found).toEqual([]);
    // The unit of the panel has no say in it.
    expect(quantityOf(max(instant(pauses as never)).node)).toBeUndefined();
  });

  it('a window of one step is too short for a slope', () => {
    const board = { catalogue, variables: new Map<string, string>() };
    const found = (window: '$__interval' | '$__rate_interval') =>
      validateExpression(max(deriv(memory, window)).node, 'here', board).map(({ code }) => code);
    expect(found('$__interval')).toEqual(['promql/interval-window']);
    expect(found('$__rate_interval')).toEqual([]);
  });

  it('an aggregation of a metric by itself is told how to read it', () => {
    expect(validateTree(count(pods as never).node, 'here')).toMatchObject([
      { where: 'here › of', found: 'no expression', fix: 'give one of a metric: instant(metric), rate(metric, …)' },
    ]);
    const { node } = withLabels(instant(memory), pods, { on: ['pod'], take: ['nod'] } as never);
    expect(validateExpression(node, 'here', context)).toMatchObject([{ fix: 'did you mean "node"?' }]);
  });

  it('what is no tree of the builders is told', () => {
    const { node } = withLabels(instant(memory), pods, { on: ['pod'], take: ['node'] });
    for (const wrong of [{ on: 'pod' }, { take: [1] }, { info: { type: 'number', value: 1 } }, { of: null }])
      expect(validateTree({ ...node, ...wrong }, 'here').map(({ code }) => code)).toEqual(['promql/shape']);
    const { node: rounded } = round(max(instant(memory)), 5);
    expect(validateTree({ ...rounded, parameter: '5' }, 'here').map(({ code }) => code)).toEqual(['promql/shape']);
    expect(validateTree({ ...rounded, fn: 'sine' }, 'here').map(({ code }) => code)).toEqual(['promql/shape']);
  });

  it('the bounds of each are known', () => {
    expect(boundsOf(instant(pods).node)).toEqual({ low: 1, high: 1 });
    expect(boundsOf(instant(phases).node)).toEqual({ low: 0, high: 1 });
    expect(boundsOf(sum(instant(phases)).node)).toEqual({ low: 0, high: Infinity });
    // Half of all pods that failed are more than none of them.
    const share = ratio(sum(instant(select(phases, { phase: 'Failed' }))), sum(instant(phases)));
    expect(boundsOf(share.node)).toEqual({ low: 0, high: 1 });
  });

  it('an uptime is of a single state', () => {
    const slo = (of: Parameters<typeof uptime>[0]) => () =>
      defineSlo({
        name: 'up',
        events: 'samples',
        objective: 0.99,
        window: '30d',
        sli: uptime(of, 'in which it does not run'),
        policy: BURN_WINDOWS_30D.slice(0, 1),
      });
    const found = (of: Parameters<typeof uptime>[0]) => problemsOf(slo(of)).map(({ code }) => code);
    expect(found(select(phases, { phase: 'Running' }))).toEqual([]);
    expect(found(phases)).toEqual(['slo/uptime-state']);
    expect(found(select(phases, { phase: oneOf('Running', 'Pending') }))).toEqual(['slo/uptime-state']);
    expect(found(select(phases, { phase: noneOf('Failed') }))).toEqual(['slo/uptime-state']);
  });

  it('a state set whose label has its name, or characters of patterns, is read by its label', () => {
    for (const name of ['app_state', 'a[b', 'état']) {
      const state = label(name, { help: 'S.', values: ['up', 'down'] });
      const set = stateSet({ name, help: 'S.', unit: '{app}', labels: [state], state });
      const made = defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { set } }) as unknown as Catalogue;
      const faults = (text: string) => (readQuery(made, text).faults ?? []).map(({ code }) => code);
      expect(faults(`sum({"${name}"})`)).toEqual(['promql/all-states']);
      expect(faults(`sum({"${name}", "${name}"="up"})`)).toEqual([]);
      expect(faults(`sum by ("${name}") ({"${name}"})`)).toEqual([]);
    }
  });

  it('a program of its own cannot record them', () => {
    const metrics: Record<string, Metric> = {
      a: info({ name: 'x_build_info', help: 'A.', unit: '{build}', labels: [] }),
      b: summary({ name: 'x_wait_seconds', help: 'B.', unit: 'seconds', labels: [], quantiles: [0.5] }),
      c: nativeHistogram({ name: 'x_time_seconds', help: 'C.', unit: 'seconds', labels: [] }),
    };
    expect(codes(problemsOf(() => defineCatalogue({ name: 'x', metrics })))).toEqual([
      'catalogue/kind at catalogue x › a › kind',
      'catalogue/kind at catalogue x › b › kind',
      'catalogue/kind at catalogue x › c › kind',
    ]);
  });

  it.each<[string, Metric, string]>([
    [
      'a quantile in per cent',
      summary({ name: 'a', help: 'A.', unit: 'seconds', labels: [], quantiles: [99] }),
      'catalogue/quantiles at catalogue x › a › quantiles',
    ],
    [
      'a quantile twice',
      summary({ name: 'a', help: 'A.', unit: 'seconds', labels: [], quantiles: [0.5, 0.5] }),
      'catalogue/quantiles at catalogue x › a › quantiles',
    ],
    [
      'quantiles that are none',
      summary({ name: 'a', help: 'A.', unit: 'seconds', labels: [], quantiles: ['p99'] as never }),
      'catalogue/shape at catalogue x › a › quantiles',
    ],
    [
      'a part of a summary as its name',
      summary({ name: 'a_count', help: 'A.', unit: 'seconds', labels: [], quantiles: [] }),
      'catalogue/metric-name at catalogue x › a › name',
    ],
    [
      'a state that is no label of it',
      stateSet({
        name: 'a',
        help: 'A.',
        unit: '{pod}',
        labels: [],
        state: label('phase', { help: 'P.', values: ['up'] }) as never,
      }),
      'catalogue/state at catalogue x › a › state',
    ],
    [
      'no state',
      stateSet({ name: 'a', help: 'A.', unit: '{pod}', labels: [], state: undefined as never }),
      'catalogue/state at catalogue x › a › state',
    ],
  ])('%s is refused', (_, a, code) => {
    expect(codes(problemsOf(() => defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { a } })))).toEqual([
      code,
    ]);
  });

  it('a name that a part of a summary has is taken', () => {
    const metrics = {
      a: summary({ name: 'a', help: 'A.', unit: 'seconds', labels: [], quantiles: [] }),
      b: summary({ name: 'a', help: 'A.', unit: 'seconds', labels: [], quantiles: [] }),
    };
    expect(problemsOf(() => defineCatalogue({ name: 'x', recordedBy: 'others', metrics }))).toHaveLength(3);
  });
});

describe('text that reads them', () => {
  const slips = (text: string, by: readonly string[] = []) =>
    validateExpression(promql(catalogue, text, by).node, 'here', context).map(({ code }) => code);

  it.each<[string, readonly string[], readonly string[]]>([
    ['max(gc_pause_seconds{quantile="0.99"})', [], []],
    ['max by (quantile) (gc_pause_seconds)', ['quantile'], []],
    ['max(gc_pause_seconds{quantile=~"0.5|0.99"})', [], []],
    ['max(gc_pause_seconds{quantile="0.95"})', [], ['promql/no-such-quantile']],
    ['max(gc_pause_seconds{quantile=~"0.5|0.9"})', [], ['promql/no-such-quantile']],
    ['sum(rate(gc_pause_seconds_sum[5m])) / sum(rate(gc_pause_seconds_count[5m]))', [], []],
    ['sum(rate(gc_pause_seconds_sum{quantile="0.5"}[5m]))', [], ['promql/unknown-label']],
    ['avg(gc_pause_seconds{quantile="0.99"})', [], ['promql/added-quantiles']],
    ['sum(max_over_time(gc_pause_seconds{quantile="0.99"}[1h]))', [], ['promql/added-quantiles']],
    ['avg(max by (pod) (gc_pause_seconds{quantile="0.99"}))', [], ['promql/added-quantiles']],
    ['count(gc_pause_seconds{quantile="0.99"} > 1)', [], []],
    ['sum(gc_pause_seconds{quantile="0.99"} > bool 1)', [], []],
    ['avg(gc_pause_seconds{quantile="0.5"} * 1000)', [], ['promql/added-quantiles']],
    ['avg(1000 * gc_pause_seconds{quantile="0.5"})', [], ['promql/added-quantiles']],
    ['sum(gc_pause_seconds{quantile="0.5"} > 3)', [], ['promql/added-quantiles']],
    ['sum(rate(gc_pause_seconds{quantile="0.5"}[5m]))', [], ['promql/added-quantiles']],
    ['sum(count_over_time(gc_pause_seconds{quantile="0.5"}[5m]))', [], []],
    // One Prometheus stores 1, another 1.0; nobody stores 0.50.
    ['max(gc_pause_seconds{quantile="1"})', [], ['promql/quantile-literal']],
    ['max(gc_pause_seconds{quantile="1.0"})', [], ['promql/quantile-literal']],
    ['max(gc_pause_seconds{quantile=~"1|1.0"})', [], []],
    ['max(gc_pause_seconds{quantile=~"1(\\\\.0)?"})', [], []],
    ['max(gc_pause_seconds{quantile=~"0.*"})', [], []],
    ['max(gc_pause_seconds{quantile="0.50"})', [], ['promql/no-such-quantile']],
    ['max(gc_pause_seconds{quantile=~"0.7.*"})', [], ['promql/no-such-quantile']],
    ['max(gc_pause_seconds{quantile=""})', [], ['promql/no-such-quantile']],
    ['histogram_quantile(0.9, sum(rate(answer_seconds[5m])))', [], []],
    ['histogram_count(sum(rate(answer_seconds[5m])))', [], []],
    ['sum(rate(answer_seconds_count[5m]))', [], ['promql/unknown-metric']],
    ['sum(rate(answer_seconds[5m])) > 3', [], ['promql/native-as-number']],
    ['max(answer_seconds)', [], ['promql/native-as-number']],
    ['sum(rate(answer_seconds[5m])) / sum(rate(answer_seconds[5m]))', [], ['promql/native-as-number']],
    ['histogram_quantile(0.9, sum(rate(answer_seconds[5m])) * 2)', [], []],
    ['count(answer_seconds)', [], []],
    ['sum((memory_bytes or answer_seconds) > 3)', [], []],
    ['max(max_over_time(kube_pod_info[$__interval]))', [], []],
    ['max(max_over_time(gc_pause_seconds{quantile="0.5"}[$__interval]))', [], []],
    ['memory_bytes * on (pod) group_left (node) kube_pod_info', ['pod', 'node', '<scrape target>'], []],
    // One slip is one problem, with the label that was likely meant.
    ['sum by (nod) (memory_bytes * on (pod) group_left (nod) kube_pod_info)', ['nod'], ['promql/join']],
    ['sum by (node) (memory_bytes * on (pod) group_left (nod) kube_pod_info)', ['node'], ['promql/join']],
    ['sum by (node) (memory_bytes * on (pods) group_left (node) kube_pod_info)', ['node'], ['promql/join']],
    ['sum by (node) (memory_bytes * on (node) group_left () kube_pod_info)', ['node'], ['promql/join']],
    ['sum(memory_bytes and on (pods) kube_pod_info)', [], ['promql/join']],
    ['sum(memory_bytes and ignoring (node) kube_pod_info)', [], []],
    ['sum(kube_pod_info * on (pod) group_right (node) memory_bytes)', [], []],
    ['memory_bytes', ['pod'], []],
    ['max(kube_pod_info) > 1', [], ['promql/never-true']],
    ['sum(kube_pod_status_phase{phase="Filed"})', [], ['promql/unknown-value']],
    ['max(kube_pod_status_phase{phase="Failed"}) > 1', [], ['promql/never-true']],
  ])('%s', (text, by, expected) => {
    expect(slips(text, by)).toEqual(expected);
  });

  it('a query that stood already is told of a quantile that is not there, and not of its spelling', () => {
    const codesOf = (text: string) => readQuery(catalogue, text).slips.map(({ code }) => code);
    expect(codesOf('max(gc_pause_seconds{quantile="1"})')).toEqual([]);
    expect(codesOf('max(gc_pause_seconds{quantile="0.95"})')).toEqual(['promql/no-such-quantile']);
    expect(codesOf('max(gc_pause_seconds{quantile="$quantile"})')).toEqual([]);
  });

  it.each([
    ['sum(kube_pod_status_phase)', ['promql/all-states']],
    ['sum by (phase) (kube_pod_status_phase)', []],
    ['sum without (pod) (kube_pod_status_phase)', []],
    ['sum(kube_pod_status_phase and on (pod, phase) kube_pod_status_phase)', []],
    ['sum(kube_pod_status_phase{phase="Failed"}) / sum(kube_pod_status_phase)', []],
    ['avg(gc_pause_seconds{quantile="0.99"})', ['promql/added-quantiles']],
    ['sum(rate(answer_seconds[5m])) > 3', ['promql/native-as-number']],
  ])('a query that stood already is taken, and its fault told: %s', (text, expected) => {
    const { slips: refused, faults = [] } = readQuery(catalogue, text);
    expect(refused).toEqual([]);
    expect(faults.map(({ code }) => code)).toEqual(expected);
  });
});

const PAGE = `# TYPE kube_pod_info gauge
kube_pod_info{pod="a",node="n"} 1
# TYPE kube_pod_status_phase gauge
kube_pod_status_phase{pod="a",phase="Running"} 1
kube_pod_status_phase{pod="a",phase="Failed"} 0
# TYPE gc_pause_seconds summary
gc_pause_seconds{pod="a",quantile="0"} 0.1
gc_pause_seconds{pod="a",quantile="0.5"} 0.1
gc_pause_seconds{pod="a",quantile="0.99"} NaN
gc_pause_seconds{pod="a",quantile="1"} 0.3
gc_pause_seconds_sum{pod="a"} 3
gc_pause_seconds_count{pod="a"} 9
# TYPE answer_seconds histogram
answer_seconds_bucket{pod="a",le="+Inf"} 9
answer_seconds_sum{pod="a"} 3
answer_seconds_count{pod="a"} 9
# TYPE memory_bytes gauge
memory_bytes{pod="a"} 9
# TYPE restarts_total counter
restarts_total{pod="a"} 9
`;

describe('a page that has them', () => {
  const mismatches = (page: string) =>
    compareExposition(catalogue, parseExposition(page)).map(({ rule, metric, found }) => [rule, metric, found]);

  it('is as the catalogue says', () => {
    expect(mismatches(PAGE)).toEqual([]);
  });

  it.each([
    ['kube_pod_info{pod="a",node="n"} 1', 'kube_pod_info{pod="a",node="n"} 0', 'verify/value', '0, where an info is 1'],
    ['phase="Failed"} 0', 'phase="Failed"} 3', 'verify/value', '3, where a state is 1 or 0'],
    ['phase="Failed"', 'phase="failed"', 'verify/value', 'phase="failed"'],
    ['quantile="0.99"', 'quantile="0.9"', 'verify/bounds', 'the quantile "0.9"'],
    ['# TYPE gc_pause_seconds summary', '# TYPE gc_pause_seconds histogram', 'verify/type', 'a histogram'],
    ['# TYPE answer_seconds histogram', '# TYPE answer_seconds summary', 'verify/type', 'a summary'],
    ['# TYPE kube_pod_info gauge', '# TYPE kube_pod_info counter', 'verify/type', 'a counter'],
  ])('is told where %s is %s', (before, after, rule, found) => {
    const [first] = mismatches(PAGE.replace(before, after));
    expect([first?.[0], first?.[2]]).toEqual([rule, found]);
  });

  it('is told where a quantile is missing', () => {
    const page = PAGE.replace('gc_pause_seconds{pod="a",quantile="1"} 0.3\n', '');
    expect(mismatches(page)).toEqual([['verify/bounds', 'gc_pause_seconds', 'no quantile 1']]);
  });
});

const OPENMETRICS = `# TYPE target info
target_info{version="1"} 1
# TYPE door stateset
door{house="a",door="open"} 1
door{house="a",door="shut"} 0
# TYPE kube_pod_status_phase stateset
kube_pod_status_phase{pod="a",phase="Running"} 1
kube_pod_status_phase{pod="a",phase="Failed"} 0
kube_pod_status_phase{pod="b",phase="Running"} 0
kube_pod_status_phase{pod="b",phase="Failed"} 1
kube_pod_status_phase{pod="c",phase="Running"} 1
kube_pod_status_phase{pod="c",phase="Failed"} 0
# TYPE go info
go_info{go="1.26"} 1
# TYPE odd stateset
odd{side="a"} 1
odd{side="b"} 1
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} 1
rpc_seconds{quantile="0.9"} 1
rpc_seconds_sum 3
rpc_seconds_count 3
# TYPE bare_seconds summary
bare_seconds_sum 3
bare_seconds_count 3
# EOF
`;

describe('a catalogue that has a native histogram', () => {
  it('is proposed nothing for what a page shows of it', () => {
    const found = findMetrics(parseExposition(PAGE), 'page');
    const told = propose(catalogue, found).findings.map(({ id, where }) => `${id} ${where}`);
    expect(told.filter((each) => each.includes('answer_seconds'))).toEqual([]);
  });
});

describe('an import of them', () => {
  const found = findMetrics(parseExposition(OPENMETRICS), 'page');

  it('takes each as it is', () => {
    expect(found.findings).toEqual([]);
    expect(found.metrics.map(({ name, kind, quantiles, state }) => [name, kind, quantiles ?? state])).toEqual([
      ['target_info', 'info', undefined],
      ['door', 'stateSet', 'door'],
      ['kube_pod_status_phase', 'stateSet', 'phase'],
      ['go_info', 'info', undefined],
      ['odd', 'gauge', undefined],
      ['rpc_seconds', 'summary', [0.5, 0.9]],
      ['bare_seconds', 'summary', []],
    ]);
  });

  it('makes a catalogue that the page agrees with, and proposes nothing for it', () => {
    const made = toCatalogue(found, 'x', {}, []);
    expect(compareExposition(made, parseExposition(OPENMETRICS))).toEqual([]);
    expect(propose(made, found).findings).toEqual([]);
    expect(printCatalogue(found, { name: 'x', scope: {} })).toMatchSnapshot();
    expect(metricsPage([{ catalogue: made, dashboards: [], alerts: [] }])).toContain('Its quantiles: 0.5, 0.9.');
  });

  it('reads a gauge of the text format as an info where it is one', () => {
    const kinds = (page: string) => findMetrics(parseExposition(page), 'page').metrics.map(({ kind }) => kind);
    expect(kinds('# TYPE node_info gauge\nnode_info{v="1"} 1\n')).toEqual(['info']);
    expect(kinds('# TYPE node_info gauge\nnode_info{v="1"} 7\n')).toEqual(['gauge']);
    expect(kinds('# TYPE node gauge\nnode{v="1"} 1\n')).toEqual(['gauge']);
  });

  it('says where the quantiles are others, and takes the counters of an earlier import as they are', () => {
    const before = findMetrics(parseExposition(OPENMETRICS.replace('quantile="0.9"', 'quantile="0.99"')), 'page');
    expect(propose(toCatalogue(before, 'x', {}, []), found).findings.map(({ id }) => id)).toEqual([
      'import/other-quantiles',
    ]);
    const counters = findMetrics(
      parseExposition(
        '# TYPE rpc_seconds_sum counter\nrpc_seconds_sum 3\n# TYPE rpc_seconds_count counter\nrpc_seconds_count 3\n',
      ),
      'page',
    );
    const only = { ...found, metrics: found.metrics.filter(({ name }) => name === 'rpc_seconds') };
    expect(propose(toCatalogue(counters, 'x', {}, []), only).findings).toEqual([]);
  });
});
