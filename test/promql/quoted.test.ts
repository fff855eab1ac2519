import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, openLabel } from '../../src/exporter/catalogue/index.js';
import { fillLabels, hasOtherTemplate, labelsNamed } from '../../src/lockstep/alerts/template.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { quotedNamesIn } from '../../src/lockstep/existing/quoted.js';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { printCatalogue } from '../../src/lockstep/import/print-catalogue.js';
import { toCatalogue } from '../../src/lockstep/import/to-catalogue.js';
import { defineDashboard, labelVariable, query } from '../../src/lockstep/panels/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  absentOverTime,
  buckets,
  countAtMost,
  histogramQuantile,
  increase,
  rate,
  select,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { promql, readQuery } from '../../src/lockstep/promql/text.js';
import { usesOf } from '../../src/lockstep/promql/text-uses.js';
import { labelsOf } from '../../src/lockstep/promql/tree.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { compareExposition } from '../../src/lockstep/verify/metrics.js';
import { codes, problemsOf } from '../problems.js';
import shopConfig from '../shop/lockstep.config.js';
import { otel } from './otel.js';

// Names that PromQL takes only in quotes.

const { requests, duration } = otel.metrics;
const catalogue = otel as unknown as Catalogue;
const SCOPE = '"service.name"="checkout"';

describe('a name in quotes', () => {
  it.each<[string, Vector, string]>([
    [
      'a rate by a label',
      rate(select(requests, { 'http.route': '/', method: 'PÖST' }), '5m', ['http.route', 'method']),
      `sum by ("http.route", method) (rate({"http.server.requests", ${SCOPE}, "http.route"="/", method="PÖST"}[5m]))`,
    ],
    [
      'a quantile',
      histogramQuantile(0.9, increase(buckets(duration), '5m', ['le', 'http.route'])),
      `histogram_quantile(0.9, sum by (le, "http.route") (increase({"http.server.duration_bucket", ${SCOPE}}[5m])))`,
    ],
    [
      'a bucket',
      increase(countAtMost(duration, 1), '5m'),
      `sum(increase({"http.server.duration_bucket", ${SCOPE}, le=~"1|1\\\\.0"}[5m]))`,
    ],
    ['an absence', absentOverTime(requests, '5m'), `sum(absent_over_time({"http.server.requests", ${SCOPE}}[5m]))`],
    [
      'a plain name with a label in quotes',
      increase(otel.metrics.jobs, '5m'),
      `sum(increase(jobs_total{${SCOPE}}[5m]))`,
    ],
  ])('is printed in %s, and read again to the same text', (_, expression, text) => {
    expect(printExpression(expression)).toBe(text);
    const labels = (labelsOf(expression.node) ?? []).filter((each) => each !== 'le');
    // Text has no `le` with a literal.
    if (/le=~/.test(text)) return;
    const again = promql(catalogue, text, labels);
    expect(validateExpression(again.node, 'here', { catalogue, variables: undefined })).toEqual([]);
    expect(printExpression(again)).toBe(text);
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    ['sum({"http.server.requests"})', `sum({${SCOPE}, "http.server.requests"})`, [], []],
    ['sum({method="GET","http.server.requests"})', `sum({${SCOPE}, method="GET","http.server.requests"})`, [], []],
    ['sum({__name__="jobs_total"})', `sum({${SCOPE}, __name__="jobs_total"})`, [], []],
    [
      'sum by ("http.route") ({"http.server.requests"})',
      `sum by ("http.route") ({${SCOPE}, "http.server.requests"})`,
      ['http.route'],
      [],
    ],
    ['sum({"http.server.request"})', '', [], ['promql/unknown-metric']],
    ['sum({"http.server.requests", "http.rout"="/"})', '', [], ['promql/unknown-label']],
    ['sum by ("http.rout") ({"http.server.requests"})', '', ['http.rout'], ['promql/group-by']],
    ['sum({"http.server.requests", method="Get"})', '', [], ['promql/unknown-value']],
    ['sum({method="GET"})', '', [], ['promql/no-name']],
    ['sum({__name__=~"http.*"})', '', [], ['promql/no-name']],
    ['sum({"__name__"="jobs_total"})', `sum({${SCOPE}, "__name__"="jobs_total"})`, [], []],
    ['sum(jobs_total{__name__="jobs_total"})', '', [], ['promql/two-names']],
    ['sum(jobs_total{"http.server.requests"})', '', [], ['promql/two-names']],
    ['sum({"jobs_total", __name__=~"j.*"})', '', [], ['promql/two-names']],
  ])('is looked up in text: %s', (text, printed, by, slips) => {
    const { node } = promql(catalogue, text, by);
    const found = validateExpression(node, 'here', { catalogue, variables: undefined });
    expect(found.map(({ code }) => code)).toEqual(slips);
    if (slips.length === 0) expect(printExpression({ node })).toBe(printed);
  });

  it('is found in a query of which nothing else is known', () => {
    expect(usesOf('sum by ("http.route") (rate({"a.b", x="1"}[5m])) / sum(rate({__name__="c"}[5m]))', [])).toEqual([
      { name: 'a.b', labels: ['x', 'http.route'], isCounted: true },
      { name: 'c', labels: [], isCounted: true },
    ]);
  });

  it('of any characters is read back as it was', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter(
        (text) => !/\$|\[\[|[\p{Cc}\p{Cs}]/u.test(text) && text.trim() === text && !/_(bucket|count|sum)$/.test(text),
      );
    fc.assert(
      fc.property(name, name, (metric, label) => {
        // The grammar's package takes these words for something else.
        fc.pre(!(metric in {}));
        fc.pre(!['le', 'quantile'].includes(label) && !label.startsWith('__'));
        const made = defineCatalogue({
          name: 'x',
          recordedBy: 'others',
          metrics: {
            a: counter({
              name: metric,
              help: 'A.',
              unit: '{a}',
              labels: [openLabel(label, { help: 'L.', atMost: 5 })],
            }),
          },
        }) as unknown as Catalogue;
        const [a] = Object.values(made.metrics);
        if (a === undefined) throw new Error('no metric');
        const text = printExpression(rate(a as never, '5m', [label] as never));
        const node = readQuery(made, text);
        expect([node.slips, node.by, node.reads.map(({ selector }) => selector.metric.name)]).toEqual([
          [],
          [label],
          [metric],
        ]);
      }),
    );
  });
});

describe('a target that may not read it', () => {
  const dashboard = defineDashboard({
    catalogue: otel,
    facet: 'overview',
    description: 'Requests.',
    tags: [],
    variables: [],
    rows: [
      {
        title: 'All',
        panels: [
          {
            type: 'timeseries',
            title: 'Requests',
            description: 'Requests per second.',
            unit: 'reqps',
            width: 12,
            queries: [
              query(rate(requests, '$__rate_interval', ['http.route']), '{{http.route}}'),
              query(
                promql(otel as never, `sum by (method) (rate({"http.server.requests"}[$__rate_interval]))`, ['method']),
                '{{method}}',
              ),
            ],
          },
        ],
      },
    ],
  });
  const config = (prometheus?: '2.42' | '3.16'): Config => ({
    ...shopConfig,
    target: { ...shopConfig.target, ...(prometheus === undefined ? {} : { prometheus }) },
    systems: [{ catalogue: otel, dashboards: [dashboard], alerts: [] }],
  });

  it.each([undefined, '2.42'] as const)('is told once: %s', (prometheus) => {
    const { problems } = planFiles(config(prometheus));
    expect(codes(problems)).toEqual(['promql/quoted-name at catalogue otel › requests']);
    expect(problems[0]?.found).toBe('"http.server.requests" and 3 more names, which PromQL takes only in quotes');
  });

  it('is one that reads it where the target says so', () => {
    const { files, problems } = planFiles(config('3.16'));
    expect(problems).toEqual([]);
    const expr = '"expr": "sum by (\\"http.route\\") (rate({\\"http.server.requests\\"';
    expect(files.some(({ text }) => text.replaceAll('\\\\', '\\').includes(expr.replaceAll('\\"', '\\"')))).toBe(true);
  });

  it('is told of names that functions and rules make', () => {
    const needs = (text: string) => readQuery(catalogue, text).needs.map(({ from }) => from);
    expect(needs('label_replace(jobs_total, "a.b", "$1", "job", "(.*)")')).toEqual(['3.16']);
    expect(needs('count_values("a b", jobs_total)')).toEqual(['3.16']);
    expect(needs('label_replace(jobs_total, "ab", "$1", "job", "(.*)")')).toEqual([]);
    expect(
      quotedNamesIn([{ name: 'g', rules: [{ record: 'a.b', promql: 'x', labels: { 'team.name': 'x' } }] }]),
    ).toEqual(['a.b', 'team.name']);
  });

  it('has no dropdown of such a label, since no variable of Grafana is called so', () => {
    const define = () =>
      defineDashboard({
        catalogue: otel,
        facet: 'overview',
        description: 'Requests.',
        tags: [],
        variables: [labelVariable('http.route', { title: 'Route', from: requests })],
        rows: [],
      });
    expect(codes(problemsOf(define))).toContain(
      'dashboard/variable-name at dashboards/otel-overview › variable http.route',
    );
  });
});

const PAGE = `# HELP "http.server.requests" Requests.
# TYPE "http.server.requests" counter
{"http.server.requests","http.route"="/a",method="GET"} 3
{ "http.server.requests", "http.route"="/b", method="PÖST" } 1
# TYPE "odd \\"name\\"" gauge
{"odd \\"name\\""} 1
# TYPE jobs_total counter
jobs_total 4
`;

describe('a page with names in quotes', () => {
  it('is read, with its types and help', () => {
    const { families, samples, refused } = parseExposition(PAGE);
    expect(refused.map(({ by }) => by)).toEqual([['2.42']]);
    expect(families.map(({ name, type, help }) => [name, type, help])).toEqual([
      ['http.server.requests', 'counter', 'Requests.'],
      ['odd "name"', 'gauge', undefined],
      ['jobs_total', 'counter', undefined],
    ]);
    expect(samples.map(({ name, labels, value }) => [name, { ...labels }, value])).toEqual([
      ['http.server.requests', { 'http.route': '/a', method: 'GET' }, 3],
      ['http.server.requests', { 'http.route': '/b', method: 'PÖST' }, 1],
      ['odd "name"', {}, 1],
      ['jobs_total', {}, 4],
    ]);
  });

  it.each(['{"a" "b"="c"} 1', '{} 1', '{"a"', '{a="b"} 1'])('%s is no sample', (line) => {
    expect(
      parseExposition(`${line}\n`)
        .refused.flatMap(({ by }) => by)
        .sort(),
    ).toEqual(['2.42', '3.16']);
  });

  it('leaves out names that cannot stand on a board, and tells of each', () => {
    const page = '{"new\\nline"} 1\n{"dollar$x"} 1\n{"br[[x"} 1\nup{"l$l"="1",a="b"} 1\n';
    const found = findMetrics(parseExposition(page), 'page');
    expect(found.metrics.map(({ name, labels }) => [name, labels])).toEqual([['up', ['a']]]);
    expect(found.labels.map(({ name }) => name)).toEqual(['a']);
    expect(found.findings.filter(({ id }) => id === 'import/name').map(({ where }) => where)).toEqual([
      '"new\\nline"',
      '"dollar$x"',
      '"br[[x"',
      '"l$l"',
    ]);
    expect(() => toCatalogue(found, 'x', {}, [])).not.toThrow();
  });

  it('becomes a catalogue that it agrees with', () => {
    const found = findMetrics(parseExposition(PAGE), 'page');
    // It is for Prometheus 3: what an older one refuses does not matter.
    expect(found.findings).toEqual([]);
    const made = toCatalogue(found, 'x', {}, []);
    expect(compareExposition(made, parseExposition(PAGE), undefined, '3.16')).toEqual([]);
    const text = printCatalogue(found, { name: 'x', scope: {} });
    expect(text).toContain("name: 'http.server.requests'");
    expect(text).toContain("label('http.route'");
  });
});

describe('a label in the text of an alert', () => {
  const text = 'slow at {{ $labels.pod }}, {{ index $labels "http.route" }} and {{index $labels "a b"}}';
  it('is read and filled in, in quotes too', () => {
    expect(labelsNamed(text)).toEqual(['pod', 'http.route', 'a b']);
    expect(hasOtherTemplate(text)).toBe(false);
    expect(hasOtherTemplate('{{ index $values "A" }}')).toBe(true);
    expect(fillLabels(text, { pod: 'p', 'http.route': '/' })).toBe('slow at p, / and ');
  });
});
