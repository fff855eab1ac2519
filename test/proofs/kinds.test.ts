import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { absenceRule, alertRule, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, query } from '../../src/lockstep/panels/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  compare,
  countOf,
  distribution,
  histogramQuantile,
  increase,
  instant,
  max,
  quantileOf,
  rate,
  ratio,
  select,
  sum,
  sumOf,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { cluster } from '../promql/cluster.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// Infos, state sets, summaries and native histograms, as a real promtool reads them.

const engines = inject('engines');
const { pods, phases, pauses, answers } = cluster.metrics;

const failed = select(phases, { phase: 'Failed' });
const readings = {
  pods: sum(instant(pods)),
  failed: sum(instant(failed)),
  worst: max(instant(quantileOf(pauses, 0.99))),
  mean: ratio(rate(sumOf(pauses), '5m'), rate(countOf(pauses), '5m')),
};
const panels = Object.entries(readings).map(
  ([title, of]) =>
    ({
      type: 'timeseries',
      title,
      description: 'A cluster.',
      unit: title === 'worst' || title === 'mean' ? 's' : 'short',
      width: 12,
      queries: [query(of, 'now')],
    }) as const,
);

function rule(title: keyof typeof readings, over: number, proof: Parameters<typeof alertRule>[0]['proof']) {
  const panel = panels.find((each) => each.title === title);
  if (panel === undefined) throw new Error(`no panel ${title}`);
  const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
  const named = { severity: 'ticket', component: 'cluster', panel, runbook } as const;
  return [
    alertRule({
      uid: `cluster-${title}`,
      title: `Cluster${title}`,
      expression: compare(readings[title], '>', over),
      for: '5m',
      summary: 'cluster has it',
      description: 'It has it.',
      proof,
      ...named,
    }),
    absenceRule(
      title === 'pods'
        ? pods
        : title === 'failed'
          ? phases
          : title === 'worst'
            ? quantileOf(pauses, 0.99)
            : countOf(pauses),
      {
        ...named,
        system: 'cluster',
        uid: `cluster-no-${title}`,
        title: `ClusterNo${title}`,
        window: '15m',
        for: '15m',
      },
    ),
  ];
}

const fires = { notBefore: '15m', by: '20m', overBy: '50m' } as const;
const between = { from: '10m', until: '40m' } as const;
const rules = [
  ...rule('pods', 1, [
    { name: 'one pod', lasts: '1h', traffic: [traffic(select(pods, { pod: 'a' }))], fires: 'never' },
    {
      name: 'two pods',
      lasts: '1h',
      traffic: [traffic(select(pods, { pod: 'a' })), traffic(select(pods, { pod: 'b' }), between)],
      fires,
    },
  ]),
  ...rule('failed', 0, [
    { name: 'it runs', lasts: '1h', traffic: [traffic(select(phases, { phase: 'Running' }))], fires: 'never' },
    { name: 'it failed', lasts: '1h', traffic: [traffic(failed, between)], fires },
  ]),
  ...rule('worst', 0.5, [
    {
      name: 'short pauses, the longest aside',
      lasts: '1h',
      traffic: [traffic(quantileOf(pauses, 0.99), { count: 0.4 }), traffic(quantileOf(pauses, 1), { count: 9 })],
      fires: 'never',
    },
    { name: 'long pauses', lasts: '1h', traffic: [traffic(quantileOf(pauses, 0.99), { ...between, count: 2 })], fires },
  ]),
  ...rule('mean', 0.5, [
    {
      name: 'short pauses',
      lasts: '1h',
      traffic: [traffic(countOf(pauses), { count: 4, value: 0.1 })],
      fires: 'never',
    },
    {
      name: 'long pauses',
      lasts: '2h',
      traffic: [traffic(countOf(pauses), { ...between, count: 4, value: 2 })],
      fires: { notBefore: '15m', by: '22m', overBy: '1h' },
    },
  ]),
];

const config: Config = {
  ...shopConfig,
  systems: [
    {
      catalogue: cluster,
      dashboards: [
        defineDashboard({
          catalogue: cluster,
          facet: 'overview',
          description: 'A cluster.',
          tags: [],
          variables: [],
          rows: [{ title: 'All', panels }],
        }),
      ],
      alerts: [defineAlertGroup({ catalogue: cluster, name: 'slo', rules })],
    },
  ],
};

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it('rules on infos, states, quantiles and sums of summaries are proven', async () => {
    const { files, problems } = planFiles(config);
    expect(problems).toEqual([]);
    const proofs = await proveRules(subjectsOf(config, files).subjects, promtool);
    expect(proofs.length).toBe(2 * rules.length);
    for (const { subject, cases } of proofs) {
      for (const each of cases) expect.soft(each.failures, `${subject.rule.title}: ${each.name}`).toEqual([]);
      expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
    }
  });
});

/** Whether promtool finds anything by an expression, over two pods of which each answers in 1 to 4 seconds. */
function returns(promtool: string, expr: string): boolean {
  const histogram = '{{schema:0 sum:10 count:4 buckets:[0 2 2]}}';
  const file = join(temporaryFolder(), 'test.json');
  const series = (labels: string, values: string) => ({ series: `answer_seconds{${labels}}`, values });
  const test = {
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: [
          series('pod="a"', `${histogram}+${histogram}x30`),
          series('pod="b"', `${histogram}+${histogram}x30`),
        ],
        promql_expr_test: [{ expr, eval_time: '20m', exp_samples: [] }],
      },
    ],
  };
  writeFileSync(file, JSON.stringify(test));
  try {
    execFileSync(promtool, ['test', 'rules', file], { stdio: 'pipe' });
    return false;
  } catch (error) {
    const said = `${(error as { stdout?: Buffer }).stdout}${(error as { stderr?: Buffer }).stderr}`;
    if (/parse error|could not parse/.test(said)) throw error;
    // A vector that is empty, and one that is not a number, is nothing that anybody sees.
    return !/got: *(nil|\[\])?\s*$/m.test(said);
  }
}

// promtool 2 has no notation for native histograms.
const promtool = engines['promtool 3'];
if (promtool !== undefined)
  describe('native histograms', () => {
    const slipsOf = (expr: string) =>
      promql(cluster as unknown as Catalogue, expr, /by \(pod\)/.test(expr) ? ['pod'] : []).node;

    it.each<[string, boolean]>([
      ['histogram_quantile(0.9, sum(rate(answer_seconds[5m])))', true],
      ['histogram_quantile(0.9, sum by (pod) (rate(answer_seconds[5m])))', true],
      ['histogram_count(sum(increase(answer_seconds[5m])))', true],
      ['sum(histogram_sum(rate(answer_seconds[5m])))', true],
      ['histogram_fraction(0, 2, sum(rate(answer_seconds[5m])))', true],
      ['histogram_quantile(0.9, sum(rate(answer_seconds[5m])) * 2)', true],
      ['histogram_quantile(0.9, sum(rate(answer_seconds[5m])) / 2)', true],
      ['histogram_count(sum(rate(answer_seconds[5m])) + sum(rate(answer_seconds[5m])))', true],
      ['histogram_count(avg(answer_seconds))', true],
      ['histogram_count(sum(last_over_time(answer_seconds[5m])))', true],
      ['count(answer_seconds)', true],
      ['group(answer_seconds)', true],
      ['sum(count_over_time(answer_seconds[5m]))', true],
      ['sum(present_over_time(answer_seconds[5m]))', true],
      ['sum(changes(answer_seconds[5m]))', true],
      ['max(timestamp(answer_seconds))', true],
      ['sum(rate(answer_seconds[5m])) > 0', false],
      ['max(answer_seconds)', false],
      ['min(answer_seconds)', false],
      ['stddev(answer_seconds)', false],
      ['quantile(0.9, answer_seconds)', false],
      ['max(max_over_time(answer_seconds[5m]))', false],
      ['sum(abs(answer_seconds))', false],
      ['sum(clamp_min(answer_seconds, 1))', false],
      ['sum(rate(answer_seconds[5m])) / sum(rate(answer_seconds[5m]))', false],
      ['sum(rate(answer_seconds[5m])) * sum(rate(answer_seconds[5m]))', false],
      ['sum(rate(answer_seconds[5m])) + 1', false],
      ['2 / sum(rate(answer_seconds[5m]))', false],
      ['sum(rate(answer_seconds[5m])) ^ 2', false],
    ])('%s returns something: %s', (expr, isThere) => {
      const { slips } = slipsOf(expr) as { slips: readonly { code: string }[] };
      expect(slips.map(({ code }) => code)).toEqual(isThere ? [] : ['promql/native-as-number']);
      expect(returns(promtool, expr)).toBe(isThere);
    });

    it.each<[string, Vector<never>]>([
      ['a quantile', histogramQuantile(0.95, distribution(answers, '5m'))],
      ['a count', increase(countOf(answers), '5m')],
      ['a mean', ratio(rate(sumOf(answers), '5m'), rate(countOf(answers), '5m'))],
    ])('%s of the builders returns something', (_, of) => {
      expect(returns(promtool, printExpression(of))).toBe(true);
    });
  });
