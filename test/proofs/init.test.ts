import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { runLockstep } from '../run-lockstep.js';
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

const [old, recent] = [engines['promtool 2'], engines['promtool 3']];
if (old !== undefined && recent !== undefined)
  it('a project of names in quotes is proven by the promtool that reads them, and the other is told', async () => {
    const page = '# TYPE "http.requests" counter\n{"http.requests","http.route"="/a"} 3\n';
    const folder = temporaryFolder({ 'm.txt': page });
    linkPackages(folder);
    expect(await runLockstep(['init', '--name', 'web', '--metrics', 'm.txt'], folder)).toMatchObject({ code: 0 });
    const refused = await runLockstep(['prove', '--promtool', old], folder);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /error\[prove\/old-promtool\].*\n.*version 2\.\d+\.\d+.*, and target › prometheus is 3\.16\n/,
    );
    const proven = await runLockstep(['prove', '--promtool', recent], folder);
    expect(proven).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1 rules proven') });
  });
