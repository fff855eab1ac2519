import { execFile } from 'node:child_process';

interface Answer {
  /** git's output; nothing if it refuses, or is not there. */
  readonly text: string | undefined;
  /** Why it refuses, if it says so. */
  readonly trouble: string | undefined;
}

function git(folder: string, args: readonly string[]): Promise<Answer> {
  // Within a hook they name the repository from where the hook was run: it is looked for from here.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  return new Promise((done) => {
    execFile('git', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return done({ text: stdout, trouble: undefined });
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const said = stderr.trim().split('\n', 1)[0];
      done({ text: undefined, trouble: isMissing ? 'no git on this machine' : said === '' ? undefined : said });
    });
  });
}

/**
 * The commit that a reference names in the repository of a folder; or what is found instead, and what to do about it.
 */
export async function commitOf(
  folder: string,
  ref: string,
): Promise<{ readonly commit: string } | { readonly found: string; readonly fix: string }> {
  const { text, trouble } = await git(folder, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ]);
  const commit = text?.trim() ?? '';
  if (/^[0-9a-f]{40,64}$/.test(commit)) return { commit };
  return trouble === undefined
    ? {
        found: 'no commit of a git repository here',
        fix: 'name a branch, a tag or a commit that has been fetched; a shallow clone has few: git fetch --unshallow',
      }
    : { found: trouble, fix: 'fix what git says' };
}

/** The files below a folder that hold a text at a commit, by their paths from the folder. */
export async function filesWith(folder: string, commit: string, text: string): Promise<readonly string[]> {
  const { text: found = '' } = await git(folder, ['grep', '-l', '-z', '-F', '-e', text, commit, '--', '.']);
  return found
    .split('\0')
    .filter((each) => each !== '')
    .map((each) => each.slice(each.indexOf(':') + 1));
}

/** Text of a file at a commit, by its path from the folder; `undefined` if there is none. */
export async function fileAt(folder: string, commit: string, path: string): Promise<string | undefined> {
  return (await git(folder, ['show', `${commit}:./${path}`])).text;
}

/**
 * The repository that a folder was cloned from, such as `github.com/nanohype/fab`: without credentials, scheme and
 * `.git`. Returns nothing if the folder has no origin, or if its address has another form.
 */
export async function originOf(folder: string): Promise<string | undefined> {
  const { text = '' } = await git(folder, ['remote', 'get-url', 'origin']);
  const bare = text
    .trim()
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([\w.-]+):(?!\d)/, '$1/')
    .replace(/\.git$/, '');
  return /^[\w-]+(\.[\w-]+)+(:\d+)?(\/[\w.-]+)+$/.test(bare) ? bare : undefined;
}
