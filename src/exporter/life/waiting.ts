/** Waits for something, and no longer than this, which holds the program. */
export async function within(ms: number, something: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    something,
    new Promise((done) => {
      timer = setTimeout(done, ms);
    }),
  ]);
  clearTimeout(timer);
}

/**
 * The answer of something within a time. The program may end meanwhile.
 *
 * @throws Error if it takes longer
 */
export async function answerWithin<T>(ms: number, something: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`no answer within ${Math.round(ms)} ms`)), ms);
    timer.unref();
  });
  try {
    return await Promise.race([something, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The exporters that end when the program has nothing left to do. */
const unended = new Set<() => unknown>();

/**
 * Ends something when the program does. Node says `beforeExit` when nothing is left to do, and not where the program
 * calls `process.exit()`. One listener serves all.
 *
 * @returns takes it back: what has ended is not held
 */
export function endWithProgram(end: () => unknown): () => void {
  if (unended.size === 0) process.on('beforeExit', endAll);
  unended.add(end);
  return () => {
    if (unended.delete(end) && unended.size === 0) process.off('beforeExit', endAll);
  };
}

function endAll(): void {
  const all = [...unended];
  unended.clear();
  process.off('beforeExit', endAll);
  for (const end of all) end();
}
