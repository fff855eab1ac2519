import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { compareGrafana, printLiveDrift } from '../../src/lockstep/verify/grafana.js';
import { RequestError } from '../../src/lockstep/verify/http.js';
import shopConfig from '../shop/lockstep.config.js';

// There is no Grafana here. What stands in for it answers as its HTTP API is documented to, with what the operator
// would have put there: the model with the uid of the resource, and what Grafana adds to it.

const { files } = planFiles(shopConfig);
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Rule {
  uid: string;
  title: string;
  for: string;
  folderUID: string;
  ruleGroup: string;
  data: { model: { expr?: string } }[];
  [other: string]: unknown;
}
interface Board {
  uid: string;
  tags: string[];
  panels: { title: string; targets?: { expr: string }[] }[];
  [other: string]: unknown;
}
interface Live {
  boards: Board[];
  rules: Rule[];
  interval: number;
  status: number;
}

/** What is live if the operator has applied everything. */
function applied(): Live {
  const resources = files.map(
    ({ resource }) =>
      resource as unknown as { kind: string; spec: { uid: string; json: string; name: string; rules: Rule[] } },
  );
  return {
    status: 200,
    interval: 60,
    boards: resources
      .filter(({ kind }) => kind === 'GrafanaDashboard')
      .map(({ spec }) => ({ ...(JSON.parse(spec.json) as Board), uid: spec.uid, id: 42, version: 7 })),
    rules: resources
      .filter(({ kind }) => kind === 'GrafanaAlertRuleGroup')
      .flatMap(({ spec }) =>
        structuredClone(spec.rules).map((rule, index) => ({
          ...rule,
          id: index + 1,
          orgID: 1,
          folderUID: 'f1',
          ruleGroup: spec.name,
          updated: '2026-11-24T00:00:00Z',
          provenance: 'api',
          for: rule.for.endsWith('m') ? `${rule.for}0s` : rule.for,
          keep_firing_for: '0s',
          notification_settings: null,
          record: null,
        })),
      ),
  };
}

async function serve(live: Live, below = ''): Promise<{ readonly url: URL; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(url.pathname + url.search);
    const answer = route(live, url.pathname.slice(below.length), url.searchParams);
    if (live.status !== 200 || answer === undefined)
      response.writeHead(live.status === 200 ? 404 : live.status).end('{"message":"no"}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${below}`), asked };
}

function route({ boards, rules, interval }: Live, path: string, query: URLSearchParams): unknown {
  const [, uid] = /^\/api\/dashboards\/uid\/(.+)$/.exec(path) ?? [];
  if (uid !== undefined) {
    const board = boards.find((each) => each.uid === decodeURIComponent(uid));
    return board === undefined ? undefined : { dashboard: board, meta: { provisioned: false } };
  }
  if (path === '/api/search') {
    const hits = boards.filter(({ tags }) => tags.includes(query.get('tag') ?? ''));
    const [limit, page] = [Number(query.get('limit')), Number(query.get('page'))];
    return hits
      .slice(limit * (page - 1), limit * page)
      .map(({ uid: id, title, tags }) => ({ uid: id, title, tags, type: 'dash-db' }));
  }
  if (path === '/api/v1/provisioning/alert-rules') return rules;
  const [, folder, group] = /^\/api\/v1\/provisioning\/folder\/(.+)\/rule-groups\/(.+)$/.exec(path) ?? [];
  const own = rules.filter(({ folderUID, ruleGroup }) => folderUID === folder && ruleGroup === group);
  return own.length === 0 ? undefined : { title: group, folderUid: folder, interval, rules: own };
}

async function compare(change: (live: Live) => void, below = '') {
  const live = applied();
  change(live);
  const { url, asked } = await serve(live, below);
  const access = { headers: {}, aws: undefined, timeout: 2000, tries: 1 };
  return { drifts: await compareGrafana(files, { url, access }), asked };
}
const told = (drifts: Awaited<ReturnType<typeof compare>>['drifts']) =>
  drifts.map(({ status, what, differences }) => [status, what, ...differences.map(({ where }) => where)].join(' '));

describe('what is live in a Grafana', () => {
  it('is what would be built, if the operator has applied it, below any path', async () => {
    expect((await compare(() => {})).drifts).toEqual([]);
    const { drifts, asked } = await compare(() => {}, '/grafana');
    expect(drifts).toEqual([]);
    expect(asked[0]).toBe('/grafana/api/dashboards/uid/shop-overview');
  });

  it.each<[string, (live: Live) => void, readonly string[]]>([
    ['a board that is not there', (live) => live.boards.pop(), ['missing dashboard shop-overview']],
    [
      'a query that was changed',
      ({ boards: [board] }) => {
        const target = board?.panels.find(({ title }) => title === 'People waiting, by till')?.targets?.[0];
        if (target === undefined) throw new Error('no such panel');
        target.expr += ' > 0';
      },
      ['changed dashboard shop-overview panel "People waiting, by till" › query "A" › expr'],
    ],
    [
      'a board that was migrated',
      ({ boards: [board] }) => Object.assign(board ?? {}, { schemaVersion: 41 }),
      ['changed dashboard shop-overview schemaVersion'],
    ],
    ['a rule that is not there', (live) => live.rules.shift(), ['missing rule ShopSalesBurn1h']],
    [
      'a rule that was paused',
      ({ rules }) => Object.assign(rules[1] ?? {}, { isPaused: true }),
      ['changed rule ShopSalesBurn6h isPaused'],
    ],
    [
      'another time to wait',
      ({ rules }) => Object.assign(rules[0] ?? {}, { for: '1h30m' }),
      ['changed rule ShopSalesBurn1h for'],
    ],
    [
      'a rule that tells somebody else',
      ({ rules }) => Object.assign(rules[0] ?? {}, { notification_settings: { receiver: 'nobody' } }),
      ['changed rule ShopSalesBurn1h notification_settings'],
    ],
    [
      'a rule that goes on firing',
      ({ rules }) => Object.assign(rules[0] ?? {}, { keep_firing_for: '5m' }),
      ['changed rule ShopSalesBurn1h keep_firing_for'],
    ],
    [
      'a rule in another group',
      ({ rules }) => Object.assign(rules[0] ?? {}, { ruleGroup: 'x' }),
      ['changed rule ShopSalesBurn1h group'],
    ],
    [
      'a rule that nobody defined',
      ({ rules }) => rules.push({ ...structuredClone(rules[0] as Rule), uid: 'by-hand', title: 'ByHand' }),
      ['orphaned rule ByHand'],
    ],
    [
      'a rule of a group that is no longer made',
      ({ rules }) =>
        rules.push({ ...structuredClone(rules[0] as Rule), uid: 'shop-old', title: 'Old', ruleGroup: 'shop-old' }),
      ['orphaned rule Old'],
    ],
    [
      'nothing of a rule of others',
      ({ rules }) =>
        rules.push({ ...structuredClone(rules[0] as Rule), uid: 'other', title: 'Other', ruleGroup: 'other' }),
      [],
    ],
    ['another interval', (live) => Object.assign(live, { interval: 300 }), ['changed group shop-slo interval']],
    [
      'a board that nobody defined, on the second page, and others of others',
      ({ boards }) => {
        const [board] = boards;
        if (board === undefined) throw new Error('no board');
        for (let index = 0; index < 1500; index++) boards.unshift({ ...board, uid: `other-${index}` });
        boards.push({ ...board, uid: 'shop-former' }, { ...board, uid: 'shop-of-a-person', tags: ['shop'] });
      },
      ['orphaned dashboard shop-former'],
    ],
  ])('is told of: %s', async (_, change, wanted) => {
    expect(told((await compare(change)).drifts)).toEqual(wanted);
  });

  it('is told with both sides, and the place in a long expression', async () => {
    const { drifts } = await compare(({ rules: [rule] }) => {
      const model = rule?.data[0]?.model;
      if (model?.expr === undefined) throw new Error('no expression');
      model.expr = model.expr.replace('[5m]', '[50m]');
    });
    const [drift] = drifts;
    if (drift === undefined) throw new Error('no drift');
    expect(printLiveDrift(drift)).toMatchInlineSnapshot(`
      "changed   rule ShopSalesBurn1h
        query "A" › expr
          live   ... * ((sum(max_over_time(shop_sales_total{result=\\"refused\\"}[50m]) - last_over_time(shop_sales_total{result=\\"refused\\"}[1h] offset 5m) or max_over_time(shop_sal...
                                                                                ^^^
          built  ... * ((sum(max_over_time(shop_sales_total{result=\\"refused\\"}[5m]) - last_over_time(shop_sales_total{result=\\"refused\\"}[1h] offset 5m) or max_over_time(shop_sale...
                                                                                ^^
        fix: the operator puts back what is committed when it next syncs; take the change into the definitions if it was meant"
    `);
  });

  it.each<[string, (live: Live) => void, string]>([
    [
      'asks who is there',
      (live) => Object.assign(live, { status: 401 }),
      'HTTP 401, the server does not let this caller ask',
    ],
    ['fails', (live) => Object.assign(live, { status: 500 }), 'HTTP 500'],
    [
      'gives nothing for a rule',
      (live) => Object.assign(live, { rules: [null] }),
      'an answer that Grafana does not give',
    ],
    [
      'is no Grafana',
      (live) => Object.assign(live, { rules: { not: 'a list' } }),
      'an answer that Grafana does not give',
    ],
  ])('is not known of a server that %s', async (_, change, message) => {
    await expect(compare(change)).rejects.toThrow(RequestError);
    await expect(compare(change)).rejects.toThrow(message);
  });
});
