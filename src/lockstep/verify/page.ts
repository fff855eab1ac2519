import { printValue } from 'lockstep-exporter/internal';
import type { PrometheusVersion } from '../promql/prometheus-version.js';

// Reads a page of metrics as Prometheus does: its two lexers (model/textparse/promlex.l and openmetricslex.l), with
// what a scrape refuses after them. `test/engines/pages.test.ts` holds it against real servers.

/** Prometheus' text format, or OpenMetrics; the Content-Type of an answer says which. */
export type PageFormat = 'text' | 'openmetrics';

/** Where a Prometheus gives up a page: it refuses all of it, whatever stands before. */
export interface PageTrouble {
  /** Where the line or the record begins. */
  readonly offset: number;
  readonly found: string;
  readonly fix: string;
}

/** Takes what a page holds, in its order. */
export interface PageTaker {
  readonly meta: (offset: number, word: 'HELP' | 'TYPE' | 'UNIT', name: string, text: string) => void;
  /** @param time as it is written; `undefined` for the time of the scrape */
  readonly sample: (
    offset: number,
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    time: string | undefined,
  ) => void;
}

class PageError extends Error {
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

const BLANKS = /[ \t]*/y;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /"(?:\\[^\n]|[^\\"])*"/y;
const QUOTED_IN_LINE = /"(?:\\[^\n]|[^\\"\n])*"/y;
const TO_LINE_END = /[^\n]*/y;
/** As Go reads a number, without the digits of C that Prometheus leaves out. */
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity)$|^nan$/i;
const LONGEST_TIME = 2n ** 63n - 1n;

const TYPES: Readonly<Record<PageFormat, readonly string[]>> = {
  text: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'],
};

const PLAIN_NAMES = 'take a name of letters, digits, _ and :, for Prometheus 2 reads no other';
const LINE_ENDS = 'end each line with \\n alone';
const AS_FORMAT = 'expose the text format or OpenMetrics, by a client library if there is one';

/** The number that a text of a page says; JavaScript writes infinity as a word. */
export function readNumber(text: string): number {
  const [, sign, isInfinite] = /^([+-]?)(inf)?/i.exec(text) ?? [];
  return isInfinite === undefined ? Number(text) : sign === '-' ? -Infinity : Infinity;
}

/** The text that stands in quotes: only `\n`, `\"` and `\\` are escapes. */
export function unescaped(text: string): string {
  return text.replace(/\\([n"\\])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/**
 * Reads a page from an offset on, until its end or until a Prometheus of that version gives up.
 *
 * @returns nothing if it reads all of it
 */
export function readPage(
  page: string,
  format: PageFormat,
  version: PrometheusVersion,
  taker: PageTaker | undefined,
  from = 0,
): PageTrouble | undefined {
  const isOpen = format === 'openmetrics';
  const isNew = version === '3.16';
  let at = from;
  let begin = from;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(page)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const takes = (text: string): boolean => {
    if (!page.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const refuse = (found: string, fix = AS_FORMAT): never => {
    throw new PageError(found, fix);
  };
  const lineOf = () => {
    const end = page.indexOf('\n', begin);
    return page.slice(begin, Math.min(end === -1 ? page.length : end, begin + 120));
  };
  // Between the pieces of a line, only the text format has blanks.
  const blanks = () => (isOpen ? '' : take(BLANKS));
  const isLineEnd = () => page[at] === '\n' || (!isOpen && at >= page.length);

  const takeName = (): string | undefined => {
    const plain = take(NAME);
    if (plain !== undefined || !isNew) return plain;
    const quoted = take(QUOTED);
    return quoted === undefined ? undefined : unescaped(quoted.slice(1, -1));
  };

  const readNumberHere = (written: string): number => {
    const number = readNumber(written);
    // A number that is too large for 64 bits is none; an infinity is written as one.
    if (!NUMBER.test(written) || (!Number.isFinite(number) && /\d/.test(written)))
      refuse(`${printValue(written)}, where a number must be`, written.endsWith('\r') ? LINE_ENDS : AS_FORMAT);
    return number;
  };

  const readMeta = (word: 'HELP' | 'TYPE' | 'UNIT') => {
    const name =
      takeName() ??
      refuse(
        page[at] === '"'
          ? `a name in quotes: ${printValue(lineOf())}`
          : `no name after # ${word}: ${printValue(lineOf())}`,
        page[at] === '"' ? PLAIN_NAMES : AS_FORMAT,
      );
    const rest = isOpen ? take(/ [^\n]*\n/y) : take(TO_LINE_END);
    if (rest === undefined) return refuse(`no text after # ${word} ${name}`);
    const text = isOpen ? rest.slice(1, -1) : rest.slice(1);
    if (word === 'TYPE' && !TYPES[format].includes(text))
      refuse(
        `the type ${printValue(text)} of ${name}`,
        text.endsWith('\r') ? LINE_ENDS : `take one of ${TYPES[format].join(', ')}`,
      );
    if (word === 'UNIT' && text !== '' && !name.endsWith(`_${text}`))
      refuse(
        `the unit ${printValue(text)} of ${name}, whose name does not end in it`,
        'rename it, or leave out # UNIT',
      );
    taker?.meta(begin, word, name, text);
  };

  /** @returns whether the page has come to its end */
  const readComment = (): boolean => {
    if (!isOpen) {
      const word = /#[ \t]+(HELP|TYPE)[ \t]+/y;
      word.lastIndex = at;
      const found = word.exec(page);
      if (found === null) take(TO_LINE_END);
      else {
        at += found[0].length;
        readMeta(found[1] as 'HELP' | 'TYPE');
      }
      return false;
    }
    if (take(/# EOF\n?/y) !== undefined) {
      begin = at;
      if (at < page.length) refuse(`text after # EOF: ${printValue(lineOf())}`, 'let # EOF be the last line');
      return true;
    }
    const word = (['HELP', 'TYPE', 'UNIT'] as const).find((each) => takes(`# ${each} `));
    if (word === undefined)
      return refuse(
        `a comment, which OpenMetrics does not have: ${printValue(lineOf())}`,
        'leave out all comments but HELP, TYPE, UNIT and EOF',
      );
    readMeta(word);
    return false;
  };

  /**
   * The labels in braces, the first of which has been read.
   *
   * @param given the name of the metric that stood before them
   */
  const readLabels = (given: string | undefined, of: 'series' | 'exemplar') => {
    const labels: Record<string, string> = Object.create(null) as Record<string, string>;
    let name = given;
    let isTwice: string | undefined;
    let isAfterComma = false;
    blanks();
    for (;;) {
      // Prometheus 2 takes no comma at the end of OpenMetrics' labels.
      if (!(isOpen && !isNew && isAfterComma) && takes('}')) break;
      const quoted = isNew ? take(QUOTED) : undefined;
      const label = quoted === undefined ? take(LABEL) : unescaped(quoted.slice(1, -1));
      if (label === undefined)
        return refuse(
          page[at] === '"'
            ? `a name in quotes: ${printValue(lineOf())}`
            : `${printValue(page.slice(at, at + 1))}, where the name of a label must be: ${printValue(lineOf())}`,
          page[at] === '"' ? PLAIN_NAMES : AS_FORMAT,
        );
      blanks();
      if (quoted !== undefined && of === 'series' && (page[at] === ',' || page[at] === '}')) {
        if (name !== undefined) refuse(`two names of a metric: ${printValue(lineOf())}`);
        if (label === '') refuse(`an empty name of a metric: ${printValue(lineOf())}`);
        name = label;
        isAfterComma = takes(',');
        if (isAfterComma) blanks();
        continue;
      }
      if (!takes('='))
        refuse(
          `no "=" after the label ${label}: ${printValue(lineOf())}`,
          page[at] === '.' ? 'put a name with dots in quotes, which Prometheus 3 reads, or write it with _' : AS_FORMAT,
        );
      blanks();
      const value = take(isOpen ? QUOTED_IN_LINE : QUOTED);
      if (value === undefined)
        return refuse(`no value in double quotes for the label ${label}: ${printValue(lineOf())}`);
      const text = unescaped(value.slice(1, -1));
      // A label without a value is not there.
      if (text !== '') {
        if (label in labels || label === '__name__') isTwice ??= label;
        labels[label] = text;
      }
      blanks();
      isAfterComma = takes(',');
      if (isAfterComma) blanks();
      else if (isOpen && page[at] !== '}') refuse(`no comma between two labels: ${printValue(lineOf())}`);
    }
    return { name, labels, isTwice };
  };

  const readTime = (): string | undefined => {
    if (isOpen) {
      const time = take(/ [^ \n]+/y)?.slice(1);
      if (time !== undefined && !Number.isFinite(readNumberHere(time))) refuse(`the time ${printValue(time)}`);
      return time;
    }
    const time = take(/\d+/y);
    if (time === undefined) return undefined;
    if (BigInt(time) > LONGEST_TIME) refuse(`the time ${time}`, 'give it in milliseconds since 1970');
    blanks();
    return time;
  };

  const readExemplar = (name: string) => {
    if (!isNew && !/_(total|bucket)$/.test(name))
      refuse(
        `an exemplar of ${name}`,
        'leave it out: Prometheus 2 takes exemplars of buckets and of counters that end in _total alone',
      );
    readLabels(undefined, 'exemplar');
    const value = take(/ [^ \n]+/y) ?? refuse(`an exemplar without a value: ${printValue(lineOf())}`);
    readNumberHere(value.slice(1));
    readTime();
  };

  const readSeries = () => {
    const plain = take(NAME);
    if (plain === undefined && !(isNew && page[at] === '{'))
      refuse(
        page.startsWith('{"', at)
          ? `a name in quotes: ${printValue(lineOf())}`
          : `a line that begins with no name of a metric: ${printValue(lineOf())}`,
        page.startsWith('{"', at)
          ? PLAIN_NAMES
          : page.charCodeAt(at) === 0xfeff
            ? 'write the page without a byte order mark'
            : AS_FORMAT,
      );
    blanks();
    const { name, labels, isTwice } = takes('{')
      ? readLabels(plain, 'series')
      : { name: plain, labels: {}, isTwice: undefined };
    if (name === undefined) return refuse(`no name of a metric: ${printValue(lineOf())}`);
    blanks();
    const written = isOpen ? take(/ [^ \n]+/y)?.slice(1) : take(/[^{ \t\n]+/y);
    if (written === undefined) return refuse(`no value: ${printValue(lineOf())}`);
    const value = readNumberHere(written);
    blanks();
    const hasExemplar = () => isOpen && takes(' # {');
    let time: string | undefined;
    if (hasExemplar()) readExemplar(name);
    else {
      time = readTime();
      if (hasExemplar()) readExemplar(name);
    }
    if (isOpen && at >= page.length) return refuseEnd();
    if (!isLineEnd())
      refuse(
        `${printValue(page.slice(at, at + 20).split('\n', 1)[0])} after the value: ${printValue(lineOf())}`,
        lineOf().endsWith('\r') ? LINE_ENDS : AS_FORMAT,
      );
    take(/\n/y);
    if (isTwice !== undefined) refuse(`the label ${isTwice} twice: ${printValue(lineOf())}`, 'give each label once');
    taker?.sample(begin, name, labels, value, time);
  };

  const refuseEnd = () => {
    begin = at;
    refuse('no # EOF at the end', 'end the page with # EOF, as OpenMetrics does: it says that nothing is cut off');
  };

  try {
    while (at < page.length) {
      begin = at;
      if (!isOpen && takes('\n')) continue;
      const indent = blanks();
      if (!isOpen && (at >= page.length || page[at] === '\n')) continue;
      if (page[at] === '#') {
        if (readComment()) return undefined;
        continue;
      }
      if (indent)
        refuse(
          `a blank before a name: ${printValue(lineOf())}`,
          'begin each line with the name: Prometheus 2 refuses the page, and Prometheus 3 takes the blank for a part of it',
        );
      if (isOpen && page[at] === '\n') refuse('an empty line, which OpenMetrics does not have', 'leave it out');
      readSeries();
    }
    if (isOpen && !(isNew && page === '')) refuseEnd();
    return undefined;
  } catch (error) {
    if (error instanceof PageError) return { offset: begin, found: error.message, fix: error.fix };
    throw error;
  }
}
