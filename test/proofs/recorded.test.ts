import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { allMetrics } from '../../src/exporter/internal.js';
import type { Config } from '../../src/lockstep/config/config.js';
import { countersOf } from '../../src/lockstep/config/config.js';
import type { PanelModel } from '../../src/lockstep/config/own-rule.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { computedEverywhere, recordedOf } from '../../src/lockstep/emit/recorded.js';
import { modelOf } from '../../src/lockstep/emit/resource.js';
import { panelsOf } from '../../src/lockstep/panels/dashboard.js';
import { placedModels } from '../../src/lockstep/panels/models.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { scopeOf } from '../../src/lockstep/promql/tree.js';
import { deliver } from '../../src/lockstep/prove/delivery.js';
import { labelSets } from '../../src/lockstep/prove/labels.js';
import type { PromRule } from '../../src/lockstep/prove/promtool.js';
import { runPromtool } from '../../src/lockstep/prove/promtool.js';
import { inputInterval, toInput } from '../../src/lockstep/prove/world.js';
import checkout from '../checkout/lockstep.config.js';
import shop from '../shop/lockstep.config.js';

// A board beside a ruler reads what the ruler records: a real promtool evaluates the rules as they would be committed,
// and computes every such query of the boards in both ways.

const engines = inject('engines');
const STEPS = 180;
const WORLD = { stepSeconds: 60, steps: STEPS };

const configs: Readonly<Record<string, Config>> = {
  shop,
  'shop, with deltas that are added up': { ...shop, target: { ...shop.target, counters: 'aggregated' } },
  'checkout, which others record': checkout,
  'checkout, whose alerts Grafana evaluates': {
    ...checkout,
    target: { ...checkout.target, ruler: { layout: 'rules/{name}.yaml', labels: {}, alerts: 'grafana' } },
  },
};

/** Of every metric, each series at another pace, half of them seen by Jobs. */
function worldOf({ systems }: Config) {
  const metrics = systems.flatMap(({ catalogue }) => allMetrics(catalogue));
  const events = metrics.flatMap((metric, index) =>
    labelSets({ type: 'selector', metric, part: '', matchers: scopeOf(metric) }).flatMap((labels, nth) =>
      Array.from({ length: STEPS }, (_, step) => ({
        step: step + 1,
        metric,
        labels,
        count: 1 + ((step + index + nth) % (3 + nth)),
        value: metric.bounds[(step + nth) % Math.max(1, metric.bounds.length)],
      })),
    ),
  );
  return deliver(events, WORLD, { type: 'jobs', length: 40 });
}

describe.each(Object.keys(engines).filter((name) => name.startsWith('promtool')))('%s', (promtool) => {
  it.each(Object.entries(configs))('says of %s that what is recorded is what would be computed', async (_, config) => {
    const { files, problems } = planFiles(config);
    expect(problems).toEqual([]);
    const rules = files
      .filter(({ kind }) => kind === 'ruler')
      .flatMap(({ text }) => {
        const { spec } = parse(text) as { spec: { groups: readonly { readonly rules: readonly PromRule[] }[] } };
        return spec.groups.flatMap((group) => group.rules).filter(({ record }) => record !== undefined);
      });
    const counting = countersOf(config.target);
    const queries = config.systems.flatMap((system) => {
      const recorded = recordedOf(system, config.target);
      return system.dashboards
        .flatMap(panelsOf)
        .flatMap((panel) => panel.queries.map(({ node }) => ({ title: panel.title, node })))
        .map(({ title, node }) => ({
          title,
          read: printExpression({ node }, counting, recorded),
          computed: printExpression({ node }, counting),
        }))
        .filter(({ read, computed }) => read !== computed);
    });
    // Objective and budget over the whole window, and the burn in each window of the policy.
    expect(queries.length).toBeGreaterThanOrEqual(8);
    const built = new Set(
      files
        .flatMap((file) => (file.kind === 'board' ? placedModels<PanelModel>(modelOf(file.resource)) : []))
        .flatMap(({ panel }) => panel.targets ?? [])
        .map(({ expr }) => expr),
    );
    for (const { read, computed } of queries) {
      expect(built).toContain(read);
      expect(read).not.toContain('increase(');
      expect(computedEverywhere(config)(read).replace(/[()]/g, '')).toBe(computed.replace(/[()]/g, ''));
    }
    const world = worldOf(config);
    const verdict = await runPromtool(engines[promtool] as string, {
      groups: [{ name: 'recorded', rules }],
      evaluationInterval: 60,
      tests: [
        {
          inputInterval: inputInterval(world),
          series: toInput(world, counting),
          alerts: [],
          values: [60, 90, STEPS].flatMap((minute) =>
            queries.map(({ read, computed }) => ({
              expr: `(${read}) == bool (${computed})`,
              seconds: minute * 60,
              samples: [{ labels: '{}', value: 1 }],
            })),
          ),
        },
      ],
    });
    expect(verdict.output).not.toContain('FAILED');
    expect(verdict.passed).toBe(true);
  });
});
