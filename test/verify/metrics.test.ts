import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counter, defineCatalogue, gauge, hashCatalogue, histogram } from '../../src/exporter/catalogue/index.js';
import { createRecorders } from '../../src/exporter/recording/recorders.js';
import { fab } from '../../src/fab/catalogue.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { doubtPage } from '../../src/lockstep/verify/data.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import type { Mismatch } from '../../src/lockstep/verify/metrics.js';
import { compareExposition } from '../../src/lockstep/verify/metrics.js';
import { countReadsOf } from '../../src/lockstep/verify/starts.js';
import { shop } from '../shop/catalogue.js';
import shopConfig from '../shop/lockstep.config.js';

/** What a shop's process exposes when all of it has happened. */
async function exposed(): Promise<string> {
  const { record, registry } = createRecorders(shop, { startId: 'abcdefabcdef' });
  record.sales.add({ till: 'north', result: 'paid' }, 3);
  record.sales.add({ till: 'south', result: 'refused' }, 1);
  record.wait.observe({ till: 'north' }, 12);
  record.queue.set({ till: 'north' }, 4);
  return await registry.metrics();
}

const text = await exposed();
const lineOf = (part: string, of = text) => of.split('\n').findIndex((line) => line.includes(part)) + 1;

function compare(change: (text: string) => string): readonly Mismatch[] {
  return compareExposition(shop, parseExposition(change(text)));
}

describe('an exposition', () => {
  it('is read as prom-client writes it, also as OpenMetrics', () => {
    expect(parseExposition(text).refused).toEqual([]);
    expect(compareExposition(shop, parseExposition(text))).toEqual([]);
    // OpenMetrics leaves `_total` out of a counter's family, and adds when it was created, exemplars and an end.
    const open = text
      .replace(/\n{2,}/g, '\n')
      .replace(/^# (HELP|TYPE) (\w+)_total /gm, '# $1 $2 ')
      .replace(
        /^(shop_sales_total\{till="north".*) 3$/m,
        '$1 3 # {trace_id="abc"} 1 1700000000.123\n$1 1700000000'.replace('$1 1700', '$1_created 1700'),
      );
    const created = open.replace(/^shop_sales_total(\{.*\})_created /m, 'shop_sales_created$1 ');
    expect(created).toContain('shop_sales_created{');
    expect(compareExposition(shop, parseExposition(`${created}# EOF\n`))).toEqual([]);
  });

  it('is of another catalogue where names and labels fit, and its hash does not', async () => {
    const { sales, wait, queue } = shop.metrics;
    const other = defineCatalogue({
      name: 'shop',
      metrics: { sales: { ...sales, help: 'Sales that were refused.' }, wait, queue },
    });
    expect(hashCatalogue(other)).not.toBe(hashCatalogue(shop));
    const { registry } = createRecorders(other, { startId: 'abcdefabcdef' });
    const page = (await registry.metrics()).replace('Sales that were refused.', sales.help);
    expect(compareExposition(shop, parseExposition(page))).toMatchObject([
      {
        rule: 'verify/catalogue',
        level: 'error',
        metric: 'shop_catalogue_info',
        found: expect.stringContaining(hashCatalogue(other)),
      },
    ]);
    // Another mismatch says more, and this one follows from it.
    const rules = compare((each) => each.replace(/hash="\w+"/, 'hash="x"').replace('north', 'east')).map(
      ({ rule }) => rule,
    );
    expect(rules).toEqual(['verify/value']);
  });

  it('is right where fab exposes it', async () => {
    const exporter = createFabExporter();
    exporter.recordSession({
      role: 'product',
      durationSeconds: 60,
      tokens: { input: 5, output: 7 },
      selfEval: 'pass',
      advisorCalls: 1,
      revisions: 1,
      costUsd: 1,
      outcome: 'completed',
    });
    exporter.sessionStarted('product')();
    exporter.recordGateRun({ decision: 'approve', profile: 'code' });
    expect(compareExposition(fab, parseExposition(await exporter.registry.metrics()))).toEqual([]);
  });

  it('is read with what labels may hold', () => {
    const { samples, refused } = parseExposition(
      'a{x="quote \\" brace } comma , line \\n back \\\\",y="2",} 1 1700000000\nb 2e-3\n"c" 1\n{"d"} 1\n',
    );
    expect(samples).toEqual([
      {
        name: 'a',
        labels: { x: 'quote " brace } comma , line \n back \\', y: '2' },
        line: 1,
        value: 1,
        time: '1700000000',
      },
      { name: 'b', labels: {}, line: 2, value: 0.002 },
      { name: 'd', labels: {}, line: 4, value: 1 },
    ]);
    expect(refused.map(({ line, by }) => [line, by])).toEqual([[3, ['2.42', '3.16']]]);
  });

  it('is never more than its reader can bear, whatever it holds', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            'a',
            '{',
            '}',
            '"',
            '\\',
            '=',
            ',',
            ' ',
            '#',
            '\n',
            '\r',
            '\u0000',
            '\uFEFF',
            '1',
            'HELP',
            'TYPE',
          ),
          { maxLength: 60 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (any) => {
        const { samples, refused, families } = parseExposition(any);
        expect(samples.length + families.length).toBeLessThanOrEqual(any.split(/\r?\n/).length);
        expect(refused.length).toBeLessThanOrEqual(2);
        compareExposition(shop, parseExposition(any));
      }),
      { numRuns: 2000 },
    );
    const long = `a{${'x="'.repeat(200_000)}`;
    expect(parseExposition(long).refused).toHaveLength(1);
  });
});

describe('a process that does not expose what the catalogue says', () => {
  it.each<[string, (text: string) => string, Mismatch['rule'], string, string | undefined]>([
    [
      'a metric that is not there',
      (all) =>
        all
          .split('\n')
          .filter((line) => !line.includes('shop_queue'))
          .join('\n'),
      'verify/missing',
      'it is not exposed',
      undefined,
    ],
    [
      'one that nobody knows',
      (all) => `${all}shop_refunds_total 1\n`,
      'verify/unknown',
      'shop_refunds_total, which catalogue shop does not have',
      'shop_refunds_total',
    ],
    [
      'another type',
      (all) => all.replace('shop_queue_length gauge', 'shop_queue_length counter'),
      'verify/type',
      'a counter',
      '# TYPE shop_queue_length',
    ],
    [
      'another help',
      (all) => all.replace('People in the queue.', 'Persons.'),
      'verify/help',
      '"Persons."',
      '# TYPE shop_queue_length',
    ],
    [
      'a label too few',
      (all) => all.replace('result="paid",', ''),
      'verify/labels',
      'no label result',
      'till="north",start_id="abcdefabcdef"} 3',
    ],
    [
      'a label too many',
      (all) => all.replace('result="paid"', 'result="paid",customer="42"'),
      'verify/labels',
      'label customer',
      'customer',
    ],
    [
      'a value that does not exist',
      (all) => all.replace('result="paid"', 'result="payed"'),
      'verify/value',
      'result="payed"',
      'payed',
    ],
    [
      'a bucket of its own',
      (all) => all.replaceAll('le="60"', 'le="61"'),
      'verify/bounds',
      'a bucket up to "61"',
      'le="61"',
    ],
    [
      'a line that is none',
      (all) => `${all}shop_sales_total{till="north" 3\n`,
      'verify/refused',
      '"3", where the name of a label must be: "shop_sales_total{till=\\"north\\" 3"; Prometheus 2.42 and 3.16 refuse the whole page',
      '{till="north" 3',
    ],
  ])('is told of %s, with its line', (_, change, rule, found, at) => {
    const [first, ...others] = compare(change);
    expect(first).toMatchObject({ rule, found });
    expect(first?.line).toBe(at === undefined ? undefined : lineOf(at, change(text)));
    expect(others.map((each) => each.rule)).toEqual(rule === 'verify/bounds' ? ['verify/bounds'] : []);
  });

  it('is told of a label that another decides', async () => {
    const exporter = createFabExporter();
    exporter.recordSession({ role: 'product' });
    const wrong = (await exporter.registry.metrics()).replace('phase="discovery"', 'phase="ship"');
    const found = compareExposition(fab, parseExposition(wrong)).filter(({ rule }) => rule === 'verify/value');
    expect(found).toMatchObject([
      { found: 'phase="ship" beside role="product"', fix: 'role decides phase: it is "discovery"' },
    ]);
  });

  it('is told of more series than its budget, and of one slip in many of them once', () => {
    const many = Array.from({ length: 1001 }, (_, index) => `shop_sales_total{till="t${index}",result="paid"} 1`);
    const found = compare((all) => `${all}${many.join('\n')}\n`);
    expect(found.filter(({ rule }) => rule === 'verify/budget')).toMatchObject([
      { found: '1003 series', line: lineOf('shop_sales_total{') },
    ]);
    const same = Array.from({ length: 50 }, (_, index) => `shop_queue_length{till="east",start_id="${index}"} 1`);
    expect(compare((all) => `${all}${same.join('\n')}\n`)).toMatchObject([
      { rule: 'verify/value', found: 'till="east" (and in 49 more lines)' },
    ]);
  });

  it.each<[string, string, string, readonly string[]]>([
    ['a series twice', 'shop_queue_length{till="north",start_id="abcdefabcdef"} 4', '$&\n$&', ['verify/duplicate']],
    [
      'a series twice, with its labels in another order',
      'shop_queue_length{till="north",start_id="abcdefabcdef"} 4',
      '$&\nshop_queue_length{start_id="abcdefabcdef",till="north"} 5',
      ['verify/duplicate'],
    ],
    ['no +Inf', '.*le="\\+Inf".*\n', '', ['verify/parts']],
    ['no count', 'shop_wait_seconds_count.*\n', '', ['verify/parts']],
    ['no sum', 'shop_wait_seconds_sum.*\n', '', ['verify/parts']],
    ['a bucket that holds fewer than the one below', '(le="\\+Inf".*) \\d+', '$1 0', ['verify/parts']],
    ['a counter without _total', '[^]*shop_sales_total\\{[^]*', 'ALL', ['verify/missing']],
    ['a count that is not that of the last bucket', '(shop_wait_seconds_count.*) \\d+', '$1 99', ['verify/parts']],
  ])('is told of %s', (_, pattern, instead, rules) => {
    const source = pattern.startsWith('shop_queue') ? pattern.replace(/[{}]/g, '\\$&') : pattern;
    const changed =
      instead === 'ALL'
        ? text.replaceAll('shop_sales_total{', 'shop_sales{')
        : text.replace(new RegExp(source), instead);
    expect(changed).not.toBe(text);
    expect(compareExposition(shop, parseExposition(changed)).map(({ rule }) => rule)).toEqual(rules);
  });

  it('has a gauge and a counter of one name, as Go clients do, in both formats', () => {
    const bytes = { help: 'Bytes.', unit: 'bytes', labels: [] } as const;
    const metrics = {
      now: gauge({ name: 'alloc_bytes', ...bytes }),
      all: counter({ name: 'alloc_bytes_total', ...bytes }),
    };
    const catalogue = defineCatalogue({ name: 'go', recordedBy: 'others', metrics });
    const page = '# TYPE alloc_bytes gauge\nalloc_bytes 1\n# TYPE alloc_bytes_total counter\nalloc_bytes_total 3\n';
    for (const each of [page, `${page.replace('TYPE alloc_bytes_total', 'TYPE alloc_bytes')}# EOF\n`])
      expect(compareExposition(catalogue, parseExposition(each))).toEqual([]);
    const gone = page.replace('\nalloc_bytes_total 3', '');
    expect(compareExposition(catalogue, parseExposition(gone))).toEqual([]);
    const lost = page.replace(/# TYPE alloc_bytes_total.*\nalloc_bytes_total 3\n/, '');
    expect(compareExposition(catalogue, parseExposition(lost)).map(({ rule }) => rule)).not.toEqual([]);
  });

  it.each([
    ['a page that does not say its type', '# TYPE up untyped\nup 1\n'],
    ['the same in OpenMetrics', '# TYPE up unknown\nup 1\n# EOF\n'],
    ['samples of one series at two times', 'up 1 1700000000000\nup 0 1700000001000\n'],
  ])('takes %s', (_, page) => {
    const up = gauge({ name: 'up', help: 'Up.', unit: 'ratio', labels: [] });
    const catalogue = defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { up } });
    expect(compareExposition(catalogue, parseExposition(page))).toEqual([]);
  });

  it('takes a histogram of values below 0 without a sum, which OpenMetrics forbids it', () => {
    const temp = histogram({ name: 'temp', help: 'T.', unit: '{degree}', labels: [], bounds: [-10, 0, 10] });
    const catalogue = defineCatalogue({ name: 'x', recordedBy: 'others', metrics: { temp } });
    const buckets = ['-10', '0', '10', '+Inf'].map((le, index) => `temp_bucket{le="${le}"} ${index}\n`).join('');
    const page = `# TYPE temp histogram\n${buckets}temp_count 3\n`;
    expect(compareExposition(catalogue, parseExposition(page))).toEqual([]);
  });

  it('is told of what its own Prometheus refuses, and warned of what only one of them does', () => {
    const only2 = `${text.replace(/\n{2,}/g, '\n').replace(/^# (HELP|TYPE) (\w+)_total /gm, '# $1 $2 ')}# TYPE x gauge\nx 1 # {a="b"} 1\n# EOF\n`;
    const levels = (prometheus?: '2.42' | '3.16') =>
      compareExposition(shop, parseExposition(only2), undefined, prometheus).map(({ rule, level }) => [rule, level]);
    expect(levels('3.16')).toEqual([]);
    expect(levels('2.42')).toEqual([['verify/refused', 'error']]);
    expect(levels()).toEqual([['verify/refused', 'warning']]);
  });

  it('is told of counts that do not say which start they are of, where queries read them', () => {
    const reads = countReadsOf(shopConfig);
    expect(compareExposition(shop, parseExposition(text), reads)).toEqual([]);
    const bare = text.replaceAll(/,?start_id="abcdefabcdef"/g, '');
    const found = compareExposition(shop, parseExposition(bare), reads);
    expect(found).toMatchObject([
      {
        rule: 'verify/start',
        level: 'error',
        metric: 'shop_sales_total',
        line: lineOf('shop_sales_total{', bare),
        found: 'no label start_id, on 2 of 2 series',
        fix: expect.stringContaining("register.setDefaultLabels({ start_id: randomBytes(6).toString('hex') })"),
      },
      { rule: 'verify/start', metric: 'shop_wait_seconds' },
    ]);
    const one = text.replace('result="paid",start_id="abcdefabcdef"', 'result="paid"');
    expect(compareExposition(shop, parseExposition(one), reads)).toMatchObject([
      { found: 'no label start_id, on 1 of 2 series', line: lineOf('result="paid"', one) },
    ]);
    const unread = { ...reads, selectors: new Map() };
    expect(compareExposition(shop, parseExposition(bare), unread)).toEqual([]);
  });

  it('is told of counts without a shard, where they are added up on the way', () => {
    const reads = countReadsOf({ ...shopConfig, target: { ...shopConfig.target, counters: 'aggregated' } });
    const sharded = text.replaceAll('start_id="abcdefabcdef"', 'shard="1"');
    expect(compareExposition(shop, parseExposition(sharded), reads)).toEqual([]);
    const bare = text.replaceAll(/,?start_id="abcdefabcdef"/g, '');
    expect(compareExposition(shop, parseExposition(bare), reads)).toMatchObject([
      { found: 'no label shard, on 2 of 2 series' },
      { metric: 'shop_wait_seconds' },
    ]);
  });
});

describe('a page whose names fit, and whose numbers do not', () => {
  const { sales, wait } = shop.metrics;
  const store = defineCatalogue({
    name: 'shop',
    metrics: {
      sales,
      wait,
      paid: counter({ name: 'shop_paid_total', labels: [], unit: sales.unit, help: 'Paid.', within: sales }),
      full: gauge({ name: 'shop_full_ratio', labels: [], unit: 'ratio', help: 'How full it is.' }),
    },
  });
  async function doubts(play: (record: ReturnType<typeof createRecorders<typeof store.metrics>>['record']) => void) {
    const { record, registry } = createRecorders(store, { startId: 'abcdefabcdef' });
    record.full.set({}, 0.5);
    record.paid.add({}, 1);
    record.sales.add({ till: 'north', result: 'paid' }, 3);
    record.wait.observe({ till: 'north' }, 12);
    play(record);
    return compareExposition(store, parseExposition(await registry.metrics())).map(({ rule, level, metric, line }) => [
      rule,
      level,
      metric,
      line !== undefined,
    ]);
  }
  const times = (count: number, act: () => void) => Array.from({ length: count }, act);

  it('is no doubt as long as they can be right', async () => {
    expect(await doubts(() => {})).toEqual([]);
    expect(await doubts(({ wait: waits }) => times(5, () => waits.observe({ till: 'south' }, 4000)))).toEqual([]);
    expect(await doubts(({ wait: waits }) => times(50, () => waits.observe({ till: 'south' }, 1)))).toEqual([]);
    expect(await doubts(({ full }) => full.set({}, 1.4))).toEqual([]);
    expect(await doubts(({ paid }) => paid.add({}, 2))).toEqual([]);
  });

  it('tells of observations that are all outside the buckets', async () => {
    const observed = async (count: number, seconds: number) => {
      const { record, registry } = createRecorders(store, { startId: 'abcdefabcdef' });
      times(count, () => record.wait.observe({ till: 'north' }, seconds));
      const page = parseExposition(await registry.metrics());
      return doubtPage(store, page).map(({ rule, level, found }) => [rule, level, found]);
    };
    const above = 'every observation is above the last bucket bound, 300 (unit seconds)';
    const below = 'every observation is at or below the first bucket bound, 10 (unit seconds)';
    expect(await observed(2, 12_000)).toEqual([]);
    expect(await observed(3, 12_000)).toEqual([['verify/outside-buckets', 'error', above]]);
    expect(await observed(9, 0.2)).toEqual([]);
    expect(await observed(10, 0.2)).toEqual([['verify/outside-buckets', 'warning', below]]);
  });

  it('tells of a part that is greater than its whole, and of a percentage', async () => {
    expect(await doubts(({ paid }) => paid.add({}, 3))).toEqual([
      ['verify/part-over-whole', 'warning', 'shop_paid_total', true],
    ]);
    expect(await doubts(({ full }) => full.set({}, 90))).toEqual([
      ['verify/percentage', 'warning', 'shop_full_ratio', true],
    ]);
  });

  it('does not compare a page on which a new series is announced at zero', () => {
    const page = (sold: string) =>
      parseExposition(`shop_sales_total{till="north"} 3\n${sold}shop_paid_total{start_id="a"} 5\n`);
    expect(doubtPage(store, page('')).map(({ rule }) => rule)).toEqual(['verify/part-over-whole']);
    expect(doubtPage(store, page('shop_sales_total{till="south"} 0\n'))).toEqual([]);
  });
});
