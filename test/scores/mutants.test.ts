import { beforeAll, describe, expect, inject, it } from 'vitest';
import fabConfig from '../../lockstep.config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import type { MutationScore, ProvenRule } from '../../src/lockstep/prove/prove.js';
import { scoreMutants, subjectsOf } from '../../src/lockstep/prove/prove.js';
import shopConfig from '../shop/lockstep.config.js';

// Every mutant of every rule, played in the rule's own cases: what it takes to believe the proofs.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const subjects = [fabConfig, shopConfig]
  .flatMap((config) => subjectsOf(config, planFiles(config).files).subjects)
  .filter(({ built }) => built.kind === 'GrafanaAlertRuleGroup')
  // A sum and a maximum of findings are above 0 together; and text is played by its claims alone.
  .filter(({ rule }) => !['CloudgovCriticalFindings', 'CloudgovAuditStale'].includes(rule.title))
  // The shop's rules of days are those of fab, over other counts.
  .filter(({ rule, catalogue }) => catalogue.name === 'fab' || !['1d', '3d'].includes(rule.burn?.window.long ?? ''));

// Where an engine is missing, the setup has said so, and has failed if this is CI.
if (promtool !== undefined)
  describe('mutants', () => {
    const scores = new Map<ProvenRule, MutationScore>();
    beforeAll(async () => {
      for (const score of await scoreMutants(subjects, promtool)) scores.set(score.subject, score);
      const total = [...scores.values()].reduce((sum, each) => sum + each.total, 0);
      const alive = [...scores.values()].reduce((sum, each) => sum + each.survivors.length, 0);
      process.stdout.write(`mutants of ${subjects.length} rules: ${total - alive} of ${total} killed\n`);
    }, 1_800_000);

    it.each(subjects.map((subject) => [subject.rule.title, subject] as const))('of %s are all killed', (_, subject) => {
      const score = scores.get(subject);
      expect(score?.total).toBeGreaterThan(subject.rule.burn === undefined ? 4 : 40);
      expect(score?.survivors).toEqual([]);
    });
  });
