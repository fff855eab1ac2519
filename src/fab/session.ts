import type { SessionRecord } from './session-record.js';

/**
 * An event of a session, on any of fab's transports, as far as it carries a signal. The names are fab's; an unknown
 * type is normal and carries none. Structural: nothing of fab is imported, and nothing here trusts that an event is as
 * it should be.
 */
export interface SessionEvent {
  readonly type: string;
}

/** The tally of a session so far. */
export interface SessionTally {
  /** Takes note of an event. Returns whether the session has ended with it. Never throws. */
  note(event: unknown): boolean;
  /** All of it, as it is recorded. */
  record(): Omit<SessionRecord, 'role'>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Adds up the events of one session by fab's own rules: a message with `SELF-EVAL: PASS` (or `FAIL`) in it is one
 * self-evaluation, one with `Revising` one revision, whatever else it says; a use of `consult_advisor` is one advisor
 * call; tokens are those of model requests that did not fail, cached input left out, as in fab's own totals; or, where
 * no request told any, those of the session's end (`model_usage`). An idle session has ended unless it waits for an
 * action.
 */
export function createSessionTally(): SessionTally {
  const selfEval = { pass: 0, fail: 0 };
  let advisorCalls = 0;
  let revisions = 0;
  let tokens: { input: number; output: number } | undefined;
  let costUsd: number | undefined;
  let outcome: SessionRecord['outcome'];

  function spend(usage: unknown): void {
    if (!isFields(usage)) return;
    const { input_tokens: input, output_tokens: output } = usage;
    tokens ??= { input: 0, output: 0 };
    if (isCount(input)) tokens.input += input;
    if (isCount(output)) tokens.output += output;
  }

  function take(event: Fields): void {
    switch (event['type']) {
      case 'agent.message': {
        const text = textOf(event['content']);
        if (text.includes('SELF-EVAL: PASS')) selfEval.pass += 1;
        if (text.includes('SELF-EVAL: FAIL')) selfEval.fail += 1;
        if (text.includes('Revising')) revisions += 1;
        break;
      }
      case 'agent.custom_tool_use':
        if (event['name'] === 'consult_advisor') advisorCalls += 1;
        break;
      case 'span.model_request_end':
        if (event['is_error'] !== true) spend(event['model_usage']);
        break;
      case 'session.status_idle':
        // The transports that report a cost report the whole of it at each idle.
        if (isCount(event['total_cost_usd'])) costUsd = event['total_cost_usd'];
        // So do those of them that are made to report the tokens; where model requests told them, they are in.
        if (tokens === undefined) spend(event['model_usage']);
        if (!isFields(event['stop_reason']) || event['stop_reason']['type'] !== 'requires_action')
          outcome = 'completed';
        break;
      case 'session.error':
        if (tokens === undefined) spend(event['model_usage']);
        outcome = 'error';
        break;
      case 'session.status_terminated':
        outcome = 'terminated';
        break;
    }
  }

  return {
    note: (event) => {
      try {
        if (isFields(event) && outcome === undefined) take(event);
      } catch {
        // An event whose very fields throw carries no signal.
      }
      return outcome !== undefined;
    },
    // Zeros are left out: each would be a series for each Job, and tell nothing that the sessions do not.
    record: () => ({
      selfEval: { pass: selfEval.pass || undefined, fail: selfEval.fail || undefined },
      advisorCalls: advisorCalls || undefined,
      revisions: revisions || undefined,
      tokens,
      costUsd,
      outcome,
    }),
  };
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => (isFields(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
