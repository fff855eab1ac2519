import { aboutTheSame, aboutThisCall } from './trace.js';

/** A place in a file: lines and columns from 1, and the length of the text that is meant. */
export interface Place {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly length?: number | undefined;
}

/** A place as editors and terminals understand it: `file:line:column`. */
export function printPlace({ file, line, column }: Place): string {
  return [
    file,
    ...(line === undefined ? [] : [line]),
    ...(line === undefined || column === undefined ? [] : [column]),
  ].join(':');
}

/**
 * A finding as data. Rules make problems, one printer turns them into text: so that every author's mistake is told
 * in the same shape, and all of them at once.
 */
export interface Problem {
  /** Stable id of the rule that was broken, e.g. `catalogue/counter-suffix`. */
  readonly code: string;
  /** The definition path, e.g. `alerts/fab › self-eval › objective`. */
  readonly where: string;
  /** The author's own line behind it, where that can be said. */
  readonly at?: Place | undefined;
  /** The value or state that was found. */
  readonly found: string;
  /** Values that would have been accepted, where they can be listed. */
  readonly allowed?: string | undefined;
  /** How to mend it. */
  readonly fix: string;
  /** The path of the field that was meant, of one whose name is misspelt: that it is missing is no second problem. */
  readonly meant?: string | undefined;
}

/** Definition path separator. */
const STEP = ' › ';

/** Joins the steps of a definition path; empty steps are left out. */
export function definitionPath(...steps: readonly string[]): string {
  return steps.filter((step) => step !== '').join(STEP);
}

/** Adds a problem of a rule of its room, at a field of the definition. */
export type Say = (rule: string, field: string, found: string, fix: string, allowed?: string) => void;

/**
 * Gives a function that adds the problems of one definition to a list.
 *
 * @param room the beginning of their codes, such as `slo`
 * @param where the path of the definition
 */
export function sayInto(problems: Problem[], room: string, where: string): Say {
  return (rule, field, found, fix, allowed) =>
    problems.push({ code: `${room}/${rule}`, where: definitionPath(where, field), found, allowed, fix });
}

/** A value as an author would recognise it in a message: quoted, one line, cut at 120 characters. */
export function printValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** One problem as a short block of text, without a trailing newline. */
export function printProblem(problem: Problem): string {
  const { code, where, at, found } = problem;
  const lines = [`error[${code}] ${where}`];
  // A message about a file names its line itself.
  if (at !== undefined && !found.includes(printPlace(at))) lines.push(`  at       ${printPlace(at)}`);
  lines.push(`  found    ${found}`);
  if (problem.allowed !== undefined) lines.push(`  allowed  ${problem.allowed}`);
  lines.push(`  fix      ${problem.fix}`);
  return lines.join('\n');
}

/** Problems in the order they were found, separated by blank lines. */
export function printProblems(problems: readonly Problem[]): string {
  return problems.map(printProblem).join('\n\n');
}

/**
 * Thrown by `defineX` functions when a definition has problems; carries all of them.
 * `name` is checked rather than the prototype, because a definition file may load its own copy of this module.
 */
export class ProblemsError extends Error {
  override readonly name = 'ProblemsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(printProblems(problems));
    this.problems = problems;
  }
}

/** Whether something thrown carries problems, of this copy of the module or of another. */
export function isProblemsError(error: unknown): error is ProblemsError {
  return (
    error instanceof Error && error.name === 'ProblemsError' && 'problems' in error && Array.isArray(error.problems)
  );
}

/** Where problems go while definitions are loaded by a command; `undefined` when a definition shall throw by itself. */
let collected: Problem[] | undefined;

/** Whether a command loads definitions, and problems are collected rather than thrown. */
export function isCollecting(): boolean {
  return collected !== undefined;
}

/**
 * Throws a {@link ProblemsError} if there is any problem; within {@link collectProblems} it only takes note, so that
 * one run tells the mistakes of all definitions and not those of the first that has any.
 */
export function refuse(problems: readonly Problem[]): void {
  if (collected !== undefined) {
    if (problems.length === 0) return;
    collected.push(...problems);
    aboutThisCall(problems);
  } else if (problems.length > 0) throw new ProblemsError(problems);
}

/**
 * Runs `load` with every refusal noted instead of thrown.
 *
 * @returns what it gave, and the problems; `error` is what it threw after all, which then may well follow from them
 */
export async function collectProblems<T>(
  load: () => Promise<T>,
): Promise<{ readonly problems: readonly Problem[]; readonly value?: T; readonly error?: unknown }> {
  const problems: Problem[] = [];
  collected = problems;
  try {
    return { problems, value: await load() };
  } catch (error) {
    return { problems, error };
  } finally {
    collected = undefined;
  }
}

/**
 * Met in more places than this, a problem is most likely one slip in a definition that all of them are derived from.
 */
const SEPARATE_PLACES = 3;

/** Says where a problem is, and that it stands in `more` other places too. */
export function alsoElsewhere({ where }: Problem, more: number): string {
  return `${where} (and in ${more} more ${more === 1 ? 'place' : 'places'})`;
}

/** Problems that follow from others, whose codes begin so: an SLO that cannot be gives its panels' thresholds. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  'dashboard/threshold-out-of-reach': 'slo/',
  'promql/no-such-bound': 'slo/latency-bound',
};

/**
 * Each problem once, in the order of first mention. One slip in a definition that many are derived from (the events of
 * an SLO) is one problem, told where it was met first, with how often it was met after that.
 */
export function uniqueProblems(problems: readonly Problem[]): readonly Problem[] {
  const alike = new Map<string, Map<string, Problem>>();
  const isConsequent = ({ code }: Problem) =>
    CONSEQUENCES[code] !== undefined && problems.some((each) => each.code.startsWith(CONSEQUENCES[code] ?? ''));
  const misspelt = new Set(problems.map(({ meant }) => meant));
  const isMisspelt = ({ where, found }: Problem) => found === printValue(undefined) && misspelt.has(where);
  for (const problem of problems.filter((each) => !isConsequent(each) && !isMisspelt(each))) {
    const { where, ...same } = problem;
    const key = JSON.stringify(same);
    const places = alike.get(key) ?? new Map<string, Problem>();
    if (!places.has(where)) places.set(where, problem);
    alike.set(key, places);
  }
  return [...alike.values()].flatMap((places) => {
    const [first, ...others] = places.values();
    if (first === undefined || others.length < SEPARATE_PLACES) return [...places.values()];
    return [aboutTheSame({ ...first, where: alsoElsewhere(first, others.length) }, first)];
  });
}

/**
 * The candidate nearest to `text` by edit distance, if it is near enough to be a likely slip: two letters, or a third
 * of its length.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(text, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "x"?` for the nearest candidate, or a fallback advice. */
export function suggest(text: string, candidates: Iterable<string>, otherwise: string): string {
  const candidate = nearest(text, candidates);
  return candidate === undefined ? otherwise : `did you mean ${printValue(candidate)}?`;
}

/** Levenshtein distance, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const swap = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? limit;
}
