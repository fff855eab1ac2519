import type { Model, PanelModel, VariableModel } from '../protocol.js';
import { h } from './dom.js';
import type { PanelContext } from './panel.js';
import { panelElement } from './panel.js';

/** A board in its grid. */
export interface DrawnBoard {
  readonly element: HTMLElement;
  /** Asks for the data of every panel and draws it. */
  load(): Promise<void>;
  stop(): void;
}

/** @param changed the titles of the panels that are others than the checked-in ones */
export function boardElement(
  model: Model,
  context: Omit<PanelContext, 'changed' | 'variables'>,
  changed: ReadonlySet<string>,
): DrawnBoard {
  const variables: readonly VariableModel[] = model.templating?.list ?? [];
  const panels = model.panels.map((panel) =>
    panel.type === 'row'
      ? rowElement(panel)
      : panelElement(panel, { ...context, variables, changed: changed.has(panel.title) }),
  );
  const element = h('div', { class: 'grid' }, ...panels.map((each) => each.element));
  return {
    element,
    load: async () => {
      await Promise.all(panels.map((each) => each.load()));
    },
    stop: () => {
      for (const each of panels) each.stop();
    },
  };
}

function rowElement(panel: PanelModel): DrawnBoard {
  const element = h('h2', { class: 'row' }, panel.title);
  element.style.gridRow = `${panel.gridPos.y + 1} / span 1`;
  return { element, load: async () => {}, stop: () => {} };
}
