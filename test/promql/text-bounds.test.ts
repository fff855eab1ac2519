import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { boundsOf } from '../../src/lockstep/promql/bounds.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { EXPERIMENTAL, SINCE_3_16 } from '../../src/lockstep/promql/text-needs.js';
import { fleet } from './fleet.js';

// An alert whose condition can never hold does not build, whichever function it uses. The same function builds with a
// condition that can hold.

const catalogue = fleet as unknown as Catalogue;
const codes = (text: string) =>
  validateExpression(promql(catalogue, text, labelsIn(text)).node, 'here', { catalogue, variables: new Map() }).map(
    ({ code }) => code,
  );
/** Reads the labels of the result from the last comment of a text. */
const labelsIn = (text: string) => /# (.*)$/.exec(text)?.[1]?.split(' ') ?? [];

const GAUGE = 'workqueue_depth';
const COUNTER = 'workqueue_adds_total';
const BUCKETS = 'sum by (le) (rate(workqueue_queue_duration_seconds_bucket[5m]))';

/** A condition that can never hold, and one with the same function that can. */
const PAIRS: readonly (readonly [never: string, maybe: string])[] = [
  [`sum(rate(${COUNTER}[5m])) < 0`, `sum(rate(${COUNTER}[5m])) <= 0`],
  [`sum(increase(${COUNTER}[5m])) < 0`, `sum(increase(${COUNTER}[5m])) > 9`],
  [`max(irate(${COUNTER}[5m])) < 0`, `max(irate(${COUNTER}[5m])) < 1`],
  [`max(resets(${COUNTER}[5m])) < 0`, `max(resets(${COUNTER}[5m])) > 0`],
  [`max(changes(${GAUGE}[5m])) < 0`, `max(changes(${GAUGE}[5m])) > 5`],
  [`count(${GAUGE}) == 0`, `count(${GAUGE}) == 1`],
  [`count(${GAUGE}) < 1`, `count(${GAUGE}) < 2`],
  [`group(${GAUGE}) > 1`, `sum(group(${GAUGE})) > 1`],
  [`stddev(${GAUGE}) < 0`, `stddev(${GAUGE}) > 1`],
  [`stdvar(${GAUGE}) < 0`, `stdvar(${GAUGE}) > 1`],
  [`max(stddev_over_time(${GAUGE}[5m])) < 0`, `max(stddev_over_time(${GAUGE}[5m])) > 1`],
  [`max(count_over_time(${GAUGE}[5m])) < 1`, `max(count_over_time(${GAUGE}[5m])) < 3`],
  [`max(present_over_time(${GAUGE}[5m])) > 1`, `sum(present_over_time(${GAUGE}[5m])) > 1`],
  [`absent(${GAUGE}) == 0`, `absent(${GAUGE}) == bool 1`],
  [`absent_over_time(${GAUGE}[5m]) < 1`, `max(avg_over_time(${GAUGE}[5m])) < 1`],
  [`max(abs(${GAUGE})) < 0`, `max(abs(${GAUGE})) < 1`],
  [`max(sqrt(${GAUGE})) < 0`, `max(sqrt(${GAUGE})) > 2`],
  [`max(exp(${GAUGE})) < 0`, `max(ln(${GAUGE})) < 0`],
  [`max(sgn(${GAUGE})) > 1`, `max(sgn(${GAUGE})) < 0`],
  [`max(clamp(${GAUGE}, 0, 10)) > 10`, `max(clamp(${GAUGE}, 0, 10)) >= 10`],
  [`max(clamp_max(${GAUGE}, 10)) > 10`, `max(clamp_max(${GAUGE}, 10)) > 9`],
  [`max(clamp_min(${GAUGE}, 10)) < 10`, `max(clamp_min(${GAUGE}, 10)) > 10`],
  [`max(ceil(clamp_max(${GAUGE}, 1.5))) > 2`, `max(ceil(clamp_max(${GAUGE}, 1.5))) > 1`],
  [`max(round(clamp_max(${GAUGE}, 1.5))) > 2`, `max(round(clamp_max(${GAUGE}, 1.5))) > 1`],
  [`max(floor(clamp_max(${GAUGE}, 1.5))) > 1`, `max(floor(clamp_max(${GAUGE}, 1.5))) > 0`],
  [`max(cos(${GAUGE})) > 1`, `max(cos(${GAUGE})) > 0`],
  [`max(hour(${GAUGE})) > 23`, `max(hour(${GAUGE})) > 22`],
  [`max(minute(${GAUGE})) > 59`, `max(minute(${GAUGE})) > 30`],
  [`max(month(${GAUGE})) > 12`, `max(month(${GAUGE})) == 12`],
  [`max(day_of_week(${GAUGE})) == 7`, `max(day_of_week(${GAUGE})) == 0`],
  [`max(timestamp(${GAUGE})) < 0`, `time() - max(timestamp(${GAUGE})) > 300`],
  [`histogram_quantile(0.9, ${BUCKETS}) > 5`, `histogram_quantile(0.9, ${BUCKETS}) >= 5`],
  [`quantile(0.5, clamp(${GAUGE}, 0, 1)) > 1`, `quantile(0.5, ${GAUGE}) > 1`],
  [`avg(clamp(${GAUGE}, 0, 1)) > 1`, `sum(clamp(${GAUGE}, 0, 1)) > 1`],
  [`min(clamp(${GAUGE}, 0, 1)) < 0`, `min(${GAUGE}) < 0`],
  [`max(quantile_over_time(0.9, clamp(${GAUGE}, 0, 1)[1h:5m])) > 1`, `max(quantile_over_time(0.9, ${GAUGE}[1h])) > 1`],
  [`max(clamp(${GAUGE}, 0, 1) offset 5m) > 1`, `max(${GAUGE} offset 5m) > 1`],
  [`vector(1) > 2`, `vector(scalar(sum(${GAUGE}))) > 2`],
  [`-sum(rate(${COUNTER}[5m])) > 0`, `-max(${GAUGE}) > 0`],
  [`sum(rate(${COUNTER}[5m])) + 1 < 1`, `sum(rate(${COUNTER}[5m])) - 1 < 0`],
  [`0 > sum(rate(${COUNTER}[5m]))`, `0 >= sum(rate(${COUNTER}[5m]))`],
  [
    'sum(rate(rest_client_requests_total{code="500"}[5m])) / sum(rate(rest_client_requests_total[5m])) > 1',
    'sum(rate(rest_client_requests_total[5m])) / sum(rate(rest_client_requests_total{code="500"}[5m])) > 1',
  ],
  [
    'sum(rate(rest_client_requests_total{code="500"}[5m])) / sum(rate(rest_client_requests_total[5m])) > 14.4 * 0.1',
    'sum(rate(rest_client_requests_total{code="500"}[5m])) / sum(rate(rest_client_requests_total[5m])) > 14.4 * 0.01',
  ],
  [`(sum(rate(${COUNTER}[5m])) or vector(0)) < 0`, `(sum(rate(${COUNTER}[5m])) or vector(0)) <= 0`],
  [`sum(${GAUGE}) > 5 < 5`, `sum(${GAUGE}) > 5 < 6`],
  [`max(${GAUGE}) % 4 > 3 and count(${GAUGE}) < 1`, `max(${GAUGE}) % 4 > 3 and count(${GAUGE}) > 1`],
];

describe('a condition in text', () => {
  it.each(PAIRS)('%s can never hold, and %s may', (never, maybe) => {
    expect(codes(never)).toContain('promql/never-true');
    expect(codes(maybe)).toEqual([]);
  });

  it.each([
    `sum(delta(${GAUGE}[5m]))`,
    `max(predict_linear(${GAUGE}[1h], 3600))`,
    `max(deriv(${GAUGE}[1h]))`,
    `sum(${GAUGE}) ^ 2 - 1`,
    `sum(${GAUGE}) / count(${GAUGE})`,
    `max(idelta(${GAUGE}[5m]))`,
  ])('of %s nothing is known, and nothing is refused', (text) => {
    expect(boundsOf(promql(catalogue, text).node)).toEqual({ low: -Infinity, high: Infinity });
    expect(codes(`${text} < -1e9`)).toEqual([]);
    expect(codes(`${text} > 1e9`)).toEqual([]);
  });

  it('is shown where it is', () => {
    const [problem] = validateExpression(
      promql(catalogue, `max(${GAUGE}) > 5\n  and count(${GAUGE}) == 0`).node,
      'here',
      {
        catalogue,
        variables: new Map(),
      },
    );
    expect(
      problem?.found
        .split('\n')
        .slice(-2)
        .map((line) => line.trim()),
    ).toEqual([`and count(${GAUGE}) == 0`, '^'.repeat(`count(${GAUGE}) == 0`.length)]);
  });
});

describe('PromQL that not every Prometheus reads', () => {
  const needs = (text: string) => {
    const { node } = promql(catalogue, text);
    return node.type === 'text' ? node.needs.map(({ from, found }) => `${from} ${found.split('\n')[0]}`) : [];
  };
  it.each([
    [`max(first_over_time(${GAUGE}[5m]))`, ['3.16 first_over_time()']],
    [`sum(increase(${COUNTER}[5m] anchored))`, ['3.16 the modifier anchored']],
    [`sum(rate(${COUNTER}[5m] smoothed))`, ['3.16 the modifier smoothed']],
    [`sum(rate(${COUNTER}[5m + 1m]))`, ['3.16 a duration that is computed']],
    [`max(${GAUGE}) > 1_000`, ['3.16 a number with _']],
    [`limitk(3, ${GAUGE})`, ['experimental limitk()']],
    [
      `max(mad_over_time(${GAUGE}[5m])) + sum(first_over_time(${GAUGE}[5m]))`,
      ['experimental mad_over_time()', '3.16 first_over_time()'],
    ],
    [`sum(rate(${COUNTER}[5m]))`, []],
  ])('%s', (text, wanted) => {
    expect(needs(text)).toEqual(wanted);
  });

  it('has no function in two lists', () => {
    expect(SINCE_3_16.filter((each) => EXPERIMENTAL.includes(each))).toEqual([]);
  });
});
