import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { exposedAs, givenLabels, isLevel, seriesNames } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { countersOf } from '../config/config.js';
import { max } from '../promql/aggregate.js';
import type { Vector } from '../promql/expression.js';
import { countAtMost, countOf, increase } from '../promql/expression.js';
import { maxOverTime } from '../promql/over-time.js';
import { printExpression } from '../promql/print.js';
import type { Duration } from '../promql/window.js';
import type { Doubt } from './data.js';
import {
  allAbove,
  allBelow,
  exemptDoubts,
  FEW_ABOVE,
  FEW_BELOW,
  isPercentage,
  isTimed,
  PERCENTAGES,
  partOverWhole,
  partsIn,
  unusedExemptions,
} from './data.js';
import { RequestError } from './http.js';
import type { Live, Result } from './instant.js';
import { instant, labelValues } from './instant.js';

const DAY = 86_400;
/** A counter that counted at least as many on each of the six days before does not rest by chance. */
const BUSY_DAY = 10;
/** A value of a roster that was not seen for longer is not used. */
const MONTH = 30 * DAY;
/** So many names of metrics are asked for at once: an address has some thousand characters. */
const NAMES_AT_ONCE = 40;

/** The server, and how an expression is written for it. */
interface Asking {
  readonly live: Live;
  readonly print: (vector: Vector) => string;
}

/**
 * Asks what the numbers themselves can tell, where every name, label and value fits: of the last day, whether all
 * observations lie outside the buckets, shares are percentages, and counters stand still while others of the catalogue
 * go on; of the last week, whether parts are greater than their wholes; of the last 30 days, which values of a label
 * were never seen. There is no doubt about a part that is as it should be; a question that the server does not answer
 * is a note. Never rejects for what a server answers.
 */
export async function askDoubts(config: Config, live: Live): Promise<readonly Doubt[]> {
  const counting = countersOf(config.target);
  const asking: Asking = { live, print: (vector) => `(${printExpression(vector, counting)})` };
  const doubts: Doubt[] = [];
  for (const { catalogue } of config.systems) {
    const found = await askSystem(catalogue, asking);
    doubts.push(...exemptDoubts(found, catalogue), ...unusedExemptions(found, catalogue));
  }
  return doubts;
}

async function askSystem(catalogue: Catalogue, asking: Asking): Promise<readonly Doubt[]> {
  const { live } = asking;
  const doubts: Doubt[] = [];
  const metrics = Object.values(catalogue.metrics);
  for (const metric of metrics) doubts.push(...(await askMetric(metric, asking)));
  for (const [part, whole] of partsIn(catalogue)) {
    // PromQL's own increase() misses the first event of each series, and so says nothing about two counters.
    if (part.foreign !== undefined) continue;
    const week = (metric: Metric) => asking.print(countIn(metric, '7d'));
    // The two may be delivered some seconds apart.
    const more = `${week(part)} > 1.05 * ${week(whole)} + 5`;
    doubts.push(...(await ask(part, more, live, () => partOverWhole(part, whole))));
  }
  doubts.push(...(await askStandstill(metrics, asking)), ...(await askUnseen(catalogue, live)));
  return doubts;
}

async function askMetric(metric: Metric, { live, print }: Asking): Promise<readonly Doubt[]> {
  if (metric.kind === 'gauge') {
    if (metric.unit !== 'ratio') return [];
    const most = print(max(maxOverTime(metric as Metric<'gauge'>, '1d')));
    const { above, upTo } = PERCENTAGES;
    return await ask(metric, `${most} > ${above} <= ${upTo}`, live, (value) => isPercentage(metric, value));
  }
  const [first, last] = [metric.bounds[0], metric.bounds.at(-1)];
  if (metric.kind !== 'histogram' || first === undefined || last === undefined) return [];
  const all = print(countIn(metric, '1d'));
  const atMost = (bound: number) => print(increase(countAtMost(metric as Metric<'histogram'>, bound), '1d'));
  const above = `${all} >= ${FEW_ABOVE} and ${atMost(last)} == 0`;
  const below = `${atMost(first)} >= ${FEW_BELOW} unless ${all} - ${atMost(first)} > 0.01 * ${all}`;
  return [
    ...(await ask(metric, above, live, () => allAbove(metric))),
    ...(isTimed(metric) ? await ask(metric, below, live, () => allBelow(metric)) : []),
  ];
}

function countIn(metric: Metric, window: Duration): Vector {
  return metric.kind !== 'counter'
    ? increase(countOf(metric as Metric<'histogram'>), window)
    : increase(metric as Metric<'counter'>, window);
}

/** Counters that counted on each of six days, and then nothing for a day in which another one kept its pace. */
async function askStandstill(metrics: readonly Metric[], { live, print }: Asking): Promise<readonly Doubt[]> {
  const counters = metrics.filter((metric) => !isLevel(metric));
  const day = (metric: Metric) => print(countIn(metric, '1d'));
  const before = (metric: Metric) => `((${day(metric)} or vector(0))[6d:1d] offset 1d)`;
  const still: Metric[] = [];
  const doubts: Doubt[] = [];
  for (const metric of counters) {
    const rested = `min_over_time${before(metric)} >= ${BUSY_DAY} unless ${day(metric)} > 0`;
    const result = await answerTo(rested, live);
    if ('error' in result) doubts.push(notAsked(metric.name, result.error));
    else if (result.series > 0) still.push(metric);
  }
  if (still.length === 0) return doubts;
  for (const other of counters.filter((each) => !still.includes(each))) {
    const pace = `${day(other)} > 0.5 * avg_over_time${before(other)} and min_over_time${before(other)} >= ${BUSY_DAY}`;
    const result = await answerTo(pace, live);
    if ('error' in result || result.series === 0) continue;
    return [
      ...doubts,
      ...still.map(
        ({ name }): Doubt => ({
          rule: 'verify/standstill',
          level: 'warning',
          metric: name,
          found: `nothing was counted for a day, and ${BUSY_DAY} or more on each of the six days before, while ${other.name} goes on`,
          fix: 'see that the program still records it, or take it out of the catalogue',
        }),
      ),
    ];
  }
  return doubts;
}

/** Values that a catalogue lists and nothing has had for 30 days, where the label is older than that. */
async function askUnseen(catalogue: Catalogue, live: Live): Promise<readonly Doubt[]> {
  if (catalogue.recordedBy === 'others') return [];
  const now = live.time ?? Date.now() / 1000;
  const rosters = new Map<string, { values: ReadonlySet<string>; names: string[] }>();
  for (const metric of Object.values(catalogue.metrics))
    for (const { name, values = [], bad = [], fallback } of givenLabels(metric)) {
      const { values: before = [], names = [] } = rosters.get(name) ?? {};
      // That nothing bad has happened, and nothing unknown, is as it should be.
      const expected = values.filter((value) => !bad.includes(value) && value !== fallback);
      rosters.set(name, {
        values: new Set([...before, ...expected]),
        names: [...names, ...exposedAs(metric).flatMap(seriesNames)],
      });
    }
  const doubts: Doubt[] = [];
  for (const [label, { values, names }] of rosters) {
    const where = `label ${label} of ${catalogue.name}`;
    const unseen = values.size === 0 ? [] : await unseenOf(label, names, values, now, live);
    if ('error' in unseen) doubts.push(notAsked(where, unseen.error));
    else if (unseen.length > 0)
      doubts.push({
        rule: 'verify/unseen',
        level: 'note',
        metric: where,
        found: `not seen for 30 days: ${unseen.join(', ')}`,
        fix: 'if they are not new, see that the program records them, or take them out of the catalogue',
      });
  }
  return doubts;
}

/** The values that no series had for 30 days; none of a label that is younger than that. */
async function unseenOf(
  label: string,
  names: readonly string[],
  values: ReadonlySet<string>,
  now: number,
  live: Live,
): Promise<readonly string[] | { readonly error: string }> {
  const before = await valuesOf(label, names, [now - MONTH - DAY, now - MONTH], live);
  if ('error' in before || before.length === 0) return before;
  const seen = await valuesOf(label, names, [now - MONTH, now], live);
  return 'error' in seen ? seen : [...values].filter((value) => !seen.includes(value));
}

async function valuesOf(
  label: string,
  names: readonly string[],
  between: readonly [number, number],
  live: Live,
): Promise<readonly string[] | { readonly error: string }> {
  const found: string[] = [];
  for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
    const part = names.slice(from, from + NAMES_AT_ONCE);
    const values = await orError(() => labelValues(label, part, between, live));
    if ('error' in values) return values;
    found.push(...values);
  }
  return found;
}

/** There is a doubt only where the expression returns something. */
async function ask(
  { name }: Metric,
  expression: string,
  live: Live,
  doubt: (value: number) => Doubt,
): Promise<readonly Doubt[]> {
  const result = await answerTo(expression, live);
  if ('error' in result) return [notAsked(name, result.error)];
  return result.series === 0 ? [] : [doubt(result.value ?? Number.NaN)];
}

function answerTo(expression: string, live: Live): Promise<Result> {
  return orError(() => instant(expression, live));
}

/** The panels have been answered: what fails only here is no reason to give up. */
async function orError<T>(act: () => Promise<T>): Promise<T | { readonly error: string }> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RequestError) return { error: error.message };
    throw error;
  }
}

function notAsked(where: string, error: string): Doubt {
  return {
    rule: 'verify/not-asked',
    level: 'note',
    metric: where,
    found: `its numbers are not known: ${error}`,
    fix: 'see whether the server allows the question, or takes longer than --timeout',
  };
}
