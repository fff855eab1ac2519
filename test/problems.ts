import type { Problem } from '../src/exporter/problem.js';
import { ProblemsError } from '../src/exporter/problem.js';

/** The problems for which `define` refuses; none if it does not. */
export function problemsOf(define: () => unknown): readonly Problem[] {
  try {
    define();
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
}

/** `code at where`, one per problem: what tests compare. */
export function codes(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ code, where }) => `${code} at ${where}`);
}
