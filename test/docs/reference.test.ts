import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HOUSE_FIELDS, SYSTEM_FIELDS, TARGET_FIELDS } from '../../src/lockstep/config/fields.js';
import * as promql from '../../src/lockstep/promql/index.js';
import { wrapped } from '../wrapped.js';

// docs/reference.md: made of the types and docstrings of the source, so that it says what an editor says. `npx vitest
// run --project fast test/docs -u` writes it. TypeScript 7 gives no tree to programs: the source is read by the form
// that the formatter gives it.

const src = join(import.meta.dirname, '..', '..', 'src', 'lockstep');
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'reference.md');

interface Field {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly doc: string;
}

const sources = new Map<string, string>();
function sourceOf(file: string): string {
  const text = sources.get(file) ?? readFileSync(join(src, file), 'utf8');
  sources.set(file, text);
  return text;
}

/** A docstring as one line of Markdown, without its tags. */
function docOf(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .split(/\n\s*@/)[0]
    ?.replace(/\{@link ([\w.]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim() as string;
}

const COMMENT = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*$/;

/** What stands before a place, if it is a docstring. */
function docBefore(text: string, at: number): string {
  const [, comment] = COMMENT.exec(text.slice(0, at)) ?? [];
  return comment === undefined ? '' : docOf(comment);
}

function interfaceOf(file: string, name: string): { readonly doc: string; readonly fields: readonly Field[] } {
  const text = sourceOf(file);
  const found = new RegExp(`^(?:export )?interface ${name}(?: extends [\\w<>, ]+)? \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
    text,
  );
  if (found === null) throw new Error(`${file} has no interface ${name}`);
  const [whole, body = ''] = found;
  const start = found.index + whole.indexOf(body);
  const fields: Field[] = [];
  for (const match of body.matchAll(/^ {2}readonly (\w+)(\?)?:\s*([\s\S]*?);$(?=\n(?: {2}(?:readonly|\/\*\*)|$))/gm)) {
    const [, field = '', optional, type = ''] = match;
    fields.push({
      name: field,
      type: type
        .replace(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g, '')
        .replace(/\breadonly /g, '')
        .replace(/ \| undefined$/, '')
        .replace(/\s+/g, ' ')
        .replace(/^\| /, ''),
      isOptional: optional !== undefined || type.endsWith('| undefined'),
      doc: docBefore(text, start + match.index),
    });
  }
  return { doc: docBefore(text, found.index), fields };
}

function table(fields: readonly Field[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = fields.map(
    ({ name, type, isOptional, doc }) => `| \`${name}\`${isOptional ? '?' : ''} | \`${cell(type)}\` | ${cell(doc)} |`,
  );
  return ['| field | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The functions of a file that a module publishes, each with the first paragraph of its docstring. */
function functionsOf(files: readonly string[], published: readonly string[]): string {
  const text = files.map(sourceOf).join('\n');
  const rows = [...text.matchAll(/^export function (\w+)[<(]/gm)]
    .filter(([, name]) => published.includes(name ?? ''))
    .map((match) => {
      const doc = docBefore(text, match.index);
      expect([match[1], doc === '']).toEqual([match[1], false]);
      return `| \`${match[1]}()\` | ${doc.replaceAll('|', '\\|')} |`;
    });
  return ['| function | meaning |', '| --- | --- |', ...rows].join('\n');
}

const TYPES: readonly (readonly [title: string, file: string, name: string, notes?: string])[] = [
  ['The configuration', 'config/config.ts', 'Config', '`defineConfig()` of `lockstep/config`.'],
  ['`systems`', 'config/config.ts', 'System'],
  ['`target`', 'config/config.ts', 'Target'],
  ['`target.house`', 'config/config.ts', 'House'],
  ['A board', 'panels/dashboard.ts', 'Dashboard', '`defineDashboard()` of `lockstep/dashboard`.'],
  ['`rows`', 'panels/dashboard.ts', 'Row'],
  ['`annotations`', 'panels/dashboard.ts', 'Annotation'],
  [
    'Every panel',
    'panels/panel.ts',
    'PanelBase',
    'Beside these, each kind of panel has its `type` and fields of its own.',
  ],
  ['`stat`', 'panels/panel.ts', 'StatPanel'],
  ['`gauge`', 'panels/panel.ts', 'GaugePanel'],
  ['`timeseries`', 'panels/panel.ts', 'TimeseriesPanel'],
  ['`state-timeline`', 'panels/panel.ts', 'StateTimelinePanel'],
  ['`table`', 'panels/panel.ts', 'TablePanel'],
  ['`bar-gauge`', 'panels/panel.ts', 'BarGaugePanel'],
  ['`pie`', 'panels/panel.ts', 'PiePanel'],
  ['`heatmap`', 'panels/panel.ts', 'HeatmapPanel'],
  ['`histogram`', 'panels/panel.ts', 'HistogramPanel'],
  ['`status-history`', 'panels/panel.ts', 'StatusHistoryPanel'],
  ['`sdk`', 'panels/panel.ts', 'SdkPanel'],
  ['`textPanel()`', 'panels/panel.ts', 'TextPanel'],
  ['`logsPanel()`', 'panels/panel.ts', 'LogsPanel'],
  ['`alertListPanel()`', 'panels/panel.ts', 'AlertListPanel'],
  ['`otherPanel()`', 'panels/panel.ts', 'OtherPanel'],
  ['`others`', 'panels/panel.ts', 'OtherQuery'],
  ['`mappings`', 'panels/panel.ts', 'Mapping'],
  ['`links` and `dataLinks`', 'panels/panel.ts', 'Link'],
  ['`transformations`', 'panels/panel.ts', 'Transformation'],
  ['Looks of a query', 'panels/panel.ts', 'QueryLooks'],
  ['`thresholds`', 'panels/panel.ts', 'Thresholds'],
  ['An objective', 'slo/slo.ts', 'Slo', '`defineSlo()` of `lockstep/slo`.'],
  ['`policy`', 'slo/burn.ts', 'BurnWindow', '`burnWindows()` makes one for a window.'],
  ['An alert group', 'alerts/alert.ts', 'AlertGroup', '`defineAlertGroup()` of `lockstep/alerts`.'],
  [
    '`rules`',
    'alerts/alert.ts',
    'AlertRule',
    '`alertRule()` takes `expression` in the place of `node`; `burnRules()`, `absenceRule()` and `missingRule()` make whole rules.',
  ],
  ['`runbook`', 'alerts/alert.ts', 'Runbook'],
  ['`proof`', 'alerts/scenario.ts', 'Scenario'],
  ['`traffic`', 'alerts/scenario.ts', 'Traffic', '`traffic()` of `lockstep/alerts`.'],
  ['`verifySystem()`', 'verify-job/job.ts', 'VerifyJob', 'It is in `lockstep/verify-job`.'],
];

it('says of every field and function what its docstring says', async () => {
  const sections = TYPES.map(([title, file, name, notes]) => {
    const { doc, fields } = interfaceOf(file, name);
    const own = fields.filter((field) => field.name !== 'type');
    const without = own.filter((field) => field.doc === '').map((field) => field.name);
    expect([name, without]).toEqual([name, []]);
    return [
      `## ${title}`,
      '',
      wrapped([doc, notes].filter(Boolean).join(' ')),
      ...(own.length === 0 ? [] : ['', table(own)]),
    ].join('\n');
  });
  const published = Object.keys(promql);
  const page = [
    '# Reference',
    '',
    'Made of the types and docstrings of the source: an editor shows the same. `?` marks a field that may be left out.',
    '',
    ...sections.flatMap((section) => [section, '']),
    '## Functions of PromQL',
    '',
    'Of `lockstep/promql`. PromQL as text, with all of the language, is `promql()` of `lockstep/promql-text`',
    '([others](others.md#promql-as-text)).',
    '',
    functionsOf(
      ['expression', 'over-time', 'aggregate', 'math', 'combine', 'shifted'].map((name) => `promql/${name}.ts`),
      published,
    ),
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot(PAGE);
});

it('has every field that the build takes', () => {
  const names = (file: string, name: string) =>
    interfaceOf(file, name)
      .fields.map((field) => field.name)
      .sort();
  expect(names('config/config.ts', 'Target')).toEqual(Object.keys(TARGET_FIELDS).sort());
  expect(names('config/config.ts', 'House')).toEqual(Object.keys(HOUSE_FIELDS).sort());
  expect(names('config/config.ts', 'System')).toEqual(Object.keys(SYSTEM_FIELDS).sort());
  for (const [, file, name] of TYPES) expect([name, interfaceOf(file, name).fields.length > 0]).toEqual([name, true]);
});
