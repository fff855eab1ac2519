/** Totals by field: each a number, 0 or more, that only grows until what counts it begins anew. */
export type Totals<Field extends string> = Readonly<Record<Field, number>>;

/** By the name that the file gives them; `undefined` for a name whose totals are malformed. */
export type NamedTotals<Field extends string> = ReadonlyMap<string, Totals<Field> | undefined>;

/** The counts of a group, under all its names, since its totals were last seen. */
export interface Growth<Group extends string, Field extends string> {
  readonly group: Group;
  readonly grown: Totals<Field>;
  /** Whether its totals, or those of one of its names, began anew. */
  readonly anew: boolean;
}

export interface FollowedTotals<Group extends string, Field extends string> {
  /**
   * Gives the growth of each group. A name that is missing, or whose totals are malformed, keeps what is known of it;
   * one that is there with less began anew, and no other with it.
   */
  take(totals: NamedTotals<Field>): readonly Growth<Group, Field>[];
  /** Takes totals as what was there before: nothing has grown. */
  begin(totals: NamedTotals<Field>): void;
}

/** A name is kept for as long as the process lives. */
const MOST_NAMES = 1000;

/**
 * Makes counters of totals that another program keeps by name: what each has grown by since it was last seen.
 *
 * Names of one group add up, and each may begin anew. A name that is its own group is always followed; of the others
 * the first 1000 are.
 */
export function followTotals<Group extends string, Field extends string>(
  fields: readonly Field[],
  groupOf: (name: string) => Group,
): FollowedTotals<Group, Field> {
  /** `undefined` of a name that was there at the beginning, with malformed totals. */
  const known = new Map<string, Totals<Field> | undefined>();
  const hasRoom = (name: string) => known.has(name) || known.size < MOST_NAMES || groupOf(name) === name;

  return {
    begin: (totals) => {
      for (const [name, each] of totals) if (hasRoom(name)) known.set(name, each);
    },
    take: (totals) => {
      const growths = new Map<Group, Growth<Group, Field>>();
      for (const [name, each] of totals) {
        if (each === undefined || !hasRoom(name)) continue;
        const isFirst = !known.has(name);
        const last = known.get(name);
        known.set(name, each);
        if (!isFirst && last === undefined) continue;
        const anew = last !== undefined && fields.some((field) => each[field] < last[field]);
        const before = anew ? undefined : last;
        const group = groupOf(name);
        const others = growths.get(group);
        const grown = totalsOf(fields, (field) => each[field] - (before?.[field] ?? 0) + (others?.grown[field] ?? 0));
        growths.set(group, { group, grown, anew: anew || others?.anew === true });
      }
      return [...growths.values()];
    },
  };
}

/** Totals of which each field is computed. */
export function totalsOf<Field extends string>(
  fields: readonly Field[],
  sumOf: (field: Field) => number,
): Totals<Field> {
  return Object.fromEntries(fields.map((field) => [field, sumOf(field)])) as Totals<Field>;
}
