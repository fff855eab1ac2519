/**
 * An exposition, line by line: Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/)
 * and OpenMetrics (https://prometheus.io/docs/specs/om/open_metrics_spec/). The parsers on npm know no OpenMetrics and
 * keep no line numbers.
 */
export interface Exposition {
  readonly families: readonly Family[];
  readonly samples: readonly ExposedSample[];
  /** Lines that are neither, by number from 1. */
  readonly malformed: readonly { readonly line: number; readonly found: string }[];
}

/** The `# TYPE`, `# HELP` and `# UNIT` of a name. */
export interface Family {
  readonly name: string;
  readonly type: string | undefined;
  readonly help: string | undefined;
  readonly line: number;
}

export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: number;
  /** Absent where an answer of a Prometheus names series without values. */
  readonly value?: number;
}

/** An exposition of more than this is no service's. */
export const MOST_BYTES = 256 * 1024 * 1024;

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/** A name in quotes, which Prometheus 3 reads: the first entry of the list of labels. */
const QUOTED_NAME = /\{\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y;
const LABEL = /\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)/y;
const VALUE = /^\s+([+-]?(?:\d|\.\d)[\d.eE+-]*|[+-]?Inf|NaN)(\s|$)/i;

export function parseExposition(text: string): Exposition {
  const families = new Map<
    string,
    { name: string; type: string | undefined; help: string | undefined; line: number }
  >();
  const samples: ExposedSample[] = [];
  const malformed: { line: number; found: string }[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((content, index) => {
    const line = index + 1;
    const trimmed = content.trim();
    if (trimmed === '') return;
    if (trimmed.startsWith('#')) {
      const match = /^#\s+(HELP|TYPE|UNIT)\s+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:\s+(.*))?$/.exec(trimmed);
      if (match === null) return;
      const [, what, quoted, plain = '', rest = ''] = match;
      const name = quoted === undefined ? plain : unescaped(quoted);
      const family = families.get(name) ?? { name, type: undefined, help: undefined, line };
      families.set(name, family);
      if (what === 'TYPE') Object.assign(family, { type: rest.trim(), line });
      if (what === 'HELP') family.help = unescaped(rest);
      return;
    }
    const sample = parseSample(trimmed, line);
    if (sample === undefined) malformed.push({ line, found: trimmed.slice(0, 120) });
    else samples.push(sample);
  });
  return { families: [...families.values()], samples, malformed };
}

function parseSample(text: string, line: number): ExposedSample | undefined {
  NAME.lastIndex = 0;
  QUOTED_NAME.lastIndex = 0;
  const quoted = QUOTED_NAME.exec(text);
  const name = quoted === null ? NAME.exec(text)?.[0] : unescaped(quoted[1] ?? '');
  if (name === undefined) return undefined;
  let at = quoted === null ? name.length : quoted[0].length;
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  if (quoted !== null || text[at] === '{') {
    if (quoted === null) at += 1;
    while (at < text.length && text[at] !== '}') {
      LABEL.lastIndex = at;
      const match = LABEL.exec(text);
      if (match === null) return undefined;
      labels[match[1] ?? unescaped(match[2] ?? '')] = unescaped(match[3] ?? '');
      at = LABEL.lastIndex;
      if (match[4] !== ',' && text[at] !== '}') return undefined;
      while (text[at] === ' ') at += 1;
    }
    if (text[at] !== '}') return undefined;
    at += 1;
  }
  const value = VALUE.exec(text.slice(at))?.[1];
  if (value === undefined) return undefined;
  const number = readNumber(value);
  return Number.isNaN(number) && !/^nan$/i.test(value) ? undefined : { name, labels, line, value: number };
}

/** A value or a bound of an exposition; JavaScript writes infinity as a word. */
export function readNumber(text: string): number {
  const [, sign, isInfinite] = /^([+-]?)(inf)?/i.exec(text) ?? [];
  return isInfinite === undefined ? Number(text) : sign === '-' ? -Infinity : Infinity;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
