import type { World } from './factory.js';
import type { BuiltQuery } from './resources.js';
import { substitute } from './resources.js';
import type { Prometheus, Sample } from './servers.js';
import { PANELS, panelTruth } from './truth.js';

/** Panels of what is now: of processes that have ended there is nothing to show. */
const OF_NOW = [
  'Sessions in flight, by phase A',
  'Peaks of one role, added up A',
  'Another catalogue A',
  'Processes that report A',
];
/** Windows that hold a whole run. */
export const WINDOWS = { group: '.*', phase: '.*', role: '.*', rateInterval: '10m', range: '1h' };

const view = { chosen: () => true };

/**
 * How far the panels of a board are from what happened: the greatest error of any series, in percent, and whose it is.
 */
export async function judgeBoard(
  prometheus: Prometheus,
  world: World,
  queries: readonly BuiltQuery[],
): Promise<{ readonly worst: number; readonly panel: string }> {
  const time = Date.now() / 1000;
  let worst = 0;
  let panel = '';
  for (const { panel: title, ref, expression, instant } of queries) {
    const name = `${title} ${ref}`;
    if (OF_NOW.includes(name)) continue;
    const truth = PANELS[name];
    if (truth === undefined) throw new Error(`no truth for ${name}`);
    const text = substitute(expression, WINDOWS);
    const shown = instant ? await prometheus.query(text, time) : await prometheus.queryRange(text, time);
    const off = greatestError(shown, panelTruth(truth, world, view));
    if (off > worst) {
      worst = off;
      panel = name;
    }
  }
  return { worst, panel };
}

/** In percent; a series that is missing or too many is 100% off. */
function greatestError(shown: readonly Sample[], truth: readonly Sample[]): number {
  const key = ({ labels }: Sample) => JSON.stringify(Object.entries(labels).sort());
  const wanted = new Map(truth.map((sample) => [key(sample), sample.value]));
  const found = new Map(shown.map((sample) => [key(sample), sample.value]));
  let greatest = 0;
  for (const id of new Set([...wanted.keys(), ...found.keys()])) {
    const [a, b] = [wanted.get(id), found.get(id)];
    const off = a === undefined || b === undefined ? 100 : a === b ? 0 : (100 * Math.abs(b - a)) / Math.abs(a || 1);
    greatest = Math.max(greatest, off);
  }
  return greatest;
}
