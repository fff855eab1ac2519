import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, histogram, label } from '../../src/exporter/catalogue/index.js';
import type { Config } from '../../src/lockstep/config/index.js';
import { askDoubts } from '../../src/lockstep/verify/data-live.js';
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
