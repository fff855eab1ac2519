import { exitAtOnce } from './own-process.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Lets SIGTERM and SIGINT end the process as they do by themselves, with what is to be done at its exit done: children
 * and temporary files do not outlive it.
 *
 * @returns takes it back
 */
export function exitWhenToldToStop(): () => void {
  const exit = (_: NodeJS.Signals, number: number) => exitAtOnce(128 + number);
  for (const signal of SIGNALS) process.on(signal, exit);
  return () => {
    for (const signal of SIGNALS) process.off(signal, exit);
  };
}

/** Waits until the process is told to stop, by SIGTERM or SIGINT. */
export function untilToldToStop(): Promise<void> {
  return new Promise((done) => {
    for (const signal of SIGNALS) process.once(signal, () => done());
  });
}
