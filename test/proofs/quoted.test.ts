import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { absenceRule, alertRule, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, query } from '../../src/lockstep/panels/index.js';
import { buckets, compare, histogramQuantile, increase, select } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { otel } from '../promql/otel.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// Names that PromQL takes only in quotes, as real promtools read them.

const engines = inject('engines');
const promtool = engines['promtool 3'];
const { requests, duration } = otel.metrics;

const panel = {
  type: 'timeseries',
  title: 'Requests',
  description: 'Requests.',
  unit: 'short',
  width: 12,
  queries: [query(increase(requests, '5m', ['http.route']), '{{http.route}}')],
} as const;
const named = {
  component: 'http',
  panel,
  runbook: { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' },
} as const;
const config: Config = {
  ...shopConfig,
  target: { ...shopConfig.target, prometheus: '3.16' },
  systems: [
    {
      catalogue: otel,
      dashboards: [
        defineDashboard({
          catalogue: otel,
          facet: 'overview',
          description: 'Requests.',
          tags: [],
          variables: [],
          rows: [{ title: 'All', panels: [panel] }],
        }),
      ],
      alerts: [
        defineAlertGroup({
          catalogue: otel,
          name: 'slo',
          rules: [
            alertRule({
              uid: 'otel-many',
              title: 'OtelMany',
              expression: compare(increase(requests, '10m', ['http.route']), '>', 100),
              for: '5m',
              severity: 'ticket',
              summary: 'otel has many requests of {{ index $labels "http.route" }}',
              description: 'Many requests of {{ index $labels "http.route" }}.',
              ...named,
              proof: [
                {
                  name: 'some of each',
                  lasts: '1h',
                  traffic: [
                    traffic(select(requests, { 'http.route': '/a' }), { count: 5 }),
                    traffic(select(requests, { 'http.route': '/b' }), { count: 8 }),
                  ],
                  fires: 'never',
                },
                {
                  name: 'many of one',
                  lasts: '2h',
                  traffic: [traffic(select(requests, { 'http.route': '/a' }), { from: '30m', until: '1h', count: 40 })],
                  fires: { notBefore: '30m', by: '45m', overBy: '80m' },
                },
              ],
            }),
            absenceRule(requests, {
              ...named,
              system: 'otel',
              uid: 'otel-gone',
              title: 'OtelGone',
              window: '1h',
              for: '15m',
            }),
          ],
        }),
      ],
    },
  ],
};

if (promtool !== undefined)
  describe('names in quotes', () => {
    it('are proven by a promtool that reads them', async () => {
      const { files, problems } = planFiles(config);
      expect(problems).toEqual([]);
      const proofs = await proveRules(subjectsOf(config, files).subjects, promtool);
      expect(proofs).toHaveLength(4);
      for (const { subject, cases } of proofs) {
        for (const each of cases) expect.soft(each.failures, `${subject.rule.title}: ${each.name}`).toEqual([]);
        expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
      }
    });

    it.each(['promtool 2', 'promtool 3'] as const)('are read by %s where lockstep says so', (name) => {
      const tool = engines[name];
      if (tool === undefined) return;
      const expressions = [
        histogramQuantile(0.9, increase(buckets(duration), '5m', ['le', 'http.route'])),
        increase(select(requests, { 'http.route': '/"a"', method: 'PÖST' }), '5m', ['http.route']),
      ].map((each) => printExpression(each));
      for (const expr of expressions) {
        const file = join(temporaryFolder(), 'rules.yml');
        writeFileSync(file, JSON.stringify({ groups: [{ name: 'a', rules: [{ record: 'a:b', expr }] }] }));
        const check = () => execFileSync(tool, ['check', 'rules', '--lint=none', file], { stdio: 'pipe' });
        if (name === 'promtool 2') expect(check).toThrow();
        else expect(check).not.toThrow();
      }
    });
  });
