import { describe, expect, inject, it } from 'vitest';
import rootConfig from '../../lockstep.config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import type { RuleProof } from '../../src/lockstep/prove/prove.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import config from '../checkout/lockstep.config.js';

// Rules on metrics that others record: PromQL's own increase() and rate(), as the promtools of two generations have
// them.

const engines = inject('engines');

function expectProven(proofs: readonly RuleProof[]): void {
  for (const { subject, cases } of proofs)
    for (const { name: title, failures } of cases) expect.soft(failures, `${subject.rule.title}: ${title}`).toEqual([]);
}

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it('every rule of the checkout is proven', async () => {
    const proofs = await proveRules(subjectsOf(config, planFiles(config).files).subjects, promtool, {
      grain: 'coarse',
    });
    expect(proofs.length).toBe(14);
    expectProven(proofs);
    expect(proofs.reduce((sum, { cases }) => sum + cases.length, 0)).toBeGreaterThan(80);
  });

  // increase() estimates otherwise since 2.51: over days, and at each minute, it shows.
  it('every burn rule of cloudgov is proven, minute by minute', async () => {
    const { subjects } = subjectsOf(rootConfig, planFiles(rootConfig).files);
    const burns = subjects.filter(({ rule, catalogue }) => catalogue.name === 'cloudgov' && rule.burn !== undefined);
    const proofs = await proveRules(burns, promtool);
    expect(proofs.map(({ subject }) => subject.rule.title)).toEqual(['CloudgovScanBurn1d', 'CloudgovScanBurn3d']);
    expectProven(proofs);
  });
});
