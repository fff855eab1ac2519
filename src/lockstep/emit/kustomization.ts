import { posix } from 'node:path';
import type { Document, Node, YAMLSeq } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import { readYaml } from '../read-yaml.js';

/** The names under which kustomize knows its file. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** The resources of a kustomization; or why it cannot be read; or that it is something else of that name. */
export type Listing =
  | { readonly resources: readonly string[]; readonly problem?: undefined }
  | { readonly problem: string; readonly resources?: undefined }
  | { readonly problem?: undefined; readonly resources?: undefined };

/** The resources that a kustomization lists. */
export function readListing(text: string): Listing {
  const found = resourcesOf(text);
  if ('problem' in found) return { problem: found.problem };
  return 'items' in found ? { resources: found.items } : {};
}

/** Whether a listing holds a path: it itself, spelled in any way. */
export function isListed(resources: readonly string[], path: string): boolean {
  return resources.some((each) => posix.normalize(each) === posix.normalize(path));
}

/**
 * A kustomization with more resources, each after the last of its own folder, or else at the end of the list. All else
 * stays as it is, byte for byte: comments, order, quotes, line ends.
 *
 * @throws Error if the list is not one that a line can be added to; the message has the reason
 */
export function addResources(text: string, paths: readonly string[]): string {
  let changed = text;
  for (const path of paths) changed = addResource(changed, path);
  return changed;
}

function addResource(text: string, path: string): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const { key, list, items, map } = writable(text);
  const result =
    list?.flow === true
      ? intoFlow(text, list, path)
      : list !== undefined && items.length > 0
        ? intoBlock(text, list, items, path, end)
        : key !== undefined
          ? afterLine(text, key.range?.[0] ?? 0, `  - ${path}`, end)
          : map !== undefined
            ? afterLine(text, Math.max(0, (map.range?.[1] ?? 1) - 1), `resources:${end}  - ${path}`, end)
            : `${text}${text === '' || text.endsWith('\n') ? '' : end}resources:${end}  - ${path}${end}`;
  return verified(result, [...items, path]);
}

/**
 * A kustomization without some resources. All else stays as it is, byte for byte.
 *
 * @throws Error if a line cannot be taken out; the message has the reason
 */
export function removeResources(text: string, paths: readonly string[]): string {
  return paths.reduce(removeResource, text);
}

function removeResource(text: string, path: string): string {
  const { list, items } = writable(text);
  const index = items.findIndex((each) => posix.normalize(each) === posix.normalize(path));
  if (list === undefined || index === -1) return text;
  const rest = items.filter((_, at) => at !== index);
  const [begin = 0, stop = 0] = (list.items[index] as Node).range ?? [];
  if (list.flow === true) {
    const after = /^\s*,[ ]*/.exec(text.slice(stop))?.[0];
    const before = /,\s*$/.exec(text.slice(0, begin))?.[0] ?? '';
    const cut =
      after === undefined
        ? text.slice(0, begin - before.length) + text.slice(stop)
        : text.slice(0, begin) + text.slice(stop + after.length);
    return verified(cut, rest);
  }
  const lineBegin = text.lastIndexOf('\n', begin - 1) + 1;
  const lineEnd = text.indexOf('\n', stop);
  const without = text.slice(0, lineBegin) + (lineEnd === -1 ? '' : text.slice(lineEnd + 1));
  // The key alone is no list: kustomize takes it, and others who read the file may not.
  return verified(rest.length > 0 ? without : emptied(without), rest);
}

/** `resources:` without entries, as an empty list. */
function emptied(text: string): string {
  const { key } = writable(text);
  const at = key?.range?.[1];
  const colon = at === undefined ? -1 : text.indexOf(':', at);
  if (colon === -1) throw new Error('its resources have no place in the file');
  return `${text.slice(0, colon + 1)} []${text.slice(colon + 1)}`;
}

/** A changed text, if it lists what it should: whatever was misread must not be written. */
function verified(text: string, items: readonly string[]): string {
  const after = resourcesOf(text);
  if (!('items' in after) || [...after.items].sort().join('\n') !== [...items].sort().join('\n'))
    throw new Error('a line of its resources cannot be changed without changing others');
  return text;
}

function writable(text: string): Resources {
  const found = resourcesOf(text);
  if ('problem' in found) throw new Error(found.problem);
  if (!('items' in found)) throw new Error('it is not a kustomization');
  return found;
}

/** A text with a line more, after the line in which an offset lies. */
function afterLine(text: string, offset: number, line: string, end: string): string {
  const next = text.indexOf('\n', offset);
  return next === -1 ? `${text}${end}${line}${end}` : `${text.slice(0, next + 1)}${line}${end}${text.slice(next + 1)}`;
}

function intoBlock(text: string, list: YAMLSeq, items: readonly string[], path: string, end: string): string {
  const folder = posix.dirname(posix.normalize(path));
  const same = items.findLastIndex((each) => posix.dirname(posix.normalize(each)) === folder);
  const node = list.items[same === -1 ? items.length - 1 : same] as Node | undefined;
  const at = node?.range?.[0];
  if (at === undefined) throw new Error('its resources have no place in the file');
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  const indent = /^[ ]*/.exec(text.slice(begin))?.[0] ?? '';
  return afterLine(text, at, `${indent}- ${path}`, end);
}

function intoFlow(text: string, list: YAMLSeq, path: string): string {
  const last = list.items.at(-1) as Node | undefined;
  const at = last?.range?.[1] ?? (list.range?.[0] ?? 0) + 1;
  return `${text.slice(0, at)}${last === undefined ? '' : ', '}${path}${text.slice(at)}`;
}

interface Resources {
  readonly map: Node | undefined;
  readonly key: Node | undefined;
  readonly list: YAMLSeq | undefined;
  readonly items: readonly string[];
}
/** Its resources; or why they cannot be read; or nothing, where the file is something else. */
type Found = Resources | { readonly problem: string } | { readonly isOther: true };

/**
 * Of kustomize itself; Flux and others have a kind of that name too
 * (https://fluxcd.io/flux/components/kustomize/kustomizations/).
 */
const KUSTOMIZE_API = 'kustomize.config.k8s.io/';

function resourcesOf(text: string): Found {
  let document: Document;
  try {
    ({ document } = readYaml(text));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null))
    return { map: undefined, key: undefined, list: undefined, items: [] };
  if (!isMap(contents)) return { problem: 'it is not a mapping' };
  const api = contents.get('apiVersion');
  if (api !== undefined && !String(api).startsWith(KUSTOMIZE_API)) return { isOther: true };
  const pair = contents.items.find((each) => isScalar(each.key) && each.key.value === 'resources');
  if (pair === undefined) return { map: contents, key: undefined, list: undefined, items: [] };
  const key = pair.key as Node;
  if (pair.value === null || (isScalar(pair.value) && pair.value.value === null))
    return { map: contents, key, list: undefined, items: [] };
  if (!isSeq(pair.value)) return { problem: 'its resources are not a list' };
  const items = pair.value.items.map((each) => (isScalar(each) ? each.value : undefined));
  if (!items.every((each): each is string => typeof each === 'string'))
    return { problem: 'its resources are not all texts' };
  return { map: contents, key, list: pair.value, items };
}
