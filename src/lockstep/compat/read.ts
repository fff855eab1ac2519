import type { Problem } from 'lockstep-exporter/internal';
import {
  definitionPath,
  isDay,
  isTexts,
  KINDS,
  printValue,
  validateShape,
  validateShapes,
} from 'lockstep-exporter/internal';
import { readYaml } from '../read-yaml.js';
import type { LabelSnapshot, MetricSnapshot, Snapshot } from './snapshot.js';
import { SNAPSHOT_FORMAT } from './snapshot.js';

const CODE = 'diff/snapshot';

/** A snapshot from the text that `lockstep docs` wrote, of this version or an earlier one; or why it is none. */
export function readSnapshot(text: string, where: string): Snapshot | readonly Problem[] {
  let value: unknown;
  try {
    value = readYaml(text).value;
  } catch (error) {
    return [broken(where, (error as Error).message.split('\n', 1)[0] ?? '')];
  }
  const problems = validateSnapshot(value as Snapshot, where);
  return problems.length > 0 ? problems : (value as Snapshot);
}

function validateSnapshot(value: Snapshot, where: string): readonly Problem[] {
  const own = validateShape(value, where, CODE, { format: 'number', systems: 'list' });
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
  const systems = validateShapes(value.systems, where, 'system', CODE, {
    name: 'text',
    metrics: 'list',
    labels: 'list',
  });
  if (systems.length > 0) return systems;
  return value.systems.flatMap((system) => {
    const at = `${where} › ${system.name}`;
    const shapes = [
      ...validateShapes(system.metrics, at, 'metric', CODE, {
        name: 'text',
        kind: KINDS,
        unit: 'text',
        help: 'text',
        labels: 'list',
        readers: 'list',
      }),
      ...validateShapes(system.labels, at, 'label', CODE, { name: 'text' }),
    ];
    return shapes.length > 0
      ? shapes
      : [
          ...system.metrics.flatMap((metric) => validateMetric(metric, at)),
          ...system.labels.flatMap((label) => validateLabel(label, at)),
        ];
  });
}

function validateMetric(
  { name, stability, renamedFrom, labels, bounds, readers }: MetricSnapshot,
  where: string,
): Problem[] {
  const at = definitionPath(where, name);
  const isStage =
    stability === 'alpha' ||
    stability === 'stable' ||
    (typeof stability === 'object' && isDay(stability?.deprecatedUntil));
  const isRenaming = renamedFrom === undefined || (typeof renamedFrom?.name === 'string' && isDay(renamedFrom.until));
  return [
    ...(isStage ? [] : [broken(definitionPath(at, 'stability'), printValue(stability))]),
    ...(isRenaming ? [] : [broken(definitionPath(at, 'renamedFrom'), printValue(renamedFrom))]),
    ...(isTexts(labels) ? [] : [broken(definitionPath(at, 'labels'), printValue(labels))]),
    ...(bounds === undefined || (Array.isArray(bounds) && bounds.every((each) => typeof each === 'number'))
      ? []
      : [broken(definitionPath(at, 'bounds'), printValue(bounds))]),
    ...validateShapes(readers, at, 'reader', CODE, { kind: ['panel', 'alert'], title: 'text' }),
    ...readers.flatMap((reader) =>
      [reader?.labels, reader?.bounds].every((each) => each === undefined || Array.isArray(each)) &&
      Object.values(reader?.values ?? {}).every(isTexts)
        ? []
        : [broken(definitionPath(at, 'readers'), printValue(reader))],
    ),
  ];
}

function validateLabel({ name, values, decidedBy }: LabelSnapshot, where: string): Problem[] {
  const at = definitionPath(where, name);
  const isDecided =
    decidedBy === undefined ||
    (typeof decidedBy?.label === 'string' && typeof decidedBy.valueOf === 'object' && decidedBy.valueOf !== null);
  return [
    ...(values === undefined || isTexts(values) ? [] : [broken(definitionPath(at, 'values'), printValue(values))]),
    ...(isDecided ? [] : [broken(definitionPath(at, 'decidedBy'), printValue(decidedBy))]),
  ];
}

function broken(where: string, found: string): Problem {
  return { code: CODE, where, found, fix: 'compare with a commit whose file is as `lockstep docs` wrote it' };
}
