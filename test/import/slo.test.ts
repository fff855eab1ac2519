import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { namesOf } from '../../src/lockstep/import/names.js';
import { sloFiles } from '../../src/lockstep/import/slo-project.js';
import { readSloSources } from '../../src/lockstep/import/slo-sources.js';
import { importSlos } from '../../src/lockstep/import/slos.js';
import { statusCodes } from '../../src/lockstep/import/status-codes.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { countedIn } from '../../src/lockstep/promql/text-counts.js';
import { errorRatio } from '../../src/lockstep/slo/slo.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { temporaryFolder } from '../temporary.js';
import { linkPackages } from './linked.js';
import { CRD, OPENSLO, SLOTH, UPTIME } from './slo-files.js';

// Objectives of OpenSLO and Sloth: each is taken as it is, or told with its place and the reason.

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');

describe('a query of an SLI', () => {
  const series = (name: string, ...matchers: readonly [string, string, string][]) => ({
    name,
    matchers: matchers.map(([label, op, value]) => ({ label, op, value })),
  });

  it.each([
    ['sum(rate(a_total[{{.window}}]))', { added: [series('a_total')], taken: [] }],
    [
      'sum(increase(a_total{code=~"5.."}[{{ .window }}]))',
      { added: [series('a_total', ['code', '=~', '5..'])], taken: [] },
    ],
    ['(sum(rate(a_total[5m]))) or vector(0)', { added: [series('a_total')], taken: [] }],
    ['sum(rate(a_total[5m]) or vector(0)) # none yet', { added: [series('a_total')], taken: [] }],
    ['sum(a_total{x!="1", y!~"2|3"})', { added: [series('a_total', ['x', '!=', '1'], ['y', '!~', '2|3'])], taken: [] }],
    ['a_total', { added: [series('a_total')], taken: [] }],
    [
      'sum(rate(a_total[$window])) + sum(rate(b_total[5m]))',
      { added: [series('a_total'), series('b_total')], taken: [] },
    ],
    [
      'sum(rate(a_total[5m])) - (sum(rate(b_total[5m])) - sum(rate(c_total[5m])))',
      { added: [series('a_total'), series('c_total')], taken: [series('b_total')] },
    ],
    [
      `sum(rate(a_total{x='it\\'s', y=\`\\d\`}[5m]))`,
      { added: [series('a_total', ['x', '=', "it's"], ['y', '=', '\\d'])], taken: [] },
    ],
  ])('%s counts what it counts', (query, counted) => {
    expect(countedIn(query)).toEqual(counted);
  });

  it.each([
    ['max(rate(a_total[5m]))', 'max(): only sums of events are counts'],
    ['sum by (x) (rate(a_total[5m]))', '"by (x)": an objective has one ratio, and no labels'],
    ['sum(rate(a_total[5m])) / 2', '"sum(rate(a_total[5m])) / 2", which neither adds up counts nor takes one away'],
    ['sum(irate(a_total[5m]))', 'irate(): only rate() and increase() count events'],
    ['sum(rate({job="a"}[5m]))', 'a selector without a name'],
    ['1', '"1", which is not a count of events'],
    ['sum(rate(a_total[5m])', 'text that is not PromQL'],
    ['', 'text that is not PromQL'],
  ])('%s is refused, with the reason', (query, reason) => {
    expect(countedIn(query)).toBe(reason);
  });

  it('is read as it was written, whatever is added up and taken away', () => {
    const name = fc.constantFrom('a_total', 'b_total', 'c_total');
    const matcher = fc.record({
      label: fc.constantFrom('x', 'code'),
      op: fc.constantFrom('=', '!=', '=~', '!~'),
      value: fc.string({ unit: fc.constantFrom('a', '5', '.', '|', '"', '\\', 'é', ' ') }),
    });
    const one = fc.record({ name, matchers: fc.array(matcher, { maxLength: 2 }) });
    const print = (each: { name: string; matchers: readonly { label: string; op: string; value: string }[] }) =>
      `sum(rate(${each.name}{${each.matchers.map(({ label, op, value }) => `${label}${op}${JSON.stringify(value)}`).join(', ')}}[5m]))`;
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), fc.array(one, { maxLength: 3 }), (added, taken) => {
        const query = [added.map(print).join(' + '), ...taken.map(print)].join(' - ');
        expect(countedIn(query)).toEqual({ added, taken });
      }),
    );
  });
});

function imported(text: string, page?: string, scope = {}) {
  const sources = readSloSources([{ file: 'slo.yaml', text }]);
  const exposed = page === undefined ? undefined : findMetrics(parseExposition(page), 'metrics');
  const { slos, findings } = importSlos(sources.slos, { name: 'shop', system: 'shop', scope, exposed });
  return { slos, total: sources.total, findings: [...sources.findings, ...findings] };
}

const sloth = (sli: object, more: object = {}) =>
  stringify({ version: 'prometheus/v1', service: 'shop', slos: [{ name: 'one', objective: 99, sli, ...more }] });
const events = (error_query: string, total_query: string) => sloth({ events: { error_query, total_query } });

describe('an objective', () => {
  it('is taken from Sloth, its resource and OpenSLO with all that decides when it is missed', () => {
    for (const [text, expected] of [
      [
        SLOTH,
        [
          ['requests-availability', 'requests', 0.999, '30d', 2],
          ['requests-latency', 'requests', 0.95, '30d', 4],
          ['low', 'jobs', 0.9, '30d', 3],
        ],
      ],
      [
        CRD,
        [
          ['requests', 'requests', 0.995, '30d', 4],
          ['raw', 'requests', 0.99, '30d', 4],
        ],
      ],
      [OPENSLO, [['delivery', 'messages', 0.995, '28d', 3]]],
      [
        UPTIME,
        [
          ['reachable', 'samples', 0.995, '30d', 4],
          ['up', 'samples', 0.99, '30d', 4],
          ['answered', 'answers', 0.99, '30d', 4],
        ],
      ],
    ] as const) {
      const { slos } = imported(text);
      expect(slos.map(({ slo }) => [slo.name, slo.events, slo.objective, slo.window, slo.policy.length])).toEqual(
        expected,
      );
    }
  });

  it('is an uptime where it adds up the samples of a gauge, over how many there are', () => {
    const [reachable, up, answered] = imported(UPTIME).slos;
    const ratioOf = (only: typeof up) => (only === undefined ? '' : printExpression(errorRatio(only.slo, '1h')));
    expect(ratioOf(reachable)).toBe(
      '(sum(count_over_time(probe_success{job="blackbox"}[1h])) - sum(sum_over_time(probe_success{job="blackbox"}[1h]))) / (sum(count_over_time(probe_success{job="blackbox"}[1h])) > 0)',
    );
    expect(ratioOf(up)).toContain('sum(sum_over_time(up[1h]))');
    expect(answered?.written).toMatchObject({ type: 'events', counts: { good: [{ choices: [{ label: 'result' }] }] } });
    const good = { good: { metricSource: { type: 'Prometheus', spec: { query: 'sum(sum_over_time(up[5m]))' } } } };
    const total = { total: { metricSource: { type: 'Prometheus', spec: { query: 'sum(count_over_time(up[5m]))' } } } };
    const open = {
      apiVersion: 'openslo/v1',
      kind: 'SLO',
      metadata: { name: 'up' },
      spec: {
        budgetingMethod: 'Occurrences',
        timeWindow: [{ duration: '28d', isRolling: true }],
        indicator: { metadata: { name: 'up' }, spec: { ratioMetric: { counter: false, ...good, ...total } } },
        objectives: [{ target: 0.99 }],
      },
    };
    expect(imported(stringify(open)).slos.map(({ written }) => written.type)).toEqual(['uptime']);
  });

  it.each([
    ['sum(sum_over_time(up[5m]))', 'sum(count_over_time(up{job="a"}[5m]))'],
    ['sum(sum_over_time(up[5m]))', 'sum(count_over_time(up[5m]))'],
    ['sum(sum_over_time(down[5m]))', 'sum(sum_over_time(all[5m]))'],
    ['sum(count_over_time(up[5m])) - sum(sum_over_time(up[5m]))', 'sum(rate(requests_total[5m]))'],
  ])('is no uptime where bad are %s of %s', (bad, total) => {
    const { slos, findings } = imported(events(bad, total));
    expect(slos).toEqual([]);
    expect(findings.filter(({ severity }) => severity === 'error').map(({ id }) => id)).toEqual(['import/slo-query']);
  });

  it('that is not taken is told with its place and the reason, and so is each field', () => {
    const said = (text: string) => imported(text).findings.map(({ id, where, found }) => `${id} ${where}: ${found}`);
    expect(said(SLOTH)).toMatchInlineSnapshot(`
      [
        "import/slo-field slo.yaml: labels: not taken",
        "import/slo-field slo.yaml › slo requests-availability: alerting.name, page_alert.labels: not taken",
        "import/slo-query slo.yaml › slo raw: "1 - avg_over_time(x[5m])", which is not one count over another",
        "import/slo-query slo.yaml › slo odd: bad: max(): only sums of events are counts",
        "import/slo-policy slo.yaml › slo low: no rule over 1h: 14.4 times the budget of 0.9 is more than all events",
      ]
    `);
    expect(said(OPENSLO)).toMatchInlineSnapshot(`
      [
        "import/slo-field slo.yaml › document 2 › SLO Delivery: alertPolicies: not taken",
        "import/slo-sli slo.yaml › document 3 › SLO Cpu: a thresholdMetric, which counts no events",
        "import/slo-sli slo.yaml › document 4 › SLO Elsewhere: a query of Datadog",
        "import/slo-field slo.yaml › document 5 › Service shop: a Service, which no definition holds",
      ]
    `);
    expect(imported(SLOTH).total).toBe(5);
    expect(imported(OPENSLO).total).toBe(3);
  });

  it.each([
    ['', 'import/nothing'],
    ['a: [', 'import/syntax'],
    ['5', 'import/unknown'],
    ['kind: Pod', 'import/unknown'],
    ['apiVersion: openslo/v1alpha\nkind: SLO', 'import/unknown'],
    ['version: prometheus/v1', 'import/slo-shape'],
    ['version: prometheus/v1\nslos: [5]', 'import/slo-sli'],
    ['apiVersion: openslo/v1\nkind: SLO\nspec: { budgetingMethod: Timeslices }', 'import/slo-method'],
    ['apiVersion: openslo/v1\nkind: SLO\nspec: { timeWindow: [{ duration: 1M }] }', 'import/slo-window'],
    ['apiVersion: openslo/v1\nkind: SLO\nspec: { timeWindow: [{ duration: 28d }], indicatorRef: x }', 'import/slo-sli'],
    [sloth({ events: { error_query: 'a', total_query: 'b' } }, { objective: 'high' }), 'slo/objective'],
    [sloth({ events: { error_query: 'a', total_query: 'b' } }, { objective: 100 }), 'slo/objective'],
    [events('sum(rate(a_total[5m]))', 'sum(rate(b_total[5m]))'), 'slo/not-a-ratio'],
    [events('sum(rate(a_total[5m])) - sum(rate(b_total[5m]))', 'sum(rate(c_total[5m]))'), 'import/slo-query'],
    [events('sum(rate(a_total{x=~"5[0-3]+"}[5m]))', 'sum(rate(a_total[5m]))'), 'import/slo-metric'],
    [events('sum(rate(a_total{x!=""}[5m]))', 'sum(rate(a_total[5m]))'), 'import/slo-metric'],
  ])('of %j is an error, and nothing is taken', (text, id) => {
    const { slos, findings } = imported(text);
    expect(slos).toEqual([]);
    expect(findings.filter(({ severity }) => severity === 'error').map((each) => each.id)).toContain(id);
  });

  it('is held to what the service exposes', () => {
    const page = [
      '# TYPE http_requests_total counter',
      'http_requests_total{code="200"} 5',
      'http_requests_total{code="404"} 1',
      '# TYPE work_seconds histogram',
      'work_seconds_bucket{le="0.5"} 1',
      'work_seconds_bucket{le="+Inf"} 1',
      'work_seconds_sum 1',
      'work_seconds_count 1',
      '',
    ].join('\n');
    const ratio = (text: string) => {
      const [only] = imported(text, page).slos;
      return only === undefined ? undefined : printExpression(errorRatio(only.slo, '1h'));
    };
    const all = 'sum(rate(http_requests_total[5m]))';
    const bad = (matcher: string) => events(`sum(rate(http_requests_total{${matcher}}[5m]))`, all);
    // A service that is well has shown no 5xx yet.
    expect(ratio(bad('code=~"5.."'))).toContain('code=~"500|501|502|503|504|505|506|507|508|510|511"');
    expect(imported(bad('code=~"5.."'), page).findings).toMatchObject([
      { id: 'import/unseen-value', severity: 'note' },
    ]);
    expect(ratio(bad('code=~"4[0-9]+"'))).toContain('code="404"');
    expect(ratio(bad('code!~"2.*"'))).toContain('code!~"200|201|202|203|204|205|206|207|208|226"');
    const work = (le: string) =>
      events(
        `sum(rate(work_seconds_count[5m])) - sum(rate(work_seconds_bucket{le="${le}"}[5m]))`,
        'sum(rate(work_seconds_count[5m]))',
      );
    expect(ratio(work('0.5'))).toContain('work_seconds_bucket');
    const lost = (text: string) => imported(text, page).findings.filter(({ severity }) => severity === 'error');
    expect(lost(work('0.7'))).toMatchObject([{ id: 'slo/latency-bound', found: expect.stringContaining('0.7') }]);
    expect(lost(bad('kode="500"'))).toMatchObject([
      { id: 'import/slo-metric', found: 'kode, which is not a label of http_requests_total; it has code' },
    ]);
    expect(lost(events('sum(rate(http_request_total{code="500"}[5m]))', all))).not.toEqual([]);
    expect(
      lost(events('sum(rate(gone_total[5m]))', 'sum(rate(gone_total[5m])) + sum(rate(more_total[5m]))')),
    ).toMatchObject([{ id: 'import/slo-metric', found: 'gone_total, which is not a counter of what is exposed' }]);
  });

  it('that nobody is to be told of has a board and no burn rule, and more than eight have a board for each eight', () => {
    const disabled = { page_alert: { disable: true }, ticket_alert: { disable: true } };
    const one = (name: string) => ({
      name,
      objective: 99,
      sli: { events: { error_query: 'sum(rate(a_total{x="1"}[5m]))', total_query: 'sum(rate(a_total[5m]))' } },
      ...(name === 'quiet' ? { alerting: disabled } : {}),
    });
    const slos = ['quiet', ...Array.from({ length: 8 }, (_, index) => `slo-${index}`)].map(one);
    const sources = readSloSources([{ file: 'x', text: stringify({ version: 'prometheus/v1', slos }) }]);
    const result = importSlos(sources.slos, { name: 'shop', system: 'shop', scope: {}, exposed: undefined });
    const names = namesOf('shop');
    if (names === undefined) throw new Error('no names');
    const files = sloFiles(result, names, {
      name: 'shop',
      scope: {},
      datasource: 'prom',
      grafana: '12.4',
      isLarge: false,
      source: 'x',
    });
    const text = files.find(({ path }) => path === 'lockstep/slos.ts')?.text ?? '';
    expect(text.match(/\.\.\.burnRules\(/g)).toHaveLength(8);
    expect(text.match(/absenceRule\(measured/g)).toHaveLength(9);
    expect(text).toContain('export const board2 = defineDashboard({');
    expect(files[0]?.text).toContain("import { alerts, alerts2, board, board2 } from './lockstep/slos.js';");
  });

  it('has no burn rule at exactly the rate at which every event is bad', () => {
    // 10 times a budget of 0.1 is 1, and 1 - 0.9 is a little less than 0.1.
    const { slos } = imported(OPENSLO.replace('28d', '50d').replace('0.995', '0.9'));
    expect(slos.map(({ slo }) => slo.policy.map(({ factor }) => Math.round(factor)))).toEqual([[5, 2]]);
  });

  it('over a window that no burn rule fits is told', () => {
    const short = OPENSLO.replace('28d', '1d');
    expect(imported(short).findings.map(({ id }) => id)).toContain('import/slo-policy');
    expect(imported(short).slos).toEqual([]);
  });

  it('has no matcher that the scope says', () => {
    const text = events('sum(rate(a_total{job="api", x="1"}[5m]))', 'sum(rate(a_total{job="api"}[5m]))');
    const [scoped] = imported(text, undefined, { job: 'api' }).slos;
    if (scoped === undefined) throw new Error('no objective');
    expect(scoped.written).toMatchObject({ counts: { total: [{ choices: [] }] } });
    expect(printExpression(errorRatio(scoped.slo, '1h')).match(/job="api"/g)).toHaveLength(2);
  });
});

it('reads the classes of status codes, and nothing else as one', () => {
  for (const pattern of ['5..', '5.*', '5\\d\\d', '5\\d{2}', '5[0-9][0-9]', '5[0-9]{2}'])
    expect(statusCodes(pattern)).toContain('503');
  for (const pattern of ['6..', '5.', '50.', '.5..', '5', '']) expect(statusCodes(pattern)).toBeUndefined();
});

function run(cwd: string, ...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, words, { cwd }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** A project that was written type-checks, builds, is as it was built, and has nothing that lint fails on. */
async function holds(folder: string, lint: readonly string[]): Promise<void> {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: true },
      include: ['lockstep.config.ts', 'lockstep'],
    }),
  );
  expect((await run(folder, join(root, 'node_modules/typescript/bin/tsc'))).stdout).toBe('');
  for (const command of [['build'], ['docs'], ['check'], lint]) {
    const { code, stdout, stderr } = await run(folder, cli, ...command);
    expect([command, code, stdout + stderr].slice(0, code === 0 ? 2 : 3)).toEqual([command, 0]);
  }
}

describe('lockstep import slo', { timeout: 120_000 }, () => {
  it('writes a project that type-checks, builds and has no finding, and nothing over a file', async () => {
    const folder = temporaryFolder();
    linkPackages(folder, root);
    writeFileSync(join(folder, 'sloth.yml'), SLOTH);
    writeFileSync(join(folder, 'openslo.yaml'), OPENSLO);
    const words = ['import', 'slo', 'sloth.yml', 'openslo.yaml', '--name', 'shop', '--scope', 'job=api'];
    const before = readdirSync(folder);
    const report = await run(folder, cli, ...words, '--report', '--format', 'json');
    expect(readdirSync(folder)).toEqual(before);
    expect(JSON.parse(report.stdout)).toMatchObject({ ok: false, details: { total: 8, objectives: { length: 4 } } });
    const first = await run(folder, cli, ...words);
    // Some objectives of the two files cannot be taken.
    expect(first.code, first.stderr).toBe(1);
    expect(first.stdout).toContain('4 of 8 objectives were not taken');
    const written = readFileSync(join(folder, 'lockstep', 'slos.ts'), 'utf8');
    for (const line of written.split('\n')) expect(line.length).toBeLessThanOrEqual(220);
    const again = await run(folder, cli, ...words);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('error[import/exists] lockstep/slos.ts');
    expect(readFileSync(join(folder, 'lockstep', 'slos.ts'), 'utf8')).toBe(written);

    await holds(folder, ['lint', '--fail-on', 'warning']);
    const rules = readFileSync(join(folder, 'out', 'alerts', 'shop-objectives.yaml'), 'utf8');
    expect(rules).toContain('uid: shop-requests-latency-burn-1h');
    expect(rules).not.toContain('shop-requests-availability-burn-1d');
  });

  it('writes uptimes that type-check, build and lint', async () => {
    const folder = temporaryFolder();
    linkPackages(folder, root);
    writeFileSync(join(folder, 'slo.yaml'), UPTIME);
    const written = await run(folder, cli, 'import', 'slo', 'slo.yaml', '--name', 'site');
    expect(written.code, written.stdout + written.stderr).toBe(0);
    await holds(folder, ['lint']);
    const rules = readFileSync(join(folder, 'out', 'alerts', 'site-objectives.yaml'), 'utf8');
    expect(rules).toContain('count_over_time(probe_success');
  });

  it('tells what it cannot read, with exit code 2, and writes nothing', async () => {
    const folder = temporaryFolder({ 'empty.yaml': '', 'pod.yaml': 'kind: Pod' });
    for (const [words, code, id] of [
      [['nowhere.yaml'], 2, 'import/unreadable'],
      [['pod.yaml', '--name', 'My Shop'], 2, 'import/usage'],
      [['pod.yaml'], 1, 'import/unknown'],
      [['empty.yaml'], 1, 'import/nothing'],
    ] as const) {
      const result = await run(folder, cli, 'import', 'slo', ...words);
      expect([words, result.code]).toEqual([words, code]);
      expect(result.stderr).toContain(`error[${id}]`);
    }
    expect(readdirSync(folder).sort()).toEqual(['empty.yaml', 'pod.yaml']);
  });
});
