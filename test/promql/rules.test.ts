import { describe, expect, it } from 'vitest';
import { counter, defineCatalogue } from '../../src/exporter/catalogue/index.js';
import { fab } from '../../src/fab/catalogue.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  absentOverTime,
  buckets,
  compare,
  div,
  histogramQuantile,
  increase,
  keep,
  noneOf,
  oneOf,
  orZero,
  rate,
  ratio,
  select,
  sub,
  sum,
} from '../../src/lockstep/promql/index.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';

const { sessions, selfEval, duration, inFlight, tokens } = fab.metrics;
/** What an author in JavaScript, or one who talks types out of their job, can write. */
// biome-ignore lint/suspicious/noExplicitAny: the very thing that these rules are for
const erased = (value: unknown) => value as any;

function codesOf(expression: Vector, variables?: ReadonlyMap<string, string>): readonly string[] {
  return validateExpression(expression.node, 'here', { catalogue: fab, variables }).map(({ code }) =>
    code.replace('promql/', ''),
  );
}

const other = defineCatalogue({
  name: 'shop',
  metrics: { sales: counter({ name: 'shop_sales_total', help: 'S.', unit: '{sale}', labels: [] }) },
});
const perPhase = rate(sessions, '5m', ['phase']);

describe('rules of expressions', () => {
  it.each<[string, Vector, readonly string[]]>([
    ['a good one', ratio(rate(select(selfEval, { result: 'fail' }), '5m'), rate(selfEval, '5m')), []],
    ['a metric of another catalogue', rate(other.metrics.sales, '5m'), ['unknown-metric']],
    ['a label that the metric lacks', rate(select(sessions, erased({ result: 'fail' })), '5m'), ['unknown-label']],
    ['a value that the label lacks', rate(select(selfEval, erased({ result: 'failed' })), '5m'), ['unknown-value']],
    [
      'one of several values that it lacks',
      rate(select(selfEval, erased({ result: oneOf('pass', 'failed') })), '5m'),
      ['unknown-value'],
    ],
    [
      'values that exclude each other',
      rate(select(sessions, { role: 'product', phase: 'ship' }), '5m'),
      ['no-such-series'],
    ],
    [
      'a group that has no such phase',
      rate(select(sessions, { group: 'firm', phase: 'build' }), '5m'),
      ['no-such-series'],
    ],
    ['all values excluded', rate(select(selfEval, { result: noneOf('pass', 'fail') }), '5m'), ['no-such-series']],
    [
      'one value twice, in contradiction',
      rate(select(select(selfEval, { result: 'pass' }), { result: 'fail' }), '5m'),
      ['no-such-series'],
    ],
    ['rate of a gauge', rate(erased(inFlight), '5m'), ['kind']],
    ['rate of a histogram', rate(erased(duration), '5m'), ['kind']],
    ['buckets of a counter', rate(buckets(erased(sessions)), '5m'), ['kind']],
    ['a mixed window', rate(sessions, erased('60m0s')), ['window']],
    ['a window of fractions', rate(sessions, '1.5h'), ['window']],
    ['a window of nothing', rate(sessions, '0s'), ['window']],
    ['a Grafana window in an alert', rate(sessions, '$__rate_interval'), ['window-in-alert']],
    ['a percentage for a quantile', histogramQuantile(95, rate(buckets(duration), '5m', ['le'])), ['quantile']],
    ['a quantile without le', histogramQuantile(0.95, erased(perPhase)), ['quantile-without-le']],
    ['a group that was aggregated away', sum(erased(perPhase), ['role']), ['group-by']],
    ['a wrong label on one side', div(rate(sessions, '5m', erased(['phaze'])), erased(perPhase)), ['group-by']],
    ['a wrong label below a group', sum(rate(sessions, '5m', erased(['phaze'])), erased(['phase'])), ['group-by']],
    [
      'a wrong label for le',
      histogramQuantile(0.95, erased(rate(buckets(duration), '5m', erased(['lee'])))),
      ['group-by'],
    ],
    ['sides that do not match', div(perPhase, erased(rate(sessions, '5m', ['role']))), ['no-match']],
    [
      'a side per target',
      div(rate(sessions, '5m'), erased(rate(sessions, '5m', ['role', 'phase', 'group']))),
      ['no-match'],
    ],
    ['a made-up zero for labels', orZero(erased(perPhase)), ['or-zero']],
    ['a number that is none', div(perPhase, Number.NaN), ['number']],
    [
      'a ratio above 1',
      compare(ratio(rate(select(selfEval, { result: 'fail' }), '5m'), rate(selfEval, '5m')), '>', 1),
      ['never-true'],
    ],
    ['a count below 0', compare(increase(sessions, '5m'), '<', 0), ['never-true']],
    ['a count of 0 or more', compare(increase(sessions, '5m'), '>=', 0), ['always-true']],
    [
      'a quantile above the last bound',
      compare(histogramQuantile(0.99, rate(buckets(duration), '5m', ['le'])), '>', 7200),
      ['never-true'],
    ],
    [
      'an impossible value that is kept',
      keep(sub(1, ratio(rate(select(tokens, { direction: 'input' }), '5m'), rate(tokens, '5m'))), '>', 1),
      ['never-true'],
    ],
    ['absence', absentOverTime(sessions, '1d'), []],
  ])('%s', (_, expression, expected) => {
    expect(codesOf(expression)).toEqual(expected);
  });

  it('knows which label a variable holds', () => {
    const phase = { variable: 'phase', label: 'phase' } as const;
    const declared = new Map([['phase', 'phase']]);
    const right = rate(select(sessions, { phase }), '5m');
    expect(codesOf(right, declared)).toEqual([]);
    expect(codesOf(right, new Map())).toEqual(['undeclared-variable']);
    expect(codesOf(right)).toEqual(['variable-in-alert']);
    expect(codesOf(rate(select(sessions, erased({ role: phase })), '5m'), declared)).toEqual([
      'variable-of-other-label',
    ]);
  });

  it('suggests what was meant', () => {
    const [problem] = validateExpression(
      rate(select(selfEval, erased({ result: 'fial' })), '5m').node,
      'dashboards/fab › row › panel',
      { catalogue: fab, variables: undefined },
    );
    expect(problem).toEqual({
      code: 'promql/unknown-value',
      where: 'dashboards/fab › row › panel',
      found: 'result="fial" on fab_self_eval_total',
      allowed: '"pass", "fail"',
      fix: 'did you mean "fail"?',
    });
  });
});
