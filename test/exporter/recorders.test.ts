import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counter, defineCatalogue, gauge, histogram, label, openLabel } from '../../src/exporter/catalogue/index.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { createRecorders } from '../../src/exporter/recording/recorders.js';
import { samplesOf } from '../exposition.js';

const colour = label('colour', { help: 'which', values: ['red', 'blue', 'other'], fallback: 'other' });
const result = label('result', { help: 'how', values: ['pass', 'fail'] });
const customer = openLabel('customer', { help: 'who', atMost: 10 });
const shop = defineCatalogue({
  name: 'shop',
  metrics: {
    sales: counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [colour, result] }),
    open: counter({ name: 'shop_visits_total', help: 'Visits.', unit: '{visit}', labels: [customer] }),
    queue: gauge({ name: 'shop_queue_length', help: 'Queue.', unit: '{person}', labels: [colour] }),
    wait: histogram({ name: 'shop_wait_seconds', help: 'Wait.', unit: 'seconds', labels: [colour], bounds: [1, 10] }),
  },
});

async function exposition(record: (exporter: ReturnType<typeof createExporter<typeof shop.metrics>>) => void) {
  const errors: string[] = [];
  const exporter = createExporter(shop, { onError: ({ message }) => errors.push(message) });
  record(exporter);
  const text = await exporter.registry.metrics();
  const samples = samplesOf(text);
  return { samples, errors, text };
}

/** What types would have refused. */
// biome-ignore lint/suspicious/noExplicitAny: the very thing that must not throw
const erased = (value: unknown) => value as any;

describe('recorders', () => {
  it('begin with no series, and bring each with its first recording', async () => {
    expect((await exposition(() => {})).samples).toEqual({});
    const { samples } = await exposition(({ record }) => record.sales.add({ colour: 'red', result: 'pass' }, 0));
    expect(samples).toEqual({ 'shop_sales_total{colour="red",result="pass"}': 0 });
  });

  it('record under all labels', async () => {
    const { samples, errors } = await exposition(({ record }) => {
      record.sales.add({ colour: 'red', result: 'pass' }, 2);
      record.sales.add({ colour: 'red', result: 'pass' }, 1);
      record.open.add({ customer: 'x"y\\z\n' }, 1);
      record.queue.set({ colour: 'blue' }, 5);
      record.queue.add({ colour: 'blue' }, -2);
      record.wait.observe({ colour: 'red' }, 10);
    });
    expect(errors).toEqual([]);
    expect(samples['shop_sales_total{colour="red",result="pass"}']).toBe(3);
    expect(samples['shop_visits_total{customer="x\\"y\\\\z\\n"}']).toBe(1);
    expect(samples['shop_queue_length{colour="blue"}']).toBe(3);
    expect(samples['shop_wait_seconds_bucket{le="1",colour="red"}']).toBe(0);
    expect(samples['shop_wait_seconds_bucket{le="10",colour="red"}']).toBe(1);
    expect(samples['shop_wait_seconds_bucket{le="+Inf",colour="red"}']).toBe(1);
    expect(samples['shop_wait_seconds_sum{colour="red"}']).toBe(10);
  });

  it('put an unknown value under the fallback, and drop and report one that has none', async () => {
    const { samples, errors } = await exposition(({ record }) => {
      record.sales.add({ colour: erased('green'), result: 'pass' }, 1);
      record.sales.add({ colour: erased(undefined), result: 'pass' }, 1);
      record.sales.add({ colour: 'red', result: erased('psas') }, 1);
      record.sales.add({ colour: 'red', result: erased('psas') }, 1);
      record.sales.add(erased(undefined), 1);
    });
    expect(samples['shop_sales_total{colour="other",result="pass"}']).toBe(2);
    expect(samples['shop_sales_total{colour="red",result="pass"}']).toBeUndefined();
    expect(errors[0]).toBe(
      'shop_sales_total: result="psas" is not a value of this label and was dropped; did you mean "pass"?',
    );
    expect(errors).toHaveLength(2);
  });

  it('never throw, and never count what is no number, whatever they are given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (labels, value) => {
        const { text } = await exposition(({ record }) => {
          record.sales.add(erased(labels), erased(value));
          record.queue.set(erased(labels), erased(value));
          record.wait.observe(erased(labels), erased(value));
          record.open.add(erased(labels), erased(value));
        });
        expect(text).not.toMatch(/ (NaN|[+-]?Inf|undefined)$/m);
        expect(text).not.toMatch(/^shop_(?!queue).* -\S+$/m);
      }),
    );
  });

  it('survive a listener that throws, and tell each kind of error once', () => {
    let told = 0;
    const { record } = createRecorders(shop, {
      onError: () => {
        told += 1;
        throw new Error('listener');
      },
    });
    for (let index = 0; index < 100; index++) record.sales.add({ colour: 'red', result: 'pass' }, Number.NaN);
    expect(told).toBe(1);
  });

  it('leave out what was not asked for', async () => {
    const { registry, record } = createRecorders(shop, { only: ['queue'] });
    expect(Object.keys(record)).toEqual(['queue']);
    expect(await registry.metrics()).not.toContain('shop_sales_total');
  });
});
