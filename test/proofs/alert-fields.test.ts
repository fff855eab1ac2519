import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { alertRule, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { compare, instant, select, sum } from '../../src/lockstep/promql/index.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';

// Labels and annotations that an author adds, and labels of the alert in its texts: as a real promtool tells them.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const [system] = shopConfig.systems;
if (system === undefined) throw new Error('the shop has no system');

const { queue } = shop.metrics;
const rule = alertRule({
  uid: 'shop-queue-till',
  title: 'ShopQueueTill',
  expression: compare(sum(instant(queue), ['till']), '>', 50),
  for: '10m',
  severity: 'ticket',
  component: 'till',
  labels: { team: 'tills' },
  summary: 'shop has more than 50 people at {{ $labels.till }}',
  description: 'Open another till beside {{$labels.till}}.',
  annotations: { look: 'at {{ $labels.till }}, and {{ $labels.till }} again' },
  panel: queuePanel,
  runbook: { impact: 'People leave.', firstLook: [{ say: 'Look.' }], silence: 'Never.' },
  proof: [
    { name: 'fifty at each', lasts: '1h', traffic: [traffic(queue, { count: 25 })], fires: 'never' },
    {
      name: 'sixty in the north',
      lasts: '1h',
      traffic: [traffic(select(queue, { till: 'north' }), { count: 60, from: '10m' })],
      fires: { notBefore: '20m', by: '22m' },
    },
  ],
});
const config = {
  ...shopConfig,
  systems: [{ ...system, alerts: [defineAlertGroup({ catalogue: shop, name: 'more', rules: [rule] })] }],
};
const { files, problems } = planFiles(config);

interface Told {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const rulesIn = (kind: string): readonly Told[] =>
  files.flatMap(({ text }) => {
    const resource = parse(text);
    if (resource.kind !== kind) return [];
    return (resource.spec.rules ?? resource.spec.groups[0].rules).filter((each: Partial<Told>) => each.annotations);
  });

describe('what an author adds', () => {
  it.each(['GrafanaAlertRuleGroup', 'PrometheusRule'])('is in a %s', (kind) => {
    expect(problems).toEqual([]);
    const [told, ...more] = rulesIn(kind);
    expect(more).toEqual([]);
    expect(told?.labels).toEqual({ severity: 'ticket', service: 'shop', component: 'till', team: 'tills' });
    expect(told?.annotations).toMatchObject({
      summary: expect.stringMatching(/^shop has more than 50 people at \{\{ \$labels\.till \}\}\. Look at /),
      look: 'at {{ $labels.till }}, and {{ $labels.till }} again',
    });
  });

  if (promtool !== undefined)
    it('is told of each alert with the labels of that alert', async () => {
      const { subjects, unmapped } = subjectsOf(config, files);
      expect(unmapped).toEqual([]);
      expect(subjects.map(({ built }) => built.kind).sort()).toEqual(['GrafanaAlertRuleGroup', 'PrometheusRule']);
      for (const { cases } of await proveRules(subjects, promtool)) {
        expect(cases).toHaveLength(2);
        for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
      }
      // A text that is wrong is noticed: promtool compares the annotations of what a ruler would evaluate.
      const wrong = subjects
        .filter(({ built }) => built.kind === 'PrometheusRule')
        .map((subject) => ({
          ...subject,
          built: { ...subject.built, annotations: { ...subject.built.annotations, look: 'at {{ $labels.till }}' } },
        }));
      const [proof] = await proveRules(wrong, promtool);
      expect(proof?.cases.filter(({ failures }) => failures.length > 0)).toHaveLength(1);
    });
});
