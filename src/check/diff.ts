import type { Document, Node } from 'yaml';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { definitionPath } from '../problem.js';

/** One place where the checked-in resource is not what would be built. */
export interface Difference {
  /** In the resource's own terms: `panel "Sessions per hour, by phase" › query A › expr`. */
  readonly where: string;
  /** Line of the checked-in file, from 1. */
  readonly line: number;
  readonly checkedIn: unknown;
  readonly built: unknown;
}

type Path = readonly (string | number)[];
type Step = { readonly path: Path; readonly where: readonly string[] };

/** What tells the elements of these arrays apart, and what such an element is called. */
const IDENTITY: Readonly<
  Record<string, { readonly noun: string; readonly key: (value: Record<string, unknown>) => unknown }>
> = {
  panels: { noun: 'panel', key: (value) => value['title'] },
  targets: { noun: 'query', key: (value) => value['refId'] },
  rules: { noun: 'rule', key: (value) => value['uid'] },
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

/**
 * Every difference between a checked-in file and the text that would be built, in the order of the built one. Where the two say the same in
 * another form (comments, quotes, line ends), that is one difference, at the first line that differs.
 *
 * @throws Error if the checked-in text is no YAML or its dashboard no JSON; the message has the line
 */
export function diffResources(checkedIn: string, built: string): readonly Difference[] {
  if (checkedIn === built) return [];
  const lines = new LineCounter();
  const document = parseDocument(checkedIn, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) throw new Error(`line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n', 1)[0]}`);
  const found: unknown = document.toJS();
  const wanted: unknown = parseDocument(built).toJS();

  const differences: Difference[] = [];
  const lineOf = (path: Path) => lineIn(document, lines, path);
  const say = ({ path, where }: Step, from: unknown, to: unknown, line = lineOf(path)) =>
    differences.push({ where: definitionPath(...where), line, checkedIn: from, built: to });

  compare(found, wanted, { path: [], where: [] }, (step, from, to) => {
    if (step.path.at(-1) !== 'json' || typeof from !== 'string' || typeof to !== 'string') {
      say(step, from, to);
      return;
    }
    const first = lineOf(step.path) + 1;
    const model = parseModel(from, first);
    compare(model.value, JSON.parse(to), step, (inner, a, b) => {
      say(inner, a, b, first + model.lineOf(inner.path.slice(step.path.length)) - 1);
    });
  });
  return differences.length > 0 ? differences : [firstLine(checkedIn, built)];
}

/** The dashboard's JSON; it is read a second time, as the YAML that all JSON is, only where lines are asked for. */
function parseModel(
  text: string,
  firstLine: number,
): { readonly value: unknown; readonly lineOf: (path: Path) => number } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`line ${firstLine}: spec.json is no JSON: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  let parsed: { readonly document: Document; readonly lines: LineCounter } | undefined;
  return {
    value,
    lineOf: (path) => {
      if (parsed === undefined) {
        const lines = new LineCounter();
        parsed = { document: parseDocument(text, { lineCounter: lines }), lines };
      }
      return lineIn(parsed.document, parsed.lines, path);
    },
  };
}

/** Line of the deepest node of a path that is there. */
function lineIn(document: Document, lines: LineCounter, path: Path): number {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.findLast((each) => isScalar(each.key) && each.key.value === step);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

function firstLine(checkedIn: string, built: string): Difference {
  const a = checkedIn.split('\n');
  const b = built.split('\n');
  const index = a.findIndex((line, at) => line !== b[at]);
  const at = index === -1 ? a.length : index;
  return { where: 'form only', line: at + 1, checkedIn: a[at], built: b[at] };
}

type Report = (step: Step, from: unknown, to: unknown) => void;

function compare(from: unknown, to: unknown, step: Step, report: Report): void {
  if (Object.is(from, to)) return;
  if (Array.isArray(from) && Array.isArray(to)) compareArrays(from, to, step, report);
  else if (isRecord(from) && isRecord(to)) {
    for (const key of new Set([...Object.keys(to), ...Object.keys(from)]))
      compare(from[key], to[key], inner(step, key), report);
  } else report(step, from, to);
}

function compareArrays(from: readonly unknown[], to: readonly unknown[], step: Step, report: Report): void {
  const name = step.path.at(-1);
  const identity = typeof name === 'string' ? IDENTITY[name] : undefined;
  if (identity === undefined || ![...from, ...to].every(isRecord)) {
    if (from.every(isPlain) && to.every(isPlain)) {
      if (JSON.stringify(from) !== JSON.stringify(to)) report(step, from, to);
      return;
    }
    for (let index = 0; index < Math.max(from.length, to.length); index++)
      compare(from[index], to[index], { path: [...step.path, index], where: [...step.where, String(index)] }, report);
    return;
  }
  const key = (value: unknown) => String(identity.key(value as Record<string, unknown>));
  const after = keyed(to, key);
  const before = renamed(keyed(from, key), after);
  for (const id of new Set([...after.keys(), ...before.keys()])) {
    const index = before.get(id);
    const where = [...step.where, `${identity.noun} ${JSON.stringify(id)}`];
    const path = index === undefined ? step.path : [...step.path, index];
    compare(at(from, index), at(to, after.get(id)), { path, where }, report);
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

/** An element that is known by another key, in the same place where one is missing, is that one: its key is what changed. */
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
