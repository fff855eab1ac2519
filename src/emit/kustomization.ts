import { posix } from 'node:path';
import type { Node, YAMLSeq } from 'yaml';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** The names under which kustomize knows its file. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** What a kustomization says of resources, or why it cannot be read. */
export type Listing =
  | { readonly resources: readonly string[]; readonly problem?: undefined }
  | { readonly problem: string; readonly resources?: undefined };

/** The resources that a kustomization lists. */
export function readListing(text: string): Listing {
  const found = resourcesOf(text);
  if ('problem' in found) return found;
  return { resources: found.items };
}

/** Whether a listing holds a path: it itself, spelled in any way. */
export function isListed(resources: readonly string[], path: string): boolean {
  return resources.some((each) => posix.normalize(each) === posix.normalize(path));
}

/**
 * A kustomization with more resources, each after the last of its own folder, or else at the end of the list. All else stays as it is, byte for byte: comments, order, quotes, line ends.
 *
 * @throws Error if the list is not one that a line can be added to; the message has the reason
 */
export function addResources(text: string, paths: readonly string[]): string {
  let changed = text;
  for (const path of paths) changed = addResource(changed, path);
  return changed;
}

function addResource(text: string, path: string): string {
  const found = resourcesOf(text);
  if ('problem' in found) throw new Error(found.problem);
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const { list, items } = found;
  const result =
    list === undefined
      ? `${text}${text === '' || text.endsWith('\n') ? '' : end}resources:${end}  - ${path}${end}`
      : list.flow === true
        ? intoFlow(text, list, path)
        : intoBlock(text, list, items, path, end);
  // Whatever was misread must not be written.
  const after = resourcesOf(result);
  if ('problem' in after || [...after.items].sort().join('\n') !== [...items, path].sort().join('\n'))
    throw new Error('a line cannot be added to its resources without changing others');
  return result;
}

function intoBlock(text: string, list: YAMLSeq, items: readonly string[], path: string, end: string): string {
  const folder = posix.dirname(posix.normalize(path));
  const same = items.findLastIndex((each) => posix.dirname(posix.normalize(each)) === folder);
  const node = list.items[same === -1 ? items.length - 1 : same] as Node | undefined;
  const at = node?.range?.[0];
  if (at === undefined) throw new Error('its resources have no place in the file');
  const begin = text.lastIndexOf('\n', at - 1) + 1;
  const indent = /^[ ]*/.exec(text.slice(begin))?.[0] ?? '';
  const next = text.indexOf('\n', at);
  const line = `${indent}- ${path}`;
  return next === -1 ? `${text}${end}${line}${end}` : `${text.slice(0, next + 1)}${line}${end}${text.slice(next + 1)}`;
}

function intoFlow(text: string, list: YAMLSeq, path: string): string {
  const close = (list.range?.[1] ?? 0) - 1;
  if (text[close] !== ']') throw new Error('its resources have no end in the file');
  const before = text.slice(0, close).trimEnd();
  const comma = before.endsWith('[') || before.endsWith(',') ? '' : ', ';
  return `${before}${comma}${path}${text.slice(close)}`;
}

type Found = { readonly list: YAMLSeq | undefined; readonly items: readonly string[] } | { readonly problem: string };

function resourcesOf(text: string): Found {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined)
    return { problem: `line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n', 1)[0]}` };
  const { contents } = document;
  if (contents === null) return { list: undefined, items: [] };
  if (!isMap(contents)) return { problem: 'it is no mapping' };
  const pair = contents.items.find((each) => isScalar(each.key) && each.key.value === 'resources');
  if (pair === undefined) return { list: undefined, items: [] };
  if (!isSeq(pair.value)) return { problem: 'its resources are no list' };
  const items = pair.value.items.map((each) => (isScalar(each) ? each.value : undefined));
  if (!items.every((each): each is string => typeof each === 'string'))
    return { problem: 'its resources are not all texts' };
  return { list: pair.value, items };
}
