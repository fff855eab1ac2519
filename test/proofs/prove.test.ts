import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import fabConfig from '../../lockstep.config.js';
import { alertRule, defineAlertGroup, traffic } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { compare, increase, mul, select } from '../../src/lockstep/promql/index.js';
import type { Grain } from '../../src/lockstep/prove/case.js';
import type { TestRun } from '../../src/lockstep/prove/promtool.js';
import type { ProvenRule } from '../../src/lockstep/prove/prove.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { provenBefore } from '../../src/lockstep/prove/proven.js';
import { shop } from '../shop/catalogue.js';
import { salePanels } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// Every rule that is built, in every case, as real promtools of both generations have it; and the proof itself, by
// rules that are wrong.

const engines = inject('engines');

function built(config: Config): readonly ProvenRule[] {
  const { subjects, unmapped } = subjectsOf(config, planFiles(config).files);
  expect(unmapped).toEqual([]);
  return subjects;
}

/** What is wrong with a rule, case by case. */
async function failures(subject: ProvenRule, promtool: string, grain: Grain = 'fine'): Promise<readonly string[]> {
  const [proof] = await proveRules([subject], promtool, { grain });
  if (proof === undefined) throw new Error('no proof');
  expect(proof.cases.some(({ spans }) => spans.length > 0)).toBe(true);
  expect(proof.cases.some(({ spans }) => spans.length === 0)).toBe(true);
  return proof.cases.flatMap((each) => each.failures.map((failure) => `${each.name}: ${failure}`));
}

const fab = built(fabConfig);
/**
 * The rules of the shop that read no more than hours: as Grafana and as a ruler have them, and where deltas are added
 * up.
 */
const short = (config: Config) =>
  built(config).filter(({ rule }) => rule.burn === undefined || ['1h', '6h'].includes(rule.burn.window.long));
const perStart = short(shopConfig);
const aggregated = short({ ...shopConfig, target: { ...shopConfig.target, counters: 'aggregated' } });
const name = ({ rule, built: { kind } }: ProvenRule) => `${rule.title}, ${kind}`;

for (const generation of ['2', '3'] as const) {
  const promtool = engines[`promtool ${generation}`];
  // Where an engine is missing, the setup has said so, and has failed if this is CI.
  if (promtool === undefined) continue;
  // Each minute with the newer one; what the older one makes of the same expressions needs no minutes.
  const grain = generation === '3' ? 'fine' : 'coarse';
  describe(`promtool ${generation}`, () => {
    it.each(fab.map((subject) => [name(subject), subject] as const))('proves %s', async (_, subject) => {
      expect(await failures(subject, promtool, grain)).toEqual([]);
    });

    it.each(perStart.map((subject) => [name(subject), subject] as const))('proves %s', async (_, subject) => {
      expect(await failures(subject, promtool, grain)).toEqual([]);
    });

    it.each(aggregated.map((subject) => [name(subject), subject] as const))(
      'proves %s, where deltas are added up',
      async (_, subject) => {
        expect(await failures(subject, promtool, grain)).toEqual([]);
      },
    );
  });
}

const newest = engines['promtool 3'] ?? engines['promtool 2'];
if (newest !== undefined)
  describe('the proof', () => {
    /** A slip in the built text alone: what was defined stays as it was. */
    it.each([
      ['a window', '[5m]', '[6m]'],
      ['an offset', 'offset 1h', 'offset 2h'],
      ['a factor', '14.4', '14.5'],
      ['the budget', '/ 0.05', '/ 0.5'],
      ['a label value', 'result="fail"', 'result="pass"'],
      ['the gate', '> bool 9.5', '> bool 99.5'],
      ['what fills in for nothing', ' or vector(0)', ''],
      ['the threshold', ') > 0', ') > 1'],
    ])('tells that %s of what was built is wrong', async (_, right, wrong) => {
      const subject = fab.find(({ rule }) => rule.title === 'FabSelfEvalBurn1h');
      const [rule] = subject?.built.rules ?? [];
      if (subject === undefined || rule === undefined) throw new Error('no such rule');
      const at = rule.expr.lastIndexOf(right);
      expect(at).toBeGreaterThan(0);
      const change = (text: string) => text.split(right).join(wrong);
      const slipped = {
        ...subject,
        built: {
          ...subject.built,
          rules: [{ ...rule, expr: change(rule.expr) }],
          query: change(subject.built.query ?? ''),
        },
      };
      expect(await failures(slipped, newest)).not.toEqual([]);
    });

    it.each(['14m', '16m', '30m', undefined])('tells that a rule was built with for: %s', async (pending) => {
      const subject = fab.find(({ rule }) => rule.title === 'FabSelfEvalMissing');
      const [rule] = subject?.built.rules ?? [];
      if (subject === undefined || rule === undefined) throw new Error('no such rule');
      const { for: _, ...others } = rule;
      const slipped = pending === undefined ? others : { ...others, for: pending };
      const told = await failures({ ...subject, built: { ...subject.built, rules: [slipped] } }, newest);
      expect(told[0]).toMatch(`was built with for: ${pending ?? 'nothing'}, and its definition says ${rule.for}`);
    });

    it('tells each rule when it and all before it are proven, and asks once for what is the same', async () => {
      const rules = fab.filter(({ rule }) => rule.title.endsWith('Burn1h'));
      const cache = join(temporaryFolder(), 'proven.json');
      const order: string[] = [];
      const play = async (subjects: readonly ProvenRule[]) => {
        const proven = provenBefore('promtool, version 3', cache);
        let asked = 0;
        const has = (run: TestRun) => {
          const known = proven.has(run);
          if (!known) asked++;
          return known;
        };
        const proofs = await proveRules(subjects, newest, {
          grain: 'coarse',
          proven: { has, add: proven.add },
          told: ({ subject }) => order.push(subject.rule.title),
        });
        proven.save();
        return { asked, failed: proofs.flatMap(({ cases }) => cases.flatMap((each) => each.failures)).length };
      };
      const first = await play(rules);
      expect(first).toEqual({ asked: expect.any(Number), failed: 0 });
      expect(first.asked).toBeGreaterThan(20);
      expect(order).toEqual(rules.map(({ rule }) => rule.title));
      expect(await play(rules)).toEqual({ asked: 0, failed: 0 });

      // Another factor is another run, and one that fails is asked again each time.
      const [changed, ...others] = rules;
      if (changed === undefined) throw new Error('no such rule');
      const wrong = changed.built.rules.map((rule) => ({ ...rule, expr: rule.expr.split('14.4').join('14.5') }));
      const slipped = [{ ...changed, built: { ...changed.built, rules: wrong } }, ...others];
      const again = await play(slipped);
      expect(again.asked).toBe(first.asked / 2);
      expect(again.failed).toBeGreaterThan(0);
      expect(await play(slipped)).toEqual({ asked: again.failed, failed: again.failed });
    });

    it('tells of a rule that contradicts itself, which builds', async () => {
      const { sales } = shop.metrics;
      const count = increase(select(sales, { result: 'refused' }), '1h');
      const rule = alertRule({
        uid: 'shop-never',
        title: 'ShopNever',
        expression: mul(compare(count, '>', 5), compare(count, '<', 3)),
        for: '5m',
        severity: 'ticket',
        component: 'till',
        summary: 'Never',
        description: 'More than five and fewer than three.',
        panel: salePanels.burnOverTime,
        runbook: { impact: 'None.', firstLook: [{ say: 'Look.' }], silence: 'Always.' },
        proof: [
          { name: 'no sales', lasts: '1h', traffic: [traffic(sales, { until: '1m' })], fires: 'never' },
          {
            name: 'many refusals',
            lasts: '2h',
            traffic: [traffic(select(sales, { result: 'refused' }))],
            fires: { notBefore: '5m', by: '20m' },
          },
        ],
      });
      const group = defineAlertGroup({ catalogue: shop, name: 'never', rules: [rule] });
      const [system] = shopConfig.systems;
      if (system === undefined) throw new Error('no system');
      const config = { ...shopConfig, systems: [{ ...system, alerts: [group] }] };
      const [subject] = built(config);
      if (subject === undefined) throw new Error('no subject');
      const [proof] = await proveRules([subject], newest);
      expect(proof?.cases.flatMap((each) => each.failures)).toEqual(Array(3).fill('never fires, and must'));
    });
  });
