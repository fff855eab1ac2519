import { describe, expect, it } from 'vitest';
import { firingSpans, withStates } from '../../src/lockstep/prove/state.js';

/** A state a minute: `1` where the expression holds, `0` where it does not, `-` where it returns nothing. */
const spans = (text: string, pending: number, kept: number) =>
  firingSpans(
    withStates(
      [...text].map((each, index) => ({
        seconds: index * 60,
        elements: each === '-' ? [] : [{ labels: {}, value: Number(each) }],
      })),
      { pending: pending * 60, kept: kept * 60 },
    ),
  ).map(({ from, to }) => [from / 60, to === undefined ? undefined : to / 60]);

// As Prometheus has it: rules/alerting.go, Eval().
describe('the state of a rule', () => {
  it('is pending for its time, and over when the expression no longer holds', () => {
    expect(spans('0111100', 2, 0)).toEqual([[3, 5]]);
    expect(spans('0110110', 2, 0)).toEqual([]);
  });

  it('is kept firing from the first evaluation at which it no longer holds', () => {
    expect(spans('011110000', 2, 2)).toEqual([[3, 7]]);
    expect(spans('01111-----', 2, 2)).toEqual([[3, 7]]);
    // It holds again before it is over: it fires on, without pending again.
    expect(spans('01111010000', 2, 2)).toEqual([[3, 9]]);
    expect(spans('0111100010000', 2, 2)).toEqual([[3, 7]]);
    // An alert that is pending is not kept.
    expect(spans('0110000', 2, 2)).toEqual([]);
    expect(spans('011110', 2, 2)).toEqual([[3, undefined]]);
  });
});
