import type { Exporter, ExporterOptions } from 'lockstep-exporter';
import { createExporter, createReport, describeError, printValue } from 'lockstep-exporter';
import { followTotals } from 'lockstep-exporter/files';
import { fab } from './catalogue.js';
import { observeIterable } from './observe.js';
import type { PerfData } from './perf-data.js';
import { isRecord, PERF_FIELDS, readRoles } from './perf-data.js';
import { recordTotals } from './record-totals.js';
import type { Role } from './roster.js';
import { toRole } from './roster.js';
import { createSessionTally } from './session.js';
import type { SessionRecord } from './session-record.js';

/** One run of the merge gate, as a line of `quality.jsonl` has it; other fields of the line are not read. */
export interface GateRunRecord {
  readonly decision: 'approve' | 'revise' | 'reject';
  readonly profile: 'code' | 'docs';
}

/** fab's exporter: the catalogue's recorders, and the words in which fab knows its work. */
export interface FabExporter extends Exporter<typeof fab.metrics> {
  /**
   * Records a session that has ended. Never throws; a field that cannot be is reported, and the others are recorded.
   */
  recordSession(session: SessionRecord): void;
  /**
   * Passes the events of a session on, unchanged, in order and at once, and records the session from them: in flight
   * from the first event that is asked for, and all the rest when it ends, which is at its last event and not when its
   * consumer is done with that. A stream that ends, is left or fails before its session has ended counts as terminated,
   * terminated and an error. One call is one session, however often it is iterated; what is never asked is none. Lists
   * and other synchronous iterables are observed, too; what cannot be iterated comes back as it is, and is told once.
   *
   * @param role as fab names it; one that the roster does not have counts as `unknown`
   */
  observeSession<E>(role: string, events: AsyncIterable<E>): AsyncIterable<E>;
  /** Counts a session as in flight until the returned function is called (once; further calls do nothing). */
  sessionStarted(role: Role): () => void;
  /** Records a run of the merge gate. Never throws. */
  recordGateRun(run: GateRunRecord): void;
  /**
   * Records what fab's own totals per role, `.fab-perf.json`'s, have grown by since the last call. The first call says
   * what was there before: those sessions were another process's, and are not counted again. A role that is missing, or
   * whose totals are no numbers from 0 to 2^53 - 1, keeps what is known of it; one that is there with less began anew,
   * and no other with it. Of names that the roster lacks a thousand are told apart. Never throws. Not beside
   * `observeSession` for the same sessions: they would count twice.
   */
  recordRoleMetrics(totals: PerfData): void;
}

/** An exporter of fab's catalogue. */
export function createFabExporter(options: ExporterOptions = {}): FabExporter {
  const exporter = createExporter(fab, options);
  const { record } = exporter;
  const report = createReport(options);
  const roleTotals = followTotals(PERF_FIELDS, toRole);
  let hasTotals = false;

  /** A function that does not throw, whatever it is given: what cannot even be looked at is told once, and dropped. */
  function guarded<Given>(record: (given: Given) => void): (given: Given) => void {
    return (given) => {
      try {
        record(given);
      } catch (error) {
        report('fab', `a recording was dropped: ${describeError(error)}`);
      }
    };
  }

  function recordSession(session: SessionRecord): void {
    const { durationSeconds, tokens, selfEval, advisorCalls, revisions, costUsd, outcome } = session ?? {};
    const labels = { role: toRole(session?.role) };
    const { role } = labels;
    record.sessions.add(labels, 1);
    if (durationSeconds !== undefined) record.duration.observe(labels, durationSeconds);
    if (tokens?.input !== undefined) record.tokens.add({ role, direction: 'input' }, tokens.input);
    if (tokens?.output !== undefined) record.tokens.add({ role, direction: 'output' }, tokens.output);
    if (typeof selfEval === 'string') record.selfEval.add({ role, result: selfEval }, 1);
    else {
      if (selfEval?.pass !== undefined) record.selfEval.add({ role, result: 'pass' }, selfEval.pass);
      if (selfEval?.fail !== undefined) record.selfEval.add({ role, result: 'fail' }, selfEval.fail);
    }
    if (advisorCalls !== undefined) record.advisorCalls.add(labels, advisorCalls);
    if (revisions !== undefined) record.revisions.add(labels, revisions);
    if (costUsd !== undefined) record.cost.add(labels, costUsd);
    if (outcome !== undefined) record.outcomes.add({ role, outcome }, 1);
  }

  function sessionStarted(name: string): () => void {
    const role = toRole(name);
    record.inFlight.add({ role }, 1);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      record.inFlight.add({ role }, -1);
    };
  }

  /** Records one session, from its first event that is asked for to its end. */
  function observe(name: string) {
    const role = toRole(name);
    const tally = createSessionTally();
    const began = performance.now();
    const leave = sessionStarted(role);
    let ended = false;
    const end = (otherwise: 'terminated' | 'error') => {
      if (ended) return;
      ended = true;
      leave();
      const durationSeconds = (performance.now() - began) / 1000;
      const told = tally.record();
      recordSession({ role, durationSeconds, ...told, outcome: told.outcome ?? otherwise });
    };
    return {
      note: (event: unknown) => {
        if (!ended && tally.note(event)) end('terminated');
      },
      end,
    };
  }

  function observeSession<E>(name: string, events: AsyncIterable<E>): AsyncIterable<E> {
    try {
      const observed = observeIterable(events, () => observe(name));
      if (observed !== undefined) return observed;
      report(
        'observeSession',
        'observeSession(): expected a stream of events, found what cannot be iterated; uncounted',
      );
    } catch (error) {
      report('observeSession', `observeSession(): the stream is passed on uncounted: ${describeError(error)}`);
    }
    return events;
  }

  function recordRoleMetrics(given: PerfData): void {
    if (!isRecord(given)) {
      report('totals', `recordRoleMetrics(): expected an object by role, found ${printValue(given)}; ignored`);
      return;
    }
    const { totals, trouble } = readRoles(given);
    if (trouble !== undefined) report('totals', `recordRoleMetrics(): ${trouble}; the role keeps what is known of it`);
    if (hasTotals) for (const { group, grown } of roleTotals.take(totals)) recordTotals(record, group, grown);
    else roleTotals.begin(totals);
    hasTotals = true;
  }

  return {
    ...exporter,
    recordSession: guarded(recordSession),
    observeSession,
    sessionStarted,
    recordGateRun: guarded((run) => {
      record.gateRuns.add({ decision: run?.decision, profile: run?.profile }, 1);
    }),
    recordRoleMetrics: guarded(recordRoleMetrics),
  };
}
