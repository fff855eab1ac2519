import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runLockstep as run } from '../run-lockstep.js';
import { temporaryFolder } from '../temporary.js';

// The folder that a build writes into, as others leave it: links, pipes, files of the same names, kustomizations of
// every kind.

const root = join(import.meta.dirname, '..', '..');

async function shop(): Promise<string> {
  const folder = temporaryFolder();
  cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
  expect((await run(['build'], folder)).code).toBe(0);
  return folder;
}

/** Changes the text of a file. */
function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

const BOARD = 'out/boards/shop.yaml';
const SECRET = 'PASSWORD=hunter2';

describe('a file that is to be read', () => {
  it.each([
    ['a link out of the folder', (path: string, away: string) => symlinkSync(away, path), 'leads out of the folder'],
    ['a link to nothing', (path: string) => symlinkSync('nowhere', path), 'a symbolic link to what is not there'],
    ['a link to itself', (path: string) => symlinkSync('shop.yaml', path), 'not readable (ELOOP)'],
    ['a link to a device without end', (path: string) => symlinkSync('/dev/zero', path), 'leads out of the folder'],
    [
      'a pipe that nobody writes into',
      (path: string) => execFileSync('mkfifo', [path]),
      'a device, a pipe or a socket',
    ],
    ['a folder', (path: string) => mkdirSync(path), 'a folder'],
    ['larger than anything we write', (path: string) => writeFileSync(path, Buffer.alloc(20_000_000, 97)), 'at most'],
  ])('and is %s is a finding, and not read', async (_, put, said) => {
    const folder = await shop();
    const away = join(temporaryFolder({ envfile: `${SECRET}\n` }), 'envfile');
    rmSync(join(folder, BOARD));
    put(join(folder, BOARD), away);
    for (const format of ['text', 'github', 'json']) {
      const { code, stdout, stderr } = await run(['check', '--format', format], folder);
      expect([code, stderr]).toEqual([1, '']);
      expect(stdout).toContain(said);
      expect(stdout).not.toContain('hunter2');
      expect(stdout.length).toBeLessThan(5000);
    }
    const lint = await run(['lint'], folder);
    expect(`${lint.stdout}${lint.stderr}`).not.toMatch(/hunter2|\n\s+at /);
    // And a build does not write through it, nor wait for it.
    const { code, stderr } = await run(['build', '--force'], folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/emit\/(outside|not-a-file)/);
    expect(readFileSync(away, 'utf8')).toBe(`${SECRET}\n`);
  });

  it('may be a link within the folder', async () => {
    const folder = await shop();
    cpSync(join(folder, BOARD), join(folder, 'out', 'real.yaml'));
    rmSync(join(folder, BOARD));
    symlinkSync('../real.yaml', join(folder, BOARD));
    rmSync(join(folder, 'out', 'rules'), { recursive: true });
    const { stdout } = await run(['check'], folder);
    expect(stdout).toContain('missing   rules/shop.yaml');
    expect(stdout).not.toContain('changed');
  });
});

describe('build --prune', () => {
  it('deletes nothing that docs wrote into the same folder', async () => {
    const folder = await shop();
    edit(join(folder, 'lockstep.config.ts'), (text) => text.replace('systems:', "docs: 'docs',\n  systems:"));
    expect((await run(['docs'], folder)).code).toBe(0);
    expect((await run(['build', '--out', '.', '--prune'], folder)).code).toBe(0);
    for (const page of ['metrics.md', 'catalogue.yaml', 'runbooks/README.md'])
      expect(existsSync(join(folder, 'docs', page)), page).toBe(true);
    expect((await run(['docs', '--prune'], folder)).stdout).not.toContain('deleted');
    expect(existsSync(join(folder, 'boards', 'shop.yaml'))).toBe(true);
    expect((await run(['check', '--against', '.'], folder)).stdout).toContain('as they would be built');
  });

  it('deletes what a change of the layout left, and its line of the kustomization', async () => {
    const folder = await shop();
    const listing = join(folder, 'out', 'kustomization.yaml');
    writeFileSync(listing, 'resources:\n  - boards/shop.yaml # ours\n  - https://example.org/base?ref=v1\n');
    expect((await run(['build', '--kustomize'], folder)).code).toBe(0);
    edit(join(folder, 'lockstep.config.ts'), (text) => text.replace("'boards/{name}.yaml'", "'dash/{name}.yaml'"));
    expect((await run(['build', '--kustomize', '--prune'], folder)).stdout).toContain(
      'deleted    out/boards/shop.yaml',
    );
    expect(existsSync(join(folder, BOARD))).toBe(false);
    expect(readFileSync(listing, 'utf8')).toBe(
      'resources:\n  - https://example.org/base?ref=v1\n  - alerts/shop.yaml\n  - rules/shop.yaml\n  - dash/shop.yaml\n',
    );
    expect((await run(['check'], folder)).code).toBe(0);
  });

  it('deletes nothing of another configuration with the same source', async () => {
    const folder = await shop();
    const other = join(folder, 'out', 'boards', 'bakery.yaml');
    writeFileSync(
      other,
      readFileSync(join(folder, BOARD), 'utf8').replaceAll('shop', 'bakery').replaceAll('org/bakery', 'org/shop'),
    );
    const { code, stdout } = await run(['build', '--prune'], folder);
    expect(code).toBe(0);
    expect(stdout).toContain('give that one a source of its own');
    expect(existsSync(other)).toBe(true);
    expect((await run(['build', '--prune', '--prune-system', 'bakery'], folder)).stdout).toContain('deleted');
    expect(existsSync(other)).toBe(false);
    expect(existsSync(join(folder, BOARD))).toBe(true);
  });
});

describe('a kustomization', () => {
  it.each([
    ['only commented entries', 'resources:\n  # - a.yaml\n', 1],
    ['a comment before the bracket', 'resources: [boards/shop.yaml, alerts/shop.yaml, rules/shop.yaml # all\n]\n', 0],
    ['a mark at its end', 'resources:\n  - boards/shop.yaml\n  - alerts/shop.yaml\n  - rules/shop.yaml\n---\n', 0],
    ['dots at its end', 'resources:\n  - boards/shop.yaml\n  - alerts/shop.yaml\n  - rules/shop.yaml\n...\n', 0],
    ['of Flux', 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {}\n', 0],
    ['that cannot be read', 'resources: [\n', 0],
    ['with an alias for its resources', 'a: &a [x.yaml]\nresources: *a\n', 0],
  ])('with %s stops neither build nor check', async (_, text, code) => {
    const folder = await shop();
    writeFileSync(join(folder, 'out', 'kustomization.yaml'), text);
    expect((await run(['build'], folder)).code).toBe(0);
    const { code: verdict, stderr } = await run(['check'], folder);
    expect([verdict, stderr]).toEqual([code, '']);
    expect(readFileSync(join(folder, 'out', 'kustomization.yaml'), 'utf8')).toBe(text);
  });

  it('that lists what is not there, or twice, is a finding', async () => {
    const folder = await shop();
    const listing = join(folder, 'out', 'kustomization.yml');
    writeFileSync(
      listing,
      'resources: [boards/shop.yaml, ./boards/shop.yaml, alerts/shop.yaml, rules/shop.yaml, gone.yaml, rules]\n',
    );
    const { code, stdout } = await run(['check'], folder);
    expect(code).toBe(1);
    expect(stdout).toContain('it lists gone.yaml, which is not there');
    expect(stdout).toContain('it lists ./boards/shop.yaml twice');
    expect(stdout).toContain('2 files drifted');
    expect((await run(['check', '--format', 'github'], folder)).stdout).toContain('title=check/dangling');
    expect((await run(['build'], folder)).stdout).toContain('lists gone.yaml, which is not there');
  });
});

describe('a name that another file has already', () => {
  const board = (name: string, uid: string) =>
    `apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDashboard\nmetadata:\n  name: ${name}\nspec:\n  uid: ${uid}\n  json: "{}"\n`;
  it.each([
    ['the name of a resource', board('shop', 'other'), 'GrafanaDashboard shop'],
    ['the uid of a board', board('other', 'shop-overview'), 'the dashboard uid shop-overview'],
    [
      'the uid of a board in its JSON, in a file of two',
      `kind: ConfigMap\n---\n${board('other', 'x').replace('  uid: x\n', '').replace('"{}"', '\'{"uid":"shop-overview"}\'')}`,
      'the dashboard uid shop-overview',
    ],
    [
      'the uid of a rule',
      'kind: GrafanaAlertRuleGroup\nmetadata: {name: other}\nspec: {folderRef: elsewhere, rules: [{uid: shop-sales-burn-1h}]}\n',
      'the rule uid shop-sales-burn-1h',
    ],
    [
      'the name of a group in its folder',
      'kind: GrafanaAlertRuleGroup\nmetadata: {name: other}\nspec: {name: shop-slo, folderRef: slo-alerts, rules: []}\n',
      'the alert group shop-slo in folder slo-alerts',
    ],
  ])('(%s) is a finding of check and lint', async (_, text, said) => {
    const folder = await shop();
    const alerts = readFileSync(join(folder, 'out', 'alerts', 'shop.yaml'), 'utf8');
    const group = /^ {2}name: (.+)$/m.exec(alerts)?.[1] ?? '';
    writeFileSync(join(folder, 'out', 'by-hand.yaml'), text.replace('name: shop-slo', `name: ${group}`));
    const checked = await run(['check'], folder);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(said.replace('shop-slo', group));
    expect(checked.stdout).toContain('by-hand.yaml');
    const linted = await run(['lint'], folder);
    expect(linted.code).toBe(1);
    expect(linted.stdout).toContain('lint/name-taken');
  });

  it('is none in another namespace, folder or kind', async () => {
    const folder = await shop();
    writeFileSync(
      join(folder, 'out', 'others.yaml'),
      `${board('shop', 'x').replace('  name: shop', '  name: shop\n  namespace: elsewhere')}---\nkind: Deployment\nmetadata: {name: shop}\n`,
    );
    expect((await run(['check'], folder)).code).toBe(0);
  });
});
