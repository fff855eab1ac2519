import type { BoardModel, GridPos, PanelModel } from '../../config/own-rule.js';
import type { PlacedModel } from '../../panels/models.js';
import type { Rule } from '../rule.js';

export const gridOverlap: Rule = {
  severity: 'error',
  about: 'Two panels in one place: Grafana pushes one to where nobody laid it out.',
  example: 'both at `x: 0, y: 1`',
  fix: 'move one',
  board: ({ model }) =>
    gridsOf(model).flatMap((grid) =>
      grid.flatMap(({ panel: { gridPos }, path }, index) => {
        if (gridPos === undefined) return [];
        const under = grid.slice(0, index).find(({ panel: other }) => other.gridPos && overlap(gridPos, other.gridPos));
        if (under === undefined) return [];
        return [
          {
            at: [...path, 'gridPos'],
            found: `the place of panel ${JSON.stringify(under.panel.title)}`,
            fix: 'move one of them: Grafana pushes it to where nobody laid it out',
          },
        ];
      }),
    ),
};

/**
 * The panels that share a grid. Those of a closed row share one with nothing but each other: the panels below move when
 * the row is opened.
 */
function gridsOf({ panels = [] }: BoardModel): readonly (readonly PlacedModel<PanelModel>[])[] {
  return [
    panels.map((panel, index) => ({ panel, path: ['panels', index] })),
    ...panels.map((row, index) =>
      (row.panels ?? []).map((panel, place) => ({ panel, path: ['panels', index, 'panels', place] })),
    ),
  ];
}

function overlap(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
