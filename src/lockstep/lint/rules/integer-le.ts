import type { Rule } from '../rule.js';

export const integerLe: Rule = {
  severity: 'error',
  about: 'A bucket bound as a whole number: Prometheus 3 stores `1.0`, and the selector meets nothing.',
  example: '`x_bucket{le="1"}`',
  fix: 'match both spellings, or take `countAtMost()`',
  text: (promql) =>
    [...promql.matchAll(/\ble\s*(?:=|!=)\s*"(\d+)"/g)].map((match) => {
      const [, value = ''] = match;
      return {
        found: `le=${JSON.stringify(value)}`,
        fix: `match both spellings, le=~"${value}|${value}\\\\.0", or take countAtMost(): Prometheus 3 stores a whole bound as ${value}.0, Prometheus 2 as it was scraped`,
        span: [match.index, match[0].length],
      };
    }),
};
