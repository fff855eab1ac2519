import type { Sent } from './post.js';

export interface Push {
  readonly timeoutMs: number;
  /** Whether this is the end: everything is sent as it is, and the program waits for the answer. */
  readonly last: boolean;
  readonly signal: AbortSignal;
}

/** One way out on which this side speaks first. */
export interface Pusher {
  /** Sends what there is. Never rejects. */
  push(push: Push): Promise<Sent>;
  close(): void;
}

export interface PushLoop {
  /** Sends now, after what is under way. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Sends one last time and ends, within the deadline. */
  finish(deadlineMs: number): Promise<void>;
}

/** Between two tries of the last report. */
const PAUSE_MS = 200;

/**
 * Pushes at an interval, one report at a time. A report that fails is told once and made good by the next: what was recorded stays recorded.
 * Neither the timer nor a report under way keeps the program alive.
 */
export function startPushLoop(
  pusher: Pusher,
  { intervalMs, timeoutMs, name }: { readonly intervalMs: number; readonly timeoutMs: number; readonly name: string },
  report: (key: string, message: string) => void,
): PushLoop {
  let abort = new AbortController();
  let running: Promise<Sent> | undefined;

  function push(timeout: number, last: boolean): Promise<Sent> {
    abort = new AbortController();
    const { signal } = abort;
    const sending = (async () => await pusher.push({ timeoutMs: timeout, last, signal }))().catch(
      (error: unknown): Sent => ({ delivery: 'unknown', trouble: String(error), again: false }),
    );
    running = sending.then((sent) => {
      if (sent.trouble !== undefined)
        report(`${name} ${sent.trouble}`, `metrics are not delivered to ${name}: ${sent.trouble}`);
      running = undefined;
      return sent;
    });
    return running;
  }

  const timer = setInterval(() => {
    if (running === undefined) void push(timeoutMs, false);
  }, intervalMs);
  timer.unref();

  return {
    flush: async (timeout) => {
      await running;
      return (await push(timeout, false)).delivery === 'taken';
    },
    finish: async (deadlineMs) => {
      clearInterval(timer);
      const end = performance.now() + deadlineMs;
      const left = () => Math.max(0, end - performance.now());
      // A report that hangs gets half of the time; the last one, which says all that it would have said, needs the other half.
      const half = setTimeout(() => abort.abort(), deadlineMs / 2);
      let over: NodeJS.Timeout | undefined;
      try {
        await running;
        clearTimeout(half);
        over = setTimeout(() => abort.abort(), left());
        for (let tried = false; !tried || left() > PAUSE_MS; tried = true) {
          if (tried) await new Promise((done) => setTimeout(done, PAUSE_MS));
          if (left() === 0) break;
          const sent = await push(Math.min(timeoutMs, left()), true);
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
