import type { Recorders } from 'lockstep-exporter';
import type { fab } from './catalogue.js';
import type { RoleMetrics } from './perf-data.js';
import type { Role } from './roster.js';

/** The metrics of the catalogue that fab's own totals know. */
type Recorded = Pick<Recorders<typeof fab.metrics>, 'sessions' | 'selfEval' | 'advisorCalls' | 'revisions' | 'tokens'>;

/** Records what a role's totals have grown by. */
export function recordTotals(record: Recorded, role: Role, grown: RoleMetrics): void {
  record.sessions.add({ role }, grown.sessions);
  record.selfEval.add({ role, result: 'pass' }, grown.selfEvalPass);
  record.selfEval.add({ role, result: 'fail' }, grown.selfEvalFail);
  record.advisorCalls.add({ role }, grown.advisorCalls);
  record.revisions.add({ role }, grown.revisions);
  record.tokens.add({ role, direction: 'input' }, grown.totalInputTokens);
  record.tokens.add({ role, direction: 'output' }, grown.totalOutputTokens);
}
