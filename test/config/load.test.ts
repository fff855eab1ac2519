import { expect, it } from 'vitest';
import { printPlace } from '../../src/exporter/problem.js';
import { loadConfig, placeProblems } from '../../src/lockstep/config/load.js';
import { temporaryFolder, writeAll } from '../temporary.js';

/**
 * The problems of a configuration in a folder whose name nobody would choose, as they are told in the folder above it.
 */
async function problemsOf(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  writeAll(folder, Object.fromEntries(Object.entries(files).map(([path, text]) => [`my (old) project/${path}`, text])));
  const path = 'my (old) project/lockstep.config.ts';
  const { problems } = await loadConfig(folder, path);
  return (await placeProblems(folder, path, problems)).map(({ code, at }) => [code, at && printPlace(at)]);
}

const IMPORTS = "import board from './my boards/b.js';\nexport default board;\n";

it('names the line that cannot be read', async () => {
  const found = await problemsOf({ 'lockstep.config.ts': IMPORTS, 'my boards/b.ts': 'export default\n  1 +;\n' });
  expect(found).toEqual([['config/load', 'my (old) project/my boards/b.ts:2:6']]);
});

it('names the line at which it crashed, and of a crash in a package the line that called it', async () => {
  const found = await problemsOf({
    'lockstep.config.ts': IMPORTS,
    'my boards/b.ts': 'export default\n  (null /** */).x;\n',
  });
  expect(found).toEqual([['config/load', 'my (old) project/my boards/b.ts:2:17']]);
  const inPackage = await problemsOf({
    'lockstep.config.ts': IMPORTS,
    'my boards/b.ts': "import { crash } from 'pkg';\n\nexport default crash();\n",
    'node_modules/pkg/package.json': '{"name":"pkg","type":"module","exports":"./i.js"}',
    'node_modules/pkg/i.js': "export function crash() { throw new Error('no'); }",
  });
  expect(inPackage).toEqual([['config/load', 'my (old) project/my boards/b.ts:3:16']]);
});

it.each(['null', "'a text'", '{ stack: 1 }'])('says what was thrown where it is no error: %s', async (thrown) => {
  expect(await problemsOf({ 'lockstep.config.ts': `throw ${thrown};\n` })).toEqual([['config/load', undefined]]);
});
