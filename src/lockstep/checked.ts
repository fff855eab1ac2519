import type { Problem } from 'lockstep-exporter/internal';

/** Definitions without a problem. They are frozen, so that this stays true. */
const sound = new WeakSet<object>();

/**
 * Every problem of a definition, which is checked once: where there was none, the definition is frozen, and is known to
 * be sound when it is planned. A copy of it with a change is another definition.
 */
export function problemsOnce<T extends object>(definition: T, validate: (definition: T) => Problem[]): Problem[] {
  if (sound.has(definition)) return [];
  const problems = validate(definition);
  if (problems.length === 0) {
    freeze(definition);
    sound.add(definition);
  }
  return problems;
}

/** Parts that are frozen with all that is in them. An author may have frozen the outermost alone. */
const frozen = new WeakSet<object>();

/** Freezes a definition and its parts. Metrics and catalogues are other definitions, and have checks of their own. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return;
  if ('bounds' in value || 'metrics' in value) return;
  frozen.add(Object.freeze(value));
  for (const part of Object.values(value)) freeze(part);
}
