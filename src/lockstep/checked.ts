import type { Problem } from 'lockstep-exporter/internal';

type Validate<T> = (definition: T) => Problem[];

/** Definitions without a problem, each with the check that it has passed. They are frozen, so that this stays true. */
const sound = new WeakMap<object, unknown>();
/** Every part that is frozen together with all its own parts. */
const frozen = new WeakSet<object>();

/**
 * Every problem of a definition. A definition without one is frozen, and the plan does not check it again. A
 * definition that holds functions or instances of classes can change, so it is checked each time.
 */
export function problemsOnce<T extends object>(definition: T, validate: Validate<T>): Problem[] {
  if (sound.get(definition) === validate) return [];
  const problems = validate(definition);
  if (problems.length === 0 && freeze(definition)) sound.set(definition, validate);
  return problems;
}

/** Freezes plain objects and lists, metrics and catalogues among them. Whether everything that was met could be. */
function freeze(value: unknown): boolean {
  if (typeof value === 'function') return false;
  if (typeof value !== 'object' || value === null || frozen.has(value)) return true;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return false;
  frozen.add(Object.freeze(value));
  const isWhole = Object.values(value).map(freeze).every(Boolean);
  if (!isWhole) frozen.delete(value);
  return isWhole;
}
