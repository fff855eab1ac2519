import { describeError, printValue } from 'lockstep-exporter';

/** fab's totals per role in `.fab-perf.json`, cumulative over the life of the file. `lastActive` is not read. */
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

/** The data of a perf file. @throws Error that says what is wrong where, and never more than a line */
export function parsePerfData(text: string): PerfData {
  const data = parseRoles(text);
  for (const [role, metrics] of Object.entries(data)) readRole(role, metrics);
  return data as PerfData;
}

/** The roles of a perf file, whatever each of them is. @throws Error as {@link parsePerfData} does */
export function parseRoles(text: string): Readonly<Record<string, unknown>> {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(text.trim() === '' ? 'the file is empty' : 'the file is no JSON, or half written');
  }
  if (!isRecord(data)) throw new Error(`expected an object by role, found ${printValue(data)}`);
  return data;
}

/** Whether a value is an object with fields, and not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The totals of one role, each field read once. @throws Error that says what is wrong, in one line */
export function readRole(role: string, metrics: unknown): RoleMetrics {
  if (!isRecord(metrics)) throw new Error(`role ${printValue(role)}: expected an object, found ${printValue(metrics)}`);
  const read = PERF_FIELDS.map((field) => {
    const value = metrics[field];
    if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
      throw new Error(
        `role ${printValue(role)}: expected ${field} to be a number, 0 or more, found ${printValue(value)}`,
      );
    return [field, value];
  });
  return Object.fromEntries(read) as unknown as RoleMetrics;
}

/** Each role's totals, and what is wrong with the first that has none. Throws only what the object itself throws. */
export function readRoles(data: Readonly<Record<string, unknown>>): {
  readonly totals: ReadonlyMap<string, RoleMetrics | undefined>;
  readonly trouble: string | undefined;
} {
  const totals = new Map<string, RoleMetrics | undefined>();
  let trouble: string | undefined;
  for (const name of Object.keys(data)) {
    try {
      totals.set(name, readRole(name, data[name]));
    } catch (error) {
      totals.set(name, undefined);
      trouble ??= describeError(error);
    }
  }
  return { totals, trouble };
}
