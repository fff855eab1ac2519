import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, gauge, histogram, label } from '../../src/exporter/catalogue/index.js';
import type { Exemptions } from '../../src/exporter/exempt.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { doubtPage } from '../../src/lockstep/verify/data.js';
import { askDoubts } from '../../src/lockstep/verify/data-live.js';
import { parseExposition } from '../../src/lockstep/verify/exposition.js';
import { shop } from '../shop/catalogue.js';
import shopConfig from '../shop/lockstep.config.js';

// Servers that do not answer what is asked about the numbers. The right answers are those of test/engines.

const NOTHING = { status: 200, body: { status: 'success', data: { resultType: 'vector', result: [] } } };
const SOMETHING = {
  status: 200,
  body: { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [0, '1'] }] } },
};
const NO_VALUES = { status: 200, body: { status: 'success', data: [] } };
const REFUSED = { status: 422, body: { status: 'error', error: 'too many samples' } };

type Answer = (path: string, query: string) => { readonly status: number; readonly body: unknown };

async function ask(answer: Answer, catalogue: Catalogue = shop as unknown as Catalogue) {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    let sent = '';
    incoming.on('data', (chunk) => {
      sent += chunk;
    });
    incoming.on('end', () => {
      const path = incoming.url ?? '';
      const query = new URLSearchParams(sent).get('query') ?? '';
      asked.push(query || path);
      const { status, body } = answer(path, query);
      outgoing.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const access = { headers: {}, aws: undefined, timeout: 3000, tries: 1 };
  const config: Config = { ...shopConfig, systems: [{ catalogue, dashboards: [], alerts: [] }] };
  const doubts = await askDoubts(config, { url, access, rateInterval: 300, range: 21_600 });
  return { asked, doubts: doubts.map(({ rule, level, metric, found }) => [rule, level, metric, found]) };
}

const isOfValues = (path: string) => path.includes('/label/');

it('has no doubt where nothing is there', async () => {
  expect((await ask((path) => (isOfValues(path) ? NO_VALUES : NOTHING))).doubts).toEqual([]);
});

it.each<[string, Answer]>([
  ['refuses every query', (path) => (isOfValues(path) ? NO_VALUES : REFUSED)],
  ['is too busy for them', (path) => (isOfValues(path) ? NO_VALUES : { status: 504, body: 'gateway' })],
  ['gives no JSON', (path) => (isOfValues(path) ? NO_VALUES : { status: 200, body: '<html>' })],
])('notes each metric of which it knows nothing, where the server %s', async (_, answer) => {
  const { doubts } = await ask(answer);
  expect(new Set(doubts.map(([rule, level]) => `${rule} ${level}`))).toEqual(new Set(['verify/not-asked note']));
  expect(new Set(doubts.map(([, , metric]) => metric))).toEqual(new Set(['shop_wait_seconds', 'shop_sales_total']));
});

it.each([
  ['404', { status: 404, body: 'not found' }],
  ['504', { status: 504, body: 'gateway' }],
  ['an odd answer', { status: 200, body: { data: 5 } }],
])('notes that values of labels are not known, on %s', async (_, given) => {
  const { doubts } = await ask((path) => (isOfValues(path) ? given : NOTHING));
  expect(doubts.map(([rule, level, metric]) => [rule, level, metric])).toEqual([
    ['verify/not-asked', 'note', 'label till of shop'],
    ['verify/not-asked', 'note', 'label result of shop'],
  ]);
});

it('takes a query that is refused for no count of nothing', async () => {
  // Each counter has rested, by the first question; that another one goes on is refused.
  const { doubts } = await ask((path, query) =>
    isOfValues(path) ? NO_VALUES : query.startsWith('min_over_time') ? SOMETHING : REFUSED,
  );
  expect(doubts.filter(([rule]) => rule === 'verify/standstill')).toEqual([]);
});

it('asks in as many questions as there are metrics, and in addresses that a server reads', async () => {
  const kind = label('kind', { help: 'the kind', values: ['a', 'b'] });
  const metrics = Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [
      `m${index}`,
      index % 2 === 0
        ? counter({ name: `depot_number_${index}_of_many_total`, labels: [kind], unit: '{x}', help: 'X.' })
        : histogram({
            name: `depot_wait_for_number_${index}_seconds`,
            labels: [kind],
            unit: 'seconds',
            help: 'W.',
            bounds: [1, 2],
          }),
    ]),
  );
  const depot = defineCatalogue({ name: 'depot', metrics }) as unknown as Catalogue;
  // Half of them rest, and nothing keeps its pace.
  const { asked } = await ask(
    (path, query) =>
      isOfValues(path)
        ? NO_VALUES
        : query.startsWith('min_over_time') && query.includes('_total')
          ? SOMETHING
          : NOTHING,
    depot,
  );
  expect(asked.length).toBeLessThan(5 * 120);
  for (const each of asked.filter(isOfValues)) expect(each.length).toBeLessThan(4000);
});

describe('a doubt that the catalogue exempts', () => {
  const exempting = (exempt: Exemptions) =>
    defineCatalogue({
      name: 'depot',
      metrics: {
        wait: histogram({
          name: 'depot_wait_seconds',
          labels: [],
          unit: 'seconds',
          help: 'Waits.',
          bounds: [1, 2],
          exempt,
        }),
        full: gauge({ name: 'depot_full_ratio', labels: [], unit: 'ratio', help: 'How full it is.' }),
      },
    }) as unknown as Catalogue;
  /** Every question of these has an answer. */
  const allOf = (name: string) => (path: string, query: string) =>
    isOfValues(path) ? NO_VALUES : query.includes(name) ? SOMETHING : NOTHING;
  const toldOf = async (exempt: Exemptions, answer: Answer) =>
    (await ask(answer, exempting(exempt))).doubts.map(([rule, level, metric]) => [rule, level, metric]);

  it('is a note, and no other is', async () => {
    const reason = { 'verify/outside-buckets': 'all waits are long in this depot' };
    expect(await toldOf(reason, allOf('depot_wait_seconds'))).toEqual([
      ['verify/outside-buckets', 'note', 'depot_wait_seconds'],
      ['verify/outside-buckets', 'note', 'depot_wait_seconds'],
    ]);
    expect(await toldOf(reason, allOf('depot_'))).toContainEqual(['verify/percentage', 'warning', 'depot_full_ratio']);
  });

  it('is told once nothing is found any more, and not where the server did not answer', async () => {
    const reason = { 'verify/outside-buckets': 'all waits are long in this depot' };
    const gone = ['verify/unused-exemption', 'note', 'depot_wait_seconds'];
    expect(await toldOf(reason, allOf('nothing'))).toEqual([gone]);
    expect(await toldOf(reason, (path) => (isOfValues(path) ? NO_VALUES : REFUSED))).not.toContainEqual(gone);
  });

  it('is not exempted without a reason, or by a reason for another', async () => {
    for (const exempt of [{}, { 'verify/outside-buckets': ' ' }, { 'verify/standstill': 'it rests' }])
      expect(await toldOf(exempt, allOf('depot_wait_seconds'))).toContainEqual([
        'verify/outside-buckets',
        'error',
        'depot_wait_seconds',
      ]);
  });

  it('is exempted on a page too', () => {
    const page = parseExposition(
      [
        'depot_wait_seconds_bucket{le="1"} 0',
        'depot_wait_seconds_bucket{le="2"} 0',
        'depot_wait_seconds_count 5',
        '',
      ].join('\n'),
    );
    const judged = (exempt: Exemptions) => doubtPage(exempting(exempt), page).map(({ level, fix }) => [level, fix]);
    expect(judged({})).toMatchObject([['error', expect.stringContaining('add higher bounds')]]);
    expect(judged({ 'verify/outside-buckets': 'all are long' })).toEqual([['note', 'meant to be: all are long']]);
  });
});
