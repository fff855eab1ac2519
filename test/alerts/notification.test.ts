import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AlertRule } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { alerts } from '../shop/alerts.js';
import config from '../shop/lockstep.config.js';

// When an alert ends, and whom it goes to, as each version of Grafana and each ruler has it.

const [system] = config.systems;
const [rule, ...rules] = alerts.rules;
if (system === undefined || rule === undefined) throw new Error('the shop has no rule');
type Parts = Pick<AlertRule, 'keepFiringFor' | 'missingSeriesEvalsToResolve' | 'notificationSettings'>;

function plan(parts: Parts, target: Partial<Config['target']> = { grafana: '12.4' }) {
  const group = { ...alerts, rules: [{ ...rule, ...parts } as AlertRule, ...rules] };
  const { files, problems } = planFiles({
    ...config,
    target: { ...config.target, ...target },
    systems: [{ ...system, alerts: [group] } as Config['systems'][number]],
  });
  const built = files.map(
    ({ text }) => parse(text) as { kind: string; spec: { rules?: unknown[]; groups?: unknown[] } },
  );
  return { problems, built, codes: problems.map(({ code, where }) => `${code} at ${where.split(' › ').slice(2)}`) };
}

const settings = {
  receiver: 'Till',
  groupBy: ['alertname', 'grafana_folder', 'service'],
  groupWait: '30s',
  repeatInterval: '4h',
  muteTimeIntervals: ['night'],
} as const;
const all: Parts = { keepFiringFor: '10m', missingSeriesEvalsToResolve: 3, notificationSettings: settings };

describe('the end and the receiver of an alert', () => {
  it('are built with the names of the resource, and only where they are said', () => {
    const { problems, built } = plan(all);
    expect(problems).toEqual([]);
    const [first, second] = built.find(({ kind }) => kind === 'GrafanaAlertRuleGroup')?.spec.rules ?? [];
    expect(first).toMatchObject({
      keepFiringFor: '10m',
      missingSeriesEvalsToResolve: 3,
      notificationSettings: {
        receiver: 'Till',
        group_by: ['alertname', 'grafana_folder', 'service'],
        group_wait: '30s',
        repeat_interval: '4h',
        mute_time_intervals: ['night'],
      },
    });
    for (const field of Object.keys(all)) expect(second).not.toHaveProperty(field);
  });

  it('are, for a ruler, how long the alert goes on', () => {
    const { problems, built } = plan(all, { grafana: '12.4', ruler: { layout: 'rules/{name}.yaml', labels: {} } });
    expect(problems).toEqual([]);
    const group = built.find(({ kind }) => kind === 'PrometheusRule')?.spec.groups?.[0] as { rules: object[] };
    const [first, ...others] = group.rules.filter((each) => 'alert' in each);
    expect(first).toMatchObject({ alert: rule.title, keep_firing_for: '10m' });
    expect(first).not.toHaveProperty('notificationSettings');
    for (const each of others) expect(each).not.toHaveProperty('keep_firing_for');
  });

  it('are refused for a Grafana that does not read them', () => {
    expect(plan(all, { grafana: '10.4' }).codes).toEqual(Object.keys(all).map((field) => `alerts/grafana at ${field}`));
  });

  it.each<[string, object, string]>([
    ['a time in days', { keepFiringFor: '1d' }, 'alerts/for at keepFiringFor'],
    ['no time', { keepFiringFor: 'soon' }, 'alerts/for at keepFiringFor'],
    ['none', { missingSeriesEvalsToResolve: 0 }, 'alerts/missing-series at missingSeriesEvalsToResolve'],
    ['half of one', { missingSeriesEvalsToResolve: 1.5 }, 'alerts/missing-series at missingSeriesEvalsToResolve'],
    ['a text', { notificationSettings: 'Till' }, 'alerts/shape at notificationSettings'],
    ['nobody', { notificationSettings: {} }, 'alerts/shape at notificationSettings,receiver'],
    ['an empty name', { notificationSettings: { receiver: ' ' } }, 'alerts/receiver at notificationSettings,receiver'],
    [
      'a field of the API',
      { notificationSettings: { receiver: 'Till', group_by: [] } },
      'alerts/shape at notificationSettings,group_by',
    ],
    [
      'a label alone',
      { notificationSettings: { ...settings, groupBy: ['service'] } },
      'alerts/group-by at notificationSettings,groupBy',
    ],
    [
      'a text for a list',
      { notificationSettings: { ...settings, groupBy: 'service' } },
      'alerts/shape at notificationSettings,groupBy',
    ],
    [
      'a wait of a week',
      { notificationSettings: { ...settings, groupWait: '1w' } },
      'alerts/for at notificationSettings,groupWait',
    ],
  ])('are refused with %s', (_, parts, code) => {
    expect(plan(parts as Parts).codes).toEqual([code]);
  });

  it('may group by all labels', () => {
    expect(plan({ notificationSettings: { receiver: 'Till', groupBy: ['...'] } }).problems).toEqual([]);
  });
});
