import type { Metric } from 'lockstep-exporter/catalogue';
import type { Thresholds } from '../panels/panel.js';
import type { Node } from '../promql/tree.js';
import { labelsOf, selections, selectorsIn, walk } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';

// Compares the words of a panel or alert with its queries. A person believes the words.

/** A text that says something about queries. */
export interface Said {
  readonly text: string;
  /** A name is short and means what it says; a description may speak of other things too. */
  readonly kind: 'name' | 'description';
}

/** All that a text can be compared with. */
export interface Meant {
  readonly nodes: readonly Node[];
  readonly thresholds?: Thresholds | undefined;
  /** Durations that are not windows of the queries, and may be named: the `for` of an alert. */
  readonly durations?: readonly string[];
  /** Every metric of the catalogue. */
  readonly metrics: readonly Metric[];
}

export interface WordSlip {
  readonly found: string;
  readonly fix: string;
}

/** Finds each claim of a text that the queries contradict. */
export function wordSlips(said: Said, meant: Meant): readonly WordSlip[] {
  const rules = [
    quantileSlips,
    labelSlips,
    valueSlips,
    windowSlips,
    nounSlips,
    thresholdSlips,
    fewestSlips,
    choiceSlips,
  ];
  return rules.flatMap((rule) => rule(said, meant));
}

/** Finds quantiles that a text names and no query computes: `p95`, or `50, 95 and 99 of 100`. */
function quantileSlips({ text, kind }: Said, { nodes }: Meant): readonly WordSlip[] {
  const short = [...text.matchAll(/\bp(\d{2,3}(?:\.\d+)?)\b/g)].map(([word, digits = '']) => ({
    word,
    quantile: Number(digits) / (/^\d{3}$/.test(digits) && digits !== '100' ? 1000 : 100),
  }));
  const long = [...text.matchAll(/\b((?:\d+(?:\.\d+)?(?:, | and )?)+) of 100\b/g)].flatMap(([, list = '']) =>
    list.split(/, | and /).map((each) => ({ word: `${each} of 100`, quantile: Number(each) / 100 })),
  );
  const read = [...new Set(nodes.flatMap(quantilesIn))];
  // A description may explain itself by a quantile that the panel does not show.
  if (read.length === 0 && kind === 'description') return [];
  return [...short, ...long]
    .filter(({ quantile }) => !read.some((each) => Math.abs(each - quantile) < 1e-9))
    .map(({ word }) => ({
      found: `"${word}", and the query computes ${read.length === 0 ? 'no quantile' : list(read.map(String))}`,
      fix: 'name the quantile that is computed, or compute the one that is named',
    }));
}

function quantilesIn(node: Node): readonly number[] {
  return [...walk(node)].flatMap((each) => {
    if (each.type === 'quantile') return [each.quantile];
    if (each.type === 'selector' && each.quantile !== undefined) return [each.quantile];
    if (each.type !== 'text') return [];
    return [...each.text.matchAll(/quantile(?:_over_time)?\s*(?:\(\s*|=~?\s*["'])([\d.]+)/g)].map(([, value]) =>
      Number(value),
    );
  });
}

/** Finds `by phase` or `per phase` over queries that neither return the label nor choose a value of it. */
function labelSlips({ text }: Said, { nodes, metrics }: Meant): readonly WordSlip[] {
  const names = new Set(metrics.flatMap(({ labels }) => labels.map(({ name }) => name)));
  const known = new Set(
    nodes.flatMap((node) => [
      ...(labelsOf(node) ?? []),
      // One query for each value, such as one for errors and one for timeouts. A dropdown groups nothing.
      ...selectorsIn(node).flatMap(({ matchers }) =>
        matchers.filter(({ match }) => match.type !== 'variable').map(({ label }) => label),
      ),
    ]),
  );
  const said = [...text.matchAll(/\b(?:by|per) ([a-z_]\w*)\b/gi)].map(([, name = '']) => name);
  return said
    .filter((name) => names.has(name) && !known.has(name))
    .map((name) => ({
      found: `"by ${name}", and the query returns ${list([...new Set(nodes.flatMap((node) => labelsOf(node) ?? []))]) || 'no label'}`,
      fix: 'name the label by which the query groups, or group by the one that is named',
    }));
}

/** Finds a name that is a value of a label, over series that have another value. */
function valueSlips({ text, kind }: Said, { nodes }: Meant): readonly WordSlip[] {
  if (kind !== 'name') return [];
  return nodes.flatMap((node) =>
    selectorsIn(node).flatMap(({ matchers, metric }) =>
      matchers.flatMap(({ label, negated, match }) => {
        if (negated || match.type === 'variable') return [];
        const chosen = match.type === 'value' ? [match.value] : match.values;
        const values = metric.labels.find(({ name }) => name === label)?.values ?? [];
        if (!values.includes(text) || chosen.includes(text)) return [];
        return [
          {
            found: `"${text}", and the query reads ${label} ${list(chosen)}`,
            fix: 'name the value that is read, or read the one that is named',
          },
        ];
      }),
    ),
  );
}

/** Finds durations that a text names and no query reads: `6h`. */
function windowSlips({ text }: Said, { nodes, durations = [] }: Meant): readonly WordSlip[] {
  const windows = nodes.flatMap((node) => [...selections(node)].flatMap(({ window }) => window ?? []));
  const read = [...new Set([...windows, ...durations].filter((each) => !each.startsWith('$')))];
  // An age is compared with a number of seconds.
  const seconds = new Set([...read.map((each) => durationSeconds(each)), ...nodes.flatMap(numbersIn)]);
  if (read.length === 0) return [];
  return [...text.matchAll(/(?<![\w$.{-])\d+[smhdw]\b/g)]
    .map(([word]) => word)
    .filter((word) => !seconds.has(durationSeconds(word)))
    .map((word) => ({
      found: `"${word}", and the query reads ${list(read)}`,
      fix: 'name the window that is read, or read the one that is named',
    }));
}

/** Finds things that a name mentions and no query counts. The units of the catalogue name them: `{session}`. */
function nounSlips({ text, kind }: Said, { nodes, metrics }: Meant): readonly WordSlip[] {
  if (kind !== 'name') return [];
  const read = [...new Set(nodes.flatMap((node) => selectorsIn(node).map(({ metric }) => metric)))];
  if (read.length === 0) return [];
  const known = new Set(read.flatMap((metric) => [nounOf(metric), ...metric.name.split('_').map(singular)]));
  const nouns = new Set(metrics.flatMap((metric) => nounOf(metric) ?? []));
  const words = [...text.toLowerCase().matchAll(/[a-z]+/g)].map(([word]) => singular(word));
  return [...new Set(words)]
    .filter((word) => nouns.has(word) && !known.has(word))
    .map((word) => ({
      found: `"${word}", and the query reads ${list(read.map(({ name }) => name))}`,
      fix: 'name what is read, or read the metric of what is named',
    }));
}

function nounOf({ unit }: Metric): string | undefined {
  return /^\{([a-z]+)\}$/i.exec(unit)?.[1]?.toLowerCase();
}

function singular(word: string): string {
  return word.replace(/s$/, '');
}

/** Finds thresholds that a text names and the panel does not have: `red from 25%`. */
function thresholdSlips({ text }: Said, { thresholds }: Meant): readonly WordSlip[] {
  if (thresholds === undefined) return [];
  const pattern =
    /\b(green|yellow|orange|red|blue|purple) (?:from|above|over|at|below) (\d+(?:\.\d+)?)(%| ?(?:sec|second|min|minute|hour|day)s?\b| ?[smhd]\b)?/gi;
  return [...text.matchAll(pattern)].flatMap(([words, colour = '', digits, unit = '']) => {
    const value = Number(digits) * (FACTORS[unit.trim().charAt(0)] ?? 1);
    const steps = thresholds.steps.filter((step) => step.colour === colour.toLowerCase());
    if (steps.some(({ at }) => Math.abs(at - value) < 1e-9)) return [];
    return [
      {
        found: `"${words}", and the panel is ${colour.toLowerCase()} from ${list(steps.map(({ at }) => String(at))) || 'nothing on'}`,
        fix: 'name the threshold that is set, or set the one that is named',
      },
    ];
  });
}

/** The factor of a unit behind a number, by its first letter. */
const FACTORS: Readonly<Record<string, number>> = { '%': 0.01, s: 1, m: 60, h: 3600, d: 86_400 };

/** Finds numbers that a text names and no query compares with: `fewer than 5`. */
function fewestSlips({ text }: Said, { nodes }: Meant): readonly WordSlip[] {
  const read = new Set(nodes.flatMap(numbersIn));
  return [...text.matchAll(/\b(fewer|less|more) than (\d+(?:\.\d+)?)(%?)(?![\w.])/gi)].flatMap(
    ([words, direction = '', digits, percent]) => {
      const value = Number(digits) / (percent === '%' ? 100 : 1);
      const ops = nodes.flatMap((node) => comparisonsWith(node, value));
      if (direction.toLowerCase() === 'more' && ops.length > 0 && ops.every((op) => op === '<' || op === '<='))
        return [
          {
            found: `"${words}", and the query asks for ${ops[0]} ${value}`,
            fix: 'turn the comparison around, or say fewer',
          },
        ];
      if ([...read].some((each) => Math.abs(each - value) < 1e-9)) return [];
      return [
        {
          found: `"${words}", and the query compares with ${list([...read].map(String)) || 'no number'}`,
          fix: 'name the number that the query compares with, or compare with the one that is named',
        },
      ];
    },
  );
}

/** The operators by which a query compares something with a number. */
function comparisonsWith(node: Node, value: number): readonly string[] {
  return [...walk(node)].flatMap((each) =>
    each.type === 'binary' && each.right.type === 'number' && Math.abs(each.right.value - value) < 1e-9
      ? [each.op]
      : [],
  );
}

function numbersIn(node: Node): readonly number[] {
  return [...walk(node)].flatMap((each) => {
    if (each.type === 'number') return [each.value];
    if (each.type === 'clampMin') return [each.min];
    return each.type === 'text' ? [...each.text.matchAll(/\d+(?:\.\d+)?/g)].map(Number) : [];
  });
}

/** Finds `for what is chosen above` over queries that follow no dropdown. */
function choiceSlips({ text }: Said, { nodes }: Meant): readonly WordSlip[] {
  if (!/\bchosen above\b/i.test(text)) return [];
  const isChosen = nodes.every((node) =>
    selectorsIn(node).some(({ matchers }) => matchers.some(({ match }) => match.type === 'variable')),
  );
  return isChosen
    ? []
    : [
        {
          found: '"chosen above", and no dropdown is in the query',
          fix: 'match the labels with the variables of the dashboard, or drop the words',
        },
      ];
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
