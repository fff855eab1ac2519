// Builds what each package ships: one ES module per subpath export and the command, with the SDK, YAML and commander inside, in chunks that
// are loaded when they are needed. Seven modules of the foundation SDK take 0.25 s to load as they come, and a third of that bundled.
// Then the types, as tsc emits them. `node scripts/bundle.mjs fab` builds that package alone, beside the others as they are.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const PACKAGES = ['exporter', 'lockstep', 'fab'];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !PACKAGES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `no package is named ${unknown.join(', ')}; name any of ${PACKAGES.join(', ')}, or none for all\n`,
  );
  process.exit(2);
}
const built = chosen.length === 0 ? PACKAGES : PACKAGES.filter((name) => chosen.includes(name));
/** @param {string} name */
const readPackage = (name) => JSON.parse(readFileSync(join(root, 'src', name, 'package.json'), 'utf8'));

for (const name of built) rmSync(join(root, 'src', name, 'dist'), { recursive: true, force: true });

/**
 * The SDK's packages re-export builders for two newer dashboard schemas, half of their weight. A board for Grafana 10 and 11 has no use for them.
 * @type {import('esbuild').Plugin}
 */
const leaveOutDashboardV2 = {
  name: 'leave-out-dashboard-v2',
  setup(build) {
    build.onResolve({ filter: /(^|\/)(visualization(V2)?Builder\.gen|dashboardv2(beta1)?)$/ }, ({ path, importer }) =>
      importer.includes('grafana-foundation-sdk') ? { path, namespace: 'left-out' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/**
 * Shortens the names within functions of other people's code, two fifths of its size: our own keep theirs for stack traces.
 * @type {import('esbuild').Plugin}
 */
const shortenForeignNames = {
  name: 'shorten-foreign-names',
  setup(build) {
    build.onLoad({ filter: /node_modules.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, 'utf8'), { minifyIdentifiers: true })).code,
    }));
  },
};

/**
 * The modules of a package: each subpath export from its source, and its command. The other packages stay outside, so
 * that a program has one copy of each.
 * @param {string} name
 */
async function bundle(name) {
  const { version, bin, exports } = readPackage(name);
  const entryPoints = Object.fromEntries(
    Object.values(exports)
      .filter((each) => typeof each === 'object')
      .map(({ types, default: file }) => [
        file.replace('./dist/', '').replace('.js', ''),
        `src/${name}/${types.replace('./dist/types/', '').replace('.d.ts', '.ts')}`,
      ]),
  );
  if (bin !== undefined)
    entryPoints['cli'] = `src/${name}/${existsSync(join(root, 'src', name, 'cli.ts')) ? 'cli' : 'cli/main'}.ts`;
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: `src/${name}/dist`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // ES modules first: of those what nobody uses is left out.
    mainFields: ['module', 'main'],
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    // Names stay: they are part of what stack traces say in somebody else's logs. (Minified and restored, as `keepNames` does, costs 20 ms.)
    minifyIdentifiers: false,
    legalComments: 'none',
    external: ['prom-client', ...PACKAGES.map((each) => readPackage(each).name).flatMap((each) => [each, `${each}/*`])],
    // The compiler's paths lead to the sources of the other packages.
    tsconfigRaw: {},
    // CommonJS inside the bundle (commander) asks for Node's own modules by require().
    banner: {
      js: "import{createRequire as lockstepRequire}from'node:module';const require=lockstepRequire(import.meta.url);",
    },
    plugins: [leaveOutDashboardV2, shortenForeignNames],
    define: { LOCKSTEP_VERSION: JSON.stringify(version), LOCKSTEP_ESBUILD: JSON.stringify('./esbuild.cjs') },
    metafile: true,
  });
  if (bin !== undefined) chmodSync(join(root, 'src', name, 'dist', 'cli.js'), 0o755);
  return Object.keys(metafile.inputs);
}

const dist = join(root, 'src', 'lockstep', 'dist');

/** The page of `lockstep preview`: a bundle of its own, which neither the command nor the exporter loads. */
async function bundlePage() {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { preview: 'src/lockstep/preview/web/main.ts' },
    outdir: 'src/lockstep/dist',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    metafile: true,
  });
  writeFileSync(
    join(dist, 'preview.css'),
    [join(root, 'node_modules/uplot/dist/uPlot.min.css'), join(root, 'src/lockstep/preview/web/preview.css')]
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n'),
  );
  return Object.keys(metafile.inputs);
}

const bundles = await Promise.all(built.map(async (name) => ({ name, inputs: await bundle(name) })));
if (built.includes('lockstep')) {
  // As it is, beside the modules: in a bundle it refuses to work.
  cpSync(join(root, 'node_modules', 'esbuild', 'lib', 'main.js'), join(dist, 'esbuild.cjs'));
  bundles.push({ name: 'lockstep', inputs: [...(await bundlePage()), 'node_modules/esbuild/lib/main.js'] });
}
for (const name of built) {
  const inputs = bundles.filter((each) => each.name === name).flatMap((each) => each.inputs);
  writeFileSync(join(root, 'src', name, 'dist', 'THIRD-PARTY-LICENSES.txt'), licences(inputs));
}
linkCommands();

const types = join(root, 'src', built[0] ?? '', 'dist', 'all-types');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', types], { stdio: 'inherit' });
for (const name of built) cpSync(join(types, name), join(root, 'src', name, 'dist', 'types'), { recursive: true });
rmSync(types, { recursive: true });

/**
 * Makes `npx lockstep` in a clone run the clone's own command: npm links a command when it installs, and only if its
 * file is there by then.
 */
function linkCommands() {
  const bin = join(root, 'node_modules', '.bin');
  if (process.platform === 'win32' || !existsSync(bin)) return;
  for (const name of PACKAGES)
    for (const [command, file] of Object.entries(readPackage(name).bin ?? {})) {
      const link = join(bin, command);
      const target = join('..', '..', 'src', name, file);
      // Another build of the same clone may be at it: a link that is right stays.
      if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target) continue;
      rmSync(link, { force: true });
      symlinkSync(target, link);
    }
}

/**
 * The licence text of every package that is inside the bundle.
 * @param {readonly string[]} inputs  paths of what was bundled
 */
function licences(inputs) {
  const packages = new Set(
    inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter((name) => name !== undefined),
  );
  return [...packages]
    .sort()
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      // CC0 gives up all rights, and asks for no text to be handed on.
      if (file === undefined && license === 'CC0-1.0') return `${name} ${version}\n\n${license}\n`;
      if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} carries no licence text`);
      return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
