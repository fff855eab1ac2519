import type { Problem } from 'lockstep-exporter/internal';
import { describe, expect, it } from 'vitest';
import { problemsOnce } from '../src/lockstep/checked.js';
import { promql } from '../src/lockstep/promql/text.js';
import { shop } from './shop/catalogue.js';
import { dashboard } from './shop/dashboard.js';

describe('a definition', () => {
  it('is checked once, and a copy of it with a change again', () => {
    let checks = 0;
    const validate = ({ title }: { readonly title: string }): Problem[] => {
      checks += 1;
      return title === '' ? [{ code: 'it/title', where: 'here', found: 'no title', fix: 'give one' }] : [];
    };
    const sound = { title: 'A' };
    expect([problemsOnce(sound, validate), problemsOnce(sound, validate), checks]).toEqual([[], [], 1]);
    expect(problemsOnce({ ...sound, title: '' }, validate)).toHaveLength(1);
    const wrong = { title: '' };
    expect([problemsOnce(wrong, validate), problemsOnce(wrong, validate)].map((each) => each.length)).toEqual([1, 1]);
  });

  it('is frozen with its parts, where its author froze only the outermost', () => {
    const part = { title: 'B' };
    problemsOnce(Object.freeze({ parts: [part] }), () => []);
    expect(() => Object.assign(part, { title: '' })).toThrow(TypeError);
  });

  it('cannot be changed once it is known to be sound, down to a query, its metric and its catalogue', () => {
    const [row] = dashboard.rows;
    const change: (() => unknown)[] = [
      () => Object.assign(dashboard, { description: '' }),
      () => (dashboard.rows as unknown[]).push('x'),
      () => Object.assign(row?.panels[0] ?? {}, { title: '' }),
      () => Object.assign(row?.panels[0]?.queries[0] ?? {}, { legend: '' }),
      () => Object.assign(row?.panels[0]?.queries[0]?.node ?? {}, { type: 'number' }),
    ];
    change.push(
      () => Object.assign(shop.metrics.sales, { labels: [] }),
      () => delete (shop.metrics as { sales?: unknown }).sales,
    );
    for (const each of change) expect(each).toThrow(TypeError);
  });

  it('cannot be changed where it is PromQL as text', () => {
    const text = promql(shop, 'sum(rate(shop_sales_total[5m]))');
    problemsOnce({ node: text.node }, () => []);
    expect(() => Object.assign(text.node, { text: 'gone' })).toThrow(TypeError);
  });

  it('is checked each time where it can change, or where the check is another', () => {
    let checks = 0;
    const validate = (): Problem[] => {
      checks += 1;
      return [];
    };
    const changes = { build: () => 1 };
    for (const _ of [1, 2]) problemsOnce(changes, validate);
    for (const _ of [1, 2]) problemsOnce({ part: changes }, validate);
    const list = { list: new Map() };
    for (const _ of [1, 2]) problemsOnce(list, validate);
    expect(checks).toBe(6);
    const sound = { title: 'A' };
    problemsOnce(sound, validate);
    problemsOnce(sound, () => validate());
    expect(checks).toBe(8);
  });
});
