import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

// The flow of imports, as a test: catalogue -> promql -> slo, panels -> alerts -> emit -> check -> cli, and apart from
// them catalogue -> exporter -> fab -> the entry point. An arrow that is not listed is refused.

const root = join(import.meta.dirname, '..');

/** What each room of src may import; itself and the files beside the rooms are always allowed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  catalogue: [],
  grafana: [],
  promql: ['catalogue'],
  slo: ['catalogue', 'promql'],
  panels: ['grafana', 'catalogue', 'promql', 'slo'],
  alerts: ['grafana', 'catalogue', 'promql', 'slo', 'panels'],
  config: ['grafana', 'catalogue', 'promql', 'slo', 'panels', 'alerts'],
  emit: ['grafana', 'catalogue', 'promql', 'slo', 'panels', 'alerts', 'config'],
  compat: ['catalogue', 'promql', 'panels', 'config'],
  docs: ['catalogue', 'promql', 'slo', 'panels', 'alerts', 'config', 'compat', 'emit'],
  lint: ['grafana', 'catalogue', 'promql', 'panels', 'config', 'emit'],
  check: ['catalogue', 'emit'],
  prove: ['grafana', 'catalogue', 'promql', 'slo', 'alerts', 'config', 'emit'],
  verify: ['catalogue', 'promql', 'panels', 'config', 'emit', 'check'],
  exporter: ['catalogue'],
  fab: ['catalogue', 'exporter'],
  entries: ['exporter', 'fab'],
  preview: ['grafana', 'catalogue', 'promql', 'panels', 'alerts', 'config', 'emit', 'docs', 'check', 'prove', 'verify'],
  cli: [
    'preview',
    'catalogue',
    'promql',
    'config',
    'emit',
    'compat',
    'docs',
    'lint',
    'check',
    'prove',
    'verify',
    'exporter',
    'fab',
  ],
};

/** Which room may use which package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@grafana/grafana-foundation-sdk': ['panels/render.ts'],
  yaml: [
    'read-yaml.ts',
    'emit/taken-names.ts',
    'emit/yaml.ts',
    'emit/kustomization.ts',
    'check/diff.ts',
    'prove/built.ts',
    'lint/locate.ts',
  ],
  commander: ['cli/main.ts'],
  '@prometheus-io/lezer-promql': ['promql/text.ts', 'promql/text-tree.ts'],
  chokidar: ['cli/follow.ts'],
  esbuild: ['config/load.ts'],
  'prom-client': [
    'exporter/recorders.ts',
    'exporter/exporter.ts',
    'exporter/last-words.ts',
    'exporter/otlp.ts',
    'fab/follow.ts',
  ],
  '@grafana/data': ['preview/web/'],
  uplot: ['preview/web/'],
  '@opentelemetry/sdk-metrics': ['exporter/otlp.ts'],
  '@opentelemetry/otlp-transformer': ['exporter/otlp.ts'],
  '@smithy/signature-v4': ['verify/http.ts'],
  '@aws-crypto/sha256-js': ['verify/http.ts'],
  '@grpc/grpc-js': ['exporter/grpc.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const imports: readonly Import[] = (readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }) as string[])
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .flatMap((from) => {
    const text = readFileSync(join(root, 'src', from), 'utf8');
    const found = text.matchAll(
      /(?:^|\s)(import|export)( type)?[^'"`;]*?from '([^']+)'|import\('([^']+)'\)|\('(esbuild)'\)/gm,
    );
    return [...found].map(([, , typeOnly, one, two, three]) => {
      const to = one ?? two ?? three ?? '';
      return {
        from,
        to: to.startsWith('.') ? normalize(join(dirname(from), to)).replaceAll('\\', '/') : to,
        typeOnly: typeOnly !== undefined,
      };
    });
  });
const room = (path: string) => path.split('/')[0] ?? '';
const isOwn = ({ to }: Import) => to.endsWith('.js');

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(100);
    const rooms = imports.filter(({ from }) => from.includes('/')).map(({ from }) => room(from));
    expect(new Set(rooms)).toEqual(new Set(Object.keys(MAY_IMPORT)));
  });

  it('flow one way between the rooms', () => {
    const wrong = imports
      .filter(isOwn)
      .filter(
        ({ from, to }) =>
          !['problem.js', 'shape.js', 'version.js', 'exempt.js', 'read.js', 'read-yaml.js', 'secret.js'].includes(to) &&
          room(to) !== room(from) &&
          !MAY_IMPORT[room(from)]?.includes(room(to)),
      );
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('do not go round in a circle, within a room either, types included', () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of imports)
      if (to.endsWith('.js')) targets.set(from, [...(targets.get(from) ?? []), to.replace(/\.js$/, '.ts')]);
    const walk = (path: string, above: readonly string[]): readonly string[] => {
      if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
      for (const next of targets.get(path) ?? []) {
        const circle = walk(next, [...above, path]);
        if (circle.length > 0) return circle;
      }
      return [];
    };
    for (const path of targets.keys()) expect(walk(path, [])).toEqual([]);
  });

  it('use a package only where it belongs', () => {
    const wrong = imports.filter((each) => {
      if (isOwn(each) || each.to.startsWith('node:')) return false;
      const name = Object.keys(PACKAGES).find((known) => each.to === known || each.to.startsWith(`${known}/`));
      const allowed = name === undefined ? [] : (PACKAGES[name] ?? []);
      return !allowed.some((place) => each.from === place || (place.endsWith('/') && each.from.startsWith(place)));
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('give a browser nothing but its own code, and what it and the server agree on', () => {
    const page = imports.filter(({ from }) => from.startsWith('preview/web/'));
    expect(page.length).toBeGreaterThan(20);
    const foreign = page
      .filter(isOwn)
      .filter(
        ({ to }) => !to.startsWith('preview/web/') && !['preview/protocol.js', 'preview/requests.js'].includes(to),
      );
    expect(foreign.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
    const back = imports.filter(({ from, to }) => !from.startsWith('preview/web/') && to.startsWith('preview/web/'));
    expect(back).toEqual([]);
    const shared = imports.filter(
      ({ from, typeOnly }) => ['preview/protocol.ts', 'preview/requests.ts'].includes(from) && !typeOnly,
    );
    // A number that Grafana's versions share.
    expect(shared.map(({ to }) => to)).toEqual(['grafana/version.js']);
  });

  it('leave fab to its own room, the entry that is put together for it, and its sidecar', () => {
    const known = imports.filter(({ from, to }) => room(to) === 'fab' && room(from) !== 'fab').map(({ from }) => from);
    expect([...new Set(known)].sort()).toEqual(['cli/serve.ts', 'entries/exporter.ts']);
    const mentions = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/src.(fab|entries|cli)./.test(path))
      .filter((path) => /^(?!\s*(\/\/|\/?\*)).*\bfab/m.test(readFileSync(path, 'utf8')));
    expect(mentions).toEqual([]);
  });
});

describe('what is shipped', () => {
  it('is said alike by the package and by the compiler, from which the bundle and the tests have it', () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    const { exports } = read('package.json') as { exports: Record<string, unknown> };
    const { paths } = (read('tsconfig.json') as { compilerOptions: { paths: Record<string, [string]> } })
      .compilerOptions;
    const wanted = Object.entries(paths).map(([name, [source]]) => [
      name.replace('lockstep', '.'),
      {
        types: source.replace('src', 'dist/types').replace('.ts', '.d.ts'),
        default: `./dist/${name.replace('lockstep/', '')}.js`,
      },
    ]);
    expect(exports).toEqual({ ...Object.fromEntries(wanted), './package.json': './package.json' });
  });
});
