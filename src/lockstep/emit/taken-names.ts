import { isRecord } from 'lockstep-exporter/internal';
import type { Built } from './resource.js';
import type { ResourceBeside } from './resources-beside.js';

/** A name that a planned resource and a file of somebody else both have. */
export interface TakenName {
  readonly path: string;
  /** `the dashboard uid fab-overview`. */
  readonly name: string;
  /** The file that has it too. */
  readonly other: string;
}

const KINDS = ['GrafanaDashboard', 'GrafanaAlertRuleGroup', 'PrometheusRule'];

/**
 * Names that files of somebody else have besides the planned ones: of one kind in one namespace (kustomize refuses the
 * second), a dashboard's or a rule's uid (two resources write over each other in Grafana, for ever), a group's name in
 * its folder (likewise).
 *
 * @param known paths below the folder that are told of otherwise: leftovers of this very plan
 */
export function findTakenNames(
  beside: readonly ResourceBeside[],
  planned: readonly { readonly path: string; readonly resource: Built['resource'] }[],
  known: ReadonlySet<string>,
): readonly TakenName[] {
  const owners = new Map(
    planned.flatMap(({ path, resource }) => namesOf(resource).map((name) => [name, path] as const)),
  );
  const taken: TakenName[] = [];
  for (const { path: other, resource } of beside) {
    if (known.has(other)) continue;
    for (const name of namesOf(resource)) {
      const path = owners.get(name);
      if (path !== undefined) taken.push({ path, name, other });
    }
  }
  return taken;
}

/** Every name of a resource that must be its own. */
function namesOf({
  kind,
  metadata,
  spec,
}: {
  readonly kind?: unknown;
  readonly metadata?: unknown;
  readonly spec?: unknown;
}): readonly string[] {
  if (typeof kind !== 'string' || !KINDS.includes(kind) || !isRecord(metadata) || !isRecord(spec)) return [];
  const { name, namespace } = metadata;
  const own = `${kind} ${String(name)}${namespace === undefined ? '' : ` in namespace ${String(namespace)}`}`;
  if (kind === 'GrafanaDashboard') {
    const uid = spec['uid'] ?? uidIn(spec['json']);
    return [own, ...(typeof uid === 'string' ? [`the dashboard uid ${uid}`] : [])];
  }
  if (kind !== 'GrafanaAlertRuleGroup') return [own];
  const folder = String(spec['folderRef'] ?? spec['folderUID'] ?? '');
  const rules = Array.isArray(spec['rules']) ? spec['rules'] : [];
  return [
    own,
    `the alert group ${String(spec['name'] ?? name)} in folder ${folder}`,
    ...rules.flatMap((rule: unknown) =>
      isRecord(rule) && typeof rule['uid'] === 'string' ? [`the rule uid ${rule['uid']}`] : [],
    ),
  ];
}

function uidIn(json: unknown): unknown {
  try {
    const model: unknown = typeof json === 'string' ? JSON.parse(json) : undefined;
    return isRecord(model) ? model['uid'] : undefined;
  } catch {
    return undefined;
  }
}
