// `npm run pack -- [DIR]`: makes the tarballs of the three packages, in DIR (default: here), each with its README, licence, changes, and
// lockstep's with docs and an example. They are put together elsewhere: in the folders of the packages git would see a second copy.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the examples lie, here and in the tarball; all other links of the documentation hold in both places. */
const EXAMPLES = /** @type {const} */ ([
  ['test/shop', 'example'],
  ['test/checkout', 'example-of-others'],
]);
/** @param {string} text */
const withPackedLinks = (text) => EXAMPLES.reduce((links, [place, packed]) => links.replaceAll(place, packed), text);
const [wanted = '.'] = process.argv.slice(2);

if (wanted === '--refuse') {
  process.stderr.write(
    'the packages are made by `npm run pack -- DIR`, in the top folder: that adds docs and licences\n',
  );
  process.exit(2);
}
const destination = resolve(process.env['INIT_CWD'] ?? '.', wanted);
mkdirSync(destination, { recursive: true });
const staging = mkdtempSync(join(tmpdir(), 'lockstep-pack-'));
try {
  for (const name of ['exporter', 'lockstep', 'fab']) {
    const source = join(root, 'src', name);
    const folder = join(staging, name);
    if (!existsSync(join(source, 'dist'))) throw new Error('there is nothing built: run npm ci');
    cpSync(join(source, 'dist'), join(folder, 'dist'), { recursive: true });
    const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    for (const file of ['LICENSE', 'CHANGELOG.md']) cpSync(join(root, file), join(folder, file));
    if (name === 'lockstep') {
      cpSync(join(root, 'docs'), join(folder, 'docs'), { recursive: true });
      for (const file of ['README.md', 'CONTRIBUTING.md']) cpSync(join(root, file), join(folder, file));
      for (const [place, packed] of EXAMPLES) cpSync(join(root, place), join(folder, packed), { recursive: true });
      for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/guide.md', 'docs/others.md'])
        writeFileSync(join(folder, file), withPackedLinks(readFileSync(join(folder, file), 'utf8')));
    } else cpSync(join(source, 'README.md'), join(folder, 'README.md'));
    execFileSync('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: folder, stdio: 'inherit' });
  }
} finally {
  rmSync(staging, { recursive: true, force: true });
}
