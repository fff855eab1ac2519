import { describe, expect, inject, it } from 'vitest';
import { counter, defineCatalogue, gauge, label } from '../../src/exporter/catalogue/index.js';
import { absenceRule, burnRules, defineAlertGroup } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, panel, query, sloPanels } from '../../src/lockstep/panels/index.js';
import { averageOverTime, max, oneOf, rate, select } from '../../src/lockstep/promql/index.js';
import { proveRules, scoreMutants, subjectsOf } from '../../src/lockstep/prove/prove.js';
import type { Sli } from '../../src/lockstep/slo/index.js';
import { BURN_WINDOWS_30D, defineSlo, eventRatio, measuredSeries, uptime } from '../../src/lockstep/slo/index.js';
import shopConfig from '../shop/lockstep.config.js';

// An SLI of every two of the three counts, from one metric, from two and from several, as a real promtool has it.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];

const result = label('result', { help: 'how it ended', values: ['ok', 'late', 'refused'] });
const office = label('office', { help: 'where', values: ['north', 'south', 'test'] });
const event = { unit: '{message}', help: 'Messages.' } as const;

type Origin = 'lockstep' | 'others' | 'others, anchored';

function post(recordedBy: Origin) {
  const sent = counter({ name: 'post_sent_total', labels: [result], ...event });
  return defineCatalogue({
    name: 'post',
    ...(recordedBy === 'lockstep' ? {} : { recordedBy: 'others', scope: {} }),
    ...(recordedBy === 'others, anchored' ? { increases: 'anchored' } : {}),
    metrics: {
      sent,
      failed: counter({ name: 'post_failed_total', labels: [], within: sent, ...event }),
      lost: counter({ name: 'post_lost_total', labels: [], within: sent, ...event }),
      delivered: counter({ name: 'post_delivered_total', labels: [], ...event }),
      bounced: counter({ name: 'post_bounced_total', labels: [], ...event }),
      dropped: counter({ name: 'post_dropped_total', labels: [], ...event }),
      open: gauge({ name: 'post_office_open_ratio', labels: [office], unit: 'ratio', help: 'Whether it is open.' }),
    },
  });
}

type Post = ReturnType<typeof post>['metrics'];

const slis: Readonly<Record<string, (metrics: Post) => Sli>> = {
  'bad of all, in one metric': ({ sent }) =>
    eventRatio({ bad: select(sent, { result: oneOf('late', 'refused') }), total: sent, badWhen: 'that fail' }),
  'good of all, in one metric': ({ sent }) =>
    eventRatio({ good: select(sent, { result: 'ok' }), total: sent, badWhen: 'that fail' }),
  'bad of all, in two metrics': ({ sent, failed }) => eventRatio({ bad: failed, total: sent, badWhen: 'that fail' }),
  'good and bad, in two metrics': ({ delivered, bounced }) =>
    eventRatio({ good: delivered, bad: bounced, badWhen: 'that bounce' }),
  'good and bad, in three metrics': ({ delivered, bounced, dropped }) =>
    eventRatio({ good: delivered, bad: [bounced, dropped], badWhen: 'that bounce, or are dropped' }),
  'bad of all, in three metrics': ({ sent, delivered, bounced }) =>
    eventRatio({
      bad: [select(sent, { result: 'refused' }), bounced],
      total: [sent, delivered, bounced],
      badWhen: 'that are refused, or bounce',
    }),
  'the uptime of some series': ({ open }) =>
    uptime(select(open, { office: oneOf('north', 'south') }), 'that find it closed'),
  'the uptime of a single series': ({ open }) => uptime(select(open, { office: 'north' }), 'that find it closed'),
};

function configOf(
  sli: (metrics: Post) => Sli,
  recordedBy: Origin,
  counters: 'perStart' | 'aggregated',
  policy = BURN_WINDOWS_30D.slice(0, 1),
) {
  const catalogue = post(recordedBy);
  const slo = defineSlo({
    name: 'delivery',
    events: 'messages',
    objective: 0.99,
    window: '30d',
    sli: sli(catalogue.metrics),
    policy,
  });
  const panels = sloPanels(slo, 'Delivery');
  const measured = measuredSeries(slo);
  const traffic = panel({
    type: 'timeseries',
    title: 'Messages',
    description: 'Messages per second.',
    unit: measured.kind === 'gauge' ? 'percentunit' : 'cps',
    width: 24,
    queries: [
      measured.kind === 'gauge'
        ? query(max(averageOverTime(measured, '5m')), 'open')
        : query(rate(measured, '$__rate_interval'), 'messages'),
    ],
  });
  const board = defineDashboard({
    catalogue,
    facet: 'overview',
    description: 'The post.',
    tags: [],
    variables: [],
    rows: [
      { title: 'SLO', panels: [panels.objective, panels.budget, ...panels.burns, panels.burnOverTime] },
      { title: 'Traffic', panels: [traffic] },
    ],
  });
  const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
  const rules = burnRules(slo, { system: 'post', title: 'PostBurn', component: 'post', panels, runbook });
  const named = { component: 'post', panel: traffic, runbook, window: '1h', for: '15m' } as const;
  const absence = absenceRule(measuredSeries(slo), {
    ...named,
    system: 'post',
    uid: 'post-absent',
    title: 'PostAbsent',
  });
  const config: Config = {
    ...shopConfig,
    target: {
      ...shopConfig.target,
      counters,
      ...(recordedBy === 'others, anchored' ? { prometheus: '3.16' } : {}),
    },
    systems: [
      {
        catalogue,
        dashboards: [board],
        alerts: [defineAlertGroup({ catalogue, name: 'post', rules: [...rules, absence] })],
      },
    ],
  };
  const { files, problems } = planFiles(config);
  expect(problems).toEqual([]);
  const { subjects, unmapped } = subjectsOf(config, files);
  expect(unmapped).toEqual([]);
  const burns = subjects.filter(({ rule }) => rule.burn !== undefined);
  // For Grafana and for a ruler.
  expect(burns.map(({ built }) => built.kind).sort()).toEqual([
    ...policy.map(() => 'GrafanaAlertRuleGroup'),
    ...policy.map(() => 'PrometheusRule'),
  ]);
  return { burns, absences: subjects.filter(({ rule }) => rule.burn === undefined) };
}

if (promtool !== undefined)
  describe.each(Object.entries(slis))('an SLI of %s', (_, sli) => {
    it.each([
      ['lockstep', 'perStart'],
      ['lockstep', 'aggregated'],
      ['others', 'perStart'],
    ] as const)('is proven, recorded by %s, %s', async (recordedBy, counters) => {
      for (const { cases } of await proveRules(configOf(sli, recordedBy, counters).burns, promtool)) {
        expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
        for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
      }
    });
  });

// Only Prometheus 3 reads an anchored range.
const promtool3 = engines['promtool 3'];
if (promtool3 !== undefined)
  it.each(['bad of all, in one metric', 'good and bad, in three metrics'])(
    'an SLI of %s is proven where ranges are anchored',
    async (name) => {
      const sli = slis[name];
      if (sli === undefined) throw new Error('no such SLI');
      for (const { cases } of await proveRules(configOf(sli, 'others, anchored', 'perStart').burns, promtool3)) {
        expect(cases.some(({ spans }) => spans.length > 0)).toBe(true);
        for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
      }
    },
  );

if (promtool !== undefined)
  it('an uptime is proven over the windows of the whole policy', async () => {
    const sli = slis['the uptime of some series'];
    if (sli === undefined) throw new Error('no such SLI');
    const { burns, absences } = configOf(sli, 'others', 'perStart', [...BURN_WINDOWS_30D]);
    const proofs = await proveRules([...burns, ...absences], promtool, { grain: 'coarse' });
    // With the rule that tells when its gauge is gone.
    expect(proofs.length).toBe(10);
    for (const { cases } of proofs)
      for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
  });

// Where counters are added up, a wrong window of the count that only says where a zero stands shows nowhere.
if (promtool !== undefined)
  it.each(['good of all, in one metric', 'bad of all, in two metrics', 'the uptime of some series'])(
    'an SLI of %s has a rule of which no mutant survives',
    async (name) => {
      const sli = slis[name];
      if (sli === undefined) throw new Error('no such SLI');
      const grafana = configOf(sli, 'lockstep', 'perStart').burns.filter(
        ({ built }) => built.kind !== 'PrometheusRule',
      );
      const [score] = await scoreMutants(grafana, promtool);
      expect(score?.total).toBeGreaterThan(5);
      expect(score?.survivors).toEqual([]);
    },
  );
