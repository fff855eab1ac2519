import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import fabConfig from '../../lockstep.config.js';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planDocs } from '../../src/lockstep/docs/plan.js';
import { sourceOf } from '../../src/lockstep/emit/header.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineExistingBoard } from '../../src/lockstep/existing/index.js';
import { query, sloPanels } from '../../src/lockstep/panels/index.js';
import { increase, instant, ratio, sum } from '../../src/lockstep/promql/index.js';
import { codes } from '../problems.js';
import { alerts } from '../shop/alerts.js';
import { shop } from '../shop/catalogue.js';
import { dashboard, queuePanel, saleSlo } from '../shop/dashboard.js';
import config from '../shop/lockstep.config.js';

const [system] = config.systems;
if (system === undefined) throw new Error('no system');

function refused(change: Partial<Config>): readonly string[] {
  return codes(planFiles({ ...config, ...change }).problems);
}

describe('the plan', () => {
  it.each(planFiles(config).files)('golden: $path', async ({ path, text }) => {
    await expect(text).toMatchFileSnapshot(`../golden/shop/${path}`);
  });

  it.each(planFiles(fabConfig).files)('what is committed for fab: $path', ({ path, text }) => {
    expect(readFileSync(new URL(`../../out/${path}`, import.meta.url), 'utf8')).toBe(text);
  });

  it('refuses two boards of one uid, which would overwrite each other', () => {
    const board = (name: string) =>
      defineExistingBoard({
        catalogue: shop as unknown as Catalogue,
        name,
        uid: 'shop-overview',
        title: name,
        schemaVersion: 39,
        variables: [],
        panels: [],
      });
    expect(refused({ systems: [{ ...system, boards: [board('old')] }] })).toEqual([
      'emit/same-uid at out › boards/shop.yaml',
    ]);
  });

  it('is the same each time', () => {
    expect(planFiles(config)).toEqual(planFiles(config));
  });

  it('holds valid JSON in a literal block, without an undefined or shared object, and says how large it is', () => {
    const [file] = planFiles(fabConfig).files.filter(({ path }) => path.includes('platform'));
    if (file === undefined) throw new Error('no dashboard');
    expect(file.text).toContain('\n  json: |\n    {\n');
    expect(file.text).not.toMatch(/[&*]a\d/);
    const resource = parse(file.text) as { readonly spec: { readonly json: string } };
    expect(resource).toEqual(file.resource);
    const model = JSON.parse(resource.spec.json) as {
      readonly schemaVersion: number;
      readonly panels: readonly { readonly id: number }[];
    };
    expect(model.schemaVersion).toBe(39);
    expect(new Set(model.panels.map(({ id }) => id)).size).toBe(model.panels.length);
    expect(file.appliedBytes).toBe(Buffer.byteLength(JSON.stringify(resource)));
    expect(sourceOf(file.text)).toBe('github.com/nanohype/lockstep');
  });

  it('links alert, panel and runbook with each other', () => {
    const own = planFiles(fabConfig).files.filter(({ system }) => system === 'fab');
    const [group, board] = own.map(({ resource }) => resource) as unknown as [AlertGroup, Board];
    const model = JSON.parse(board.spec.json) as Model;
    for (const rule of group.spec.rules) {
      const { __dashboardUid__, __panelId__, runbook_url } = rule.annotations;
      expect(__dashboardUid__).toBe('fab-overview');
      const panel = model.panels.find(({ id }) => String(id) === __panelId__);
      expect(panel?.links?.map(({ url }) => url)).toEqual(
        expect.arrayContaining([`/alerting/grafana/${rule.uid}/view`, runbook_url]),
      );
      const page = runbook_url.replace(fabConfig.target.runbooks, 'runbooks');
      expect(planDocs(fabConfig).map(({ path }) => path)).toContain(page);
    }
  });

  it('has nothing if anything has a problem, and tells each', () => {
    const broken = { ...dashboard, description: '' };
    const plan = planFiles({
      ...config,
      systems: [{ ...system, dashboards: [broken], alerts: [{ ...alerts, name: 'Bad Name' }] }],
    });
    expect(plan.files).toEqual([]);
    expect(codes(plan.problems)).toEqual([
      'dashboard/description at dashboards/shop-overview',
      'alerts/group-name at alerts/shop-Bad Name',
    ]);
  });

  it.each<[string, Partial<Config>, string]>([
    ['no source', { source: '' }, 'config/source at lockstep.config › source'],
    [
      'a Grafana that it does not know',
      { target: { ...config.target, grafana: '7.0' as '10.4' } },
      'config/grafana at lockstep.config › target › grafana',
    ],
    [
      'a path out of the folder',
      { target: { ...config.target, layout: { ...config.target.layout, alerts: '../{name}.yaml' } } },
      'config/layout at lockstep.config › target › layout › alerts',
    ],
    [
      'a placeholder that it does not know',
      { target: { ...config.target, layout: { ...config.target.layout, alerts: '{team}.yaml' } } },
      'config/layout at lockstep.config › target › layout › alerts',
    ],
    ['no systems', { systems: [] }, 'config/systems at lockstep.config › systems'],
    [
      'no instance selector',
      { target: { ...config.target, instanceSelector: {} } },
      'config/instance-selector at lockstep.config › target › instanceSelector',
    ],
    [
      'a severity without a route',
      { target: { ...config.target, routes: ['ticket'] } },
      'alerts/no-route at alerts/shop-slo › ShopSalesBurn1h › severity',
    ],
    [
      'a severity of no name',
      { target: { ...config.target, severities: { page: 'a b', ticket: 'c' } } },
      'config/severities at lockstep.config › target › severities',
    ],
    [
      'two severities of one name',
      { target: { ...config.target, severities: { page: 'x', ticket: 'x' } } },
      'config/severities at lockstep.config › target › severities',
    ],
    ['no routes', { target: { ...config.target, routes: [] } }, 'config/routes at lockstep.config › target › routes'],
    ['documentation outside of its folder', { docs: '../docs' }, 'config/docs at lockstep.config › docs'],
    [
      'an address of Grafana with a slash at its end',
      { target: { ...config.target, grafanaUrl: 'https://grafana.example.org/' } },
      'config/grafana-url at lockstep.config › target › grafanaUrl',
    ],
    [
      'a ruler without a layout',
      { target: { ...config.target, ruler: { layout: 'rules/{who}.yaml', labels: {} } } },
      'config/layout at lockstep.config › target › ruler › layout',
    ],
    [
      'two files of one path',
      { target: { ...config.target, layout: { dashboards: 'x.yaml', alerts: 'x.yaml' } } },
      'emit/same-path at out › x.yaml',
    ],
    [
      'an alert whose panel is on no board',
      { systems: [{ ...system, dashboards: [{ ...dashboard, rows: dashboard.rows.slice(0, 1), variables: [] }] }] },
      'alerts/panel at alerts/shop-slo › ShopQueueLong › panel',
    ],
    [
      'an alert whose panel shows another matter',
      {
        systems: [
          {
            ...system,
            alerts: [
              {
                ...alerts,
                rules: alerts.rules.map((rule) =>
                  rule.title === 'ShopSalesBurn1h' ? { ...rule, panel: queuePanel } : rule,
                ),
              },
            ],
          },
        ],
      },
      'alerts/panel-of-another at alerts/shop-slo › ShopSalesBurn1h › panel',
    ],
    [
      'an alert whose panel shows what it reads only as the whole of another share',
      (() => {
        const queries = [query(ratio(sum(instant(shop.metrics.queue)), increase(shop.metrics.sales, '1h'), 'so'), 'x')];
        const panel = {
          ...queuePanel,
          title: 'Of the sales',
          queries: queries as unknown as typeof queuePanel.queries,
        };
        const rows = dashboard.rows.map((row, index) =>
          index === 0 ? { ...row, panels: [...row.panels, panel] } : row,
        );
        const rules = alerts.rules.map((rule) => (rule.title === 'ShopSalesAbsent' ? { ...rule, panel } : rule));
        return { systems: [{ ...system, dashboards: [{ ...dashboard, rows }], alerts: [{ ...alerts, rules }] }] };
      })(),
      'alerts/panel-of-another at alerts/shop-slo › ShopSalesAbsent › panel',
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(refused(change)).toContain(expected);
  });

  it('refuses a claim that a reader of the board would compute otherwise', () => {
    const { sales } = shop.metrics;
    const longer = {
      ...queuePanel,
      title: 'Sales in a quarter',
      queries: [query(increase(sales, '90d'), 'sales')],
    } as const;
    const rows = [...dashboard.rows, { title: 'More', panels: [longer] }];
    const { problems } = planFiles({ ...config, systems: [{ ...system, dashboards: [{ ...dashboard, rows }] }] });
    expect(problems).toHaveLength(4);
    expect(problems[0]).toMatchObject({
      code: 'alerts/claim',
      where: 'alerts/shop-slo › ShopSalesBurn1h › summary',
      found: '2% of the budget in 1h; a panel reads shop_sales_total over 7776000 s, which gives 0.67%',
    });
  });

  it('refuses a claim about what no panel shows', () => {
    const without = { ...dashboard, rows: dashboard.rows.slice(1) };
    expect(refused({ systems: [{ ...system, dashboards: [without] }] })).toContain(
      'alerts/claim-unshown at alerts/shop-slo › ShopSalesBurn1h › summary',
    );
    expect(sloPanels(saleSlo, 'Sales').burns).toHaveLength(2);
  });

  it('refuses a dashboard that kubectl could not apply', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...queuePanel,
      title: `Panel ${index}`,
      description: 'x'.repeat(200),
    }));
    const [problem] = planFiles({
      ...config,
      systems: [
        { ...system, dashboards: [{ ...dashboard, rows: [...dashboard.rows, { title: 'Many', panels: many }] }] },
      ],
    }).problems;
    expect(problem).toMatchObject({ code: 'emit/too-large', where: 'out › boards/shop.yaml' });
  });
});

interface AlertGroup {
  readonly spec: {
    readonly rules: readonly {
      readonly uid: string;
      readonly annotations: Readonly<Record<'__dashboardUid__' | '__panelId__' | 'runbook_url', string>>;
    }[];
  };
}
interface Board {
  readonly spec: { readonly json: string };
}
interface Model {
  readonly panels: readonly { readonly id: number; readonly links?: readonly { readonly url: string }[] }[];
}
