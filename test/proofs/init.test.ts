import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { linkPackages, temporaryFolder } from '../temporary.js';

// The alerts that `lockstep init` writes fire when their scenarios say, as a real promtool has it.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const root = join(import.meta.dirname, '..', '..');

// Where an engine is missing, the setup has said so, and has failed if this is CI.
if (promtool !== undefined)
  describe('a project that was begun', () => {
    // One of each kind: the other burn rates are the same rule over other windows.
    const rules = ['BegunRequestsBurn1h', 'BegunWritesFail', 'BegunMetricsAbsent'];
    it('proves its alerts as it stands', { timeout: 600_000 }, () => {
      const folder = temporaryFolder();
      linkPackages(folder);
      const lockstep = (...words: readonly string[]) =>
        execFileSync(process.execPath, [join(root, 'src/lockstep/dist/cli.js'), ...words], {
          cwd: folder,
          encoding: 'utf8',
        });
      lockstep('init', '--name', 'begun');
      for (const rule of rules)
        expect(lockstep('prove', '--rule', rule, '--promtool', promtool)).toMatch(/1 of 1 rules? proven/);
    });
  });
