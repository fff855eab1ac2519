import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { random } from '../../scripts/random.mjs';
import type { PlantedDrift } from './drifts.js';
import { SOURCE_DRIFTS } from './drifts.js';

// How many of the drifts that people plant are refused before they are merged: each alone, in a copy of the
// repository, by what a developer or CI runs, in this order: the compiler, build, check, lint, prove (for rules), the
// fast tests of fab. Whoever refuses must name the place.

const root = join(import.meta.dirname, '..', '..');
const SEED = 20261124;
/** Slips in the committed files, beside those in sources. */
const COMMITTED = 40;

/** A field of a committed file with another value: one line of it, changed as a hand would. */
function committedDrifts(): readonly PlantedDrift[] {
  const next = random(SEED);
  const files = [
    'out/dashboards/base/platform/fab.yaml',
    'out/dashboards/base/alerting/fab.yaml',
    'docs/metrics.md',
    'docs/runbooks/FabMergeGateStalled.md',
  ];
  const planted = new Set<string>();
  return Array.from({ length: COMMITTED }, (_, index) => {
    const file = files[index % files.length] ?? '';
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    for (;;) {
      const at = 4 + Math.floor(next() * (lines.length - 4));
      const line = lines[at] ?? '';
      const changed = changeLine(line, next);
      // Only what stands once can be put back and pointed at.
      if (changed === undefined || lines.filter((each) => each === line).length > 1) continue;
      if (planted.has(`${file} ${at}`)) continue;
      planted.add(`${file} ${at}`);
      return {
        kind: 'committed',
        file,
        from: `\n${line}\n`,
        to: `\n${changed}\n`,
        names: new RegExp(`\\bline ${at + 1}\\b`),
      };
    }
  });
}

function changeLine(line: string, next: () => number): string | undefined {
  const places = [...line.matchAll(/\d+|true|false|[a-z]{4,}/g)];
  const place = places[Math.floor(next() * places.length)];
  // A key is no value; and of a line with nothing but one, nothing can be changed.
  if (place === undefined || place.index <= line.indexOf(':')) return undefined;
  const [was] = place;
  const is = /^\d/.test(was)
    ? String(Number(was) + 1)
    : was === 'true'
      ? 'false'
      : was === 'false'
        ? 'true'
        : `${was.slice(0, -1)}${was.endsWith('x') ? 'y' : 'x'}`;
  return `${line.slice(0, place.index)}${is}${line.slice(place.index + was.length)}`;
}

interface Outcome {
  readonly by: string | undefined;
  readonly isNamed: boolean;
  readonly said: string;
}

function run(
  cwd: string,
  program: string,
  ...args: readonly string[]
): Promise<{ readonly refused: boolean; readonly said: string }> {
  return new Promise((done) => {
    execFile(
      program,
      args,
      { cwd, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => done({ refused: error !== null, said: `${stdout}${stderr}` }),
    );
  });
}

/** A copy of what is checked in, with the packages that are installed here. */
async function copyRepository(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'lockstep-drifts-'));
  const { said } = await run(root, 'git', 'ls-files', '-co', '--exclude-standard');
  for (const path of said.trim().split('\n')) cpSync(join(root, path), join(copy, path), { recursive: true });
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const own = /^lockstep(?:-(\w+))?$/.exec(name);
    const target = own === null ? join(root, 'node_modules', name) : join(copy, 'src', own[1] ?? 'lockstep');
    symlinkSync(target, join(copy, 'node_modules', name));
  }
  for (const name of ['exporter', 'lockstep', 'fab'])
    cpSync(join(root, 'src', name, 'dist'), join(copy, 'src', name, 'dist'), { recursive: true });
  return copy;
}

async function judge(copy: string, drift: PlantedDrift): Promise<Outcome> {
  const path = join(copy, drift.file);
  const before = readFileSync(path, 'utf8');
  if (!before.includes(drift.from)) throw new Error(`${drift.file} has no ${drift.from}`);
  writeFileSync(
    path,
    before.replace(drift.from, () => drift.to),
  );
  const isSource = drift.file.startsWith('src/');
  try {
    const node = process.execPath;
    const cli = join('src', 'lockstep', 'dist', 'cli.js');
    const steps: readonly (readonly [string, () => ReturnType<typeof run>])[] = [
      ...(drift.kind === 'committed'
        ? []
        : [['tsc', () => run(copy, node, 'node_modules/typescript/bin/tsc')] as const]),
      ...(isSource ? [['build', () => run(copy, node, 'scripts/bundle.mjs')] as const] : []),
      ...(drift.kind === 'committed'
        ? []
        : [['build', () => run(copy, node, cli, 'build', '--out', join(copy, 'elsewhere'))] as const]),
      ['check', () => run(copy, node, cli, 'check')],
      ['lint', () => run(copy, node, cli, 'lint', '--fail-on', 'warning')],
      ...(drift.kind === 'exporter' || isSource
        ? [
            [
              'tests',
              () => run(copy, node, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', 'test/fab'),
            ] as const,
          ]
        : []),
      ...(drift.file === 'alerts/fab.ts'
        ? [['prove', () => run(copy, node, cli, 'prove', '--rule', 'FabMergeGateStalled')] as const]
        : []),
    ];
    for (const [by, step] of steps) {
      const { refused, said } = await step();
      if (refused) return { by, isNamed: drift.names.test(said), said };
    }
    return { by: undefined, isNamed: false, said: '' };
  } finally {
    writeFileSync(path, before);
    rmSync(join(copy, 'elsewhere'), { recursive: true, force: true });
    if (isSource) await run(copy, process.execPath, 'scripts/bundle.mjs');
  }
}

const drifts = [...SOURCE_DRIFTS, ...committedDrifts()];
const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

describe('planted drifts', () => {
  it('are each planted once', () => {
    expect(drifts.length).toBeGreaterThanOrEqual(100);
    const texts = drifts.map(({ file, from, to }) => JSON.stringify([file, from, to]));
    expect(new Set(texts).size).toBe(texts.length);
    const nowhere = drifts.filter(({ file, from }) => !readFileSync(join(root, file), 'utf8').includes(from));
    expect(nowhere.map(({ file, from }) => `${file} has no ${from}`)).toEqual([]);
  });

  it('are refused, every one, with the place named', async () => {
    const outcomes = new Map<PlantedDrift, Outcome>();
    const queue = [...drifts];
    const worker = async () => {
      const copy = await copyRepository();
      copies.push(copy);
      for (let drift = queue.shift(); drift !== undefined; drift = queue.shift())
        outcomes.set(drift, await judge(copy, drift));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    const refused = [...outcomes.values()].filter(({ by }) => by !== undefined);
    const byWhom = new Map<string, number>();
    for (const { by = '' } of refused) byWhom.set(by, (byWhom.get(by) ?? 0) + 1);
    process.stdout.write(
      `planted drifts: ${refused.length} of ${drifts.length} refused (${[...byWhom].map(([by, count]) => `${by} ${count}`).join(', ')}), ${refused.filter(({ isNamed }) => isNamed).length} with the place named\n`,
    );
    // An author who builds and commits gets past `check`: of such drifts only the other gates speak.
    const unbuilt = [...outcomes].filter(([{ kind }, { by }]) => kind !== 'committed' && by === 'check').length;
    const byHand = drifts.filter(({ kind }) => kind === 'committed').length;
    process.stdout.write(
      `of ${drifts.length - byHand} drifts of definitions and code, ${drifts.length - byHand - unbuilt} are refused also after a build that is committed; ${unbuilt} by check alone, until somebody builds\n`,
    );
    const describeDrift = ({ file, from, to }: PlantedDrift) => `${file}: ${from.trim()} -> ${to.trim()}`;
    expect([...outcomes].filter(([, { by }]) => by === undefined).map(([each]) => describeDrift(each))).toEqual([]);
    expect(
      [...outcomes]
        .filter(([, { by, isNamed }]) => by !== undefined && !isNamed)
        .map(([each, { by, said }]) => `${describeDrift(each)}, by ${by}: ${said.slice(0, 600)}`),
    ).toEqual([]);
  });
});
