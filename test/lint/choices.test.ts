import { describe, expect, it } from 'vitest';
import { leftOutChoices } from '../../src/lockstep/lint/rules/left-out-choice.js';
import { unchainedVariables } from '../../src/lockstep/lint/rules/unchained-variable.js';
import type { Dashboard, Panel } from '../../src/lockstep/panels/index.js';
import { labelVariable, query } from '../../src/lockstep/panels/index.js';
import type { CountedPanel } from '../../src/lockstep/panels/panel.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import { div, increase, instant, select, sum } from '../../src/lockstep/promql/index.js';
import { shop } from '../shop/catalogue.js';
import { dashboard } from '../shop/dashboard.js';

// A panel beside others that follow a dropdown, and does not follow it.

const { sales, queue } = shop.metrics;
const till = labelVariable('till', { title: 'Till', from: sales });
const chosen = increase(select(sales, { till }), '1h');
const all = increase(sales, '1h');

const panel = (title: string, ...expressions: readonly Vector[]): Panel => ({
  type: 'timeseries',
  title,
  description: title,
  unit: 'short',
  width: 6,
  queries: expressions.map(({ node }) => query({ node }, 'x')) as unknown as CountedPanel['queries'],
});
const found = (...panels: readonly Panel[]) => {
  const board: Dashboard = { ...dashboard, variables: [till], rows: [{ title: 'Row', panels }] };
  return leftOutChoices(board).map(({ panel: { title }, query: index }) => `${title} ${index}`);
};

describe('a choice that is left out', () => {
  it('is found beside another query of the panel', () => {
    expect(found(panel('a', chosen, all))).toEqual(['a 1']);
  });

  it('is found where half of the other panels follow it, and not where fewer do', () => {
    expect(found(panel('a', chosen), panel('b', all))).toEqual(['b 0']);
    expect(found(panel('a', chosen), panel('b', all), panel('c', chosen))).toEqual(['b 0']);
    expect(found(panel('a', chosen), panel('b', all), panel('c', all))).toEqual(['b 0', 'c 0']);
    expect(found(panel('a', chosen), ...['b', 'c', 'd'].map((title) => panel(title, all)))).toEqual([]);
  });

  it('is none where nobody follows it, or where the value is said', () => {
    expect(found(panel('a', all), panel('b', all))).toEqual([]);
    const north = sum(instant(select(queue, { till: 'north' })));
    expect(found(panel('a', chosen), panel('b', north))).toEqual([]);
  });

  it('is looked for in every part of a query', () => {
    expect(found(panel('a', div(chosen, all)), panel('b', all))).toEqual(['a 0']);
    expect(found(panel('a', chosen), panel('b', div(chosen, chosen)))).toEqual([]);
    expect(found(panel('a', chosen), panel('b', div(all, increase(select(sales, { result: 'paid' }), '1h'))))).toEqual([
      'b 0',
    ]);
  });
});

it('dropdowns of one metric narrow each other', () => {
  const result = labelVariable('result', { title: 'Result', from: sales });
  const within = labelVariable('result', { title: 'Result', from: sales, within: [till] });
  const ofQueue = labelVariable('till', { title: 'Till', from: queue });
  const found = (...variables: Dashboard['variables']) => unchainedVariables({ ...dashboard, variables });
  expect(found(till, result)).toEqual([{ variable: 'result', by: 'till' }]);
  expect(found(till, within)).toEqual([]);
  // The queue has no results, so a result narrows nothing of it.
  expect(found(result, ofQueue)).toEqual([]);
});
