import type { Kind } from 'lockstep-exporter/catalogue';
import { metricsRead } from '../metrics-read.js';
import type { Rule } from '../rule.js';

const VERBS: Readonly<Partial<Record<Kind, string>>> = { counter: 'add', gauge: 'set', histogram: 'observe' };

export const unrecordedMetric: Rule = {
  severity: 'error',
  about:
    "A metric that is read, and that nothing in the system's `recordedIn` records: its panels show nothing for ever.",
  example: '`record.restarts` nowhere in `src/till.ts`',
  fix: 'record it, or drop what reads it',
  system: (system, { sources }) => {
    const { recordedIn = [] } = system;
    if (recordedIn.length === 0) return [];
    const texts = recordedIn.map((path) => sources.get(path) ?? '');
    const isRead = metricsRead(system);
    return Object.entries(system.catalogue.metrics).flatMap(([handle, metric]) =>
      !isRead(metric) || texts.some((text) => recordingOf(handle).test(text))
        ? []
        : [
            {
              owner: `metric ${metric.name}`,
              found: `nothing in ${recordedIn.join(', ')} records it`,
              fix: `record it (record.${handle}.${VERBS[metric.kind]}(...)), or drop what reads it: it would show nothing for ever`,
            },
          ],
    );
  },
};

/** A call that records by a handle of the catalogue: `record.sessions.add(`. */
function recordingOf(handle: string): RegExp {
  return new RegExp(`\\b${handle}\\s*\\.\\s*(add|set|observe)\\s*\\(`);
}
