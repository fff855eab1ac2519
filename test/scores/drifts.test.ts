import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { random } from '../../scripts/random.mjs';
import type { PlantedDrift } from './drifts.js';
import { SOURCE_DRIFTS } from './drifts.js';

// How many of the drifts that people plant are refused before they are merged. Each is planted alone in a copy of the
// repository, built in place and committed, as an author does it. Then come the checks that CI runs: check, lint, diff
// with the commit before, the fast tests of fab (for its sources), prove (for the rules that changed). The refusal must
// name the place. A drift that nothing refuses says why not.

const root = join(import.meta.dirname, '..', '..');
const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const SEED = 20261124;
/** The commit that each drift is planted on. */
const BASE = 'base';
/** Slips in the committed files, beside those in sources. */
const COMMITTED = 80;

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
  copyBuilt(copy);
  await run(copy, 'git', 'init', '--quiet');
  await commit(copy, 'All as it is');
  await run(copy, 'git', 'tag', BASE);
  return copy;
}

/** The packages as they are built here, from what is checked in. */
function copyBuilt(copy: string): void {
  for (const name of ['exporter', 'lockstep', 'fab']) {
    const dist = join('src', name, 'dist');
    rmSync(join(copy, dist), { recursive: true, force: true });
    cpSync(join(root, dist), join(copy, dist), { recursive: true });
  }
}

/** The rules whose built text another commit does not have. */
function changedRules(copy: string, before: ReadonlyMap<string, string>): readonly string[] {
  return [...rulesOf(copy)].filter(([title, text]) => before.get(title) !== text).map(([title]) => title);
}

function rulesOf(copy: string): ReadonlyMap<string, string> {
  const { spec } = parse(readFileSync(join(copy, 'out/dashboards/base/alerting/fab.yaml'), 'utf8')) as {
    spec: { rules: readonly { readonly title: string }[] };
  };
  return new Map(spec.rules.map((rule) => [rule.title, JSON.stringify(rule)]));
}

type Step = readonly [by: string, step: () => ReturnType<typeof run>];
const node = process.execPath;
const cli = join('src', 'lockstep', 'dist', 'cli.js');

/** What an author does, compile, build in place and commit, and then CI. The cheap ones come first. */
function stepsOf(copy: string, drift: PlantedDrift, promtool: string): readonly Step[] {
  const checks: readonly Step[] = [
    ['check', () => run(copy, node, cli, 'check')],
    ['lint', () => run(copy, node, cli, 'lint', '--fail-on', 'warning')],
  ];
  // A file that lockstep owns is not built again by who edits it.
  if (drift.kind === 'committed') return checks;
  const isSource = drift.file.startsWith('src/fab/');
  const before = rulesOf(copy);
  // Scenarios are not in what is built: the rule that has some of its own is played when they may be others.
  const isOfScenarios = ['alerts/fab.ts', 'src/fab/roster.ts'].includes(drift.file);
  const always = isOfScenarios ? ['FabMergeGateStalled'] : [];
  const prove = async () => {
    for (const rule of new Set([...changedRules(copy, before), ...always])) {
      const found = await run(copy, node, cli, 'prove', '--rule', rule, '--promtool', promtool);
      if (found.refused) return found;
    }
    return { refused: false, said: '' };
  };
  return [
    // Of the whole project, by what tsc knows of the files that did not change.
    ['tsc', () => run(copy, node, 'node_modules/typescript/bin/tsc', '--incremental', '--tsBuildInfoFile', BUILD_INFO)],
    // The drifts in sources are all in this package: the others are built of what has not changed.
    ...(isSource ? [['build', () => run(copy, node, 'scripts/bundle.mjs', 'fab')] as const] : []),
    ['build', () => run(copy, node, cli, 'build')],
    ['build', () => run(copy, node, cli, 'docs')],
    ['commit', () => commit(copy, 'A slip')],
    ...checks,
    ['diff', () => run(copy, node, cli, 'diff', 'HEAD^')],
    ...(isSource ? [['tests', () => run(copy, node, vitest, 'run', '--project', 'fast', 'test/fab')] as const] : []),
    ['prove', prove],
  ];
}
/** Below a folder that git does not know. */
const BUILD_INFO = 'node_modules/.tsbuildinfo';
const vitest = 'node_modules/vitest/vitest.mjs';

async function judge(copy: string, drift: PlantedDrift, promtool: string): Promise<Outcome> {
  const path = join(copy, drift.file);
  const before = readFileSync(path, 'utf8');
  if (!before.includes(drift.from)) throw new Error(`${drift.file} has no ${drift.from}`);
  writeFileSync(
    path,
    before.replace(drift.from, () => drift.to),
  );
  try {
    for (const [by, step] of stepsOf(copy, drift, promtool)) {
      const begun = performance.now();
      const { refused, said } = await step();
      spent.set(by, (spent.get(by) ?? 0) + (performance.now() - begun) / 1000);
      if (refused) return { by, isNamed: drift.names.test(said), said };
    }
    return { by: undefined, isNamed: false, said: '' };
  } finally {
    await run(copy, 'git', 'reset', '--quiet', '--hard', BASE);
    await run(copy, 'git', 'clean', '--quiet', '-d', '--force');
    if (drift.file.startsWith('src/fab/')) copyBuilt(copy);
  }
}

async function commit(copy: string, message: string): ReturnType<typeof run> {
  await run(copy, 'git', 'add', '--all');
  const author = ['-c', 'user.name=author', '-c', 'user.email=author@example.org'];
  return await run(copy, 'git', ...author, 'commit', '--quiet', '--message', message);
}

/** Seconds, by step. */
const spent = new Map<string, number>();
const drifts = [...SOURCE_DRIFTS, ...committedDrifts()];
const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

describe('planted drifts', () => {
  it('are each planted once', () => {
    expect(drifts.length).toBeGreaterThanOrEqual(250);
    const texts = drifts.map(({ file, from, to }) => JSON.stringify([file, from, to]));
    expect(new Set(texts).size).toBe(texts.length);
    const nowhere = drifts.filter(({ file, from }) => !readFileSync(join(root, file), 'utf8').includes(from));
    expect(nowhere.map(({ file, from }) => `${file} has no ${from}`)).toEqual([]);
  });

  it('are refused with the place named, or are known to pass', async ({ skip }) => {
    // The setup has said which engine is missing, and has failed if this is CI.
    if (promtool === undefined) return skip();

    const outcomes = new Map<PlantedDrift, Outcome>();
    const queue = [...drifts];
    const worker = async () => {
      const copy = await copyRepository();
      copies.push(copy);
      for (let drift = queue.shift(); drift !== undefined; drift = queue.shift())
        outcomes.set(drift, await judge(copy, drift, promtool));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    const describeDrift = ({ file, from, to }: PlantedDrift) => `${file}: ${from.trim()} -> ${to.trim()}`;
    const refused = [...outcomes].filter(([, { by }]) => by !== undefined);
    const passed = [...outcomes].filter(([, { by }]) => by === undefined).map(([each]) => each);
    const byWhom = new Map<string, number>();
    for (const [, { by = '' }] of refused) byWhom.set(by, (byWhom.get(by) ?? 0) + 1);
    process.stdout.write(
      `planted drifts, each built and committed: ${refused.length} of ${drifts.length} refused (${[...byWhom].map(([by, count]) => `${by} ${count}`).join(', ')})\n`,
    );
    const times = [...spent].map(([by, seconds]) => `${by} ${Math.round(seconds)}`);
    process.stdout.write(`seconds of each step, over ${availableParallelism()} at once: ${times.join(', ')}\n`);
    for (const each of passed) process.stdout.write(`  not noticed: ${describeDrift(each)}: ${each.unnoticed}\n`);
    const unexplained = passed.filter(({ unnoticed }) => unnoticed === undefined);
    expect(unexplained.map(describeDrift)).toEqual([]);
    // A reason that no longer holds is to be taken out.
    const noticed = refused.filter(([{ unnoticed }]) => unnoticed !== undefined);
    expect(noticed.map(([each, { by }]) => `${describeDrift(each)}, by ${by}`)).toEqual([]);
    expect(
      refused
        .filter(([, { isNamed }]) => !isNamed)
        .map(([each, { by, said }]) => `${describeDrift(each)}, by ${by}: ${said.slice(0, 600)}`),
    ).toEqual([]);
  });
});
