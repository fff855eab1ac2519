import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAll, temporaryFolder } from '../temporary.js';

// What may be around a build: folders that it must not write to, another build, an end in the middle of it.

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');
const NOBODY = 65_534;

interface Run {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd: string, node: readonly string[] = []): Promise<Run> {
  return execute(process.execPath, [...node, cli, ...args], { cwd });
}

function execute(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly uid?: number; readonly gid?: number },
): Promise<Run> {
  return new Promise((done) => {
    execFile(program, args, options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

/**
 * Runs the command as somebody who may not write everywhere: whoever runs the tests, or nobody if that is root. Nobody
 * may not be let to where root keeps this clone and its Node, and gets copies of both.
 */
function commandOfNobody(): (args: readonly string[], cwd: string) => Promise<Run> {
  if (process.getuid?.() !== 0) return (args, cwd) => run(args, cwd);
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  for (const name of ['lockstep', 'exporter'])
    for (const path of ['dist', 'package.json'])
      cpSync(join(root, 'src', name, path), join(folder, 'src', name, path), { recursive: true });
  for (const path of ['node_modules/@esbuild']) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(folder, 'src', 'lockstep'), join(folder, 'node_modules', 'lockstep'));
  symlinkSync(join(folder, 'src', 'exporter'), join(folder, 'node_modules', 'lockstep-exporter'));
  return (args, cwd) =>
    execute(node, [join(folder, 'src', 'lockstep', 'dist', 'cli.js'), ...args], { cwd, uid: NOBODY, gid: NOBODY });
}

function shop(): string {
  const folder = temporaryFolder();
  cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
  return folder;
}
const leftovers = (folder: string) => Object.keys(readAll(folder)).filter((path) => path.endsWith('.lockstep'));
const built = (folder: string) =>
  Object.fromEntries(Object.entries(readAll(folder)).filter(([path]) => path.startsWith('out/')));

describe('a build', () => {
  it('into a folder that it may not write to changes nothing and names it', async () => {
    const folder = shop();
    expect((await run(['build'], folder)).code).toBe(0);
    const board = join(folder, 'out', 'boards', 'shop.yaml');
    writeFileSync(board, readFileSync(board, 'utf8').replace('Till', 'Tull'));
    const before = readAll(folder);
    for (const path of [
      folder,
      ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((each) => join(folder, each)),
    ])
      chmodSync(path, path.includes('.') ? 0o444 : 0o555);
    chmodSync(folder, 0o555);
    const asNobody = commandOfNobody();
    const refused = await asNobody(['build'], folder);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error\[system\/eacces\] .*out\/boards\/shop\.yaml/);
    expect(refused.stderr).toContain('what was there is unchanged');
    expect(readAll(folder)).toEqual(before);
    // Reading is enough to be told of it.
    expect((await asNobody(['check'], folder)).code).toBe(1);
  });

  it('beside others of the same definitions ends with the same files, and leaves nothing', async () => {
    const folder = shop();
    const runs = await Promise.all(Array.from({ length: 6 }, () => run(['build'], folder)));
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array(6).fill([0, '']));
    expect(leftovers(folder)).toEqual([]);
    expect((await run(['check'], folder)).code).toBe(0);
  });

  it('that is killed at any moment leaves each file whole, old or new, and the next one mends it', async () => {
    const folder = shop();
    expect((await run(['build'], folder)).code).toBe(0);
    const old = built(folder);
    const config = join(folder, 'lockstep.config.ts');
    writeFileSync(config, readFileSync(config, 'utf8').replace("datasource: '", "datasource: 'another-"));
    expect((await run(['build', '--out', 'new'], folder)).code).toBe(0);
    const next = Object.fromEntries(
      Object.entries(readAll(join(folder, 'new'))).map(([path, text]) => [`out/${path}`, text]),
    );
    const changed = Object.keys(old).filter((path) => old[path] !== next[path]);
    expect(changed.length).toBeGreaterThan(1);
    // Killed at each of its calls that writes a file or puts one into its place.
    for (let at = 1; at <= 2 * changed.length; at++) {
      for (const [path, text] of Object.entries(old)) writeFileSync(join(folder, path), text);
      const preload = join(folder, 'kill.mjs');
      writeFileSync(
        preload,
        `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let calls = 0;
for (const name of ['writeFileSync', 'renameSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (!String(args[0]).endsWith('.lockstep')) return real(...args);
    calls += 1;
    if (calls < ${at}) return real(...args);
    if (name === 'writeFileSync') real(args[0], String(args[1]).slice(0, 100));
    process.kill(process.pid, 'SIGKILL');
  };
}
syncBuiltinESMExports();
`,
      );
      expect((await run(['build'], folder, ['--import', preload])).code).toBe('SIGKILL');
      const now = built(folder);
      for (const [path, text] of Object.entries(now))
        if (!path.endsWith('.lockstep')) expect([old[path], next[path]]).toContain(text);
      expect(leftovers(folder).length).toBeGreaterThan(0);
      expect((await run(['check'], folder)).code).toBe(1);
      expect((await run(['build'], folder)).code).toBe(0);
      expect(built(folder)).toEqual(next);
      expect((await run(['check'], folder)).code).toBe(0);
    }
  });

  it('through a link out of its folder is refused', async () => {
    const folder = shop();
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, join(folder, 'out'));
    // The folder itself may be a link: it is what was named.
    expect((await run(['build'], folder)).code).toBe(0);
    const other = shop();
    expect((await run(['build', '--out', 'real'], other)).code).toBe(0);
    const led = temporaryFolder();
    symlinkSync(led, join(other, 'boards'));
    const refused = await run(['build', '--out', '.'], other);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('emit/outside');
    expect(readAll(led)).toEqual({});
  });
});
