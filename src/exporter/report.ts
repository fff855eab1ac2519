/** Told of each kind of metrics error once. It runs inside the observed program: what it throws is swallowed. */
export type OnError = (error: Error) => void;

/** Says a metrics error on stderr, in one line. */
export const logError: OnError = (error) => {
  process.stderr.write(`lockstep: ${error.message}\n`);
};

/** Passes on the first error of each key, and nothing after `limit` different keys: a fault that repeats must not flood a log. */
export function reportOnce(onError: OnError, limit = 20): (key: string, message: string) => void {
  const told = new Set<string>();
  return (key, message) => {
    if (told.has(key) || told.size >= limit) return;
    told.add(key);
    try {
      onError(new Error(message));
    } catch {
      // A listener that throws has been told; the observed program goes on.
    }
  };
}
