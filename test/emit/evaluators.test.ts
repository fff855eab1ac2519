import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AlertGroup } from '../../src/lockstep/alerts/index.js';
import { alertsIn, compareAlerts } from '../../src/lockstep/compat/alerts.js';
import type { Config, Target } from '../../src/lockstep/config/config.js';
import { validateConfig } from '../../src/lockstep/config/rules.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { lintPlan } from '../../src/lockstep/lint/lint.js';
import { toSubject } from '../../src/lockstep/lint/subject.js';
import { rememberingViewer } from '../../src/lockstep/preview/state.js';
import { subjectsOf } from '../../src/lockstep/prove/prove.js';
import shop from '../shop/lockstep.config.js';

type Ruler = NonNullable<Target['ruler']>;

const where = { layout: 'rules/{name}.yaml', labels: { prometheus: 'main' } } as const;
const withRuler = (ruler: Partial<Ruler>, change: (group: AlertGroup) => AlertGroup = (group) => group): Config => ({
  ...shop,
  target: { ...shop.target, grafana: '12.4', ruler: { ...where, ...ruler } },
  systems: shop.systems.map((system) => ({ ...system, alerts: system.alerts.map(change) })),
});
const filesOf = (config: Config) => {
  const { files, problems } = planFiles(config);
  expect(problems).toEqual([]);
  return files;
};
/** Of each resource with rules: its kind, its alerts, and whether it records. */
const rulesOf = (config: Config) =>
  filesOf(config).flatMap(({ kind, text }) => {
    if (kind !== 'group' && kind !== 'ruler') return [];
    const { spec } = parse(text) as {
      spec: { groups?: { rules: { alert?: string; record?: string }[] }[]; rules?: [] };
    };
    const ruled = spec.groups?.flatMap(({ rules }) => rules) ?? [];
    const alerts = spec.rules?.length ?? ruled.filter(({ alert }) => alert !== undefined).length;
    return [{ kind, alerts, records: ruled.some(({ record }) => record !== undefined) }];
  });
const [all] = rulesOf(withRuler({}));
const alerts = all?.alerts ?? 0;

describe('who evaluates the alerts of a group', () => {
  it.each<[string, Partial<Ruler>, ReturnType<typeof rulesOf>]>([
    [
      'is both, where nothing is said',
      {},
      [
        { kind: 'group', alerts, records: false },
        { kind: 'ruler', alerts, records: true },
      ],
    ],
    [
      'may be Grafana: then the ruler records for the boards',
      { alerts: 'grafana' },
      [
        { kind: 'group', alerts, records: false },
        { kind: 'ruler', alerts: 0, records: true },
      ],
    ],
    ['may be the ruler', { alerts: 'ruler' }, [{ kind: 'ruler', alerts, records: true }]],
    ['is said of a group', { groups: { 'shop-slo': 'ruler' } }, [{ kind: 'ruler', alerts, records: true }]],
    [
      'is said of a group, against what holds for the others',
      { alerts: 'ruler', groups: { 'shop-slo': 'both' } },
      [
        { kind: 'group', alerts, records: false },
        { kind: 'ruler', alerts, records: true },
      ],
    ],
  ])('%s', (_, ruler, expected) => {
    expect(alerts).toBeGreaterThan(5);
    expect(rulesOf(withRuler(ruler))).toEqual(expected);
  });

  it('is no file of a group that has nothing to record, where Grafana evaluates it', () => {
    const config = withRuler({ alerts: 'grafana' }, (group) => ({
      ...group,
      rules: group.rules.filter(({ burn }) => burn === undefined),
    }));
    expect(rulesOf(config).map(({ kind }) => kind)).toEqual(['group']);
  });

  it('records an SLO over its whole window in a group of its own, that the alerts do not wait for', () => {
    const [ruler] = filesOf(withRuler({})).filter(({ kind }) => kind === 'ruler');
    const { spec } = parse(ruler?.text ?? '') as {
      spec: { groups: { name: string; interval: string; rules: { record?: string; alert?: string }[] }[] };
    };
    expect(spec.groups.map(({ name, interval }) => `${name} ${interval}`)).toEqual([
      'shop-slo 1m',
      'shop-slo-window 2m',
    ]);
    expect(spec.groups[1]?.rules.every(({ record }) => record?.endsWith('30d'))).toBe(true);
  });

  it.each([
    ['shop-sol', 'ruler', 'config/ruler-group', '"shop-sol", which is no alert group', 'did you mean "shop-slo"?'],
    ['shop-slo', 'prometheus', 'config/ruler-group', '"prometheus"', 'say who evaluates the alerts of this group'],
  ])('is refused for %s: %s', (group, evaluator, code, found, fix) => {
    const problems = validateConfig(withRuler({ groups: { [group]: evaluator as 'ruler' } }));
    expect(problems).toMatchObject([{ code, found, fix }]);
  });

  it('is said by the name of the resource, which has no underscore', () => {
    const found = (name: string) => {
      const config = withRuler({ groups: { [name]: 'ruler' } }, (group) => ({ ...group, name: 'slow_tills' }));
      return validateConfig(config).map(({ code }) => code);
    };
    expect(found('shop-slow-tills')).toEqual([]);
    expect(found('shop-slow_tills')).toEqual(['config/ruler-group']);
  });

  it('is refused for all, where it is somebody else', () => {
    const problems = validateConfig(withRuler({ alerts: 'alertmanager' as 'ruler' }));
    expect(problems).toMatchObject([{ code: 'config/shape', found: '"alertmanager"' }]);
  });

  it('is not the ruler alone where a rule has what only Grafana reads', () => {
    const change = (group: AlertGroup): AlertGroup => ({
      ...group,
      rules: group.rules.map((rule, index) =>
        index === 0 ? { ...rule, notificationSettings: { receiver: 'Shop' }, keepFiringFor: '5m' } : rule,
      ),
    });
    expect(planFiles(withRuler({ alerts: 'both' }, change)).problems).toEqual([]);
    expect(planFiles(withRuler({ alerts: 'ruler' }, change)).problems).toMatchObject([
      { code: 'alerts/ruler', fix: expect.stringContaining("groups: { 'shop-slo': 'both' }") },
    ]);
    // A ruler has it, whatever the Grafana.
    const old = withRuler({ alerts: 'ruler' }, (group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, keepFiringFor: '5m' })),
    }));
    expect(planFiles({ ...old, target: { ...old.target, grafana: '10.4' } }).problems).toEqual([]);
  });
});

describe('rules that a ruler alone evaluates', () => {
  const config = withRuler({ alerts: 'ruler' });
  const files = filesOf(config);
  const [system] = config.systems;
  const titles = (system?.alerts ?? []).flatMap(({ rules }) => rules.map(({ title }) => title)).sort();

  it('are proven', () => {
    const { subjects, unmapped } = subjectsOf(config, files);
    expect(unmapped).toEqual([]);
    expect(subjects.map(({ rule }) => rule.title).sort()).toEqual(titles);
    expect(new Set(subjects.map(({ built }) => built.kind))).toEqual(new Set(['PrometheusRule']));
  });

  it('are linted, at their place in the file', () => {
    const slip: Config = {
      ...config,
      lint: {
        rules: [
          {
            id: 'house/queue',
            severity: 'error',
            about: 'a',
            example: 'e',
            fix: 'f',
            alert: ({ title }) => (title === 'ShopQueueLong' ? [{ found: 'a queue', at: ['annotations'] }] : []),
          },
        ],
      },
    };
    const lint = (of: Config) => lintPlan(toSubject(of, filesOf(of), new Map(), new Map(), '2026-11-28'));
    expect(lint(config)).toEqual([]);
    const [finding, ...others] = lint(slip);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ file: 'rules/shop-slo.yaml', owner: 'rule shop-queue-long' });
    const [spec, groups, group, rules, index] = finding?.path ?? [];
    expect([spec, groups, group, rules]).toEqual(['spec', 'groups', 0, 'rules']);
    const text = files.find(({ kind }) => kind === 'ruler')?.text ?? '';
    const resource = parse(text) as { spec: { groups: { rules: { alert?: string }[] }[] } };
    expect(resource.spec.groups[0]?.rules[index as number]?.alert).toBe('ShopQueueLong');
  });

  it('are shown in the preview', () => {
    const { groups } = rememberingViewer()(config, files, () => undefined);
    expect(groups.map(({ name, rules }) => [name, rules.length])).toEqual([['shop-slo', titles.length]]);
  });

  it('are linked from their panels by name', () => {
    const board = files.find(({ kind }) => kind === 'board')?.text ?? '';
    expect(board).not.toContain('/alerting/grafana/');
    expect(board).toContain('/alerting/list?search=rule%3AShopQueueLong');
  });

  it('are the same ones for `lockstep diff`, whoever evaluated them before', () => {
    const built = (of: Config) =>
      alertsIn(
        filesOf(of)
          .filter(({ kind }) => kind === 'group' || kind === 'ruler')
          .map(({ text }) => {
            const { kind, metadata, spec } = parse(text) as { kind: string; metadata: { name: string }; spec: object };
            return { kind, name: metadata.name, spec: spec as Readonly<Record<string, unknown>> };
          }),
      );
    const changes = (before: Partial<Ruler>, after: Partial<Ruler>) =>
      compareAlerts(built(withRuler(before)), built(withRuler(after)), ['page', 'ticket']);
    const [both, grafana, ruler] = [{}, { alerts: 'grafana' }, { alerts: 'ruler' }] as const;
    expect(changes(both, both)).toEqual([]);
    expect(changes(grafana, both)).toEqual([]);
    for (const [before, after, found] of [
      [both, ruler, 'Grafana no longer evaluates it: a ruler does'],
      [both, grafana, 'a ruler no longer evaluates it: Grafana does'],
      [grafana, ruler, 'Grafana no longer evaluates it: a ruler does'],
      [ruler, grafana, 'a ruler no longer evaluates it: Grafana does'],
    ] as const) {
      const told = changes(before, after);
      expect(told.map(({ metric }) => metric).sort()).toEqual(titles.map((title) => `alert ${title}`));
      expect(new Set(told.map((each) => `${each.level} ${each.found}`))).toEqual(new Set([`note ${found}`]));
    }
  });
});
