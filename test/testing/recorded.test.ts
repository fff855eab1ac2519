import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createExporter } from '../../src/exporter/index.js';
import { fab } from '../../src/fab/catalogue.js';
import type { ExpectedSeries } from '../../src/lockstep/testing/index.js';
import { checkRecorded, recorded } from '../../src/lockstep/testing/index.js';
import { checkout } from '../checkout/catalogue.js';
import { shop } from '../shop/catalogue.js';

const { sales, wait, queue } = shop.metrics;

/** What a right program of the shop records, and the page that it exposes. */
async function pageOf(change: (record: ReturnType<typeof createExporter<typeof shop.metrics>>['record']) => void) {
  const exporter = createExporter(shop, { environment: {} });
  change(exporter.record);
  return await exporter.registry.metrics();
}

async function told(page: string, expected: readonly ExpectedSeries[], options = {}): Promise<readonly string[]> {
  try {
    await checkRecorded(shop, page, expected, options);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}

/** What the test has done, with a figure of its own for each series. */
const DONE = [
  recorded(sales, { till: 'north', result: 'paid' }, 3),
  recorded(sales, { till: 'north', result: 'refused' }, 2),
  recorded(sales, { till: 'south', result: 'paid' }, 0),
  recorded(wait, { till: 'north' }, [4, 60, 301]),
  recorded(queue, { till: 'south' }, 7),
];

describe('checkRecorded', () => {
  const right: Parameters<typeof pageOf>[0] = (record) => {
    record.sales.add({ till: 'north', result: 'paid' }, 3);
    record.sales.add({ till: 'north', result: 'refused' }, 2);
    record.sales.add({ till: 'south', result: 'paid' }, 0);
    for (const each of [4, 60, 301]) record.wait.observe({ till: 'north' }, each);
    record.queue.set({ till: 'south' }, 7);
  };

  it('is content with a program that records what was done, wherever it reads', async () => {
    const exporter = createExporter(shop, { environment: {} });
    right(exporter.record);
    await checkRecorded(shop, exporter, DONE);
    await checkRecorded(shop, exporter.registry, DONE);
    const page = await exporter.registry.metrics();
    await checkRecorded(shop, page, DONE);
    let asked = 0;
    // A program that records later: the first page is from before.
    const server = createServer((_, response) => response.end(asked++ === 0 ? '' : page));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const at = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
    await checkRecorded(shop, at, DONE, { waitSeconds: 30 });
    expect(asked).toBe(2);
    await expect(checkRecorded(shop, at.href, DONE)).rejects.toThrow('give new URL(…)');
  });

  it.each<[string, Parameters<typeof pageOf>[0], readonly string[]]>([
    [
      'swaps two results',
      (record) => {
        right(record);
        record.sales.add({ till: 'north', result: 'refused' }, 1);
      },
      ['- shop_sales_total{result="refused", till="north"} is 3, and must be 2'],
    ],
    [
      'records at the other till',
      (record) => {
        right(record);
        record.wait.observe({ till: 'south' }, 5);
      },
      ['- shop_wait_seconds_count{till="south"} is 1, and the test expects nothing there'],
    ],
    [
      'records milliseconds',
      (record) => {
        for (const each of [4000, 60_000, 301_000]) record.wait.observe({ till: 'north' }, each);
        record.queue.set({ till: 'south' }, 7);
        record.sales.add({ till: 'north', result: 'paid' }, 3);
        record.sales.add({ till: 'north', result: 'refused' }, 2);
        record.sales.add({ till: 'south', result: 'paid' }, 0);
      },
      [
        '- shop_wait_seconds_sum{till="north"} is 365000, and must be 365',
        '- shop_wait_seconds_bucket{le="10", till="north"} is 0, and must be 1',
        '- shop_wait_seconds_bucket{le="60", till="north"} is 0, and must be 2',
        '- shop_wait_seconds_bucket{le="300", till="north"} is 0, and must be 2',
      ],
    ],
    [
      'does not say that nothing happened',
      (record) => {
        record.sales.add({ till: 'north', result: 'paid' }, 3);
        record.sales.add({ till: 'north', result: 'refused' }, 2);
        for (const each of [4, 60, 301]) record.wait.observe({ till: 'north' }, each);
        record.queue.set({ till: 'south' }, 7);
      },
      ['- shop_sales_total{result="paid", till="south"} is not exposed, and must be 0'],
    ],
  ])('tells of a program that %s', async (_, program, expected) => {
    expect(await told(await pageOf(program), DONE)).toEqual(expected);
  });

  it('tells of a test that cannot see every slip', async () => {
    const page = await pageOf((record) => {
      record.sales.add({ till: 'north', result: 'paid' }, 2);
      record.sales.add({ till: 'south', result: 'paid' }, 2);
    });
    const weak = [
      recorded(sales, { till: 'north', result: 'paid' }, 2),
      recorded(sales, { till: 'south', result: 'paid' }, 2),
    ];
    expect(await told(page, weak, { everyValueOf: ['result', 'reason'] })).toEqual([
      '- the test does not record shop_wait_seconds: expect a value of it, or name the metric in leftOut',
      '- the test does not record shop_queue_length: expect a value of it, or name the metric in leftOut',
      '- the test records nothing with result="refused"',
      '- no metric has the label reason with a list of values: leave it out of everyValueOf',
      '- shop_sales_total{result="paid", till="north"} and shop_sales_total{result="paid", till="south"} have the same figures, 2: a program that swaps them passes; make them differ, or give alike: \'allowed\'',
    ]);
    expect(await told(page, weak, { leftOut: [wait, queue], alike: 'allowed' })).toEqual([]);
    expect(await told(page, [...weak, ...weak])).toEqual([
      '- shop_sales_total{result="paid", till="north"} is expected twice: name it once',
      '- shop_sales_total{result="paid", till="south"} is expected twice: name it once',
    ]);
    expect(await told(page, [recorded(fab.metrics.gateRuns, { decision: 'approve', profile: 'code' }, 1)])).toEqual([
      '- fab_merge_gate_runs_total is not a metric of catalogue shop',
    ]);
  });

  it('tells of an address that does not answer as it should, without the secret in it', async () => {
    const server = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const at = new URL(`http://user:hidden@127.0.0.1:${port}/metrics?key=hidden`);
    await expect(checkRecorded(shop, at, DONE)).rejects.toThrow(
      `http://127.0.0.1:${port}/metrics answers with status 500`,
    );
  });

  it('adds up the starts of a program, reads the labels that others decide, and takes decimals as they add up', async () => {
    const page = [
      'fab_cost_usd_total{role="intake-analyst",phase="discovery",group="factory",start_id="a"} 0.1',
      'fab_cost_usd_total{role="intake-analyst",phase="discovery",group="factory",start_id="b"} 0.2',
    ].join('\n');
    const { cost, ...others } = fab.metrics;

    await checkRecorded(fab, page, [recorded(cost, { role: 'intake-analyst' }, 0.3)], {
      leftOut: Object.values(others),
    });
  });

  it('reads the page of a program in another language, which has no labels of scraping', async () => {
    const { requests, latency, orders, queue, eventLoop } = checkout.metrics;
    const page = [
      'http_requests_total{code="200",route="/cart"} 12',
      'http_request_duration_ms_bucket{route="/cart",le="50.0"} 1',
      'http_request_duration_ms_bucket{route="/cart",le="100.0"} 1',
      'http_request_duration_ms_bucket{route="/cart",le="300.0"} 2',
      'http_request_duration_ms_bucket{route="/cart",le="1000.0"} 2',
      'http_request_duration_ms_bucket{route="/cart",le="+Inf"} 3',
      'http_request_duration_ms_sum{route="/cart"} 2241.5',
      'http_request_duration_ms_count{route="/cart"} 3',
      'go_goroutines 8',
      '# EOF',
    ].join('\n');
    await checkRecorded(
      checkout,
      page,
      [
        recorded(requests, { code: '200', route: '/cart' }, 12),
        recorded(latency, { route: '/cart' }, [40.5, 201, 2000]),
      ],
      { leftOut: [orders, queue, eventLoop] },
    );
  });

  it.each<[string, string, readonly ExpectedSeries[], readonly string[]]>([
    [
      'infinity, for a gauge of half',
      'shop_queue_length{till="south"} +Inf',
      [recorded(queue, { till: 'south' }, 0.5)],
      ['- shop_queue_length{till="south"} is Infinity, and must be 0.5'],
    ],
    [
      'what is no number, as expected',
      'shop_queue_length{till="south"} NaN',
      [recorded(queue, { till: 'south' }, NaN)],
      [],
    ],
    [
      'a label that the catalogue does not have',
      'shop_queue_length{till="south",region="x"} 1',
      [recorded(queue, { till: 'south' }, 1)],
      ['- shop_queue_length is exposed with the label region, which the catalogue does not have'],
    ],
    [
      'a zero in place of a count',
      'shop_sales_total{till="north",result="paid"} 0',
      [recorded(sales, { till: 'north', result: 'paid' }, 0)],
      ['- the test does not record shop_sales_total: expect a value of it, or name the metric in leftOut'],
    ],
    [
      'nothing of a histogram, in one line',
      '',
      [recorded(wait, { till: 'north' }, [1, 2])],
      ['- shop_wait_seconds_count{till="north"} is not exposed, and must be 2'],
    ],
    [
      'the observations of two tills in another order',
      ['north', 'south']
        .map((till) => `shop_wait_seconds_sum{till="${till}"} 3\nshop_wait_seconds_count{till="${till}"} 2`)
        .join('\n'),
      [recorded(wait, { till: 'north' }, [1, 2]), recorded(wait, { till: 'south' }, [2, 1])],
      [expect.stringContaining('have the same figures, [1,2]') as never],
    ],
    [
      'another count in the last bucket',
      'shop_wait_seconds_bucket{till="north",le="+Inf"} 7\nshop_wait_seconds_count{till="north"} 1',
      [recorded(wait, { till: 'north' }, { count: 1 })],
      ['- shop_wait_seconds_bucket{le="+Inf", till="north"} is 7, and must be 1'],
    ],
    [
      'observations that cancel each other',
      'shop_wait_seconds_sum{till="north"} 0\nshop_wait_seconds_count{till="north"} 3',
      [recorded(wait, { till: 'north' }, [0.1, 0.2, -0.3])],
      [],
    ],
    [
      'a value that is not a number',
      'shop_queue_length 1.2.3',
      [],
      [expect.stringContaining('"1.2.3", where a number must be') as never],
    ],
  ])('sees %s', async (_, page, expected, told_) => {
    const seen = new Set(expected.map(({ metric }) => metric.name));
    const leftOut = [sales, wait, queue].filter(({ name }) => !seen.has(name));
    expect(await told(page, expected, { leftOut })).toEqual(told_);
  });

  it('does not compare what is left out, and waits for a program that starts', async () => {
    const page = 'shop_queue_length{till="south"} 1\nshop_sales_total{till="north",result="paid"} 9';
    const expected = [recorded(queue, { till: 'south' }, 1)];
    await checkRecorded(shop, page, expected, { leftOut: [sales, wait] });
    const server = createServer((_, response) => response.end(page));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const waiting = checkRecorded(shop, new URL(`http://127.0.0.1:${port}/`), expected, {
      leftOut: [sales, wait],
      waitSeconds: 60,
    });
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    await waiting;
  });

  // The check reports one event too many, however small.
  it('sees any one change of any figure', async () => {
    const series = fc.constantFrom(
      ...(['north', 'south'] as const).flatMap((till) =>
        (['paid', 'refused'] as const).map((result) => ({ till, result })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ labels: series, by: fc.integer({ min: 1, max: 1000 }) }), {
          selector: ({ labels }) => JSON.stringify(labels),
          minLength: 1,
        }),
        series,
        fc.integer({ min: 1, max: 9 }),
        async (done, slipAt, slip) => {
          const expected = done.map(({ labels, by }) => recorded(sales, labels, by));
          const options = { leftOut: [wait, queue], alike: 'allowed' } as const;
          const doIt: Parameters<typeof pageOf>[0] = (record) => {
            for (const { labels, by } of done) record.sales.add(labels, by);
          };
          expect(await told(await pageOf(doIt), expected, options)).toEqual([]);
          const page = await pageOf((record) => {
            doIt(record);
            record.sales.add(slipAt, slip);
          });
          expect(await told(page, expected, options)).toHaveLength(1);
        },
      ),
      { numRuns: 100 },
    );
  });
});

it('refuses labels and values that a metric does not have, before any test runs', () => {
  // @ts-expect-error a till that the catalogue does not have
  recorded(sales, { till: 'west', result: 'paid' }, 1);
  // @ts-expect-error a label is missing
  recorded(sales, { till: 'north' }, 1);
  // @ts-expect-error a histogram has observations
  recorded(wait, { till: 'north' }, 1);
  // @ts-expect-error a counter has one number
  recorded(sales, { till: 'north', result: 'paid' }, [1]);
  // @ts-expect-error the phase follows from the role
  recorded(fab.metrics.sessions, { role: 'intake-analyst', phase: 'discovery' }, 1);
});
