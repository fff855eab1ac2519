import { describe, expect, it } from 'vitest';
import { DIFF_RULES } from '../../src/exporter/exempt.js';
import type { BuiltAlert } from '../../src/lockstep/compat/alerts.js';
import { alertsIn, compareAlerts, rulesIn } from '../../src/lockstep/compat/alerts.js';
import { builtIn } from '../../src/lockstep/compat/built.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import shopConfig from '../shop/lockstep.config.js';

// What pages later, less, or no longer, from the resources as they were built.

const { files } = planFiles(shopConfig);
const rules = files.flatMap(({ text }) => builtIn(text, shopConfig.source).flatMap(rulesIn));
const [first] = rules;
if (first === undefined) throw new Error('the shop has no rules');

const compare = (change: Partial<BuiltAlert>, before: BuiltAlert = first) =>
  compareAlerts([before], [{ ...before, ...change }], ['page', 'ticket']).map(({ rule, level }) => [rule, level]);

describe('a rule', () => {
  it('is read from what was built, and from nothing else', () => {
    expect(rules.length).toBe(
      shopConfig.systems.flatMap(({ alerts }) => alerts.flatMap((group) => group.rules)).length,
    );
    expect(first).toMatchObject({ uid: 'shop-sales-burn-1h', severity: 'page', for: '2m', interval: '1m' });
    expect(first.condition).toContain('shop_sales_total');
    const text = files.find(({ path }) => path === 'alerts/shop.yaml')?.text ?? '';
    expect(builtIn(text, 'another source').flatMap(rulesIn)).toEqual([]);
    expect(builtIn(text.slice(0, 900).replace('spec:', 'spec: ]'), shopConfig.source).flatMap(rulesIn)).toEqual([]);
    for (const hostile of ['spec: 1', 'spec: {rules: 1}', 'spec: {rules: [1, {data: 1}, {data: [1, {model: 1}]}]}'])
      expect(() =>
        builtIn(
          `${text.split('\n').slice(0, 3).join('\n')}\nkind: GrafanaAlertRuleGroup\n${hostile}\n`,
          shopConfig.source,
        ).flatMap(rulesIn),
      ).not.toThrow();
  });

  it('that is as it was is no change, in any order', () => {
    expect(compareAlerts(rules, [...rules].reverse(), ['page', 'ticket'])).toEqual([]);
  });

  it('that is gone, less grave, slower, paused or has another number is an error', () => {
    expect(compareAlerts([first], [], ['page', 'ticket']).map(({ rule }) => rule)).toEqual(['diff/alert-removed']);
    expect(compare({ severity: 'ticket' })).toEqual([['diff/alert-severity', 'error']]);
    expect(compare({ severity: 'elsewhere' })).toEqual([['diff/alert-severity', 'error']]);
    expect(compare({ for: '1h' })).toEqual([['diff/alert-slower', 'error']]);
    expect(compare({ interval: '5m' })).toEqual([['diff/alert-slower', 'error']]);
    expect(compare({ isPaused: true })).toEqual([['diff/alert-paused', 'error']]);
    expect(compare({ settings: '{"receiver":"Nobody"}' })).toEqual([['diff/alert-receiver', 'error']]);
    expect(compare({ settings: '' }, { ...first, settings: '{"receiver":"Till"}' })).toEqual([
      ['diff/alert-receiver', 'error'],
    ]);
    expect(compare({ condition: first.condition.replace('14.4', '20') })).toEqual([['diff/alert-condition', 'error']]);
    expect(compare({ condition: first.condition.replaceAll('[1h]', '[6h]') })).toEqual([
      ['diff/alert-condition', 'error'],
    ]);
  });

  it('that is graver or faster is a note, and one that reads something else a warning', () => {
    expect(compare({ severity: 'page' }, { ...first, severity: 'ticket' })).toEqual([['diff/alert-severity', 'note']]);
    expect(compare({ for: '1m' })).toEqual([['diff/alert-slower', 'note']]);
    expect(compare({ isPaused: false }, { ...first, isPaused: true })).toEqual([]);
    expect(compare({ noDataState: 'Alerting' })).toEqual([['diff/alert-state', 'warning']]);
    expect(compare({ condition: 'A: up == 0' })).toEqual([['diff/alert-condition', 'warning']]);
  });

  it('has every rule of alerts shown here', () => {
    const shown = ['condition', 'paused', 'receiver', 'removed', 'severity', 'slower', 'state'].map(
      (each) => `diff/alert-${each}`,
    );
    expect(
      Object.keys(DIFF_RULES)
        .filter((each) => each.startsWith('diff/alert-'))
        .sort(),
    ).toEqual(shown);
  });
});

describe('rules for a ruler that stood already', () => {
  const rulerRules = (...list: readonly object[]) => [
    { kind: 'PrometheusRule', name: 'old', spec: { groups: [{ name: 'a', interval: '30s', rules: list }] } },
  ];
  const slow = { alert: 'Slow', expr: 'latency > 1', for: '5m', labels: { severity: 'page' } };
  const found = (before: readonly object[], after: readonly object[]) =>
    compareAlerts(alertsIn(rulerRules(...before)), alertsIn(rulerRules(...after)), ['page', 'ticket']).map(
      ({ rule, metric }) => `${rule} of ${metric}`,
    );

  it.each<[string, readonly object[], readonly string[]]>([
    ['is the same', [slow], []],
    ['is gone', [], ['diff/alert-removed of alert Slow']],
    ['is slower', [{ ...slow, for: '15m' }], ['diff/alert-slower of alert Slow']],
    ['is less grave', [{ ...slow, labels: { severity: 'ticket' } }], ['diff/alert-severity of alert Slow']],
    ['asks for more', [{ ...slow, expr: 'latency > 2' }], ['diff/alert-condition of alert Slow']],
    ['has a recording rule before it', [{ record: 'a:b', expr: 'up' }, slow], []],
  ])('are told when one %s', (_, after, expected) => {
    expect(found([slow], after)).toEqual(expected);
  });

  it('are told apart by their severity', () => {
    const ticket = { ...slow, expr: 'latency > 0.5', labels: { severity: 'ticket' } };
    expect(found([slow, ticket], [ticket, slow])).toEqual([]);
  });

  it('are not told twice, where they are those of an alert group', () => {
    const group = { kind: 'GrafanaAlertRuleGroup', name: 'old', spec: { rules: [] } };
    expect(alertsIn([group, ...rulerRules(slow)])).toEqual([]);
  });
});
