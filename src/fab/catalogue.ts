import { counter, decidedLabel, defineCatalogue, gauge, histogram, label } from 'lockstep-exporter/catalogue';
import { GROUPS, PHASES, ROLES, rosterField, UNKNOWN_ROLE } from './roster.js';

const role = label('role', {
  help: 'the role that ran the session; unknown if it is not in the roster',
  values: ROLES,
  fallback: UNKNOWN_ROLE,
});
const phase = decidedLabel('phase', {
  help: 'the phase of the factory that the role works in',
  values: PHASES,
  decidedBy: role,
  valueOf: rosterField('phase'),
});
const group = decidedLabel('group', {
  help: 'the group of roles that the role belongs to',
  values: GROUPS,
  decidedBy: role,
  valueOf: rosterField('group'),
});
const result = label('result', { help: 'how a session judged its own work', values: ['pass', 'fail'], bad: ['fail'] });
const direction = label('direction', {
  help: 'input: read by the model, cached input left out; output: written by it',
  values: ['input', 'output'],
});
const outcome = label('outcome', {
  help: 'how the session ended: idle without asking for more, with an error, or terminated',
  values: ['completed', 'error', 'terminated'],
  bad: ['error', 'terminated'],
});
const decision = label('decision', { help: "the merge gate's verdict", values: ['approve', 'revise', 'reject'] });
const profile = label('profile', { help: 'what the merge gate judged', values: ['code', 'docs'] });

/** fab's transports on which no event tells of a use of the advisor, or of a model request. */
const WITHOUT_REQUESTS = ['sdk', 'sdk-k8s', 'claude-cli'] as const;

const byRole = [role, phase, group] as const;

/**
 * Upper bounds, in seconds, of the duration of a role session. A session lasts seconds to 30 minutes and a Job at most
 * about two hours, so the bounds run from 5 s to 7200 s, each between 1.5 and 3 times the one before: a quantile is
 * then never further off than that factor, usually far less. A bound of 1800 s stands for "as long as sessions are
 * meant to be" and 7200 s for the Job's cap, so that `+Inf` holds only what should not exist. Eleven, because each
 * costs 79 series (78 roles and `unknown`): with `+Inf`, `_sum` and `_count` the histogram is 1106 series, more than
 * all the rest together.
 */
export const SESSION_DURATION_BOUNDS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200] as const;

const sessions = counter({
  name: 'fab_agent_sessions_total',
  help: 'Role sessions that have ended.',
  unit: '{session}',
  labels: byRole,
});

/**
 * fab's metrics. The first six have the names and labels that fab's owners asked for; the others are what the gate and
 * saturation rows of its board need.
 */
export const fab = defineCatalogue({
  name: 'fab',
  metrics: {
    sessions,
    selfEval: counter({
      name: 'fab_self_eval_total',
      help: 'Self-evaluations that sessions have given, by result.',
      unit: '{evaluation}',
      labels: [...byRole, result],
      within: sessions,
    }),
    advisorCalls: counter({
      name: 'fab_advisor_calls_total',
      help: 'Calls to the Opus advisor.',
      unit: '{call}',
      labels: byRole,
      within: sessions,
      silentOn: WITHOUT_REQUESTS,
    }),
    revisions: counter({
      name: 'fab_revisions_total',
      help: 'Revisions that the merge gate has asked for and sessions have begun.',
      unit: '{revision}',
      labels: byRole,
      within: sessions,
    }),
    tokens: counter({
      name: 'fab_tokens_total',
      help: 'Model tokens, by direction.',
      unit: '{token}',
      labels: [...byRole, direction],
      within: sessions,
      silentOn: WITHOUT_REQUESTS,
    }),
    duration: histogram({
      name: 'fab_role_session_duration_seconds',
      help: 'Duration of one role session, from its creation to its end.',
      unit: 'seconds',
      labels: byRole,
      bounds: SESSION_DURATION_BOUNDS,
      budget: 1200,
    }),
    inFlight: gauge({
      name: 'fab_agent_sessions_in_flight',
      help: 'Role sessions that have begun and not ended.',
      unit: '{session}',
      labels: byRole,
    }),
    outcomes: counter({
      name: 'fab_agent_session_outcomes_total',
      help: 'Role sessions that have ended, by how.',
      unit: '{session}',
      labels: [...byRole, outcome],
      within: sessions,
    }),
    cost: counter({
      name: 'fab_cost_usd_total',
      help: 'Cost of sessions, in US dollars, as the transport reports it.',
      unit: 'usd',
      labels: byRole,
      within: sessions,
      silentOn: ['managed-agents'],
    }),
    gateRuns: counter({
      name: 'fab_merge_gate_runs_total',
      help: 'Merge-gate runs, by decision and by the profile that was judged.',
      unit: '{run}',
      labels: [decision, profile],
    }),
  },
});
