import { expect, inject, it } from 'vitest';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { shop } from '../shop/catalogue.js';

// Every rule must say the same while its metrics are being renamed: of processes that have the former name alone, and
// of those that have both.

const engines = inject('engines');

for (const metric of Object.values(shop.metrics))
  Object.assign(metric, {
    renamedFrom: { name: metric.name.replace('shop_', 'shop_former_'), until: '2027-01-31' },
  });
// Only now: a board and a group of alerts freeze the metrics that they are defined of.
const { default: shopConfig } = await import('../shop/lockstep.config.js');

for (const generation of ['2', '3'] as const)
  for (const counters of ['perStart', 'aggregated'] as const) {
    const promtool = engines[`promtool ${generation}`];
    // Where an engine is missing, the setup has said so, and has failed if this is CI.
    if (promtool === undefined) continue;
    it(`promtool ${generation} proves rules over metrics that are being renamed, ${counters}`, async () => {
      const config = { ...shopConfig, target: { ...shopConfig.target, counters } };
      const { files, problems } = planFiles(config);
      expect(problems).toEqual([]);
      const { subjects } = subjectsOf(config, files);
      const short = subjects.filter(({ rule }) => rule.burn === undefined || rule.burn.window.long === '1h');
      for (const { text } of files) expect(text).toContain('shop_former_');
      const proofs = await proveRules(short, promtool, { grain: 'coarse' });
      expect(proofs.length).toBe(short.length);
      expect(
        proofs.flatMap(({ cases }) =>
          cases.flatMap(({ name, failures }) => failures.map((each) => `${name}: ${each}`)),
        ),
      ).toEqual([]);
    });
  }
