// A problem names the author's own line. Right definitions cost nothing: only when one is wrong does lockstep read the
// configuration again and note the call that made each definition.

/** The call that made each definition, while definitions are traced. An error formats its stack only when asked. */
let makers: WeakMap<object, Error> | undefined;

/** The call behind each problem. */
const callers = new WeakMap<object, Error>();

/** Lockstep's own frames lie between a definition and its author's line. */
const DEPTH = 50;

/** Runs `load` with a note of the call that makes each definition. */
export async function traceDefinitions<T>(load: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  makers = new WeakMap();
  Error.stackTraceLimit = DEPTH;
  try {
    return await load();
  } finally {
    makers = undefined;
    Error.stackTraceLimit = limit;
  }
}

/** Returns its argument, with a note of the call that made it if definitions are traced. */
export function made<T extends object>(definition: T): T {
  if (makers !== undefined && !makers.has(definition)) makers.set(definition, new Error());
  return definition;
}

/**
 * Returns the problems, each with the call that made `subject`, unless a smaller part of the definition has been named
 * already.
 */
export function about<P extends readonly object[]>(subject: unknown, problems: P): P {
  if (makers === undefined || problems.length === 0 || typeof subject !== 'object' || subject === null) return problems;
  const maker = makers.get(subject);
  if (maker !== undefined) for (const problem of problems) if (!callers.has(problem)) callers.set(problem, maker);
  return problems;
}

/** Notes the current call as the place of each problem that has no better one. */
export function aboutThisCall(problems: readonly object[]): void {
  const here = new Error();
  for (const problem of problems) if (!callers.has(problem)) callers.set(problem, here);
}

/** Gives a problem the same place as another one. */
export function aboutTheSame<P extends object>(problem: P, as: object): P {
  const maker = callers.get(as);
  if (maker !== undefined) callers.set(problem, maker);
  return problem;
}

/** The stack of the call that made the definition which has the problem, if that is known. */
export function stackOf(problem: object): string | undefined {
  return callers.get(problem)?.stack;
}
