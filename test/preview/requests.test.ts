import { join } from 'node:path';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShownPanel, VariableModel } from '../../src/lockstep/preview/protocol.js';
import {
  interpolate,
  momentOf,
  queryRequest,
  roundInterval,
  stepOf,
  valuesRequest,
} from '../../src/lockstep/preview/requests.js';

const root = join(import.meta.dirname, '..', '..');

/** Grafana's own function, out of its library: the whole of that does not load without a browser. */
async function grafanas(): Promise<(milliseconds: number) => number> {
  const { outputFiles } = buildSync({
    stdin: {
      contents: "export { roundInterval } from '@grafana/data/dist/esm/datetime/rangeutil.js'",
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  const text = outputFiles[0]?.text ?? '';
  const module = (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as {
    roundInterval(milliseconds: number): number;
  };
  return module.roundInterval;
}

const view = { from: 1_000_000, to: 1_021_600, variables: {} };
const panel = (change: Partial<ShownPanel> = {}): ShownPanel => ({
  id: 1,
  type: 'timeseries',
  title: 'T',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  ...change,
});
const variables: readonly VariableModel[] = [
  { name: 'datasource', type: 'datasource' },
  { name: 'group', type: 'query', query: 'label_values(x_total, group)', allValue: '.*' },
  { name: 'role', type: 'query', query: 'label_values(x_total{group=~"$group"}, role)', allValue: '.*' },
];

describe('a step', () => {
  it('is rounded as Grafana does, whatever it is', async () => {
    const theirs = await grafanas();
    const magnitude = fc.double({ min: 0, max: 11, noNaN: true }).map((power) => 10 ** power);
    fc.assert(
      fc.property(fc.oneof(magnitude, fc.integer({ min: 0, max: 100_000 })), (milliseconds) => {
        expect(roundInterval(milliseconds)).toBe(theirs(milliseconds));
      }),
      { numRuns: 2000 },
    );
  });

  it('is no shorter than the scrape interval, or the panel says', () => {
    expect(stepOf(panel(), view, 60)).toBe(60);
    expect(stepOf(panel({ interval: '5m' }), view, 60)).toBe(300);
    // 30 days in 650 points.
    expect(stepOf(panel(), { ...view, from: view.to - 30 * 86_400 }, 60)).toBe(3600);
  });
});

describe('a query', () => {
  it('has the windows that Grafana would put into it', () => {
    const text = 'rate(x[$__rate_interval]) / ($__rate_interval_ms / 1000) + y[$__range] + $__range_s';
    expect(interpolate(text, view, 60, 60, [])).toBe('rate(x[240s]) / (240000 / 1000) + y[21600s] + 21600');
    expect(interpolate('x[$__rate_interval]', view, 3600, 60, [])).toBe('x[3660s]');
  });

  it('has what is chosen: all, one, or several, with what is special in a pattern escaped', () => {
    const chosen = (values: readonly string[]) =>
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the other way in which Grafana names a variable
      interpolate('x{role=~"$role", group=~"${group}"}', { ...view, variables: { role: values } }, 60, 60, variables);
    expect(chosen([])).toBe('x{role=~".*", group=~".*"}');
    expect(chosen(['a'])).toBe('x{role=~"a", group=~".*"}');
    expect(chosen(['a', 'b.c'])).toBe('x{role=~"(a|b\\\\.c)", group=~".*"}');
    // `$&` and the like are no instructions here.
    expect(chosen(['$&'])).toBe('x{role=~"\\\\$&", group=~".*"}');
  });

  it('is asked over whole steps, or at the end of the range', () => {
    const target = { refId: 'A', expr: 'x' };
    expect(queryRequest(panel(), target, view, 60, [])).toEqual({
      path: 'query_range',
      parameters: { query: 'x', start: '999960', end: '1021560', step: '60' },
    });
    expect(queryRequest(panel(), { ...target, instant: true }, view, 60, [])).toEqual({
      path: 'query',
      parameters: { query: 'x', time: '1021600' },
    });
  });

  it('for the values of a variable is narrowed by those that it lies within', () => {
    const [, , role] = variables;
    if (role === undefined) throw new Error('no role');
    const chosen = { ...view, variables: { group: ['factory'] } };
    expect(valuesRequest(role, chosen, 60, variables)).toMatchObject({
      path: 'label/role/values',
      parameters: { 'match[]': 'x_total{group=~"factory"}' },
    });
    expect(valuesRequest({ name: 'datasource', type: 'datasource' }, view, 60, variables)).toBeUndefined();
  });
});

it('a moment is said as a board or a reader says it', () => {
  expect(momentOf('now', 1000)).toBe(1000);
  expect(momentOf('now-5m', 1000)).toBe(700);
  expect(momentOf('1234', 1000)).toBe(1234);
  expect(momentOf('yesterday', 1000)).toBeUndefined();
});
