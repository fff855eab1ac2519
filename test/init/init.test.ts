import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findMetrics } from '../../src/lockstep/import/metrics.js';
import { LONGEST_NAME, namesOf } from '../../src/lockstep/import/names.js';
import { boardsOf, othersFiles } from '../../src/lockstep/init/others.js';
import { projectFiles, withIgnored, withScripts } from '../../src/lockstep/init/project.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';

// What `lockstep init` makes of names and files that are there. That the whole builds is for the CLI cases and the
// package test to say.

const names = (text: string) => {
  const found = namesOf(text);
  if (found === undefined) throw new Error('no names');
  return found;
};

describe('the names of a system', () => {
  it.each([
    ['checkout', 'checkout', 'Checkout', 'checkout'],
    ['@org/my-shop', 'my_shop', 'MyShop', 'myShop'],
    ['MyShop 2', 'my_shop_2', 'MyShop2', 'myShop2'],
    ['a.b', 'a_b', 'AB', 'aB'],
    // Words of the language, and names that the files have already.
    ['default', 'default', 'Default', 'defaultSystem'],
    ['alerts', 'alerts', 'Alerts', 'alertsSystem'],
  ])('of %s', (text, snake, pascal, camel) => {
    expect(namesOf(text)).toMatchObject({ snake, pascal, camel });
  });

  it('are none of what cannot begin a metric, or is too long for a uid', () => {
    for (const text of ['', '-', '2fast', 'größe', 'a;b', 'x'.repeat(LONGEST_NAME + 1)])
      expect(namesOf(text)).toBeUndefined();
    expect(namesOf('x'.repeat(LONGEST_NAME))).toBeDefined();
  });
});

describe('files that are there', () => {
  it('keep all that they have: package.json', () => {
    const text = '{\n\t"name": "x",\n\t"scripts": { "test": "t", "build:dashboards": "mine" },\n\t"z": [1]\n}\n';
    const made = withScripts(text, names('x'));
    expect(JSON.parse(made)).toEqual({
      name: 'x',
      scripts: {
        'build:dashboards': 'mine',
        'check:dashboards': 'lockstep check && lockstep lint',
        test: 't',
      },
      z: [1],
    });
    expect(made).toMatch(/^\{\n\t"name"/);
    expect(JSON.parse(withScripts(undefined, names('my-x')))).toMatchObject({ name: 'my-x', type: 'module' });
    expect(() => withScripts('{', names('x'))).toThrow(SyntaxError);
  });

  it.each([
    [undefined, 'node_modules/\n'],
    ['', 'node_modules/\n'],
    ['dist', 'dist\nnode_modules/\n'],
    ['dist\n', 'dist\nnode_modules/\n'],
    ['node_modules\ndist\n', 'node_modules\ndist\n'],
    ['a\r\nnode_modules/\r\n', 'a\r\nnode_modules/\r\n'],
  ])('keep all that they have: .gitignore %j', (before, after) => {
    expect(withIgnored(before, 'node_modules/')).toBe(after);
  });
});

describe('the configuration', () => {
  const config = (isQuoted: boolean) =>
    projectFiles(
      names('web'),
      'example.org/web',
      { grafana: '10.4', datasource: 'p', alertFolder: 'a', runbooks: 'https://example.org' },
      { isQuoted },
    ).find(({ path }) => path === 'lockstep.config.ts')?.text;

  it('names Prometheus 3 where there are names that an older one does not read', () => {
    expect(config(true)).toContain("prometheus: '3.16'");
    expect(config(false)).not.toContain('prometheus: ');
    const target = { grafana: '10.4', datasource: 'p', alertFolder: 'a', runbooks: 'https://example.org' } as const;
    const workflow = (isQuoted: boolean) => projectFiles(names('web'), 'x', target, { isQuoted })[1]?.text ?? '';
    // The promtool that proves is one that reads them.
    expect(workflow(true)).toContain('docker cp "$(docker create prom/prometheus)":/bin/promtool');
    expect(workflow(false)).toContain('apt-get install --yes prometheus');
    expect(() => parse(workflow(true))).not.toThrow();
  });
});

describe('the metrics of others', () => {
  it('are on several boards, each of a size that can be applied, where they are many', () => {
    const page = Array.from({ length: 200 }, (_, index) => `# TYPE a${index} gauge\na${index} 1\n`).join('');
    const found = findMetrics(parseExposition(page), 'x');
    expect(boardsOf(found.metrics).map(({ length }) => length)).toEqual([67, 67, 66]);
    expect(boardsOf([]).map(({ length }) => length)).toEqual([0]);
    const text = othersFiles(names('api'), found, {}).find(({ path }) => path === 'lockstep/dashboard.ts')?.text ?? '';
    expect(text).toContain('export const dashboards = [dashboard, dashboard2, dashboard3];');
    expect([...text.matchAll(/facet: '([\w-]+)'/g)].map(([, facet]) => facet)).toEqual([
      'overview',
      'part-2',
      'part-3',
    ]);
    expect(text.match(/a\d+Panel[,\]]/g)).toHaveLength(200);
    const target = { grafana: '10.4', datasource: 'p', alertFolder: 'a', runbooks: 'https://example.org' } as const;
    const config = projectFiles(names('api'), 'x', target, { isLarge: true })[0]?.text;
    expect(config).toContain("import { dashboards } from './lockstep/dashboard.js';");
    expect(config).toContain('systems: [{ catalogue: api, dashboards, alerts: [alerts] }],');
  });

  it('are shown by their kinds', () => {
    const page = `# TYPE pod_info gauge
pod_info{node="a"} 1
# TYPE door stateset
door{door="open"} 1
door{door="shut"} 0
# TYPE backup_timestamp_seconds gauge
backup_timestamp_seconds 1.7e9
# TYPE wait_seconds summary
wait_seconds{quantile="0.5"} 1
wait_seconds{quantile="0.999"} 1
wait_seconds_sum 1
wait_seconds_count 1
# TYPE bare_seconds summary
bare_seconds_sum 1
bare_seconds_count 1
`;
    const found = findMetrics(parseExposition(page), 'x');
    const board = othersFiles(names('api'), found, {}).find(({ path }) => path === 'lockstep/dashboard.ts')?.text ?? '';
    expect(board).toContain("query(sum(instant(api.metrics.podInfo)), 'now')");
    expect(board).toContain("query(sum(instant(api.metrics.door), ['door']), '{{door}}')");
    expect(board).toContain("query(max(instant(quantileOf(api.metrics.waitSeconds, 0.999))), 'greatest p99.9')");
    expect(board).toContain("query(secondsSince(max(instant(api.metrics.backupTimestampSeconds))), 'since the last')");
    expect(board).toContain("rate(countOf(api.metrics.bareSeconds), '$__rate_interval')");
    expect(board.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  const files = (exposition: string) => {
    const found = findMetrics(parseExposition(exposition), 'x');
    return Object.fromEntries(othersFiles(names('api'), found, {}).map(({ path, text }) => [path, text]));
  };

  it('stand before those of a runtime, each on one panel; gauges that have no sum as their greatest', () => {
    const board = files(
      'go_goroutines 1\nprocess_start_time_seconds 1\nqueue_length 2\ncache_hit_ratio 0.5\nqueue_done_total 7\n',
    )['lockstep/dashboard.ts'];
    const titles = [...(board ?? '').matchAll(/ {2}title: '(\w+)',\n {2}description/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'cache_hit_ratio',
      'queue_done_total',
      'queue_length',
      'go_goroutines',
      'process_start_time_seconds',
    ]);
    expect(board).toContain("query(max(instant(api.metrics.cacheHitRatio)), 'now')");
    expect(board).toContain("query(sum(instant(api.metrics.queueLength)), 'now')");
    expect(board).toContain("query(rate(api.metrics.queueDone, '$__rate_interval'), 'per second')");
  });

  it('have constants that are called as nothing else', () => {
    const catalogue = files('a_total{api="1",apiLabel="2",default="3"} 1\n')['lockstep/catalogue.ts'] ?? '';
    const constants = [...catalogue.matchAll(/^(?:export )?const (\w+) =/gm)].map(([, name]) => name);
    expect(new Set(constants).size).toBe(constants.length);
    expect(constants).toContain('api');
    expect(catalogue).toMatch(/labels: \[apiLabel, apiLabelLabel, defaultLabel\]/);
  });
});
