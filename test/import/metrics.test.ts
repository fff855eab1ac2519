import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, label } from '../../src/exporter/catalogue/index.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { ROLES, ROSTER } from '../../src/fab/roster.js';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { printCatalogue } from '../../src/lockstep/import/print-catalogue.js';
import { propose } from '../../src/lockstep/import/propose.js';
import { toCatalogue } from '../../src/lockstep/import/to-catalogue.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { temporaryFolder } from '../temporary.js';

// A catalogue of what a process exposes: it builds, and the process is what the catalogue says.

const cli = join(import.meta.dirname, '..', '..', 'src', 'lockstep', 'dist', 'cli.js');

function run(cwd: string, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...words], { cwd, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

const GO = `# HELP http_requests_total Requests, by "code".
# TYPE http_requests_total counter
http_requests_total{code="200",class="good",method="get"} 12
http_requests_total{code="204",class="good",method="get"} 2
http_requests_total{code="500",class="bad",method="post"} 1
http_requests_total{code="200",class="good",method="post"} 3
http_requests_total{code="204",class="good",method="post"} 1
http_requests_total{code="500",class="bad",method="get"} 2
# HELP http_request_duration_seconds How long answers took.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{method="get",le="0.1"} 3
http_request_duration_seconds_bucket{method="get",le="0.5"} 4
http_request_duration_seconds_bucket{method="get",le="+Inf"} 5
http_request_duration_seconds_sum{method="get"} 1.5
http_request_duration_seconds_count{method="get"} 5
# HELP go_gc_duration_seconds Pauses.
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0.5"} 0.1
go_gc_duration_seconds_sum 1
go_gc_duration_seconds_count 3
# TYPE go_goroutines gauge
go_goroutines 8
queue_depth{default="a"} 3
jobs_done_total 4
OrdersPlaced 1
${Array.from({ length: 20 }, (_, index) => `user_seen{user="u${index}"} 1`).join('\n')}
`;

const CONFIG = `import { defineConfig } from 'lockstep/config';
import { NAME } from './catalogue.js';
export default defineConfig({
  source: 'example.org/it',
  target: {
    grafana: '10.4',
    datasource: 'prometheus',
    instanceSelector: { dashboards: 'grafana' },
    alertFolder: 'it',
    routes: ['page', 'ticket'],
    runbooks: 'https://example.org/runbooks',
    layout: { dashboards: 'boards/{name}.yaml', alerts: 'alerts/{system}.yaml' },
  },
  systems: [{ catalogue: NAME, dashboards: [], alerts: [] }],
});
`;

describe('lockstep import metrics', () => {
  it('writes a catalogue of others that builds, and that the process is verified against without a mismatch', async () => {
    const folder = temporaryFolder({ 'metrics.txt': GO }, onTestFinished);
    const made = await run(
      folder,
      'import',
      'metrics',
      'metrics.txt',
      '--name',
      'api',
      '--scope',
      'job=api',
      '--out',
      'catalogue.ts',
    );
    expect(made).toMatchObject({ code: 0, stdout: '' });
    expect(made.stderr).toContain('8 metrics, 4 findings; written to catalogue.ts');
    await expect(readFileSync(join(folder, 'catalogue.ts'), 'utf8')).toMatchFileSnapshot(
      '../golden/imported/api.ts.txt',
    );
    writeFileSync(join(folder, 'lockstep.config.ts'), CONFIG.replaceAll('NAME', 'api'));
    expect(await run(folder, 'build')).toMatchObject({ code: 0, stderr: '' });
    const verified = await run(folder, 'verify', '--metrics', 'metrics.txt');
    expect(verified.stdout).toContain(' 0 mismatches');
    // What is there is never written over.
    const again = await run(folder, 'import', 'metrics', 'metrics.txt', '--out', 'catalogue.ts');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('error[import/exists] catalogue.ts');
    expect(again.stderr).toContain('the configuration has no system service');
  });

  it('proposes, run again, what is new, and writes over nothing that people wrote', async () => {
    const folder = temporaryFolder({ 'metrics.txt': GO }, onTestFinished);
    const words = ['import', 'metrics', 'metrics.txt', '--name', 'api', '--scope', 'job=api', '--out', 'catalogue.ts'];
    const at = join(folder, 'catalogue.ts');
    expect(await run(folder, ...words)).toMatchObject({ code: 0 });
    writeFileSync(join(folder, 'lockstep.config.ts'), CONFIG.replaceAll('NAME', 'api'));
    const corrected = readFileSync(at, 'utf8').replace("help: 'Requests, by", "help: 'All requests, by");
    writeFileSync(at, corrected);
    const same = await run(folder, ...words);
    expect(same).toMatchObject({ code: 0, stdout: '' });
    expect(same.stderr).not.toMatch(/new-|not-exposed|other-/);

    writeFileSync(
      join(folder, 'metrics.txt'),
      GO.replace('code="500",class="bad",method="post"', 'code="503",class="bad",method="put"')
        .replace('go_goroutines 8\n', '')
        .replace('queue_depth{default="a"} 3', 'queue_depth{default="a",shard="b"} 3')
        .replace('_bucket{method="get",le="0.5"}', '_bucket{method="get",le="1"}')
        .replace('OrdersPlaced 1\n', '# TYPE orders_total counter\norders_total{method="get",shop="x"} 1\n'),
    );
    const changed = await run(folder, ...words);
    expect(changed.code).toBe(0);
    const told = changed.stderr.split('\n').filter((line) => /\[import\/|^ {2}(found|fix) /.test(line));
    expect(told.slice(told.findIndex((line) => line.includes('import/new-metric'))).map((line) => line.trim())).toEqual(
      [
        'warning[import/new-metric] catalogue api › orders_total',
        'found    a counter that the catalogue does not have',
        'fix      add it, as it is proposed',
        'warning[import/other-bounds] catalogue api › http_request_duration_seconds',
        'found    has the bounds 0.1, 0.5, and is exposed with 0.1, 1',
        'fix      write bounds: [0.1, 1]; an objective at a bound that is gone must take another',
        'note[import/not-exposed] catalogue api › go_goroutines',
        'found    not in what was read',
        'fix      drop it if it is gone; it may also not have happened yet',
        'note[import/not-exposed] catalogue api › OrdersPlaced',
        'found    not in what was read',
        'fix      drop it if it is gone; it may also not have happened yet',
        'warning[import/new-label] catalogue api › queue_depth',
        'found    is exposed with the label shard, which it does not have',
        'fix      add shard to its labels, or to targetLabels if scraping adds it',
        'warning[import/new-value] catalogue api › label code',
        'found    its list does not have "503", which is exposed',
        'fix      add it to its values, and to valueOf of class',
        'warning[import/new-value] catalogue api › label method',
        'found    its list does not have "put", which is exposed',
        'fix      add it to its values',
      ],
    );
    expect(changed.stderr).toMatch(/\d+ findings to look at; catalogue.ts is as it was/);
    expect(readFileSync(at, 'utf8')).toBe(corrected);

    // The proposal can be pasted as it stands.
    expect(changed.stdout).toMatch(/^\/\/ import \{ counter, label \} from 'lockstep\/catalogue';\n\/\/ New labels:\n/);
    expect(changed.stdout).toContain("const shard = label('shard'");
    const [labels = '', metrics = ''] = changed.stdout.split('// New metrics, for `metrics` of the catalogue:\n');
    const taken = corrected
      .replace('export const api', `${labels}export const api`)
      .replace(/ {2}\},\n\}\);\n$/, `${metrics}  },\n});\n`);
    writeFileSync(at, taken);
    const then = await run(folder, ...words);
    expect(then.stderr).not.toContain('import/new-metric');
  });

  it('proposes nothing where the program is the one to follow, and tells of a kind that changed', async () => {
    const folder = temporaryFolder({ 'metrics.txt': GO }, onTestFinished);
    const words = ['import', 'metrics', 'metrics.txt', '--name', 'api', '--scope', 'job=api', '--out', 'catalogue.ts'];
    await run(folder, ...words);
    writeFileSync(join(folder, 'lockstep.config.ts'), CONFIG.replaceAll('NAME', 'api'));
    writeFileSync(
      join(folder, 'metrics.txt'),
      GO.replace('# TYPE go_goroutines gauge', '# TYPE go_goroutines counter'),
    );
    const changed = await run(folder, ...words);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('error[import/other-kind] catalogue api › go_goroutines');
  });

  it('finds that one label decides another, with the evidence', async () => {
    const exporter = createFabExporter({ environment: {} });
    for (const role of ROLES.slice(0, 11)) exporter.recordSession({ role, durationSeconds: 5 });
    const found = findMetrics(parseExposition(await exporter.registry.metrics()), 'fab');
    const phase = found.labels.find(({ name }) => name === 'phase');
    expect(phase?.decidedBy?.label).toBe('role');
    for (const [role, value] of Object.entries(phase?.decidedBy?.valueOf ?? {}))
      expect(value).toBe(ROSTER[role as keyof typeof ROSTER]?.phase);
    expect(printCatalogue(found, { name: 'fab', scope: {} })).toMatch(/\/\/ role decided it in all \d+ series/);
  });

  it('says what is no exposition, and writes nothing', async () => {
    const folder = temporaryFolder({ 'page.html': '<html>\n', 'empty.txt': '' }, onTestFinished);
    for (const [words, code] of [
      [['page.html'], 'import/nothing'],
      [['empty.txt'], 'import/nothing'],
      [['gone.txt'], 'import/unreachable'],
      [['http://127.0.0.1:1/metrics'], 'import/unreachable'],
      [['empty.txt', '--name', 'No Name'], 'import/usage'],
    ] as const) {
      const { code: exit, stderr } = await run(folder, 'import', 'metrics', ...words, '--out', 'out.ts');
      expect([exit, stderr]).toEqual([2, expect.stringContaining(`error[${code}]`)]);
    }
    expect(existsSync(join(folder, 'out.ts'))).toBe(false);
  });

  it('reports without writing, in any format', async () => {
    const folder = temporaryFolder({ 'metrics.txt': GO }, onTestFinished);
    const { code, stdout } = await run(folder, 'import', 'metrics', 'metrics.txt', '--report', '--format', 'json');
    expect(code).toBe(0);
    const { findings, details } = JSON.parse(stdout) as { findings: { id: string; where: string }[]; details: object };
    expect(details).toEqual({ metrics: 8 });
    expect(findings.map(({ id, where }) => `${id} ${where}`).sort()).toEqual([
      'import/untyped OrdersPlaced',
      'import/untyped jobs_done_total',
      'import/untyped queue_depth',
      'import/untyped user_seen',
    ]);
  });
});

describe('lockstep init', () => {
  it('ends with 1 where a line of the page could not be taken, with how to write it', async () => {
    const page = '# TYPE up gauge\nup 1\n# TYPE requests_total counter\nrequests_total{http.route="/"} 1\n';
    const folder = temporaryFolder({ 'm.txt': page }, onTestFinished);
    const begun = await run(folder, 'init', '--name', 'web', '--metrics', 'm.txt');
    expect(begun.code).toBe(1);
    expect(begun.stderr).toContain('error[import/refused]');
    expect(begun.stderr).toContain('put a name with dots in quotes, which Prometheus 3 reads, or write it with _');
    expect(existsSync(join(folder, 'lockstep.config.ts'))).toBe(true);
  });
});

describe('any exposition', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  const value = fc.string({ maxLength: 6 }).map((text) => text.replace(/[\\"\n]/g, ''));
  const sample = fc.record({
    name: word,
    labels: fc.dictionary(word, value, { maxKeys: 3 }),
    help: fc.string({ maxLength: 20 }),
  });

  it('becomes a module that can be read, with each of its series names', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 8 }), (samples) => {
        const text = samples
          .map(({ name, labels, help }) => {
            const pairs = Object.entries(labels).map(([key, each]) => `${key}="${each}"`);
            return `# HELP ${name} ${help.replace(/\s/g, ' ')}\n${name}{${pairs.join(',')}} 1`;
          })
          .join('\n');
        const found = findMetrics(parseExposition(text), 'it');
        const module = printCatalogue(found, { name: 'it', scope: {} });
        expect(() => transformSync(module, { loader: 'ts' })).not.toThrow();
        const names = new Set(parseExposition(text).samples.map(({ name }) => name));
        for (const name of names) if (!name.endsWith('_created')) expect(module).toContain(`name: '${name}'`);
        // Read again, it is what the catalogue says.
        const { added, findings } = propose(toCatalogue(found, 'it', {}, []), found);
        expect([...added.metrics, ...findings]).toEqual([]);
      }),
    );
  });
});

describe('what is proposed for a catalogue that stands', () => {
  const found = (page: string) => findMetrics(parseExposition(page), 'x');
  const told = (catalogue: Catalogue, page: string) =>
    propose(catalogue, found(page)).findings.map(({ id, where, found: is }) => `${id} ${where.split(' › ')[1]}: ${is}`);
  const standing = (page: string, targets: readonly string[] = []) => toCatalogue(found(page), 'it', {}, targets);
  const codes = (count: number) =>
    `# TYPE a_total counter\n${Array.from({ length: count }, (_, index) => `a_total{code="${index}"} 1`).join('\n')}\n`;

  it('compares no kind that is a guess', () => {
    const typed = standing('# TYPE jobs_done counter\njobs_done 1\n');
    expect(told(typed, 'jobs_done 1\n')).toEqual([]);
    expect(told(typed, '# TYPE jobs_done gauge\njobs_done 1\n')).toEqual([
      'import/other-kind jobs_done: the catalogue has a counter, and the process exposes a gauge',
    ]);
  });

  it('compares lists of values however long they are', () => {
    const values = Array.from({ length: 20 }, (_, index) => String(index)) as [string, ...string[]];
    const listed = defineCatalogue({
      name: 'it',
      recordedBy: 'others',
      metrics: {
        a: counter({ name: 'a_total', help: 'A.', unit: '{a}', labels: [label('code', { help: 'code', values })] }),
      },
    }) as Catalogue;
    expect(told(listed, codes(15))).toEqual([]);
    expect(told(listed, codes(22))).toEqual([
      'import/new-value label code: its list does not have "20", "21", which are exposed',
    ]);
    expect(told(listed, codes(40))).toEqual([
      'import/many-values label code: 20 values are exposed that its list does not have',
    ]);
    expect(told(standing(codes(20)), codes(80))).toEqual([
      'import/many-values label code: has 80 values, and may have 50',
    ]);
  });

  it('takes no handle that is taken, and no label that scraping adds', () => {
    const catalogue = standing('# TYPE http_requests_total counter\nhttp_requests_total 1\n', ['pod']);
    const [handle = ''] = Object.keys(catalogue.metrics);
    const page = 'http_requests_total 1\n# TYPE other counter\nother_total{pod="p",zone="z"} 1\n';
    const renamed = { ...catalogue, metrics: { ...catalogue.metrics, other: catalogue.metrics[handle] } } as Catalogue;
    const { added } = propose(renamed, found(page));
    expect(added.metrics.map(({ handle: own, labels }) => [own, labels])).toEqual([['other2', ['zone']]]);
    expect(added.labels.map(({ name }) => name)).toEqual(['zone']);
  });

  it('tells where a label follows from another in another way', () => {
    const page = (of404: string) =>
      `# TYPE a_total counter\n${['/a', '/b']
        .flatMap((route) =>
          [
            ['200', 'good'],
            ['204', 'good'],
            ['404', of404],
            ['500', 'bad'],
          ].map(([code, kind]) => `a_total{route="${route}",code="${code}",kind="${kind}"} 1`),
        )
        .join('\n')}\n`;
    expect(told(standing(page('bad')), page('bad'))).toEqual([]);
    expect(told(standing(page('bad')), page('good'))).toEqual([
      'import/other-decision label kind: code="404" goes with "good", and the catalogue says "bad"',
    ]);
  });
});

describe('what cannot be taken as it stands', () => {
  const found = (exposition: string) => {
    const { metrics, labels, findings } = findMetrics(parseExposition(exposition), 'x');
    return { metrics, labels, ids: findings.map(({ id, at }) => `${id} ${at?.line}`) };
  };

  it('an empty value is no label, and a name that begins with __ is left out', () => {
    const { metrics, labels, ids } = found('# TYPE a gauge\na{b="",c="1"} 1\na{b="",c="2",__d="x"} 1\n');
    expect(metrics.map((each) => each.labels)).toEqual([['c']]);
    expect(labels.map(({ name }) => name)).toEqual(['c']);
    expect(ids).toEqual(['import/reserved-label 3']);
  });

  it.each(['$x', '[[x', 'a\\nb'])('values with %s are not listed', (value) => {
    const { labels, ids } = found(`# TYPE a gauge\na{b="1"} 1\na{b="${value}"} 1\n`);
    expect(labels).toEqual([expect.objectContaining({ name: 'b', values: undefined })]);
    expect(ids).toEqual(['import/values 3']);
  });

  it('a histogram without finite buckets is its sum and count', () => {
    const { metrics, ids } = found(
      '# TYPE a_seconds histogram\na_seconds_bucket{le="+Inf"} 1\na_seconds_sum 1\na_seconds_count 1\n',
    );
    expect(metrics.map(({ name, kind }) => [name, kind])).toEqual([
      ['a_seconds_sum', 'counter'],
      ['a_seconds_count', 'counter'],
    ]);
    expect(ids).toEqual(['import/no-buckets 1']);
  });

  it('a label that was seen with each value of another once is not decided by it', () => {
    const series = (code: string, method: string, by = '') => `a_total{status="${code}",method="${method}"${by}} 1\n`;
    const once = `# TYPE a_total counter\n${series('200', 'get')}${series('204', 'get')}${series('404', 'post')}`;
    const decider = (exposition: string) =>
      found(exposition).labels.find(({ name }) => name === 'method')?.decidedBy?.label;
    expect(decider(once)).toBeUndefined();
    const again = ['200', '204', '404'].map((code) => series(code, code === '404' ? 'post' : 'get', ',route="/b"'));
    expect(decider(once + again.join(''))).toBe('status');
    expect(decider(once + again.join('') + series('404', 'get', ',route="/c"'))).toBeUndefined();
  });
});
