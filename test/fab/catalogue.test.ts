import { describe, expect, it } from 'vitest';
import { accountSeries, validateCatalogue } from '../../src/exporter/internal.js';
import { fab } from '../../src/fab/catalogue.js';
import { GROUPS, PHASES, ROLES, ROSTER } from '../../src/fab/roster.js';

describe("fab's catalogue", () => {
  it('has the six metrics that its owners asked for, under exactly these names and labels', () => {
    const { sessions, selfEval, advisorCalls, revisions, tokens, duration } = fab.metrics;
    const asked = [sessions, selfEval, advisorCalls, revisions, tokens, duration].map(({ name, kind, labels }) => [
      name,
      kind,
      ...labels.map((label) => label.name),
    ]);
    expect(asked).toEqual([
      ['fab_agent_sessions_total', 'counter', 'role', 'phase', 'group'],
      ['fab_self_eval_total', 'counter', 'role', 'phase', 'group', 'result'],
      ['fab_advisor_calls_total', 'counter', 'role', 'phase', 'group'],
      ['fab_revisions_total', 'counter', 'role', 'phase', 'group'],
      ['fab_tokens_total', 'counter', 'role', 'phase', 'group', 'direction'],
      ['fab_role_session_duration_seconds', 'histogram', 'role', 'phase', 'group'],
    ]);
    expect(selfEval.labels.find(({ name }) => name === 'result')?.values).toEqual(['pass', 'fail']);
    expect(tokens.labels.find(({ name }) => name === 'direction')?.values).toEqual(['input', 'output']);
  });

  it('has 78 roles in 11 phases and 3 groups, and unknown', () => {
    expect([ROLES.length, PHASES.length, GROUPS.length]).toEqual([79, 12, 4]);
    expect(new Set(ROLES.map((role) => ROSTER[role].phase))).toEqual(new Set(PHASES));
    expect(new Set(ROLES.map((role) => ROSTER[role].group))).toEqual(new Set(GROUPS));
  });

  it('keeps its series within its budgets, and has no problem', () => {
    expect(validateCatalogue(fab)).toEqual([]);
    const account = Object.fromEntries(accountSeries(fab).map(({ metric, series }) => [metric, series]));
    expect(account['fab_role_session_duration_seconds']).toBe(79 * 14);
    expect(account['fab_agent_sessions_total']).toBe(79);
    expect(account['fab_merge_gate_runs_total']).toBe(6);
  });
});
