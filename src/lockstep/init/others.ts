import type { PlannedText } from '../emit/files.js';
import type { FoundCatalogue, FoundMetric } from '../import/metrics.js';
import type { SystemNames } from '../import/names.js';
import { printCatalogue, quote } from '../import/print-catalogue.js';
import { unitFor } from '../panels/unit-meaning.js';
import type { PanelUnit } from '../panels/units.js';
import { printAbsence } from './absence.js';

/** Rows beyond these are closed until a reader opens them. */
const OPEN_ROWS = 3;
/** The metrics of a runtime stand after those of the service. */
const RUNTIMES = new Set([
  'go',
  'jvm',
  'nodejs',
  'process',
  'promhttp',
  'python',
  'dotnet',
  'ruby',
  'scrape',
  'target',
]);
const isOfRuntime = ({ name }: FoundMetric) => RUNTIMES.has(wordOf(name));
/** The quantiles that have names. */
const QUANTILES: Readonly<Record<number, string>> = { 0: 'minimum', 0.5: 'median', 1: 'maximum' };
/** `kubectl apply` takes 262,144 bytes, and a panel with long names is some 2,000. */
const MOST_PANELS = 80;
/** Kinds that have a count. */
const MEASURING: readonly FoundMetric['kind'][] = ['histogram', 'nativeHistogram', 'summary'];
/** Gauges that hold a time: how long ago it was says more. */
const IS_TIME = /_timestamp_seconds$|(?:^|_)start_time_seconds$/;
/** Gauges of which a sum over processes means nothing. */
const NO_SUM = /time_seconds|timestamp|ratio|percent|(?:^|_)lag(?:_|$)|_info$|version|temperature/;

/**
 * The definitions of a service whose metrics somebody else records: the catalogue of what it exposes, a board that
 * shows each metric once, and an alert that tells when nothing arrives. An objective is the owner's to choose.
 */
export function othersFiles(
  names: SystemNames,
  found: FoundCatalogue,
  scope: Readonly<Record<string, string>>,
): readonly PlannedText[] {
  const { camel } = names;
  const catalogue = printCatalogue(found, { name: names.snake, scope, constant: camel });
  const metrics = [...found.metrics].sort((a, b) => Number(isOfRuntime(a)) - Number(isOfRuntime(b)));
  const panels = metrics.map((metric) => printPanel(metric, camel));
  const boards = boardsOf(metrics);
  const builders = [...new Set(metrics.flatMap((each) => buildersIn(queriesOf(each, camel))))].sort();
  // promtool of Prometheus 2 has no notation for native histograms, and cannot prove an alert on one.
  const first =
    metrics.find(({ kind }) => kind === 'counter') ??
    metrics.find(({ kind }) => kind !== 'nativeHistogram') ??
    metrics[0];
  if (first === undefined) throw new Error('a system has a metric');
  const metric = `${camel}.metrics.${first.handle}`;
  const isMeasured = MEASURING.includes(first.kind);
  return [
    { path: 'lockstep/catalogue.ts', text: catalogue },
    {
      path: 'lockstep/dashboard.ts',
      text: `import { defineDashboard, ${metrics.some(({ kind }) => kind === 'histogram') ? 'quantileQueries, ' : ''}query } from 'lockstep/dashboard';
${builders.length === 0 ? '' : `import { ${builders.join(', ')} } from 'lockstep/promql';\n`}import { ${camel} } from './catalogue.js';

// One panel for each metric, over all processes. Keep those that answer a question, name them in your words, and group
// them by a label.
${panels.join('')}
${boards.map((each, index) => printBoard(each, index, boards.length, names)).join('\n')}${
  boards.length === 1 ? '' : `\nexport const dashboards = [${boards.map((_, index) => nameOf(index)).join(', ')}];\n`
}`,
    },
    {
      path: 'lockstep/alerts.ts',
      text: `import { absenceRule, defineAlertGroup } from 'lockstep/alerts';
${isMeasured ? "import { countOf } from 'lockstep/promql';\n" : ''}import { ${camel} } from './catalogue.js';
import { ${first.handle}Panel } from './dashboard.js';

export const alerts = defineAlertGroup({
  catalogue: ${camel},
  name: 'slo',
  rules: [
${printAbsence(names, { series: isMeasured ? `countOf(${metric})` : metric, panel: `${first.handle}Panel`, component: names.kebab })}  ],
});
`,
    },
  ];
}

/** The metrics of each board. */
export function boardsOf<M>(metrics: readonly M[]): readonly (readonly M[])[] {
  const count = Math.max(1, Math.ceil(metrics.length / MOST_PANELS));
  const each = Math.ceil(metrics.length / count);
  return Array.from({ length: count }, (_, index) => metrics.slice(index * each, (index + 1) * each));
}

const nameOf = (board: number) => `dashboard${board === 0 ? '' : board + 1}`;

function printBoard(metrics: readonly FoundMetric[], index: number, count: number, names: SystemNames): string {
  const part = count === 1 ? '' : `, part ${index + 1} of ${count}`;
  return `export const ${nameOf(index)} = defineDashboard({
  catalogue: ${names.camel},
  facet: '${index === 0 ? 'overview' : `part-${index + 1}`}',
  description: 'Each metric of ${names.words}${part}.',
  tags: [],
  variables: [],
  rows: [
${rowsOf(metrics).map(printRow).join('')}  ],
});
`;
}

/** Metrics whose names begin alike stand in one row. */
function rowsOf(
  metrics: readonly FoundMetric[],
): readonly { readonly title: string; readonly handles: readonly string[] }[] {
  const rows = new Map<string, string[]>();
  for (const { name, handle } of metrics) {
    const title = wordOf(name);
    rows.set(title, [...(rows.get(title) ?? []), handle]);
  }
  return [...rows].map(([title, handles]) => ({ title, handles }));
}

function wordOf(name: string): string {
  return name.split(/[_:]/, 1)[0] ?? name;
}

function printRow({ title, handles }: { readonly title: string; readonly handles: readonly string[] }, index: number) {
  const names = handles.map((handle) => `${handle}Panel`);
  const oneLine = `      panels: [${names.join(', ')}],`;
  const panels =
    oneLine.length <= 120 ? oneLine : `      panels: [\n${names.map((each) => `        ${each},\n`).join('')}      ],`;
  const collapsed = index < OPEN_ROWS ? '' : '      collapsed: true,\n';
  return `    {\n      title: ${quote(title)},\n${collapsed}${panels}\n    },\n`;
}

/** The functions of `lockstep/promql` that the queries of a panel call. */
function buildersIn(queries: string): readonly string[] {
  return [...queries.matchAll(/\b(\w+)\(/g)]
    .map(([, name = '']) => name)
    .filter((name) => !OF_DASHBOARD.includes(name));
}
const OF_DASHBOARD = ['query', 'quantileQueries'];

function queriesOf({ kind, name, quantiles = [], state }: FoundMetric, metric: string): string {
  switch (kind) {
    case 'counter':
      return `[query(rate(${metric}, '$__rate_interval'), 'per second')]`;
    case 'histogram':
      return `quantileQueries(${metric}, '$__rate_interval')`;
    case 'nativeHistogram':
      return `[query(histogramQuantile(0.95, distribution(${metric}, '$__rate_interval')), 'p95')]`;
    case 'summary': {
      const listed = quantiles.map(
        (each) =>
          `    query(max(instant(quantileOf(${metric}, ${each}))), 'greatest ${QUANTILES[each] ?? `p${Number((each * 100).toPrecision(6))}`}'),\n`,
      );
      if (listed.length > 0) return `[\n${listed.join('')}  ]`;
      const mean = ['sumOf', 'countOf'].map((part) => `rate(${part}(${metric}), '$__rate_interval')`);
      const sides = mean.map((each) => `        ${each},\n`).join('');
      return `[\n    query(\n      ratio(\n${sides}      ),\n      'mean',\n    ),\n  ]`;
    }
    case 'gauge':
      if (IS_TIME.test(name)) return `[query(secondsSince(max(instant(${metric}))), 'since the last')]`;
      return `[query(${NO_SUM.test(name) ? 'max' : 'sum'}(instant(${metric})), 'now')]`;
    case 'info':
      return `[query(sum(instant(${metric})), 'now')]`;
    case 'stateSet':
      return `[query(sum(instant(${metric}), [${quote(state ?? '')}]), ${quote(`{{${state}}}`)})]`;
  }
}

function printPanel(found: FoundMetric, camel: string): string {
  const { handle, kind, name, help, unit } = found;
  const queries = queriesOf(found, `${camel}.metrics.${handle}`);
  return `
export const ${handle}Panel = {
  type: 'timeseries',
  title: ${quote(name)},
  description: ${quote(plain(help === '' ? name : help))},
  unit: '${unitOf(kind, unit)}',
  width: 12,
  queries: ${queries},
} as const;
`;
}

/** Grafana takes `$word` and `[[word]]` in a description for variables. */
function plain(text: string): string {
  return text.replaceAll(/\$+(?=[\w{[])/g, '').replaceAll(/\[+(?=\[)/g, '');
}

function unitOf(kind: FoundMetric['kind'], unit: string): PanelUnit {
  if (kind === 'counter') return unit === 'bytes' ? 'Bps' : unit.startsWith('{') ? 'cps' : 'short';
  return unitFor(unit);
}
