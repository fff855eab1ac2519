import type { Answered } from './post.js';

/** An encoded report on its way. */
export interface Report {
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly letGo: boolean;
  readonly signal: AbortSignal;
  /** Aborted when another report waits for this one. */
  readonly hurry: AbortSignal;
}

/** How a report reaches the other side. */
export interface Carrier {
  send(report: Report): Promise<Answered>;
  close(): void;
}
