import type { DataFrame, FieldConfigSource, GrafanaTheme2, LinkModel } from '@grafana/data';
import { FieldType, formattedValueToString, getFieldDisplayName, getFieldDisplayValues } from '@grafana/data';
import type { FieldDefaults, Link, QueryAnswer, ShownPanel, TargetModel, VariableModel } from '../protocol.js';
import type { View } from '../requests.js';
import { queryRequest, secondsOf, stepOf } from '../requests.js';
import type { Mark } from './chart.js';
import { drawChart, legendTable, linesOf, printValue } from './chart.js';
import { h, svg } from './dom.js';
import { framesOf } from './frames.js';
import { drawLanes } from './lanes.js';
import { colourOf, markOf } from './marks.js';
import type { Source } from './source.js';

/** The parts of the page that a panel needs. */
export interface PanelContext {
  readonly source: Source;
  readonly board: string;
  readonly view: View;
  readonly variables: readonly VariableModel[];
  readonly scrapeSeconds: number;
  readonly refresh: string | undefined;
  readonly theme: GrafanaTheme2;
  /** Chooses a value of a variable. */
  readonly choose: (variable: string, value: string) => void;
  /** Shows a panel's queries and what they cost. */
  readonly inspect: (panel: ShownPanel, asked: readonly Asked[]) => void;
  /** The moments that every chart marks. They arrive while the panels do. */
  readonly marks: Promise<readonly Mark[]>;
  /** Whether the panel is another than the checked-in one. */
  readonly changed: boolean;
}

/** A query of a panel as it was asked, and what came back. */
export interface Asked {
  readonly target: TargetModel;
  readonly query: string;
  readonly step: number;
  readonly answer: QueryAnswer;
}

/** A panel in its place in the grid; its data follow. */
export function panelElement(
  panel: ShownPanel,
  context: PanelContext,
): { readonly element: HTMLElement; load(): Promise<void>; stop(): void } {
  const title = `panel-${context.board}-${panel.id}`;
  const body = h('div', { class: 'panel-body' }, h('p', { class: 'quiet' }, 'Loading …'));
  const buttons = h('span', { class: 'panel-buttons' });
  const element = h(
    'section',
    {
      class: `panel panel-${panel.type}${context.changed ? ' is-changed' : ''}`,
      'aria-labelledby': title,
      'data-panel': panel.title,
    },
    h(
      'header',
      {},
      h('h3', { id: title, title: panel.description }, panel.title),
      context.changed && h('span', { class: 'badge' }, 'changed'),
      buttons,
    ),
    body,
  );
  const { x, y, w, h: rows } = panel.gridPos;
  element.style.gridColumn = `${x + 1} / span ${w}`;
  element.style.gridRow = `${y + 1} / span ${rows}`;
  element.style.setProperty('--rows', String(rows));
  let stop = () => {};
  let stopped = false;
  return {
    element,
    stop: () => {
      stopped = true;
      stop();
    },
    load: async () => {
      const asked = await Promise.all(
        (panel.targets ?? []).map(async (target): Promise<Asked> => {
          const request = queryRequest(panel, target, context.view, context.scrapeSeconds, context.variables);
          const answer = await context.source
            .query(request)
            .catch((error: Error): QueryAnswer => ({ status: 'error', error: error.message, seconds: 0 }));
          return {
            target,
            query: request.parameters['query'] ?? '',
            step: stepOf(panel, context.view, context.scrapeSeconds),
            answer,
          };
        }),
      );
      buttons.replaceChildren(
        h(
          'button',
          {
            type: 'button',
            class: 'link',
            click: () => context.inspect(panel, asked),
            'aria-label': `Query and description of ${panel.title}`,
          },
          'query',
        ),
      );
      if (stopped) return;
      const { others = 0, targets = [] } = panel;
      const elsewhere = others > 0 && h('p', { class: 'quiet' }, 'Queries of other datasources are not shown here.');
      if (targets.length === 0 && elsewhere !== false) {
        body.replaceChildren(elsewhere);
        return;
      }
      const failed = asked.find(({ answer }) => answer.status === 'error');
      if (failed !== undefined) {
        body.replaceChildren(h('p', { class: 'trouble', role: 'alert' }, `✕ ${failed.answer.error ?? 'no answer'}`));
        return;
      }
      stop = await draw(panel, asked, context, body);
      if (stopped) stop();
      const series = asked.reduce((sum, { answer }) => sum + (answer.data?.result.length ?? 0), 0);
      if (series === 0) await explain(panel, context, body);
      if (elsewhere !== false) body.append(elsewhere);
    },
  };
}

/** Below what stands for no data: which metric, label or value is missing. */
async function explain(panel: ShownPanel, { source, board, view }: PanelContext, body: HTMLElement): Promise<void> {
  const [first] = panel.targets ?? [];
  if (first === undefined) return;
  const why = await source
    .why({ board, panel: panel.title, ref: first.refId, from: view.from, to: view.to })
    .catch(() => undefined);
  if (why !== undefined) body.append(h('p', { class: 'why' }, why));
}

async function draw(
  panel: ShownPanel,
  asked: readonly Asked[],
  context: PanelContext,
  body: HTMLElement,
): Promise<() => void> {
  const frames = await framesOf(panel, asked, context.theme);
  switch (panel.type) {
    case 'stat':
    case 'gauge':
      body.replaceChildren(...singleValues(panel, frames, context));
      return () => {};
    case 'timeseries':
      return timeseries(panel, frames, context, await context.marks, body);
    case 'state-timeline':
      lanes(panel, frames, context, body);
      return () => {};
    case 'table':
      table(panel, frames, context, body);
      return () => {};
    default:
      body.replaceChildren(h('p', { class: 'quiet' }, `A panel of type ${panel.type} is not shown here.`));
      return () => {};
  }
}

/** Grafana makes a text as large as fits: a longer one than this is no number but a sentence. */
const LONG_TEXT = 12;

function singleValues(panel: ShownPanel, frames: DataFrame[], { theme }: PanelContext): readonly HTMLElement[] {
  const {
    reduceOptions,
    colorMode = 'value',
    textMode,
  } = (panel.options ?? {}) as {
    readonly reduceOptions?: { readonly calcs: string[]; readonly values?: boolean };
    readonly colorMode?: string;
    readonly textMode?: string;
  };
  const values = getFieldDisplayValues({
    data: frames,
    fieldConfig: panel.fieldConfig as unknown as FieldConfigSource,
    reduceOptions: reduceOptions ?? { calcs: ['lastNotNull'], values: false },
    replaceVariables: (text) => text,
    theme,
    timeZone: 'browser',
  });
  return values.map(({ display, name }) => {
    const text = formattedValueToString(display);
    const colour = display.color ?? theme.colors.text.primary;
    // Grafana gives 0 where there is no value: a threshold says nothing of it.
    const defaults = panel.fieldConfig?.defaults ?? {};
    const mark = text === defaults.noValue ? undefined : markOf(display.numeric, defaults);
    const label =
      values.length > 1 && textMode !== 'value' ? h('div', { class: 'value-name' }, display.title ?? name) : undefined;
    if (panel.type === 'gauge') return gauge(panel, display.numeric, text, colour, mark, theme);
    const box = h(
      'div',
      { class: `value value-${colorMode}` },
      label,
      h('div', { class: text.length > LONG_TEXT ? 'value-text is-text' : 'value-text' }, text),
      mark !== undefined && h('div', { class: 'value-mark' }, mark),
    );
    const hasValue = Number.isFinite(display.numeric);
    if (colorMode === 'background' && hasValue) {
      box.style.background = colour;
      box.style.color = theme.colors.getContrastText(colour, 4.5);
    } else if (hasValue && colorMode === 'value')
      box.querySelector<HTMLElement>('.value-text')?.style.setProperty('color', readable(colour, theme));
    return box;
  });
}

/** Large text needs a contrast of 3 to 1; Grafana's yellow has less on white. */
function readable(colour: string, theme: GrafanaTheme2): string {
  return theme.isLight ? `color-mix(in srgb, ${colour} 55%, ${theme.colors.text.maxContrast})` : colour;
}

function gauge(
  panel: ShownPanel,
  value: number,
  text: string,
  colour: string,
  mark: string | undefined,
  theme: GrafanaTheme2,
): HTMLElement {
  const { min = 0, max = 100, thresholds } = panel.fieldConfig?.defaults ?? ({} as FieldDefaults);
  const share = (bound: number) => Math.min(1, Math.max(0, (bound - min) / (max - min || 1)));
  const arc = (from: number, to: number, radius: number) => {
    const at = (part: number) => {
      const angle = Math.PI * (1 - part);
      return `${100 + radius * Math.cos(angle)} ${100 - radius * Math.sin(angle)}`;
    };
    return `M ${at(from)} A ${radius} ${radius} 0 0 1 ${at(to)}`;
  };
  const steps = thresholds?.steps ?? [];
  const bands = steps.map((step, index) => {
    const [from, to] = [share(step.value ?? min), share(steps[index + 1]?.value ?? max)];
    return to > from
      ? svg('path', { d: arc(from, to, 92), stroke: colourOf(step.color, theme), 'stroke-width': 5, fill: 'none' })
      : undefined;
  });
  return h(
    'div',
    { class: 'value value-gauge' },
    svg(
      'svg',
      { viewBox: '0 0 200 112', role: 'img', 'aria-label': `${text} between ${min} and ${max}` },
      svg('path', { d: arc(0, 1, 78), stroke: theme.colors.background.secondary, 'stroke-width': 20, fill: 'none' }),
      Number.isFinite(value) &&
        share(value) > 0 &&
        svg('path', { d: arc(0, share(value), 78), stroke: colour, 'stroke-width': 20, fill: 'none' }),
      ...bands,
    ),
    h('div', { class: 'value-text' }, text),
    mark !== undefined && h('div', { class: 'value-mark' }, mark),
  );
}

function timeseries(
  panel: ShownPanel,
  frames: DataFrame[],
  { theme, view }: PanelContext,
  marks: readonly Mark[],
  body: HTMLElement,
): () => void {
  const { defaults } = panel.fieldConfig ?? { defaults: {} as FieldDefaults };
  const custom = (defaults.custom ?? {}) as {
    axisSoftMax?: number;
    drawStyle?: string;
    fillOpacity?: number;
    thresholdsStyle?: { mode?: string };
    stacking?: { mode?: string };
  };
  const lines = linesOf(frames, theme);
  const [first] = lines;
  if (first === undefined) {
    body.replaceChildren(h('p', { class: 'quiet no-data' }, defaults.noValue ?? 'No data'));
    return () => {};
  }
  const drawsThresholds = (custom.thresholdsStyle?.mode ?? 'off') !== 'off';
  const chart = h('div', { class: 'chart' });
  const { legend } = (panel.options ?? {}) as {
    legend?: { showLegend?: boolean; calcs?: string[]; placement?: string };
  };
  body.replaceChildren(
    h(
      'div',
      { class: `with-legend legend-${legend?.placement ?? 'bottom'}` },
      chart,
      legend?.showLegend !== false && legendTable(lines, legend?.calcs ?? []),
    ),
  );
  return drawChart(chart, lines, {
    theme,
    from: view.from,
    to: view.to,
    min: defaults.min,
    max: defaults.max,
    softMax: custom.axisSoftMax,
    fill: custom.fillOpacity,
    stacked: custom.stacking?.mode === 'normal',
    bars: custom.drawStyle === 'bars',
    marks,
    thresholds: drawsThresholds
      ? (defaults.thresholds?.steps ?? []).flatMap(({ value, color }) =>
          value === null ? [] : [{ value, colour: colourOf(color, theme) }],
        )
      : [],
    format: (value) => printValue(first.field, value),
    label: `${panel.title}: ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}; ${lines
      .map(
        (line) =>
          `${line.name} ${printValue(
            line.field,
            line.values.findLast((each) => each !== null),
          )}`,
      )
      .join(', ')}`,
  });
}

function lanes(panel: ShownPanel, frames: DataFrame[], context: PanelContext, body: HTMLElement): void {
  const lines = linesOf(frames, context.theme);
  if (lines.length === 0) {
    body.replaceChildren(h('p', { class: 'quiet no-data' }, panel.fieldConfig?.defaults.noValue ?? 'No data'));
    return;
  }
  body.replaceChildren(
    drawLanes(lines, {
      from: context.view.from,
      to: context.view.to,
      label: `${panel.title}: ${lines
        .map(
          (line) =>
            `${line.name} ${printValue(
              line.field,
              line.values.findLast((each) => each !== null),
            )}`,
        )
        .join(', ')}`,
      contrast: (colour) => context.theme.colors.getContrastText(colour, 4.5),
    }),
  );
}

function table(panel: ShownPanel, frames: DataFrame[], context: PanelContext, body: HTMLElement): void {
  const [frame] = frames;
  if (frame === undefined || frame.length === 0) {
    body.replaceChildren(h('p', { class: 'quiet no-data' }, panel.fieldConfig?.defaults.noValue ?? 'No data'));
    return;
  }
  const fields = frame.fields.map((field) => ({ field, name: getFieldDisplayName(field, frame, frames) }));
  const { sortBy = [] } = (panel.options ?? {}) as { sortBy?: { displayName: string; desc?: boolean }[] };
  let sorted = { by: sortBy[0]?.displayName ?? '', descending: sortBy[0]?.desc === true };
  const show = () => {
    const column = fields.find(({ name }) => name === sorted.by)?.field;
    const order = Array.from({ length: frame.length }, (_, index) => index);
    if (column !== undefined)
      order.sort((a, b) => {
        const [x, y] = [column.values[a] as unknown, column.values[b] as unknown];
        const less =
          typeof x === 'number' || typeof y === 'number'
            ? numberOf(x) - numberOf(y)
            : String(x).localeCompare(String(y));
        return sorted.descending ? -less : less;
      });
    body.replaceChildren(
      h(
        'div',
        { class: 'table', tabindex: 0, role: 'region', 'aria-label': panel.title },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ...fields.map(({ field, name }) =>
                h(
                  'th',
                  {
                    scope: 'col',
                    class: field.type === FieldType.number ? 'number' : '',
                    'aria-sort': name === sorted.by ? (sorted.descending ? 'descending' : 'ascending') : 'none',
                  },
                  h(
                    'button',
                    {
                      type: 'button',
                      click: () => {
                        sorted = {
                          by: name,
                          descending: sorted.by === name ? !sorted.descending : field.type === FieldType.number,
                        };
                        show();
                      },
                    },
                    name,
                    h('span', { 'aria-hidden': 'true' }, name === sorted.by ? (sorted.descending ? ' ▼' : ' ▲') : ''),
                  ),
                ),
              ),
            ),
          ),
          h(
            'tbody',
            {},
            ...order.map((index) =>
              h(
                'tr',
                {},
                ...fields.map(({ field }) => {
                  const value: unknown = field.values[index];
                  const text = printValue(field, value);
                  const variable = drillDownOf(field.config.links as readonly LinkModel[] | undefined);
                  return h(
                    'td',
                    { class: field.type === FieldType.number ? 'number' : '' },
                    variable === undefined
                      ? text
                      : h(
                          'button',
                          {
                            type: 'button',
                            class: 'link',
                            click: () => context.choose(variable, String(value)),
                            title: `Only ${variable} ${String(value)}`,
                          },
                          text,
                        ),
                  );
                }),
              ),
            ),
          ),
        ),
      ),
    );
  };
  show();
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && !Number.isNaN(value) ? value : Number.NEGATIVE_INFINITY;
}

/** The variable that a cell's link sets to the cell's value. */
function drillDownOf(
  links: readonly { readonly [key: string]: unknown }[] | readonly LinkModel[] | undefined,
): string | undefined {
  for (const link of links ?? []) {
    const url = (link as { readonly url?: unknown }).url;
    const [, variable] = /var-(\w+)=\$\{__value\.raw\}/.exec(String(url ?? '')) ?? [];
    if (variable !== undefined) return variable;
  }
  return undefined;
}

/** A panel's queries, and what each costs at the refresh of its board. */
export function inspection(
  panel: ShownPanel,
  asked: readonly Asked[],
  refresh: string | undefined,
): readonly HTMLElement[] {
  const every = secondsOf(refresh);
  return [
    h('p', {}, panel.description ?? 'No description.'),
    ...(panel.links ?? []).map((link) => h('p', {}, linkElement(link))),
    ...asked.map(({ target, query, step, answer }) => {
      const samples = answer.data?.stats?.samples?.totalQueryableSamples;
      const facts = [
        `${answer.data?.result.length ?? 0} series`,
        samples === undefined ? 'samples read unknown' : `${samples.toLocaleString()} samples read`,
        `${(1000 * answer.seconds).toFixed(0)} ms`,
        target.instant === true ? 'at one moment' : `every ${step} s`,
        ...(samples === undefined || every === undefined
          ? []
          : [
              `${Math.round((samples * 3600) / every).toLocaleString()} samples an hour for each reader, refreshed every ${refresh}`,
            ]),
        ...(answer.error === undefined ? [] : [answer.error]),
      ];
      return h(
        'div',
        { class: 'inspected' },
        h('h3', {}, `Query ${target.refId}`),
        h('pre', { tabindex: 0 }, query),
        h('p', {}, facts.join(' · ')),
      );
    }),
  ];
}

/** A link of a board or a panel; one into Grafana itself leads nowhere from here, and is shown as what it is. */
export function linkElement({ title, url }: Link): HTMLElement {
  return url.startsWith('/')
    ? h('span', {}, `${title} (in Grafana: ${url})`)
    : h('a', { href: url, rel: 'noreferrer' }, title);
}
