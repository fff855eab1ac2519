import { describe, expect, it } from 'vitest';
import { fab } from '../../src/fab/catalogue.js';
import type { Dashboard, Panel, Row } from '../../src/lockstep/panels/index.js';
import { defineDashboard, labelVariable, query } from '../../src/lockstep/panels/index.js';
import type { TablePanel } from '../../src/lockstep/panels/panel.js';
import { increase, instant, rate, select, share } from '../../src/lockstep/promql/index.js';
import { codes, problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';
import { dashboard, queuePanel } from '../shop/dashboard.js';

const { sales } = shop.metrics;

function refused(change: Partial<Dashboard>): readonly string[] {
  return codes(problemsOf(() => defineDashboard({ ...dashboard, ...change }))).map((text) =>
    text.replace('dashboards/shop-overview', '*'),
  );
}

/** The shop's dashboard with one more panel, made from a good one. */
function withPanel(change: Record<string, unknown>): Partial<Dashboard> {
  const row: Row = { title: 'More', panels: [{ ...queuePanel, title: 'One more', ...change } as Panel] };
  return { rows: [...dashboard.rows, row] };
}

describe('rules of dashboards', () => {
  it('accepts the one that is right', () => {
    expect(refused({})).toEqual([]);
    expect(refused(withPanel({}))).toEqual([]);
  });

  it('takes a label that one side of a share does not have for one slip', () => {
    const refusedSales = increase(select(sales, { result: 'refused' }), '5m', ['tlil'] as never);
    const queries = [
      { ...query(share(refusedSales, increase(sales, '5m', ['till'] as never)), ''), legend: '{{till}}' },
    ];
    expect(refused(withPanel({ unit: 'percentunit', queries }))).toEqual([
      'promql/group-by at * › More › One more › query A',
    ]);
  });

  it('takes a threshold that is out of reach for one slip, though it is out of order too', () => {
    const steps = (first: number) => [
      { at: first, colour: 'orange' },
      { at: 0.1, colour: 'red' },
    ];
    const queries = [
      query(share(increase(select(sales, { result: 'refused' }), '5m'), increase(sales, '5m')), 'refused'),
    ];
    const told = (first: number) =>
      refused(withPanel({ unit: 'percentunit', queries, thresholds: { base: 'green', steps: steps(first) } }));
    expect(told(0.05)).toEqual([]);
    expect(told(5)).toEqual(['dashboard/threshold-out-of-reach at * › More › One more › query A']);
    expect(told(0.5)).toEqual(['dashboard/thresholds at * › More › One more › thresholds']);
  });

  it.each<[string, Partial<Dashboard>, string]>([
    ['a facet in capitals', { facet: 'Overview' }, 'dashboard/facet at dashboards/shop-Overview'],
    ['no description', { description: '' }, 'dashboard/description at *'],
    ['no rows', { rows: [], variables: [] }, 'dashboard/rows at *'],
    [
      'a row without panels',
      { rows: [...dashboard.rows, { title: 'Empty', panels: [] }] },
      'dashboard/empty-row at * › Empty',
    ],
    ['a title twice', withPanel({ title: 'Wait' }), 'dashboard/duplicate-title at * › More › Wait'],
    [
      'a panel without description',
      withPanel({ description: ' ' }),
      'dashboard/description at * › More › One more › description',
    ],
    ['a unit that Grafana lacks', withPanel({ unit: 'seconds' }), 'dashboard/unit at * › More › One more › unit'],
    ['no queries', withPanel({ queries: [] }), 'dashboard/no-query at * › More › One more › queries'],
    ['a width beyond the grid', withPanel({ width: 25 }), 'dashboard/width at * › More › One more › width'],
    ['a height of nothing', withPanel({ height: 0 }), 'dashboard/height at * › More › One more › height'],
    [
      'thresholds out of order',
      withPanel({
        thresholds: {
          base: 'green',
          steps: [
            { at: 2, colour: 'red' },
            { at: 1, colour: 'orange' },
          ],
        },
      }),
      'dashboard/thresholds at * › More › One more › thresholds',
    ],
    ['a range that is none', withPanel({ min: 1, max: 1 }), 'dashboard/range at * › More › One more › max'],
    ['a step in mixed units', withPanel({ minStep: '1m30s' }), 'dashboard/min-step at * › More › One more › minStep'],
    [
      'a legend that is the same for every line',
      withPanel({ queries: [query(rate(sales, '5m', ['till']), 'sales')] }),
      'dashboard/legend-ambiguous at * › More › One more › query A › legend',
    ],
    [
      'a wrong label in the query, and the right one in the legend: one slip',
      withPanel({ queries: [{ ...query(rate(sales, '5m', ['tlil'] as never), ''), legend: '{{till}}' }] }),
      'promql/group-by at * › More › One more › query A',
    ],
    [
      'a legend without text',
      withPanel({ queries: [query(rate(sales, '5m'), ' ')] }),
      'dashboard/legend at * › More › One more › query A › legend',
    ],
    [
      'one series per target',
      withPanel({ queries: [query(instant(shop.metrics.queue), '{{till}}')] }),
      'dashboard/not-aggregated at * › More › One more › query A',
    ],
    [
      'a metric of another system',
      withPanel({ queries: [query(rate(fab.metrics.sessions, '5m'), 's')] }),
      'promql/unknown-metric at * › More › One more › query A',
    ],
    [
      'a drill-down by a label that is not there',
      withPanel({ type: 'table', drillDown: 'result', queries: [query(rate(sales, '5m', ['till']), 'Sales')] }),
      'dashboard/drill-down at * › More › One more › query A › legend',
    ],
    [
      'a drill-down by nothing',
      withPanel({
        type: 'state-timeline',
        thresholds: { base: 'green', steps: [] },
        drillDown: null,
        queries: [query(rate(sales, '5m', ['result']), '{{result}}')],
      }),
      'dashboard/drill-down at * › More › One more › drillDown',
    ],
    [
      'an empty reason for being empty',
      withPanel({ queries: [query(rate(sales, '5m'), 's', { emptyBecause: '' })] }),
      'dashboard/empty-because at * › More › One more › queries',
    ],
    [
      'a variable that nothing uses',
      { variables: [...dashboard.variables, labelVariable('result', { title: 'Result', from: sales })] },
      'dashboard/unused-variable at * › variable result',
    ],
    [
      'a variable that is not declared',
      { variables: [] },
      'promql/undeclared-variable at * › Traffic › People waiting, by till › query A',
    ],
    [
      'a variable twice',
      { variables: [...dashboard.variables, ...dashboard.variables] },
      'dashboard/duplicate-variable at * › variable till',
    ],
    [
      'a drill-down of lanes by a label that no variable holds',
      withPanel({
        type: 'state-timeline',
        thresholds: { base: 'green', steps: [] },
        drillDown: 'result',
        queries: [query(rate(sales, '5m', ['result']), '{{result}}')],
      }),
      'dashboard/drill-down at * › More › One more › drillDown',
    ],
    [
      'marks whose window is not their step',
      { annotations: [{ title: 'Sales', query: query(increase(sales, '5m'), 'a sale'), colour: 'blue', step: '10m' }] },
      'dashboard/annotation-window at * › annotation Sales',
    ],
    [
      'marks of another system',
      {
        annotations: [
          { title: 'Sessions', query: query(increase(fab.metrics.sessions, '5m'), 's'), colour: 'blue', step: '5m' },
        ],
      },
      'promql/unknown-metric at * › annotation Sessions',
    ],
    [
      'marks with a field that does not exist',
      {
        annotations: [
          Object.assign(
            { color: 'blue' },
            { title: 'Sales', query: query(increase(sales, '5m'), 's'), colour: 'blue' as const, step: '5m' as const },
          ),
        ],
      },
      'dashboard/shape at * › Sales › color',
    ],
    [
      'a variable of another system',
      { variables: [labelVariable('role', { title: 'Role', from: fab.metrics.sessions }), ...dashboard.variables] },
      'dashboard/unknown-metric at * › variable role',
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(refused(change)).toContain(expected);
  });

  describe('one slip is one problem, however many places it spoils', () => {
    const table = { ...queuePanel, type: 'table', title: 'Table', drillDown: 'till' } as TablePanel;
    const tills = labelVariable('till', { title: 'Till', from: sales });
    const within = (from: typeof tills) => labelVariable('result', { title: 'Result', from: sales, within: [from] });
    /** Matched by a query, drilled down by, and around another variable. */
    const spoilt = (from: typeof tills): Partial<Dashboard> => ({
      rows: [
        {
          title: 'All of it',
          panels: [
            {
              ...table,
              queries: [query(rate(select(sales, { till: from }), '5m', ['till']), '{{till}}')],
            },
            { ...queuePanel, queries: [query(rate(select(sales, { result: within(from) }), '5m'), 'Sales')] },
          ],
        },
      ],
    });
    const told = (change: Partial<Dashboard>) =>
      problemsOf(() => defineDashboard({ ...dashboard, ...change })).map(({ code, where }) => `${code} ${where}`);

    it('for a label that is not there', () => {
      const tlil = labelVariable('tlil' as 'till', { title: 'Till', from: sales });
      expect(told({ ...spoilt(tlil), variables: [tlil, within(tlil)] })).toEqual([
        'dashboard/variable-label dashboards/shop-overview › variable tlil',
      ]);
    });

    it('for a label that is not there, written twice', () => {
      const tlil = () => labelVariable('tlil' as 'till', { title: 'Till', from: sales });
      expect(told({ ...spoilt(tlil()), variables: [tlil(), within(tlil())] })).toEqual([
        'dashboard/variable-label dashboards/shop-overview › variable tlil',
      ]);
    });

    it('and a drill-down by another label is one of its own', () => {
      const tlil = labelVariable('tlil' as 'till', { title: 'Till', from: sales });
      const { rows = [] } = spoilt(tlil);
      const queries = [query(rate(sales, '5m', ['result']), 's')] as const;
      const more = { ...table, title: 'More', drillDown: 'result', queries } as Panel;
      expect(
        told({
          variables: [tlil],
          rows: [
            { title: 'One', panels: [rows[0]?.panels[0] as Panel] },
            { title: 'More', panels: [more] },
          ],
        }),
      ).toEqual([
        'dashboard/drill-down dashboards/shop-overview › More › More › drillDown',
        'dashboard/variable-label dashboards/shop-overview › variable tlil',
      ]);
    });

    it('for a variable that only a mark names, and that is drilled down by', () => {
      const marks = { title: 'Sales', colour: 'blue', step: '5m' } as const;
      const byTill = { ...table, queries: [query(rate(sales, '5m', ['till']), '{{till}}')] } as Panel;
      expect(
        told({
          variables: [],
          rows: [{ title: 'All', panels: [byTill] }],
          annotations: [{ ...marks, query: query(increase(select(sales, { till: tills }), '5m'), 'a sale') }],
        }),
      ).toEqual(['promql/undeclared-variable dashboards/shop-overview › annotation Sales']);
    });

    it('for a variable that is not on the dashboard', () => {
      expect(new Set(told({ ...spoilt(tills), variables: [within(tills)] }).map((each) => each.split(' ')[0]))).toEqual(
        new Set(['promql/undeclared-variable']),
      );
    });

    it('and none where all is right', () => {
      expect(told({ ...spoilt(tills), variables: [tills, within(tills)] })).toEqual([]);
    });
  });

  it('names the legend label that is not there, where types were talked out of it', () => {
    const legend: string = '{{tlil}}';
    const wrong = { ...query(rate(select(sales, {}), '5m', ['till']), ''), legend };
    const [problem] = problemsOf(() => defineDashboard({ ...dashboard, ...withPanel({ queries: [wrong] }) }));
    expect(problem).toMatchObject({
      code: 'dashboard/legend-label',
      found: '{{tlil}}, which the query does not return',
      fix: 'did you mean "till"?',
    });
  });
});
