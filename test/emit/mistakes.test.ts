import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defineCatalogue, gauge } from '../../src/exporter/catalogue/index.js';
import type { Config } from '../../src/lockstep/config/config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { alerts } from '../shop/alerts.js';
import { dashboard } from '../shop/dashboard.js';
import config from '../shop/lockstep.config.js';

// What a loader that does not check types lets through: each is a problem with its place, and never a crash.

const [system] = config.systems;
if (system === undefined) throw new Error('the shop has no system');
type Erased = Record<string, unknown>;

function planned(change: { readonly target?: Erased; readonly system?: Erased; readonly systems?: unknown }) {
  const { target, systems } = change;
  const changed = {
    ...config,
    target: { ...config.target, ...target },
    systems: systems ?? [{ ...system, ...change.system }],
  };
  return planFiles(changed as unknown as Config);
}
const codes = (change: Parameters<typeof planned>[0]) =>
  planned(change).problems.map(({ code, where }) => `${code} at ${where}`);

const [row, ...rows] = dashboard.rows;
const [panel, ...panels] = row?.panels ?? [];
const [rule, ...rules] = alerts.rules;
const withPanels = (first: object) => ({
  system: { dashboards: [{ ...dashboard, rows: [{ ...row, panels: [first, ...panels] }, ...rows] }] },
});
const withPanel = (field: string, value: unknown) => withPanels({ ...panel, [field]: value });
const withBoard = (field: string, value: unknown) => ({ system: { dashboards: [{ ...dashboard, [field]: value }] } });
const withRule = (field: string, value: unknown) => ({
  system: { alerts: [{ ...alerts, rules: [{ ...rule, [field]: value }, ...rules] }] },
});

describe('a definition that is not what its type says', () => {
  it.each([
    ...(['description', 'unit', 'width', 'queries', 'title'] as const).map(
      (field) => [withPanel(field, undefined), field] as const,
    ),
    [withPanel('type', 'graph'), 'type'] as const,
    ...(['facet', 'description', 'tags', 'variables', 'rows'] as const).map(
      (field) => [withBoard(field, undefined), field] as const,
    ),
    ...(['uid', 'title', 'node', 'for', 'component', 'summary', 'description', 'panel'] as const).map(
      (field) => [withRule(field, undefined), field] as const,
    ),
    [withRule('severity', 'warn'), 'severity'] as const,
    [{ system: { dashboards: undefined } }, 'dashboards'] as const,
    [{ system: { alerts: alerts } }, 'alerts'] as const,
    [{ system: { catalogue: undefined } }, 'catalogue'] as const,
    [{ systems: 'shop' }, 'systems'] as const,
  ])('%#: is one problem, at %2$s', (change, field) => {
    const found = codes(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`/(shape|systems) at .*${field}$`));
  });

  const [scenario, ...scenarios] = rules.at(-1)?.proof ?? [];
  const [load] = scenario?.traffic ?? [];
  const { layout } = config.target;
  const withScenario = (change: object) => ({
    system: {
      alerts: [
        {
          ...alerts,
          rules: [rule, ...rules.slice(0, -1), { ...rules.at(-1), proof: [{ ...scenario, ...change }, ...scenarios] }],
        },
      ],
    },
  });
  const [shown] = panel?.queries ?? [];
  const [variable, ...variables] = dashboard.variables;

  it.each<[Parameters<typeof planned>[0], string, string]>([
    [withPanels({ ...panel, type: 'timeseries', drawTresholds: true }), 'drawTresholds', 'drawThresholds'],
    [withPanel('heigth', 8), 'heigth', 'height'],
    [withPanel('queries', [{ ...shown, emtpyBecause: 'x' }]), 'emtpyBecause', 'emptyBecause'],
    [withPanel('thresholds', { base: 'green', steps: [], stesp: [] }), 'stesp', 'steps'],
    [withBoard('minstep', '2m'), 'minstep', 'minStep'],
    [withBoard('rows', [{ ...row, titel: 'x' }, ...rows]), 'titel', 'title'],
    [withBoard('variables', [{ ...variable, whithin: [] }, ...variables]), 'whithin', 'within'],
    [{ target: { schrapeInterval: '1m' } }, 'schrapeInterval', 'scrapeInterval'],
    [{ target: { layout: { ...layout, alert: 'x.yaml' } } }, 'alert', 'alerts'],
    [{ target: { ruler: { layout: 'r/{name}.yaml', labels: {}, lables: {} } } }, 'lables', 'labels'],
    [{ system: { recordedin: [] } }, 'recordedin', 'recordedIn'],
    [{ system: { alerts: [{ ...alerts, nmae: 'x' }] } }, 'nmae', 'name'],
    [withRule('sevirity', 'page'), 'sevirity', 'severity'],
    [withRule('runbook', { ...rule?.runbook, silense: 'x' }), 'silense', 'silence'],
    [withRule('runbook', { ...rule?.runbook, firstLook: [{ say: 'x', panels: [] }] }), 'panels', 'panel'],
    [withScenario({ vanish: '1h' }), 'vanish', 'vanishes'],
    [withScenario({ traffic: [{ ...load, untill: '1h' }] }), 'untill', 'until'],
    [withScenario({ fires: { notBefore: '1m', by: '5m', overby: '6m' } }), 'overby', 'overBy'],
  ])('%#: has no field that nothing reads', (change, field, meant) => {
    expect(planned(change).problems).toEqual([
      expect.objectContaining({
        where: expect.stringMatching(new RegExp(` › ${field}$`)),
        found: `a field "${field}", which nothing reads`,
        fix: `did you mean "${meant}"?`,
      }),
    ]);
  });

  it('has no field of another library, nor of another panel', () => {
    for (const field of ['span', 'datasource', 'drillDown'])
      expect(planned(withPanel(field, 'x')).problems).toEqual([
        expect.objectContaining({ code: 'dashboard/shape', fix: expect.stringMatching(/^drop it/) }),
      ]);
    expect(codes(withPanel('links', undefined))).toEqual([]);
  });

  it('offers the nearest of what there is', () => {
    const thresholds = { base: 'green', steps: [{ at: 1, colour: 'rde' }] };
    expect(planned(withPanel('thresholds', thresholds)).problems).toEqual([
      expect.objectContaining({ where: expect.stringMatching(/colour$/), fix: 'did you mean "red"?' }),
    ]);
    expect(planned(withPanel('type', 'timeserie')).problems[0]).toMatchObject({ fix: 'did you mean "timeseries"?' });
  });
});

describe('a plan', () => {
  it.each(['./x/{name}.yaml', 'x/../y/{name}.yaml', '/x/{name}.yaml', 'x//{name}.yaml'])(
    'refuses the layout %s',
    (path) => {
      expect(codes({ target: { layout: { ...config.target.layout, dashboards: path } } })).toEqual([
        'config/layout at lockstep.config › target › layout › dashboards',
      ]);
    },
  );

  it('refuses a former name that another system exposes', () => {
    const till = defineCatalogue({
      name: 'shop_till',
      metrics: {
        waiting: gauge({
          name: 'shop_till_waiting',
          help: 'W.',
          unit: '{person}',
          labels: [],
          renamedFrom: { name: 'shop_queue_length', until: '2027-03-01' },
        }),
      },
    });
    const { problems } = planFiles({ ...config, systems: [system, { catalogue: till, dashboards: [], alerts: [] }] });
    expect(problems.map(({ code, where }) => `${code} at ${where}`)).toEqual([
      'config/duplicate-metric at catalogue shop_till › shop_queue_length',
    ]);
  });

  it('refuses what two systems share, whatever else is wrong with one of them', () => {
    const { metrics } = system.catalogue;
    const [first] = Object.keys(metrics);
    const wrong = { ...metrics, [String(first)]: { ...metrics[String(first)], help: '' } };
    const bare = { ...system, catalogue: { ...system.catalogue, metrics: wrong }, dashboards: [], alerts: [] };
    const other = { ...system, catalogue: { ...system.catalogue, name: 'other' }, dashboards: [], alerts: [] };
    const found = planFiles({ ...config, systems: [bare, other] } as unknown as Config).problems.map(
      ({ code }) => code,
    );
    expect(found).toContain('catalogue/help');
    expect(found.filter((each) => each === 'config/duplicate-metric').length).toBeGreaterThanOrEqual(
      Object.keys(metrics).length,
    );
  });

  it('refuses a rule that two groups have', () => {
    const target = { layout: { ...config.target.layout, alerts: 'alerts/{name}.yaml' } };
    const found = codes({ target, system: { alerts: [alerts, { ...alerts, name: 'more' }] } });
    expect(found.every((each) => each.includes(' at alerts/shop-more › '))).toBe(true);
    const count = (code: string) => found.filter((each) => each.startsWith(`${code} `)).length;
    expect(count('alerts/duplicate')).toBe(alerts.rules.length);
    expect(count('alerts/slo-twice')).toBe(alerts.rules.filter(({ burn }) => burn !== undefined).length);
  });

  it('refuses two SLOs of one name: what is recorded of one would be the other', () => {
    const rules = alerts.rules.map((rule) =>
      rule.burn?.slo.name === 'wait'
        ? { ...rule, burn: { ...rule.burn, slo: { ...rule.burn.slo, name: 'sales' } } }
        : rule,
    );
    expect(codes({ system: { alerts: [{ ...alerts, rules }] } })).toEqual(
      ['1h', '6h', '1d', '3d'].map((long) => `alerts/slo-twice at alerts/shop-slo › ShopWaitBurn${long}`),
    );
  });

  it('refuses lines and columns of one name, and a drill-down to a variable that is not there', () => {
    const [query] = panel?.queries ?? [];
    expect(codes(withPanel('queries', [query, query])).join()).toMatch(
      /dashboard\/legend-twice at .* › query B › legend/,
    );
    const table = dashboard.rows.flatMap((each) => each.panels).find((each) => each.type === 'table');
    const [first] = table?.queries ?? [];
    const board = (change: object) => ({
      system: {
        dashboards: [
          { ...dashboard, rows: [...dashboard.rows, { title: 'More', panels: [{ ...table, title: 'T', ...change }] }] },
        ],
      },
    });
    expect(codes(board({ queries: [{ ...first, legend: 'till' }] })).join()).toMatch(
      /dashboard\/legend-twice at .*T › query A › legend/,
    );
    expect(codes(board({ drillDown: 'result' })).join()).toMatch(/dashboard\/drill-down at .*T › drillDown/);
  });

  it('is read alike by YAML 1.1, which kubectl reads', () => {
    const { files } = planned({ target: { instanceSelector: { dashboards: 'on' } }, ...withRule('component', 'off') });
    for (const { text } of files) expect(parse(text, { version: '1.1' })).toEqual(parse(text, { version: '1.2' }));
    expect(files[0]?.text).toContain('dashboards: "on"');
  });
});
