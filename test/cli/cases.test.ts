import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { runLockstep } from '../run-lockstep.js';
import { temporaryFolder, writeAll } from '../temporary.js';

// Each file in cases/ is a session at a terminal, with what it must show: `$ lockstep ...` runs the command that is
// shipped (its stderr is marked `2>`, and an exit code other than 0 is told), the other `$` lines are the user's hand.
// It is run again from its `$` lines and `==> file` blocks and must come out the same; `vitest -u` accepts what it
// shows now.

const root = join(import.meta.dirname, '..', '..');
const cases = join(import.meta.dirname, 'cases');

/**
 * As somebody who has set nothing up; commits are the same whoever makes them, and nothing of the machine's own
 * configuration is read.
 */
function git(words: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const identity = ['-c', 'user.name=shop', '-c', 'user.email=shop@localhost', '-c', 'init.defaultBranch=main'];
  return new Promise((resolve, reject) => {
    execFile('git', [...identity, ...words], { cwd, env }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

/** A session in a copy of the shop's project, which `$ empty` empties. */
async function replay(session: string, whenFinished: (done: () => void) => void): Promise<string> {
  const folder = realpathSync(temporaryFolder({}, whenFinished));
  cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
  const shown: string[] = [];
  const show = (text: string, mark = '') => {
    for (const line of text === '' ? [] : text.replace(/\n$/, '').split('\n')) shown.push(`${mark}${line}`.trimEnd());
  };
  const steps = session.split(/^(?=\$ |==> |# )/m);
  for (const step of steps) {
    const [head = '', ...rest] = step.split('\n');
    if (head.startsWith('# ')) {
      shown.push(...(shown.length > 0 ? [''] : []), step.trimEnd());
      continue;
    }
    shown.push(head);
    if (head.startsWith('==> ')) {
      const text = rest.join('\n').trimEnd();
      writeAll(folder, { [head.slice(4)]: `${text}\n` });
      shown.push(text);
      continue;
    }
    const [command = '', ...words] = [...head.slice(2).matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, ...found]) => found.find((each) => each !== undefined) ?? '',
    );
    const [first = '', second = '', third = ''] = words;
    switch (command) {
      case 'lockstep': {
        const { stdout, stderr, code } = await runLockstep(words, folder);
        show(stdout.replaceAll(folder, '<dir>'));
        show(stderr.replaceAll(folder, '<dir>'), '2> ');
        if (code !== 0) shown.push(`[exit ${code}]`);
        break;
      }
      case 'git':
        show(await git(words, folder));
        break;
      case 'empty':
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
        break;
      case 'replace': {
        const text = readFileSync(join(folder, first), 'utf8');
        if (!text.includes(second)) throw new Error(`${first} has no ${second}`);
        writeFileSync(join(folder, first), text.replace(second, third));
        break;
      }
      case 'show':
        show(readFileSync(join(folder, first), 'utf8'));
        break;
      case 'rm':
        rmSync(join(folder, first));
        break;
      case 'cp':
        cpSync(join(folder, first), join(folder, second));
        break;
      case 'ls':
        show(
          readdirSync(join(folder, first), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
            .sort()
            .join('\n'),
        );
        break;
      default:
        throw new Error(`no such command in a case: ${command}`);
    }
  }
  return `${shown.join('\n')}\n`;
}

describe('lockstep', () => {
  for (const name of readdirSync(cases))
    it.concurrent(name.replace('.txt', '').replaceAll('-', ' '), async ({ expect, onTestFinished }) => {
      const path = join(cases, name);
      await expect(await replay(readFileSync(path, 'utf8'), onTestFinished)).toMatchFileSnapshot(path);
    });
});
