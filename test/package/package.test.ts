import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// lockstep as somebody has it who never saw this repository: packed, and installed in empty projects. One project is a
// program's, which imports the exporter; the other has the definitions.

const root = join(import.meta.dirname, '..', '..');
const SHIPPED = ['lockstep', 'lockstep-exporter', 'lockstep-fab'] as const;
/** A host's whole tree, on disk: prom-client's own dependencies are three quarters of it. */
const MOST_MEGABYTES = 7;
let folder = '';
let project = '';
let host = '';

function runIn(cwd: string, command: string, ...words: string[]): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8' });
}
const run = (command: string, ...words: string[]) => runIn(project, command, ...words);
const node = (script: string) => run(process.execPath, '--input-type=module', '-e', script).trim();

/** An empty project with these of the packages. */
function install(name: string, fields: object, ...packages: readonly (typeof SHIPPED)[number][]): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true, ...fields }));
  const tarballs = packages.map((each) =>
    join('..', readdirSync(folder).find((file) => tarball(each).test(file)) ?? ''),
  );
  runIn(path, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--save-optional', ...tarballs);
  return path;
}
const tarball = (name: string) => new RegExp(`^${name}-\\d.*\\.tgz$`);

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
  runIn(root, process.execPath, 'scripts/pack.mjs', folder);
  project = install('a-user', { type: 'module' }, ...SHIPPED);
  // As fab has it: CommonJS or not, and an optional dependency.
  host = install('a-host', {}, 'lockstep-exporter', 'lockstep-fab');
  cpSync(join(project, 'node_modules', 'lockstep', 'example'), project, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packages', () => {
  it('carry what they run, their licences, and nothing of the workshop', () => {
    for (const name of SHIPPED) {
      const installed = join(project, 'node_modules', name);
      const more = name === 'lockstep' ? ['CONTRIBUTING.md', 'docs', 'example', 'example-of-others'] : [];
      expect(readdirSync(installed).sort()).toEqual(
        ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', ...more].sort(),
      );
      expect(readdirSync(join(installed, 'dist'))).toContain('THIRD-PARTY-LICENSES.txt');
    }
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed).not.toContain('yaml');
    expect(installed).not.toContain('@grafana');
  });

  it('have no link in their documentation that leads to nothing', () => {
    const pages = SHIPPED.flatMap((name) => {
      const installed = join(project, 'node_modules', name);
      return filesBelow(installed).filter((path) => path.endsWith('.md'));
    });
    const links = pages.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => [page, join(dirname(page), link)] as const),
    );
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter(([, target]) => !existsSync(target))).toEqual([]);
  });

  it('give a host no esbuild, no native program and no install script, and are small on its disk', () => {
    const modules = join(host, 'node_modules');
    const files = filesBelow(modules);
    expect(
      readdirSync(modules)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(['@opentelemetry', 'bintrees', 'lockstep-exporter', 'lockstep-fab', 'prom-client', 'tdigest']);
    expect(files.filter((path) => /\.(node|exe|dll|so|dylib|wasm)$|[\\/]bin[\\/]/.test(path))).toEqual([]);
    // Blocks of 512 bytes: what the disk gives up, and not what the files hold.
    const megabytes = files.reduce((sum, path) => sum + (statSync(path).blocks ?? 0) * 512, 0) / 1e6;
    process.stdout.write(`a host's tree: ${megabytes.toFixed(2)} MB\n`);
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });

  it('ask nobody to approve an install script', () => {
    for (const path of [project, host]) {
      const lock = JSON.parse(readFileSync(join(path, 'package-lock.json'), 'utf8')) as {
        readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
      };
      const asking = Object.entries(lock.packages).filter(([, { hasInstallScript = false }]) => hasInstallScript);
      expect(asking).toEqual([]);
    }
  });

  it('tell of a second copy of the catalogue, and build nothing', () => {
    const path = join(folder, 'two-copies');
    cpSync(project, path, { recursive: true });
    // A package of metrics that brings its own copy.
    const shared = join(path, 'node_modules', 'shared-metrics');
    mkdirSync(join(shared, 'node_modules'), { recursive: true });
    cpSync(join(path, 'node_modules', 'lockstep-exporter'), join(shared, 'node_modules', 'lockstep-exporter'), {
      recursive: true,
    });
    writeFileSync(join(shared, 'package.json'), '{"name":"shared-metrics","type":"module","exports":"./index.js"}');
    const text = readFileSync(join(path, 'catalogue.ts'), 'utf8').replaceAll(
      'lockstep/catalogue',
      'lockstep-exporter/catalogue',
    );
    writeFileSync(join(shared, 'index.js'), transformSync(text, { loader: 'ts', format: 'esm' }).code);
    writeFileSync(join(path, 'catalogue.ts'), "export * from 'shared-metrics';\n");
    const { status, stderr } = spawnSync(process.execPath, ['node_modules/lockstep/dist/cli.js', 'build'], {
      cwd: path,
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^error\[config\/second-copy\]/);
    expect(stderr).toContain(join('shared-metrics', 'node_modules', 'lockstep-exporter'));
    expect(stderr).toContain('npm dedupe');
    expect(status).toBe(2);
    expect(existsSync(join(path, 'out'))).toBe(false);
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
      `import { createExporter } from 'lockstep-exporter';
       import { createFabExporter } from 'lockstep-fab/exporter';
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
        await import('${entry}');
        const require = createRequire(import.meta.url);
        console.log(Object.keys(require.cache).join('\\n'));`);
    expect(loaded('lockstep-fab/exporter')).toMatch(/prom-client/);
    expect(loaded('lockstep-fab/exporter')).not.toMatch(/yaml|commander|foundation-sdk|esbuild/);
    for (const entry of ['catalogue', 'promql', 'slo', 'dashboard', 'alerts', 'config'])
      expect(loaded(`lockstep/${entry}`)).toBe('');
    expect(loaded('lockstep-exporter/catalogue')).toBe('');
  });

  it('loads what pushes only when it is asked for: nothing that the exporter imports at once knows OTLP', () => {
    const dist = join(project, 'node_modules', 'lockstep-exporter', 'dist');
    const closure = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
      if (seen.has(file)) return seen;
      seen.add(file);
      for (const [, next = ''] of readFileSync(join(dist, file), 'utf8').matchAll(/(?:from|import)"\.\/([^"]+)"/g))
        closure(next, seen);
      return seen;
    };
    const files = [...closure('index.js')];
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

  it('begin a project that builds, lints and type-checks as it stands, for a service of each kind', () => {
    const exposed = join(folder, 'exposed.txt');
    writeFileSync(
      exposed,
      [
        '# HELP http_requests_total Requests that weren\'t "lost".',
        '# TYPE http_requests_total counter',
        'http_requests_total{code="200"} 7',
        '# TYPE http_request_duration_seconds histogram',
        'http_request_duration_seconds_bucket{le="0.1"} 3',
        'http_request_duration_seconds_bucket{le="+Inf"} 7',
        'http_request_duration_seconds_sum 2',
        'http_request_duration_seconds_count 7',
        '# TYPE process_resident_memory_bytes gauge',
        'process_resident_memory_bytes 12',
        '# TYPE app_start_time_seconds gauge',
        'app_start_time_seconds 1700000000',
        '',
      ].join('\n'),
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    for (const [name, more] of [
      ['own', []],
      ['theirs', ['--metrics', exposed, '--scope', 'job=api']],
    ] as const) {
      run('npx', 'lockstep', 'init', name, '--name', 'checkout', ...more);
      const begun = join(project, name);
      expect(runIn(begun, 'npm', 'run', '--silent', 'build:dashboards')).toMatch(/written +out\/dashboards/);
      expect(runIn(begun, 'npm', 'run', '--silent', 'check:dashboards')).toMatch(
        /as they would be built\n.* 0 findings/,
      );
      expect(runIn(begun, process.execPath, tsc, '--pretty', 'false')).toBe('');
    }
    // The program of the page is one of such a project.
    const page = readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8');
    const [, program = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
    expect(program).toContain('createExporter(checkout)');
    writeFileSync(join(project, 'own', 'program.ts'), program);
    writeFileSync(
      join(project, 'own', 'tsconfig.program.json'),
      '{"extends":"./tsconfig.json","include":["program.ts"]}',
    );
    expect(runIn(join(project, 'own'), process.execPath, tsc, '-p', 'tsconfig.program.json', '--pretty', 'false')).toBe(
      '',
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
      const app = `import { createExporter } from 'lockstep-exporter';
import { createFabExporter } from 'lockstep-fab/exporter';
import { shop } from './catalogue.js';
const { record } = createExporter(shop);
record.sales.add({ till: 'north', result: 'paid' }, 1);
createFabExporter().recordSession({ role: 'product', durationSeconds: 60, tokens: { input: 5, output: 7 } });
`;
      expect(check(app)).toBe('');
      expect(check(app.replace("'north'", "'nroth'"))).toMatch(/app\.ts\(5,.*Did you mean '"north"'\?/);
      expect(check(app.replace(", result: 'paid'", ''))).toMatch(/app\.ts\(5,.*Property 'result' is missing/);
      expect(check(app.replace("'product'", "'prodcut'"))).toMatch(/app\.ts\(6,.*Did you mean '"product"'\?/);
    });
});
