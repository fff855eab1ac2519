import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toSdkScript } from '../../bench/sdk-script.mjs';
import { temporaryFolder } from '../temporary.js';

const root = join(import.meta.dirname, '..', '..');
const boards = join(root, 'out', 'dashboards', 'base', 'platform');

// The bench compares lockstep with this script. Once it stopped running, as a board had a new kind of panel, and no
// test told.
describe('the script on the foundation SDK that the bench compares with', () => {
  it.each(readdirSync(boards).filter((file) => file.endsWith('.yaml') && !file.includes('kustomization')))(
    'runs for the board of %s',
    (file) => {
      const { spec, ...rest } = parse(readFileSync(join(boards, file), 'utf8'));
      const folder = temporaryFolder({
        'package.json': '{"type":"module"}',
        'board.ts': toSdkScript(JSON.parse(spec.json), JSON.stringify({ ...rest, spec: {} })),
      });
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      execFileSync(process.execPath, [join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), 'board.ts'], {
        cwd: folder,
      });
      expect(existsSync(join(folder, 'board.yaml'))).toBe(true);
      const made = JSON.parse(parse(readFileSync(join(folder, 'board.yaml'), 'utf8')).spec.json);
      expect(made.panels).toHaveLength(JSON.parse(spec.json).panels.length);
    },
  );
});
