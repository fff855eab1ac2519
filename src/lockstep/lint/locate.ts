import type { Document, Node } from 'yaml';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { LintFinding } from './finding.js';

/** A place in a file: line and column from 1, the line's text, and how long what is meant is. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly length: number;
}

/** Where a finding is in the text of its file; `undefined` of one that is about the whole of it. */
export function locate(finding: LintFinding, text: string): TextPlace | undefined {
  if (finding.path.length === 0) return undefined;
  const json = finding.path.indexOf('json');
  const outer = json < 0 ? finding.path : finding.path.slice(0, json + 1);
  const at = offsetOf(text, outer);
  if (at === undefined) return undefined;
  if (json < 0) return toPlace(text, at.offset, at.length, finding.span);
  // The model is a literal block: the lines after its key, each behind the same indent.
  const lines = text.split('\n');
  const first = text.slice(0, at.offset).split('\n').length;
  const indent = /^ */.exec(lines[first] ?? '')?.[0].length ?? 0;
  const model = lines
    .slice(first)
    .map((line) => line.slice(indent))
    .join('\n');
  const inner = offsetOf(model, finding.path.slice(json + 1));
  if (inner === undefined) return undefined;
  const place = toPlace(model, inner.offset, inner.length, finding.span);
  return {
    ...place,
    line: place.line + first,
    column: place.column + indent,
    text: lines[first + place.line - 1] ?? '',
  };
}

function toPlace(text: string, offset: number, length: number, span: LintFinding['span']): TextPlace {
  const begin = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(begin, end === -1 ? undefined : end);
  const column = offset - begin + 1;
  const all = { line: text.slice(0, offset).split('\n').length, text: line };
  if (span === undefined) return { ...all, column, length: Math.max(1, Math.min(length, line.length - column + 1)) };
  // A part of a value: found as it is spelled, quotes escaped or not.
  const [from, count] = span;
  const value = line.slice(column - 1);
  const escaped = (upTo: number) => escapedLength(value, upTo);
  const start = column + escaped(from);
  return { ...all, column: start, length: Math.max(1, column + escaped(from + count) - start) };
}

/**
 * How many characters the first `count` of a value take as it is written: with its opening quote, and a backslash
 * before what is escaped.
 */
function escapedLength(written: string, count: number): number {
  const quoted = written.startsWith('"');
  let at = quoted ? 1 : 0;
  for (let seen = 0; seen < count && at < written.length; seen++) at += quoted && written[at] === '\\' ? 2 : 1;
  return at;
}

// The findings of one file follow each other: without it, a large board is parsed for each of them.
const parsed = new Map<string, Document>();

function parseOnce(text: string): Document {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  // A file, and the model within it.
  if (parsed.size >= 2) parsed.clear();
  const document: Document = parseDocument(text, { uniqueKeys: false });
  parsed.set(text, document);
  return document;
}

function offsetOf(
  text: string,
  path: LintFinding['path'],
): { readonly offset: number; readonly length: number } | undefined {
  const document = parseOnce(text);
  let node: unknown = document.contents;
  let range = (node as Node | null)?.range;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.findLast((each) => isScalar(each.key) && each.key.value === step);
      if (pair === undefined) return undefined;
      node = pair.value;
      range = isScalar(node) ? node.range : (pair.key as Node).range;
      if (isScalar(node) && node.type?.startsWith('BLOCK') === true) range = (pair.key as Node).range;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      range = (node as Node | undefined)?.range;
    } else return undefined;
  }
  if (range === undefined || range === null) return undefined;
  return { offset: range[0], length: range[1] - range[0] };
}
