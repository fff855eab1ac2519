import * as table from '@grafana/grafana-foundation-sdk/table';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/lockstep/config/config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { modelOf } from '../../src/lockstep/emit/resource.js';
import { lintPlan } from '../../src/lockstep/lint/lint.js';
import { toSubject } from '../../src/lockstep/lint/subject.js';
import type { Dashboard, Panel } from '../../src/lockstep/panels/index.js';
import {
  alertListPanel,
  constantVariable,
  customVariable,
  datasourceVariable,
  defineDashboard,
  intervalVariable,
  labelVariable,
  logsPanel,
  otherPanel,
  panel,
  query,
  textPanel,
  textVariable,
} from '../../src/lockstep/panels/index.js';
import { rememberingViewer } from '../../src/lockstep/preview/state.js';
import { rate, select } from '../../src/lockstep/promql/index.js';
import { problemsOf } from '../problems.js';
import { shop } from '../shop/catalogue.js';
import shopConfig from '../shop/lockstep.config.js';

// Panels, variables and links that show no metric of the catalogue.

const { sales } = shop.metrics;
const loki = { type: 'loki', uid: '$logs' } as const;
const logs = datasourceVariable('logs', { title: 'Logs', type: 'loki' });
const errors = { datasource: loki, model: { expr: '{app="shop"} |= "error"', queryType: 'range' } };
const named = { title: 'T', description: 'D', width: 12 } as const;
const lines = logsPanel({ ...named, others: [errors] });
const chart = panel({
  type: 'timeseries',
  ...named,
  title: 'Chart',
  unit: 'cps',
  queries: [query(rate(sales, '5m'), 'sales')],
});

const codes = (define: () => unknown) => problemsOf(define).map(({ code }) => code);
const boardOf = (panels: readonly Panel[], more: Partial<Dashboard> = {}) =>
  defineDashboard({
    catalogue: shop,
    facet: 'x',
    description: 'x',
    tags: [],
    variables: [],
    rows: [{ title: 'R', panels }],
    ...more,
  });
const configOf = (board: Dashboard): Config => ({
  ...shopConfig,
  systems: [{ catalogue: shop, dashboards: [board], alerts: [] }],
});
const built = (board: Dashboard) => {
  const { files, problems } = planFiles(configOf(board));
  expect(problems).toEqual([]);
  const [file] = files;
  if (file?.kind !== 'board') throw new Error('no board');
  return { spec: file.resource.spec, model: modelOf(file.resource) as unknown as Readonly<Record<string, unknown>> };
};
const panelsOf = (board: Dashboard) => built(board).model['panels'] as readonly Readonly<Record<string, unknown>>[];
const variablesOf = (board: Dashboard) =>
  (built(board).model['templating'] as { list: readonly Readonly<Record<string, unknown>>[] }).list.slice(1);

describe('a panel of no metric', () => {
  it.each<[string, Panel, object]>([
    [
      'a text',
      textPanel({ title: 'T', width: 12, markdown: '# Call $logs' }),
      { type: 'text', options: { mode: 'markdown', content: '# Call $logs' } },
    ],
    [
      'lines of logs',
      lines,
      { type: 'logs', datasource: loki, targets: [{ refId: 'A', datasource: loki, expr: '{app="shop"} |= "error"' }] },
    ],
    [
      'the alerts of the system',
      alertListPanel({ ...named, states: ['firing', 'noData'] }),
      {
        type: 'alertlist',
        options: {
          alertInstanceLabelFilter: '{service="shop"}',
          stateFilter: { firing: true, pending: false, noData: true, normal: false, error: false },
        },
      },
    ],
    [
      'any other of the SDK, of several datasources',
      otherPanel({
        ...named,
        build: () => new table.PanelBuilder().filterable(true),
        others: [errors, { datasource: { type: 'tempo', uid: 'traces' }, model: { query: '{}' } }],
      }),
      {
        type: 'table',
        datasource: { type: 'datasource', uid: '-- Mixed --' },
        targets: [
          { refId: 'A', datasource: loki },
          { refId: 'B', datasource: { type: 'tempo', uid: 'traces' }, query: '{}' },
        ],
      },
    ],
    [
      'a chart with another datasource beside its own',
      panel({ ...chart, others: [errors] } as Panel),
      {
        type: 'timeseries',
        datasource: { type: 'datasource', uid: '-- Mixed --' },
        targets: [
          { refId: 'A', datasource: { type: 'prometheus' } },
          { refId: 'B', datasource: loki },
        ],
      },
    ],
  ])('is %s', (_, shown, expected) => {
    const variables = /\$logs/.test(JSON.stringify(shown)) ? [logs] : [];
    expect(panelsOf(boardOf([shown], { variables }))[1]).toMatchObject({ title: shown.title, ...expected });
  });

  it('is told by lint once, where nobody looks its queries up', () => {
    const found = (shown: Panel) => {
      const config = configOf(boardOf([shown], { variables: [logs] }));
      return lintPlan(toSubject(config, planFiles(config).files, new Map(), new Map(), '2026-11-28'))
        .filter(({ rule }) => rule === 'lint/unchecked')
        .map((each) => each.found);
    };
    expect(found(lines)).toEqual(['a query of loki, which nobody looks up']);
    expect(found(logsPanel({ ...named, others: [errors, errors] }))).toEqual([
      '2 queries of loki, which nobody looks up',
    ]);
    expect(found(logsPanel({ ...named, others: [errors], exempt: { 'lint/unchecked': 'tried' } }))).toEqual([]);
  });

  it('is not asked of the Prometheus that a preview shows', () => {
    const another = { datasource: { type: 'prometheus', uid: 'another' }, model: { expr: 'vector(42)' } };
    const config = configOf(boardOf([lines, panel({ ...chart, others: [another] } as Panel)], { variables: [logs] }));
    const { boards } = rememberingViewer()(config, planFiles(config).files, () => undefined);
    const shown = boards[0]?.model.panels.slice(1).map(({ targets = [], others }) => [targets.length, others]);
    expect(shown).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it.each<[string, Panel, string, string]>([
    ['no text', textPanel({ title: 'T', width: 12, markdown: ' ' }), 'dashboard/text', '" "'],
    ['no logs', logsPanel({ ...named, others: [] as never }), 'dashboard/no-query', 'no query'],
    ['no state', alertListPanel({ ...named, states: ['fireing' as 'firing'] }), 'dashboard/alert-state', '"fireing"'],
    [
      'no states',
      alertListPanel({ ...named, states: [] as never }),
      'dashboard/alert-state',
      'no state: it would list nothing',
    ],
    [
      'a datasource without a type',
      logsPanel({ ...named, others: [{ datasource: { uid: 'x' }, model: {} } as never] }),
      'dashboard/shape',
      'nothing',
    ],
    [
      'queries of a builder that nobody lists',
      otherPanel({ ...named, build: () => ({ build: () => ({}) }), others: [errors] }),
      'dashboard/sdk-panel',
      '{}',
    ],
    [
      'queries of the catalogue',
      { ...textPanel({ title: 'T', width: 12, markdown: 'x' }), queries: chart.queries as never },
      'dashboard/plain-query',
      'queries of the catalogue',
    ],
    [
      'a link to nowhere',
      textPanel({ title: 'T', width: 12, markdown: 'x', links: [{ title: 'L', url: 'x' }] }),
      'dashboard/link',
      '"x"',
    ],
    [
      'no description',
      logsPanel({ ...named, description: '', others: [errors] }),
      'dashboard/description',
      'no description',
    ],
  ])('cannot have %s', (_, shown, code, found) => {
    expect(problemsOf(() => boardOf([shown], { variables: [logs] }))).toContainEqual(
      expect.objectContaining({ code, found }),
    );
  });

  it('cannot ask a datasource of no variable', () => {
    const { problems } = planFiles(configOf(boardOf([lines])));
    expect(problems).toMatchObject([{ code: 'house/variable', found: '$logs, which the board does not declare' }]);
  });
});

describe('a variable of no label', () => {
  const say = (text: string) => textPanel({ title: 'T', width: 12, markdown: text });
  it.each([
    [
      'one of a few values',
      customVariable('view', { title: 'View', values: ['short', 'long, with all'] }),
      {
        type: 'custom',
        query: 'short,long\\, with all',
        current: { value: 'short' },
        options: [{ value: 'short', selected: true }, { value: 'long, with all' }],
        multi: false,
      },
    ],
    ['a constant', constantVariable('view', 'https://example.org'), { type: 'constant', query: 'https://example.org' }],
    [
      'a duration',
      intervalVariable('view', { title: 'View', values: ['5m', '1h'] }),
      { type: 'interval', query: '5m,1h', current: { value: '5m' }, options: [{ value: '5m' }, { value: '1h' }] },
    ],
    [
      'what the reader types',
      textVariable('view', { title: 'View', value: 'x' }),
      { type: 'textbox', query: 'x', current: { value: 'x' } },
    ],
    [
      'a datasource',
      datasourceVariable('view', { title: 'View', type: 'loki' }),
      { type: 'datasource', query: 'loki' },
    ],
  ])('is %s', (_, variable, expected) => {
    expect(variablesOf(boardOf([say('$view'), chart], { variables: [variable] }))).toMatchObject([
      { name: 'view', ...expected },
    ]);
  });

  it.each(['$view', `\${view}`, `\${view:csv}`, 'a $view b'])('is used by %s', (text) => {
    const variables = [constantVariable('view', 'x')];
    expect(boardOf([say(text)], { variables }).variables).toEqual(variables);
    expect(codes(() => boardOf([say(text.replace('view', 'views'))], { variables }))).toContain(
      'dashboard/unused-variable',
    );
  });

  it.each([
    ['a name that Grafana cannot read', constantVariable('the-view', 'x'), 'dashboard/variable-name'],
    ['no value', customVariable('view', { title: 'V', values: [''] }), 'dashboard/variable-values'],
    ['a name that is no expression', constantVariable('a(b', 'x'), 'dashboard/variable-name'],
    ['a value twice', customVariable('view', { title: 'V', values: ['a', 'a'] }), 'dashboard/variable-values'],
    ['a value with a name', customVariable('view', { title: 'V', values: ['a : b'] }), 'dashboard/variable-values'],
    [
      'values that are none',
      { ...customVariable('view', { title: 'V', values: ['a'] }), values: [1, null] as never },
      'dashboard/shape',
    ],
    ['no duration', intervalVariable('view', { title: 'V', values: ['5 min' as '5m'] }), 'dashboard/variable-values'],
    ['a kind that is none', { ...constantVariable('view', 'x'), kind: 'list' as 'custom' }, 'dashboard/shape'],
    ['another field', { ...constantVariable('view', 'x'), hide: true }, 'dashboard/shape'],
    ['the name of the datasource', constantVariable('datasource', 'x'), 'dashboard/duplicate-variable'],
  ])('cannot have %s', (_, variable, code) => {
    expect(codes(() => boardOf([say('$view $datasource')], { variables: [variable] }))).toContain(code);
  });
});

describe('a variable of a label with values of its own', () => {
  const result = labelVariable('result', { title: 'Result', from: sales, values: ['refused', 'paid'] });
  const shown = panel({
    ...chart,
    queries: [query(rate(select(sales, { result }), '5m'), 'sales')],
  } as Panel);

  it('offers these', () => {
    expect(variablesOf(boardOf([shown], { variables: [result] }))).toMatchObject([
      {
        type: 'custom',
        name: 'result',
        query: 'refused,paid',
        multi: true,
        includeAll: true,
        allValue: '.*',
        options: [{ value: 'All' }, { value: 'refused' }, { value: 'paid' }],
      },
    ]);
  });

  it('is not narrowed by another', () => {
    const till = labelVariable('till', { title: 'Till', from: sales });
    const narrowed = { ...result, within: [till] };
    const both = panel({ ...chart, queries: [query(rate(select(sales, { result, till }), '5m'), 'sales')] } as Panel);
    expect(problemsOf(() => boardOf([both], { variables: [till, narrowed] }))).toMatchObject([
      { code: 'dashboard/variable-values', found: 'values of its own, within another variable' },
    ]);
  });

  it('may be there for another datasource alone', () => {
    const found = logsPanel({
      ...named,
      others: [{ datasource: { type: 'loki', uid: 'l' }, model: { expr: '{r=~"$result"}' } }],
    });
    expect(boardOf([found, chart], { variables: [result] }).variables).toHaveLength(1);
  });

  it('offers none that the label does not have', () => {
    const wrong = { ...result, values: ['refussed'] };
    expect(problemsOf(() => boardOf([shown], { variables: [wrong] }))).toMatchObject([
      { code: 'dashboard/variable-values', fix: 'did you mean "refused"?' },
    ]);
  });
});

describe('a board of its own folder and links', () => {
  it('has them', () => {
    const { spec, model } = built(
      boardOf([chart], { folder: 'teams', links: [{ title: 'Handbook', url: 'https://example.org/h' }] }),
    );
    expect(spec).toMatchObject({ folderRef: 'teams' });
    expect(model['links']).toMatchObject([{ title: 'Handbook', url: 'https://example.org/h' }]);
    const byUid = built(boardOf([chart], { folderUid: 'abc' })).spec;
    expect([byUid.folderUID, byUid.folderRef]).toEqual(['abc', undefined]);
  });

  it.each<[Partial<Dashboard>, string]>([
    [{ folder: 'a', folderUid: 'b' }, 'dashboard/folder'],
    [{ folder: ' ' }, 'dashboard/folder'],
    [{ links: [{ title: 'x', url: 'example.org' }] }, 'dashboard/link'],
    [{ links: 'x' as never }, 'dashboard/shape'],
  ])('is refused: %j', (more, code) => {
    expect(codes(() => boardOf([chart], more))).toEqual([code]);
  });
});
