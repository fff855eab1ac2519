// The price of each commit: a cold `lockstep build` of fab, beside nothing at all (bare Node), and beside the same board written
// straight on the foundation SDK, run as its users run it (tsx) and compiled beforehand. Then how a build grows with the number of systems.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { parse } from 'yaml';
import { writeSystems } from './many-systems.mjs';
import { median, printRows, race } from './measure.mjs';
import { toSdkScript } from './sdk-script.mjs';

const root = join(import.meta.dirname, '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
try {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  coldStart();
  growth();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function coldStart() {
  const { spec, ...rest } = parse(readFileSync(join(root, 'out/dashboards/base/platform/fab.yaml'), 'utf8'));
  const { json, ...others } = spec;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'board.ts'), toSdkScript(JSON.parse(json), JSON.stringify({ ...rest, spec: others })));
  buildSync({
    entryPoints: [join(folder, 'board.ts')],
    outfile: join(folder, 'board.mjs'),
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  const node = process.execPath;
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const contenders = [
    { name: 'node -e 0', command: [node, '-e', '0'], cwd: folder },
    { name: 'lockstep build', command: [node, cli, 'build', '--out', join(folder, 'out')], cwd: root },
    { name: 'lockstep check', command: [node, cli, 'check'], cwd: root },
    { name: 'board on the foundation SDK, tsx', command: [node, tsx, 'board.ts'], cwd: folder },
    { name: 'board on the foundation SDK, compiled before', command: [node, 'board.mjs'], cwd: folder },
  ];
  const times = race(contenders, 15);
  const of = (/** @type {string} */ name) => median(times.get(name) ?? []);
  const bare = of('node -e 0');
  const sdk = of('board on the foundation SDK, tsx');
  printRows([
    ['cold start, median of 15', 'ms', 'x bare node', 'x SDK by tsx'],
    ...contenders.map(({ name }) => [
      name,
      of(name).toFixed(0),
      (of(name) / bare).toFixed(2),
      (of(name) / sdk).toFixed(2),
    ]),
  ]);
}

function growth() {
  const shop = join(folder, 'systems');
  const rows = [['systems (test/shop, renamed)', 'ms', 'ms above one, per system']];
  let one = 0;
  for (const count of [1, 10, 100, 1000]) {
    const at = join(shop, String(count));
    writeSystems(root, at, count);
    const name = String(count);
    const times = race([{ name, command: [process.execPath, cli, 'build'], cwd: at }], count > 100 ? 3 : 7);
    const took = median(times.get(name) ?? []);
    if (count === 1) one = took;
    rows.push([name, took.toFixed(0), count === 1 ? '' : ((took - one) / (count - 1)).toFixed(2)]);
  }
  console.log('');
  printRows(rows);
}
