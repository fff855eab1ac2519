import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gauge } from '../../src/exporter/catalogue/index.js';
import { fab } from '../../src/fab/catalogue.js';
import { missingRule } from '../../src/lockstep/alerts/index.js';
import { countAtMost, increase, select } from '../../src/lockstep/promql/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import type { Slo } from '../../src/lockstep/slo/index.js';
import {
  BURN_WINDOWS_30D,
  burnWindows,
  defineSlo,
  eventRatio,
  latency,
  measuredSeries,
  uptime,
} from '../../src/lockstep/slo/index.js';
import {
  allEvents,
  badWhen,
  budgetSpent,
  burnCondition,
  DENOMINATOR_FLOOR,
  errorBudget,
  errorRatio,
  minimumEvents,
  printClaim,
  trafficGate,
} from '../../src/lockstep/slo/slo.js';
import { codes, problemsOf } from '../problems.js';
import { cluster } from '../promql/cluster.js';

const { selfEval, sessions } = fab.metrics;
const slo: Slo = {
  name: 'self-eval',
  events: 'self-evaluations',
  objective: 0.95,
  window: '30d',
  sli: eventRatio({ bad: select(selfEval, { result: 'fail' }), total: select(selfEval, {}), badWhen: 'that fail' }),
  policy: BURN_WINDOWS_30D,
};
const [fastest] = BURN_WINDOWS_30D;

function refused(change: Partial<Slo>): readonly string[] {
  return codes(problemsOf(() => defineSlo({ ...slo, ...change })));
}

describe('an SLO', () => {
  it('is taken as it is where its arithmetic holds', () => {
    expect(refused({})).toEqual([]);
    expect(errorBudget(slo)).toBe(0.05);
  });

  it('has a policy that is made for its window, or one of its own', () => {
    expect(refused({ window: '28d' })).toEqual(['slo/policy-window at slo self-eval › policy']);
    expect(refused({ policy: burnWindows('28d') })).toEqual(['slo/policy-window at slo self-eval › policy']);
    expect(refused({ window: '28d', policy: burnWindows('28d') })).toEqual([]);
    expect(refused({ window: '4w', policy: burnWindows('28d') })).toEqual([]);
    expect(refused({ window: '28d', policy: [...BURN_WINDOWS_30D] })).toEqual([]);
  });

  it('has a policy for any window, with the claims of the workbook', () => {
    const factors = (window: '7d' | '28d' | '30d' | '90d') =>
      burnWindows(window).map(({ long, factor }) => [long, factor]);
    expect(factors('30d')).toEqual([
      ['1h', 14.4],
      ['6h', 6],
      ['1d', 3],
      ['3d', 1],
    ]);
    expect(factors('28d')[0]).toEqual(['1h', 13.44]);
    expect(factors('90d').at(-1)).toEqual(['3d', 3]);
    // A claim that the budget stands is left out.
    expect(factors('7d')).toEqual([
      ['1h', 3.36],
      ['6h', 1.4],
    ]);
    for (const window of ['7d', '28d', '90d'] as const)
      expect(refused({ window, policy: burnWindows(window), objective: 0.99 })).toEqual([]);
    expect(() => burnWindows('a month' as '30d')).toThrow('28d');
  });

  it.each(['are declined', 'fail', 'have failed'])(
    'asks which events are bad, and not how they were: %s',
    (badWhen) => {
      const bad = select(selfEval, { result: 'fail' });
      expect(refused({ sli: eventRatio({ bad, total: select(selfEval, {}), badWhen }) })).toEqual([
        'slo/bad-when at slo self-eval › sli › badWhen',
      ]);
    },
  );

  it('has no field that nothing reads, in none of its parts', () => {
    const where = (change: object) => problemsOf(() => defineSlo({ ...slo, ...change })).map((each) => each.where);
    expect(where({ objectiv: 0.9 })).toEqual(['slo self-eval › objectiv']);
    expect(where({ sli: { ...slo.sli, badwhen: 'x' } })).toEqual(['slo self-eval › sli › badwhen']);
    expect(where({ policy: [{ ...fastest, facter: 1 }] })).toEqual(['slo self-eval › policy 1 › facter']);
    expect(where({ policy: [{ ...fastest, severity: 'pgae' }] })).toEqual(['slo self-eval › policy 1 › severity']);
    expect(where({ policy: [null] })).toEqual(['slo self-eval › policy 1']);
  });

  it('is refused where a rule could never fire: 14.4 x (1 - 0.93) is an error ratio above 1', () => {
    expect(refused({ objective: 0.93 })).toEqual(['slo/unreachable at slo self-eval › policy 1h/5m']);
    const [problem] = problemsOf(() => defineSlo({ ...slo, objective: 0.93 }));
    expect(problem).toMatchObject({
      found: 'factor 14.4 x budget 0.07 = an error ratio above 1.01',
      fix: 'give a factor below 14.28, or an objective above 0.9306: this rule could never fire',
    });
  });

  it.each([0, 1, -0.5, 95, Number.NaN])('is refused with an objective of %d', (objective) => {
    expect(refused({ objective })).toEqual(['slo/objective at slo self-eval › objective']);
  });

  it('is refused where the bad events are no part of the total', () => {
    expect(
      refused({ sli: eventRatio({ bad: select(sessions, {}), total: select(selfEval, {}), badWhen: 'that fail' }) }),
    ).toEqual(['slo/not-a-ratio at slo self-eval › sli › bad']);
    expect(
      refused({
        sli: eventRatio({
          bad: select(selfEval, { result: 'fail' }),
          total: select(selfEval, { result: 'pass' }),
          badWhen: 'that fail',
        }),
      }),
    ).toEqual(['slo/not-a-ratio at slo self-eval › sli › bad']);
  });

  it('takes two of the three counts, and each event once', () => {
    const ratio = (counts: object) =>
      refused({ sli: eventRatio({ badWhen: 'that fail', ...counts } as Parameters<typeof eventRatio>[0]) });
    const [fails, passes] = [select(selfEval, { result: 'fail' }), select(selfEval, { result: 'pass' })];
    const { revisions } = fab.metrics;
    expect(ratio({ bad: fails, total: selfEval })).toEqual([]);
    expect(ratio({ good: passes, total: selfEval })).toEqual([]);
    expect(ratio({ bad: fails, good: passes })).toEqual([]);
    // Revisions happen within sessions, by the catalogue; but any number of them within one.
    expect(ratio({ bad: revisions, total: sessions })).toEqual(['slo/units at slo self-eval › sli']);
    expect(ratio({ bad: fails, total: sessions })).toEqual(['slo/units at slo self-eval › sli']);
    expect(ratio({ bad: [fails], good: [passes, fab.metrics.gateRuns] })).toEqual(['slo/units at slo self-eval › sli']);
    expect(ratio({ bad: revisions, good: sessions })).toEqual(['slo/counted-twice at slo self-eval › sli']);
    expect(ratio({ bad: fails, good: selfEval })).toEqual(['slo/counted-twice at slo self-eval › sli']);
    expect(ratio({ bad: [fails, fails], total: selfEval })).toEqual(['slo/counted-twice at slo self-eval › sli']);
    expect(ratio({ bad: fails, total: [selfEval, passes] })).toEqual(['slo/counted-twice at slo self-eval › sli']);
    expect(ratio({ bad: passes, total: selfEval })).toEqual(['slo/good-events at slo self-eval › sli › bad']);
    expect(ratio({ good: fails, total: selfEval })).toEqual(['slo/bad-events at slo self-eval › sli › good']);
    expect(ratio({ good: passes, total: fab.metrics.gateRuns })).toEqual([
      'slo/not-a-ratio at slo self-eval › sli › good',
    ]);
    expect(ratio({ total: selfEval })).toEqual(['slo/counts at slo self-eval › sli']);
    expect(ratio({ bad: fails, good: passes, total: selfEval })).toEqual(['slo/counts at slo self-eval › sli']);
    expect(ratio({ bad: [], total: selfEval })).toEqual(['slo/shape at slo self-eval › sli › bad']);
    for (const bad of ['fail', null, 5, {}, fab.metrics.inFlight])
      expect(ratio({ bad, total: selfEval })).toEqual(['slo/shape at slo self-eval › sli › bad']);
  });

  it('says nothing where nothing was heard, however many counters it adds up', () => {
    const sli = eventRatio({ good: sessions, bad: [select(selfEval, { result: 'fail' })], badWhen: 'that fail' });
    const all = printExpression(allEvents({ ...slo, sli }, '1h'), 'aggregated');
    expect(all).not.toContain('vector(0)');
    expect(all).toMatch(/^\(sum\(.+\) or 0 \* sum\(.+\)\) \+ \(sum\(.+\) or 0 \* sum\(.+\)\)$/);
  });

  it('is refused where its windows are out of order, or pending outlasts the short one', () => {
    const policy = (change: object) => ({
      policy: [{ severity: 'page', long: '1h', short: '5m', factor: 6, for: '2m', ...change } as const],
    });
    expect(refused(policy({}))).toEqual([]);
    expect(refused(policy({ short: '1h' }))).toEqual(['slo/window at slo self-eval › policy 1h/1h']);
    expect(refused(policy({ long: '31d' }))).toEqual(['slo/window at slo self-eval › policy 31d/5m']);
    expect(refused(policy({ for: '6m' }))).toEqual(['slo/for at slo self-eval › policy 1h/5m']);
    expect(refused(policy({ short: '5m30s' }))).toEqual(['slo/window at slo self-eval › policy 1h/5m30s']);
  });
});

describe('an uptime SLO', () => {
  const open = gauge({ name: 'office_open_ratio', labels: [], unit: 'ratio', help: 'Whether it is open.' });
  const queue = gauge({ name: 'office_queue_length', labels: [], unit: '{person}', help: 'People who wait.' });
  const up = { ...slo, name: 'open', events: 'probes', sli: uptime(open, 'that find it closed') };

  it('counts the samples of a gauge that are not 1', () => {
    expect(problemsOf(() => defineSlo(up))).toEqual([]);
    expect(printExpression(errorRatio(up, '1h'), 'perStart')).toBe(
      '(sum(count_over_time(office_open_ratio[1h])) - sum(sum_over_time(office_open_ratio[1h]))) / (sum(count_over_time(office_open_ratio[1h])) > 0)',
    );
    expect(measuredSeries(up).node.metric).toBe(open);
  });

  it('has no rule that tells when its samples are missing beside work: they do not go with it', () => {
    expect(codes(problemsOf(() => missingRule(up, { title: 'Missing' } as Parameters<typeof missingRule>[1])))).toEqual(
      ['alerts/missing-uptime at alert Missing'],
    );
  });

  it('tells of ten samples, however strict it is: there may never be more', () => {
    expect(BURN_WINDOWS_30D.map((rule) => minimumEvents({ ...up, objective: 0.9999 }, rule))).toEqual([10, 10, 10, 10]);
  });

  it('is refused of what is no share of a time', () => {
    const sli = (change: object) => codes(problemsOf(() => defineSlo({ ...up, sli: { ...up.sli, ...change } })));
    expect(sli({ of: uptime(queue, 'x').of })).toEqual(['slo/uptime-unit at slo open › sli › of']);
    for (const of of [select(sessions, {}), open, {}, { node: {} }])
      expect(sli({ of })).toEqual(['slo/shape at slo open › sli › of']);
    expect(sli({ of: 5 })).toEqual(['slo/shape at slo open › sli › of']);
    expect(sli({ badWhen: 'fail' })).toEqual(['slo/bad-when at slo open › sli › badWhen']);
    expect(sli({ atMost: 5 })).toEqual(['slo/shape at slo open › sli › atMost']);
    expect(sli({ type: 'uptim' })).toContain('slo/shape at slo open › sli › type');
  });
});

describe('a latency SLO', () => {
  const { duration } = fab.metrics;

  it('counts what is above a bucket bound, however the bound is spelled there', () => {
    const slow = { ...slo, sli: latency(duration, 1800) };
    expect(problemsOf(() => defineSlo(slow))).toEqual([]);
    const counted = (series: string) => {
      const greatest = `max_over_time(${series}[1h])`;
      return `sum(${greatest} - last_over_time(${series}[1h] offset 1h) or ${greatest})`;
    };
    const all = counted('fab_role_session_duration_seconds_count');
    const good = counted('fab_role_session_duration_seconds_bucket{le=~"1800|1800\\\\.0"}');
    expect(printExpression(errorRatio(slow, '1h'))).toBe(`(${all} - (${good} or vector(0))) / (${all} > 0)`);
  });

  it.each([
    [0.005, 'le=~"0\\\\.005"'],
    [0.00001, 'le=~"0\\\\.00001|1e-05"'],
    [60, 'le=~"60|60\\\\.0"'],
    [2_500_000, 'le=~"2500000|2\\\\.5e\\\\+06"'],
  ])('spells %d in every way that Prometheus keeps it', (bound, le) => {
    expect(printExpression(increase(countAtMost(duration, bound), '1h'))).toContain(le);
  });

  it('is refused where the threshold is no bucket bound', () => {
    const [problem] = problemsOf(() => defineSlo({ ...slo, sli: latency(duration, 1700) }));
    expect(problem).toMatchObject({
      code: 'slo/latency-bound',
      where: 'slo self-eval › sli › atMost',
      found: '1700, which is not a bucket bound of fab_role_session_duration_seconds',
      allowed: '5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200',
    });
  });
});

describe('a latency SLI of a native histogram', () => {
  const { answers } = cluster.metrics;
  const of = (atMost: number) =>
    defineSlo({
      name: 'fast-answers',
      events: 'answers',
      objective: 0.95,
      window: '30d',
      sli: latency(select(answers, { pod: 'a' }), atMost),
      policy: BURN_WINDOWS_30D,
    });

  it('takes any threshold, and counts by the share of it', () => {
    const increase = 'answer_seconds{pod="a"}[1h]';
    const all = `sum(histogram_count(increase(${increase})))`;
    const share = `histogram_fraction(-Inf, 0.3, sum(rate(${increase})))`;
    expect(printExpression(errorRatio(of(0.3), '1h'))).toBe(`${all} * (1 - ${share}) / (${all} > 0)`);
    expect(badWhen(of(0.3))).toBe('above 0.3 seconds');
  });

  it.each([0, -1, Number.NaN, Infinity])('is refused at %d', (atMost) => {
    expect(problemsOf(() => of(atMost))).toMatchObject([
      { code: expect.stringMatching(/^slo\/(latency-bound|shape)$/), where: expect.stringContaining('atMost') },
    ]);
  });
});

describe('a burn rule', () => {
  it('reads as the receiving repository wants it', () => {
    if (fastest === undefined) throw new Error('no policy');
    const events = (selector: string, window: string) => {
      const greatest = `max_over_time(${selector}[${window}])`;
      return `sum(${greatest} - last_over_time(${selector}[1h] offset ${window}) or ${greatest})`;
    };
    const [bad, all] = ['fab_self_eval_total{result="fail"}', 'fab_self_eval_total'];
    const burns = (window: string) =>
      `((${events(bad, window)} or vector(0)) / clamp_min(${events(all, window)}, 0.001) / 0.05 > bool 14.4)`;
    expect(printExpression(burnCondition(slo, fastest))).toBe(
      `${burns('1h')} * ${burns('5m')} * (${events(all, '1h')} > bool 9.5)`,
    );
  });

  it('claims what it spends', () => {
    expect(BURN_WINDOWS_30D.map((rule) => printClaim(slo, rule))).toEqual([
      '2% in 1h',
      '5% in 6h',
      '10% in 1d',
      '10% in 3d',
    ]);
  });

  it('claims in three digits at most, whatever the windows are', () => {
    const weeks = { ...slo, window: '28d' } as const;
    expect(BURN_WINDOWS_30D.map((rule) => printClaim(weeks, rule))).toEqual([
      '2.1% in 1h',
      '5.4% in 6h',
      '10.7% in 1d',
      '10.7% in 3d',
    ]);
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 366 }),
        fc.integer({ min: 1, max: 72 }),
        fc.double({ min: 0.5, max: 20, noNaN: true }),
        (days, hours, factor) => {
          const rule = { severity: 'page', long: `${hours}h`, short: '5m', factor, for: '2m' } as const;
          const of = { ...slo, window: `${days}d` } as const;
          const [, digits = ''] = /^([\d.]+)% in \d+h$/.exec(printClaim(of, rule)) ?? [];
          expect(digits).not.toBe('');
          if (Number(digits) >= 1000) return;
          expect(digits.replace('.', '').replace(/^0+/, '').length).toBeLessThanOrEqual(3);
          expect(digits).toBe(String(Number(digits)));
          // What is rounded off is a twentieth of it at most.
          expect(Math.abs(Number(digits) / (budgetSpent(of, rule) * 100) - 1)).toBeLessThanOrEqual(0.05);
        },
      ),
    );
  });

  it('is gated so that one bad event never fires it, whatever the objective', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.94, max: 0.9999, noNaN: true }),
        fc.constantFrom(...BURN_WINDOWS_30D),
        (objective, rule) => {
          const of = { ...slo, objective };
          const events = minimumEvents(of, rule);
          expect(1 / events / errorBudget(of)).toBeLessThanOrEqual(rule.factor * (1 + 1e-9));
          // As many events as are asked for pass the gate, one fewer do not.
          expect(events).toBeGreaterThan(trafficGate(of, rule));
          expect(events - 1).toBeLessThan(trafficGate(of, rule));
          // What the gate lets through is never changed by the floor of the denominator.
          expect(trafficGate(of, rule)).toBeGreaterThan(2 * DENOMINATOR_FLOOR);
        },
      ),
    );
  });
});
