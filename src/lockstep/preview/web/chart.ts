import type { DataFrame, Field, GrafanaTheme2 } from '@grafana/data';
import {
  FieldType,
  fieldReducers,
  formattedValueToString,
  getFieldColorModeForField,
  getFieldDisplayName,
  reduceField,
} from '@grafana/data';
import uPlot from 'uplot';
import { h } from './dom.js';
import { dashOf } from './marks.js';

/** A line of a chart. */
export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash: number[];
  readonly field: Field;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A moment that every chart of a board marks. */
export interface Mark {
  /** In seconds since 1970. */
  readonly at: number;
  readonly colour: string;
  readonly title: string;
}

export interface ChartOptions {
  readonly theme: GrafanaTheme2;
  /** In seconds. */
  readonly from: number;
  readonly to: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** The scale reaches to it at least. */
  readonly softMax?: number | undefined;
  readonly fill?: number | undefined;
  readonly stacked?: boolean;
  readonly bars?: boolean;
  /** Whether the scale reaches to the thresholds; Grafana's does not. */
  readonly reachesThresholds?: boolean;
  readonly thresholds?: readonly { readonly value: number; readonly colour: string }[];
  readonly marks?: readonly Mark[];
  readonly format: (value: number) => string;
  /** The content of the chart, for readers who cannot see it. */
  readonly label: string;
}

/** The lines of frames, with the colours that Grafana gives them. */
export function linesOf(frames: readonly DataFrame[], theme: GrafanaTheme2): readonly Line[] {
  const all = [...frames];
  const lines: Line[] = [];
  for (const frame of frames) {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    for (const field of frame.fields) {
      if (field.type !== FieldType.number || time === undefined) continue;
      const index = lines.length;
      field.state = { ...field.state, seriesIndex: index };
      const name = getFieldDisplayName(field, frame, all);
      lines.push({
        name,
        colour: getFieldColorModeForField(field).getCalculator(field, theme)(0, 0),
        dash: dashOf(index),
        field,
        times: time.values as number[],
        values: field.values as (number | null)[],
      });
    }
  }
  return lines;
}

/** A chart in `container`, as wide as it is; it follows the container's size until it is destroyed. */
export function drawChart(container: HTMLElement, lines: readonly Line[], options: ChartOptions): () => void {
  const { theme } = options;
  const times = [...new Set(lines.flatMap((line) => line.times))].sort((a, b) => a - b);
  const columns = lines.map(({ times: own, values }) => {
    const at = new Map(own.map((time, index) => [time, values[index] ?? null]));
    // All queries of a panel are asked at the same steps: what has no value at one has a gap there.
    return times.map((time) => at.get(time) ?? null);
  });
  const bars = options.bars === true;
  // Of stacked bars the highest is drawn first, and those below it over it.
  const shown = options.stacked !== true ? columns : bars ? stack(columns.toReversed()).toReversed() : stack(columns);
  const axis = {
    stroke: theme.colors.text.secondary,
    grid: { stroke: theme.colors.border.weak, width: 1 },
    ticks: { stroke: theme.colors.border.weak, width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const size = () => ({ width: Math.max(50, container.clientWidth), height: Math.max(60, container.clientHeight) });
  const thresholds = options.thresholds ?? [];
  const plot = new uPlot(
    {
      ...size(),
      legend: { show: false },
      cursor: { sync: { key: 'lockstep' }, points: { size: 6 } },
      scales: {
        x: { time: true, range: [options.from, options.to] },
        y: {
          range: (_, low, high) => {
            const reach = options.reachesThresholds === true ? thresholds.map(({ value }) => value) : [];
            const [least, most] = [
              Math.min(low ?? 0, ...reach),
              Math.max(high ?? 1, options.softMax ?? Number.NEGATIVE_INFINITY, ...reach),
            ];
            const pad = (most - least || Math.abs(most) || 1) * 0.08;
            return [options.min ?? (least >= 0 ? Math.max(0, least - pad) : least - pad), options.max ?? most + pad];
          },
        },
      },
      axes: [
        { ...axis, space: 90 },
        { ...axis, size: 76, values: (_, splits) => splits.map((each) => options.format(each)) },
      ],
      series: [
        {},
        ...lines.map(({ name, colour, dash }) => ({
          label: name,
          stroke: colour,
          width: 1.5,
          dash,
          spanGaps: false,
          ...(bars
            ? { fill: colour, points: { show: false }, paths: barPaths }
            : {
                points: {
                  show: true,
                  size: 5,
                  filter: (_self: uPlot, index: number) => isolated(shown[index - 1] ?? []),
                },
                ...((options.fill ?? 0) > 0 ? { fill: translucent(colour, (options.fill ?? 0) / 100) } : {}),
              }),
        })),
      ],
      hooks: {
        draw: [
          (self) => {
            for (const { at, colour } of options.marks ?? []) dash(self, colour, 'x', self.valToPos(at, 'x', true));
            for (const { value, colour } of thresholds) {
              const y = self.valToPos(value, 'y', true);
              dash(self, colour, 'y', y);
            }
          },
        ],
      },
    },
    [times.map((time) => time / 1000), ...shown] as uPlot.AlignedData,
    container,
  );
  container.setAttribute('role', 'img');
  container.setAttribute('aria-label', options.label);
  const tip = tooltipOf(container, plot, lines, columns, times, options);
  const follow = new ResizeObserver(() => plot.setSize(size()));
  follow.observe(container);
  return () => {
    follow.disconnect();
    tip();
    plot.destroy();
  };
}

/** A dashed line across the plot, at a place on an axis, in pixels of the canvas; none outside it. */
function dash({ ctx, bbox }: uPlot, colour: string, axis: 'x' | 'y', place: number): void {
  const [start, length] = axis === 'x' ? [bbox.left, bbox.width] : [bbox.top, bbox.height];
  if (place < start || place > start + length) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(
    axis === 'x' ? [2 * devicePixelRatio, 4 * devicePixelRatio] : [10 * devicePixelRatio, 6 * devicePixelRatio],
  );
  ctx.beginPath();
  ctx.moveTo(axis === 'x' ? place : bbox.left, axis === 'x' ? bbox.top : place);
  ctx.lineTo(axis === 'x' ? place : bbox.left + bbox.width, axis === 'x' ? bbox.top + bbox.height : place);
  ctx.stroke();
  ctx.restore();
}

/** A bar ends where its window ends: to the left of its point, as wide as the step less a gap. */
const barPaths: uPlot.Series.PathBuilder = (self, series, from, to) =>
  uPlot.paths.bars?.({ size: [0.85, 60], align: -1 })(self, series, from, to) ?? null;

/** Values between two gaps: no line leads to them, so that only a point shows them. */
function isolated(values: readonly (number | null | undefined)[]): number[] {
  return values.flatMap((value, index) =>
    value !== null &&
    value !== undefined &&
    (values[index - 1] ?? null) === null &&
    (values[index + 1] ?? null) === null
      ? [index]
      : [],
  );
}

function stack(columns: readonly (readonly (number | null | undefined)[])[]) {
  const totals: number[] = [];
  return columns.map((column) =>
    column.map((value, index) => {
      totals[index] = (totals[index] ?? 0) + (value ?? 0);
      return value === undefined || value === null ? value : totals[index];
    }),
  );
}

function translucent(colour: string, alpha: number): string {
  const [, hex] = /^#([0-9a-f]{6})$/i.exec(colour) ?? [];
  return hex === undefined
    ? 'transparent'
    : `#${hex}${Math.round(255 * alpha)
        .toString(16)
        .padStart(2, '0')}`;
}

/** The value of each line under the pointer, greatest first. */
function tooltipOf(
  container: HTMLElement,
  plot: uPlot,
  lines: readonly Line[],
  columns: readonly (readonly (number | null | undefined)[])[],
  times: readonly number[],
  { format }: ChartOptions,
): () => void {
  const box = h('div', { class: 'tooltip', hidden: true });
  container.append(box);
  const move = () => {
    const { idx, left = -1 } = plot.cursor;
    if (idx === null || idx === undefined || left < 0) {
      box.hidden = true;
      return;
    }
    const rows = lines
      .map((line, index) => ({ line, value: columns[index]?.[idx] }))
      .filter((row): row is { line: Line; value: number } => typeof row.value === 'number')
      .sort((a, b) => b.value - a.value);
    box.replaceChildren(
      h('div', { class: 'tooltip-time' }, new Date(times[idx] ?? 0).toLocaleString()),
      ...rows
        .slice(0, 15)
        .map(({ line, value }) => h('div', {}, swatch(line), ` ${line.name} `, h('b', {}, format(value)))),
    );
    box.hidden = rows.length === 0;
    box.style.left = `${Math.min(left + 80, container.clientWidth - 190)}px`;
  };
  plot.over.addEventListener('mousemove', move);
  plot.over.addEventListener('mouseleave', () => {
    box.hidden = true;
  });
  return () => box.remove();
}

/** The line's colour and dash, as the legend shows it. */
export function swatch({ colour, dash }: Pick<Line, 'colour' | 'dash'>): HTMLElement {
  const canvas = h('canvas', { width: 36, height: 8, class: 'swatch', 'aria-hidden': 'true' });
  const context = canvas.getContext('2d');
  if (context !== null) {
    context.strokeStyle = colour;
    context.lineWidth = 4;
    context.setLineDash(dash.map((each) => 1.5 * each));
    context.beginPath();
    context.moveTo(0, 4);
    context.lineTo(36, 4);
    context.stroke();
  }
  return canvas;
}

/** A legend as a table: each line, and what its values come to. */
export function legendTable(lines: readonly Line[], calcs: readonly string[]): HTMLElement {
  const names = calcs.map((calc) => fieldReducers.getIfExists(calc)?.name ?? calc);
  return h(
    'div',
    { class: 'legend', tabindex: 0, role: 'region', 'aria-label': 'Legend' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Name'),
          ...names.map((name) => h('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      h(
        'tbody',
        {},
        ...lines.map((line) => {
          const reduced = reduceField({ field: line.field, reducers: [...calcs] });
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, swatch(line), ` ${line.name}`),
            ...calcs.map((calc) => h('td', { class: 'number' }, printValue(line.field, reduced[calc]))),
          );
        }),
      ),
    ),
  );
}

/** A field's value as Grafana prints it, in its unit. */
export function printValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '–';
  return field.display === undefined ? String(value) : formattedValueToString(field.display(value));
}
