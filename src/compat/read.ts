import { parse } from 'yaml';
import type { Problem } from '../problem.js';
import { printValue } from '../problem.js';
import { lintShape, lintShapes } from '../shape.js';
import type { Snapshot } from './snapshot.js';
import { SNAPSHOT_FORMAT } from './snapshot.js';

const CODE = 'diff/snapshot';
const KINDS = ['counter', 'gauge', 'histogram'] as const;

/** A snapshot from the text that `lockstep docs` wrote, of this version or an earlier one; or why it is none. */
export function readSnapshot(text: string, where: string): Snapshot | readonly Problem[] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return [broken(where, (error as Error).message.split('\n', 1)[0] ?? '')];
  }
  const problems = lintSnapshot(value as Snapshot, where);
  return problems.length > 0 ? problems : (value as Snapshot);
}

function lintSnapshot(value: Snapshot, where: string): readonly Problem[] {
  const own = lintShape(value, where, CODE, { format: 'number', systems: 'list' });
  if (own.length > 0) return own;
  if (value.format !== SNAPSHOT_FORMAT)
    return [
      {
        code: CODE,
        where: `${where} › format`,
        found: printValue(value.format),
        allowed: String(SNAPSHOT_FORMAT),
        fix: 'compare with the lockstep that wrote it, or a newer one',
      },
    ];
  const systems = lintShapes(value.systems as readonly object[], where, 'system', CODE, {
    name: 'text',
    metrics: 'list',
    labels: 'list',
  });
  if (systems.length > 0) return systems;
  return value.systems.flatMap((system) => {
    const at = `${where} › ${system.name}`;
    return [
      ...lintShapes(system.metrics as readonly object[], at, 'metric', CODE, {
        name: 'text',
        kind: KINDS,
        unit: 'text',
        help: 'text',
        labels: 'list',
        readers: 'list',
      }),
      ...lintShapes(system.labels as readonly object[], at, 'label', CODE, { name: 'text' }),
    ];
  });
}

function broken(where: string, found: string): Problem {
  return { code: CODE, where, found, fix: 'compare with a commit whose file is as `lockstep docs` wrote it' };
}
