import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, gauge, label, openLabel } from '../../src/exporter/catalogue/index.js';
import { createExporter } from '../../src/exporter/index.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { defineDashboard, query } from '../../src/lockstep/panels/index.js';
import { increase, instant, max, rate, resets, select, sum } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { compareExposition } from '../../src/lockstep/verify/metrics.js';
import { checkout } from '../checkout/catalogue.js';
import config from '../checkout/lockstep.config.js';
import { problemsOf } from '../problems.js';

// Metrics that another program records: their names as they are, a scope in every selector, and PromQL's own rate().

const { requests, orders, queue } = checkout.metrics;
const namespace = openLabel('namespace', { help: 'the namespace', atMost: 5 });
const zone = label('zone', { help: 'the zone', values: ['a', 'b'] });
const up = gauge({ name: 'up', help: 'Whether it is up.', unit: '{target}', labels: [] });
const codes = (define: () => unknown) => problemsOf(define).map(({ code, where }) => `${code} at ${where}`);

describe('a catalogue of metrics that others record', () => {
  it('builds boards and alerts', async () => {
    const { files, problems } = planFiles(config);
    expect(problems).toEqual([]);
    for (const { path, text } of files) await expect(text).toMatchFileSnapshot(`../golden/checkout/${path}`);
  });

  it.each([
    ['sekunds', 'did you mean "seconds"?'],
    ['', 'name a base unit, or what is counted as "{thing}"'],
    ['thing', 'name a base unit, or what is counted as "{thing}"'],
  ])('refuses the unit %j, which nothing can be compared with', (unit, fix) => {
    const wrong = gauge({ name: 'up', help: 'Whether it is up.', unit: unit as 'seconds', labels: [] });
    const define = () => defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { wrong } });
    expect(problemsOf(define)).toMatchObject([{ code: 'catalogue/unit', where: 'catalogue x › wrong › unit', fix }]);
  });

  it.each([
    [
      'rate',
      rate(requests, '5m', ['code', 'pod']),
      'sum by (code, pod) (rate(http_requests_total{namespace="checkout", job=~"api|worker"}[5m]))',
    ],
    ['increase', increase(orders, '1h'), 'sum(increase(OrdersPlaced{namespace="checkout", job=~"api|worker"}[1h]))'],
    [
      'a gauge',
      max(instant(select(queue, { pod: 'worker-1' }))),
      'max(worker_queue_length{namespace="checkout", job=~"api|worker", pod="worker-1"})',
    ],
    [
      'resets',
      sum(resets(requests, '1h')),
      'sum(resets(http_requests_total{namespace="checkout", job=~"api|worker"}[1h]))',
    ],
  ])('is read in its scope, by what PromQL has: %s', (_, expression, text) => {
    for (const counting of ['perStart', 'aggregated'] as const)
      expect(printExpression(expression, counting)).toBe(text);
  });

  it('is read from the last sample before the window on, where the catalogue says so', () => {
    const of = (catalogue: object) =>
      defineCatalogue({
        name: 'x',
        metrics: { jobs: counter({ name: 'x_jobs_total', help: 'Jobs.', unit: '{job}', labels: [] }), up },
        ...catalogue,
      } as never) as unknown as { readonly metrics: { readonly jobs: never } };
    const { jobs } = of({ recordedBy: 'others', increases: 'anchored' }).metrics;
    expect(printExpression(increase(jobs, '5m'))).toBe('sum(increase(x_jobs_total[5m] anchored))');
    expect(printExpression(rate(jobs, '$__rate_interval'))).toBe('sum(rate(x_jobs_total[$__rate_interval] anchored))');
    expect(codes(() => of({ recordedBy: 'others', increases: 'smoothed' }))).toEqual([
      'catalogue/increases at catalogue x › increases',
    ]);
    expect(codes(() => of({ increases: 'anchored' }))).toContain('catalogue/recorded-by at catalogue x › increases');
  });

  it('is anchored only where the target has a Prometheus that reads it', () => {
    const catalogue = { ...checkout, increases: 'anchored' } as never;
    const problems = (prometheus?: '2.42' | '3.16') =>
      planFiles({
        ...config,
        target: { ...config.target, ...(prometheus === undefined ? {} : { prometheus }) },
        systems: [{ catalogue, dashboards: [], alerts: [] }],
      }).problems.map(({ code }) => code);
    expect(problems('3.16')).toEqual([]);
    for (const other of ['2.42', undefined] as const) expect(problems(other)).toEqual(['promql/anchored']);
  });

  it.each<[string, () => unknown, string]>([
    [
      'a scope of no label',
      () => defineCatalogue({ name: 'x', recordedBy: 'others', scope: { job: 'x' }, metrics: { up } }),
      'catalogue/scope at catalogue x › scope › job',
    ],
    [
      'a scope of a value that is not there',
      () =>
        defineCatalogue({
          name: 'x',
          recordedBy: 'others',
          targetLabels: [zone],
          scope: { zone: 'c' },
          metrics: { up },
        }),
      'catalogue/scope at catalogue x › scope › zone',
    ],
    [
      'an empty scope',
      () =>
        defineCatalogue({
          name: 'x',
          recordedBy: 'others',
          targetLabels: [zone],
          scope: { zone: [] },
          metrics: { up },
        }),
      'catalogue/scope at catalogue x › scope › zone',
    ],
    [
      'a scope of the exporter of one',
      () => defineCatalogue({ name: 'shop', targetLabels: [zone], metrics: {} }),
      'catalogue/recorded-by at catalogue shop › targetLabels',
    ],
    [
      'another word',
      () => defineCatalogue({ name: 'x', recordedBy: 'me' as 'others', metrics: { up } }),
      'catalogue/recorded-by at catalogue x › recordedBy',
    ],
    [
      'a label of the target on a metric',
      () =>
        defineCatalogue({
          name: 'x',
          recordedBy: 'others',
          targetLabels: [zone],
          metrics: { up: { ...up, labels: [zone] } },
        }),
      'catalogue/target-label at catalogue x › up › labels › zone',
    ],
    [
      'a name that Prometheus does not have',
      () => defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { up: { ...up, name: 'is\nup' } } }),
      'catalogue/metric-name at catalogue x › up › name',
    ],
    [
      'a label that is a part of histograms',
      () =>
        defineCatalogue({
          name: 'x',
          recordedBy: 'others',
          metrics: { up: { ...up, labels: [openLabel('le', { help: 'x', atMost: 1 })] } },
        }),
      'catalogue/label-name at catalogue x › up › labels › le',
    ],
  ])('refuses %s', (_, define, expected) => {
    expect(codes(define)).toContain(expected);
  });

  const board = (expression: Parameters<typeof query>[0]) =>
    defineDashboard({
      catalogue: checkout,
      facet: 'x',
      description: 'x',
      tags: [],
      variables: [],
      rows: [
        {
          title: 'R',
          panels: [
            { type: 'stat', title: 'T', description: 'x', unit: 'short', width: 6, queries: [query(expression, 'x')] },
          ],
        },
      ],
    });
  it.each([
    ['a window as long as the step', () => board(increase(requests, '$__interval')), 'promql/interval-window'],
    [
      'a value outside of the scope',
      () => board(increase(select(requests, { namespace: 'other' }), '5m')),
      'promql/no-such-series',
    ],
    [
      'a value that does not exist',
      () => board(increase(select(requests, { code: '418' as '200' }), '5m')),
      'promql/unknown-value',
    ],
    ['what no exporter of lockstep tells', () => board(sum(instant(checkout.own.info))), 'promql/unknown-metric'],
  ])('refuses, on a board, %s', (_, define, code) => {
    expect(problemsOf(define).map((each) => each.code)).toContain(code);
  });

  it('takes in metrics of another catalogue, with what that one says of them', () => {
    const kube = defineCatalogue({
      name: 'kube',
      recordedBy: 'others',
      targetLabels: [namespace],
      scope: { namespace: 'kube-system' },
      metrics: {
        restarts: counter({ name: 'kube_pod_restarts_total', help: 'Restarts.', unit: '{restart}', labels: [] }),
      },
    });
    const both = defineCatalogue({ name: 'both', recordedBy: 'others', metrics: { ...kube.metrics, up } });
    expect(printExpression(increase(both.metrics.restarts, '5m'))).toBe(
      'sum(increase(kube_pod_restarts_total{namespace="kube-system"}[5m]))',
    );
  });

  it('has no exporter', () => {
    expect(() => createExporter(checkout as unknown as Catalogue)).toThrow(
      'catalogue checkout says that others record its metrics',
    );
  });

  it('is verified by what a page has: no start, no label of the target', () => {
    const page = `# TYPE http_requests_total counter
http_requests_total{code="200",route="/"} 1
http_requests_total{code="418",route="/"} 1
# TYPE http_request_duration_ms histogram
${[50, 100, 300, 1000, '+Inf'].map((le) => `http_request_duration_ms_bucket{route="/",le="${le}"} 1`).join('\n')}
http_request_duration_ms_sum{route="/"} 1
http_request_duration_ms_count{route="/"} 1
OrdersPlaced 1
worker_queue_length 1
nodejs_eventloop_lag_seconds 0.1
process_cpu_seconds_total 1
`;
    const found = compareExposition(checkout as unknown as Catalogue, parseExposition(page));
    expect(found.map(({ rule, found: what }) => [rule, what])).toEqual([['verify/value', 'code="418"']]);
  });
});
