import type { Rule } from '../rule.js';

export const integerLe: Rule = {
  severity: 'error',
  about:
    'A bucket bound, or the quantile of a summary, as a whole number: Prometheus 3 stores `1.0`, and the selector meets nothing.',
  example: '`x_bucket{le="1"}`',
  fix: 'match both spellings, or take `countAtMost()` or `quantileOf()`',
  text: (promql) =>
    [...promql.matchAll(/\b(le|quantile)\s*(?:=|!=)\s*"(\d+)"/g)].map((match) => {
      const [, label = '', value = ''] = match;
      return {
        found: `${label}=${JSON.stringify(value)}`,
        fix: `match both spellings, ${label}=~"${value}|${value}\\\\.0", or take ${label === 'le' ? 'countAtMost' : 'quantileOf'}(): Prometheus 3 stores a whole ${label === 'le' ? 'bound' : 'quantile'} as ${value}.0, Prometheus 2 as it was scraped`,
        span: [match.index, match[0].length],
      };
    }),
};
