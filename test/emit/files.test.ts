import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findOrphans, validateDestination, writeFiles } from '../../src/lockstep/emit/files.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import config from '../shop/lockstep.config.js';
import { readAll, temporaryFolder, writeAll } from '../temporary.js';

const { files } = planFiles(config);
const built = Object.fromEntries(files.map(({ path, text }) => [path, text]));

describe('writing', () => {
  it('writes all, then nothing', () => {
    const out = temporaryFolder();
    expect([...writeFiles(out, files).values()]).toEqual(['written', 'written', 'written']);
    expect(readAll(out)).toEqual(built);
    expect([...writeFiles(out, files).values()]).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('leaves everything as it was if one file cannot be written', () => {
    const out = temporaryFolder({ 'alerts/shop.yaml': 'before' });
    // The first file of the plan can be written, the second one has a file in the place of its folder.
    writeAll(out, { boards: 'a file, and no folder' });
    const before = readAll(out);
    expect(() => writeFiles(out, files)).toThrow(/ENOTDIR|EEXIST/);
    expect(readAll(out)).toEqual(before);
  });
});

describe('putting into place', () => {
  it('is taken back if one file cannot be put into its place', () => {
    // A folder stands where the second file is to be: it can be written beside, but not renamed over.
    const out = temporaryFolder({ 'alerts/shop.yaml': 'before' });
    mkdirSync(join(out, 'boards', 'shop.yaml', 'x'), { recursive: true });
    const plan = files.map((file) => ({ ...file }));
    expect(() => writeFiles(out, plan)).toThrow(/EISDIR|ENOTEMPTY|EPERM/);
    expect(readAll(out)).toEqual({ 'alerts/shop.yaml': 'before' });
  });
});

describe('the destination', () => {
  it('must not hold files of others in these places', () => {
    const out = temporaryFolder({
      'alerts/shop.yaml': 'kind: Something\n',
      'boards/shop.yaml': (built['boards/shop.yaml'] ?? '').replace('example.org/shop', 'example.org/other'),
    });
    expect(validateDestination(out, files, config.source).map(({ code, found }) => `${code}: ${found}`)).toEqual([
      'emit/foreign-file: a file that lockstep did not write',
      'emit/foreign-file: a file that lockstep wrote from example.org/other',
    ]);
    expect(validateDestination(temporaryFolder(built), files, config.source)).toEqual([]);
  });

  it('must not be led out of by a link', () => {
    const elsewhere = temporaryFolder();
    const out = temporaryFolder();
    symlinkSync(elsewhere, join(out, 'boards'));
    expect(validateDestination(out, files, config.source).map(({ code, where }) => [code, where])).toEqual([
      ['emit/outside', join(out, 'boards/shop.yaml')],
    ]);
  });
});

describe('orphans', () => {
  it('are the files of this source that the plan lacks, and no others', () => {
    const text = built['boards/shop.yaml'] ?? '';
    const out = temporaryFolder({
      ...built,
      'boards/gone.yaml': text,
      'boards/deep/gone.yml': text,
      'boards/of-others.yaml': text.replace('example.org/shop', 'example.org/shop-of-others'),
      'boards/by-hand.yaml': 'kind: GrafanaDashboard\n',
      'boards/notes.txt': text,
      '.git/gone.yaml': text,
      'node_modules/x/gone.yaml': text,
      'elsewhere/gone.yaml': text,
    });
    // A link in a circle is nobody's, and in nobody's way.
    symlinkSync('loop.yaml', join(out, 'boards', 'loop.yaml'));
    symlinkSync('..', join(out, 'boards', 'up'));
    expect(findOrphans(out, files, { source: config.source, command: 'build' }).map(({ path }) => path)).toEqual([
      'boards/deep/gone.yml',
      'boards/gone.yaml',
      'elsewhere/gone.yaml',
    ]);
    expect(findOrphans(temporaryFolder(), files, { source: config.source, command: 'build' })).toEqual([]);
  });
});
