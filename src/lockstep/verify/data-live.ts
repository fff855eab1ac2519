import type { Catalogue, Metric } from 'lockstep-exporter/catalogue';
import { givenLabels, seriesNames } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { countersOf } from '../config/config.js';
import type { Vector } from '../promql/expression.js';
import { countAtMost, countOf, increase, max, maxOverTime } from '../promql/expression.js';
import { printExpression, printNumber } from '../promql/print.js';
import type { Duration } from '../promql/window.js';
import type { Doubt } from './data.js';
import { allAbove, allBelow, FEW_ABOVE, FEW_BELOW, isPercentage, MOST_SHARE, partOverWhole, partsIn } from './data.js';
import type { Live } from './instant.js';
import { instant, labelValues } from './instant.js';
import type { Answer } from './prometheus.js';

const DAY = 86_400;
/** A counter that counts fewer in a week may rest for a day. */
const BUSY_WEEK = 70;
/** A value of a roster that was not seen for longer is not used. */
const MONTH = 30 * DAY;

/**
 * Asks what the numbers themselves can tell, where every name, label and value fits: of the last day, whether all
 * observations lie outside the buckets, parts are greater than their wholes, shares are percentages, and counters
 * stand still while others of the catalogue go on; of the last 30 days, which values of a label were never seen. There
 * is no answer for a part that is as it should be.
 *
 * @throws RequestError if the server does not answer at all
 */
export async function askDoubts(config: Config, live: Live): Promise<readonly Answer[]> {
  const counting = countersOf(config.target);
  const print = (vector: Vector) => `(${printExpression(vector, counting)})`;
  const answers: Answer[] = [];
  for (const { catalogue } of config.systems) {
    const metrics = Object.values(catalogue.metrics);
    for (const metric of metrics) answers.push(...(await askMetric(metric, print, live)));
    for (const [part, whole] of partsIn(catalogue)) {
      const day = (metric: Metric) => print(countIn(metric, '1d'));
      // The two may be delivered some seconds apart.
      const more = `${day(part)} > 1.05 * ${day(whole)} + 5`;
      answers.push(...(await ask(more, live, () => partOverWhole(part, whole))));
    }
    answers.push(...(await askStandstill(metrics, print, live)));
    answers.push(...(await askUnseen(catalogue, live)));
  }
  return answers;
}

async function askMetric(metric: Metric, print: (vector: Vector) => string, live: Live): Promise<readonly Answer[]> {
  if (metric.kind === 'gauge') {
    if (metric.unit !== 'ratio') return [];
    const most = `${print(max(maxOverTime(metric as Metric<'gauge'>, '1h')))} > ${MOST_SHARE}`;
    return await ask(most, live, (value) => isPercentage(metric, value));
  }
  const [first, last] = [metric.bounds[0], metric.bounds.at(-1)];
  if (metric.kind !== 'histogram' || first === undefined || last === undefined) return [];
  const histogram = metric as Metric<'histogram'>;
  const all = print(countIn(metric, '1d'));
  const atMost = (bound: number) => print(increase(countAtMost(histogram, bound), '1d'));
  return [
    ...(await ask(`${all} >= ${FEW_ABOVE} unless ${atMost(last)} > 0`, live, () => allAbove(metric))),
    ...(await ask(`${atMost(first)} >= ${FEW_BELOW} unless ${all} - ${atMost(first)} > 0.01 * ${all}`, live, () =>
      allBelow(metric),
    )),
  ];
}

function countIn(metric: Metric, window: Duration): Vector {
  return metric.kind === 'histogram'
    ? increase(countOf(metric as Metric<'histogram'>), window)
    : increase(metric as Metric<'counter'>, window);
}

/** Counters that counted often, and have counted nothing for a day in which another one went on as before. */
async function askStandstill(
  metrics: readonly Metric[],
  print: (vector: Vector) => string,
  live: Live,
): Promise<readonly Answer[]> {
  const counters = metrics.filter(({ kind }) => kind !== 'gauge');
  const countOver = async (metric: Metric, window: Duration) => {
    const result = await instant(print(countIn(metric, window)), live);
    return 'value' in result ? (result.value ?? 0) : 0;
  };
  const today = new Map<Metric, number>();
  for (const metric of counters) today.set(metric, await countOver(metric, '1d'));
  const busy = counters.filter((metric) => (today.get(metric) ?? 0) > 0);
  const answers: Answer[] = [];
  for (const metric of counters.filter((each) => !busy.includes(each))) {
    const before = await countOver(metric, '7d');
    if (before < BUSY_WEEK) continue;
    for (const other of busy) {
      const ofDay = today.get(other) ?? 0;
      if (ofDay < (await countOver(other, '7d')) / 14) continue;
      answers.push(
        doubtful(
          metric.name,
          `it has counted nothing for a day, after ${printNumber(Math.round(before))} in the six days before, while ${other.name} goes on: see that the program still records it`,
        ),
      );
      break;
    }
  }
  return answers;
}

/** Values that a catalogue lists and nothing has had for 30 days, where the metrics are older than that. */
async function askUnseen(catalogue: Catalogue, live: Live): Promise<readonly Answer[]> {
  if (catalogue.recordedBy === 'others') return [];
  const now = live.time ?? Date.now() / 1000;
  const rosters = new Map<string, { values: ReadonlySet<string>; names: string[] }>();
  for (const metric of Object.values(catalogue.metrics))
    for (const { name, values = [], bad = [], fallback } of givenLabels(metric)) {
      const roster = rosters.get(name) ?? { values: new Set<string>(), names: [] };
      // That nothing bad has happened, and nothing unknown, is as it should be.
      const expected = values.filter((value) => !bad.includes(value) && value !== fallback);
      rosters.set(name, {
        values: new Set([...roster.values, ...expected]),
        names: [...roster.names, ...seriesNames(metric)],
      });
    }
  const answers: Answer[] = [];
  for (const [label, { values, names }] of rosters) {
    const before = await labelValues(label, names, [now - MONTH - DAY, now - MONTH], live);
    if ('error' in before || before.length === 0) continue;
    const seen = await labelValues(label, names, [now - MONTH, now], live);
    if ('error' in seen) continue;
    const unseen = [...values].filter((value) => !seen.includes(value));
    if (unseen.length > 0)
      answers.push(
        doubtful(
          `label ${label} of ${catalogue.name}`,
          `not seen for 30 days: ${unseen.join(', ')}; see that the program records them, or take them out of the catalogue`,
        ),
      );
  }
  return answers;
}

/** There is an answer only where the expression returns something. */
async function ask(expression: string, live: Live, doubt: (value: number) => Doubt): Promise<readonly Answer[]> {
  const began = performance.now();
  const result = await instant(expression, live);
  const seconds = (performance.now() - began) / 1000;
  if ('error' in result) return [{ ...doubtful('data', result.error), status: 'error', seconds }];
  if (result.series === 0) return [];
  const { level, metric, found, fix } = doubt(result.value ?? Number.NaN);
  const status = level === 'error' ? 'error' : 'doubtful';
  return [{ ...doubtful(metric, `${found}, in the last day; ${fix}`), status, seconds, samples: result.samples }];
}

function doubtful(metric: string, why: string): Answer {
  return { query: `data of ${metric}`, status: 'doubtful', series: 0, seconds: 0, samples: undefined, why };
}
