import { join, posix } from 'node:path';
import { isRecord } from 'lockstep-exporter/internal';
import { readText } from '../read.js';
import { readEach, readYaml } from '../read-yaml.js';
import { filesBelow } from './files-below.js';
import { KUSTOMIZATION_NAMES } from './kustomization.js';
import type { Built } from './resource.js';

/** A kustomization by which another resource is applied than the one that was built. */
export interface Overlaid {
  /** The file whose resource it changes. */
  readonly path: string;
  readonly kustomization: string;
  /** The part of it that does so: `the patch hush.yaml`, `namePrefix "prod-"`. */
  readonly by: string;
  /** `it changes spec › rules`, `it deletes the resource`. */
  readonly effect: string;
}

/** A patch that a kustomization names and that is not there: kustomize builds nothing. */
interface Dangling {
  readonly kustomization: string;
  readonly entry: string;
}

/** How the kustomizations of a tree change what is applied. */
export interface Overlays {
  readonly overlaid: readonly Overlaid[];
  readonly dangling: readonly Dangling[];
  /** Kustomizations that could not be read. */
  readonly unread: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

interface Planned {
  readonly path: string;
  readonly resource: Built['resource'];
}

/** A kustomization of the tree, by its path. */
type Tree = ReadonlyMap<string, Json>;

const NAMES = new RegExp(`^(${KUSTOMIZATION_NAMES.join('|')})$`);

/**
 * The kustomizations below a folder, overlays among them, that change a planned resource on its way to the cluster:
 * patches, prefixes and suffixes, labels that overwrite ours, replacements. Labels and annotations that are only added,
 * and a namespace, change nothing that we built.
 *
 * @param out the folder; a kustomization above it is not seen
 */
export function findOverlays(out: string, planned: readonly Planned[]): Overlays {
  const unread: string[] = [];
  const tree: Tree = new Map(
    filesBelow(out, NAMES, 'links').flatMap((path) => {
      const value = readValue(out, path);
      if (value === undefined) unread.push(path);
      return isRecord(value) ? [[path, value] as const] : [];
    }),
  );
  const ours = new Map(planned.map((each) => [each.path, each]));
  const dangling: Dangling[] = [];
  const overlaid = [...tree].flatMap(([kustomization, value]) => {
    const reached = [...reach(kustomization, tree, ours)].sort((a, b) => (a.path < b.path ? -1 : 1));
    if (reached.length === 0) return [];
    const patches = patchesIn(out, kustomization, value);
    for (const { path: entry, text } of patches)
      if (entry !== undefined && text === undefined) dangling.push({ kustomization, entry });
    const changes = [...patches.flatMap(changesOf), ...replacementsIn(out, kustomization, value)];
    return reached.flatMap(({ path, resource }): readonly Overlaid[] => [
      ...changes
        .filter(({ matches }) => matches(resource))
        .map(({ by, effect }) => ({ path, kustomization, by, effect })),
      ...renamesIn(value, resource).map((change) => ({ path, kustomization, ...change })),
      ...labelsIn(value, resource).map((change) => ({ path, kustomization, ...change })),
    ]);
  });
  return { overlaid, dangling, unread };
}

/** Nothing of what cannot be read: `check` tells of the kustomizations that list our files. */
function readValue(out: string, path: string): unknown {
  const text = readText(join(out, path), out)?.text;
  if (text === undefined) return undefined;
  try {
    return readYaml(text).value;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The planned files that a kustomization applies, by others or by itself. */
function reach(
  kustomization: string,
  tree: Tree,
  ours: ReadonlyMap<string, Planned>,
  seen: ReadonlySet<string> = new Set(),
): ReadonlySet<Planned> {
  const found = new Set<Planned>();
  const value = tree.get(kustomization);
  if (value === undefined || seen.has(kustomization)) return found;
  const more = new Set([...seen, kustomization]);
  for (const entry of [...listOf(value['resources']), ...listOf(value['bases']), ...listOf(value['components'])]) {
    if (typeof entry !== 'string') continue;
    const path = posix.join(posix.dirname(kustomization), entry);
    const file = ours.get(path);
    if (file !== undefined) found.add(file);
    for (const name of KUSTOMIZATION_NAMES)
      for (const each of reach(posix.join(path, name), tree, ours, more)) found.add(each);
  }
  return found;
}

interface Change {
  readonly by: string;
  readonly effect: string;
  matches(resource: Built['resource']): boolean;
}

/** A patch of a kustomization: its file, if it has one, and its text, if that is there. */
interface Patch {
  readonly path: string | undefined;
  readonly text: string | undefined;
  readonly target: unknown;
}

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/ and its two forerunners. */
function patchesIn(out: string, kustomization: string, value: Json): readonly Patch[] {
  const entries = [
    ...listOf(value['patches']),
    ...listOf(value['patchesJson6902']),
    ...listOf(value['patchesStrategicMerge']).map((each) =>
      typeof each === 'string' && !each.includes('\n') ? { path: each } : { patch: each },
    ),
  ];
  return entries.filter(isRecord).map(({ path, patch, target }) => {
    if (typeof path !== 'string') return { path: undefined, text: typeof patch === 'string' ? patch : '', target };
    return { path, text: readText(join(out, posix.dirname(kustomization), path), out)?.text, target };
  });
}

function changesOf({ path, text = '', target }: Patch): readonly Change[] {
  return readEach(text).map((body) => ({
    by: path === undefined ? 'a patch' : `the patch ${path}`,
    effect: effectOf(body),
    matches: (resource) => (isRecord(target) ? isSelected(target, resource) : isNamed(body, resource)),
  }));
}

/** A strategic merge says the resource that it is for. */
function isNamed(body: unknown, { kind, metadata }: Built['resource']): boolean {
  const named = isRecord(body) && isRecord(body['metadata']) ? body['metadata'] : {};
  return isRecord(body) && body['kind'] === kind && named['name'] === metadata.name;
}

/** Kustomize takes the fields of a target for regular expressions of the whole; ours have few labels. */
function isSelected(target: Json, { apiVersion, kind, metadata }: Built['resource']): boolean {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const fits = (wanted: unknown, is: string) => {
    if (wanted === undefined || wanted === '') return true;
    try {
      return new RegExp(`^(?:${String(wanted)})$`).test(is);
    } catch {
      return true;
    }
  };
  const labels = labelsOf(metadata);
  const selected = String(target['labelSelector'] ?? '')
    .split(',')
    .filter((each) => each !== '')
    .every((each) => {
      const [, name = '', wanted] = /^\s*([^=!\s]+)\s*(?:==?\s*(\S+)\s*)?$/.exec(each) ?? [];
      return name in labels && (wanted === undefined || labels[name] === wanted);
    });
  return (
    fits(target['group'], group) &&
    fits(target['version'], version) &&
    fits(target['kind'], kind) &&
    fits(target['name'], metadata.name) &&
    selected &&
    !target['annotationSelector']
  );
}

function labelsOf(metadata: Built['resource']['metadata']): Json {
  return 'labels' in metadata ? (metadata.labels ?? {}) : {};
}

/** As many of the changed fields as are read. */
const MOST_FIELDS = 3;

function effectOf(body: unknown): string {
  if (isRecord(body) && body['$patch'] === 'delete') return 'it deletes the resource';
  const fields = Array.isArray(body)
    ? body.filter(isRecord).map(({ path }) => String(path).split('/').filter(Boolean).join(' › '))
    : fieldsOf(body, []);
  const [more, shown] = [fields.length - MOST_FIELDS, fields.slice(0, MOST_FIELDS)];
  if (shown.length === 0) return 'it may change the resource';
  return `it changes ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function fieldsOf(body: unknown, path: readonly string[]): readonly string[] {
  if (!isRecord(body)) return path.length === 0 ? [] : [path.join(' › ')];
  return Object.entries(body).flatMap(([key, value]) => {
    const isIdentity =
      path.length === 0 ? key === 'apiVersion' || key === 'kind' : path[0] === 'metadata' && key === 'name';
    return isIdentity ? [] : fieldsOf(value, [...path, key]);
  });
}

/** Whatever names the resource does not follow: a board and its folder, an alert group and its own. */
function renamesIn(value: Json, { metadata }: Built['resource']): readonly Omit<Overlaid, 'path' | 'kustomization'>[] {
  const [prefix, suffix] = [value['namePrefix'], value['nameSuffix']].map((each) =>
    typeof each === 'string' ? each : '',
  );
  if (prefix === '' && suffix === '') return [];
  const by = [
    ...(prefix === '' ? [] : [`namePrefix ${JSON.stringify(prefix)}`]),
    ...(suffix === '' ? [] : [`nameSuffix ${JSON.stringify(suffix)}`]),
  ].join(' and ');
  return [{ by, effect: `it renames ${metadata.name} to ${prefix}${metadata.name}${suffix}` }];
}

/** Labels by which something chooses our resource, such as a ruler its rules. */
function labelsIn(value: Json, { metadata }: Built['resource']): readonly Omit<Overlaid, 'path' | 'kustomization'>[] {
  const given = [
    ['commonLabels', value['commonLabels']] as const,
    ...listOf(value['labels']).map((each) => ['labels', isRecord(each) ? each['pairs'] : undefined] as const),
  ];
  return given.flatMap(([by, labels]) =>
    Object.entries(isRecord(labels) ? labels : {})
      .filter(([name, is]) => labelsOf(metadata)[name] !== undefined && labelsOf(metadata)[name] !== is)
      .map(([name, is]) => ({ by, effect: `it changes the label ${name} to ${JSON.stringify(is)}` })),
  );
}

function replacementsIn(out: string, kustomization: string, value: Json): readonly Change[] {
  return listOf(value['replacements']).flatMap((entry): readonly Change[] => {
    if (!isRecord(entry)) return [];
    const { path } = entry;
    const [body] =
      typeof path === 'string' ? [readValue(out, posix.join(posix.dirname(kustomization), path))] : [entry];
    return (Array.isArray(body) ? body : [body]).filter(isRecord).flatMap((each) =>
      listOf(each['targets'])
        .filter(isRecord)
        .map(({ select, fieldPaths }) => ({
          by: 'a replacement',
          effect: `it changes ${listOf(fieldPaths).map(String).join(', ')}`,
          matches: (resource: Built['resource']) => isRecord(select) && isSelected(select, resource),
        })),
    );
  });
}
