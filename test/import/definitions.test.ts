// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Grafana's variables are written so
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { defineCatalogue, gauge } from '../../src/exporter/catalogue/index.js';
import { defineExistingAlerts } from '../../src/lockstep/existing/index.js';
import { readerOf } from '../../src/lockstep/existing/read.js';
import { renderAlerts } from '../../src/lockstep/existing/render.js';
import { strangeTemplateLabels } from '../../src/lockstep/existing/slips.js';
import { importDefinitions } from '../../src/lockstep/import/definitions.js';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { printLiteral } from '../../src/lockstep/import/print-definition.js';
import { readSources } from '../../src/lockstep/import/sources.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { temporaryFolder } from '../temporary.js';
import { linkPackages } from './linked.js';

// Boards and rules that stand already: nothing of them is lost, and whatever is not as it was is told.

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');

const DATASOURCE = { type: 'prometheus', uid: '${ds}' };
const grid = (x: number, y: number, w = 12, h = 8) => ({ x, y, w, h });

/** A board with each feature that people use. */
const BOARD = {
  id: 12,
  uid: 'payments',
  title: 'Payments',
  description: 'For those who are paged.',
  tags: ['pay', 'prod'],
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  timezone: 'utc',
  graphTooltip: 1,
  schemaVersion: 39,
  version: 7,
  links: [{ title: 'Runbook', url: 'https://example.org/runbook', type: 'link' }],
  annotations: { list: [{ builtIn: 1, name: 'Annotations & Alerts', type: 'dashboard', enable: true }] },
  templating: {
    list: [
      { type: 'datasource', name: 'ds', label: 'Datasource', query: 'prometheus', current: { text: 'a', value: 'a' } },
      {
        type: 'query',
        name: 'shop',
        label: 'Shop',
        datasource: DATASOURCE,
        query: 'label_values(payments_total{job="pay"}, shop)',
        multi: true,
        includeAll: true,
        refresh: 2,
        sort: 1,
      },
      { type: 'interval', name: 'window', query: '5m,1h', auto: false },
      { type: 'custom', name: 'top', query: '3,5,10' },
    ],
  },
  panels: [
    {
      id: 1,
      type: 'stat',
      title: 'Payments',
      gridPos: grid(0, 0, 6),
      datasource: DATASOURCE,
      fieldConfig: {
        defaults: {
          unit: 'reqps',
          min: 0,
          decimals: 1,
          color: { mode: 'thresholds' },
          thresholds: {
            mode: 'absolute',
            steps: [
              { color: 'red', value: null },
              { color: 'green', value: 10 },
            ],
          },
          mappings: [{ type: 'value', options: { 0: { text: 'none' } } }],
        },
        overrides: [{ matcher: { id: 'byName', options: 'eu' }, properties: [{ id: 'color', value: 'blue' }] }],
      },
      options: { colorMode: 'background', reduceOptions: { calcs: ['lastNotNull'] } },
      targets: [
        {
          refId: 'A',
          datasource: DATASOURCE,
          expr: 'sum(rate(payments_total{shop=~"$shop"}[$window]))',
          legendFormat: 'all',
          instant: true,
        },
      ],
    },
    { id: 2, type: 'row', title: 'Details', collapsed: false, gridPos: grid(0, 8, 24, 1), panels: [] },
    {
      id: 3,
      type: 'table',
      title: 'The slowest',
      description: 'By shop.',
      gridPos: grid(0, 9, 24),
      datasource: { type: 'datasource', uid: '-- Mixed --' },
      transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
      links: [{ title: 'Shop', url: '/d/shop?var-shop=${__data.fields.shop}' }],
      targets: [
        {
          refId: 'A',
          datasource: { type: 'prometheus', uid: '$ds' },
          expr: 'topk($top, histogram_quantile(0.9,\n  sum by (le, shop) (rate(payment_seconds_bucket{le!="+Inf"}[5m]))\n)) # the slow ones',
          legendFormat: '{{shop}}',
          format: 'table',
        },
        { refId: 'B', datasource: { type: 'loki', uid: 'logs' }, expr: '{app="pay"} |= "slow"' },
      ],
    },
    {
      id: 4,
      type: 'row',
      title: 'Closed',
      collapsed: true,
      gridPos: grid(0, 17, 24, 1),
      panels: [
        {
          id: 5,
          type: 'timeseries',
          title: 'Up',
          gridPos: grid(0, 18),
          repeat: 'shop',
          repeatDirection: 'h',
          datasource: DATASOURCE,
          interval: '1m',
          maxDataPoints: 100,
          targets: [
            { refId: 'A', datasource: DATASOURCE, expr: 'up{job="pay"} == 0', legendFormat: '__auto', hide: true },
          ],
        },
      ],
    },
    {
      id: 6,
      type: 'text',
      title: 'Read me',
      gridPos: grid(0, 18),
      options: { mode: 'markdown', content: '`a` ${x} \\ end\nof' },
    },
  ],
};

const RULES = `groups:
  - name: pay
    interval: 30s
    limit: 10
    rules:
      - record: shop:payments:rate5m
        expr: sum by (shop) (rate(payments_total[5m]))
        labels: { team: pay }
      - alert: NoPayments
        expr: |
          # None at all.
          shop:payments:rate5m == 0
        for: 1h30m
        keep_firing_for: 5m
        labels: { severity: critical }
        annotations:
          summary: 'No payments at {{ $labels.shop }}: {{ printf "%.2f" $value }}'
      - alert: One
        expr: 1
`;

const OPTIONS = { name: 'pay', scope: {}, datasource: 'prometheus', exposed: undefined };
const read = (text: string, file = 'file.json') => readSources(text, file);
const json = JSON.stringify;
const idsOf = (findings: readonly { readonly id: string }[]) => [...new Set(findings.map(({ id }) => id))].sort();

describe('a board that stands already', () => {
  it('is kept whole, whatever it has', () => {
    const { accounts, findings } = importDefinitions(read(json(BOARD)), OPTIONS);
    expect(accounts).toEqual([{ file: 'file.json', what: 'panels', total: 4, kept: 4, told: 0, lost: 0 }]);
    expect(idsOf(findings)).toEqual(['import/other-datasource']);
  });

  it.each<[string, string]>([
    ['as the API gives it', json({ dashboard: BOARD, meta: { slug: 'payments' } })],
    ['in YAML', stringify(BOARD)],
    [
      'in a GrafanaDashboard',
      stringify({ kind: 'GrafanaDashboard', metadata: { name: 'x' }, spec: { json: json(BOARD) } }),
    ],
    [
      'in a GrafanaManifest',
      stringify({
        kind: 'GrafanaManifest',
        metadata: { name: 'x' },
        spec: {
          template: {
            apiVersion: 'dashboard.grafana.app/v1beta1',
            kind: 'Dashboard',
            metadata: { name: 'payments' },
            spec: BOARD,
          },
        },
      }),
    ],
    ['in a ConfigMap', stringify({ kind: 'ConfigMap', metadata: { name: 'x' }, data: { 'pay.json': json(BOARD) } })],
    [
      'in a list of ConfigMaps',
      stringify({ kind: 'ConfigMapList', items: [{ kind: 'ConfigMap', data: { 'pay.json': json(BOARD) } }] }),
    ],
    ['in one of several documents', `---\nkind: Namespace\nmetadata: { name: pay }\n---\n${stringify(BOARD)}`],
  ])('is found %s', (_, text) => {
    const { accounts } = importDefinitions(read(text), OPTIONS);
    expect(accounts.map(({ total, kept }) => [total, kept])).toEqual([[4, 4]]);
  });

  it('is told where it is not one, or one of another schema', () => {
    const found = (text: string) => read(text).findings.map(({ id, severity }) => `${severity} ${id}`);
    expect(found('{}')).toEqual(['warning import/unknown']);
    expect(found('{ "a": ')).toEqual(['error import/syntax']);
    expect(found('a: [')).toEqual(['error import/syntax']);
    expect(found('')).toEqual(['error import/nothing']);
    expect(found(json({ apiVersion: 'dashboard.grafana.app/v2', kind: 'Dashboard', spec: {} }))).toEqual([
      'error import/unknown',
    ]);
    expect(found(stringify({ kind: 'GrafanaDashboard', spec: { url: 'https://example.org' } }))).toEqual([
      'warning import/resource-field',
      'error import/no-json',
    ]);
    expect(found(stringify({ kind: 'GrafanaAlertRuleGroup', spec: {} }))).toEqual(['error import/no-rules']);
  });

  it('of an old schema gets its rows laid out', () => {
    const old = {
      title: 'Old',
      schemaVersion: 14,
      rows: [
        { title: 'A', showTitle: true, height: '250px', panels: [{ type: 'graph', title: 'a', span: 6, targets: [] }] },
        {
          title: 'B',
          collapse: true,
          panels: [
            { type: 'singlestat', title: 'b', span: 8, datasource: null, targets: [{ expr: 'up', legendFormat: '' }] },
            { type: 'graph', title: 'c', span: 12, height: 100 },
          ],
        },
      ],
    };
    const { boards, accounts, findings } = importDefinitions(read(json(old)), OPTIONS);
    expect(accounts.map(({ total, lost }) => [total, lost])).toEqual([[3, 0]]);
    expect(idsOf(findings)).toEqual(['import/datasource', 'import/old-rows', 'import/uid']);
    const [board] = boards;
    expect(board?.data.panels.map(({ type, at }) => [type, at.x, at.y, at.width, at.height])).toEqual([
      ['row', 0, 0, 24, 1],
      ['graph', 0, 1, 12, 7],
      ['row', 0, 8, 24, 1],
    ]);
    expect(board?.data.panels.at(-1)?.panels?.map(({ at }) => [at.x, at.y, at.width, at.height])).toEqual([
      [0, 9, 16, 7],
      [0, 16, 24, 3],
    ]);
  });

  it('is held to what the service exposes', () => {
    const page = `# TYPE payments_total counter
payments_total{shop="eu"} 1
payments_total{shop="us"} 2
# TYPE payment_seconds histogram
payment_seconds_bucket{shop="eu",le="1"} 1
payment_seconds_bucket{shop="eu",le="+Inf"} 1
payment_seconds_sum{shop="eu"} 1
payment_seconds_count{shop="eu"} 1
`;
    const exposed = findMetrics(parseExposition(page), 'page');
    const queries = [
      'sum(rate(payments_total{shop="eu"}[5m]))',
      'sum(rate(payment_total{shop="eu"}[5m]))',
      'sum(rate(payments_total{shp="eu"}[5m]))',
      'sum(rate(payments_total{shop="asia"}[5m]))',
      'sum(rate(payments_total{pod="a"}[5m]))',
      'sum by (shp) (rate(payments_total[5m]))',
    ];
    const panels = queries.map((expr, index) => ({
      type: 'stat',
      title: `${index}`,
      gridPos: grid(0, index),
      targets: [{ refId: 'A', expr, datasource: DATASOURCE }],
    }));
    const { boards, findings, used } = importDefinitions(read(json({ ...BOARD, panels })), { ...OPTIONS, exposed });
    expect(boards[0]?.data.panels.map(({ queries: [first] = [] }) => first?.unchecked)).toEqual([
      undefined,
      '"payment_total"',
      'label "shp" on payments_total',
      'shop="asia" on payments_total',
      undefined,
      'by (shp), a label that the grouped series do not have',
    ]);
    // Nobody is told of a metric that the catalogue has: one that nobody exposes is not in it.
    expect(used.inferred).toEqual([]);
    // A page cannot know the labels that scraping adds.
    expect(used.targetLabels).toEqual(['job', 'pod']);
    expect(idsOf(findings)).toEqual([
      'promql/group-by',
      'promql/unknown-label',
      'promql/unknown-metric',
      'promql/unknown-value',
    ]);
  });

  it('keeps a query that cannot be read, and says so', () => {
    const panels = [
      'sum by ($by) (up)',
      '{__name__=~"a.*"}',
      'sum(',
      'rate($metric[5m])',
      'sum($a) / sum(up)',
      '$a',
    ].map((expr, index) => ({
      type: 'stat',
      title: `${index}`,
      gridPos: grid(0, index),
      targets: [{ refId: 'A', expr, datasource: DATASOURCE }],
    }));
    const { accounts, boards } = importDefinitions(read(json({ ...BOARD, panels })), OPTIONS);
    expect(accounts).toMatchObject([{ total: 6, kept: 0, told: 6, lost: 0 }]);
    expect(boards[0]?.data.panels.map(({ queries: [first] = [] }) => first?.promql)).toEqual(
      panels.map(({ targets: [first] }) => first?.expr),
    );
  });
});

describe('rules that stand already', () => {
  it.each<[string, string]>([
    ['in a plain file', RULES],
    [
      'in a PrometheusRule',
      stringify({
        kind: 'PrometheusRule',
        metadata: { name: 'x', labels: { role: 'a' } },
        spec: parse(RULES) as object,
      }),
    ],
    ['in a ConfigMap', stringify({ kind: 'ConfigMap', data: { 'pay.yaml': RULES } })],
  ])('are kept whole, %s', (_, text) => {
    const { accounts, findings, rules } = importDefinitions(read(text, 'pay.yaml'), OPTIONS);
    expect(accounts.map(({ total, kept, told, lost }) => [total, kept, told, lost])).toEqual([[3, 3, 0, 0]]);
    expect(findings).toEqual([]);
    expect(rules[0]?.data.groups[0]).toMatchObject({ name: 'pay', interval: '30s', model: { limit: 10 } });
  });

  it('give what they record the labels that come out of it, and not those that others expect of it', () => {
    const text = `groups:
  - name: a
    rules:
      - { record: 'le:pay:increase1h', expr: 'sum by (le) (increase(pay_seconds_bucket[1h]))' }
      - { record: 'shop:pay:rate', expr: 'sum by (shop) (rate(pay_total{state="ok"}[5m]))', labels: { team: pay } }
      - { alert: Low, expr: 'shop:pay:rate < 1', annotations: { summary: '{{ $labels.region }}' } }
`;
    const exposed = findMetrics(
      parseExposition(
        '# TYPE pay_total counter\npay_total{shop="eu",state="ok"} 1\n# TYPE pay_seconds histogram\npay_seconds_bucket{le="1"} 1\n',
      ),
      'page',
    );
    const { used, rules, findings } = importDefinitions(read(text, 'a.yaml'), { ...OPTIONS, exposed });
    expect(used.catalogue.metrics.map(({ name, labels }) => [name, labels])).toEqual([
      ['pay_total', ['shop', 'state']],
      ['pay_seconds', []],
      ['shop:pay:rate', ['shop', 'team']],
    ]);
    expect(findings).toEqual([]);
    const [, , low] = rules[0]?.rules.groups[0]?.rules ?? [];
    if (low === undefined || rules[0] === undefined) throw new Error('no rule');
    expect(strangeTemplateLabels(readerOf(rules[0].rules), low).map(({ found }) => found)).toEqual([
      '$labels.region, which the expression does not return: it returns shop, team, alertname',
    ]);
  });

  it('are told where they are none', () => {
    const text =
      'groups: [{ name: a, rules: [{ expr: up }, { alert: A, record: a, expr: up }, { alert: B, expr: up, fro: 5m }] }]';
    const { accounts, findings } = importDefinitions(read(text), OPTIONS);
    expect(accounts.map(({ total, lost }) => [total, lost])).toEqual([[3, 2]]);
    expect(findings.map(({ id }) => id)).toEqual(['import/rule', 'import/rule', 'import/field', 'import/changed']);
  });
});

const alertData = [
  {
    refId: 'A',
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid: 'prometheus',
    model: { refId: 'A', expr: 'sum by (shop) (rate(payments_total[5m]))', instant: true, intervalMs: 1000 },
  },
  {
    refId: 'L',
    datasourceUid: 'logs',
    queryType: 'range',
    model: { expr: '{app="pay"}', datasource: { type: 'loki' } },
  },
  {
    refId: 'C',
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: '__expr__',
    model: { refId: 'C', type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: 'lt', params: [1] } }] },
  },
];
const alertGroup = (more: object) => ({
  name: 'Payments',
  interval: '1m',
  rules: [
    {
      uid: 'few',
      title: 'Few payments',
      condition: 'C',
      for: '5m',
      noDataState: 'OK',
      execErrState: 'Alerting',
      isPaused: false,
      labels: { severity: 'critical' },
      annotations: { summary: 'few at {{ $labels.shop }}: {{ $values.A }}', __panelId__: '3' },
      data: alertData,
      ...more,
    },
  ],
});

describe('rules of Grafana that stand already', () => {
  it.each<[string, object]>([
    [
      'in a GrafanaAlertRuleGroup',
      {
        kind: 'GrafanaAlertRuleGroup',
        metadata: { name: 'payments' },
        spec: {
          folderRef: 'shop',
          instanceSelector: { matchLabels: { a: 'b' } },
          ...alertGroup({ notificationSettings: { receiver: 'pay' }, keepFiringFor: '5m' }),
        },
      },
    ],
    [
      'in a file of provisioning',
      {
        apiVersion: 1,
        groups: [
          {
            orgId: 1,
            folder: 'Shop',
            ...alertGroup({ notification_settings: { receiver: 'pay' }, dashboardUid: 'a' }),
          },
        ],
      },
    ],
  ])('are kept whole, %s', (_, resource) => {
    const { accounts, findings, alerts } = importDefinitions(read(stringify(resource)), OPTIONS);
    expect(accounts.map(({ total, kept, told, lost }) => [total, kept, told, lost])).toEqual([[1, 1, 0, 0]]);
    expect(idsOf(findings).filter((id) => id !== 'import/folder')).toEqual([]);
    const [first] = alerts;
    if (first === undefined) throw new Error('no alerts');
    expect(renderAlerts(first.alerts, 'prometheus')).toMatchObject([
      { uid: 'few', for: '5m', noDataState: 'OK', notificationSettings: { receiver: 'pay' } },
    ]);
  });

  it('are held to the catalogue, and built with what the target says', () => {
    const exposed = findMetrics(parseExposition('# TYPE payment_total counter\npayment_total{shop="eu"} 1\n'), 'page');
    const resource = { kind: 'GrafanaAlertRuleGroup', metadata: { name: 'payments' }, spec: alertGroup({}) };
    const { findings, used } = importDefinitions(read(stringify(resource)), { ...OPTIONS, exposed });
    expect(used.inferred).toEqual([]);
    expect(idsOf(findings)).toEqual(['promql/unknown-metric']);
    const { alerts: sound, catalogue } = importDefinitions(read(stringify(resource)), OPTIONS);
    const [first] = sound;
    if (first === undefined) throw new Error('no alerts');
    expect(() => defineExistingAlerts({ ...first.data, catalogue: emptyOf(catalogue) })).toThrow(
      'promql/unknown-metric',
    );
  });

  it('are told where they are none', () => {
    const spec = { interval: '1m', rules: [{ title: 'A' }, { title: 'B', data: [] }] };
    const { accounts, findings } = importDefinitions(read(stringify({ kind: 'GrafanaAlertRuleGroup', spec })), OPTIONS);
    expect(accounts.map(({ total, lost }) => [total, lost])).toEqual([[2, 1]]);
    expect(idsOf(findings)).toEqual(['import/rule', 'import/uid']);
  });
});

/** A catalogue of the same name that has another metric. */
function emptyOf({ name }: Catalogue): Catalogue {
  const other = gauge({ name: 'other', help: 'other', unit: '{thing}', labels: [] });
  return defineCatalogue({ name, recordedBy: 'others', metrics: { other } }) as unknown as Catalogue;
}

// Any JSON that could be a board: fields that Grafana has, with values that it has or has not.
const anyText = fc.oneof(fc.string(), fc.constantFrom('', 'a`b', '${x}', '$ds', "it's", '\u2028', '\\', '\r\n'));
const anyExpr = fc.constantFrom(
  'up',
  'sum by (a) (rate(b_total{c=~"$shop"}[5m]))',
  'topk($top, c) # d',
  'sum(',
  '',
  '{__name__="a"}',
  'a / on (b) group_left (c) d',
  'label_replace(a, "b", "$1", "c", "(.*)")',
);
const anySource = fc.constantFrom(
  DATASOURCE,
  '$ds',
  null,
  undefined,
  { type: 'loki', uid: 'x' },
  { uid: '${DS_A}' },
  { type: 'datasource', uid: '-- Mixed --' },
  'other',
);
const anyTarget = fc.record(
  {
    refId: fc.constantFrom('A', 'B', 'Z'),
    expr: anyExpr,
    legendFormat: fc.oneof(anyText, fc.constantFrom('{{a}}', null)),
    datasource: anySource,
    instant: fc.boolean(),
    more: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const anyPanel = fc.record(
  {
    type: fc.constantFrom('stat', 'graph', 'row', 'text'),
    id: fc.oneof(fc.nat(9), fc.constant(null)),
    title: anyText,
    description: anyText,
    gridPos: fc.record({ x: fc.nat(23), y: fc.nat(9), w: fc.nat(24), h: fc.nat(9) }, { requiredKeys: ['w', 'h'] }),
    datasource: anySource,
    targets: fc.array(anyTarget, { maxLength: 3 }),
    options: fc.oneof(fc.dictionary(anyText, fc.jsonValue()), fc.constant(null)),
    links: fc.oneof(fc.array(fc.dictionary(anyText, fc.jsonValue()), { maxLength: 1 }), fc.constant('x')),
    fieldConfig: fc.record(
      {
        defaults: fc.record(
          {
            unit: fc.oneof(anyText, fc.constant(null)),
            min: fc.oneof(fc.integer(), fc.constantFrom(null, '0')),
            thresholds: fc.record(
              {
                mode: fc.constantFrom('absolute', 'percentage'),
                steps: fc.array(
                  fc.record(
                    { color: anyText, value: fc.oneof(fc.integer(), fc.constant(null)) },
                    { requiredKeys: ['color'] },
                  ),
                  { maxLength: 3 },
                ),
              },
              { requiredKeys: [] },
            ),
            custom: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
        overrides: fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['type', 'gridPos'] },
);
const anyBoard = fc.record(
  {
    uid: fc.oneof(fc.constant('ok-1'), anyText),
    title: anyText,
    tags: fc.array(fc.string(), { maxLength: 2 }),
    refresh: fc.constantFrom('10s', '', false),
    time: fc.constantFrom({ from: 'now-1h', to: 'now' }, { from: 'now-1h' }),
    schemaVersion: fc.constantFrom(16, 30, 39),
    editable: fc.boolean(),
    templating: fc.constantFrom(BOARD.templating, { list: [] }, { list: [], enable: true }),
    panels: fc.array(anyPanel, { maxLength: 4 }),
  },
  { requiredKeys: ['panels'] },
);

describe('any board', () => {
  it('loses no panel, and what is not as it was is told', () => {
    fc.assert(
      fc.property(anyBoard, (board) => {
        const { accounts, findings } = importDefinitions(read(json(board)), OPTIONS);
        for (const { lost } of accounts) expect(lost).toBe(0);
        expect(findings.filter(({ id }) => id === 'import/changed')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('is written in TypeScript that means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = new Function(`return (${printLiteral(value)})`)() as unknown;
        expect(json(written)).toBe(json(value));
      }),
      { numRuns: 500 },
    );
  });
});

function run(cwd: string, program: string, ...words: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [program, ...words], { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('lockstep import dashboards', () => {
  it('tells what Prometheus would refuse, and writes nothing', async () => {
    const folder = temporaryFolder({
      'two.yaml': 'groups: [{ name: a, rules: [{ alert: A, expr: up, for: soon }] }, { name: a, rules: [] }]\n',
    });
    const { code, stderr } = await run(folder, cli, 'import', 'rules', 'two.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('error[rules/duration] rules/two › group a › A › for');
    expect(stderr).toContain('error[rules/duplicate] rules/two › group a');
    expect(readdirSync(folder)).toEqual(['two.yaml']);
  });

  it('writes a project that type-checks and builds the same boards and rules, and nothing over a file', async () => {
    const folder = temporaryFolder({}, onTestFinished);
    linkPackages(folder, root);
    writeFileSync(join(folder, 'board.json'), json(BOARD));
    writeFileSync(join(folder, 'pay.yaml'), RULES);
    writeFileSync(
      join(folder, 'alerts.yaml'),
      stringify({ kind: 'GrafanaAlertRuleGroup', metadata: { name: 'payments' }, spec: alertGroup({}) }),
    );
    const words = ['import', 'dashboards', 'board.json', 'pay.yaml', 'alerts.yaml', '--name', 'pay'];
    const report = await run(folder, cli, ...words, '--report', '--format', 'json');
    expect(report.code).toBe(0);
    expect((JSON.parse(report.stdout) as { details: unknown }).details).toEqual({
      accounts: [
        { file: 'board.json', what: 'panels', total: 4, kept: 4, told: 0, lost: 0 },
        { file: 'pay.yaml', what: 'rules', total: 3, kept: 3, told: 0, lost: 0 },
        {
          file: 'alerts.yaml › GrafanaAlertRuleGroup payments',
          what: 'rules',
          total: 1,
          kept: 1,
          told: 0,
          lost: 0,
        },
      ],
    });
    const imported = await run(folder, cli, ...words);
    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.stdout).toContain('written    lockstep/boards/board.ts');
    const before = readFileSync(join(folder, 'lockstep', 'boards', 'board.ts'), 'utf8');
    const again = await run(folder, cli, ...words);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('error[import/exists] lockstep/boards/board.ts');
    expect(readFileSync(join(folder, 'lockstep', 'boards', 'board.ts'), 'utf8')).toBe(before);

    writeFileSync(
      join(folder, 'tsconfig.json'),
      json({
        compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: true },
        include: ['lockstep.config.ts', 'lockstep'],
      }),
    );
    const types = await run(folder, join(root, 'node_modules/typescript/bin/tsc'));
    expect(types.stdout).toBe('');
    const built = await run(folder, cli, 'build');
    expect(built.code, built.stderr).toBe(0);
    const resource = parse(readFileSync(join(folder, 'out', 'dashboards', 'board.yaml'), 'utf8')) as {
      spec: { json: string };
    };
    const { id: _, version: __, ...kept } = BOARD;
    expect(JSON.parse(resource.spec.json)).toMatchObject({
      ...kept,
      panels: kept.panels.map(({ targets, ...panel }) => panel),
    });
    const rules = parse(readFileSync(join(folder, 'out', 'rules', 'pay.yaml'), 'utf8')) as { spec: unknown };
    expect(rules.spec).toMatchObject({
      groups: [{ name: 'pay', rules: [{}, { alert: 'NoPayments' }, { expr: '1' }] }],
    });
    const alerts = parse(readFileSync(join(folder, 'out', 'alerts', 'payments.yaml'), 'utf8')) as { spec: unknown };
    expect(alerts.spec).toMatchObject({ folderRef: 'alerts', ...alertGroup({}) });
    expect((await run(folder, cli, 'docs')).code).toBe(0);
    const checked = await run(folder, cli, 'check');
    expect(checked.code, checked.stdout).toBe(0);

    // Taken out of the configuration, they are this system's leftovers.
    const config = join(folder, 'lockstep.config.ts');
    writeFileSync(
      config,
      readFileSync(config, 'utf8')
        .replace(/\bboards: \[[^\]]*\]/, 'boards: []')
        .replace(/rules: \[[^\]]*\]/, 'rules: []'),
    );
    const pruned = await run(folder, cli, 'build', '--prune');
    expect(pruned.code, pruned.stderr).toBe(0);
    expect(['dashboards', 'rules', 'alerts'].flatMap((each) => readdirSync(join(folder, 'out', each)))).toEqual([]);
  });
});
