import { accountSeries } from 'lockstep-exporter/catalogue';
import { allMetrics, isRecord } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import type { BoardModel, PanelModel } from '../config/own-rule.js';
import { EXPRESSION_SOURCE, UID_LENGTH } from '../grafana/index.js';
import { panelsOf } from '../panels/dashboard.js';
import { COLUMNS } from '../panels/layout.js';
import type { PlacedModel } from '../panels/models.js';
import { placedModels } from '../panels/models.js';
import { printNumber } from '../promql/print.js';
import type { Node } from '../promql/tree.js';
import { labelsOf, selections, selectorsIn } from '../promql/tree.js';
import { durationSeconds, printDuration } from '../promql/window.js';
import { leftOutChoices, unchainedVariables } from './choice-rules.js';
import { lintExistingBoard } from './existing-rules.js';
import type { LintFinding, Path, Say } from './finding.js';
import { ownerOf, sayInto } from './finding.js';
import { lintQueryText, lintRateWindows } from './query-rules.js';
import type { Board, Subject } from './subject.js';
import { wordSlips } from './word-rules.js';

/**
 * The variables that Grafana has without a declaration
 * (https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables).
 */
const GRAFANA_VARIABLES = /^(__.*|timeFilter)$/;
const VARIABLE = /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g;

/** Every finding about one dashboard. */
export function lintBoard(board: Board, { config }: Subject): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const { model, file } = board;
  const say = sayInto(findings, file.path, ['spec', 'json']);
  const panels = placedModels(model);
  const scrapeSeconds = durationSeconds(config.target.scrapeInterval ?? '1m') ?? 60;
  lintVariables(board, say);
  lintDatasources(board, config.target.datasource, say);
  for (const { panel, path } of panels) if (panel.type !== 'row') lintPanel(panel, path, scrapeSeconds, say);
  lintTwins(panels, say);
  lintGrids(model, say);
  lintRanges(board, scrapeSeconds, say);
  lintLines(board, say);
  lintSilence(board, say);
  lintWords(board, say);
  lintChoices(board, say);
  lintChains(board, say);
  lintExistingBoard(board, say);
  if ((model.uid ?? '').length > UID_LENGTH || !/^[a-zA-Z0-9_-]+$/.test(model.uid ?? ''))
    say('lint/uid', '', ['uid'], `uid ${JSON.stringify(model.uid)}`, 'give 1 to 40 characters of a-z A-Z 0-9 - _');
  return findings;
}

function lintVariables({ model }: Board, say: Say): void {
  const declared = (model.templating?.list ?? []).map(({ name }) => name ?? '');
  const used = new Set<string>();
  eachText(model, [], (text, path) => {
    // Names of variables are declared where they stand.
    if (path[0] === 'templating' && path.at(-1) === 'name') return;
    for (const match of text.matchAll(VARIABLE)) {
      const name = match[1] ?? match[2] ?? '';
      if (GRAFANA_VARIABLES.test(name)) continue;
      used.add(name);
      if (
        !declared.includes(name) &&
        // `$A` in an expression of Grafana's is another query.
        path.at(-1) !== 'expression' &&
        (path.includes('targets') ||
          path.includes('templating') ||
          path.includes('datasource') ||
          path.at(-1) === 'url')
      )
        say(
          'lint/undeclared-variable',
          ownerOfPath(model, path),
          path,
          `variable $${name}, which the dashboard does not declare`,
          `declare it among the variables of the dashboard: there is ${declared.join(', ') || 'none'}`,
          [match.index, match[0].length],
        );
    }
  });
  declared.forEach((name, index) => {
    if (!used.has(name))
      say(
        'lint/unused-variable',
        `variable ${name}`,
        ['templating', 'list', index, 'name'],
        `variable ${name}, which nothing uses`,
        'match a label with it, or drop it: a dropdown that changes nothing misleads',
      );
  });
}

function lintDatasources(board: Board, datasource: string, say: Say): void {
  const variables = (board.model.templating?.list ?? []).filter(({ type }) => type === 'datasource');
  const known = [
    datasource,
    ...variables.flatMap(({ name }) => [`$${name}`, `\${${name}}`]),
    '-- Grafana --',
    '-- Mixed --',
    '-- Dashboard --',
    EXPRESSION_SOURCE,
    'grafana',
  ];
  eachText(board.model, [], (text, path) => {
    if (path.at(-1) !== 'uid' || path.at(-2) !== 'datasource' || known.includes(text)) return;
    // Of other kinds (Loki, Tempo) a board that stood already may name any.
    const { type = 'prometheus' } = (valueAt(board.model, path.slice(0, -1)) ?? {}) as { readonly type?: string };
    if (type !== 'prometheus' && type !== 'datasource') return;
    say(
      'lint/unwired-datasource',
      ownerOfPath(board.model, path),
      path,
      `datasource ${JSON.stringify(text)}, which nothing wires`,
      `name ${JSON.stringify(datasource)} or a variable of type datasource`,
    );
  });
}

/** Kinds of panels that show no number. */
const WITHOUT_NUMBERS = new Set(['text', 'logs', 'dashlist', 'alertlist', 'news', 'annolist', 'traces', 'nodeGraph']);

function lintPanel(panel: PanelModel, path: Path, scrapeSeconds: number, say: Say): void {
  const owner = ownerOf(panel);
  const { fieldConfig, options, targets = [] } = panel;
  if (!isText(panel.title)) say('lint/no-title', owner, path, 'a panel without a title', 'name what is shown');
  if (panel.type !== 'text' && !isText(panel.description))
    say(
      'lint/no-description',
      owner,
      path,
      'a panel without a description',
      'say what is seen and what to conclude from it',
    );
  const hasUnit = isText(fieldConfig?.defaults?.unit);
  if (!hasUnit && !WITHOUT_NUMBERS.has(panel.type ?? ''))
    say(
      'lint/no-unit',
      owner,
      path,
      'a panel without a unit',
      'give the unit: a bare number is read as whatever is expected',
    );
  targets.forEach((target, index) => {
    const at = [...path, 'targets', index];
    const { type = 'prometheus' } = (target.datasource ?? {}) as { readonly type?: string };
    if (type === 'prometheus' && !isText(target.legendFormat))
      say(
        'lint/no-legend',
        owner,
        at,
        `query ${target.refId ?? index} without a legend`,
        'name what the line or column is',
      );
    if (target.expr !== undefined)
      for (const { rule, found, fix, span } of [
        ...lintQueryText(target.expr),
        ...lintRateWindows(target.expr, scrapeSeconds),
      ])
        say(rule, owner, [...at, 'expr'], found, fix, span);
  });
  // One of no value says nothing about a value.
  const hasMappings = (fieldConfig?.defaults?.mappings ?? []).some(
    (each) => !isRecord(each) || each['type'] !== 'special',
  );
  if (panel.type === 'stat' && options?.textMode === 'none' && !hasMappings)
    say(
      'lint/colour-only',
      owner,
      [...path, 'options', 'textMode'],
      'a stat that shows its colour and no text',
      'show the value too: one reader in twelve does not see the difference',
    );
  for (const [index, override] of (fieldConfig?.overrides ?? []).entries()) {
    const properties = override.properties ?? [];
    const isColoured = properties.some(({ id, value }) => id === 'custom.cellOptions' && isColourOnly(value));
    if (isColoured)
      say(
        'lint/colour-only',
        owner,
        [...path, 'fieldConfig', 'overrides', index],
        'a column that is colour and no text',
        'show the value too',
      );
  }
}

function isColourOnly(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'color-background' &&
    'mode' in value &&
    value.mode === 'none'
  );
}

function lintTwins(panels: readonly PlacedModel<PanelModel>[], say: Say): void {
  const titles = new Set<string>();
  const ids = new Map<number, PanelModel>();
  for (const { panel, path } of panels) {
    const { title, id, type } = panel;
    if (isText(title) && type !== 'row') {
      if (titles.has(title))
        say(
          'lint/duplicate-title',
          ownerOf(panel),
          [...path, 'title'],
          `a second panel ${JSON.stringify(title)}`,
          'tell them apart',
        );
      titles.add(title);
    }
    if (id === undefined) continue;
    if (ids.has(id))
      say(
        'lint/duplicate-id',
        ownerOf(panel),
        [...path, 'id'],
        `id ${id}, which panel ${JSON.stringify(ids.get(id)?.title)} has too`,
        'number them: links and alerts find a panel by its id',
      );
    ids.set(id, panel);
  }
}

/** Panels of a closed row share the grid with nothing but each other: what is below moves when the row is opened. */
function lintGrids(model: { readonly panels?: readonly PanelModel[] }, say: Say): void {
  const panels = model.panels ?? [];
  lintGrid(panels, ['panels'], say);
  panels.forEach((row, index) => {
    lintGrid(row.panels ?? [], ['panels', index, 'panels'], say);
  });
}

function lintGrid(panels: readonly PanelModel[], at: Path, say: Say): void {
  panels.forEach((panel, index) => {
    const { gridPos } = panel;
    if (gridPos === undefined) return;
    const { x, y, w, h } = gridPos;
    const path = [...at, index, 'gridPos'];
    if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > COLUMNS)
      say(
        'lint/grid-overflow',
        ownerOf(panel),
        path,
        `columns ${x} to ${x + w} of ${COLUMNS}`,
        `keep it within ${COLUMNS} columns: Grafana moves what does not fit`,
      );
    const under = panels
      .slice(0, index)
      .find(
        ({ gridPos: other }) =>
          other !== undefined && x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h,
      );
    if (under !== undefined)
      say(
        'lint/grid-overlap',
        ownerOf(panel),
        path,
        `the place of panel ${JSON.stringify(under.title)}`,
        'move one of them: Grafana pushes it to where nobody laid it out',
      );
  });
}

/** Longer windows than this are worth a word where they are asked for again and again. */
const LONG_SECONDS = 7 * 86_400;
const FAST_REFRESH_SECONDS = 300;

/** The cost of a board's windows at its refresh: for each series, a sample per scrape in each window. */
function lintRanges({ model, system }: Board, interval: number, say: Say): void {
  const refresh = durationSeconds(model.refresh ?? '');
  if (refresh === undefined || refresh > FAST_REFRESH_SECONDS) return;
  const series = new Map(accountSeries(system.catalogue).map(({ metric, series: count }) => [metric, count]));
  for (const { panel, path, definition } of definedPanels({ model, system })) {
    const reads = definition.queries.flatMap(({ node }) =>
      [...selections(node)].flatMap(({ selector, window }) => {
        const seconds = window === undefined ? undefined : durationSeconds(window);
        return seconds === undefined || seconds < LONG_SECONDS ? [] : [{ selector, seconds }];
      }),
    );
    const [first] = reads;
    if (first === undefined) continue;
    const samples = reads.reduce(
      (sum, { selector, seconds }) => sum + ((series.get(selector.metric.name) ?? 1) * seconds) / interval,
      0,
    );
    say(
      'lint/long-range',
      ownerOf(panel),
      [...path, 'targets'],
      `a window of ${printDuration(first.seconds)} that is read every ${model.refresh}: up to ${printNumber(Math.round(samples / 1e5) / 10)} million samples each time, per process that lives as long`,
      'refresh the dashboard less often, record the ratio, or exempt the panel with the reason',
    );
  }
}

/** More lines than these over each other cannot be told apart. */
const MOST_LINES = 6;

/** Lines that lie over each other, one for each value of a label, as far as the catalogue knows the values. */
function lintLines({ model, system }: Board, say: Say): void {
  const values = new Map(
    Object.values(system.catalogue.metrics).flatMap(({ labels }) => labels.map((each) => [each.name, each.values])),
  );
  for (const { panel, path, definition } of definedPanels({ model, system })) {
    if (definition.type !== 'timeseries' || definition.stacked === true) continue;
    const counts = definition.queries.map(({ node }) =>
      isFew(node)
        ? 1
        : (labelsOf(node) ?? []).reduce((product, label) => product * (values.get(label)?.length ?? 1), 1),
    );
    const lines = counts.reduce((sum, count) => sum + count, 0);
    if (lines > MOST_LINES)
      say(
        'lint/many-lines',
        ownerOf(panel),
        [...path, 'targets'],
        `up to ${lines} lines over each other`,
        `show them as lanes (type 'state-timeline'), stacked, or in a table; ${MOST_LINES} lines can be told apart`,
      );
  }
}

/** Whether it picks a few of its series by itself. */
function isFew(node: Node): boolean {
  return node.type === 'aggregate' && node.fn === 'topk';
}

/**
 * A panel that stays empty where the program never hears of what it shows, and whose description does not say where
 * that is.
 */
function lintSilence(board: Board, say: Say): void {
  for (const { panel, path, definition } of definedPanels(board)) {
    const read = new Set(definition.queries.flatMap(({ node }) => selectorsIn(node)).map(({ metric }) => metric));
    const words = (panel.description ?? '').split(/[^\w-]+/);
    for (const { name, silentOn = [] } of read) {
      const unsaid = silentOn.filter((each) => !words.includes(each));
      if (unsaid.length > 0)
        say(
          'lint/silent-transport',
          ownerOf(panel),
          [...path, 'description'],
          `nothing about ${unsaid.join(', ')}, where ${name} is never heard of`,
          'say in the description where the panel stays empty, and why: a reader takes no data for nothing done',
        );
    }
  }
}

/** Words of a panel that its queries contradict. */
function lintWords(board: Board, say: Say): void {
  const { system } = board;
  const metrics = allMetrics(system.catalogue);
  for (const { panel, path, definition } of definedPanels(board)) {
    const { title, description, queries, thresholds } = definition;
    const nodes = queries.map(({ node }) => node);
    const meant = { nodes, thresholds, metrics, durations: sloDurations(nodes, system) };
    const texts = [
      [{ text: title, kind: 'name' }, meant, ['title']],
      [{ text: description, kind: 'description' }, meant, ['description']],
      ...queries.map(({ legend, node }, index) => {
        const text = legend.replaceAll(/\{\{.*?\}\}/g, '');
        return [{ text, kind: 'name' }, { ...meant, nodes: [node] }, ['targets', index]] as const;
      }),
    ] as const;
    for (const [said, compared, at] of texts)
      for (const { found, fix } of wordSlips(said, compared))
        say('lint/words', ownerOf(panel), [...path, ...at], found, fix);
  }
}

/** Queries that leave out a dropdown that the panels beside them use. */
function lintChoices({ model, system }: Board, say: Say): void {
  const placed = placedModels(model);
  if (isStanding(model, system)) return;
  for (const { panel, variables, query } of system.dashboards.flatMap(leftOutChoices)) {
    const found = placed.find((each) => each.panel.title === panel.title);
    if (found !== undefined)
      say(
        'lint/left-out-choice',
        ownerOf(found.panel),
        [...found.path, 'targets', query],
        `a query without ${variables.map((each) => `$${each}`).join(', ')}, which the panels beside it match`,
        'match the label with the variable, or exempt the panel with the reason: a reader who chooses a value takes every panel to be about it',
      );
  }
}

/** Dropdowns that offer what an earlier one has excluded. */
function lintChains({ model, system }: Board, say: Say): void {
  const names = (model.templating?.list ?? []).map(({ name }) => name);
  for (const { variable, by } of system.dashboards.flatMap(unchainedVariables))
    if (names.includes(variable))
      say(
        'lint/unchained-variable',
        `variable ${variable}`,
        ['templating', 'list', names.indexOf(variable)],
        `variable $${variable}, which lists values that $${by} excludes`,
        `say within: [${by}] at the variable, or put it before $${by}`,
      );
}

/** A burn rate over one window is explained by the others of its alert, and by the window of its objective. */
function sloDurations(nodes: readonly Node[], { alerts }: System): readonly string[] {
  const read = nodes.flatMap((node) => [...selections(node)]);
  return alerts.flatMap(({ rules }) =>
    rules.flatMap(({ node, burn }) => {
      if (burn === undefined || !read.some(({ window }) => window === burn.window.long)) return [];
      const metrics = new Set(selectorsIn(node).map(({ metric }) => metric));
      if (!read.every(({ selector }) => metrics.has(selector.metric))) return [];
      return [burn.slo.window, burn.window.long, burn.window.short];
    }),
  );
}

/** Whether a board is one that stood already: then no dashboard of the system is its definition. */
function isStanding(model: BoardModel, { boards = [] }: System): boolean {
  return boards.some(({ uid }) => uid === model.uid);
}

/** The panels of a board, each with its definition. A panel without one was made by hand. */
function definedPanels({ model, system }: Pick<Board, 'model' | 'system'>) {
  const definitions = isStanding(model, system) ? [] : system.dashboards.flatMap(panelsOf);
  return placedModels(model).flatMap((placed) => {
    const definition = definitions.find(({ title }) => title === placed.panel.title);
    return definition === undefined ? [] : [{ ...placed, definition }];
  });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[step] : undefined,
    value,
  );
}

/** Every text of a model, with its path. */
function eachText(value: unknown, path: Path, visit: (text: string, path: Path) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value)) for (const [index, each] of value.entries()) eachText(each, [...path, index], visit);
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value)) eachText(each, [...path, key], visit);
}

function ownerOfPath(model: { readonly panels?: readonly PanelModel[] }, path: Path): string {
  // The innermost: a closed row holds its panels.
  const within = placedModels(model).findLast(({ path: at }) => at.every((step, index) => step === path[index]));
  return within === undefined ? '' : ownerOf(within.panel);
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
