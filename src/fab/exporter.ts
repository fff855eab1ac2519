import type { Exporter, ExporterOptions } from '../exporter/exporter.js';
import { createExporter } from '../exporter/exporter.js';
import { fab } from './catalogue.js';
import type { Role } from './roster.js';
import { toRole } from './roster.js';

/** One role session that has ended. What a transport does not know is left out, and nothing is recorded for it. */
export interface SessionRecord {
  /** One of the roster; `toRole(name)` gives it from a text that is known only when the program runs. */
  readonly role: Role;
  /** From the session's creation to its end. */
  readonly durationSeconds?: number | undefined;
  /** Model tokens; cached input counts as input. */
  readonly tokens?: { readonly input?: number | undefined; readonly output?: number | undefined } | undefined;
  /** Self-evaluations: one result, or how many of each. */
  readonly selfEval?:
    | 'pass'
    | 'fail'
    | { readonly pass?: number | undefined; readonly fail?: number | undefined }
    | undefined;
  readonly advisorCalls?: number | undefined;
  readonly revisions?: number | undefined;
  readonly costUsd?: number | undefined;
  readonly outcome?: 'completed' | 'error' | 'terminated' | undefined;
}

/** One run of the merge gate, as a line of `quality.jsonl` has it. */
export interface GateRunRecord {
  readonly decision: 'approve' | 'revise' | 'reject';
  readonly profile: 'code' | 'docs';
}

/** fab's exporter: the catalogue's recorders, and the words in which fab knows its work. */
export interface FabExporter extends Exporter<typeof fab.metrics> {
  /** Records a session that has ended. Never throws; a field that cannot be is reported, and the others are recorded. */
  recordSession(session: SessionRecord): void;
  /** Counts a session as in flight until the returned function is called (once; further calls do nothing). */
  sessionStarted(role: Role): () => void;
  /** Records a run of the merge gate. Never throws. */
  recordGateRun(run: GateRunRecord): void;
}

/** An exporter of fab's catalogue. */
export function createFabExporter(options: ExporterOptions = {}): FabExporter {
  const exporter = createExporter(fab, options);
  const { record } = exporter;
  return {
    ...exporter,
    recordSession: (session) => {
      const { durationSeconds, tokens, selfEval, advisorCalls, revisions, costUsd, outcome } = session ?? {};
      const role = toRole(session?.role);
      record.sessions.add({ role }, 1);
      if (durationSeconds !== undefined) record.duration.observe({ role }, durationSeconds);
      if (tokens?.input !== undefined) record.tokens.add({ role, direction: 'input' }, tokens.input);
      if (tokens?.output !== undefined) record.tokens.add({ role, direction: 'output' }, tokens.output);
      const evaluations = typeof selfEval === 'string' ? { [selfEval]: 1 } : (selfEval ?? {});
      if (evaluations.pass !== undefined) record.selfEval.add({ role, result: 'pass' }, evaluations.pass);
      if (evaluations.fail !== undefined) record.selfEval.add({ role, result: 'fail' }, evaluations.fail);
      if (advisorCalls !== undefined) record.advisorCalls.add({ role }, advisorCalls);
      if (revisions !== undefined) record.revisions.add({ role }, revisions);
      if (costUsd !== undefined) record.cost.add({ role }, costUsd);
      if (outcome !== undefined) record.outcomes.add({ role, outcome }, 1);
    },
    sessionStarted: (name) => {
      const role = toRole(name);
      record.inFlight.add({ role }, 1);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        record.inFlight.add({ role }, -1);
      };
    },
    recordGateRun: (run) => {
      record.gateRuns.add({ decision: run?.decision, profile: run?.profile }, 1);
    },
  };
}
