import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counter, label, openLabel } from '../../src/exporter/catalogue/index.js';
import { fab } from '../../src/fab/catalogue.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  absentOverTime,
  add,
  and,
  averageOverTime,
  buckets,
  clampMin,
  compare,
  countOverTime,
  div,
  histogramQuantile,
  increase,
  instant,
  keep,
  lastOverTime,
  maxOverTime,
  minOverTime,
  mul,
  noneOf,
  oneOf,
  orZero,
  rate,
  ratio,
  resets,
  select,
  share,
  sub,
  sum,
  sumOverTime,
  topk,
} from '../../src/lockstep/promql/index.js';
import { printExpression, printNumber } from '../../src/lockstep/promql/print.js';

const { sessions, selfEval, duration, inFlight } = fab.metrics;
const all = increase(selfEval, '1h');
const print = (of: Vector) => printExpression(of, 'aggregated');
/** What counts in a window where deltas are added up. */
const growth = (range: string) => `max_over_time(${range}) - min_over_time(${range})`;
const bad = increase(select(selfEval, { result: 'fail' }), '1h');

describe('the printer', () => {
  it.each([
    [rate(sessions, '5m'), `sum(${growth('fab_agent_sessions_total[5m]')}) / 300`],
    [
      rate(sessions, '$__rate_interval', ['phase', 'role']),
      `sum by (phase, role) (${growth('fab_agent_sessions_total[$__rate_interval]')}) / ($__rate_interval_ms / 1000)`,
    ],
    [
      select2({ phase: oneOf('build', 'ship'), role: noneOf('unknown') }),
      `sum(${growth('fab_agent_sessions_total{phase=~"build|ship", role!~"unknown"}[1d]')})`,
    ],
    [sum(instant(inFlight), ['phase']), 'sum by (phase) (fab_agent_sessions_in_flight)'],
    [sum(maxOverTime(inFlight, '$__range')), 'sum(max_over_time(fab_agent_sessions_in_flight[$__range]))'],
    [sum(minOverTime(inFlight, '5m'), ['phase']), 'sum by (phase) (min_over_time(fab_agent_sessions_in_flight[5m]))'],
    [sum(lastOverTime(inFlight, '2h')), 'sum(last_over_time(fab_agent_sessions_in_flight[2h]))'],
    [sum(averageOverTime(inFlight, '1h')), 'sum(avg_over_time(fab_agent_sessions_in_flight[1h]))'],
    [
      div(sum(sumOverTime(inFlight, '1h')), sum(countOverTime(inFlight, '1h'))),
      'sum(sum_over_time(fab_agent_sessions_in_flight[1h])) / sum(count_over_time(fab_agent_sessions_in_flight[1h]))',
    ],
    [absentOverTime(sessions, '1d'), 'absent_over_time(fab_agent_sessions_total[1d])'],
    [
      histogramQuantile(0.95, rate(buckets(duration), '5m', ['phase', 'le'])),
      `histogram_quantile(0.95, sum by (phase, le) (${growth('fab_role_session_duration_seconds_bucket[5m]')}) / 300)`,
    ],
    [orZero(increase(sessions, '3h')), `(sum(${growth('fab_agent_sessions_total[3h]')}) or vector(0))`],
    [
      topk(3, rate(sessions, '5m', ['role'])),
      `topk(3, sum by (role) (${growth('fab_agent_sessions_total[5m]')}) / 300)`,
    ],
    [
      ratio(bad, all),
      `sum(${growth('fab_self_eval_total{result="fail"}[1h]')}) / (sum(${growth('fab_self_eval_total[1h]')}) > 0)`,
    ],
    [share(bad, all), `(${print(bad)} or vector(0)) / (${print(all)} > 0)`],
    [
      share(increase(sessions, '1h', ['phase']), increase(selfEval, '1h', ['phase'])),
      `(${print(increase(sessions, '1h', ['phase']))} or 0 * ${print(increase(selfEval, '1h', ['phase']))}) / (${print(increase(selfEval, '1h', ['phase']))} > 0)`,
    ],
    [sum(resets(sessions, '1h')), 'sum(resets(fab_agent_sessions_total[1h]))'],
    [
      compare(div(div(bad, clampMin(all, 0.001)), 1 - 0.95), '>', 14.4),
      `sum(${growth('fab_self_eval_total{result="fail"}[1h]')}) / clamp_min(sum(${growth('fab_self_eval_total[1h]')}), 0.001) / 0.05 > bool 14.4`,
    ],
    [div(bad, div(bad, all)), `${print(bad)} / (${print(bad)} / ${print(all)})`],
    [sub(1, sub(all, bad)), `1 - (${print(all)} - ${print(bad)})`],
    [mul(add(all, bad), 3), `(${print(all)} + ${print(bad)}) * 3`],
    [add(mul(all, 3), bad), `${print(all)} * 3 + ${print(bad)}`],
    [mul(compare(all, '>', 0), compare(bad, '==', 0)), `(${print(all)} > bool 0) * (${print(bad)} == bool 0)`],
    [compare(keep(all, '>', 0), '<', 3), `(${print(all)} > 0) < bool 3`],
    [and(keep(all, '>', 0), bad), `${print(all)} > 0 and ${print(bad)}`],
    [keep(and(all, bad), '>', 0), `(${print(all)} and ${print(bad)}) > 0`],
  ])('prints %#: %2$s', (expression, text) => {
    expect(printExpression(expression, 'aggregated')).toBe(text);
  });

  const SESSIONS = 'fab_agent_sessions_total';
  it.each([
    [
      'a window of an hour or less',
      increase(sessions, '5m', ['phase']),
      `sum by (phase) (max_over_time(${SESSIONS}[5m]) - last_over_time(${SESSIONS}[1h] offset 5m) or max_over_time(${SESSIONS}[5m]))`,
    ],
    [
      'a window that only Grafana knows',
      increase(sessions, '$__range'),
      `sum(max_over_time(${SESSIONS}[$__range]) - last_over_time(${SESSIONS}[1h] offset $__range) or max_over_time(${SESSIONS}[$__range]))`,
    ],
    [
      'a long window, which is read once',
      increase(sessions, '30d'),
      `sum(max_over_time(${SESSIONS}[30d]) or label_replace(0 - (last_over_time(${SESSIONS}[1h] offset 30d) and last_over_time(${SESSIONS}[1h] offset 719h)), "side", "before", "", ""))`,
    ],
    [
      'a rate, by the seconds of its window',
      mul(rate(sessions, '1h'), 60),
      `sum(max_over_time(${SESSIONS}[1h]) - last_over_time(${SESSIONS}[1h] offset 1h) or max_over_time(${SESSIONS}[1h])) / 3600 * 60`,
    ],
    [
      'a rate that is divided by, in brackets',
      div(rate(sessions, '$__rate_interval'), rate(sessions, '$__range')),
      `${printExpression(increase(sessions, '$__rate_interval'))} / ($__rate_interval_ms / 1000) / (${printExpression(increase(sessions, '$__range'))} / $__range_s)`,
    ],
  ])('counts exactly where every start has its own series: %s', (_, expression, text) => {
    expect(printExpression(expression, 'perStart')).toBe(text);
  });

  function select2(where: Parameters<typeof select<typeof sessions, object>>[1]) {
    return increase(select(sessions, where), '1d');
  }

  it('quotes any label value so that it is read back as it was', () => {
    const open = openLabel('what', { help: 'anything', atMost: 10 });
    const things = counter({ name: 'shop_things_total', help: 'T.', unit: '{thing}', labels: [open] });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const text = print(rate(select(things, { what: value }), '5m'));
        const literal = /^sum\(max_over_time\(shop_things_total\{what=("(?:[^"\\\n]|\\.)*")\}\[5m\]\) - /.exec(
          text,
        )?.[1];
        expect(literal).toBeDefined();
        // Go's string literals and JSON's agree on the escapes that the printer writes; what it leaves bare, JSON
        // wants escaped.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
        const bare = /[\u0000-\u001f]/g;
        expect(JSON.parse((literal ?? '').replace(bare, (each) => JSON.stringify(each).slice(1, -1)))).toBe(value);
      }),
    );
  });

  it('escapes what several values are matched by, so that they match themselves and nothing else', () => {
    const open = openLabel('what', { help: 'anything', atMost: 10 });
    const things = counter({ name: 'shop_things_total', help: 'T.', unit: '{thing}', labels: [open] });
    const value = fc.string({ unit: fc.constantFrom(...'ab.*+?()|[]{}^$\\-"/'), minLength: 1 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), value, (values, other) => {
        const [first = '', ...rest] = values;
        const text = print(rate(select(things, { what: oneOf(first, ...rest) }), '5m'));
        const literal = /what=~("(?:[^"\\]|\\.)*")\}\[5m\]\) - /.exec(text)?.[1] ?? '';
        // Prometheus anchors at both ends.
        const regex = new RegExp(`^(?:${JSON.parse(literal)})$`);
        for (const each of values) expect(regex.test(each)).toBe(true);
        expect(regex.test(other)).toBe(values.includes(other));
      }),
    );
  });

  it('prints numbers without the noise of binary fractions, and never loses one that has twelve digits', () => {
    expect([1 - 0.95, 14.4 * 0.05, 0.1 + 0.2, 1e-5, 3600, -1, Number.POSITIVE_INFINITY].map(printNumber)).toEqual([
      '0.05',
      '0.72',
      '0.3',
      '0.00001',
      '3600',
      '-1',
      '+Inf',
    ]);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(printNumber(value))).toBe(Number(value.toPrecision(12)));
      }),
    );
  });

  it('does not change an expression that was handed out: selecting again gives a new one', () => {
    const once = select(sessions, { phase: 'build' });
    const before = printExpression(rate(once, '5m'));
    select(once, { role: 'product' });
    expect(printExpression(rate(once, '5m'))).toBe(before);
    expect(label('x', { help: 'x', values: ['a'] }).values).toEqual(['a']);
  });
});
