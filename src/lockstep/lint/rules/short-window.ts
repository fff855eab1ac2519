import type { Rule } from '../rule.js';

/**
 * PromQL's own functions, which need two samples and extrapolate. lockstep prints none of them for its `increase()` and
 * `rate()`. One scrape of four that is late leaves three.
 */
const RATES = /\b(rate|irate|increase|delta|idelta|deriv)\s*\([^[\]]*\[(\d+)([smhdw])\]/g;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

export const shortWindow: Rule = {
  severity: 'error',
  about:
    '`rate`, `increase` and the like over fewer than four scrapes: one that is late, and there is no value. The builders `increase` and `rate` of lockstep need one sample, and are not meant.',
  example: '`rate(x[2m])` at `scrapeInterval` `1m`',
  fix: 'read at least four scrape intervals',
  text: (promql, { scrapeSeconds }) =>
    [...promql.matchAll(RATES)].flatMap((match) => {
      const seconds = Number(match[2]) * (SECONDS[match[3] ?? ''] ?? 0);
      if (seconds >= 4 * scrapeSeconds) return [];
      return [
        {
          found: `${match[1]} over ${match[2]}${match[3]}, of a metric that is scraped every ${scrapeSeconds} s`,
          fix: `read at least ${4 * scrapeSeconds} s, four scrapes`,
          span: [match.index, match[0].length],
        },
      ];
    }),
  standing: ({ faults }) => faults.filter(({ code }) => code === 'promql/interval-window'),
};
