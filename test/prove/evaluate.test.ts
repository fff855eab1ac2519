import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fab, GATE_ROLES, ROSTER } from '../../src/fab/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import {
  absentOverTime,
  averageOverTime,
  compare,
  countAtMost,
  countOf,
  countOverTime,
  increase,
  instant,
  lastOverTime,
  maxOverTime,
  minOverTime,
  mul,
  oneOf,
  orZero,
  rate,
  select,
  share,
  sub,
  sum,
  sumOverTime,
} from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import type { LooseEvent } from '../../src/lockstep/prove/delivery.js';
import { deliver } from '../../src/lockstep/prove/delivery.js';
import { evaluate } from '../../src/lockstep/prove/evaluate.js';
import { labelSets, unchosenLabels } from '../../src/lockstep/prove/labels.js';
import { firingSpans, playRule } from '../../src/lockstep/prove/state.js';
import { recordSeries, sampleSeconds, toInput } from '../../src/lockstep/prove/world.js';
import { shop } from '../shop/catalogue.js';

const { sales, wait, queue } = shop.metrics;
const paid = { till: 'north', result: 'paid' } as const;
const refused = { till: 'south', result: 'refused' } as const;

const sale = (step: number, labels: Readonly<Record<string, string>> = paid, count = 1): LooseEvent => ({
  step,
  metric: sales,
  labels,
  count,
  value: undefined,
});

function at(expression: Vector, events: readonly LooseEvent[], seconds: number, stepSeconds = 60) {
  const world = deliver(events, { stepSeconds, steps: 600 }, { type: 'process' });
  const result = evaluate(expression.node, { series: recordSeries(world), stepSeconds }, seconds);
  return typeof result === 'number' ? result : result.map(({ value }) => value);
}

describe('what an expression means', () => {
  it('counts the events of a window, left out what lies before it', () => {
    const events = [sale(1), sale(5), sale(10, refused, 4)];
    expect(at(increase(sales, '5m'), events, 600)).toEqual([4]);
    expect(at(increase(sales, '6m'), events, 600)).toEqual([5]);
    expect(at(increase(sales, '10m'), events, 600)).toEqual([6]);
    expect(at(rate(sales, '10m'), events, 600)).toEqual([6 / 600]);
    expect(at(increase(select(sales, { result: 'refused' }), '10m'), events, 600)).toEqual([4]);
    expect(at(increase(select(sales, { result: 'refused' }), '10m'), events, 300)).toEqual([]);
  });

  it('reads the levels of a gauge in a window', () => {
    const level = (step: number, count: number): LooseEvent => ({ ...sale(step, {}, count), metric: queue });
    const levels = [level(6, 4), level(7, 1), level(8, 3)];
    expect(at(maxOverTime(queue, '5m'), levels, 600)).toEqual([4]);
    expect(at(minOverTime(queue, '5m'), levels, 600)).toEqual([1]);
    expect(at(lastOverTime(queue, '5m'), levels, 600)).toEqual([3]);
    expect(at(lastOverTime(queue, '5m'), levels, 300)).toEqual([]);
    expect(at(sumOverTime(queue, '5m'), levels, 600)).toEqual([4 + 1 + 3 * 3]);
    expect(at(countOverTime(queue, '5m'), levels, 600)).toEqual([5]);
    expect(at(averageOverTime(queue, '5m'), levels, 600)).toEqual([14 / 5]);
    expect(at(sumOverTime(queue, '5m'), levels, 300)).toEqual([]);
  });

  it('tells nothing from zero', () => {
    expect(at(increase(sales, '5m'), [], 600)).toEqual([]);
    expect(at(orZero(increase(sales, '5m')), [], 600)).toEqual([0]);
    expect(at(increase(sales, '5m'), [sale(1)], 600)).toEqual([0]);
    expect(at(absentOverTime(sales, '5m'), [], 600)).toEqual([1]);
    expect(at(absentOverTime(sales, '5m'), [sale(1)], 600)).toEqual([]);
  });

  it('divides sums, and compares', () => {
    const events = [sale(1, paid, 3), sale(2, refused, 1)];
    const ratio = share(increase(select(sales, { result: 'refused' }), '1h'), increase(sales, '1h'));
    expect(at(ratio, events, 600)).toEqual([0.25]);
    expect(at(compare(ratio, '>', 0.2), events, 600)).toEqual([1]);
    expect(at(mul(compare(ratio, '>', 0.2), compare(increase(sales, '1h'), '>', 4)), events, 600)).toEqual([0]);
    expect(at(sub(1, ratio), events, 600)).toEqual([0.75]);
  });

  it('counts what a histogram has seen up to a bound', () => {
    const waited = [10, 60, 61, 1000].map(
      (value, index): LooseEvent => ({ step: index + 1, metric: wait, labels: { till: 'north' }, count: 1, value }),
    );
    expect(at(increase(countAtMost(wait, 60), '1h'), waited, 600)).toEqual([2]);
    expect(at(increase(countOf(wait), '1h'), waited, 600)).toEqual([4]);
  });

  it('knows the level of a gauge, and forgets it five minutes after its process has gone', () => {
    const level: LooseEvent = { step: 1, metric: queue, labels: { till: 'north' }, count: 7, value: undefined };
    const world = deliver([level], { stepSeconds: 60, steps: 60 }, { type: 'process' }, 10);
    const recorded = { series: recordSeries(world), stepSeconds: 60 };
    const shown = (minutes: number) => evaluate(sum(instant(queue)).node, recorded, minutes * 60);
    expect(shown(10)).toEqual([{ labels: {}, value: 7 }]);
    expect(shown(14)).toEqual([{ labels: {}, value: 7 }]);
    expect(shown(15)).toEqual([]);
  });

  it('does not depend on who counts: one process, a restarted one, or Jobs', () => {
    const events = fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 200 }),
        labels: fc.constantFrom(paid, refused),
        count: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(
        events,
        fc.integer({ min: 2, max: 199 }),
        fc.integer({ min: 4, max: 50 }),
        fc.integer({ min: 0, max: 200 }),
        (drawn, restart, length, minute) => {
          const loose = drawn.map(({ step, labels, count }) => sale(step, labels, count));
          const wanted = drawn
            .filter(({ step }) => step <= minute && step > minute - 30)
            .reduce((total, { count }) => total + count, 0);
          for (const delivery of [
            { type: 'process' },
            { type: 'restart', at: restart },
            { type: 'jobs', length },
          ] as const) {
            const world = deliver(loose, { stepSeconds: 60, steps: 200 }, delivery);
            for (const { process, step } of world.events) {
              expect(world.processes[process]?.first).toBeLessThanOrEqual(step);
              expect(world.processes[process]?.last).toBeGreaterThanOrEqual(step);
            }
            const result = evaluate(
              orZero(increase(sales, '30m')).node,
              { series: recordSeries(world), stepSeconds: 60 },
              minute * 60,
            );
            expect(result).toEqual([{ labels: {}, value: wanted }]);
          }
        },
      ),
    );
  });
});

describe('the input of a rule test', () => {
  const world = deliver([sale(2), sale(4)], { stepSeconds: 60, steps: 5 }, { type: 'process' });

  it('has a sample a third of a step before the end of each, on no edge of any window', () => {
    expect(toInput(world, 'perStart')).toEqual([
      {
        series: 'shop_sales_total{result="paid", till="north", job="proof", start_id="p0"}',
        values: '_x4 _ 1 _ _ 1 _ _ 2 _ _ 2 _',
      },
    ]);
    expect(sampleSeconds(2, 60)).toBe(100);
  });

  it('has the total before each report and after it where deltas are added up', () => {
    expect(toInput(world, 'aggregated')).toEqual([
      {
        series: 'shop_sales_total{result="paid", till="north", job="proof", shard="p0"}',
        values: '_x4 0 1 _ 1 1 _ 1 2 _ 2 2 _',
      },
    ]);
  });
});

describe('the labels of a scenario', () => {
  const gate = select(fab.metrics.sessions, { role: oneOf(...GATE_ROLES) });

  it('are one set for each value that is named, with what those decide', () => {
    expect(labelSets(gate.node)).toEqual(
      GATE_ROLES.map((role) => ({ role, phase: ROSTER[role].phase, group: ROSTER[role].group })),
    );
  });

  it('are such as no other selector chooses, where there are any', () => {
    const [labels] = labelSets(select(fab.metrics.sessions, {}).node, [gate.node]);
    expect(GATE_ROLES).not.toContain(labels?.['role']);
    expect(unchosenLabels(fab.metrics.sessions, [gate.node])?.['role']).toBe(labels?.['role']);
    expect(unchosenLabels(fab.metrics.sessions, [select(fab.metrics.sessions, {}).node])).toBeUndefined();
  });
});

describe('a rule at play', () => {
  it('is pending until its time, fires, and is over at once', () => {
    const rule = { node: compare(increase(sales, '5m'), '>', 0).node, for: '2m' } as const;
    const world = deliver([sale(10)], { stepSeconds: 60, steps: 30 }, { type: 'process' });
    const moments = playRule(rule, { series: recordSeries(world), stepSeconds: 60 }, 1800, 60);
    expect(firingSpans(moments)).toEqual([{ from: 12 * 60, to: 15 * 60 }]);
    expect(printExpression(rule)).toContain('> bool 0');
  });
});
