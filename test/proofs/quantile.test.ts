import { describe, expect, inject, it } from 'vitest';
import { defineCatalogue, histogram, label } from '../../src/exporter/catalogue/index.js';
import { absenceRule, alertRule, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, query } from '../../src/lockstep/panels/index.js';
import { buckets, compare, countOf, histogramQuantile, increase, select } from '../../src/lockstep/promql/index.js';
import { proveRules, scoreMutants, subjectsOf } from '../../src/lockstep/prove/prove.js';
import shopConfig from '../shop/lockstep.config.js';

// An alert on a quantile, as a real promtool has it.

const engines = inject('engines');

const route = label('route', { help: 'the route', values: ['/', '/pay'] });

type Origin = 'lockstep' | 'others' | 'others, anchored';

function configOf(recordedBy: Origin, counters: 'perStart' | 'aggregated'): Config {
  const isAnchored = recordedBy === 'others, anchored';
  const catalogue = defineCatalogue({
    name: 'web',
    ...(recordedBy === 'lockstep' ? {} : { recordedBy: 'others', scope: {} }),
    ...(isAnchored ? { increases: 'anchored' } : {}),
    metrics: {
      duration: histogram({
        name: 'web_request_seconds',
        help: 'How long answers took.',
        unit: 'seconds',
        labels: [route],
        bounds: [0.1, 0.5, 1, 2.5, 10],
      }),
    },
  });
  const { duration } = catalogue.metrics;
  const p90 = histogramQuantile(0.9, increase(buckets(duration), '10m', ['le', 'route']));
  const panel = {
    type: 'timeseries',
    title: 'Duration, p90',
    description: 'The time below which 90 of 100 answers lie.',
    unit: 's',
    width: 12,
    queries: [query(p90, 'p90 of {{route}}')],
  } as const;
  const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
  const named = { component: 'web', panel, runbook } as const;
  const ofPay = select(duration, { route: '/pay' });
  return {
    ...shopConfig,
    target: { ...shopConfig.target, counters, ...(isAnchored ? { prometheus: '3.16' } : {}) },
    systems: [
      {
        catalogue,
        dashboards: [
          defineDashboard({
            catalogue,
            facet: 'overview',
            description: 'The web.',
            tags: [],
            variables: [],
            rows: [{ title: 'All', panels: [panel] }],
          }),
        ],
        alerts: [
          defineAlertGroup({
            catalogue,
            name: 'slo',
            rules: [
              alertRule({
                uid: 'web-slow',
                title: 'WebSlow',
                expression: compare(p90, '>', 1.2),
                for: '5m',
                severity: 'ticket',
                summary: 'web is slow at {{ $labels.route }}',
                description: 'It is slow.',
                proof: [
                  {
                    // Nearly: the quantile is 1.15 s then.
                    name: 'one in nine is slow',
                    lasts: '1h',
                    traffic: [traffic(duration, { count: 8, value: 0.3 }), traffic(duration, { count: 1, value: 2 })],
                    fires: 'never',
                  },
                  {
                    // At 1 second and below: the bucket up to 1 holds them.
                    name: 'all take a second',
                    lasts: '1h',
                    traffic: [traffic(duration, { count: 20, value: 1 })],
                    fires: 'never',
                  },
                  {
                    name: 'one in four is slow, for a while',
                    lasts: '3h',
                    traffic: [
                      traffic(ofPay, { count: 3, value: 0.3 }),
                      traffic(ofPay, { from: '30m', until: '90m', count: 1, value: 2 }),
                    ],
                    fires: { notBefore: '30m', by: '45m', overBy: '110m' },
                  },
                ],
                ...named,
              }),
              absenceRule(countOf(duration), {
                ...named,
                system: 'web',
                uid: 'web-no',
                title: 'WebNo',
                window: '1h',
                for: '15m',
              }),
            ],
          }),
        ],
      },
    ],
  };
}

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it.each([
    ['lockstep', 'perStart'],
    ['lockstep', 'aggregated'],
    ['others', 'perStart'],
    ...(name === 'promtool 3' ? ([['others, anchored', 'perStart']] as const) : []),
  ] as const)('an alert on a quantile is proven, recorded by %s, %s', async (recordedBy, counters) => {
    const config = configOf(recordedBy, counters);
    const { files, problems } = planFiles(config);
    expect(problems).toEqual([]);
    const proofs = await proveRules(subjectsOf(config, files).subjects, promtool);
    expect(proofs).toHaveLength(4);
    for (const { subject, cases } of proofs) {
      for (const each of cases) expect.soft(each.failures, `${subject.rule.title}: ${each.name}`).toEqual([]);
      expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
    }
  });
});

const promtool = engines['promtool 3'] ?? engines['promtool 2'];
if (promtool !== undefined)
  it('another quantile, bound or window does not survive', async () => {
    const config = configOf('lockstep', 'perStart');
    const subjects = subjectsOf(config, planFiles(config).files).subjects.filter(
      ({ built, rule }) => built.kind !== 'PrometheusRule' && rule.uid === 'web-slow',
    );
    const [score] = await scoreMutants(subjects, promtool);
    expect(score?.total).toBeGreaterThan(8);
    expect(score?.survivors).toEqual([]);
  });
