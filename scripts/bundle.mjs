// Builds what is shipped: one ES module per subpath export and the command, with the SDK, YAML and commander inside, in chunks that are
// loaded when they are needed. Seven modules of the foundation SDK take 0.25 s to load as they come, and a third of that bundled.
// Then the types, as tsc emits them.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
/** One per subpath export, as the compiler knows them: `lockstep/catalogue` from its source. */
const { paths } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions;
const entries = Object.fromEntries(
  Object.entries(paths).map(([name, [source]]) => [name.replace('lockstep/', ''), source]),
);

rmSync(dist, { recursive: true, force: true });

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

const command = build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli/main.ts', ...entries },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  // Names stay: they are part of what stack traces say in somebody else's logs. (Minified and restored, as `keepNames` does, costs 20 ms.)
  minifyIdentifiers: false,
  legalComments: 'none',
  external: ['prom-client', 'esbuild'],
  // CommonJS inside the bundle (commander) asks for Node's own modules by require().
  banner: {
    js: "import{createRequire as lockstepRequire}from'node:module';const require=lockstepRequire(import.meta.url);",
  },
  plugins: [leaveOutDashboardV2],
  define: { LOCKSTEP_VERSION: JSON.stringify(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version) },
  metafile: true,
});
/** The page of `lockstep preview`: a bundle of its own, which neither the command nor the exporter loads. */
const page = build({
  absWorkingDir: root,
  entryPoints: { preview: 'src/preview/web/main.ts' },
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  metafile: true,
});
const inputs = (await Promise.all([command, page])).map(({ metafile }) => metafile.inputs);
writeFileSync(
  join(dist, 'preview.css'),
  [join(root, 'node_modules/uplot/dist/uPlot.min.css'), join(root, 'src/preview/web/preview.css')]
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n'),
);
chmodSync(join(dist, 'cli.js'), 0o755);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(inputs.flatMap((each) => Object.keys(each))));
linkCommand();

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });

/**
 * Makes `npx lockstep` in a clone run the clone's own command, as it does in a project that has installed the package. npm links the commands of
 * dependencies only; without the link npx installs the clone into its cache, and runs that.
 */
function linkCommand() {
  const bin = join(root, 'node_modules', '.bin');
  const link = join(bin, 'lockstep');
  if (process.platform === 'win32' || !existsSync(bin)) return;
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli.js'), link);
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
