import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeAll } from '../temporary.js';

// What eks-gitops runs: the steps of the action and the hook of pre-commit, as they stand, on a repository of its
// layout, from a clone of this one.

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-gitops-'));
const clone = join(folder, 'action');
const gitops = join(folder, 'eks-gitops');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BOARD = 'dashboards/base/platform/fab.yaml';

beforeAll(() => {
  const paths = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).trim();
  for (const path of paths.split('\n')) cpSync(join(root, path), join(clone, path), { recursive: true });
  cpSync(join(root, 'out'), gitops, { recursive: true });
  writeAll(gitops, {
    'dashboards/base/kustomization.yaml':
      '# What Argo CD applies.\nnamespace: grafana-operator\nresources:\n  # Platform\n  - platform/cloudgov.yaml\n  - platform/fab.yaml\n  # Alerts\n  - alerting/cloudgov.yaml\n  - alerting/fab.yaml\n',
  });
  execFileSync('git', ['init', '-q'], { cwd: gitops });
});

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly run: string;
      readonly 'working-directory': string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

/** Runs the steps of action.yml as a runner does, with the expressions that they use filled in. */
function runAction(): { readonly status: number | null; readonly output: string } {
  const { inputs, runs } = parse(readFileSync(join(clone, 'action.yml'), 'utf8')) as Action;
  const fill = (text: string) =>
    text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
      for (const part of expression.split(' || ')) {
        const known: Readonly<Record<string, string | undefined>> = {
          'github.action_path': clone,
          'github.workspace': gitops,
        };
        const value = part.startsWith('inputs.') ? inputs[part.slice('inputs.'.length)]?.default : known[part];
        if (value === undefined) throw new Error(`action.yml uses ${part}`);
        if (value !== '') return value;
      }
      return '';
    });
  let output = '';
  for (const step of runs.steps) {
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]));
    const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: fill(step['working-directory']),
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    output += `${stdout}${stderr}`;
    if (status !== 0) return { status, output };
  }
  return { status: 0, output };
}

function runHook(...args: readonly string[]) {
  const [hook] = parse(readFileSync(join(clone, '.pre-commit-hooks.yaml'), 'utf8')) as readonly [
    { readonly entry: string },
  ];
  return spawnSync(join(clone, hook.entry), args, { cwd: gitops, encoding: 'utf8' });
}

function change(path: string, from: string, to: string): () => void {
  const file = join(gitops, path);
  const before = readFileSync(file, 'utf8');
  expect(before).toContain(from);
  writeFileSync(file, before.replace(from, to));
  return () => writeFileSync(file, before);
}

describe('in a GitOps repository', () => {
  it('the action passes what is as it would be built, and marks the line of what is not', () => {
    expect(runAction()).toMatchObject({ status: 0 });
    const back = change(BOARD, '[30d]', '[28d]');
    const line =
      readFileSync(join(gitops, BOARD), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('[28d]')) + 1;
    const { status, output } = runAction();
    expect(status).toBe(1);
    expect(output).toContain(`::error file=${BOARD},line=${line},title=check/changed::panel "Self-eval SLI, 30d"`);
    back();
    const unlisted = change('dashboards/base/kustomization.yaml', '  - alerting/fab.yaml\n', '');
    expect(runAction().output).toContain(
      'dashboards/base/alerting/fab.yaml: dashboards/base/kustomization.yaml does not list it',
    );
    unlisted();
  });

  it('the hook does the same before the commit', () => {
    expect(runHook()).toMatchObject({ status: 0, stdout: expect.stringContaining('as they would be built') });
    const back = change(BOARD, '"refresh": "30s"', '"refresh": "5s"');
    const { status, stdout } = runHook();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^changed {3}dashboards\/base\/platform\/fab\.yaml\n {2}refresh \(line \d+\)/);
    back();
    expect(runHook('--format', 'json').stdout).toContain('"ok": true');
  });
});
