// Runs the tests of the installed packages on each Node that is supported (`npm run test:nodes`), and the fast tests on the oldest and the newest:
// a call that both have, the one between has too. Each is a pinned version, had as a package of its own and kept in the cache.
// With `--but-this-one` it leaves out the version that runs it: CI has run `npm test` on that. With `--all` the fast tests run on every version.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheRoot } from './engines.mjs';

const VERSIONS = ['20.20.2', '22.23.3', '24.9.0'];
const root = join(import.meta.dirname, '..');
/** The package that npm's `node` installs, without the install script that it takes for that. */
const carrier = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** @param {string} version */
function ensureNode(version) {
  const folder = join(cacheRoot(), `node-${version}`);
  const path = join(folder, 'node_modules', carrier, 'bin', 'node');
  if (existsSync(path)) return path;
  const staging = `${folder}.${process.pid}`;
  mkdirSync(staging, { recursive: true });
  writeFileSync(join(staging, 'package.json'), '{"private":true}');
  process.stderr.write(`preparing node ${version} ...\n`);
  const words = [
    'install',
    '--prefix',
    staging,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `${carrier}@${version}`,
  ];
  const { status, stderr } = spawnSync('npm', words, { cwd: staging, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${version} is not to be had: ${stderr.trim()}`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(staging, folder);
  return path;
}

let failed = 0;
const leavesOwnOut = process.argv.includes('--but-this-one');
const runsAll = process.argv.includes('--all');
for (const [index, version] of VERSIONS.entries()) {
  if (leavesOwnOut && process.version === `v${version}`) {
    process.stdout.write(`\nNode v${version} runs this: left out\n`);
    continue;
  }
  const node = ensureNode(version);
  const said = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (said !== `v${version}`) throw new Error(`${node} is ${said} and not v${version}`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH']}` };
  const isEnd = index === 0 || index === VERSIONS.length - 1;
  if (!isEnd && !runsAll) process.stdout.write(`\nNode v${version} lies between: no fast tests without --all\n`);
  for (const words of [
    ...(isEnd || runsAll ? [['--project', 'fast']] : []),
    ['--project', 'package', 'test/package/package.test.ts'],
  ]) {
    process.stdout.write(`\nNode ${said}: ${words.join(' ')}\n`);
    const { status } = spawnSync(node, [vitest, 'run', ...words], { cwd: root, env, stdio: 'inherit' });
    if (status !== 0) failed += 1;
  }
}
process.exitCode = failed === 0 ? 0 : 1;
