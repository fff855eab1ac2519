import { printValue } from '../problem.js';
import { isRecord } from '../shape.js';

/** What fab keeps per role in `.fab-perf.json`, cumulative over the life of the file. `lastActive` is not read. */
export interface RoleMetrics {
  readonly sessions: number;
  readonly selfEvalPass: number;
  readonly selfEvalFail: number;
  readonly advisorCalls: number;
  readonly revisions: number;
  readonly totalInputTokens: number;
  readonly totalOutputTokens: number;
}
export const PERF_FIELDS = [
  'sessions',
  'selfEvalPass',
  'selfEvalFail',
  'advisorCalls',
  'revisions',
  'totalInputTokens',
  'totalOutputTokens',
] as const satisfies readonly (keyof RoleMetrics)[];

export type PerfData = Readonly<Record<string, RoleMetrics>>;

/** The data of a perf file. @throws Error that says what is wrong where, and never more than a line. */
export function parsePerfData(text: string): PerfData {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(text.trim() === '' ? 'the file is empty' : 'the file is no JSON, or half written');
  }
  if (!isRecord(data)) throw new Error(`expected an object by role, found ${printValue(data)}`);
  for (const [role, metrics] of Object.entries(data)) {
    if (!isRecord(metrics))
      throw new Error(`role ${printValue(role)}: expected an object, found ${printValue(metrics)}`);
    for (const field of PERF_FIELDS) {
      const value = metrics[field];
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
        throw new Error(
          `role ${printValue(role)}: expected ${field} to be a number, 0 or more, found ${printValue(value)}`,
        );
    }
  }
  return data as PerfData;
}
