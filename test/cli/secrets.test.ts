import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary.js';

// A secret in every option and variable that may hold one, and everything that the commands print.

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');
/** Parts of it too: a secret that is broken over lines is one. */
const SECRET = 'hunter2';

function output(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: unknown; text: string }> {
  const cwd = temporaryFolder();
  cpSync(join(root, 'test', 'shop'), cwd, { recursive: true });
  return new Promise((done) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { cwd, env: { ...process.env, ...env }, timeout: 60_000 },
      (error, stdout, stderr) =>
        done({ code: error === null ? 0 : (error.code ?? error.signal), text: `${stdout}${stderr}` }),
    );
  });
}

/** Nobody listens there. */
const HOST = '127.0.0.1:1';
const ADDRESSES = [
  `http://ann:${SECRET}@${HOST}`,
  `http://${SECRET}@${HOST}/`,
  `http://${HOST}/?key=${SECRET}`,
  `https://ann:${SECRET}@${HOST}/x?token=${SECRET}#${SECRET}`,
  `htp://ann:${SECRET}@${HOST}`,
  `http://ann:${SECRET}@[::bad`,
  `//ann:${SECRET}@${HOST}`,
  `http:/\\ann:${SECRET}@${HOST}`,
];
const COMMANDS: readonly (readonly string[])[] = [
  ['verify', '--tries', '1', '--metrics'],
  ['verify', '--tries', '1', '--prometheus'],
  ['verify', '--tries', '1', '--grafana'],
  ['verify', '--tries', '1', '--format', 'json', '--prometheus'],
  ['verify', '--tries', '1', '--format', 'github', '--metrics'],
  ['preview', '--static', 'page', '--prometheus'],
  ['sweep', '--pushgateway'],
  ['import', 'metrics'],
  ['import', 'metrics', '--match', '{job="x"}', '--prometheus'],
];
const VARIABLES: readonly NodeJS.ProcessEnv[] = [
  { LOCKSTEP_VERIFY_TOKEN: SECRET },
  { LOCKSTEP_VERIFY_TOKEN: `a\n${SECRET}` },
  { LOCKSTEP_VERIFY_HEADERS: `x-key=${SECRET}%0A` },
  { LOCKSTEP_VERIFY_HEADERS: `x key=${SECRET}` },
  { LOCKSTEP_VERIFY_HEADERS: `authorization=Basic ${SECRET}` },
];

describe('no command tells a secret', () => {
  it.each(COMMANDS.map((command) => [command.join(' '), command] as const))('of an address: %s', async (_, command) => {
    for (const address of ADDRESSES) {
      const { code, text } = await output([...command, address], {});
      expect([1, 2], address).toContain(code);
      expect(text, address).not.toContain(SECRET);
      expect(text, address).not.toMatch(/\n\s+at /);
    }
  });

  it('of a variable', async () => {
    for (const env of VARIABLES)
      for (const command of COMMANDS.slice(1, 3)) {
        const { code, text } = await output([...command, `http://${HOST}`], env);
        expect(code).toBe(2);
        expect(text).not.toContain(SECRET);
      }
    const aws = {
      AWS_ACCESS_KEY_ID: `${SECRET}\n`,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: `${SECRET}\r\nx: y`,
    };
    const { text } = await output(
      ['verify', '--tries', '1', '--aws-region', 'eu-west-1', '--prometheus', `http://${HOST}`],
      aws,
    );
    expect(text).not.toContain(SECRET);
  });
});
