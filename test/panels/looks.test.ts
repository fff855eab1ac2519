import { describe, expect, it } from 'vitest';
import { GRAFANA_VERSIONS } from '../../src/lockstep/grafana/index.js';
import type { Panel, Query } from '../../src/lockstep/panels/index.js';
import { defineDashboard, labelVariable, query } from '../../src/lockstep/panels/index.js';
import { renderDashboard } from '../../src/lockstep/panels/render.js';
import { buckets, increase, rate, ratio, select } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';

// The looks that a definition gives a panel, as the model of the board has them.

const { sales, wait } = shop.metrics;
const till = labelVariable('till', { title: 'Till', from: sales });
const common = { title: 'T', description: 'D', unit: 'cps', width: 12 } as const;
const byTill = [query(rate(select(sales, { till }), '5m', ['till']), '{{till}}')] as const;
const refused = ratio(rate(select(sales, { result: 'refused', till }), '5m'), rate(select(sales, { till }), '5m'));
const share = [query(refused, 'refused')] as const;
const perBucket = [query(increase(buckets(select(wait, { till })), '5m', ['le']), '{{le}}')] as const;
const timeseries = (looks: Partial<Extract<Panel, { type: 'timeseries' }>> = {}): Panel => ({
  type: 'timeseries',
  ...common,
  queries: byTill,
  ...looks,
});
const board = (panel: Panel, row: object = {}) =>
  defineDashboard({
    catalogue: shop,
    facet: 'x',
    description: 'x',
    tags: [],
    variables: [till],
    rows: [{ title: 'R', panels: [panel], ...row }],
  });
type Model = Readonly<Record<string, unknown>>;
const model = (panel: Panel, row: object = {}, version: keyof typeof GRAFANA_VERSIONS = '10.4') =>
  renderDashboard(board(panel, row), {
    grafana: GRAFANA_VERSIONS[version],
    print: (node) => printExpression({ node }),
    tags: [],
    datasource: 'p',
    links: [],
    linksOf: () => [{ title: 'Runbook', url: 'https://example.org/r' }],
  })['panels'] as readonly Model[];
const rendered = (panel: Panel) => model(panel)[1] ?? {};
const withLooks = (looks: Omit<Query, 'node' | 'legend' | 'emptyBecause' | 'unit'>) =>
  timeseries({ queries: [query(rate(select(sales, { till }), '5m', ['till']), '{{till}}', looks)] });

describe('the looks of a panel', () => {
  it.each<[string, Panel, object]>([
    [
      'links, after those to its alerts',
      timeseries({ links: [{ title: 'Logs', url: `/d/logs?var-till=\${till}` }] }),
      { links: [{ title: 'Runbook' }, { title: 'Logs', url: `/d/logs?var-till=\${till}` }] },
    ],
    [
      'links of its values',
      timeseries({ dataLinks: [{ title: 'Till', url: `https://example.org/\${__field.labels.till}` }] }),
      { fieldConfig: { defaults: { links: [{ title: 'Till', url: `https://example.org/\${__field.labels.till}` }] } } },
    ],
    [
      'texts for values',
      timeseries({
        mappings: [
          { value: 0, text: 'idle', colour: 'blue' },
          { value: { from: 5, to: 10 }, text: 'busy' },
        ],
      }),
      {
        fieldConfig: {
          defaults: {
            mappings: [
              { type: 'value', options: { 0: { text: 'idle', color: 'blue', index: 0 } } },
              { type: 'range', options: { from: 5, to: 10, result: { text: 'busy', index: 1 } } },
            ],
          },
        },
      },
    ],
    ['one of it for each value of a variable', timeseries({ repeat: till }), { repeat: 'till', repeatDirection: 'h' }],
    [
      'transformations, in their order',
      timeseries({
        transformations: [
          { id: 'reduce', options: { reducers: ['max'] } },
          { id: 'sortBy', options: {} },
        ],
      }),
      {
        transformations: [
          { id: 'reduce', options: { reducers: ['max'] } },
          { id: 'sortBy', options: {} },
        ],
      },
    ],
    [
      'shares on top of each other',
      timeseries({ stacked: 'percent' }),
      { fieldConfig: { defaults: { custom: { stacking: { mode: 'percent', group: 'A' }, fillOpacity: 25 } } } },
    ],
    [
      'an axis of its own',
      timeseries({ scale: 'log10', axisLabel: 'per second', softMin: 1 }),
      {
        fieldConfig: {
          defaults: {
            custom: { scaleDistribution: { type: 'log', log: 10 }, axisLabel: 'per second', axisSoftMin: 1 },
          },
        },
      },
    ],
    [
      'a legend in a list',
      timeseries({ legend: 'list' }),
      { options: { legend: { displayMode: 'list', showLegend: true } } },
    ],
    ['no legend', timeseries({ legend: 'hidden' }), { options: { legend: { showLegend: false } } }],
    [
      'lines over gaps',
      timeseries({ bridgeGaps: true }),
      { fieldConfig: { defaults: { custom: { spanNulls: true } } } },
    ],
    [
      'lines over short gaps',
      timeseries({ bridgeGaps: '10m' }),
      { fieldConfig: { defaults: { custom: { spanNulls: 600_000 } } } },
    ],
    [
      'looks of one query',
      withLooks({ colour: 'dark-red', axis: 'right', draw: 'dashes' }),
      {
        fieldConfig: {
          overrides: [
            {
              matcher: { id: 'byFrameRefID', options: 'A' },
              properties: [
                { id: 'color', value: { mode: 'fixed', fixedColor: 'dark-red' } },
                { id: 'custom.axisPlacement', value: 'right' },
                { id: 'custom.drawStyle', value: 'line' },
                { id: 'custom.lineWidth', value: 1 },
                { id: 'custom.fillOpacity', value: 5 },
                { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
              ],
            },
          ],
        },
      },
    ],
    [
      'a unit of one query',
      timeseries({ queries: [...byTill, query(refused, 'refused', { unit: 'percentunit', axis: 'right' })] }),
      {
        fieldConfig: {
          overrides: [
            {
              matcher: { id: 'byFrameRefID', options: 'B' },
              properties: [
                { id: 'unit', value: 'percentunit' },
                { id: 'custom.axisPlacement', value: 'right' },
              ],
            },
          ],
        },
      },
    ],
    [
      'bars as long as the values',
      { type: 'bar-gauge', ...common, queries: byTill, orientation: 'vertical' },
      { type: 'bargauge', options: { orientation: 'vertical' }, targets: [{ instant: true }] },
    ],
    [
      'parts of a pie',
      { type: 'pie', ...common, queries: byTill, donut: true },
      { type: 'piechart', options: { pieType: 'donut' }, targets: [{ instant: true }] },
    ],
    [
      'buckets over time, with their bounds in the unit of the histogram',
      { type: 'heatmap', ...common, unit: 'short', queries: perBucket, minStep: '5m' },
      {
        type: 'heatmap',
        interval: '5m',
        options: { calculate: false, yAxis: { unit: 's' } },
        targets: [{ range: true, format: 'heatmap' }],
      },
    ],
    [
      'how often values occur',
      { type: 'histogram', ...common, queries: byTill, bucketSize: 0.5 },
      { type: 'histogram', options: { bucketSize: 0.5 }, targets: [{ range: true, format: 'time_series' }] },
    ],
    [
      'cells in the colours of thresholds',
      {
        type: 'status-history',
        ...common,
        queries: byTill,
        thresholds: { base: 'green', steps: [{ at: 5, colour: 'red' }] },
      },
      {
        type: 'status-history',
        fieldConfig: { defaults: { color: { mode: 'thresholds' }, thresholds: { steps: [{}, { value: 5 }] } } },
        targets: [{ range: true }],
      },
    ],
  ])('can be %s', (_, panel, expected) => {
    expect(rendered(panel)).toMatchObject(expected);
    for (const version of ['10.4', '12.4'] as const) expect(model(panel, {}, version)).toHaveLength(2);
  });

  it('keeps the grey of a value that is absent beside texts for others', () => {
    const stat: Panel = {
      type: 'stat',
      ...common,
      queries: share,
      unit: 'percentunit',
      thresholds: { base: 'green', steps: [{ at: 0.1, colour: 'red' }] },
      mappings: [{ value: 0, text: 'none' }],
    };
    const { defaults } = rendered(stat)['fieldConfig'] as { defaults: { mappings: readonly object[] } };
    expect(defaults.mappings).toMatchObject([
      { type: 'special', options: { result: { index: 0 } } },
      { type: 'value', options: { 0: { text: 'none', index: 1 } } },
    ]);
  });

  it('keeps links of values beside a drill-down', () => {
    const { overrides } = rendered(
      timeseries({ drillDown: 'till', dataLinks: [{ title: 'Traces', url: '/d/traces' }] }),
    )['fieldConfig'] as { overrides: readonly { properties: readonly object[] }[] };
    expect(overrides[0]?.properties).toMatchObject([
      { id: 'links', value: [{ title: 'Only this till' }, { title: 'Traces', url: '/d/traces' }] },
    ]);
  });

  it('repeats a row', () => {
    expect(model(timeseries(), { repeat: till })[0]).toMatchObject({ type: 'row', repeat: 'till' });
  });

  const other = labelVariable('result', { title: 'Result', from: sales });
  const unmatched = [query(rate(sales, '5m', ['till']), '{{till}}')] as const;
  it.each<[string, Panel, string, string]>([
    ['a link to nowhere', timeseries({ links: [{ title: 'Logs', url: 'logs' }] }), 'dashboard/link', '"logs"'],
    [
      'a link without a title',
      timeseries({ dataLinks: [{ title: ' ', url: '/d/x' }] }),
      'dashboard/link',
      'no title for "/d/x"',
    ],
    [
      'a repetition by what is no variable',
      timeseries({ repeat: other }),
      'dashboard/repeat',
      '$result, which is no variable of the dashboard',
    ],
    [
      'a repetition of the same',
      timeseries({ repeat: till, queries: unmatched }),
      'dashboard/repeat',
      'once for each value of $till, which no query matches: each copy would show the same',
    ],
    [
      'a text for a value that cannot be',
      { type: 'stat', ...common, unit: 'percentunit', queries: share, mappings: [{ value: -1, text: 'off' }] },
      'dashboard/mapping',
      '"off" for -1, of a value that is between 0 and 1',
    ],
    [
      'a range that is turned around',
      timeseries({ mappings: [{ value: { from: 5, to: 1 }, text: 'x' }] }),
      'dashboard/mapping',
      '{"from":5,"to":1}',
    ],
    ['no text', timeseries({ mappings: [{ value: 1, text: '' }] }), 'dashboard/mapping', 'no text'],
    [
      'two texts of one value',
      timeseries({
        mappings: [
          { value: 1, text: 'a' },
          { value: 1, text: 'b' },
        ],
      }),
      'dashboard/mapping',
      '1 a second time',
    ],
    [
      'a range from nothing',
      timeseries({ mappings: [{ value: { from: null as never, to: 3 }, text: 'x' }] }),
      'dashboard/mapping',
      '{"from":null,"to":3}',
    ],
    [
      'an axis of a stat',
      { ...timeseries(), type: 'stat', queries: [query(refused, 'refused', { axis: 'right' })], unit: 'percentunit' },
      'dashboard/query-looks',
      'axis, in a panel of type stat, which has no lines',
    ],
    ['thresholds that are not there', timeseries({ drawThresholds: true }), 'dashboard/thresholds', 'no thresholds'],
    [
      'a logarithm of shares',
      timeseries({ scale: 'log10', stacked: 'percent' }),
      'dashboard/scale',
      'log10 of shares on top of each other',
    ],
    [
      'a link by a label that is not there',
      timeseries({ dataLinks: [{ title: 'T', url: `/d/x?a=\${__field.labels.tilll}` }] }),
      'dashboard/link',
      `\${__field.labels.tilll}, a label that no query returns`,
    ],
    [
      'a colour that does not exist',
      timeseries({ mappings: [{ value: 1, text: 'x', colour: 'rde' as 'red' }] }),
      'dashboard/shape',
      '"rde"',
    ],
    ['a legend that is none', timeseries({ legend: 'tabel' as 'table' }), 'dashboard/shape', '"tabel"'],
    ['an axis that is none', withLooks({ axis: 'rigth' as 'right' }), 'dashboard/shape', '"rigth"'],
    ['links that are no list', timeseries({ links: 'x' as never }), 'dashboard/shape', '"x"'],
    [
      'a link with another field',
      timeseries({ links: [{ title: 'T', href: '/d/x' }] as never }),
      'dashboard/shape',
      'a field "href", which nothing reads',
    ],
    ['a gap of no duration', timeseries({ bridgeGaps: '10 min' as '10m' }), 'dashboard/bridge-gaps', '"10 min"'],
    ['a stack of what is none', timeseries({ stacked: 'normal' as 'percent' }), 'dashboard/stacked', '"normal"'],
    ['a logarithm of zero', timeseries({ scale: 'log2', softMin: 0 }), 'dashboard/scale', 'log2 from 0'],
    [
      'a heatmap without buckets',
      { type: 'heatmap', ...common, queries: byTill },
      'dashboard/heatmap',
      'a query that does not return the buckets of one histogram',
    ],
    [
      'a bar without a width',
      { type: 'histogram', ...common, queries: byTill, bucketSize: 0 },
      'dashboard/bucket-size',
      '0',
    ],
    [
      'a unit of another kind, of one query',
      timeseries({ queries: [...byTill, query(refused, 'refused', { unit: 's' })] }),
      'dashboard/unit-of-another-kind',
      'the unit s for a number in a share',
    ],
  ])('cannot be %s', (_, panel, code, found) => {
    expect(problemsOf(() => board(panel))).toContainEqual(expect.objectContaining({ code, found }));
  });
});
