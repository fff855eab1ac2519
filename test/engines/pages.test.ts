import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { readMetrics } from '../../src/lockstep/cli/read-metrics.js';
import { PAGES } from '../verify/pages.js';
import { startPrometheus } from './servers.js';

// Which pages a real Prometheus refuses: what lockstep says of each must be so.

const engines = inject('engines');

const TYPES = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
/** Content-Types of an answer; the page is right for each. */
const ANSWERS = [
  undefined,
  'text/html',
  'application/json',
  'text/plain',
  'TEXT/PLAIN; Version=0.0.4',
  'text/plain; version=1.0.0',
  'application/openmetrics-text',
  'text/plain;version',
  'text/plain;;',
  'text/plain;',
  'text/plain; version="0.0.4',
  'text/plain; version="0.0.4"',
  'application/openmetrics-text; charset',
] as const;
/** Not UTF-8: in a help text, a value, a comment, and the end of a name. */
const LATIN = ['# HELP up T\xe9\n# TYPE up gauge\nup 1\n', 'up{a="\xe9"} 1\n', '# \xe9\nup 1\n', 'up\xe9 1\n'] as const;

interface Target {
  readonly labels: { readonly job: string };
  readonly health: 'up' | 'down' | 'unknown';
}

describe.each([
  ['2', '2.42'],
  ['3', '3.16'],
] as const)('a page that is scraped by Prometheus %s', (generation, version) => {
  const program = engines[`prometheus ${generation}`];
  if (program === undefined) return;

  it('is refused where lockstep says so, and nowhere else', async () => {
    const pages = [
      ...PAGES.map(([format, page]) => ({ type: TYPES[format] as string | undefined, page: page as string | Buffer })),
      ...ANSWERS.map((type) => ({ type, page: type?.includes('openmetrics') === true ? 'a 1\n# EOF\n' : 'a 1\n' })),
      ...LATIN.map((text) => ({ type: TYPES.text, page: Buffer.from(text, 'latin1') })),
    ];
    const server = createServer((request, response) => {
      const { type, page } = pages[Number(/\d+/.exec(request.url ?? '')?.[0])] ?? { type: undefined, page: '' };
      if (type !== undefined) response.setHeader('content-type', type);
      response.end(page);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const prometheus = await startPrometheus(program, {
      jobs: pages.map((_, index) => ({ name: `p${index}`, path: `/${index}`, targets: [target], labels: {} })),
    });
    try {
      const targets = async () => {
        const answer = await fetch(`${prometheus.url}/api/v1/targets?state=active`);
        return ((await answer.json()) as { readonly data: { readonly activeTargets: readonly Target[] } }).data
          .activeTargets;
      };
      // Each is asked for within a second, and none is told twice.
      let all = await targets();
      while (all.length < pages.length || all.some(({ health }) => health === 'unknown')) {
        await new Promise((done) => setTimeout(done, 100));
        all = await targets();
      }
      // A name that begins with a blank is no name that anybody asks for.
      const strange = await prometheus.query('count by (job) ({__name__=~"[ \\t].*"})', Date.now() / 1000);
      const isLost = new Set(strange.map(({ labels }) => labels['job']));
      const refusedThere = all
        .filter(({ labels: { job }, health }) => health === 'down' || isLost.has(job))
        .map(({ labels }) => Number(labels.job.slice(1)));
      const access = { headers: {}, aws: undefined, timeout: 10_000, tries: 1 };
      const verdicts = await Promise.all(
        pages.map((_, index) => readMetrics(`http://${target}/${index}`, access).then(({ refused }) => refused)),
      );
      const refusedHere = pages.flatMap((_, index) =>
        verdicts[index]?.some(({ by }) => by.includes(version)) === true ? [index] : [],
      );
      const shown = (indexes: readonly number[]) => [...indexes].sort((a, b) => a - b).map((each) => pages[each]);
      expect(shown(refusedHere)).toEqual(shown(refusedThere));
      expect(refusedThere.length).toBeGreaterThan(150);
      expect(pages.length - refusedThere.length).toBeGreaterThan(100);
    } finally {
      await prometheus.stop();
      server.close();
    }
  });
});
