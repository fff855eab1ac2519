import type { Problem } from 'lockstep-exporter/internal';
import { printValue, suggest } from 'lockstep-exporter/internal';
import type { Facts, NameKind } from './facts.js';
import { NAME_KINDS } from './facts.js';

// Pages that are written by hand, with marked spans: <!-- lockstep objective shop sales -->95%<!-- /lockstep -->

/** A span that says another thing than the definitions do. */
export interface Stale {
  readonly line: number;
  readonly key: string;
  readonly found: string;
  readonly wanted: string;
}

/** A page with its spans filled, and those that were not as they should be; or why it cannot be filled. */
export interface Filled {
  readonly text: string;
  readonly stale: readonly Stale[];
  readonly problems: readonly Problem[];
}

interface Span {
  readonly line: number;
  readonly key: string;
  /** Where the text between the marks is. */
  readonly from: number;
  readonly to: number;
}

/** Fills the marked spans of a page. Nothing else of it changes. */
export function fillDocument(path: string, text: string, facts: Facts): Filled {
  const { spans, problems } = readSpans(path, text);
  const stale: Stale[] = [];
  let filled = '';
  let done = 0;
  for (const { line, key, from, to } of spans) {
    // The text may be code or bold: that is the author's to say.
    const [, before = '', found = '', after = ''] =
      /^([\s`*_"]*)([\s\S]*?)([\s`*_"]*)$/.exec(text.slice(from, to)) ?? [];
    const wanted = wantedOf(key, flat(found), facts, (what, candidates, name) =>
      problems.push({
        code: 'docs/unknown',
        where: path,
        at: { file: path, line },
        found: `${what}, which no definition has`,
        fix: suggest(name, candidates, 'correct the name, or take the marks out'),
      }),
    );
    if (wanted === undefined || flat(found) === flat(wanted)) continue;
    stale.push({ line, key, found: flat(found), wanted });
    filled += text.slice(done, from) + before + wanted + after;
    done = to;
  }
  return { text: filled + text.slice(done), stale, problems };
}

/** Lines may be broken anywhere, as an editor does it. */
const flat = (text: string) => text.replace(/\s+/g, ' ').trim();

type Refuse = (what: string, candidates: Iterable<string>, name: string) => void;

/** The text that a span should have; `undefined` where it has to be as it is, or nothing is known of it. */
function wantedOf(key: string, found: string, { values, names }: Facts, refuse: Refuse): string | undefined {
  const kind = NAME_KINDS.find((each): each is NameKind => each === key);
  if (kind === undefined) {
    const value = values.get(key);
    if (value === undefined) refuse(printValue(key), values.keys(), key);
    return value;
  }
  if (!names[kind].has(found)) refuse(`${kind} ${printValue(found)}`, names[kind], found);
  return undefined;
}

const MARK = /<!--\s*(\/?)lockstep\b([^>]*?)-->/g;

function readSpans(path: string, text: string): { readonly spans: readonly Span[]; readonly problems: Problem[] } {
  const shown = withoutCode(text);
  const spans: Span[] = [];
  const problems: Problem[] = [];
  const lineOf = (at: number) => text.slice(0, at).split('\n').length;
  const say = (at: number, found: string, fix: string) =>
    problems.push({ code: 'docs/marks', where: path, at: { file: path, line: lineOf(at) }, found, fix });
  let open: { readonly at: number; readonly key: string; readonly from: number } | undefined;
  for (const match of shown.matchAll(MARK)) {
    const [whole, slash, rest = ''] = match;
    const key = flat(rest);
    // https://spec.commonmark.org/0.31.2/#html-blocks: such a line is no longer part of a paragraph or a table.
    if (/(^|\n) {0,3}$/.test(shown.slice(0, match.index)))
      say(match.index, 'a mark at the beginning of a line, which ends the paragraph', 'put a word before it');
    if (slash === '') {
      if (open !== undefined) say(open.at, `${printValue(open.key)}, which is not closed`, CLOSE);
      open = { at: match.index, key, from: match.index + whole.length };
    } else if (open === undefined) say(match.index, 'a closing mark that closes nothing', 'take it out, or open it');
    else {
      spans.push({ line: lineOf(open.at), key: open.key, from: open.from, to: match.index });
      open = undefined;
    }
  }
  if (open !== undefined) say(open.at, `${printValue(open.key)}, which is not closed`, CLOSE);
  return { spans, problems };
}

const CLOSE = 'write <!-- /lockstep --> after the text';

/** The page with blanks in the place of code, in which a mark is an example. */
function withoutCode(text: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  return text
    .replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*\r?$|(?![\s\S]))/gm, blank)
    .replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, blank);
}
