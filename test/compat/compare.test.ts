import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import fabConfig from '../../lockstep.config.js';
import { defineCatalogue, histogram, label } from '../../src/exporter/catalogue/index.js';
import type { DiffRule } from '../../src/exporter/exempt.js';
import { DIFF_RULES } from '../../src/exporter/exempt.js';
import type { Change } from '../../src/lockstep/compat/compare.js';
import { compareSnapshots } from '../../src/lockstep/compat/compare.js';
import { exemptChanges } from '../../src/lockstep/compat/exemptions.js';
import { readSnapshot } from '../../src/lockstep/compat/read.js';
import type { MetricSnapshot, Snapshot, SystemSnapshot } from '../../src/lockstep/compat/snapshot.js';
import { snapshotOf } from '../../src/lockstep/compat/snapshot.js';
import { planDocs } from '../../src/lockstep/docs/plan.js';
import shopConfig from '../shop/lockstep.config.js';

const TODAY = '2026-11-24';
/** As it is read again from a file. */
const shop = JSON.parse(JSON.stringify(snapshotOf(shopConfig.systems))) as Snapshot;
const SALES = 'shop_sales_total';
const WAIT = 'shop_wait_seconds';

type Changed = { -readonly [Key in keyof MetricSnapshot]: MetricSnapshot[Key] };

/** The shop with its metrics, or one of them, changed. */
function withMetric(name: string, change: Partial<Changed>): Snapshot {
  return withSystem((system) => ({
    ...system,
    metrics: system.metrics.map((metric) => (metric.name === name ? { ...metric, ...change } : metric)),
  }));
}
function without(name: string): Snapshot {
  return withSystem((system) => ({ ...system, metrics: system.metrics.filter((metric) => metric.name !== name) }));
}
function withValues(label: string, values: readonly string[] | undefined): Snapshot {
  return withSystem((system) => ({
    ...system,
    labels: system.labels.map(({ values: old, ...each }) => {
      const now = each.name === label ? values : old;
      return now === undefined ? each : { ...each, values: now };
    }),
  }));
}
function withSystem(change: (system: SystemSnapshot) => SystemSnapshot): Snapshot {
  return { ...shop, systems: shop.systems.map(change) };
}
const withFallback = (fallback: string | undefined) =>
  withSystem((system) => ({
    ...system,
    labels: system.labels.map((label) =>
      label.name === 'result' && fallback !== undefined ? { ...label, fallback } : label,
    ),
  }));
const told = (changes: readonly Change[]) => changes.map(({ rule, level, metric }) => `${level} ${rule} ${metric}`);

const renamed = (until: string, change: Partial<Changed> = {}) =>
  withMetric(SALES, { name: 'shop_sold_total', renamedFrom: { name: SALES, until: until as '2027-01-01' }, ...change });

describe('a change of the catalogue', () => {
  const BUCKETS = [10, 60, 300];
  it.each<[string, Snapshot, Snapshot, readonly string[]]>([
    ['nothing', shop, shop, []],
    ['a new metric', without(SALES), shop, [`note diff/added ${SALES}`]],
    ['one that is gone', shop, without(SALES), [`error diff/removed ${SALES}`]],
    [
      'an alpha one that is gone',
      withMetric(SALES, { stability: 'alpha' }),
      without(SALES),
      [`warning diff/removed ${SALES}`],
    ],
    [
      'a deprecated one that is gone too early',
      withMetric(SALES, { stability: { deprecatedUntil: '2026-11-25' } }),
      without(SALES),
      [`error diff/removed ${SALES}`],
    ],
    [
      'a deprecated one that is gone on its day',
      withMetric(SALES, { stability: { deprecatedUntil: TODAY } }),
      without(SALES),
      [`note diff/removed ${SALES}`],
    ],
    ['a renaming, long enough', shop, renamed('2026-12-24'), ['note diff/renamed shop_sold_total']],
    ['a renaming over before the windows are', shop, renamed('2026-12-23'), ['warning diff/renamed shop_sold_total']],
    [
      'a renaming and another label',
      shop,
      renamed('2027-12-24', { labels: ['till', 'result', 'coin'] }),
      ['note diff/renamed shop_sold_total', 'warning diff/label-added shop_sold_total'],
    ],
    [
      'a former name that nothing had',
      shop,
      withMetric(SALES, { renamedFrom: { name: 'shop_never_total', until: '2027-01-01' } }),
      [`warning diff/renamed ${SALES}`],
    ],
    [
      'another name before the one before was over',
      renamed('2026-11-25'),
      withMetric(SALES, { name: 'shop_gone_total', renamedFrom: { name: 'shop_sold_total', until: '2027-01-31' } }),
      ['note diff/renamed shop_gone_total', 'error diff/former-name shop_gone_total'],
    ],
    [
      'a name that comes back',
      renamed('2027-01-01'),
      withMetric(SALES, { renamedFrom: { name: 'shop_sold_total', until: '2027-01-31' } }),
      [`note diff/renamed ${SALES}`],
    ],
    [
      'the name of another metric, which is gone',
      withSystem((system) => ({
        ...system,
        metrics: [...system.metrics, { ...(system.metrics[0] as MetricSnapshot), name: 'shop_other_total' }],
      })),
      withMetric(SALES, { renamedFrom: { name: 'shop_other_total', until: '2027-01-01' } }),
      [`warning diff/renamed ${SALES}`, 'error diff/removed shop_other_total'],
    ],
    ['a former name that goes on', renamed('2027-01-01'), renamed('2027-01-01'), []],
    [
      'a former name that is to go earlier',
      renamed('2027-01-01'),
      renamed('2026-12-31'),
      ['error diff/former-name shop_sold_total'],
    ],
    [
      'a former name dropped too early',
      renamed('2026-11-25'),
      withMetric(SALES, { name: 'shop_sold_total' }),
      ['error diff/former-name shop_sold_total'],
    ],
    [
      'a former name dropped on its day',
      renamed(TODAY),
      withMetric(SALES, { name: 'shop_sold_total' }),
      ['note diff/former-name shop_sold_total'],
    ],
    ['another kind', shop, withMetric(SALES, { kind: 'gauge' }), [`error diff/retyped ${SALES}`]],
    ['another unit', shop, withMetric(SALES, { unit: '{coin}' }), [`error diff/unit ${SALES}`]],
    ['another help', shop, withMetric(SALES, { help: 'Sold.' }), [`note diff/help ${SALES}`]],
    ['stable made alpha', shop, withMetric(SALES, { stability: 'alpha' }), [`error diff/stability ${SALES}`]],
    ['alpha made stable', withMetric(SALES, { stability: 'alpha' }), shop, [`note diff/stability ${SALES}`]],
    [
      'stable made deprecated',
      shop,
      withMetric(SALES, { stability: { deprecatedUntil: '2027-01-01' } }),
      [`note diff/stability ${SALES}`],
    ],
    [
      'deprecated until an earlier day',
      withMetric(SALES, { stability: { deprecatedUntil: '2027-01-01' } }),
      withMetric(SALES, { stability: { deprecatedUntil: '2026-12-31' } }),
      [`error diff/stability ${SALES}`],
    ],
    [
      'deprecated until a day that is past',
      shop,
      withMetric(SALES, { stability: { deprecatedUntil: TODAY } }),
      [`error diff/stability ${SALES}`],
    ],
    ['a renaming until a day that is past', shop, renamed(TODAY), ['error diff/renamed shop_sold_total']],
    [
      'a renaming that ends before what was promised of the name',
      withMetric(SALES, { stability: { deprecatedUntil: '2027-06-01' } }),
      renamed('2027-05-31', { stability: { deprecatedUntil: '2027-06-01' } }),
      ['error diff/former-name shop_sold_total', 'note diff/renamed shop_sold_total'],
    ],
    [
      'one that is gone while its former name is promised',
      renamed('2027-01-01', { stability: { deprecatedUntil: TODAY } }),
      without('shop_sales_total'),
      ['error diff/removed shop_sold_total'],
    ],
    ['another fallback', withFallback('other'), withFallback('odd'), [`warning diff/recorded-otherwise ${SALES}`]],
    ['a fallback less', withFallback('other'), shop, [`warning diff/recorded-otherwise ${SALES}`]],
    [
      'a metric that moves to another system',
      shop,
      {
        ...shop,
        systems: [
          ...without(SALES).systems,
          {
            name: 'store',
            labels: shop.systems[0]?.labels ?? [],
            metrics: shop.systems[0]?.metrics.filter(({ name }) => name === SALES) ?? [],
          },
        ],
      },
      [],
    ],
    ['a label less', shop, withMetric(SALES, { labels: ['till'] }), [`error diff/label-removed ${SALES}`]],
    [
      'a label less, of alpha',
      withMetric(SALES, { stability: 'alpha' }),
      withMetric(SALES, { stability: 'alpha', labels: ['till'] }),
      [`warning diff/label-removed ${SALES}`],
    ],
    ['a value less', shop, withValues('result', ['paid']), [`error diff/values-narrowed ${SALES}`]],
    ['a value more', shop, withValues('result', ['paid', 'refused', 'lost']), [`note diff/values-widened ${SALES}`]],
    ['any value', shop, withValues('result', undefined), [`note diff/values-widened ${SALES}`]],
    ['no more any value', withValues('result', undefined), shop, [`error diff/values-narrowed ${SALES}`]],
    ['a bound less', shop, withMetric(WAIT, { bounds: [10, 300] }), [`error diff/bounds-removed ${WAIT}`]],
    ['a bound more', shop, withMetric(WAIT, { bounds: [...BUCKETS, 900] }), [`warning diff/bounds-added ${WAIT}`]],
    [
      'a system that is gone',
      shop,
      { ...shop, systems: [] },
      shop.systems[0]?.metrics.map(({ name }) => `error diff/removed ${name}`) ?? [],
    ],
  ])('%s', (_, before, after, wanted) => {
    expect(told(compareSnapshots(before, after, TODAY))).toEqual(wanted);
  });

  it('says what it breaks, what becomes of what was recorded, and what to do', () => {
    const [gone] = compareSnapshots(shop, without(SALES), TODAY);
    expect(gone?.breaks).toContain('alert ShopSalesBurn1h');
    expect(gone?.breaks.some((each) => each.startsWith('panel "'))).toBe(true);
    expect(gone?.fix).toBe("put it back, and deprecate it first: stability: { deprecatedUntil: '<day>' }");
    const [value] = compareSnapshots(shop, withValues('result', ['paid']), TODAY);
    // Of all that read the metric, those that name the value.
    expect(value?.breaks).toContain('alert ShopSalesBurn1h');
    expect(value?.breaks).not.toContain('alert ShopSalesMissing');
    const [bound] = compareSnapshots(shop, withMetric(WAIT, { bounds: [10, 300] }), TODAY);
    expect(bound?.history).toMatch(/^windows hold buckets of before and after.* for 30d after the change/);
  });

  it('takes one that is gone and one that is new and alike for a renaming that was not said', () => {
    const changes = compareSnapshots(shop, withMetric(SALES, { name: 'shop_sold_total' }), TODAY);
    expect(told(changes)).toEqual(['note diff/added shop_sold_total', `error diff/removed ${SALES}`]);
    expect(changes[1]?.fix).toBe(
      `if it is shop_sold_total now, say so there: renamedFrom: { name: "${SALES}", until: '<day>' }`,
    );
  });

  it('tells of a label that is decided otherwise', () => {
    const fab = JSON.parse(JSON.stringify(snapshotOf(fabConfig.systems))) as Snapshot;
    const moved = JSON.parse(JSON.stringify(fab)) as {
      systems: { labels: { name: string; decidedBy?: { valueOf: Record<string, string> } }[] }[];
    };
    const phase = moved.systems[0]?.labels.find(({ name }) => name === 'phase');
    const [role] = Object.keys(phase?.decidedBy?.valueOf ?? {});
    if (phase?.decidedBy === undefined || role === undefined) throw new Error('phase is not decided');
    phase.decidedBy.valueOf[role] = 'elsewhere';
    const changes = compareSnapshots(fab, moved as unknown as Snapshot, TODAY);
    expect(new Set(changes.map(({ rule }) => rule))).toEqual(new Set(['diff/decided-otherwise']));
    expect(changes[0]?.found).toBe(`phase changed for role "${role}"`);
    delete phase.decidedBy;
    const given = compareSnapshots(fab, moved as unknown as Snapshot, TODAY);
    expect(given[0]?.found).toBe('phase is no longer decided by role: a recorder gives it');
  });

  it('has every rule shown here or below', () => {
    const shown: readonly DiffRule[] = ['diff/decided-otherwise', 'diff/unused-exemption'];
    const table = new Set<string>(shown);
    const cases: readonly [Snapshot, Snapshot][] = [
      [without(SALES), shop],
      [shop, without(SALES)],
      [shop, renamed('2027-01-01')],
      [renamed('2027-01-01'), withMetric(SALES, { name: 'shop_sold_total' })],
      [shop, withMetric(SALES, { kind: 'gauge', unit: '{x}', help: 'x', stability: 'alpha', labels: ['other'] })],
      [shop, withValues('result', ['other'])],
      [shop, withMetric(WAIT, { bounds: [1] })],
      [withFallback('other'), withFallback('odd')],
    ];
    for (const [a, b] of cases) for (const { rule } of compareSnapshots(a, b, TODAY)) table.add(rule);
    expect([...table].sort()).toEqual(
      Object.keys(DIFF_RULES)
        .filter((each) => !/^diff\/(alert-|moved$|renamed-resource$|datasource$|runbooks$)/.test(each))
        .sort(),
    );
  });

  it('is found in no catalogue compared with itself, and never breaks when both ways are asked, whatever they are', () => {
    const metric = fc.record({
      name: fc.constantFrom('a_x_total', 'a_y_total', 'a_z_seconds'),
      kind: fc.constantFrom('counter' as const, 'gauge' as const, 'histogram' as const),
      unit: fc.constantFrom('seconds', '{x}'),
      help: fc.string(),
      stability: fc.constantFrom('alpha' as const, 'stable' as const, { deprecatedUntil: '2027-01-01' as const }),
      labels: fc.uniqueArray(fc.constantFrom('one', 'two', 'three')),
      bounds: fc.uniqueArray(fc.integer({ min: 1, max: 9 })),
      readers: fc.array(
        fc.record({
          kind: fc.constantFrom('panel' as const, 'alert' as const),
          title: fc.string(),
          seconds: fc.nat(3600),
        }),
      ),
    });
    const snapshot = fc.uniqueArray(metric, { selector: ({ name }) => name }).map(
      (metrics): Snapshot => ({
        format: 1,
        systems: [{ name: 'a', metrics, labels: [{ name: 'one', values: ['u'] }] }],
      }),
    );
    fc.assert(
      fc.property(snapshot, snapshot, (a, b) => {
        expect(compareSnapshots(a, a, TODAY)).toEqual([]);
        const [there, back] = [compareSnapshots(a, b, TODAY), compareSnapshots(b, a, TODAY)];
        // What is new one way is gone the other.
        const names = (changes: readonly Change[], rule: DiffRule) =>
          changes
            .filter((each) => each.rule === rule)
            .map((each) => each.metric)
            .sort();
        expect(names(there, 'diff/added')).toEqual(names(back, 'diff/removed'));
        expect(names(there, 'diff/label-added')).toEqual(names(back, 'diff/label-removed'));
      }),
    );
  });
});

describe('an exemption', () => {
  const metric = (reason: string) =>
    histogram({
      name: WAIT,
      help: 'Time in the queue.',
      unit: 'seconds',
      labels: [],
      bounds: [1],
      exempt: { 'diff/bounds-removed': reason },
    });
  const systems = (reason: string) => {
    const [system] = shopConfig.systems;
    if (system === undefined) throw new Error('no system');
    return [{ ...system, catalogue: defineCatalogue({ name: 'shop', metrics: { wait: metric(reason) } }) }];
  };
  const changes = compareSnapshots(shop, withMetric(WAIT, { bounds: [10, 300] }), TODAY);

  it('makes a note of what is meant to be', () => {
    expect(exemptChanges(changes, systems('nobody looks'))).toMatchObject([
      { rule: 'diff/bounds-removed', level: 'note', fix: 'meant to be: nobody looks' },
    ]);
  });
  it('is none without a reason', () => {
    expect(told(exemptChanges(changes, systems(' ')))).toEqual([`error diff/bounds-removed ${WAIT}`]);
  });
  it('is told of where it applies to nothing', () => {
    expect(told(exemptChanges([], systems('nobody looks')))).toEqual([`warning diff/unused-exemption ${WAIT}`]);
  });
});

describe('the snapshot', () => {
  it('has the values of a label that is called as one of the exporter’s own', () => {
    const [system] = shopConfig.systems;
    if (system === undefined) throw new Error('no system');
    const version = label('version', { help: 'of the till', values: ['v1', 'v2'] });
    const wait = histogram({ name: WAIT, help: 'W.', unit: 'seconds', labels: [version], bounds: [1] });
    const catalogue = defineCatalogue({ name: 'shop', metrics: { wait } });
    expect(snapshotOf([{ ...system, catalogue }]).systems[0]?.labels).toEqual([
      { name: 'version', values: ['v1', 'v2'] },
    ]);
  });

  const text = planDocs(fabConfig).find(({ path }) => path === 'catalogue.yaml')?.text ?? '';

  it('is read as it was written', () => {
    expect(readSnapshot(text, 'here')).toEqual(JSON.parse(JSON.stringify(snapshotOf(fabConfig.systems))));
  });

  it.each([
    ['no YAML', 'a: [', /^(?!.*nothing)/],
    ['empty', '', /^null$/],
    ['a list', '[]', /^nothing$/],
    ['another format', 'format: 2\nsystems: []\n', /^2$/],
    [
      'a stage that is none',
      'format: 1\nsystems: [{ name: a, labels: [], metrics: [{ name: a, kind: gauge, unit: x, help: x, labels: [], readers: [], stability: {} }] }]\n',
      /^{}$/,
    ],
    [
      'values that are no list',
      'format: 1\nsystems: [{ name: a, metrics: [], labels: [{ name: a, values: north }] }]\n',
      /^"north"$/,
    ],
    ['a metric without a kind', 'format: 1\nsystems: [{ name: a, labels: [], metrics: [{ name: a }] }]\n', /^nothing$/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((each, index) => `${each}: &${each} [${Array(9).fill(`*${'abcdefghi'[index]}`)}]`)
        .join('\n')}\n`,
      /alias/,
    ],
  ])('is refused where it is %s', (_, broken, found) => {
    const read = readSnapshot(broken, 'here');
    if ('format' in read) throw new Error('it was taken');
    expect(read[0]?.found).toMatch(found);
    expect(read[0]?.where).toContain('here');
  });

  it('never falls over what it is given, whatever that is', () => {
    let tried = 0;
    const value = parse(text) as object;
    const paths = (node: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] =>
      typeof node === 'object' && node !== null
        ? [
            path,
            ...Object.entries(node)
              .slice(0, 4)
              .flatMap(([key, inner]) => paths(inner, [...path, key])),
          ]
        : [path];
    for (const path of paths(value, []).filter((each) => each.length > 0))
      for (const hostile of [undefined, null, 0, 'x', [], {}, [null], [[]], { name: 1 }]) {
        const copy = structuredClone(value);
        let at: Record<string, unknown> = copy as Record<string, unknown>;
        for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
        at[path.at(-1) ?? ''] = hostile;
        const read = readSnapshot(JSON.stringify(copy), 'here');
        if ('format' in read) compareSnapshots(read, shop, TODAY);
        tried += 1;
      }
    process.stdout.write(`${tried} hostile snapshots\n`);
    expect(tried).toBeGreaterThan(500);
  });
});
