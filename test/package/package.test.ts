import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// lockstep as somebody has it who never saw this repository: packed, and installed in an empty project.

const root = join(import.meta.dirname, '..', '..');
let project = '';
let packed: { files: { path: string }[]; unpackedSize: number };

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { cwd: project, encoding: 'utf8' });
}
const node = (script: string) => run(process.execPath, '--input-type=module', '-e', script).trim();

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
  const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
  });
  packed = (JSON.parse(told) as [typeof packed])[0];
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }));
  const [tarball = ''] = readdirSync(project).filter((name) => name.endsWith('.tgz'));
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`);
  cpSync(join(root, 'test', 'shop'), project, { recursive: true });
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the package', () => {
  it('carries what it runs, its licences and nothing of the workshop', () => {
    const top = new Set(packed.files.map(({ path }) => path.split('/')[0]));
    expect(top).toEqual(new Set(['dist', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE']));
    expect(packed.files.map(({ path }) => path)).toContain('dist/THIRD-PARTY-LICENSES.txt');
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).not.toContain('yaml');
    expect(installed).not.toContain('@grafana');
  });

  it('builds a board of definitions in TypeScript, and finds no drift in it', () => {
    expect(run('npx', 'lockstep', 'build')).toMatch(/^written {4}out\/boards\/shop\.yaml/m);
    expect(run('npx', 'lockstep', 'check')).toBe('3 files as they would be built\n');
    for (const path of ['boards/shop.yaml', 'alerts/shop.yaml', 'rules/shop.yaml'])
      expect(readFileSync(join(project, 'out', path), 'utf8')).toBe(
        readFileSync(join(root, 'test', 'golden', 'shop', path), 'utf8'),
      );
  });

  it('records and serves a catalogue, and fab’s, by its exporter', () => {
    writeFileSync(
      join(project, 'app.mjs'),
      `import { createExporter, createFabExporter } from 'lockstep/exporter';
       import { counter, defineCatalogue } from 'lockstep/catalogue';
       const shop = defineCatalogue({ name: 'shop', metrics: { sales: counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [] }) } });
       const exporter = createExporter(shop);
       exporter.record.sales.add({}, 3);
       const server = await exporter.serve({ port: 0 });
       const scrape = async () => await (await fetch(server.url + '/metrics')).text();
       await scrape();
       console.log((await scrape()).split('\\n').filter((line) => line.startsWith('shop_sales')).join('\\n').replace(/start_id="\\w{12}"/, 'ID'));
       const fab = createFabExporter();
       fab.recordSession({ role: 'product', durationSeconds: 60, tokens: { input: 5, output: 7 } });
       console.log((await fab.registry.metrics()).split('\\n').find((line) => line.startsWith('fab_agent_sessions_total{role="product"')).replace(/start_id="\\w{12}"/, 'ID'));
      `,
    );
    expect(run(process.execPath, 'app.mjs')).toBe(
      'shop_sales_total{ID} 3\nfab_agent_sessions_total{role="product",phase="discovery",group="factory",ID} 1\n',
    );
  });

  it('loads no YAML, commander, SDK or esbuild with the exporter, and no prom-client with the definitions', () => {
    const loaded = (entry: string) =>
      node(`import { createRequire } from 'node:module';
        await import('lockstep/${entry}');
        const require = createRequire(import.meta.url);
        console.log(Object.keys(require.cache).join('\\n'));`);
    expect(loaded('exporter')).toMatch(/prom-client/);
    expect(loaded('exporter')).not.toMatch(/yaml|commander|foundation-sdk|esbuild/);
    for (const entry of ['catalogue', 'promql', 'slo', 'dashboard', 'alerts', 'config']) expect(loaded(entry)).toBe('');
  });

  it('loads what pushes only when it is asked for: nothing that the exporter imports at once knows OTLP', () => {
    const dist = join(project, 'node_modules', 'lockstep', 'dist');
    const closure = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
      if (seen.has(file)) return seen;
      seen.add(file);
      for (const [, next = ''] of readFileSync(join(dist, file), 'utf8').matchAll(/(?:from|import)"\.\/([^"]+)"/g))
        closure(next, seen);
      return seen;
    };
    const files = [...closure('exporter.js')];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files)
      expect(readFileSync(join(dist, file), 'utf8'), file).not.toMatch(
        /MetricsService|serializeMetricsExportRequest|max_reconnect/,
      );
    const all = readdirSync(dist).filter((file) => file.endsWith('.js'));
    expect(all.filter((file) => readFileSync(join(dist, file), 'utf8').includes('MetricsService/Export'))).toHaveLength(
      1,
    );
  });

  for (const [moduleResolution, module] of [
    ['node16', 'node16'],
    ['bundler', 'esnext'],
  ] as const)
    it(`has types that hold by themselves, resolved as ${moduleResolution} does, and refuse what they should`, () => {
      const check = (text: string) => {
        writeFileSync(join(project, 'app.ts'), text);
        writeFileSync(
          join(project, 'tsconfig.json'),
          JSON.stringify({
            compilerOptions: {
              strict: true,
              noEmit: true,
              target: 'es2022',
              lib: ['es2022'],
              module,
              moduleResolution,
              types: ['node'],
              typeRoots: [join(root, 'node_modules', '@types')],
              skipLibCheck: false,
            },
            files: ['app.ts', 'lockstep.config.ts'],
          }),
        );
        try {
          return run(process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--pretty', 'false');
        } catch (error) {
          return (error as { stdout: string }).stdout;
        }
      };
      const app = `import { createExporter, createFabExporter } from 'lockstep/exporter';
import { shop } from './catalogue.js';
const { record } = createExporter(shop);
record.sales.add({ till: 'north', result: 'paid' }, 1);
createFabExporter().recordSession({ role: 'product', durationSeconds: 60, tokens: { input: 5, output: 7 } });
`;
      expect(check(app)).toBe('');
      expect(check(app.replace("'north'", "'nroth'"))).toMatch(/app\.ts\(4,.*Did you mean '"north"'\?/);
      expect(check(app.replace(", result: 'paid'", ''))).toMatch(/app\.ts\(4,.*Property 'result' is missing/);
      expect(check(app.replace("'product'", "'prodcut'"))).toMatch(/app\.ts\(5,.*Did you mean '"product"'\?/);
    });
});
