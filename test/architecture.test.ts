import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import jsTokens from 'js-tokens';
import { describe, expect, it } from 'vitest';

// The flow of imports, as a test: between the packages exporter -> lockstep and exporter -> fab; within lockstep
// promql -> slo, panels -> alerts -> emit -> check -> cli. An arrow that is not listed is refused.

const root = join(import.meta.dirname, '..');

/** The rooms of each package, and which of its other rooms each may import; `''` is the files beside the rooms. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  exporter: {
    '': ['catalogue', 'recording', 'settings', 'scrape', 'push', 'life', 'otlp', 'pushgateway'],
    catalogue: [''],
    recording: ['', 'catalogue'],
    settings: ['', 'push'],
    life: [''],
    scrape: ['', 'settings'],
    push: ['', 'life'],
    otlp: ['', 'catalogue', 'recording', 'settings', 'push'],
    pushgateway: ['', 'catalogue', 'recording', 'push', 'life'],
    files: ['', 'catalogue', 'recording', 'scrape'],
  },
  fab: { '': [] },
  lockstep: {
    '': [],
    grafana: [''],
    promql: [''],
    slo: ['', 'promql'],
    panels: ['', 'grafana', 'promql', 'slo'],
    alerts: ['', 'grafana', 'promql', 'slo', 'panels'],
    existing: ['', 'grafana', 'promql', 'panels'],
    'verify-job': ['', 'promql', 'slo', 'panels', 'alerts'],
    config: ['', 'grafana', 'promql', 'slo', 'panels', 'alerts', 'existing', 'verify-job'],
    emit: ['', 'grafana', 'promql', 'slo', 'panels', 'alerts', 'existing', 'verify-job', 'config'],
    compat: ['', 'grafana', 'promql', 'panels', 'existing', 'config', 'emit'],
    docs: ['', 'promql', 'slo', 'panels', 'alerts', 'config', 'compat', 'emit'],
    lint: ['', 'grafana', 'promql', 'slo', 'panels', 'existing', 'config', 'emit', 'report'],
    check: ['', 'emit'],
    report: [''],
    prove: ['', 'grafana', 'promql', 'slo', 'alerts', 'existing', 'config', 'emit'],
    verify: ['', 'promql', 'panels', 'existing', 'config', 'emit', 'check'],
    testing: ['', 'verify'],
    import: ['', 'grafana', 'promql', 'slo', 'panels', 'existing', 'config', 'emit', 'check', 'report', 'verify'],
    export: [''],
    init: ['', 'emit', 'import', 'panels'],
    preview: ['', 'grafana', 'promql', 'panels', 'alerts', 'config', 'emit', 'docs', 'check', 'prove', 'verify'],
    cli: [
      '',
      'grafana',
      'preview',
      'promql',
      'slo',
      'config',
      'emit',
      'compat',
      'docs',
      'lint',
      'check',
      'prove',
      'verify',
      'verify-job',
      'report',
      'import',
      'export',
      'init',
    ],
  },
};

/** Which of its neighbours' modules each package imports, by name: what they publish, and nothing else. */
const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  exporter: [],
  fab: ['lockstep-exporter', 'lockstep-exporter/catalogue', 'lockstep-exporter/files'],
  lockstep: [
    'lockstep-exporter',
    'lockstep-exporter/catalogue',
    'lockstep-exporter/internal',
    'lockstep-exporter/sweep',
  ],
};

/** Which file or room may use which package from elsewhere. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@grafana/grafana-foundation-sdk': [
    'lockstep/panels/render.ts',
    'lockstep/panels/looks.ts',
    'lockstep/panels/visualization.ts',
  ],
  yaml: [
    'lockstep/read-yaml.ts',
    'lockstep/import/documents.ts',
    'lockstep/export/weaver.ts',
    'lockstep/emit/yaml.ts',
    'lockstep/emit/kustomization.ts',
    'lockstep/check/diff.ts',
    'lockstep/prove/built.ts',
    'lockstep/lint/locate.ts',
  ],
  commander: ['lockstep/cli/main.ts', 'fab/cli.ts'],
  '@prometheus-io/lezer-promql': [
    'lockstep/promql/text.ts',
    'lockstep/promql/text-tree.ts',
    'lockstep/promql/text-uses.ts',
    'lockstep/promql/text-counts.ts',
  ],
  chokidar: ['lockstep/cli/follow.ts'],
  'js-tokens': ['lockstep/config/place.ts'],
  esbuild: ['lockstep/config/load.ts'],
  'prom-client': [
    'exporter/recording/recorders.ts',
    'exporter/exporter.ts',
    'exporter/life/last-words.ts',
    'exporter/otlp/otlp.ts',
    'exporter/files/file.ts',
  ],
  '@grafana/data': ['lockstep/preview/web/'],
  uplot: ['lockstep/preview/web/'],
  '@opentelemetry/sdk-metrics': ['exporter/otlp/otlp.ts'],
  '@opentelemetry/otlp-transformer': ['exporter/otlp/otlp.ts'],
  '@smithy/signature-v4': ['lockstep/verify/http.ts'],
  '@aws-crypto/sha256-js': ['lockstep/verify/http.ts'],
  '@grpc/grpc-js': ['exporter/otlp/grpc.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = (readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }) as string[])
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !/^\w+\/dist\//.test(path));
const imports: readonly Import[] = files.flatMap((from) => {
  // Code that is written as text imports nothing.
  const text = [...jsTokens(readFileSync(join(root, 'src', from), 'utf8'))]
    .map(({ type, value }) => (/Template/.test(type) ? '``' : value))
    .join('');
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
const packageOf = (path: string) => path.split('/')[0] ?? '';
const roomOf = (path: string) => (path.split('/').length > 2 ? (path.split('/')[1] ?? '') : '');
const isOwn = ({ to }: Import) => to.endsWith('.js');
const isNeighbour = ({ to }: Import) => /^lockstep(-\w+)?(\/|$)/.test(to);
const print = (wrong: readonly Import[]) => wrong.map(({ from, to }) => `${from} imports ${to}`);

describe('imports', () => {
  it('are found, in every room that there is', () => {
    expect(imports.length).toBeGreaterThan(500);
    for (const [name, rooms] of Object.entries(ROOMS)) {
      const there = files.filter((path) => packageOf(path) === name).map(roomOf);
      expect(new Set(there)).toEqual(new Set(Object.keys(rooms)));
    }
    expect(new Set(files.map(packageOf))).toEqual(new Set(Object.keys(ROOMS)));
  });

  it('cross from one package to another by what that one publishes, and by no path', () => {
    const wrong = imports.filter((each) =>
      isOwn(each)
        ? packageOf(each.to) !== packageOf(each.from)
        : isNeighbour(each) && NEIGHBOURS[packageOf(each.from)]?.includes(each.to) !== true,
    );
    expect(print(wrong)).toEqual([]);
  });

  it('flow one way between the rooms', () => {
    const wrong = imports
      .filter(isOwn)
      .filter(
        ({ from, to }) =>
          roomOf(to) !== roomOf(from) && ROOMS[packageOf(from)]?.[roomOf(from)]?.includes(roomOf(to)) !== true,
      );
    expect(print(wrong)).toEqual([]);
  });

  it('do not go round in a circle, within a room either, types included', () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of imports)
      if (to.endsWith('.js')) targets.set(from, [...(targets.get(from) ?? []), to.replace(/\.js$/, '.ts')]);
    const done = new Set<string>();
    const walk = (path: string, above: readonly string[]): readonly string[] => {
      if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
      if (done.has(path)) return [];
      for (const next of targets.get(path) ?? []) {
        const circle = walk(next, [...above, path]);
        if (circle.length > 0) return circle;
      }
      done.add(path);
      return [];
    };
    for (const path of targets.keys()) expect(walk(path, [])).toEqual([]);
  });

  it('use a package only where it belongs', () => {
    const wrong = imports.filter((each) => {
      if (isOwn(each) || isNeighbour(each) || each.to.startsWith('node:')) return false;
      const name = Object.keys(PACKAGES).find((known) => each.to === known || each.to.startsWith(`${known}/`));
      const allowed = name === undefined ? [] : (PACKAGES[name] ?? []);
      return !allowed.some((place) => each.from === place || (place.endsWith('/') && each.from.startsWith(place)));
    });
    expect(print(wrong)).toEqual([]);
  });

  it('give a browser nothing but its own code, and what it and the server agree on', () => {
    const web = 'lockstep/preview/web/';
    const agreed = ['lockstep/preview/protocol', 'lockstep/preview/requests'];
    const page = imports.filter(({ from }) => from.startsWith(web));
    expect(page.length).toBeGreaterThan(20);
    const foreign = page
      .filter((each) => isOwn(each) || isNeighbour(each))
      .filter(({ to }) => !to.startsWith(web) && !agreed.map((each) => `${each}.js`).includes(to));
    expect(print(foreign)).toEqual([]);
    const back = imports.filter(({ from, to }) => !from.startsWith(web) && to.startsWith(web));
    expect(back).toEqual([]);
    const shared = imports.filter(({ from, typeOnly }) => agreed.some((each) => from === `${each}.ts`) && !typeOnly);
    // A number that Grafana's versions share.
    expect(shared.map(({ to }) => to)).toEqual(['lockstep/grafana/version.js']);
  });

  it('leave fab to its own package', () => {
    const mentions = files
      .filter((path) => packageOf(path) !== 'fab')
      .filter((path) => /^(?!\s*(\/\/|\/?\*)).*\bfab/m.test(readFileSync(join(root, 'src', path), 'utf8')));
    expect(mentions).toEqual([]);
  });
});

describe('a type', () => {
  /** One idea in two places: a browser's types must not pull in those of the SDK. */
  const TWICE = ['Link'];

  it('has a name of its own among all that are exported', () => {
    const owners = new Map<string, string[]>();
    for (const path of files)
      for (const [, name = ''] of readFileSync(join(root, 'src', path), 'utf8').matchAll(
        /^export (?:interface|type|class|enum) (\w+)/gm,
      ))
        owners.set(name, [...(owners.get(name) ?? []), path]);
    const shared = [...owners].filter(([, paths]) => paths.length > 1);
    expect(shared.map(([name]) => name)).toEqual(TWICE);
  });
});

describe('what is published', () => {
  it('is said alike by each package and by the compiler, from which the bundle and the tests have it', () => {
    const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));
    const { paths } = (read('tsconfig.json') as { compilerOptions: { paths: Record<string, [string]> } })
      .compilerOptions;
    const published = Object.keys(ROOMS).flatMap((folder) => {
      const { name, exports } = read(`src/${folder}/package.json`) as {
        name: string;
        exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
      };
      return Object.entries(exports).flatMap(([path, target]) =>
        typeof target === 'string'
          ? []
          : [
              [
                `${name}${path.slice(1)}`,
                [`./src/${folder}/${target.types.replace('./dist/types/', '').replace('.d.ts', '.ts')}`],
              ] as const,
            ],
      );
    });
    expect(Object.fromEntries(published)).toEqual(paths);
  });

  it('has one version in all packages, each of which asks for the others at that version', () => {
    const packages = ['package.json', ...Object.keys(ROOMS).map((name) => `src/${name}/package.json`)].map(
      (path) =>
        JSON.parse(readFileSync(join(root, path), 'utf8')) as {
          readonly version: string;
          readonly peerDependencies?: Readonly<Record<string, string>>;
        },
    );
    const versions = packages.flatMap(({ version, peerDependencies = {} }) => [
      version,
      ...Object.values(peerDependencies),
    ]);
    expect(new Set(versions).size).toBe(1);
  });
});
