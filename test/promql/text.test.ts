import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { contentOf } from '../../src/lockstep/promql/text-tree.js';
import { labelsOf, selections } from '../../src/lockstep/promql/tree.js';
import { checkout } from '../checkout/catalogue.js';
import { shop } from '../shop/catalogue.js';
import { EXPRESSIONS, fleet } from './fleet.js';

// PromQL as text: all of the language, with every name in it looked up.

const SCOPE = 'namespace="checkout", job=~"api|worker"';
const variables = new Map([['pod', 'pod']]);
const problems = (text: string, by: readonly string[] = [], catalogue: Catalogue = checkout as unknown as Catalogue) =>
  validateExpression(promql(catalogue, text, by).node, 'here', { catalogue, variables });

describe('PromQL as text', () => {
  it.each<[string, string, readonly string[]]>([
    ['sum(rate(http_requests_total[5m]))', `sum(rate(http_requests_total{${SCOPE}}[5m]))`, []],
    [
      'sum by (code) (rate(http_requests_total{code=~"5.."}[5m]))',
      `sum by (code) (rate(http_requests_total{${SCOPE}, code=~"5.."}[5m]))`,
      ['code'],
    ],
    [
      'max without (pod, job, namespace) (worker_queue_length{})',
      `max without (pod, job, namespace) (worker_queue_length{${SCOPE}})`,
      ['<scrape target>'],
    ],
    // A comment is no operand, wherever it stands.
    [
      '# before\nsum by (code) ( # within\n  rate(http_requests_total[5m])\n) # after',
      `# before\nsum by (code) ( # within\n  rate(http_requests_total{${SCOPE}}[5m])\n) # after`,
      ['code'],
    ],
    // Prometheus gives a series of what is missing the labels that the selector has one value for.
    ['absent(OrdersPlaced)', `absent(OrdersPlaced{${SCOPE}})`, ['namespace']],
    [
      'absent_over_time(OrdersPlaced{pod="a", job=~"api"}[1h])',
      `absent_over_time(OrdersPlaced{${SCOPE}, pod="a", job=~"api"}[1h])`,
      ['namespace', 'pod'],
    ],
    // The scope is not said twice.
    [
      'sum(rate(http_requests_total{namespace="checkout", code="500"}[5m]))',
      'sum(rate(http_requests_total{job=~"api|worker", namespace="checkout", code="500"}[5m]))',
      [],
    ],
    [
      'histogram_quantile(0.9, sum by (le, route) (rate(http_request_duration_ms_bucket[10m])))',
      `histogram_quantile(0.9, sum by (le, route) (rate(http_request_duration_ms_bucket{${SCOPE}}[10m])))`,
      ['route'],
    ],
    [
      'label_replace(sum by (pod) (worker_queue_length), "short", "$1", "pod", "(.*)-.*")',
      `label_replace(sum by (pod) (worker_queue_length{${SCOPE}}), "short", "$1", "pod", "(.*)-.*")`,
      ['pod', 'short'],
    ],
    [
      'sum by (pod) (worker_queue_length) * on (pod) group_left (route) sum by (pod, route) (rate(http_requests_total[5m]))',
      `sum by (pod) (worker_queue_length{${SCOPE}}) * on (pod) group_left (route) sum by (pod, route) (rate(http_requests_total{${SCOPE}}[5m]))`,
      ['pod', 'route'],
    ],
    ['sum(OrdersPlaced offset 1h) or vector(0)', `sum(OrdersPlaced{${SCOPE}} offset 1h) or vector(0)`, []],
    [
      'max_over_time(sum(rate(OrdersPlaced[5m]))[1h:5m])',
      `max_over_time(sum(rate(OrdersPlaced{${SCOPE}}[5m]))[1h:5m])`,
      [],
    ],
    [
      'topk(3, sum by (pod) (worker_queue_length{pod=~"$pod"}))',
      `topk(3, sum by (pod) (worker_queue_length{${SCOPE}, pod=~"$pod"}))`,
      ['pod'],
    ],
    [
      'sum(increase(OrdersPlaced[$__range])) # all of it',
      `sum(increase(OrdersPlaced{${SCOPE}}[$__range])) # all of it`,
      [],
    ],
    [
      'count_values("length", worker_queue_length)',
      `count_values("length", worker_queue_length{${SCOPE}})`,
      ['length'],
    ],
  ])('%s is read, in its scope', (text, printed, by) => {
    expect(problems(text, by)).toEqual([]);
    const { node } = promql(checkout as unknown as Catalogue, text, by);
    expect(printExpression({ node })).toBe(printed);
    expect(labelsOf(node)).toEqual(by);
  });

  it('says which windows it reads', () => {
    const { node } = promql(
      checkout as unknown as Catalogue,
      'sum(rate(http_requests_total[3h])) + sum(worker_queue_length)',
    );
    expect([...selections(node)].map(({ selector, window }) => [selector.metric.name, window])).toEqual([
      ['http_requests_total', '3h'],
      ['worker_queue_length', undefined],
    ]);
  });

  it.each<[string, string, string, string]>([
    [
      'sum(rate(http_request_total[5m]))',
      'unknown-metric',
      '^^^^^^^^^^^^^^^^^^',
      'did you mean "http_requests_total"?',
    ],
    ['sum(worker_queue_length{pdo="x"})', 'unknown-label', '^^^', 'did you mean "pod"?'],
    ['sum by (cod) (rate(http_requests_total[5m]))', 'group-by', '^^^', 'did you mean "code"?'],
    // Prometheus 3 takes names in quotes.
    ['sum(worker_queue_length{"pdo"="x"})', 'unknown-label', '^^^^^', 'did you mean "pod"?'],
    ['sum(rate(http_requests_total{"code"="501"}[5m]))', 'unknown-value', '^^^^^', 'did you mean'],
    ['sum by ("cod") (rate(http_requests_total[5m]))', 'group-by', '^^^^^', 'did you mean "code"?'],
    ['sum(rate(http_request_duration_ms_bucket{"le"="300"}[5m]))', 'le-literal', '^^^^^^^^^^', 'countAtMost()'],
    // The inner aggregation has added the label away.
    ['max by (pod) (sum by (code) (rate(http_requests_total[5m])))', 'group-by', '^^^', 'did you mean "code"?'],
    ['sum(rate(http_requests_total{code="501"}[5m]))', 'unknown-value', '^^^^^', 'did you mean'],
    ['sum(rate(http_requests_total{code=~"6.."}[5m]))', 'unknown-value', '^^^^^', 'the values are'],
    ['sum(rate(http_requests_total{code=~"500|599"}[5m]))', 'unknown-value', '^^^^^^^^^', 'did you mean'],
    ['sum(rate(http_requests_total[5m])', 'syntax', '^', 'correct it'],
    ['sum(rate(http_request_duration_ms_bucket{le="300"}[5m]))', 'le-literal', '^^^^^^^^', 'countAtMost()'],
    ['sum({job="api"})', 'no-name', '^^^^^^^^^^^', 'begin it with the name'],
    ['sum(increase(http_requests_total[$__interval]))', 'interval-window', '^^^^^^^^^^^^^^^^^^^', '$__rate_interval'],
    ['sum by (code) (rate(http_requests_total[5m]))', 'labels', '^^^', "['code']"],
    ['', 'syntax', '^', 'correct it'],
  ])('%s is refused, with a caret', (text, code, caret, fix) => {
    const [problem] = problems(text);
    expect(problem?.code).toBe(`promql/${code}`);
    expect(problem?.found.split('\n').at(-1)).toContain(caret);
    expect(problem?.fix).toContain(fix);
  });

  it.each([
    `sum(rate(http_requests_total{code="\\x35\\u00300"}[5m]))`,
    `sum(rate(http_requests_total{code='\\U00000035\\0600'}[5m]))`,
    'sum(rate(http_requests_total{code=`500`}[5m]))',
    'sum(rate(http_requests_total{"code"="500"}[5m]))',
  ])('knows a value however it is written: %s', (text) => {
    expect(problems(text)).toEqual([]);
    const [read] = [...selections(promql(checkout as unknown as Catalogue, text).node)];
    expect(read?.selector.matchers.at(-1)).toEqual({
      label: 'code',
      negated: false,
      match: { type: 'value', value: '500' },
    });
  });

  it.each([
    ['"a\\n\\t\\\\b"', 'a\n\t\\b'],
    [`'it\\'s'`, "it's"],
    [`"it's"`, "it's"],
    ['"\\""', '"'],
    ['`a\\n`', 'a\\n'],
    ['"\\x41\\101\\u00e9\\U0001f600"', 'AA\u00e9\u{1f600}'],
    ['"\\q"', undefined],
    ['"\\U00110000"', undefined],
    ['"\\"', undefined],
  ])('reads the string %s', (literal, content) => {
    expect(contentOf(literal)).toBe(content);
  });

  it('does not read counters of the exporter, which PromQL would read wrong', () => {
    expect(
      problems('sum(rate(shop_sales_total[5m]))', [], shop as unknown as Catalogue).map(({ code }) => code),
    ).toEqual(['promql/own-counter']);
    expect(problems('max(shop_queue_length)', [], shop as unknown as Catalogue)).toEqual([]);
  });
});

describe('the expressions of a fleet', () => {
  it.each(EXPRESSIONS)('%s', (text) => {
    const catalogue = fleet as unknown as Catalogue;
    const [problem] = validateExpression(promql(catalogue, text).node, 'here', { catalogue, variables });
    // Which labels come out is said in the problem of who did not say it; said so, there is none.
    const [, said = ''] = /promql\(catalogue, text, \[(.*)\]\)/.exec(problem?.fix ?? '') ?? [];
    const by = said === '' ? [] : said.split(', ').map((each) => each.slice(1, -1));
    expect(validateExpression(promql(catalogue, text, by).node, 'here', { catalogue, variables })).toEqual([]);
  });

  it('are many', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(120);
  });
});
