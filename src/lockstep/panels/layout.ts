import type { Dashboard, Row } from './dashboard.js';
import type { Panel } from './panel.js';

/** Columns of Grafana's grid. */
export const COLUMNS = 24;
const DEFAULT_HEIGHT = 8;

export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A row's header or a panel, where it lies, and the id by which links and alerts know it. */
export type Placed =
  | { readonly id: number; readonly position: GridPosition; readonly row: Row }
  | { readonly id: number; readonly position: GridPosition; readonly panel: Panel };

/**
 * Lays a dashboard out: rows below each other, panels from left to right, wrapped at the grid's width, every panel of
 * a line as high as its highest, so that nothing overlaps and no gap is left below. The panels of a closed row take no
 * room until it is opened: Grafana then moves what is below it. Ids are given in that order, from 1, row headers
 * included.
 */
export function layOut(dashboard: Dashboard): readonly Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const row of dashboard.rows) {
    placed.push({ id: placed.length + 1, position: { x: 0, y, w: COLUMNS, h: 1 }, row });
    y += 1;
    const below = y;
    for (const line of wrap(row.panels)) {
      const h = Math.max(...line.map((panel) => panel.height ?? DEFAULT_HEIGHT));
      let x = 0;
      for (const panel of line) {
        placed.push({ id: placed.length + 1, position: { x, y, w: panel.width, h }, panel });
        x += panel.width;
      }
      y += h;
    }
    if (row.collapsed === true) y = below;
  }
  return placed;
}

function wrap(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const lines: Panel[][] = [];
  let used = COLUMNS;
  for (const panel of panels) {
    if (used + panel.width > COLUMNS) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(panel);
    used += panel.width;
  }
  return lines;
}

/** The first dashboard that shows a panel, and the panel's id there. */
export function shownOn(
  panel: Panel,
  dashboards: readonly Dashboard[],
): { readonly dashboard: Dashboard; readonly id: number } | undefined {
  for (const dashboard of dashboards) {
    const id = layOut(dashboard).find((each) => 'panel' in each && each.panel === panel)?.id;
    if (id !== undefined) return { dashboard, id };
  }
  return undefined;
}
