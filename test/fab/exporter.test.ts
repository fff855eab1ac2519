import { describe, expect, it } from 'vitest';
import { createFabExporter } from '../../src/fab/exporter.js';
import { countedLines } from '../exposition.js';

async function samples(exporter: ReturnType<typeof createFabExporter>): Promise<readonly string[]> {
  return countedLines(await exporter.registry.metrics());
}

describe("fab's exporter", () => {
  it('records a session under its role, phase and group, each figure in its place', async () => {
    const exporter = createFabExporter({ onError: (error) => expect.fail(error.message) });
    exporter.recordSession({
      role: 'ops-sre',
      durationSeconds: 61,
      tokens: { input: 1001, output: 102 },
      selfEval: { pass: 3, fail: 4 },
      advisorCalls: 5,
      revisions: 6,
      costUsd: 0.75,
      outcome: 'error',
    });
    const labels = 'role="ops-sre",phase="operate",group="firm"';
    expect(await samples(exporter)).toEqual([
      `fab_agent_sessions_total{${labels}} 1`,
      `fab_self_eval_total{${labels},result="pass"} 3`,
      `fab_self_eval_total{${labels},result="fail"} 4`,
      `fab_advisor_calls_total{${labels}} 5`,
      `fab_revisions_total{${labels}} 6`,
      `fab_tokens_total{${labels},direction="input"} 1001`,
      `fab_tokens_total{${labels},direction="output"} 102`,
      ...[120, 300, 600, 1200, 1800, 3600, 7200, '+Inf'].map(
        (le) => `fab_role_session_duration_seconds_bucket{le="${le}",${labels}} 1`,
      ),
      `fab_role_session_duration_seconds_sum{${labels}} 61`,
      `fab_role_session_duration_seconds_count{${labels}} 1`,
      `fab_agent_session_outcomes_total{${labels},outcome="error"} 1`,
      `fab_cost_usd_total{${labels}} 0.75`,
    ]);
  });

  it('records nothing for what was not said, and one self-evaluation for one result', async () => {
    const exporter = createFabExporter();
    exporter.recordSession({ role: 'product', selfEval: 'fail' });
    const labels = 'role="product",phase="discovery",group="factory"';
    expect(await samples(exporter)).toEqual([
      `fab_agent_sessions_total{${labels}} 1`,
      `fab_self_eval_total{${labels},result="fail"} 1`,
    ]);
  });

  it.each([
    'a-role-of-tomorrow' as never,
    '' as never,
    '__proto__' as never,
    'constructor' as never,
    'toString' as never,
    undefined as never,
    7 as never,
    null as never,
  ])('counts the role %j as unknown', async (role) => {
    const exporter = createFabExporter({ onError: (error) => expect.fail(error.message) });
    exporter.recordSession({ role });
    expect(await samples(exporter)).toEqual([
      'fab_agent_sessions_total{role="unknown",phase="unknown",group="unknown"} 1',
    ]);
  });

  it('counts sessions in flight, each end once', async () => {
    const exporter = createFabExporter();
    const end = exporter.sessionStarted('product');
    exporter.sessionStarted('product');
    expect((await samples(exporter))[0]).toMatch(/^fab_agent_sessions_in_flight\{.*\} 2$/);
    end();
    end();
    expect((await samples(exporter))[0]).toMatch(/ 1$/);
  });

  it('records merge-gate runs', async () => {
    const exporter = createFabExporter();
    exporter.recordGateRun({ decision: 'revise', profile: 'docs' });
    expect(await samples(exporter)).toEqual(['fab_merge_gate_runs_total{decision="revise",profile="docs"} 1']);
  });

  it('drops and reports a field that cannot be, records the others, and never throws', async () => {
    const errors: string[] = [];
    const exporter = createFabExporter({ onError: ({ message }) => errors.push(message) });
    exporter.recordSession({
      role: 'product',
      durationSeconds: -1,
      tokens: { input: Number.NaN, output: 5 },
      revisions: '3' as never,
      selfEval: 'maybe' as never,
      outcome: 'lost' as never,
    });
    exporter.recordSession(undefined as never);
    exporter.recordGateRun(null as never);
    expect(errors).toHaveLength(6);
    expect(errors.join()).toContain(
      'fab_role_session_duration_seconds: "-1" is not a value of a histogram; it was dropped',
    );
    expect((await samples(exporter)).map((line) => line.replace(/\{.*\}/, ''))).toEqual([
      'fab_agent_sessions_total 1',
      'fab_agent_sessions_total 1',
      'fab_tokens_total 5',
    ]);
  });
});
