import { isRecord } from 'lockstep-exporter/internal';
import { sourceOf } from '../emit/header.js';
import { readYaml } from '../read-yaml.js';

/** A resource that lockstep built. */
export interface BuiltBefore {
  readonly kind: unknown;
  readonly name: unknown;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Reads a built resource. A file of another source, and one that is not a resource, gives none. */
export function builtIn(text: string, source: string): readonly BuiltBefore[] {
  if (sourceOf(text) !== source) return [];
  let value: unknown;
  try {
    ({ value } = readYaml(text));
  } catch {
    return [];
  }
  if (!isRecord(value) || !isRecord(value['spec'])) return [];
  const { kind, metadata, spec } = value;
  return [{ kind, name: isRecord(metadata) ? metadata['name'] : undefined, spec }];
}
