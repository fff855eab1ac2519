import { it } from 'vitest';
import { fab } from '../../src/fab/catalogue.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { checkRecorded, recorded } from '../../src/lockstep/testing/index.js';

const [one, other] = ['intake-analyst', 'product'] as const;
const m = fab.metrics;

it('records each metric of the catalogue, and each figure where it belongs', async () => {
  const exporter = createFabExporter({ environment: {} });
  exporter.recordSession({
    role: one,
    durationSeconds: 61,
    tokens: { input: 1001, output: 203 },
    selfEval: { pass: 5, fail: 6 },
    advisorCalls: 7,
    revisions: 8,
    costUsd: 0.25,
    outcome: 'completed',
  });
  for (const durationSeconds of [17, 900]) exporter.recordSession({ role: other, durationSeconds, outcome: 'error' });
  for (const _ of Array(9)) exporter.sessionStarted(other);
  const settled = [exporter.sessionStarted(one), exporter.sessionStarted(one)];
  settled[0]?.();
  const runs = {
    approve: { code: 11, docs: 12 },
    revise: { code: 13, docs: 14 },
    reject: { code: 15, docs: 16 },
  } as const;
  for (const decision of ['approve', 'revise', 'reject'] as const)
    for (const profile of ['code', 'docs'] as const)
      for (let run = 0; run < runs[decision][profile]; run++) exporter.recordGateRun({ decision, profile });

  await checkRecorded(
    fab,
    exporter,
    [
      recorded(m.sessions, { role: one }, 1),
      recorded(m.sessions, { role: other }, 2),
      recorded(m.selfEval, { role: one, result: 'pass' }, 5),
      recorded(m.selfEval, { role: one, result: 'fail' }, 6),
      recorded(m.advisorCalls, { role: one }, 7),
      recorded(m.revisions, { role: one }, 8),
      recorded(m.tokens, { role: one, direction: 'input' }, 1001),
      recorded(m.tokens, { role: one, direction: 'output' }, 203),
      recorded(m.duration, { role: one }, [61]),
      recorded(m.duration, { role: other }, [17, 900]),
      recorded(m.inFlight, { role: one }, 1),
      recorded(m.inFlight, { role: other }, 9),
      recorded(m.outcomes, { role: one, outcome: 'completed' }, 1),
      recorded(m.outcomes, { role: other, outcome: 'error' }, 2),
      recorded(m.cost, { role: one }, 0.25),
      ...(['approve', 'revise', 'reject'] as const).flatMap((decision) =>
        (['code', 'docs'] as const).map((profile) =>
          recorded(m.gateRuns, { decision, profile }, runs[decision][profile]),
        ),
      ),
    ],
    // Sessions and their outcomes are alike by their nature.
    { everyValueOf: ['result', 'direction', 'decision', 'profile'], alike: 'allowed' },
  );
});
