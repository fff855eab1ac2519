import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { followSaves } from '../../src/lockstep/cli/follow.js';
import { temporaryFolder } from '../temporary.js';

/** Follows a folder with these files; gives what waits for the call that a save leads to. */
async function follow(files: readonly string[], call: () => void = () => {}) {
  const folder = temporaryFolder(Object.fromEntries(files.map((file) => [file, 'as it was'])));
  let calls = 0;
  const following = followSaves(folder, async () => {
    calls += 1;
    call();
  });
  onTestFinished(() => following.stop());
  await following.ready;
  return {
    folder,
    seen: async (save: () => void) => {
      const before = calls;
      save();
      await vi.waitUntil(() => calls > before, { timeout: 30_000 });
    },
    calls: () => calls,
  };
}

it('sees every save of a file, whether it is written in place or another takes its place, as editors do', async () => {
  const { folder, seen } = await follow(['boards/board.ts']);
  const file = join(folder, 'boards', 'board.ts');
  for (let round = 0; round < 3; round++) {
    await seen(() => writeFileSync(file, `in place ${round}`));
    await seen(() => {
      writeFileSync(`${file}~`, `in its place ${round}`);
      renameSync(`${file}~`, file);
    });
  }
});

it('sees files and folders that come and go', async () => {
  const { folder, seen } = await follow(['lockstep.config.ts']);
  await seen(() => writeFileSync(join(folder, 'new.mts'), ''));
  await seen(() => {
    mkdirSync(join(folder, 'more', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'more', 'deep', 'new.yaml'), '');
  });
  await seen(() => writeFileSync(join(folder, 'more', 'deep', 'new.yaml'), 'again'));
  await seen(() => rmSync(join(folder, 'new.mts')));
});

it('sees nothing of packages, of git, and of what is no definition', async () => {
  const { folder, seen, calls } = await follow(['a.ts', 'node_modules/b/b.js', '.git/c.json', 'notes.txt']);
  for (const file of ['node_modules/b/b.js', '.git/c.json', 'notes.txt']) writeFileSync(join(folder, file), 'saved');
  await seen(() => writeFileSync(join(folder, 'a.ts'), 'saved'));
  expect(calls()).toBe(1);
});

it('goes on after what failed', async () => {
  const { folder, seen } = await follow(['a.ts'], () => {
    throw new Error('no');
  });
  for (const text of ['once', 'again']) await seen(() => writeFileSync(join(folder, 'a.ts'), text));
});
