import type { Registry } from 'prom-client';
import { createRecorders } from '../exporter/recorders.js';
import type { OnError } from '../exporter/report.js';
import { logError } from '../exporter/report.js';
import { fab } from './catalogue.js';
import type { FollowedFile } from './follow.js';
import { followFile } from './follow.js';
import type { PerfData } from './perf-data.js';
import { PERF_FIELDS, parsePerfData } from './perf-data.js';
import { toRole } from './roster.js';

/** The metrics that the file knows of. The others are not served at all: a zero that nobody counted would be a lie. */
const PERF_METRICS = ['sessions', 'selfEval', 'advisorCalls', 'revisions', 'tokens'] as const;

/** Far above what 79 roles need (20 kB). */
const MOST_BYTES = 4_000_000;

/** Follows a perf file: fab writes it whole after each session. Roles that the roster does not have add up as `unknown`. */
export function followPerfFile(path: string, onError: OnError = logError): FollowedFile {
  return followFile<PerfData>(
    path,
    {
      what: 'perf file',
      mostBytes: MOST_BYTES,
      empty: {},
      parse: parsePerfData,
      hasShrunk: (before, now) =>
        Object.entries(before).some(([role, metrics]) =>
          PERF_FIELDS.some((field) => (now[role]?.[field] ?? 0) < metrics[field]),
        ),
      toRegistry: (data, startId) => toRegistry(data, startId, onError),
    },
    onError,
  );
}

function toRegistry(data: PerfData, startId: string, onError: OnError): Registry {
  const { registry, record } = createRecorders(fab, { only: PERF_METRICS, startId, onError });
  for (const [name, metrics] of Object.entries(data)) {
    const role = toRole(name);
    record.sessions.add({ role }, metrics.sessions);
    record.selfEval.add({ role, result: 'pass' }, metrics.selfEvalPass);
    record.selfEval.add({ role, result: 'fail' }, metrics.selfEvalFail);
    record.advisorCalls.add({ role }, metrics.advisorCalls);
    record.revisions.add({ role }, metrics.revisions);
    record.tokens.add({ role, direction: 'input' }, metrics.totalInputTokens);
    record.tokens.add({ role, direction: 'output' }, metrics.totalOutputTokens);
  }
  return registry;
}
