import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playStates } from '../../src/lockstep/preview/web/states.js';

/** A series that is above 0 at these steps, of a minute each. */
const series = (values: readonly (number | undefined)[], label = 'a') => ({
  metric: { label },
  values: values.flatMap((value, step): (readonly [number, string])[] =>
    value === undefined ? [] : [[60 * step, String(value)]],
  ),
});
const play = (all: readonly (readonly (number | undefined)[])[], pending: number, minutes: number) =>
  playStates(
    all.map((values, index) => series(values, String(index))),
    pending,
    0,
    60 * minutes,
    60,
  ).map(({ state, from, to }) => `${state} ${from / 60}-${to / 60}`);

describe('a rule', () => {
  it('is pending until it has held for as long as it must, then fires, until it no longer holds', () => {
    expect(play([[0, 1, 1, 1, 1, 0, 0]], 120, 6)).toEqual([
      'inactive 0-1',
      'pending 1-3',
      'firing 3-5',
      'inactive 5-6',
    ]);
    expect(play([[0, 1, 0, 1, 0]], 120, 4)).toEqual([
      'inactive 0-1',
      'pending 1-2',
      'inactive 2-3',
      'pending 3-4',
      'inactive 4-4',
    ]);
    expect(play([[1, 1]], 0, 1)).toEqual(['firing 0-1']);
  });

  it('begins anew where there is no value, and where another series takes over', () => {
    expect(play([[1, undefined, 1, 1]], 120, 3)).toEqual(['pending 0-1', 'inactive 1-2', 'pending 2-3']);
    expect(
      play(
        [
          [1, 1, 0, 0],
          [0, 0, 1, 1],
        ],
        120,
        3,
      ),
    ).toEqual(['pending 0-3']);
  });

  it('covers the whole range, without a hole, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.option(fc.constantFrom(0, 1), { nil: undefined }), { maxLength: 30 }), { maxLength: 4 }),
        fc.nat(600),
        fc.integer({ min: 1, max: 40 }),
        (all, pending, minutes) => {
          const spans = playStates(
            all.map((values, index) => series(values, String(index))),
            pending,
            0,
            60 * minutes,
            60,
          );
          expect(spans[0]?.from).toBe(0);
          expect(spans.at(-1)?.to).toBe(60 * minutes);
          spans.slice(1).forEach((span, index) => {
            expect(span.from).toBe(spans[index]?.to);
            expect(span.state).not.toBe(spans[index]?.state);
          });
        },
      ),
    );
  });
});
