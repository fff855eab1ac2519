/** Waits until the process is told to stop, by SIGTERM or SIGINT. */
export function untilToldToStop(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
}
