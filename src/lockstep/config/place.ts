import jsTokens from 'js-tokens';
import type { Place } from 'lockstep-exporter/internal';

/** A token of a source file, and where it begins. Spaces and comments are left out. */
export interface Token {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** The tokens of TypeScript or JavaScript, in order. If parts of a text cannot be read, the others still are. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let [line, column] = [1, 1];
  for (const { type, value } of jsTokens(source)) {
    if (!['WhiteSpace', 'LineTerminatorSequence', 'SingleLineComment', 'MultiLineComment'].includes(type))
      tokens.push({ text: value, line, column });
    const lines = value.split(/\r\n|[\n\r\u2028\u2029]/);
    const last = lines.at(-1) ?? '';
    [line, column] = lines.length === 1 ? [line, column + value.length] : [line + lines.length - 1, last.length + 1];
  }
  return tokens;
}

/** The steps of a definition path that can be a field or a name in the source: all but the first. */
export function stepsOf(where: string): readonly string[] {
  return where
    .replace(/ \(and in \d+ more places?\)$/, '')
    .split(' › ')
    .slice(1);
}

/**
 * Follows a definition path into the source of a call. Each step is the name of a field or a text (a title, a name).
 * A step that is neither is passed over. If no step is found, the answer is the place of the call itself.
 *
 * @param tokens the tokens of the file that has the call
 * @param call   the place of the call, or of the dot before it, as the engine's stack says
 */
export function placeWithin(tokens: readonly Token[], call: Place, steps: readonly string[]): Place {
  const at = tokens.findIndex(
    ({ line, column, text }) =>
      line === call.line && column <= (call.column ?? 1) && (call.column ?? 1) < column + text.length,
  );
  const opening = at < 0 ? -1 : openingAfter(tokens, at);
  if (opening < 0) return call;
  let range = [opening, closing(tokens, opening)] as const;
  // A definition may take its parts from constants outside of it. A title that stands only once in the file finds them.
  const isWhole = /^define[A-Z]/.test(tokens[at]?.text ?? '');
  let found: Token | undefined;
  for (const step of steps) {
    const field = fieldIn(tokens, range, step);
    if (field !== undefined) {
      found = tokens[field];
      range = [field, endOfValue(tokens, field, range[1])];
      continue;
    }
    const query = queryIn(tokens, range, step);
    if (query !== undefined) {
      found = tokens[query];
      range = [query, closing(tokens, query)];
      continue;
    }
    const name = nameIn(tokens, range, step) ?? (isWhole ? onlyNameIn(tokens, step) : undefined);
    if (name === undefined) continue;
    found = tokens[name];
    range = around(tokens, [0, tokens.length], name);
  }
  return found === undefined ? call : { file: call.file, line: found.line, column: found.column };
}

type Range = readonly [from: number, to: number];

const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);
/** No call has these between its name and its arguments. */
const ENDS = new Set([...CLOSE, '[', '{', ',', ';', '=', '=>', ':']);

/**
 * Finds the bracket that opens the arguments of a call, which may follow type arguments. Returns -1 for a call without
 * arguments, such as that of a getter.
 */
function openingAfter(tokens: readonly Token[], call: number): number {
  let depth = 0;
  for (let index = call; index < tokens.length; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (text === '<') depth += 1;
    if (/^>+$/.test(text)) depth -= text.length;
    if (depth > 0) continue;
    if (text === '(') return index;
    if (ENDS.has(text)) return -1;
  }
  return -1;
}

/** Finds the bracket that closes the one at `from`. Returns the end of the file if none does. */
function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (OPEN.has(text)) depth += 1;
    if (CLOSE.has(text) && --depth === 0) return index;
  }
  return tokens.length;
}

/** Finds the property of that name that lies least deep. The shorthand `{ unit }` counts as one. */
function fieldIn(tokens: readonly Token[], [from, to]: Range, name: string): number | undefined {
  let depth = 0;
  let best: { readonly index: number; readonly depth: number } | undefined;
  for (let index = from; index < to; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (OPEN.has(text)) depth += 1;
    if (CLOSE.has(text)) depth -= 1;
    const [before = '', after = ''] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
    const isProperty = ['{', ','].includes(before) && [':', ',', '}'].includes(after);
    if (isProperty && (text === name || isText(text, name)) && (best === undefined || depth < best.depth))
      best = { index, depth };
  }
  return best?.index;
}

/** Finds the query that a step such as `query B` names: the second of `queries`, if the source has the list. */
function queryIn(tokens: readonly Token[], range: Range, step: string): number | undefined {
  const letter = /^query ([A-Z])$/.exec(step)?.[1];
  const field = letter === undefined ? undefined : fieldIn(tokens, range, 'queries');
  if (letter === undefined || field === undefined || tokens[field + 2]?.text !== '[') return undefined;
  const end = closing(tokens, field + 2);
  let index = field + 3;
  for (let left = letter.charCodeAt(0) - 'A'.charCodeAt(0); left > 0; left--)
    index = endOfValue(tokens, index - 1, end) + 1;
  return index < end ? index : undefined;
}

/** Finds a text that is exactly the name. */
function nameIn(tokens: readonly Token[], [from, to]: Range, name: string): number | undefined {
  for (let index = from; index < to; index++) if (isText(tokens[index]?.text ?? '', name)) return index;
  return undefined;
}

function onlyNameIn(tokens: readonly Token[], name: string): number | undefined {
  const first = nameIn(tokens, [0, tokens.length], name);
  return first !== undefined && nameIn(tokens, [first + 1, tokens.length], name) === undefined ? first : undefined;
}

function isText(token: string, value: string): boolean {
  const quote = token.charAt(0);
  if (!['"', "'", '`'].includes(quote) || token.length < 2) return false;
  return token.slice(1, -1).replaceAll(/\\(.)/g, '$1') === value;
}

/** Finds the comma or bracket that ends the value of a field. */
function endOfValue(tokens: readonly Token[], field: number, limit: number): number {
  for (let index = field + 1; index < limit; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (text === ',' || CLOSE.has(text)) return index;
    if (OPEN.has(text)) index = closing(tokens, index);
  }
  return limit;
}

/** Finds the innermost brackets around a token. */
function around(tokens: readonly Token[], [from, to]: Range, at: number): Range {
  let depth = 0;
  for (let index = at; index >= from; index--) {
    const { text = '' } = tokens[index] ?? {};
    if (CLOSE.has(text)) depth += 1;
    if (OPEN.has(text) && --depth < 0) return [index, closing(tokens, index)];
  }
  return [from, to];
}
