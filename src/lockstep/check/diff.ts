import { definitionPath } from 'lockstep-exporter/internal';
import type { Document, LineCounter, Node } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import { readYaml } from '../read-yaml.js';
import type { Step, ValuePath } from './diff-values.js';
import { compareValues } from './diff-values.js';

/** One place where the checked-in resource is not what would be built. */
export interface Difference {
  /** In the resource's own terms: `panel "Sessions, by phase" › query A › expr`. */
  readonly where: string;
  /** Line of the checked-in file, from 1. */
  readonly line: number;
  readonly checkedIn: unknown;
  readonly built: unknown;
}

/**
 * Every difference between a checked-in file and the text that would be built, in the order of the built one. Where
 * the two say the same in another form (comments, quotes, line ends), that is one difference, at the first line that
 * differs.
 *
 * @throws Error if the checked-in text is no YAML or its dashboard no JSON; the message has the line
 */
export function diffResources(checkedIn: string, built: string): readonly Difference[] {
  if (checkedIn === built) return [];
  const { document, lines, value: found } = readYaml(checkedIn);
  const wanted = readYaml(built).value;

  const differences: Difference[] = [];
  const lineOf = (path: ValuePath) => lineIn(document, lines, path);
  const say = ({ path, where }: Step, from: unknown, to: unknown, line = lineOf(path)) =>
    differences.push({ where: definitionPath(...where), line, checkedIn: from, built: to });

  compareValues(found, wanted, { path: [], where: [] }, (step, from, to) => {
    if (step.path.at(-1) !== 'json' || typeof from !== 'string' || typeof to !== 'string') {
      say(step, from, to, lineOf([...step.path, ...differingItem(from, to)]));
      return;
    }
    const first = lineOf(step.path) + 1;
    const model = parseModel(from, first);
    compareValues(model.value, JSON.parse(to), step, (inner, a, b) => {
      const within = inner.path.slice(step.path.length);
      say(inner, a, b, first + model.lineOf([...within, ...differingItem(a, b)]) - 1);
    });
  });
  return differences.length > 0 ? differences : [firstLine(checkedIn, built)];
}

/** The dashboard's JSON; it is read a second time, as the YAML that all JSON is, only where lines are asked for. */
function parseModel(
  text: string,
  firstLine: number,
): { readonly value: unknown; readonly lineOf: (path: ValuePath) => number } {
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
        parsed = readYaml(text);
      }
      return lineIn(parsed.document, parsed.lines, path);
    },
  };
}

/** Of two lists that are compared as one value: the place of the first item that is another. */
function differingItem(from: unknown, to: unknown): readonly number[] {
  if (!Array.isArray(from) || !Array.isArray(to)) return [];
  const index = from.findIndex((each, at) => JSON.stringify(each) !== JSON.stringify(to[at]));
  return index === -1 ? [] : [index];
}

/** Line of the deepest node of a path that is there. */
function lineIn(document: Document, lines: LineCounter, path: ValuePath): number {
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
