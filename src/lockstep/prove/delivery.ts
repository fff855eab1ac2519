import type { Process, World, WorldEvent } from './world.js';

/** An event, whoever counts it. */
export type LooseEvent = Omit<WorldEvent, 'process'>;

/**
 * Who counts the events: one process from beginning to end, one that is restarted, or Jobs that come and go. The count
 * must not depend on it.
 */
export type CountedBy =
  | { readonly type: 'process' }
  | { readonly type: 'restart'; readonly at: number }
  | { readonly type: 'jobs'; readonly length: number };

/**
 * A world in which events are counted by processes; with `vanishes`, those report until that step, and the next begins
 * with the next event.
 */
export function deliver(
  events: readonly LooseEvent[],
  world: { readonly stepSeconds: number; readonly steps: number },
  delivery: CountedBy,
  vanishes?: number,
): World {
  const { steps } = world;
  const processes: Process[] = [];
  const index = new Map<string, number>();
  const edge = vanishes ?? steps;
  const next = events.reduce((first, { step }) => (step > edge && step < first ? step : first), Infinity);
  const processOf = (step: number, lane: number): number => {
    const [first, last] = span(step, lane);
    const key = `${delivery.type === 'jobs' ? lane : 0} ${first}`;
    const known = index.get(key);
    if (known !== undefined) return known;
    processes.push({ first, last });
    index.set(key, processes.length - 1);
    return processes.length - 1;
  };
  /** The steps between which whoever counts an event of a step reports. */
  const span = (step: number, lane: number): readonly [number, number] => {
    const [from, to] = step > edge ? [next, steps] : [1, edge];
    switch (delivery.type) {
      case 'process':
        return [from, to];
      case 'restart':
        if (delivery.at <= from || delivery.at > to) return [from, to];
        return step < delivery.at ? [from, delivery.at - 1] : [delivery.at, to];
      case 'jobs': {
        const shift = lane * Math.floor(delivery.length / 2);
        const first = Math.floor((step + shift) / delivery.length) * delivery.length - shift;
        return [Math.max(first, from), Math.min(first + delivery.length - 1, to)];
      }
    }
  };
  const placed = events.map((event) => ({ ...event, process: processOf(event.step, event.step % 2) }));
  return { ...world, processes, events: placed };
}
