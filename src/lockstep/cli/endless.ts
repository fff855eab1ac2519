import { Worker } from 'node:worker_threads';

/** Stops the watch. */
type Stop = () => void;

/**
 * Watches, from a thread of its own, for a configuration that never gives the main thread back: a loop without an end
 * lets no timer of ours run. Nothing but a kill ends such a thread, so the process ends by SIGKILL (exit status 137),
 * with `told` on the standard error.
 *
 * A thread takes half as long to start as Node itself. So it is started only where nobody sits in front of the process
 * to press Ctrl-C: where `CI` is set.
 *
 * @param seconds how long the main thread may be busy
 */
export function watchForEndless(seconds: number, told: string): Stop {
  if ((process.env['CI'] ?? '') === '') return () => {};
  const watch = new Worker(WATCH, { eval: true, workerData: { seconds, told } });
  watch.unref();
  // Without the watch a configuration loads as well.
  watch.on('error', () => {});
  return () => void watch.terminate();
}

const WATCH = `
const { writeSync } = require('node:fs');
const { workerData: { seconds, told } } = require('node:worker_threads');
setTimeout(() => {
  writeSync(2, told + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000 * seconds);
`;
