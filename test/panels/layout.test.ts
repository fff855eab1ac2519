import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, layOut, shownOn } from '../../src/lockstep/panels/layout.js';
import { dashboard, queuePanel } from '../shop/dashboard.js';

describe('layout', () => {
  it('never overlaps, never leaves the grid, keeps the order, and numbers from 1, for any panels', () => {
    const size = fc.record({
      width: fc.integer({ min: 1, max: COLUMNS }),
      height: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(size, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }), (rows) => {
        const placed = layOut({
          ...dashboard,
          rows: rows.map((sizes, row) => ({
            title: `row ${row}`,
            panels: sizes.map(({ width, height }, index) => ({
              ...queuePanel,
              title: `${row} ${index}`,
              width,
              ...(height === undefined ? {} : { height }),
            })),
          })),
        });
        expect(placed.map(({ id }) => id)).toEqual(placed.map((_, index) => index + 1));
        expect(placed.length).toBe(rows.length + rows.flat().length);
        const cells = new Set<string>();
        for (const { position } of placed) {
          expect(position.x + position.w).toBeLessThanOrEqual(COLUMNS);
          for (let x = position.x; x < position.x + position.w; x++)
            for (let y = position.y; y < position.y + position.h; y++) {
              expect(cells.has(`${x},${y}`)).toBe(false);
              cells.add(`${x},${y}`);
            }
        }
        const order = placed.map(({ position }) => position.y * COLUMNS + position.x);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it('knows a panel by what it is, not by how it looks', () => {
    expect(shownOn(queuePanel, [dashboard])).toEqual({ dashboard, id: 14 });
    expect(shownOn({ ...queuePanel }, [dashboard])).toBeUndefined();
  });

  it('gives the panels of a closed row no room, and numbers them as if it were open', () => {
    const panel = (title: string) => ({ ...queuePanel, title, width: 24, height: 5 });
    const rows = (collapsed: boolean) => [
      { title: 'one', panels: [panel('a')] },
      { title: 'two', panels: [panel('b'), panel('c')], collapsed },
      { title: 'three', panels: [panel('d')] },
    ];
    const [open, closed] = [false, true].map((each) => layOut({ ...dashboard, rows: rows(each) }));
    expect(closed?.map(({ id }) => id)).toEqual(open?.map(({ id }) => id));
    expect(open?.map(({ position: { y } }) => y)).toEqual([0, 1, 6, 7, 12, 17, 18]);
    expect(closed?.map(({ position: { y } }) => y)).toEqual([0, 1, 6, 7, 12, 7, 8]);
  });
});
