import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fabConfig from '../../lockstep.config.js';
import type { Day } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, gauge, histogram } from '../../src/exporter/catalogue/index.js';
import type { LintRule } from '../../src/exporter/exempt.js';
import { absenceRule, burnRules, defineAlertGroup } from '../../src/lockstep/alerts/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import type { BoardModel, GroupRule } from '../../src/lockstep/config/own-rule.js';
import type { Declared } from '../../src/lockstep/emit/declared.js';
import { NOTHING_DECLARED } from '../../src/lockstep/emit/declared.js';
import type { PlannedFile } from '../../src/lockstep/emit/plan.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { isStanding } from '../../src/lockstep/emit/resource.js';
import { printResource } from '../../src/lockstep/emit/yaml.js';
import { defineExistingBoard, defineExistingRules } from '../../src/lockstep/existing/index.js';
import type { LintFinding } from '../../src/lockstep/lint/finding.js';
import { lintPlan } from '../../src/lockstep/lint/lint.js';
import { locate } from '../../src/lockstep/lint/locate.js';
import { toFinding } from '../../src/lockstep/lint/report.js';
import { RULES } from '../../src/lockstep/lint/rules/index.js';
import { toSubject } from '../../src/lockstep/lint/subject.js';
import type { Variable } from '../../src/lockstep/panels/index.js';
import { defineDashboard, labelVariable, quantileQueries, query, sloPanels } from '../../src/lockstep/panels/index.js';
import { dashboardUid } from '../../src/lockstep/panels/names.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import { instant, ratio, select, sum } from '../../src/lockstep/promql/index.js';
import { printFinding } from '../../src/lockstep/report/text.js';
import { BURN_WINDOWS_30D, defineSlo, measuredSeries, uptime } from '../../src/lockstep/slo/index.js';
import checkoutConfig from '../checkout/lockstep.config.js';
import { cluster } from '../promql/cluster.js';
import { shop } from '../shop/catalogue.js';
import { queuePanel } from '../shop/dashboard.js';
import shopConfig from '../shop/lockstep.config.js';

interface Spec {
  json: string;
  rules: GroupRule[];
  instanceSelector: unknown;
}
type Model = Omit<BoardModel, 'panels'> & { panels: Record<string, unknown>[] };

const { files } = planFiles(shopConfig);

/** The plan with one resource changed by hand, as a slip of the printer or of a person would. */
function changed(kind: PlannedFile['kind'], change: (spec: Spec) => void): readonly PlannedFile[] {
  return files.map((file) => {
    if (file.kind !== kind) return file;
    const resource = structuredClone(file.resource);
    change(resource.spec as unknown as Spec);
    return { ...file, resource, text: printResource(resource, shopConfig.source) } as PlannedFile;
  });
}

/** The files, as of the definitions of another configuration. A definition with some of these faults does not build. */
function of(plan: readonly PlannedFile[], { systems }: Config): readonly PlannedFile[] {
  const dashboards = systems.flatMap((system) => system.dashboards);
  return plan.map((file) => {
    if (file.kind !== 'board' || isStanding(file.definition)) return file;
    const uid = dashboardUid(file.definition);
    return { ...file, definition: dashboards.find((each) => dashboardUid(each) === uid) ?? file.definition };
  });
}

function board(change: (model: Model) => void): readonly PlannedFile[] {
  return changed('board', (spec) => {
    const model = JSON.parse(spec.json) as Model;
    change(model);
    spec.json = `${JSON.stringify(model, undefined, 2)}\n`;
  });
}

function rules(change: (rules: { -readonly [K in keyof GroupRule]: GroupRule[K] }[]) => void): readonly PlannedFile[] {
  return changed('group', (spec) => change(spec.rules));
}

function lint(
  plan: readonly PlannedFile[],
  config: Config = shopConfig,
  checkedIn = new Map<string, string>(),
  sources = new Map<string, string>(),
) {
  last = plan;
  return lintPlan(toSubject(config, of(plan, config), checkedIn, sources, TODAY));
}

/** The plan that was linted last: what a finding points into. */
let last: readonly PlannedFile[] = [];

/** The queue's panel and the wait's, which are no SLO's. */
const queue = (model: Model) => find(model, 'People waiting, by till');
function find(model: Model, title: string): Record<string, unknown> {
  const panel = model.panels.find((each) => each['title'] === title);
  if (panel === undefined) throw new Error(`no panel ${title}`);
  return panel;
}
function setQuery(model: Model, expr: string): void {
  const [target] = queue(model)['targets'] as { expr: string }[];
  if (target !== undefined) target.expr = expr;
}

const spare = defineCatalogue({
  ...shopConfig.systems[0]?.catalogue,
  name: 'shop',
  metrics: {
    ...shopConfig.systems[0]?.catalogue.metrics,
    returns: counter({ name: 'shop_returns_total', help: 'Returns.', unit: '{return}', labels: [] }),
  },
});
function withCatalogue(change: object): Config {
  const [system] = shopConfig.systems;
  if (system === undefined) throw new Error('no system');
  return { ...shopConfig, systems: [{ ...system, ...change }] };
}
function withVariable(variable: Variable): Config {
  const [system] = shopConfig.systems;
  const [dashboard] = system?.dashboards ?? [];
  if (system === undefined || dashboard === undefined) throw new Error('no board');
  const dashboards = [{ ...dashboard, variables: [...dashboard.variables, variable] }];
  return { ...shopConfig, systems: [{ ...system, dashboards }] };
}
function withPanel(change: object): Config {
  const [system] = shopConfig.systems;
  if (system === undefined) throw new Error('no system');
  const dashboards = system.dashboards.map((dashboard) => ({
    ...dashboard,
    rows: dashboard.rows.map((row) => ({
      ...row,
      panels: row.panels.map((panel) => (panel.title === 'Wait' ? { ...panel, ...change } : panel)),
    })),
  }));
  return { ...shopConfig, systems: [{ ...system, dashboards }] };
}

/** The findings of one rule about a board and rules that stood already. */
function standing(rule: LintRule): readonly LintFinding[] {
  const [system] = checkoutConfig.systems;
  if (system === undefined) throw new Error('no system');
  const { catalogue } = system;
  const at = { x: 0, y: 0, width: 12, height: 8 };
  const config: Config = {
    ...checkoutConfig,
    target: { ...checkoutConfig.target, ruler: { layout: 'rules/{name}.yaml', labels: {} } },
    systems: [
      {
        ...system,
        boards: [
          defineExistingBoard({
            catalogue,
            name: 'old',
            uid: 'old',
            title: 'Old',
            schemaVersion: 39,
            variables: [],
            panels: [
              {
                type: 'timeseries',
                title: 'Requests',
                at,
                queries: [{ promql: 'sum by (route) (rate(http_requests_total[5m]))', legend: '{{rout}}' }],
              },
              {
                type: 'stat',
                title: 'Old',
                at: { ...at, x: 12 },
                queries: [{ promql: 'sum(http_request_total)', legend: 'all', unchecked: 'renamed long ago' }],
              },
            ],
          }),
        ],
        rules: [
          defineExistingRules({
            catalogue,
            name: 'old-rules',
            groups: [
              {
                name: 'old',
                rules: [
                  { alert: 'Gone', promql: 'count by (route) (http_requests_total) == 0' },
                  {
                    alert: 'Slow',
                    promql: 'count by (route) (http_requests_total > 100) > 0',
                    annotations: { summary: 'at {{ $labels.rout | title }}' },
                  },
                ],
              },
            ],
          }),
        ],
      },
    ],
  };
  const plan = planFiles(config);
  expect(plan.problems).toEqual([]);
  return lint(plan.files, config).filter((each) => each.rule === rule);
}

const TODAY = '2027-03-01';
const past = (deprecatedUntil: Day, until: Day) => {
  const queue = gauge({
    name: 'shop_queue_length',
    help: 'People in the queue.',
    unit: '{person}',
    labels: [],
    stability: { deprecatedUntil },
    renamedFrom: { name: 'shop_people', until },
  });
  const { metrics } = shopConfig.systems[0]?.catalogue ?? { metrics: {} };
  return withCatalogue({ catalogue: defineCatalogue({ name: 'shop', metrics: { ...metrics, queue } }) });
};

const withBounds = (bounds: readonly [number, ...number[]]) => {
  const wide = histogram({
    name: 'shop_wait_seconds',
    help: 'W.',
    unit: 'seconds',
    labels: shop.metrics.wait.labels,
    bounds,
  });
  return withCatalogue({ catalogue: defineCatalogue({ name: 'shop', metrics: { ...shop.metrics, wait: wide } }) });
};

const pastDays = (deprecatedUntil: Day, until: Day) =>
  lint(files, past(deprecatedUntil, until)).filter(({ rule }) => rule === 'lint/past-day');

/** For each rule, what it must find: the rule, whose it is, and the line it points at. */
const PLANTED: {
  readonly [Rule in LintRule]: () => readonly [readonly LintFinding[], owner: string, line: string | undefined];
} = {
  'lint/undeclared-variable': () => [
    lint(
      board((model) => setQuery(model, 'sum(shop_queue_length{till=~"$til"}) + sum(shop_queue_length{till=~"$till"})')),
    ),
    'panel "People waiting, by till"',
    '$til',
  ],
  'lint/unused-variable': () => [
    lint(
      board((model) =>
        Object.assign(model, {
          templating: { list: [...(model.templating?.list ?? []), { name: 'region', type: 'custom' }] },
        }),
      ),
    ),
    'variable region',
    '"region"',
  ],
  'lint/unwired-datasource': () => [
    lint(board((model) => Object.assign(queue(model), { datasource: { type: 'prometheus', uid: 'prometheus-old' } }))),
    'panel "People waiting, by till"',
    '"prometheus-old"',
  ],
  'lint/no-unit': () => [
    lint(board((model) => Object.assign(queue(model), { fieldConfig: { defaults: {} } }))),
    'panel "People waiting, by till"',
    '{',
  ],
  'lint/no-title': () => [lint(board((model) => Object.assign(queue(model), { title: '' }))), 'panel ""', '{'],
  'lint/no-description': () => [
    lint(board((model) => Object.assign(queue(model), { description: ' ' }))),
    'panel "People waiting, by till"',
    '{',
  ],
  'lint/no-legend': () => [
    lint(board((model) => Object.assign((queue(model)['targets'] as object[])[0] ?? {}, { legendFormat: '' }))),
    'panel "People waiting, by till"',
    '{',
  ],
  'lint/duplicate-title': () => [
    lint(board((model) => Object.assign(find(model, 'Wait'), { title: 'Tills' }))),
    'panel "Tills"',
    '"Tills"',
  ],
  'lint/duplicate-id': () => [
    lint(board((model) => Object.assign(find(model, 'Wait'), { id: 2 }))),
    'panel "Wait"',
    '2',
  ],
  'lint/grid-overlap': () => [
    lint(board((model) => Object.assign(find(model, 'Wait'), { gridPos: queue(model)['gridPos'] }))),
    'panel "Wait"',
    '"gridPos"',
  ],
  'lint/grid-overflow': () => [
    lint(
      board((model) =>
        Object.assign(find(model, 'Wait'), {
          gridPos: { ...(find(model, 'Wait')['gridPos'] as object), x: 18, w: 12 },
        }),
      ),
    ),
    'panel "Wait"',
    '"gridPos"',
  ],
  'lint/colour-only': () => [
    lint(
      board((model) =>
        Object.assign(find(model, 'Sales SLI, 30d'), { options: { textMode: 'none', colorMode: 'background' } }),
      ),
    ),
    'panel "Sales SLI, 30d"',
    '"none"',
  ],
  'lint/short-window': () => [
    lint(board((model) => setQuery(model, 'sum(rate(shop_sales_total{till=~"$till"}[3m]))'))),
    'panel "People waiting, by till"',
    'rate(shop_sales_total{till=~\\"$till\\"}[3m]',
  ],
  'lint/integer-le': () => [
    lint(board((model) => setQuery(model, 'sum(shop_wait_seconds_bucket{till=~"$till",le="60"})'))),
    'panel "People waiting, by till"',
    'le=\\"60\\"',
  ],
  'lint/averaged-ratio': () => [
    lint(
      rules(([first]) =>
        Object.assign(first?.data[0]?.model ?? {}, {
          expr: 'avg by (till) (shop_sales_total{result="refused"} / shop_sales_total)',
        }),
      ),
    ),
    'rule shop-sales-burn-1h',
    'avg by (till) ',
  ],
  'lint/few-samples': () => {
    const config = probed('10m');
    return [
      lint(planFiles(config).files, config).filter(({ owner }) => owner === 'rule probe-up-burn-1h'),
      'rule probe-up-burn-1h',
      undefined,
    ];
  },
  'lint/wide-bucket': () => [
    lint(files, withBounds([10, 100])).filter(({ rule }) => rule === 'lint/wide-bucket'),
    'metric shop_wait_seconds',
    undefined,
  ],
  'lint/percent-of-share': () => [
    lint(
      board((model) => {
        const { defaults } = find(model, 'Sales SLI, 30d')['fieldConfig'] as { defaults: Record<string, unknown> };
        defaults['thresholds'] = { mode: 'absolute', steps: [{ value: null }, { value: 99 }] };
      }),
    ),
    'panel "Sales SLI, 30d"',
    '{',
  ],
  'lint/long-range': () => [lint(planFiles(unexempted()).files, unexempted()), 'panel "Sales SLI, 30d"', '"targets"'],
  'lint/many-lines': () => {
    const line = queuePanel.queries[0];
    return [lint(files, withPanel({ queries: Array(7).fill(line) })), 'panel "Wait"', '"targets"'];
  },
  'lint/silent-transport': () => [
    lint(
      files,
      withPanel({
        queries: quantileQueries({ ...shop.metrics.wait, silentOn: ['lorry'] }, '5m'),
        exempt: { 'lint/left-out-choice': 'of all tills' },
      }),
    ),
    'panel "Wait"',
    '"How long people wait."',
  ],
  'lint/words': () => [
    lint(files, withPanel({ description: 'The p80 of the wait.' })),
    'panel "Wait"',
    '"How long people wait."',
  ],
  'lint/left-out-choice': () => [
    lint(files, withPanel({ queries: quantileQueries(shop.metrics.wait, '5m') })),
    'panel "Wait"',
    '{',
  ],
  'lint/unchained-variable': () => [
    lint(
      board((model) => {
        setQuery(model, 'sum(shop_queue_length{till=~"$till"}) + sum(shop_sales_total{result=~"$result"})');
        return Object.assign(model, {
          templating: { list: [...(model.templating?.list ?? []), { name: 'result', type: 'query' }] },
        });
      }),
      withVariable(labelVariable('result', { title: 'Result', from: shop.metrics.sales })),
    ),
    'variable result',
    '{',
  ],
  'lint/past-day': () => [pastDays(TODAY, '2027-03-02'), 'metric shop_queue_length', undefined],
  'lint/unused-metric': () => [
    lint(files, withCatalogue({ catalogue: spare })),
    'metric shop_returns_total',
    undefined,
  ],
  'lint/unrecorded-metric': () => [
    lint(
      files,
      withCatalogue({ recordedIn: ['till.ts'] }),
      new Map(),
      new Map([['till.ts', 'record.sales.add({}, 1); record.wait.observe({}, 2); // record.queue.set later']]),
    ),
    'metric shop_queue_length',
    undefined,
  ],
  'lint/uid': () => [
    lint(rules(([first]) => Object.assign(first ?? {}, { uid: 'shop.sales' }))),
    'rule shop.sales',
    'shop.sales',
  ],
  'lint/title-length': () => [
    lint(rules(([first]) => Object.assign(first ?? {}, { title: 'T'.repeat(191) }))),
    'rule shop-sales-burn-1h',
    'T'.repeat(191),
  ],
  'lint/large': () => [
    lint(files.map((file) => ({ ...file, appliedBytes: file.kind === 'board' ? 236_000 : 1 }))),
    '',
    undefined,
  ],
  'lint/immutable': () => [
    lint(
      files,
      shopConfig,
      new Map(files.map(({ path, text }) => [path, text.replace('folderRef: slo-alerts', 'folderRef: elsewhere')])),
    ),
    '',
    'slo-alerts',
  ],
  'lint/name-taken': () => {
    const [{ path = '' } = {}] = files;
    last = files;
    const taken = [{ path, name: 'the dashboard uid shop-overview', other: 'by-hand.yaml' }];
    return [lintPlan(toSubject(shopConfig, files, new Map(), new Map(), TODAY, taken)), '', undefined];
  },
  'lint/undeclared-resource': () => {
    last = files;
    const declared = { folders: ['slo-alertz', 'boards'], datasources: [], grafanas: [] };
    return [lintPlan(toSubject(shopConfig, files, new Map(), new Map(), TODAY, [], declared)), '', 'slo-alerts'];
  },
  'lint/no-scope': () => [
    lint(planFiles(checkoutConfig).files, foreign({ scope: {} })).filter(({ rule }) => rule === 'lint/no-scope'),
    'metric http_requests_total',
    undefined,
  ],
  'lint/all-states': () => {
    const config = ofStates(sum(instant(cluster.metrics.phases)));
    const plan = planFiles(config).files;
    last = plan;
    return [lint(plan, config).filter(({ rule }) => rule === 'lint/all-states'), 'panel "Pods"', undefined];
  },
  'lint/foreign-convention': () => [
    lint(planFiles(checkoutConfig).files, foreign({})).filter(({ owner }) => owner === 'metric OrdersPlaced'),
    'metric OrdersPlaced',
    undefined,
  ],
  'lint/legend-label': () => [standing('lint/legend-label'), 'panel "Requests"', '"{{rout}}"'],
  'lint/template-label': () => [standing('lint/template-label'), 'rule Slow', 'at {{ $labels.rout | title }}'],
  'lint/never-true': () => [standing('lint/never-true'), 'rule Gone', undefined],
  'lint/always-true': () => [standing('lint/always-true'), 'rule Slow', undefined],
  'lint/unchecked': () => [standing('lint/unchecked'), 'panel "Old"', '{'],
  'lint/unused-exemption': () => [
    lint(files, withPanel({ exempt: { 'lint/no-unit': 'it is a count' } })),
    'panel "Wait"',
    undefined,
  ],
  'lint/exemption-without-reason': () => {
    const plan = board((model) => Object.assign(find(model, 'Wait'), { description: '' }));
    return [lint(plan, withPanel({ exempt: { 'lint/no-description': ' ' } })), 'panel "Wait"', undefined];
  },
};

/** The uptime of one target, which is scraped so often. */
function probed(scrapeInterval: '1m' | '4m' | '6m' | '10m'): Config {
  const up = gauge({ name: 'probe_up_ratio', help: 'Whether it answers.', unit: 'ratio', labels: [] });
  const catalogue = defineCatalogue({ name: 'probe', recordedBy: 'others', metrics: { up } });
  const slo = defineSlo({
    name: 'up',
    events: 'probes',
    objective: 0.95,
    window: '30d',
    sli: uptime(catalogue.metrics.up, 'that fail'),
    policy: BURN_WINDOWS_30D,
  });
  const panels = sloPanels(slo, 'Up');
  const row = [panels.objective, panels.budget, ...panels.burns, panels.burnOverTime];
  const runbook = { impact: 'Some.', firstLook: [{ say: 'Look.' }], silence: 'Never.' };
  const named = { system: 'probe', component: 'probe', runbook } as const;
  const gap = { uid: 'probe-absent', title: 'ProbeAbsent', window: '1h', for: '15m', panel: panels.objective } as const;
  return {
    ...shopConfig,
    target: { ...shopConfig.target, scrapeInterval },
    systems: [
      {
        catalogue,
        dashboards: [
          defineDashboard({
            catalogue,
            facet: 'overview',
            description: 'The probe.',
            tags: [],
            variables: [],
            rows: [{ title: 'SLO', panels: row }],
          }),
        ],
        alerts: [
          defineAlertGroup({
            catalogue,
            name: 'slo',
            rules: [
              ...burnRules(slo, { ...named, title: 'ProbeUpBurn', panels }),
              absenceRule(measuredSeries(slo), { ...named, ...gap }),
            ],
          }),
        ],
      },
    ],
  };
}

/** A board of one panel over a cluster. */
function ofStates(of: Vector<never>): Config {
  const panel = {
    type: 'timeseries',
    title: 'Pods',
    description: 'Pods.',
    unit: 'short',
    width: 12,
    queries: [query(of, 'pods')],
  } as const;
  const dashboard = defineDashboard({
    catalogue: cluster,
    facet: 'overview',
    description: 'Pods.',
    tags: [],
    variables: [],
    rows: [{ title: 'Pods', panels: [panel] }],
  });
  return { ...shopConfig, systems: [{ catalogue: cluster, dashboards: [dashboard], alerts: [] }] };
}

/** The checkout with another catalogue, and boards of the one that it has. */
function foreign(change: object): Config {
  const [system] = checkoutConfig.systems;
  if (system === undefined) throw new Error('no system');
  const metrics = Object.fromEntries(
    Object.entries(system.catalogue.metrics).map(([handle, metric]) => {
      const { foreign: known } = metric;
      return [
        handle,
        'scope' in change && known !== undefined ? { ...metric, foreign: { ...known, scope: [] } } : metric,
      ];
    }),
  );
  return { ...checkoutConfig, systems: [{ ...system, catalogue: { ...system.catalogue, metrics } }] };
}

/** The shop without what its SLO panels exempt. */
function unexempted(): Config {
  const [system] = shopConfig.systems;
  if (system === undefined) throw new Error('no system');
  const without = (panel: object) => {
    if ('exempt' in panel && 'title' in panel && panel.title === 'Sales SLI, 30d') {
      const { exempt: _, ...rest } = panel;
      return rest;
    }
    return panel;
  };
  const dashboards = system.dashboards.map((dashboard) => ({
    ...dashboard,
    rows: dashboard.rows.map((row) => ({ ...row, panels: row.panels.map(without) as unknown as typeof row.panels })),
  }));
  // With a ruler the board would read what that records.
  const { ruler: _, ...target } = shopConfig.target;
  return { ...shopConfig, target, systems: [{ ...system, dashboards }] };
}

describe('lint', () => {
  it('finds nothing in what is built', () => {
    expect(lint(files)).toEqual([]);
    const recorded = readFileSync(new URL('../../src/fab/exporter.ts', import.meta.url), 'utf8');
    expect(
      lint(planFiles(fabConfig).files, fabConfig, new Map(), new Map([['src/fab/exporter.ts', recorded]])),
    ).toEqual([]);
  });

  it.each(Object.entries(PLANTED))('%s finds what was planted, there and nowhere else', (rule, plant) => {
    const [findings, owner, pointed] = plant();
    expect(findings.map((each) => [each.rule, each.owner])).toEqual([[rule, owner]]);
    const [finding] = findings;
    if (finding === undefined) throw new Error('nothing found');
    expect(finding.severity).toBe(RULES[finding.rule as LintRule].severity);
    if (pointed === undefined) return;
    const text = last.find(({ path }) => path === finding.file)?.text ?? '';
    const place = locate(finding, text);
    expect(place?.text.slice((place?.column ?? 1) - 1, (place?.column ?? 1) - 1 + (place?.length ?? 0))).toBe(pointed);
    expect(text.split('\n')[(place?.line ?? 0) - 1]).toBe(place?.text);
  });

  it('tells of burn rules that have too few samples, long window or short, and of no others', () => {
    const told = (interval: Parameters<typeof probed>[0]) => {
      const config = probed(interval);
      return lint(planFiles(config).files, config)
        .filter(({ rule }) => rule === 'lint/few-samples')
        .map(({ owner, found }) => `${owner}: ${found.split(',')[0]}`);
    };
    expect(told('1m')).toEqual([]);
    expect(told('4m')).toEqual([]);
    expect(told('6m')).toEqual(['rule probe-up-burn-1h: 0 samples of a series in 5m']);
    expect(told('10m')).toEqual(['rule probe-up-burn-1h: 6 samples of a series in 1h']);
  });

  it('takes a sum of all states where another one is said, as a label or as the part of a share', () => {
    const { phases } = cluster.metrics;
    const failed = sum(instant(select(phases, { phase: 'Failed' })));
    for (const node of [failed, ratio(failed, sum(instant(phases)))]) {
      const config = ofStates(node);
      expect(lint(planFiles(config).files, config).map(({ rule }) => rule)).not.toContain('lint/all-states');
    }
  });

  it('tells of folders, data sources and labels that are declared otherwise, of each kind that is declared', () => {
    const told = (declared: Partial<Declared>) =>
      lintPlan(toSubject(shopConfig, files, new Map(), new Map(), TODAY, [], { ...NOTHING_DECLARED, ...declared })).map(
        ({ file, found, fix }) => [file.split('/')[0], found.split(', which')[0], fix.split(';')[0]],
      );
    expect(told({})).toEqual([]);
    expect(
      told({
        folders: ['slo-alerts'],
        datasources: ['loki', 'managed-prometheus'],
        grafanas: [{}, { dashboards: 'external', team: 'pay' }],
      }),
    ).toEqual([]);
    expect(told({ folders: ['boards'] })).toEqual([
      ['alerts', 'target › alertFolder, the folder "slo-alerts"', 'correct it in the target, or add the resource'],
    ]);
    expect(told({ datasources: ['managed-prometheuz'] })).toEqual([
      ['alerts', 'target › datasource, "managed-prometheus"', 'did you mean "managed-prometheuz"?'],
    ]);
    expect(told({ grafanas: [{ dashboards: 'internal' }] }).map(([file, found]) => [file, found])).toEqual([
      ['alerts', 'target › instanceSelector, {"dashboards":"external"}'],
      ['boards', 'target › instanceSelector, {"dashboards":"external"}'],
    ]);
  });

  it('names every convention that a metric of others breaks', () => {
    const found = lint(planFiles(checkoutConfig).files, foreign({}))
      .filter(({ rule, owner }) => rule === 'lint/foreign-convention' && owner === 'metric http_request_duration_ms')
      .map((each) => `${each.found} | ${each.fix}`);
    expect(found).toHaveLength(1);
    expect(found[0]).not.toMatch(/and \d+ more/);
    expect(found[0]?.split('; ').length).toBeGreaterThan(2);
  });

  it('leaves exemptions of verify to verify, on a metric and nowhere else', () => {
    const { sales, ...others } = shopConfig.systems[0]?.catalogue.metrics ?? {};
    const exempting = (reason: string) =>
      withCatalogue({
        catalogue: {
          ...shopConfig.systems[0]?.catalogue,
          metrics: { sales: { ...sales, exempt: { 'verify/standstill': reason } }, ...others },
        },
      });
    const told = (config: Config) =>
      lint(files, config)
        .filter(({ rule }) => rule.includes('exemption'))
        .map(({ rule, owner }) => [rule, owner]);
    expect(told(exempting('the shop rests for days'))).toEqual([]);
    expect(told(exempting(''))).toEqual([['lint/exemption-without-reason', 'metric shop_sales_total']]);
    expect(told(withPanel({ exempt: { 'verify/standstill': 'the shop rests' } }))).toEqual([
      ['lint/unused-exemption', 'panel "Wait"'],
    ]);
  });

  it('tells of each field that the cluster refuses to change, to add or to take away, and of no other', () => {
    const told = (change: (text: string) => string) =>
      lint(files, shopConfig, new Map(files.map(({ path, text }) => [path, change(text)])))
        .filter(({ rule }) => rule === 'lint/immutable')
        .map(({ found }) => found.split(',')[0]);
    const folder = 'folderRef: slo-alerts';
    expect(told((text) => text)).toEqual([]);
    expect(told((text) => text.replace(folder, 'folderUID: abc'))).toEqual([
      'folderRef "slo-alerts"',
      'folderUID is gone',
    ]);
    expect(told((text) => text.replace('  uid: shop-overview\n', ''))).toEqual(['uid "shop-overview"']);
    expect(told((text) => text.replace(folder, `${folder}\n  editable: true`))).toEqual(['editable is gone']);
    const imported = (value: boolean) => (text: string) =>
      text.replace(folder, `${folder}\n  allowCrossNamespaceImport: ${value}`);
    expect(told(imported(true))).toEqual(['allowCrossNamespaceImport is gone']);
    expect(told(imported(false))).toEqual([]);
    // The folder of a board may come and go.
    expect(
      told((text) => text.replace('resyncPeriod: 24h\n  uid', 'folderRef: x\n  resyncPeriod: 24h\n  uid')),
    ).toEqual([]);
  });

  it('tells of a former name whose day has come, and of no day that is to come', () => {
    expect(pastDays('2027-03-02', TODAY).map(({ found }) => found)).toEqual([
      `exposed and read as shop_people too until ${TODAY}, which is past`,
    ]);
    expect(pastDays('2027-03-02', '2027-03-02')).toEqual([]);
  });
});

describe('a finding', () => {
  const plan = board((model) => setQuery(model, 'sum(rate(shop_sales_total{till=~"$till"}[3m]))'));
  const [finding] = lint(plan);
  const text = plan.find(({ path }) => path === finding?.file)?.text ?? '';

  it('is printed with its line and a caret', () => {
    if (finding === undefined) throw new Error('nothing found');
    const { finding: located, line } = toFinding(finding, text, 'out/boards/shop.yaml');
    expect(printFinding(located, line)).toMatchInlineSnapshot(`
      "error[lint/short-window] panel "People waiting, by till"
        at       out/boards/shop.yaml:1428:28
        1428 |               "expr": "sum(rate(shop_sales_total{till=~\\"$till\\"}[3m]))",
             |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        found    rate over 3m, of a metric that is scraped every 60 s
        fix      read at least 240 s, four scrapes"
    `);
  });
});
