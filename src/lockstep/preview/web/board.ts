import type { AnnotationModel, ShownBoard, ShownPanel, VariableModel } from '../protocol.js';
import { annotationRequest } from '../requests.js';
import type { Mark } from './chart.js';
import { h } from './dom.js';
import { colourOf } from './marks.js';
import type { PanelContext } from './panel.js';
import { panelElement } from './panel.js';

/** A board in its grid. */
export interface DrawnBoard {
  readonly element: HTMLElement;
  /** Asks for the data of every panel and draws it. */
  load(): Promise<void>;
  stop(): void;
}

type Drawn = ReturnType<typeof panelElement>;
type BoardContext = Omit<PanelContext, 'changed' | 'variables' | 'marks'>;

/** @param changed the titles of the panels that are others than the checked-in ones */
export function boardElement(model: ShownBoard, context: BoardContext, changed: ReadonlySet<string>): DrawnBoard {
  const variables: readonly VariableModel[] = model.templating?.list ?? [];
  const marks = marksOf(model.annotations?.list ?? [], variables, context);
  const draw = (panel: ShownPanel): Drawn =>
    panelElement(panel, { ...context, variables, marks, changed: changed.has(panel.title) });
  const grid = h('div', { class: 'grid' });
  const closed: { readonly row: ShownPanel; panels: readonly Drawn[] }[] = [];
  const open: Drawn[] = [];
  /** Where what is on the board lies while some closed rows are open. */
  const place = () => {
    for (const { element, y } of placed) {
      const above = closed.filter(({ row, panels }) => panels.length > 0 && row.gridPos.y < y);
      element.style.gridRowStart = String(y + 1 + above.reduce((sum, { row }) => sum + heightOf(row), 0));
    }
  };
  const toggle = async (row: ShownPanel, button: HTMLElement) => {
    const entry = closed.find((each) => each.row === row);
    if (entry === undefined) return;
    const isOpen = entry.panels.length > 0;
    for (const { element, stop } of entry.panels) {
      stop();
      element.remove();
    }
    entry.panels = isOpen ? [] : (row.panels ?? []).map(draw);
    grid.append(...entry.panels.map(({ element }) => element));
    button.setAttribute('aria-expanded', String(!isOpen));
    place();
    await Promise.all(entry.panels.map(({ load }) => load()));
  };
  const placed = model.panels.map((panel) => {
    if (panel.type === 'row') {
      if (panel.collapsed === true) closed.push({ row: panel, panels: [] });
      return { element: rowElement(panel, toggle), y: panel.gridPos.y };
    }
    const drawn = draw(panel);
    open.push(drawn);
    return { element: drawn.element, y: panel.gridPos.y };
  });
  grid.append(...placed.map(({ element }) => element));
  return {
    element: grid,
    load: async () => {
      await Promise.all(open.map((each) => each.load()));
    },
    stop: () => {
      for (const each of [...open, ...closed.flatMap(({ panels }) => panels)]) each.stop();
    },
  };
}

/** In grid rows. */
function heightOf(row: ShownPanel): number {
  return Math.max(0, ...(row.panels ?? []).map(({ gridPos: { y, h: rows } }) => y + rows - row.gridPos.y - 1));
}

function rowElement(panel: ShownPanel, toggle: (row: ShownPanel, button: HTMLElement) => Promise<void>): HTMLElement {
  const element = h('h2', { class: 'row' }, panel.collapsed === true ? '' : panel.title);
  if (panel.collapsed === true) {
    const button = h(
      'button',
      { type: 'button', class: 'link', 'aria-expanded': 'false', click: () => void toggle(panel, button) },
      `${panel.title} (${panel.panels?.length ?? 0} panels)`,
    );
    element.replaceChildren(button);
  }
  element.style.gridRow = `${panel.gridPos.y + 1} / span 1`;
  return element;
}

/** A failed annotation leaves the charts without marks; the panels themselves say what is wrong with the source. */
async function marksOf(
  annotations: readonly AnnotationModel[],
  variables: readonly VariableModel[],
  { source, view, scrapeSeconds, theme }: BoardContext,
): Promise<readonly Mark[]> {
  const lists = await Promise.all(
    annotations.map(async (each): Promise<readonly Mark[]> => {
      const answer = await source.query(annotationRequest(each, view, scrapeSeconds, variables)).catch(() => undefined);
      const moments = (answer?.data?.result ?? []).flatMap(({ values = [] }) =>
        values.filter(([, value]) => Number(value) > 0).map(([at]) => at),
      );
      return moments.map((at) => ({ at, colour: colourOf(each.iconColor, theme), title: each.name }));
    }),
  );
  return lists.flat();
}
