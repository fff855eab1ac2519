import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runLockstep as run } from '../run-lockstep.js';
import { temporaryFolder } from '../temporary.js';

// What a configuration may do to the process that reads it. The verdict is the command's, whatever it does.

const root = join(import.meta.dirname, '..', '..');

/** The shop, built, with lines of its author's before its configuration. */
async function shopWith(lines: string): Promise<string> {
  const folder = temporaryFolder();
  cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
  expect((await run(['build'], folder)).code).toBe(0);
  const file = join(folder, 'lockstep.config.ts');
  writeFileSync(file, `${lines}\n${readFileSync(file, 'utf8')}`);
  return folder;
}

describe('a configuration', () => {
  it.each([
    ['ends the process', 'process.exit(0);', /found {4}a call of process\.exit\(0\)/],
    [
      'ends the process and catches what that throws',
      'try { process.exit(0); } catch {}',
      /a call of process\.exit\(0\)/,
    ],
    ['ends the process a moment later', 'setImmediate(() => process.exit(0));', /a call of process\.exit\(0\)/],
    ['aborts the process', 'process.abort();', /a call of process\.abort\(\)/],
    ['leaves a rejected promise', "void Promise.reject(new Error('no such table'));", /nobody awaits: no such table/],
    [
      'throws where nobody catches',
      "setImmediate(() => { throw new Error('later'); });",
      /outside of its definitions: later/,
    ],
    ['throws null', 'throw null;', /found {4}null, thrown/],
    [
      'throws what throws when it is looked at',
      "throw { get message() { throw new Error('x'); }, toJSON() { throw new Error('y'); }, [Symbol.toPrimitive]() { throw new Error('z'); } };",
      /thrown/,
    ],
  ])('that %s is told, with exit code 2', async (_, lines, said) => {
    const folder = await shopWith(lines);
    for (const command of ['check', 'build']) {
      const { code, stdout, stderr } = await run([command], folder);
      expect(code).toBe(2);
      expect(stderr).toMatch(said);
      expect(`${stdout}${stderr}`).not.toMatch(/base64|\n\s+at /);
    }
  });

  it('that never settles is told within its time', async () => {
    const folder = await shopWith('await new Promise(() => {});');
    const { code, stderr } = await run(['check'], folder, { LOCKSTEP_LOAD_SECONDS: '1' });
    expect(code).toBe(2);
    expect(stderr).toContain('it has not loaded within 1 s');
  });

  it.each([
    ['a loop', 'for (let i = 0; ; i += 1) Math.sqrt(i);'],
    ['a call that waits', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'],
    ['a pattern', "/(a+)+$/.test('a'.repeat(60) + 'b');"],
    ['a promise that makes the next', 'const again = () => Promise.resolve().then(again); await again();'],
  ])('that keeps the thread for ever in %s ends CI within its time', async (_, lines) => {
    const folder = await shopWith(lines);
    // So long that a busy machine has begun to load it.
    const { code, stdout, stderr } = await run(['check'], folder, { LOCKSTEP_LOAD_SECONDS: '8', CI: 'true' });
    expect(code).toBe('SIGKILL');
    expect(stderr).toContain('it has not loaded within 8 s: a loop in it has no end');
    expect(stdout).toBe('');
  });

  it.each([
    ['leaves a timer', 'setInterval(() => {}, 1000);'],
    ['leaves a server', "(await import('node:net')).createServer().listen(0);"],
    ['sets another exit code', 'process.exitCode = 3;'],
    ['sets another exit code at the end', "process.on('exit', () => { process.exitCode = 3; });"],
    ['goes to another folder', "process.chdir('/');"],
    ['prints', "console.log('hello'); process.stdout.write('there'); console.table([1]);"],
    ['ends the standard output', 'process.stdout.end();'],
  ])('that %s changes neither the verdict nor what is printed', async (_, lines) => {
    const folder = await shopWith(lines);
    const { code, stdout } = await run(['check', '--format', 'json'], folder);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, findings: [] });
    expect(code).toBe(0);
  });
});
