import type { Role } from './roster.js';

/**
 * One role session that has ended. A field that a transport does not know is left out, and nothing is recorded for it.
 */
export interface SessionRecord {
  /** One of the roster; `toRole(name)` gives it from a text that is known only when the program runs. */
  readonly role: Role;
  /** From the session's creation to its end. */
  readonly durationSeconds?: number | undefined;
  /** Model tokens; cached input is left out, as in fab's own totals. */
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
