import { definitionPath, isRecord } from 'lockstep-exporter/internal';

/** One place where what is there is not what should be. */
export interface ValueDifference {
  /** In the resource's own terms: `panel "Sessions, by phase" › query A › expr`. */
  readonly where: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

/** Steps into a resource. */
export type ValuePath = readonly (string | number)[];
/** A place in a resource, and what it is called. */
export type Step = { readonly path: ValuePath; readonly where: readonly string[] };

/** The field that tells the elements of these arrays apart, and the name of such an element. */
const IDENTITY: Readonly<
  Record<string, { readonly noun: string; readonly key: (value: Record<string, unknown>) => unknown }>
> = {
  panels: { noun: 'panel', key: (value) => value['title'] },
  targets: { noun: 'query', key: (value) => value['refId'] },
  rules: { noun: 'rule', key: (value) => value['uid'] ?? value['alert'] ?? value['record'] },
  data: { noun: 'query', key: (value) => value['refId'] },
  list: { noun: 'variable', key: (value) => value['name'] },
  links: { noun: 'link', key: (value) => value['title'] },
  overrides: {
    noun: 'override',
    key: (value) => (value['matcher'] as Record<string, unknown> | undefined)?.['options'],
  },
  transformations: { noun: 'transformation', key: (value) => value['id'] },
};

/** Steps that only say how the document is nested, and not what is meant. */
const SILENT = new Set([
  'spec',
  'panels',
  'targets',
  'rules',
  'data',
  'templating',
  'list',
  'links',
  'overrides',
  'transformations',
  'model',
  'json',
]);

/** Every difference between two values, in the order of the wanted one. */
export function diffValues(found: unknown, wanted: unknown, where: readonly string[] = []): readonly ValueDifference[] {
  const differences: ValueDifference[] = [];
  compareValues(found, wanted, { path: [], where }, (step, from, to) =>
    differences.push({ where: definitionPath(...step.where), found: from, wanted: to }),
  );
  return differences;
}

/** Is told of each difference. */
export type OnDifference = (step: Step, from: unknown, to: unknown) => void;

/** Walks two values side by side. Elements of lists that have a name or an id are the same where that is the same. */
export function compareValues(from: unknown, to: unknown, step: Step, report: OnDifference): void {
  if (Object.is(from, to)) return;
  if (Array.isArray(from) && Array.isArray(to)) compareArrays(from, to, step, report);
  else if (isRecord(from) && isRecord(to)) {
    for (const key of new Set([...Object.keys(to), ...Object.keys(from)]))
      compareValues(from[key], to[key], inner(step, key), report);
  } else report(step, from, to);
}

function compareArrays(from: readonly unknown[], to: readonly unknown[], step: Step, report: OnDifference): void {
  const name = step.path.at(-1);
  const identity = typeof name === 'string' ? IDENTITY[name] : undefined;
  if (identity === undefined || ![...from, ...to].every(isRecord)) {
    if (from.every(isPlain) && to.every(isPlain)) {
      if (JSON.stringify(from) !== JSON.stringify(to)) report(step, from, to);
      return;
    }
    for (let index = 0; index < Math.max(from.length, to.length); index++)
      compareValues(
        from[index],
        to[index],
        { path: [...step.path, index], where: [...step.where, String(index)] },
        report,
      );
    return;
  }
  const key = (value: unknown) => String(identity.key(value as Record<string, unknown>));
  const after = keyed(to, key);
  const before = renamed(keyed(from, key), after);
  for (const id of new Set([...after.keys(), ...before.keys()])) {
    const index = before.get(id);
    const where = [...step.where, `${identity.noun} ${JSON.stringify(id)}`];
    const path = index === undefined ? step.path : [...step.path, index];
    compareValues(at(from, index), at(to, after.get(id)), { path, where }, report);
  }
  const shared = (ids: Iterable<string>, other: ReadonlyMap<string, number>) => [...ids].filter((id) => other.has(id));
  const [order, wantedOrder] = [shared(before.keys(), after), shared(after.keys(), before)];
  if (order.join('\n') !== wantedOrder.join('\n'))
    report({ ...step, where: [...step.where, `order of the ${identity.noun}s`] }, order, wantedOrder);
}

/** Index by key; a key that comes again gets a number, so that no element is lost. */
function keyed(values: readonly unknown[], key: (value: unknown) => string): ReadonlyMap<string, number> {
  const map = new Map<string, number>();
  values.forEach((value, index) => {
    let id = key(value);
    for (let count = 2; map.has(id); count++) id = `${key(value)} (${count})`;
    map.set(id, index);
  });
  return map;
}

/**
 * An element that is known by another key, in the same place where one is missing, is that one: its key is what
 * changed.
 */
function renamed(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const missing = new Map([...after].filter(([id]) => !before.has(id)).map(([id, index]) => [index, id]));
  return new Map([...before].map(([id, index]) => [after.has(id) ? id : (missing.get(index) ?? id), index]));
}

function at(values: readonly unknown[], index: number | undefined): unknown {
  return index === undefined ? undefined : values[index];
}

function inner({ path, where }: Step, key: string): Step {
  return { path: [...path, key], where: SILENT.has(key) ? where : [...where, key] };
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
