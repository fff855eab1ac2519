import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  ago,
  byCommon,
  compare,
  datePart,
  increase,
  instant,
  labelReplace,
  overSteps,
  returned,
  secondsSince,
  sum,
  now as thisMoment,
} from '../../src/lockstep/promql/index.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { shop } from '../shop/catalogue.js';
import { cluster } from './cluster.js';

const { memory, restarts, pods } = cluster.metrics;
const { sales } = shop.metrics;
const catalogue = { ...cluster, metrics: { ...cluster.metrics, ...shop.metrics } } as unknown as Catalogue;
const variables = new Map<string, string>();
const now = sum(instant(memory), ['pod']);
const text = promql(cluster as unknown as Catalogue, 'sum(memory_bytes)', []) as unknown as Vector<never>;

describe('an expression that is shifted, computed at steps or given labels', () => {
  it.each<[string, Vector, readonly string[]]>([
    ['of others, over a window of Grafana', ago(increase(restarts, '$__rate_interval'), '7d'), []],
    ['of own counters, over a window of Grafana', ago(increase(sales, '$__interval'), '7d'), ['promql/ago']],
    ['of own counters, over a literal window', ago(increase(sales, '5m'), '7d'), []],
    ['as text', ago(text, '7d'), ['promql/ago']],
    ['a time since', ago(secondsSince(instant(memory)), '7d'), ['promql/ago', 'promql/not-a-time']],
    ['what came back', ago(sum(returned(pods as never, '5m')), '7d'), ['promql/ago']],
    ['by no duration', ago(now, '1.5h' as '1h'), ['promql/window']],
    ['at steps that are windows', overSteps('max', now, '5m', '5m'), ['promql/steps']],
    ['at steps of no duration', overSteps('max', now, '1h', '$__interval' as '1m'), ['promql/window']],
    ['a sum that is never so low', compare(overSteps('count', now, '1h', '1m'), '<', 1), ['promql/never-true']],
    [
      'a label of one that is not there',
      labelReplace(now, { into: 'x', from: 'podd' as 'pod' }),
      ['promql/relabelled'],
    ],
    ['a label without a name', labelReplace(now, { into: 'the zone', from: 'pod' }), ['promql/relabelled']],
    ['a label that is there', labelReplace(now, { into: 'pod' as 'x', from: 'pod' }), ['promql/relabelled']],
    ['the name of the metric', labelReplace(now, { into: '__name__', from: 'pod' }), ['promql/relabelled']],
    ['a look ahead', labelReplace(now, { into: 'x', from: 'pod', pattern: '(?=a)(.*)' }), ['promql/relabelled']],
    ['a group within', labelReplace(now, { into: 'x', from: 'pod', pattern: '(a)\\1' }), ['promql/relabelled']],
    ['any case', labelReplace(now, { into: 'x', from: 'pod', pattern: '(?i)(A).*' }), []],
    ['a group in braces', labelReplace(now, { into: 'x', from: 'pod', replacement: `\${1}_x` }), []],
    [
      'no group',
      labelReplace(now, { into: 'x', from: 'pod', pattern: '.*', replacement: '$1' }),
      ['promql/relabelled'],
    ],
    ['a longer name', labelReplace(now, { into: 'x', from: 'pod', replacement: '$1_x' }), ['promql/relabelled']],
    ['nothing', labelReplace(now, { into: 'x', from: 'pod', replacement: '' }), ['promql/relabelled']],
    ['matched by a label that the left lacks', byCommon(sum(instant(memory)), '/', now as never), ['promql/no-match']],
    ['an hour that never is', compare(datePart('hour', thisMoment()), '>', 23), ['promql/never-true']],
    ['office hours', compare(datePart('hour', thisMoment()), '>=', 8), []],
    ['a label by no pattern', labelReplace(now, { into: 'x', from: 'pod', pattern: '(' }), ['promql/relabelled']],
  ])('%s', (_, expression, codes) => {
    const found = validateExpression(expression.node, 'here', { catalogue, variables }).map(({ code }) => code);
    expect([...new Set(found)].sort()).toEqual(codes);
  });

  it('says how to end the name of a group', () => {
    const [problem] = validateExpression(
      labelReplace(now, { into: 'x', from: 'pod', replacement: '$1_x' }).node,
      'here',
      {
        catalogue,
        variables,
      },
    );
    expect(problem).toMatchObject({
      found: '"$1_x" in the replacement, a group that the pattern does not have',
      fix: `write \${1}_x`,
    });
  });

  it('says which label it could be', () => {
    const [problem] = validateExpression(labelReplace(now, { into: 'x', from: 'podd' as 'pod' }).node, 'here', {
      catalogue,
      variables,
    });
    expect(problem).toMatchObject({
      found: 'a label made of "podd", which the expression does not return',
      allowed: 'pod',
      fix: 'did you mean "pod"?',
    });
  });
});
