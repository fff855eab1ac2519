import type { RawSeries } from '../protocol.js';

export type AlertState = 'inactive' | 'pending' | 'firing';

export interface StateSpan {
  readonly state: AlertState;
  /** In seconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * The state of a rule, evaluation by evaluation: pending from the first at which its expression is above 0,
 * firing from the first that is the pending time or more after that, for each series by itself; the worst of them is
 * what is shown. The time before the range is not known: a rule that holds at its beginning begins there.
 */
export function playStates(
  series: readonly RawSeries[],
  pendingSeconds: number,
  from: number,
  to: number,
  step: number,
): readonly StateSpan[] {
  const values = series.map(
    ({ values: own = [] }) => new Map(own.map(([time, text]) => [Math.round(time), Number(text)])),
  );
  const since: (number | undefined)[] = series.map(() => undefined);
  const spans: { state: AlertState; from: number; to: number }[] = [];
  for (let time = from; time <= to; time += step) {
    let state: AlertState = 'inactive';
    values.forEach((own, index) => {
      if (!((own.get(Math.round(time)) ?? 0) > 0)) {
        since[index] = undefined;
        return;
      }
      const begin = since[index] ?? time;
      since[index] = begin;
      if (time - begin >= pendingSeconds) state = 'firing';
      else if (state === 'inactive') state = 'pending';
    });
    const last = spans.at(-1);
    if (last?.state === state) last.to = time;
    else {
      if (last !== undefined) last.to = time;
      spans.push({ state, from: time, to: time });
    }
  }
  return spans;
}
