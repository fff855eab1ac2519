import { describe, expect, inject, it } from 'vitest';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { proveRules, subjectsOf } from '../../src/lockstep/prove/prove.js';
import { verifySystem } from '../../src/lockstep/verify-job/index.js';
import shopConfig from '../shop/lockstep.config.js';

// The alerts on the runs of `lockstep verify`, which write their own scenarios, as a real promtool has them.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];

const both = { prometheus: 'http://prometheus', grafana: 'http://grafana' };
const asked = [{ prometheus: both.prometheus }, { grafana: both.grafana }, both];

// Where an engine is missing, the setup has said so, and has failed if this is CI.
if (promtool !== undefined)
  describe('the alerts on lockstep verify', () => {
    // A day's scenarios are long to play: the job that has all rules stands for the others.
    it.each([
      ...(['5m', '30m', '1h'] as const).flatMap((every) => asked.map((each) => [every, each] as const)),
      ['1d', both] as const,
    ])('are proven where it runs every %s and asks %o', async (every, servers) => {
      const job = { name: 'watch', every, image: 'checks', push: 'http://push', path: 'job.yaml', ...servers };
      const config = { ...shopConfig, systems: [verifySystem(job)] };
      const { subjects, unmapped } = subjectsOf(config, planFiles(config).files);
      expect(unmapped).toEqual([]);
      // Of Grafana and of the ruler.
      expect(subjects).toHaveLength(2 * (2 + Object.keys(servers).length));
      for (const { cases } of await proveRules(subjects, promtool)) {
        expect(cases.length).toBeGreaterThan(0);
        for (const each of cases) expect([each.name, each.failures]).toEqual([each.name, []]);
      }
    });
  });
