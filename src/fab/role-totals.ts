import type { RoleMetrics } from './perf-data.js';
import { PERF_FIELDS } from './perf-data.js';
import type { Role } from './roster.js';
import { toRole } from './roster.js';

/** By the name that fab gives a role; `undefined` for one whose totals are not what they must be. */
export type NamedTotals = ReadonlyMap<string, RoleMetrics | undefined>;

/** What a role, under all its names, has done since its totals were last seen. */
export interface Growth {
  readonly role: Role;
  readonly grown: RoleMetrics;
  /** Whether its totals, or those of one of its names, began anew. */
  readonly anew: boolean;
}

export interface RoleTotals {
  /**
   * What has grown. A role that is not there, or has totals that cannot be, keeps what is known of it; one that is
   * there with less began anew, and no other with it.
   */
  take(totals: NamedTotals): readonly Growth[];
  /** Takes totals as what was there before: nothing has grown. */
  begin(totals: NamedTotals): void;
}

/** A name is kept for as long as the process lives. The roster has 79. */
const MOST_NAMES = 1000;

/**
 * Follows fab's totals by name: those of several names that the roster lacks are one role's, and each may begin anew.
 */
export function createRoleTotals(): RoleTotals {
  /** `undefined` of a role that was there at the beginning, with totals that could not be. */
  const known = new Map<string, RoleMetrics | undefined>();
  const hasRoom = (name: string) => known.has(name) || known.size < MOST_NAMES || toRole(name) === name;

  return {
    begin: (totals) => {
      for (const [name, metrics] of totals) if (hasRoom(name)) known.set(name, metrics);
    },
    take: (totals) => {
      const growths = new Map<Role, Growth>();
      for (const [name, metrics] of totals) {
        if (metrics === undefined || !hasRoom(name)) continue;
        const isFirst = !known.has(name);
        const last = known.get(name);
        known.set(name, metrics);
        if (!isFirst && last === undefined) continue;
        const anew = last !== undefined && PERF_FIELDS.some((field) => metrics[field] < last[field]);
        const before = anew ? undefined : last;
        const role = toRole(name);
        const others = growths.get(role);
        const grown = mapFields((field) => metrics[field] - (before?.[field] ?? 0) + (others?.grown[field] ?? 0));
        growths.set(role, { role, grown, anew: anew || others?.anew === true });
      }
      return [...growths.values()];
    },
  };
}

/** Metrics of which each field is computed. */
export function mapFields(value: (field: (typeof PERF_FIELDS)[number]) => number): RoleMetrics {
  return Object.fromEntries(PERF_FIELDS.map((field) => [field, value(field)])) as unknown as RoleMetrics;
}
