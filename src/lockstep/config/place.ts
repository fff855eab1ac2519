import jsTokens from 'js-tokens';
import type { Place } from 'lockstep-exporter/internal';

/** A token of a source file that is no space and no comment, and where it begins. */
interface Placed {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** The tokens of TypeScript or JavaScript, in their order. A text that cannot be read gives those that can. */
export function tokensOf(source: string): readonly Placed[] {
  const tokens: Placed[] = [];
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

/** The steps of a definition path that may be a field or a name in the source: all but the first. */
export function stepsOf(where: string): readonly string[] {
  return where
    .replace(/ \(and in \d+ more places?\)$/, '')
    .split(' › ')
    .slice(1);
}

/**
 * The place within a call that a definition path leads to: the field that a step is called like, or the text (a title,
 * a name) that it is. Steps that are neither are passed over; without any, it is the place of the call itself.
 *
 * @param tokens of the file of the call
 * @param call   where the call is, or its dot, as an engine's stack has it
 */
export function placeWithin(tokens: readonly Placed[], call: Place, steps: readonly string[]): Place {
  const at = tokens.findIndex(
    ({ line, column, text }) =>
      line === call.line && column <= (call.column ?? 1) && (call.column ?? 1) < column + text.length,
  );
  const opening = at < 0 ? -1 : openingAfter(tokens, at);
  if (opening < 0) return call;
  let range = [opening, closing(tokens, opening)] as const;
  // Parts of a whole definition may stand outside of it, in constants: a title that nothing else has finds them.
  const isWhole = /^define[A-Z]/.test(tokens[at]?.text ?? '');
  let found: Placed | undefined;
  for (const step of steps) {
    const field = fieldIn(tokens, range, step);
    if (field !== undefined) {
      found = tokens[field];
      range = [field, endOfValue(tokens, field, range[1])];
      continue;
    }
    const name = nameIn(tokens, range, step) ?? (isWhole ? onlyNameIn(tokens, step) : undefined);
    if (name === undefined) continue;
    found = tokens[name];
    range = around(tokens, [0, tokens.length], name);
  }
  return found === undefined ? call : { file: call.file, line: found.line, column: found.column };
}

/** Remembers what was made of each text. */
export function memoize<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.has(text) ? (known.get(text) as T) : make(text);
    known.set(text, value);
    return value;
  };
}

type Range = readonly [from: number, to: number];

const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);

/** The bracket that opens the arguments of a call, behind its type arguments; -1 where there is none. */
function openingAfter(tokens: readonly Placed[], call: number): number {
  let depth = 0;
  for (let index = call; index < tokens.length; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (text === '<') depth += 1;
    if (/^>+$/.test(text)) depth -= text.length;
    if (text === '(' && depth <= 0) return index;
  }
  return -1;
}

/** The bracket that closes the one at `from`; the end of the file where none does. */
function closing(tokens: readonly Placed[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (OPEN.has(text)) depth += 1;
    if (CLOSE.has(text) && --depth === 0) return index;
  }
  return tokens.length;
}

/** The property of that name that lies least deep; `{ unit }` has one too. */
function fieldIn(tokens: readonly Placed[], [from, to]: Range, name: string): number | undefined {
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

/** A text that is the name itself. */
function nameIn(tokens: readonly Placed[], [from, to]: Range, name: string): number | undefined {
  for (let index = from; index < to; index++) if (isText(tokens[index]?.text ?? '', name)) return index;
  return undefined;
}

function onlyNameIn(tokens: readonly Placed[], name: string): number | undefined {
  const first = nameIn(tokens, [0, tokens.length], name);
  return first !== undefined && nameIn(tokens, [first + 1, tokens.length], name) === undefined ? first : undefined;
}

function isText(token: string, value: string): boolean {
  const quote = token.charAt(0);
  if (!['"', "'", '`'].includes(quote) || token.length < 2) return false;
  return token.slice(1, -1).replaceAll(/\\(.)/g, '$1') === value;
}

/** From a field to the comma or bracket behind its value. */
function endOfValue(tokens: readonly Placed[], field: number, limit: number): number {
  for (let index = field + 1; index < limit; index++) {
    const { text = '' } = tokens[index] ?? {};
    if (text === ',' || CLOSE.has(text)) return index;
    if (OPEN.has(text)) index = closing(tokens, index);
  }
  return limit;
}

/** The innermost brackets around a token. */
function around(tokens: readonly Placed[], [from, to]: Range, at: number): Range {
  let depth = 0;
  for (let index = at; index >= from; index--) {
    const { text = '' } = tokens[index] ?? {};
    if (CLOSE.has(text)) depth += 1;
    if (OPEN.has(text) && --depth < 0) return [index, closing(tokens, index)];
  }
  return [from, to];
}
