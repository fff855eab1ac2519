import { describe, expect, it } from 'vitest';
import { dayOf } from '../../src/exporter/catalogue/life-cycle.js';
import type { Config } from '../../src/lockstep/config/config.js';
import type { OwnRule } from '../../src/lockstep/config/own-rule.js';
import { validateConfig } from '../../src/lockstep/config/rules.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { explainRule } from '../../src/lockstep/lint/explain.js';
import { lintPlan } from '../../src/lockstep/lint/lint.js';
import { locate } from '../../src/lockstep/lint/locate.js';
import { toSubject } from '../../src/lockstep/lint/subject.js';
import shopConfig from '../shop/lockstep.config.js';

const TEXTS = { about: 'About.', example: 'An example.', fix: 'Mend it.' };
const rule = (more: Partial<OwnRule>): OwnRule => ({ id: 'house/own', severity: 'warning', ...TEXTS, ...more });

function lintBy(...rules: readonly OwnRule[]) {
  const config: Config = { ...shopConfig, lint: { rules } };
  const { files } = planFiles(config);
  const findings = lintPlan(toSubject(config, files, new Map(), new Map(), dayOf(new Date())));
  return findings.map((each) => {
    const text = files.find(({ path }) => path === each.file)?.text ?? '';
    return { ...each, line: locate(each, text)?.text.trim() };
  });
}

describe('a rule of one’s own', () => {
  it('is called for boards, panels and alerts, and its findings have the place that it names', () => {
    const findings = lintBy(
      rule({
        id: 'house/board',
        board: ({ title = '' }) => [{ found: title, at: ['title'] }],
        panel: ({ title = '' }) => (title === 'Wait' ? [{ found: 'a wait', at: ['title'], fix: 'Say whose.' }] : []),
        alert: ({ title }) => (title === 'ShopQueueLong' ? [{ found: title, at: ['title'] }] : undefined),
      }),
    );
    expect(findings.map(({ owner, found, fix, line }) => [owner, found, fix, line])).toEqual([
      ['', 'shop — overview', 'Mend it.', '"title": "shop — overview",'],
      ['panel "Wait"', 'a wait', 'Say whose.', '"title": "Wait",'],
      ['rule shop-queue-long', 'ShopQueueLong', 'Mend it.', 'title: ShopQueueLong'],
    ]);
  });

  it('that throws is a finding and an error, and stops no other', () => {
    const broken = rule({
      id: 'house/broken',
      alert: ({ title }) => {
        if (title === 'ShopQueueLong') throw new TypeError('no such field');
        return [];
      },
    });
    const other = rule({
      id: 'house/other',
      alert: ({ title }) => (title === 'ShopQueueLong' ? [{ found: 'x' }] : []),
    });
    expect(lintBy(broken, other).map(({ rule: id, severity, found }) => [id, severity, found])).toEqual([
      ['house/broken', 'error', 'the rule threw: no such field'],
      ['house/other', 'warning', 'x'],
    ]);
  });

  it('is refused where it is not one, with its place', () => {
    const problemsOf = (...rules: readonly unknown[]) =>
      validateConfig({ ...shopConfig, lint: { rules } } as Config).map(({ code, where }) => [code, where]);
    const check = { panel: () => [] };
    expect(problemsOf(rule(check))).toEqual([]);
    const at = 'lockstep.config › lint › rules';
    for (const [wrong, field] of [
      [rule({ ...check, id: 'lint/own' as 'house/own' }), '1 › id'],
      [rule({ ...check, id: 'house/Own' }), '1 › id'],
      [rule({ ...check, severity: 'note' as 'error' }), '1 › severity'],
      [rule({ ...check, fix: ' ' }), '1 › fix'],
      [rule({}), '1 › panel'],
      [{ ...rule(check), panels: () => [] }, '1 › panels'],
      [rule({ panel: 'x' as unknown as () => [] }), '1 › panel'],
      [null, '1'],
    ] as const)
      expect(problemsOf(wrong), field).toEqual([['config/lint-rule', `${at} › ${field}`]]);
    expect(problemsOf(rule(check), rule(check))).toEqual([['config/lint-rule', `${at} › 2 › id`]]);
    expect(validateConfig({ ...shopConfig, lint: null } as unknown as Config).map(({ where }) => where)).toEqual([at]);
  });

  it('is explained as the built-in ones are', () => {
    expect(explainRule('house/own', [rule({})])).toContain('Fix: Mend it.');
    expect(explainRule('lint/no-unit', [])).toContain('Fix: give the unit');
    expect(explainRule('lint/nothing', [])).toBeUndefined();
    expect(explainRule('toString', [])).toBeUndefined();
  });
});
