import { describe, expect, inject, it } from 'vitest';
import { absenceRule, alertRule, burnRules, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, panel, query, sloPanels } from '../../src/lockstep/panels/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  compare,
  countOf,
  distribution,
  histogramQuantile,
  increase,
  rate,
  ratio,
  select,
  shareAtMost,
  sumOf,
} from '../../src/lockstep/promql/index.js';
import { deliver } from '../../src/lockstep/prove/delivery.js';
import { evaluate } from '../../src/lockstep/prove/evaluate.js';
import { besides, upperBoundOf } from '../../src/lockstep/prove/native.js';
import { proveRules, scoreMutants, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { recordSeries } from '../../src/lockstep/prove/world.js';
import { BURN_WINDOWS_30D, defineSlo, latency } from '../../src/lockstep/slo/index.js';
import { cluster } from '../promql/cluster.js';
import shopConfig from '../shop/lockstep.config.js';
import { expectAgreement } from './agreement.js';

// Native histograms in alerts and SLOs, as a real promtool reads them.

const engines = inject('engines');
const { answers } = cluster.metrics;

const slo = defineSlo({
  name: 'fast-answers',
  events: 'answers',
  objective: 0.95,
  window: '30d',
  sli: latency(answers, 0.3),
  policy: BURN_WINDOWS_30D.slice(0, 2),
});
const panels = sloPanels(slo, 'Answers');
const slow = histogramQuantile(0.9, distribution(answers, '10m'));
const slowest = panel({
  type: 'timeseries',
  title: 'Answers, p90',
  description: 'Nine of ten answers are no slower.',
  unit: 's',
  width: 24,
  queries: [query(slow, 'p90')],
});
const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
const named = { severity: 'ticket', component: 'cluster', panel: slowest, runbook } as const;

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
          rows: [
            { title: 'SLO', panels: [panels.objective, panels.budget, ...panels.burns, panels.burnOverTime, slowest] },
          ],
        }),
      ],
      alerts: [
        defineAlertGroup({
          catalogue: cluster,
          name: 'slo',
          rules: [
            ...burnRules(slo, { system: 'cluster', title: 'ClusterSlow', component: 'cluster', panels, runbook }),
            absenceRule(countOf(answers), {
              ...named,
              system: 'cluster',
              uid: 'cluster-no-answers',
              title: 'ClusterNoAnswers',
              window: '15m',
              for: '15m',
            }),
            alertRule({
              ...named,
              uid: 'cluster-p90',
              title: 'ClusterP90',
              expression: compare(slow, '>', 1),
              for: '5m',
              summary: 'cluster answers slowly',
              description: 'One answer in ten takes longer than a second.',
              proof: [
                {
                  name: 'one answer in five takes a little less than a second, and one in twenty much longer',
                  lasts: '1h',
                  traffic: [
                    traffic(select(answers, { pod: 'a' }), { count: 75, value: 0.1 }),
                    traffic(select(answers, { pod: 'a' }), { count: 20, value: 0.95 }),
                    traffic(select(answers, { pod: 'a' }), { count: 5, value: 4 }),
                  ],
                  fires: 'never',
                },
                {
                  name: 'for half an hour one answer in five takes a little more',
                  lasts: '2h',
                  traffic: [
                    traffic(answers, { count: 81, value: 0.1 }),
                    traffic(answers, { count: 20, value: 1.05, from: '20m', until: '50m' }),
                  ],
                  fires: { notBefore: '25m', by: '33m', overBy: '70m' },
                },
              ],
            }),
          ],
        }),
      ],
    },
  ],
};

function subjects() {
  const { files, problems } = planFiles(config);
  expect(problems).toEqual([]);
  const found = subjectsOf(config, files);
  expect(found.unmapped).toEqual([]);
  return found.subjects;
}

const promtool = engines['promtool 3'];
if (promtool !== undefined)
  describe('on promtool 3', () => {
    it('rules on native histograms are proven, of Grafana and of a ruler', async () => {
      const proofs = await proveRules(subjects(), promtool);
      expect(proofs.length).toBe(8);
      for (const { subject, cases } of proofs) {
        for (const each of cases) expect.soft(each.failures, `${subject.rule.title}: ${each.name}`).toEqual([]);
        expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
        expect(cases.some(({ spans }) => spans.length === 0)).toBe(true);
      }
    });

    it('and each of their mutants is killed, but for those that an estimate cannot tell', async () => {
      // Single events and a tenth more or less are within what `increase()` estimates: no case is about them.
      const withinEstimate = /^(1 -> 1.1|0.05 -> |14.4 -> |6 -> |gate |window )/;
      const scores = await scoreMutants(
        subjects().filter(({ built }) => built.kind === 'GrafanaAlertRuleGroup'),
        promtool,
      );
      for (const { subject, total, survivors } of scores) {
        expect(total).toBeGreaterThan(0);
        const told =
          subject.rule.burn === undefined ? survivors : survivors.filter((each) => !withinEstimate.test(each));
        expect.soft(told, subject.rule.title).toEqual([]);
      }
    });

    const values = [0, 0.01, 0.25, 0.3, 1, 1.1, 2, 7];
    // At the edge of a bucket it decides from which end one counts.
    it.each([0.25, 0.5, 0.75, 0.9])('finds the same bucket for %d, where the rank is at its edge', async (q) => {
      const events = Array.from({ length: 20 }, (_, index) =>
        [0.1, 0.4, 1.6, 6.4].map((value) => ({
          step: index + 1,
          metric: answers,
          labels: { pod: 'a' },
          count: 5,
          value,
        })),
      ).flat();
      const world = deliver(events, { stepSeconds: 60, steps: 20 }, { type: 'process' });
      await expectAgreement(promtool, world, [histogramQuantile(q, distribution(answers, '5m'))], [900]);
    });

    const expressions: Readonly<Record<string, Vector>> = {
      count: increase(countOf(answers), '5m'),
      'count by pod': rate(countOf(answers), '15m', ['pod']),
      mean: ratio(rate(sumOf(answers), '5m'), rate(countOf(answers), '5m')),
      median: histogramQuantile(0.5, distribution(answers, '10m')),
      p90: slow,
      'p99 by pod': histogramQuantile(0.99, distribution(answers, '10m', ['pod'])),
      'share at most a half': shareAtMost(answers, 0.5, '10m'),
      'share at most a bound': shareAtMost(answers, 2, '10m', ['pod']),
      'share at most anything': shareAtMost(answers, 1000, '10m'),
    };

    it.each(['process', 'restart', 'jobs'] as const)('means what lockstep computes, of a %s', async (type) => {
      const events = Array.from({ length: 80 }, (_, index) =>
        values.map((value, nth) => ({
          step: index + 1,
          metric: answers,
          labels: { pod: nth % 2 === 0 ? 'a' : 'b' },
          count: (index * (nth + 1)) % 5,
          value,
        })),
      ).flat();
      const delivery = type === 'process' ? { type } : type === 'restart' ? { type, at: 33 } : { type, length: 12 };
      const world = deliver(events, { stepSeconds: 60, steps: 80 }, delivery);
      await expectAgreement(promtool, world, Object.values(expressions), [180, 1200, 1999, 2100, 4500]);
    });
  });

const old = engines['promtool 2'];
if (old !== undefined)
  it('an older promtool cannot play them, and lockstep says so', async () => {
    const proofs = await proveRules(subjects(), old);
    for (const { cases } of proofs)
      expect(cases.map(({ failures }) => failures)).toEqual([
        [expect.stringContaining('a native histogram, which a promtool before 3.0 cannot write down')],
      ]);
  });

describe('a native histogram in a proof', () => {
  it('has a bound in the bucket below it', () => {
    for (let index = -200; index < 200; index++)
      expect(upperBoundOf(2 ** (index / 8))).toBeCloseTo(2 ** (index / 8), 9);
    const { below, above } = besides(0.3);
    expect(upperBoundOf(below)).toBeLessThan(0.3);
    expect(upperBoundOf(above) / 2 ** (1 / 8)).toBeGreaterThan(0.3);
  });

  it('holds no negative observations', () => {
    expect(() => upperBoundOf(-1)).toThrow('cannot prove observations of -1');
  });

  it('tells of observations that Prometheus would estimate', () => {
    const at = (value: number) => {
      const events = [1, 2, 3, 4].map((step) => ({ step, metric: answers, labels: { pod: 'a' }, count: 1, value }));
      const world = deliver(events, { stepSeconds: 60, steps: 4 }, { type: 'process' });
      return evaluate(shareAtMost(answers, 0.3, '5m').node, { series: recordSeries(world), stepSeconds: 60 }, 240);
    };
    expect(() => at(0.299)).toThrow(
      /some observations lie in the bucket of 0.3.*observe 0.2\d+ or less, or more than 0.3/,
    );
    expect(at(besides(0.3).below)).toEqual([{ labels: {}, value: 1 }]);
    expect(at(besides(0.3).above)).toEqual([{ labels: {}, value: 0 }]);
  });
});
