import type { Words } from '../life/last-words.js';
import { describeError } from '../report.js';
import type { Sent } from './post.js';

export interface Push {
  /** From when it is asked for: what it waits for before it is sent takes of it. */
  readonly timeoutMs: number;
  /** Whether everything is sent as it is, and nothing at zero first: somebody asked for it, or it is the end. */
  readonly asItIs: boolean;
  /** Whether the program may end while the answer is outstanding. */
  readonly letGo: boolean;
  readonly signal: AbortSignal;
  /** Aborted when another report waits for this one: what has not been sent by then need not be. */
  readonly hurry: AbortSignal;
}

/** One way out on which this side speaks first. */
export interface Pusher {
  /** Sends what there is. Never rejects. */
  push(push: Push): Promise<Sent>;
  /** The last report, encoded at once, for another to send. `sending`: another is under way, and may have arrived. */
  lastWords?(sending: boolean): Words | undefined;
  close(): void;
}

export interface PushLoop {
  /**
   * Sends now, after what is under way; whether all that was recorded by then has been taken. Holds the program until
   * it knows, or the time is over.
   */
  flush(timeoutMs: number): Promise<boolean>;
  /** Sends one last time, if there is anything to tell, and ends, within the deadline. */
  finish(deadlineMs: number): Promise<void>;
  /** The counts that the other side does not have, encoded at once. */
  lastWords(): Words | undefined;
}

export interface PushLoopOptions {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Changes whenever something is recorded; 0 while nothing has been. */
  readonly revision: () => number;
  readonly report: (key: string, message: string) => void;
}

/** Between two tries of the last report. */
const PAUSE_MS = 200;

/**
 * Pushes at an interval, one report at a time. A report that fails is told once and made good by the next: what was
 * recorded stays recorded. Neither the timer nor a report that it has begun keeps the program alive.
 */
export function startPushLoop(pusher: Pusher, options: PushLoopOptions): PushLoop {
  const { name, intervalMs, timeoutMs, revision, report } = options;
  let abort = new AbortController();
  let hurry = new AbortController();
  /** Reports wait for each other: of two at once both would say what was added since the one before. */
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  /** The counts that the other side has. */
  let delivered = 0;

  function push(how: Omit<Push, 'signal' | 'hurry'>): Promise<Sent> {
    const until = performance.now() + how.timeoutMs;
    waiting += 1;
    hurry.abort();
    const sending = queue.then(async (): Promise<Sent> => {
      abort = new AbortController();
      hurry = new AbortController();
      const upTo = revision();
      let sent: Sent;
      try {
        const timeoutMs = until - performance.now();
        sent =
          timeoutMs > 0
            ? await pusher.push({ ...how, timeoutMs, signal: abort.signal, hurry: hurry.signal })
            : { delivery: 'refused', trouble: 'the push before it took all the time', again: true };
      } catch (error) {
        sent = { delivery: 'unknown', trouble: describeError(error), again: false };
      }
      waiting -= 1;
      if (sent.delivery === 'taken' && sent.whole !== false) delivered = upTo;
      // A part that varies from answer to answer is not another kind of trouble.
      if (sent.trouble !== undefined)
        report(`${name} ${sent.trouble.replace(/:.*/s, '')}`, `metrics are not delivered to ${name}: ${sent.trouble}`);
      return sent;
    });
    queue = sending;
    return sending;
  }

  const timer = setInterval(() => {
    if (waiting === 0) void push({ timeoutMs, asItIs: false, letGo: true });
  }, intervalMs);
  timer.unref();

  return {
    lastWords: () => (delivered === revision() ? undefined : pusher.lastWords?.(waiting > 0)),
    flush: async (timeout) => {
      // The timer may be all that holds the program.
      const hold = setTimeout(() => {}, timeout);
      const sent = await push({ timeoutMs: timeout, asItIs: true, letGo: false });
      clearTimeout(hold);
      // A report that was taken in part, or lacks something, does not count as delivered.
      return sent.delivery === 'taken' && sent.trouble === undefined && sent.whole !== false;
    },
    finish: async (deadlineMs) => {
      clearInterval(timer);
      hurry.abort();
      const end = performance.now() + deadlineMs;
      const left = () => Math.max(0, end - performance.now());
      // A report that hangs gets half of the time; the last one, which says all that it would have said, needs the
      // other half.
      const half = setTimeout(() => abort.abort(), deadlineMs / 2);
      let over: NodeJS.Timeout | undefined;
      try {
        await queue;
        clearTimeout(half);
        over = setTimeout(() => abort.abort(), left());
        for (let tried = false; delivered !== revision() && (!tried || left() > PAUSE_MS); tried = true) {
          if (tried) await new Promise((done) => setTimeout(done, PAUSE_MS));
          if (left() === 0) break;
          const sent = await push({ timeoutMs: Math.min(timeoutMs, left()), asItIs: true, letGo: false });
          if (sent.delivery === 'taken' || !sent.again) break;
        }
      } finally {
        clearTimeout(half);
        clearTimeout(over);
        pusher.close();
      }
    },
  };
}
