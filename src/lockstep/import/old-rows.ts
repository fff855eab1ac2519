import { isRecord } from 'lockstep-exporter/internal';

type Json = Readonly<Record<string, unknown>>;

/** Pixels of a row of the grid and of the gap below it, as Grafana counts in `DashboardMigrator.ts`. */
const STEP = 38;
const DEFAULT_HEIGHT = 250;
const LEAST_HEIGHT = 90;
const COLUMNS = 24;

/**
 * A board whose panels have a place on the grid, of one from before schema 16, which has rows of panels with a span of
 * 12. Each row begins below the highest panel of the row before it.
 */
export function flattenRows(model: Json): Json {
  const { rows, ...rest } = model;
  const panels: Json[] = [];
  let y = 0;
  for (const row of (Array.isArray(rows) ? rows : []).filter(isRecord)) {
    const { title, showTitle, collapse, repeat, height, panels: own } = row;
    const isShown = showTitle === true || collapse === true || typeof repeat === 'string';
    const inner: Json[] = [];
    if (isShown) {
      panels.push({
        type: 'row',
        title: title ?? '',
        collapsed: collapse === true,
        gridPos: { x: 0, y, w: COLUMNS, h: 1 },
        ...(typeof repeat === 'string' ? { repeat } : {}),
        panels: collapse === true ? inner : [],
      });
      y += 1;
    }
    const begin = y;
    let [x, high] = [0, 0];
    for (const panel of (Array.isArray(own) ? own : []).filter(isRecord)) {
      const { span, height: ownHeight, ...kept } = panel;
      const w = Math.min(COLUMNS, Math.max(1, Math.floor((typeof span === 'number' ? span : 4) * 2)));
      const h = rowsOf(ownHeight ?? height);
      if (x + w > COLUMNS) {
        y += high;
        [x, high] = [0, 0];
      }
      (collapse === true ? inner : panels).push({ ...kept, gridPos: { x, y, w, h } });
      x += w;
      high = Math.max(high, h);
    }
    y = collapse === true ? begin : y + high;
  }
  return { ...rest, panels };
}

function rowsOf(height: unknown): number {
  const pixels = typeof height === 'string' ? Number.parseInt(height, 10) : height;
  const given = typeof pixels === 'number' && Number.isFinite(pixels) ? pixels : DEFAULT_HEIGHT;
  return Math.ceil(Math.max(given, LEAST_HEIGHT) / STEP);
}
