import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../src/lockstep/alerts/index.js';
import { alertRule, burnRules, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import { and, compare, increase, instant, keep, rate, select } from '../../src/lockstep/promql/index.js';
import { codes, problemsOf } from '../problems.js';
import { alerts } from '../shop/alerts.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel, salePanels, saleSlo } from '../shop/dashboard.js';

const { sales, queue } = shop.metrics;

const good = {
  uid: 'shop-closed',
  title: 'ShopClosed',
  expression: compare(increase(sales, '1h'), '==', 0),
  for: '10m',
  severity: 'ticket',
  component: 'till',
  summary: 'No sale in an hour',
  description: 'Nobody bought anything.',
  panel: queuePanel,
  runbook: { impact: 'People leave.', firstLook: [{ say: 'Look.' }], silence: 'Never.' },
  proof: [
    { name: 'sales', lasts: '1h', traffic: [traffic(sales)], fires: 'never' },
    { name: 'no sales', lasts: '3h', traffic: [traffic(sales, { until: '1h' })], fires: { notBefore: '1h', by: '3h' } },
  ],
} as const;

const perTill = { expression: compare(increase(sales, '1h', ['till']), '==', 0) } as const;

function refused(change: Partial<Parameters<typeof alertRule>[0]>): readonly string[] {
  const rule = alertRule({ ...good, ...change });
  return codes(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'slo', rules: [rule] }))).map((text) =>
    text.replace(/ at alerts\/shop-slo › \S+ › /, ' at '),
  );
}

describe('rules of alerts', () => {
  it('accepts the ones that are right', () => {
    expect(refused({})).toEqual([]);
    const texts = { summary: 'shop: no sale at {{ $labels.till }}', annotations: { look: '{{$labels.till}}, first' } };
    expect(refused({ ...perTill, ...texts, labels: { team: 'tills' } })).toEqual([]);
    expect(problemsOf(() => defineAlertGroup(alerts))).toEqual([]);
  });

  it.each<[string, Partial<Parameters<typeof alertRule>[0]>, string]>([
    ['a uid of 41 characters', { uid: 'x'.repeat(41) }, 'alerts/uid at uid'],
    ['a uid with a dot', { uid: 'shop.closed' }, 'alerts/uid at uid'],
    ['no scenario', { proof: [] }, 'alerts/unproven at proof'],
    ['scenarios that are all quiet', { proof: good.proof.slice(0, 1) }, 'alerts/unproven at proof'],
    [
      'a scenario in mixed units',
      { proof: [{ ...good.proof[0], lasts: '1h30m' as never }, good.proof[1]] },
      'alerts/proof at proof › sales › lasts',
    ],
    [
      'a scenario with a value that does not exist',
      { proof: [{ ...good.proof[0], traffic: [traffic(select(sales, { till: 'nort' as never }))] }, good.proof[1]] },
      'promql/unknown-value at proof › sales › traffic 1 › of',
    ],
    [
      'a scenario with half an event',
      { proof: [{ ...good.proof[0], traffic: [traffic(sales, { count: 0.5 })] }, good.proof[1]] },
      'alerts/proof at proof › sales › traffic 1 › count',
    ],
    [
      'a scenario whose traffic ends before it begins',
      { proof: [{ ...good.proof[0], traffic: [traffic(sales, { from: '30m', until: '20m' })] }, good.proof[1]] },
      'alerts/proof at proof › sales › traffic 1 › from',
    ],
    [
      'a scenario that must fire after it is over',
      { proof: [good.proof[0], { ...good.proof[1], fires: { notBefore: '1h', by: '5h' } }] },
      'alerts/proof at proof › no sales › fires',
    ],
    [
      'an observation that is not said',
      { proof: [{ ...good.proof[0], traffic: [traffic(shop.metrics.wait)] }, good.proof[1]] },
      'alerts/proof at proof › sales › traffic 1 › value',
    ],
    [
      'traffic that is none',
      { proof: [{ ...good.proof[0], traffic: [null as never] }, good.proof[1]] },
      'alerts/shape at proof › sales › traffic 1',
    ],
    ['the name of the list of runbooks', { title: 'README' }, 'alerts/title at title'],
    ['a template in the component', { component: 'till {{ .x' }, 'alerts/template at component'],
    [
      'an "and" that a 0 satisfies',
      { expression: and(compare(increase(sales, '1h'), '>', 5), compare(increase(sales, '2h'), '>', 5)) },
      'promql/and-bool at expression',
    ],
    [
      'a scenario of a year',
      { proof: [{ ...good.proof[0], lasts: '365d' }, good.proof[1]] },
      'alerts/proof at proof › sales › lasts',
    ],
    [
      'a scenario that does not say what must be',
      { proof: [{ ...good.proof[0], fires: 'sometimes' as never }, good.proof[1]] },
      'alerts/proof at proof › sales › fires',
    ],
    [
      'a runbook without an impact',
      { runbook: { ...good.runbook, impact: 1 as never } },
      'alerts/shape at runbook › impact',
    ],
    ['a title in words', { title: 'Shop closed' }, 'alerts/title at alerts/shop-slo › Shop closed › title'],
    ['a pending time of two units', { for: '1d12h' as never }, 'alerts/for at for'],
    ['a summary of two lines', { summary: 'one\ntwo' }, 'alerts/summary-long at summary'],
    ['a summary that no chat shows whole', { summary: 'shop '.repeat(40) }, 'alerts/summary-long at summary'],
    ['no summary', { summary: '' }, 'alerts/summary at summary'],
    ['a template in the description', { description: '{{ $value }}' }, 'alerts/template at description'],
    ['a label that is not returned', { summary: 'at {{ $labels.till }}' }, 'alerts/template-label at summary'],
    [
      'a label that is misspelt',
      { ...perTill, description: 'at {{$labels.til}}' },
      'alerts/template-label at description',
    ],
    [
      'a wrong label in the expression, and the right one in the text: one slip',
      {
        expression: compare(rate(sales, '5m', ['tlil'] as never), '>', 1) as never,
        description: 'at {{$labels.till}}',
      },
      'promql/group-by at expression',
    ],
    [
      'more than a label in a template',
      { ...perTill, description: '{{ $labels.till | toUpper }}' },
      'alerts/template at description',
    ],
    [
      'a label of an annotation that is not returned',
      { annotations: { look: 'at {{ $labels.till }}' } },
      'alerts/template-label at annotations › look',
    ],
    ['a label of its own twice', { labels: { severity: 'page' } }, 'alerts/labels at labels › severity'],
    ['a label that tells alerts apart', { ...perTill, labels: { till: 'x' } }, 'alerts/labels at labels › till'],
    ['a label with a dot', { labels: { 'a.b': 'c' } }, 'alerts/labels at labels › a.b'],
    ['a label that changes', { ...perTill, labels: { at: '{{ $labels.till }}' } }, 'alerts/labels at labels › at'],
    ['a label without a value', { labels: { team: '' } }, 'alerts/labels at labels › team'],
    ['a label that is a number', { labels: { team: 5 as never } }, 'alerts/labels at labels › team'],
    ['labels that are none', { labels: 'team' as never }, 'alerts/labels at labels'],
    [
      'an annotation of its own twice',
      { annotations: { runbook_url: 'x' } },
      'alerts/annotations at annotations › runbook_url',
    ],
    [
      "an annotation of Grafana's",
      { annotations: { __panelId__: '3' } },
      'alerts/annotations at annotations › __panelId__',
    ],
    [
      'a kept zero, which never trips',
      { expression: keep(increase(sales, '1h'), '==', 0) },
      'alerts/never-fires at expression',
    ],
    [
      'a comparison that cannot be true',
      { expression: compare(increase(sales, '1h'), '<', 0) },
      'promql/never-true at expression',
    ],
    ['an alert per target', { expression: compare(instant(queue), '>', 5) }, 'alerts/not-aggregated at expression'],
    [
      'a Grafana window',
      { expression: compare(rate(sales, '$__range'), '>', 5) },
      'promql/window-in-alert at expression',
    ],
    [
      'a dashboard variable',
      { expression: compare(rate(select(sales, { till: { variable: 'till', label: 'till' } }), '1h'), '>', 5) },
      'promql/variable-in-alert at expression',
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(refused(change)).toContain(expected);
  });

  it('refuses two rules of one uid or title', () => {
    const rules: readonly AlertRule[] = [
      alertRule(good),
      alertRule({ ...good, title: 'ShopOther' }),
      alertRule({ ...good, uid: 'shop-other' }),
    ];
    expect(codes(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'slo', rules })))).toEqual([
      'alerts/duplicate at alerts/shop-slo › ShopOther › uid',
      'alerts/duplicate at alerts/shop-slo › ShopClosed › title',
    ]);
  });

  it.each([0, 1, 1.5, -1, Number.NaN])(
    'tells an objective of %d once, and nothing of what follows from it',
    (objective) => {
      const rules = burnRules(
        { ...saleSlo, objective },
        {
          system: 'shop',
          title: 'ShopSalesBurn',
          component: 'till',
          panels: salePanels,
          runbook: good.runbook,
        },
      );
      expect(rules.length).toBeGreaterThan(1);
      expect(codes(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'slo', rules })))).toEqual([
        'slo/objective at slo sales › objective',
      ]);
    },
  );

  it('tells a factor that cannot be once, too', () => {
    const rules = burnRules(
      { ...saleSlo, objective: 0.93 },
      {
        system: 'shop',
        title: 'ShopSalesBurn',
        component: 'till',
        panels: salePanels,
        runbook: good.runbook,
      },
    );
    expect(codes(problemsOf(() => defineAlertGroup({ catalogue: shop, name: 'slo', rules })))).toEqual([
      'slo/unreachable at slo sales › policy 1h/5m',
    ]);
  });
});
