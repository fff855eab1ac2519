import { showError } from './secret.js';

/**
 * Told of each kind of metrics error once. It runs inside the observed program: what it throws, or rejects with, is
 * swallowed.
 */
export type OnError = (error: Error) => unknown;

/** Says a metrics error on stderr, in one line. */
export const logError: OnError = (error) => {
  // Not `process.stderr.write`: where nobody reads stderr any more, that is an uncaught error of the program.
  console.error(`lockstep: ${error.message}`);
};

const MOST_KINDS = 20;

/**
 * Passes on the first error of each key, and nothing after 20 different keys: a fault that repeats must not flood a
 * log. Every message of the exporter goes through here, and leaves without secrets, in one line.
 *
 * @param secrets what must not be shown, beside what looks like a secret by itself
 */
export function reportOnce(
  onError: OnError,
  secrets: () => readonly string[] = () => [],
): (key: string, message: string) => void {
  const told = new Set<string>();
  return (key, message) => {
    if (told.has(key) || told.size >= MOST_KINDS) return;
    told.add(key);
    try {
      const answer = onError(new Error(showError(message, secrets())));
      if (answer instanceof Promise) answer.catch(() => {});
    } catch {
      // A listener that throws has been told; the observed program goes on.
    }
  };
}

/** An error as text, whatever was thrown. Never throws. */
export function describeError(error: unknown): string {
  return showError(error);
}

/** Who hears of errors, by options that may be anything: `onError`, or else a line on stderr. */
export function onErrorOf(options: unknown): OnError {
  const onError = fieldOf(options, 'onError');
  return typeof onError === 'function' ? (onError as OnError) : logError;
}

/**
 * Reports the first error of each key to the options' `onError`, by default as a line on stderr, as the exporter itself
 * does: for recorders of your own beside it. Never throws.
 */
export function createReport(options: unknown): (key: string, message: string) => void {
  return reportOnce(onErrorOf(options));
}

/** A field of a value that may not be an object, or that throws where it is read. */
export function fieldOf(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
