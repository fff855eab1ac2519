import { execFile } from 'node:child_process';

/** What git prints in a folder; nothing if it refuses, or is not there. */
export function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  // Within a hook they name the repository from where the hook was run: it is looked for from here.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  return new Promise((done) => {
    execFile('git', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      done(error === null ? stdout : undefined),
    );
  });
}

/** The commit that a reference names in the repository of a folder; `undefined` if there is none. */
export async function commitOf(folder: string, ref: string): Promise<string | undefined> {
  return (await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]))?.trim();
}

/** Text of a file at a commit, by its path from the folder; `undefined` if there is none. */
export function fileAt(folder: string, commit: string, path: string): Promise<string | undefined> {
  return git(folder, ['show', `${commit}:./${path}`]);
}

/** What to do about a reference that names no commit. */
export const NO_COMMIT = {
  found: 'no commit of a git repository here',
  fix: 'name a branch, a tag or a commit that has been fetched; a shallow clone has few: git fetch --unshallow',
} as const;
