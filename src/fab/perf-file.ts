import type { OnError } from 'lockstep-exporter';
import { logError } from 'lockstep-exporter';
import type { FollowedFile } from 'lockstep-exporter/files';
import { exposeTotals, followFile, followTotals, totalsOf } from 'lockstep-exporter/files';
import { fab } from './catalogue.js';
import type { RoleMetrics } from './perf-data.js';
import { PERF_FIELDS, parseRoles, readRoles } from './perf-data.js';
import { recordTotals } from './record-totals.js';
import type { Role } from './roster.js';
import { toRole } from './roster.js';

/** The metrics that the file knows of. */
const PERF_METRICS = ['sessions', 'selfEval', 'advisorCalls', 'revisions', 'tokens'] as const;

/** Far above what 79 roles need (20 kB). */
const MOST_BYTES = 4_000_000;

/**
 * Follows a perf file: fab writes it whole after each session. A role that is missing or malformed there keeps its last
 * good values. One that is there with less began anew, and goes on under an id of its own. Roles that the roster does
 * not have add up as `unknown`.
 */
export function followPerfFile(path: string, onError: OnError = logError): FollowedFile {
  const totals = followTotals(PERF_FIELDS, toRole);
  const lives = new Map<Role, Life>();
  return followFile(
    path,
    {
      what: 'perf file',
      mostBytes: MOST_BYTES,
      take: (text, idOf) => {
        const read = readRoles(parseRoles(text));
        for (const { group: role, grown, anew } of totals.take(read.totals)) {
          const life = lives.get(role) ?? { number: 0, startId: idOf(0), metrics: undefined };
          const number = life.number + (anew ? 1 : 0);
          const before = anew ? undefined : life.metrics;
          lives.set(role, {
            number,
            startId: anew ? idOf(number) : life.startId,
            metrics: totalsOf(PERF_FIELDS, (field) => (before?.[field] ?? 0) + grown[field]),
          });
        }
        return read.trouble;
      },
      expose: async (startId) => await expose(lives, startId, onError),
    },
    onError,
  );
}

/** The totals of a role since they last began anew. */
interface Life {
  readonly number: number;
  readonly startId: string;
  readonly metrics: RoleMetrics | undefined;
}

async function expose(lives: ReadonlyMap<Role, Life>, startId: string, onError: OnError): Promise<string> {
  const idOf = (role: string | undefined) =>
    (role === undefined ? undefined : lives.get(role as Role)?.startId) ?? startId;
  return await exposeTotals(fab, { only: PERF_METRICS, startIdOf: ({ role }) => idOf(role), onError }, (record) => {
    for (const [role, { metrics }] of lives) if (metrics !== undefined) recordTotals(record, role, metrics);
  });
}
