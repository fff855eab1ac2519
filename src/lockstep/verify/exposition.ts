import type { PrometheusVersion } from '../promql/prometheus-version.js';
import { PROMETHEUS_VERSIONS } from '../promql/prometheus-version.js';
import type { PageFormat, PageTaker } from './page.js';
import { readNumber, readPage, unescaped } from './page.js';

/**
 * Everything on a page of metrics: Prometheus' text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/) or OpenMetrics
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/). The parsers on npm know no OpenMetrics, keep no line
 * numbers, and take pages that Prometheus refuses.
 */
export interface Exposition {
  readonly families: readonly Family[];
  readonly samples: readonly ExposedSample[];
  /** For each reason, where a Prometheus gives up the page, and which. Samples after it are here all the same. */
  readonly refused: readonly PageRefusal[];
}

/** Why a Prometheus refuses a whole page. */
export interface PageRefusal {
  /** From 1; `undefined` for what is no line of the page. */
  readonly line: number | undefined;
  readonly found: string;
  readonly fix: string;
  readonly by: readonly PrometheusVersion[];
}

/** Who refuses a page, as the end of a message. */
export function refusedBy(by: PageRefusal['by']): string {
  return `Prometheus ${by.join(' and ')} ${by.length === 1 ? 'refuses' : 'refuse'} the whole page`;
}

/** The `# TYPE` and `# HELP` of a name. */
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
  /** As the page writes it; absent for the time of the scrape. */
  readonly time?: string;
}

/** An exposition of more than this is no service's. */
export const MOST_BYTES = 256 * 1024 * 1024;

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/** A name in quotes, which Prometheus 3 reads: the first entry of the list of labels. */
const QUOTED_NAME = /\{\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))/y;
const LABEL = /\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"((?:[^"\\]|\\.)*)")\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)/y;
const VALUE = /^\s+([+-]?(?:\d|\.\d)[\d.eE+-]*|[+-]?Inf|NaN)(\s|$)/i;

/**
 * Everything on a page, also on one that a Prometheus refuses.
 *
 * @param format what the answer's Content-Type says; of a file, by default, OpenMetrics if it has a line `# EOF`
 */
export function parseExposition(page: string, format: PageFormat = formatOf(page)): Exposition {
  const families: { name: string; type: string | undefined; help: string | undefined; line: number }[] = [];
  const latest = new Map<string, (typeof families)[number]>();
  const samples: ExposedSample[] = [];
  const lineAt = lineCounter(page);
  const taker: PageTaker = {
    meta: (offset, word, name, text) => {
      const line = lineAt(offset);
      const known = latest.get(name);
      // OpenMetrics calls the family of x_total as that of a gauge x: each of the two types is one.
      const isOther = word === 'TYPE' && known?.type !== undefined && known.type !== text;
      const family =
        known === undefined || isOther
          ? { name, type: undefined, help: isOther ? known?.help : undefined, line }
          : known;
      if (family !== known) families.push(family);
      latest.set(name, family);
      if (word === 'TYPE') Object.assign(family, { type: text, line });
      if (word === 'HELP') family.help = unescaped(text);
    },
    sample: (offset, name, labels, value, time) =>
      samples.push({ name, labels, line: lineAt(offset), value, ...(time === undefined ? {} : { time }) }),
  };
  // The newer one reads all that the older one does.
  let trouble = readPage(page, format, '3.16', taker);
  const first = trouble;
  while (trouble !== undefined) {
    const end = page.indexOf('\n', trouble.offset);
    const next = end === -1 ? page.length : end + 1;
    readLeniently(page.slice(trouble.offset, next).trim(), trouble.offset, taker);
    trouble = next < page.length ? readPage(page, format, '3.16', taker, next) : undefined;
  }
  const refused = PROMETHEUS_VERSIONS.flatMap((version) => {
    const found = version === '3.16' ? first : readPage(page, format, version, undefined);
    return found === undefined ? [] : [{ ...found, by: version }];
  });
  return { families, samples, refused: together(page, refused) };
}

/** The format of a page of which nothing else is known. */
function formatOf(page: string): PageFormat {
  return /^# EOF\r?$/m.test(page) ? 'openmetrics' : 'text';
}

/** One refusal of all versions that give up at the same place for the same reason. */
function together(
  page: string,
  refused: readonly {
    readonly offset: number;
    readonly found: string;
    readonly fix: string;
    readonly by: PrometheusVersion;
  }[],
): readonly PageRefusal[] {
  const groups = new Map<string, PageRefusal>();
  for (const { offset, found, fix, by } of refused) {
    const key = `${offset} ${found}`;
    const same = groups.get(key);
    const line = page.slice(0, offset).split('\n').length;
    groups.set(key, same === undefined ? { line, found, fix, by: [by] } : { ...same, by: [...same.by, by] });
  }
  return [...groups.values()];
}

/** The line of an offset, from 1. Offsets come in their order. */
function lineCounter(page: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let at = page.indexOf('\n', counted); at !== -1 && at < offset; at = page.indexOf('\n', at + 1)) {
      line += 1;
      counted = at + 1;
    }
    return line;
  };
}

/** Guesses the meaning of a line that Prometheus refuses, so that the same run finds everything else that is wrong. */
function readLeniently(line: string, offset: number, taker: PageTaker): void {
  if (line.startsWith('#')) {
    const match = /^#\s+(HELP|TYPE|UNIT)\s+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:\s+(.*))?$/.exec(line);
    if (match === null) return;
    const [, word, quoted, plain = '', rest = ''] = match;
    const name = quoted === undefined ? plain : unescaped(quoted);
    taker.meta(offset, word as 'HELP' | 'TYPE' | 'UNIT', name, word === 'TYPE' ? rest.trim() : rest);
    return;
  }
  const sample = parseSample(line.replace(/^\uFEFF/, ''));
  if (sample !== undefined) taker.sample(offset, sample.name, sample.labels, sample.value, undefined);
}

function parseSample(
  text: string,
): { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number } | undefined {
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
  return Number.isNaN(number) && !/^nan$/i.test(value) ? undefined : { name, labels, value: number };
}
