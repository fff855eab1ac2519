/** Told of each kind of metrics error once. It runs inside the observed program: what it throws, or rejects with, is swallowed. */
export type OnError = (error: Error) => unknown;

/** Says a metrics error on stderr, in one line. */
export const logError: OnError = (error) => {
  // Not `process.stderr.write`: where nobody reads stderr any more, that is an uncaught error of the program.
  console.error(`lockstep: ${error.message}`);
};

/** Passes on the first error of each key, and nothing after `limit` different keys: a fault that repeats must not flood a log. */
export function reportOnce(onError: OnError, limit = 20): (key: string, message: string) => void {
  const told = new Set<string>();
  return (key, message) => {
    if (told.has(key) || told.size >= limit) return;
    told.add(key);
    try {
      const answer = onError(new Error(message));
      if (answer instanceof Promise) answer.catch(() => {});
    } catch {
      // A listener that throws has been told; the observed program goes on.
    }
  };
}

/** An error as text, whatever was thrown. Never throws. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return 'something that cannot be described';
  }
}
