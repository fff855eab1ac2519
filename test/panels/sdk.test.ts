import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as statushistory from '@grafana/grafana-foundation-sdk/statushistory';
import { describe, expect, it } from 'vitest';
import { GRAFANA_VERSIONS } from '../../src/lockstep/grafana/index.js';
import type { Panel } from '../../src/lockstep/panels/index.js';
import { defineDashboard, query } from '../../src/lockstep/panels/index.js';
import { renderDashboard } from '../../src/lockstep/panels/render.js';
import { buckets, increase, rate } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';

// Panels of which lockstep knows only that the SDK makes them: their looks are the builder's, all else is checked and
// written as ever.

const { sales, wait } = shop.metrics;
const common = { type: 'sdk', title: 'T', description: 'D', unit: 'short', width: 12 } as const;
const byTill = [query(rate(sales, '5m', ['till']), '{{till}}')] as const;
const board = (panel: Panel) =>
  defineDashboard({
    catalogue: shop,
    facet: 'x',
    description: 'x',
    tags: [],
    variables: [],
    rows: [{ title: 'R', panels: [panel] }],
  });
const rendered = (panel: Panel) => {
  const model = renderDashboard(board(panel), {
    grafana: GRAFANA_VERSIONS['10.4'],
    print: (node) => printExpression({ node }),
    tags: [],
    datasource: 'p',
    links: [],
    linksOf: () => [],
  });
  return (model['panels'] as Record<string, unknown>[])[1] ?? {};
};

describe('a panel of the SDK', () => {
  it.each([
    ['bargauge', () => new bargauge.PanelBuilder().displayMode('lcd' as never)],
    ['heatmap', () => new heatmap.PanelBuilder()],
    ['piechart', () => new piechart.PanelBuilder()],
    ['status-history', () => new statushistory.PanelBuilder()],
  ])('%s stands on a board, with what the definition says', (type, build) => {
    const panel = rendered({ ...common, queries: byTill, build });
    expect(panel).toMatchObject({ type, title: 'T', description: 'D', gridPos: { x: 0, y: 1, w: 12, h: 8 } });
    expect(panel['fieldConfig']).toMatchObject({ defaults: { unit: 'short' } });
    expect(panel['targets']).toMatchObject([
      { refId: 'A', range: true, format: 'time_series', legendFormat: '{{till}}' },
    ]);
  });

  it('is asked for one moment if it says so, and for buckets as a heatmap takes them', () => {
    const build = () => new heatmap.PanelBuilder();
    expect(rendered({ ...common, queries: byTill, build, instant: true })['targets']).toMatchObject([
      { instant: true },
    ]);
    const perBucket = [query(increase(buckets(wait), '5m', ['le']), '{{le}}')] as const;
    expect(rendered({ ...common, queries: perBucket, build })['targets']).toMatchObject([{ format: 'heatmap' }]);
  });

  it.each<[string, () => { build(): object }, string]>([
    ['what is no panel', () => ({ build: () => ({}) }), '{}'],
    [
      'a function that throws',
      () => {
        throw new Error('no such builder');
      },
      'a function that throws: no such builder',
    ],
    [
      'queries that nobody checks',
      () => new piechart.PanelBuilder().withTarget(new DataqueryBuilder().expr('up').refId('A')),
      '1 queries of its own, which nobody checks',
    ],
  ])('refuses %s', (_, build, found) => {
    const [problem] = problemsOf(() => board({ ...common, queries: byTill, build }));
    expect(problem).toMatchObject({ code: 'dashboard/sdk-panel', found });
  });

  it('has its queries checked', () => {
    const wrong = {
      ...common,
      queries: [query(rate(sales, '5m', ['till']), 'x')] as const,
      build: () => new heatmap.PanelBuilder(),
    };
    expect(problemsOf(() => board(wrong)).map(({ code }) => code)).toContain('dashboard/legend-ambiguous');
  });
});
