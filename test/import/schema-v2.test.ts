import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importDefinitions } from '../../src/lockstep/import/definitions.js';
import { fromV2 } from '../../src/lockstep/import/schema-v2.js';
import { readSources } from '../../src/lockstep/import/sources.js';

// Boards of schema v2: each panel comes over with its queries and its place, and the rest is told.

const panel = (id: number, expr: string, more: object = {}, viz: object = {}) => ({
  kind: 'Panel',
  spec: {
    id,
    title: `Panel ${id}`,
    description: 'What it shows.',
    links: [{ title: 'more', url: 'https://example.org', targetBlank: true }],
    data: {
      kind: 'QueryGroup',
      spec: {
        queries: [
          {
            kind: 'PanelQuery',
            spec: {
              refId: 'A',
              hidden: false,
              query: {
                kind: 'DataQuery',
                group: 'prometheus',
                version: 'v0',
                datasource: { name: 'prom' },
                spec: { expr, legendFormat: '{{shop}}' },
              },
            },
          },
        ],
        transformations: [{ kind: 'Transformation', group: 'organize', spec: { options: { a: 1 } } }],
        queryOptions: { maxDataPoints: 100 },
      },
    },
    vizConfig: {
      kind: 'VizConfig',
      group: 'timeseries',
      version: '12.4.0',
      spec: {
        options: { legend: { showLegend: true } },
        fieldConfig: { defaults: { unit: 's', min: 0 }, overrides: [] },
        ...viz,
      },
    },
    ...more,
  },
});
const item = (name: string, x: number, y: number, more: object = {}) => ({
  kind: 'GridLayoutItem',
  spec: { x, y, width: 12, height: 8, element: { kind: 'ElementReference', name }, ...more },
});
const grid = (...items: object[]) => ({ kind: 'GridLayout', spec: { items } });
const row = (title: string, layout: object, more: object = {}) => ({
  kind: 'RowsLayoutRow',
  spec: { title, layout, ...more },
});
const elements = Object.fromEntries(
  [1, 2, 3, 4].map((id) => [`p${id}`, panel(id, `sum by (shop) (rate(sales_total[${id}m]))`)]),
);
const board = (layout: object, more: object = {}) => ({
  title: 'Sales',
  tags: ['pay'],
  links: [],
  preload: false,
  editable: true,
  cursorSync: 'Crosshair',
  timeSettings: {
    from: 'now-6h',
    to: 'now',
    autoRefresh: '30s',
    autoRefreshIntervals: ['30s'],
    timezone: 'utc',
    hideTimepicker: false,
    fiscalYearStartMonth: 0,
  },
  annotations: [
    {
      kind: 'AnnotationQuery',
      spec: {
        name: 'Annotations & Alerts',
        enable: true,
        hide: true,
        iconColor: 'blue',
        builtIn: true,
        query: { kind: 'DataQuery', group: 'grafana', version: 'v0', datasource: { name: '-- Grafana --' }, spec: {} },
      },
    },
  ],
  variables: [
    {
      kind: 'QueryVariable',
      spec: {
        name: 'shop',
        label: 'Shop',
        hide: 'hideLabel',
        refresh: 'onTimeRangeChanged',
        sort: 'naturalDesc',
        regex: '',
        multi: true,
        includeAll: true,
        skipUrlSync: false,
        options: [],
        current: { text: 'All', value: '$__all' },
        query: {
          kind: 'DataQuery',
          group: 'prometheus',
          version: 'v0',
          datasource: { name: 'prom' },
          spec: { query: 'label_values(sales_total, shop)', refId: 'x' },
        },
      },
    },
    { kind: 'IntervalVariable', spec: { name: 'step', query: '1m,5m', auto: true, auto_min: '10s', hide: 'dontHide' } },
  ],
  elements,
  layout,
  ...more,
});
const positions = (model: Readonly<Record<string, unknown>>) =>
  (model['panels'] as { type: string; id?: number; gridPos: object; panels?: { id: number; gridPos: object }[] }[]).map(
    ({ type, id, gridPos, panels }) => [
      type === 'row' ? 'row' : id,
      ...Object.values(gridPos),
      ...(panels ?? []).map((each) => each.id),
    ],
  );

describe('a board of schema v2', () => {
  it('is the same board in schema v1, field by field', () => {
    const { model, told } = fromV2(
      board(
        grid(
          item('p1', 0, 0),
          item('p2', 12, 0, { repeat: { mode: 'variable', value: 'shop', direction: 'h', maxPerRow: 3 } }),
          item('p3', 0, 8),
          item('p4', 12, 8),
        ),
      ),
    );
    expect(told).toEqual([]);
    expect(model).toMatchObject({
      title: 'Sales',
      graphTooltip: 1,
      time: { from: 'now-6h', to: 'now' },
      refresh: '30s',
      timezone: 'utc',
      timepicker: { refresh_intervals: ['30s'] },
      annotations: { list: [{ builtIn: 1, datasource: { type: 'grafana', uid: '-- Grafana --' }, iconColor: 'blue' }] },
      templating: {
        list: [
          {
            type: 'query',
            hide: 1,
            refresh: 2,
            sort: 8,
            query: { query: 'label_values(sales_total, shop)', refId: 'x' },
            datasource: { type: 'prometheus', uid: 'prom' },
          },
          { type: 'interval', query: '1m,5m', auto: true, hide: 0 },
        ],
      },
    });
    const [first, second] = model['panels'] as object[];
    expect(first).toEqual({
      id: 1,
      title: 'Panel 1',
      description: 'What it shows.',
      links: [{ title: 'more', url: 'https://example.org', targetBlank: true }],
      type: 'timeseries',
      pluginVersion: '12.4.0',
      options: { legend: { showLegend: true } },
      fieldConfig: { defaults: { unit: 's', min: 0 }, overrides: [] },
      targets: [
        {
          refId: 'A',
          expr: 'sum by (shop) (rate(sales_total[1m]))',
          legendFormat: '{{shop}}',
          datasource: { type: 'prometheus', uid: 'prom' },
        },
      ],
      transformations: [{ id: 'organize', options: { a: 1 } }],
      maxDataPoints: 100,
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
    });
    expect(second).toMatchObject({ repeat: 'shop', repeatDirection: 'h', maxPerRow: 3 });
  });

  it('has its rows, open and closed, below each other', () => {
    const layout = {
      kind: 'RowsLayout',
      spec: {
        rows: [
          row('', grid(item('p1', 0, 0)), { hideHeader: true }),
          row('Open', grid(item('p2', 0, 0)), { repeat: { mode: 'variable', value: 'shop' } }),
          row('Closed', grid(item('p3', 0, 0), item('p4', 12, 0)), { collapse: true }),
          row('Last', grid()),
        ],
      },
    };
    const { model, told } = fromV2(board(layout));
    expect(told).toEqual([]);
    expect(positions(model)).toEqual([
      [1, 0, 0, 12, 8],
      ['row', 0, 8, 24, 1],
      [2, 0, 9, 12, 8],
      ['row', 0, 17, 24, 1, 3, 4],
      ['row', 0, 18, 24, 1],
    ]);
    expect((model['panels'] as object[])[1]).toMatchObject({ title: 'Open', repeat: 'shop', collapsed: false });
  });

  it('has tabs as rows and places in an auto grid, which is told', () => {
    const auto = {
      kind: 'AutoGridLayout',
      spec: {
        maxColumnCount: 2,
        rowHeightMode: 'short',
        items: ['p1', 'p2', 'p3'].map((name) => ({
          kind: 'AutoGridLayoutItem',
          spec: { element: { kind: 'ElementReference', name } },
        })),
      },
    };
    const tab = (title: string, layout: object) => ({ kind: 'TabsLayoutTab', spec: { title, layout } });
    const { model, told } = fromV2(
      board({ kind: 'TabsLayout', spec: { tabs: [tab('One', auto), tab('Two', grid(item('p4', 0, 0)))] } }),
    );
    expect(told.map(({ where, found }) => `${where}: ${found}`)).toEqual([
      'layout: tabs: each is a row now',
      'layout › 1: an auto grid: its panels have a place on the grid now',
    ]);
    expect(positions(model)).toEqual([
      ['row', 0, 0, 24, 1],
      [1, 0, 1, 12, 4],
      [2, 12, 1, 12, 4],
      [3, 0, 5, 12, 4],
      ['row', 0, 9, 24, 1],
      [4, 0, 10, 12, 8],
    ]);
  });

  it('tells what schema v1 has no place for, and loses no panel', () => {
    const condition = { kind: 'ConditionalRenderingGroup', spec: { visibility: 'show', condition: 'and', items: [] } };
    const odd = {
      ...elements,
      p1: panel(1, 'sales_total', { subtitle: 'small' }, { novel: true }),
      p2: { kind: 'LibraryPanel', spec: { id: 2, title: 'Lib', libraryPanel: { name: 'lib', uid: 'l' } } },
    };
    const rows = {
      kind: 'RowsLayout',
      spec: {
        rows: [
          row('A', grid(item('p1', 0, 0), item('gone', 0, 8)), {
            conditionalRendering: condition,
            variables: [{}],
            novel: 1,
          }),
          row('B', { kind: 'RowsLayout', spec: { rows: [row('C', grid(item('p2', 0, 0)))] } }, { collapse: true }),
          row('D', { kind: 'NotebookLayout', spec: {} }),
        ],
      },
    };
    const { model, told } = fromV2(
      board(rows, { elements: odd, variables: [{ kind: 'SwitchVariable', spec: { name: 'on' } }], preferences: {} }),
    );
    expect(told.map(({ where, found }) => `${where}: ${found}`)).toMatchInlineSnapshot(`
      [
        "preferences: the preferences of an editor",
        "layout › 1: a condition of when it is shown",
        "layout › 1: variables of its own",
        "layout › 1 › novel: a field that schema v1 does not have",
        "elements › p1: a subtitle, which schema v1 does not have",
        "elements › p1 › novel: a field that schema v1 does not have",
        "layout › 1: the element gone, which the board does not have",
        "layout › 2: closed, with rows in it: it is open now",
        "layout › 2: rows within a row or a tab: they stand below each other now",
        "layout › 3: a NotebookLayout, which schema v1 does not have",
        "elements › p3: a panel that no layout shows",
        "elements › p4: a panel that no layout shows",
        "variables › on: a SwitchVariable, which schema v1 does not have",
      ]
    `);
    expect(
      positions(model)
        .flat()
        .filter((each) => each === 1 || each === 2).length,
    ).toBeGreaterThanOrEqual(2);
    expect((model['templating'] as { list: unknown[] }).list).toEqual([]);
  });

  it('is taken from the API, from a resource and from a file of early v2, and its panels are all kept', () => {
    const layout = grid(item('p1', 0, 0), item('p2', 12, 0), item('p3', 0, 8), item('p4', 12, 8));
    const early = JSON.parse(
      JSON.stringify(board(layout))
        .replaceAll(
          /"kind":"DataQuery","group":"(\w+)","version":"v0","datasource":\{"name":"([^"]+)"\}/g,
          '"kind":"$1"',
        )
        .replaceAll('"kind":"VizConfig","group":"timeseries","version":"12.4.0"', '"kind":"timeseries"')
        .replaceAll('"refId":"A"', '"refId":"A","datasource":{"type":"prometheus","uid":"prom"}'),
    ) as object;
    for (const file of [
      { apiVersion: 'dashboard.grafana.app/v2', kind: 'Dashboard', metadata: { name: 'sales' }, spec: board(layout) },
      { apiVersion: 'dashboard.grafana.app/v2alpha1', kind: 'Dashboard', metadata: { name: 'sales' }, spec: early },
      {
        kind: 'GrafanaManifest',
        metadata: { name: 'x' },
        spec: {
          template: {
            apiVersion: 'dashboard.grafana.app/v2',
            kind: 'Dashboard',
            metadata: { name: 'sales' },
            spec: board(layout),
          },
        },
      },
      board(layout),
    ]) {
      const sources = readSources(JSON.stringify(file), 'sales.json');
      expect(sources.findings).toEqual([]);
      const { accounts, boards } = importDefinitions(sources, {
        name: 'shop',
        scope: {},
        datasource: 'prom',
        exposed: undefined,
      });
      expect(accounts).toMatchObject([{ total: 4, kept: 4, told: 0, lost: 0 }]);
      expect(boards[0]?.data).toMatchObject({ title: 'Sales', ...('kind' in file ? { uid: 'sales' } : {}) });
      expect(boards[0]?.data.panels.map(({ queries }) => queries?.[0]?.promql)).toEqual(
        [1, 2, 3, 4].map((id) => `sum by (shop) (rate(sales_total[${id}m]))`),
      );
    }
  });

  it('keeps each panel once, whatever the layout', () => {
    const names = ['p1', 'p2', 'p3', 'p4'];
    const gridOf = (own: readonly string[]) => grid(...own.map((name, index) => item(name, 0, index * 8)));
    const layouts = fc.letrec<{ any: object }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.subarray(names).map(gridOf),
        fc.array(tie('any'), { maxLength: 3 }).chain((inner) =>
          fc.boolean().map((collapse) => ({
            kind: 'RowsLayout',
            spec: { rows: inner.map((each) => row('R', each, { collapse })) },
          })),
        ),
        fc.array(tie('any'), { maxLength: 3 }).map((inner) => ({
          kind: 'TabsLayout',
          spec: { tabs: inner.map((each) => ({ kind: 'TabsLayoutTab', spec: { title: 'T', layout: each } })) },
        })),
      ),
    })).any;
    const idsIn = (value: unknown): readonly unknown[] =>
      Array.isArray(value)
        ? value.flatMap(idsIn)
        : value !== null && typeof value === 'object'
          ? 'element' in value
            ? [(value.element as { name: string }).name]
            : Object.values(value).flatMap(idsIn)
          : [];
    fc.assert(
      fc.property(layouts, (layout) => {
        const { model, told } = fromV2(board(layout));
        const shown = (model['panels'] as { id?: number; panels?: { id: number }[] }[])
          .flatMap((each) => [each, ...(each.panels ?? [])])
          .flatMap(({ id }) => (id === undefined ? [] : [`p${id}`]));
        expect(shown).toEqual(idsIn(layout));
        // One that no layout shows is told.
        const unseen = names.filter((name) => !shown.includes(name));
        for (const name of unseen) expect(told.map(({ where }) => where)).toContain(`elements › ${name}`);
      }),
    );
  });
});
