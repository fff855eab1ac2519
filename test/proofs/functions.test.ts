import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, inject, it } from 'vitest';
import { needsOf } from '../../src/lockstep/promql/text-needs.js';
import { temporaryFolder } from '../temporary.js';

// Lockstep says which Prometheus reads which function and which notation. The promtool of two versions must agree.

const engines = inject('engines');

const RANGE =
  'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time';
const INSTANT =
  'abs absent acos acosh asin asinh atan atanh avg ceil cos cosh count day_of_month day_of_week day_of_year days_in_month deg exp floor group histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum hour info ln log10 log2 max min minute month rad round scalar sgn sin sinh sort sort_desc sqrt stddev stdvar sum tan tanh timestamp year';
const EXPRESSIONS = [
  ...RANGE.split(' ').map((name) => `${name}(x[5m])`),
  ...INSTANT.split(' ').map((name) => `${name}(x)`),
  'clamp(x, 0, 1)',
  'clamp_max(x, 1)',
  'clamp_min(x, 1)',
  'histogram_quantile(0.9, x)',
  'histogram_quantiles(x, "q", 0.9)',
  'histogram_fraction(0, 1, x)',
  'label_join(x, "a", ",", "b")',
  'label_replace(x, "a", "b", "c", "d")',
  'predict_linear(x[5m], 3600)',
  'quantile_over_time(0.9, x[5m])',
  'double_exponential_smoothing(x[5m], 0.5, 0.5)',
  'sort_by_label(x, "a")',
  'sort_by_label_desc(x, "a")',
  'pi()',
  'time()',
  'start()',
  'end()',
  'step()',
  'range()',
  'vector(1)',
  'count_values("v", x)',
  'topk(1, x)',
  'bottomk(1, x)',
  'limitk(1, x)',
  'limit_ratio(0.5, x)',
  'quantile(0.9, x)',
  'rate(x[5m] anchored)',
  'rate(x[5m] smoothed)',
  'rate(x[5m + 1m])',
  'x > 1_000',
  'x + fill(0) x',
  '{"a.b"}',
  'x atan2 x',
  'x offset -5m',
  'x @ end()',
  'max_over_time(x[1h:5m])',
  'x * on (a) group_left (b) x',
  'x > bool 1',
];

function reads(promtool: string, expr: string, ...flags: readonly string[]): boolean {
  const file = join(temporaryFolder(), 'rules.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'a', rules: [{ record: 'a:b', expr }] }] }));
  try {
    execFileSync(promtool, [...flags, 'check', 'rules', '--lint=none', file], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

const needOf = (text: string) => {
  const froms = needsOf(parser.parse(text).topNode, text).map(({ from }) => from);
  return froms.includes('experimental') ? 'experimental' : froms[0];
};

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it.each(EXPRESSIONS)('%s is read where lockstep says', (text) => {
    const need = needOf(text);
    expect(reads(promtool, text)).toBe(need === undefined || (name === 'promtool 3' && need === '3.16'));
  });
});

describe('with experimental functions', () => {
  const promtool = engines['promtool 3'];
  if (promtool === undefined) return;
  // `fill` has a feature flag of its own.
  it.each(EXPRESSIONS.filter((text) => !text.includes('fill')))('%s is read by Prometheus 3.16', (text) => {
    expect(reads(promtool, text, '--enable-feature=promql-experimental-functions')).toBe(true);
  });
});
