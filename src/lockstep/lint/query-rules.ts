import type { LintRule } from 'lockstep-exporter/internal';

/** A finding within the text of a query. */
export interface QueryFinding {
  readonly rule: LintRule;
  readonly found: string;
  readonly fix: string;
  readonly span: readonly [number, number];
}

const AVERAGE = /\bavg(?:_over_time)?\s*(?:by\s*\([^)]*\)\s*)?\(/g;

/**
 * Findings from the text of a query alone, whatever wrote it. The meaning of a query is checked where it is
 * defined; this is for what a person pasted in, or for a printer that went astray.
 */
export function lintQueryText(text: string): readonly QueryFinding[] {
  const findings: QueryFinding[] = [];
  for (const match of text.matchAll(/\ble\s*(=~?|!~|!=)\s*"([^"]*)"/g)) {
    const value = match[2] ?? '';
    if (/^\d+$/.test(value) && match[1] !== '=~' && match[1] !== '!~')
      findings.push({
        rule: 'lint/integer-le',
        found: `le=${JSON.stringify(value)}`,
        fix: `match both spellings, le=~"${value}|${value}\\\\.0", or take countAtMost(): Prometheus 3 stores a whole bound as ${value}.0, Prometheus 2 as it was scraped`,
        span: [match.index, match[0].length],
      });
  }
  for (const match of text.matchAll(AVERAGE)) {
    // A path in a label's value is no division.
    const inside = bracketed(text, match.index + match[0].length - 1).replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
    if (inside.includes('/') || /_sum\b|sli_error:ratio|histogram_quantile/.test(inside))
      findings.push({
        rule: 'lint/averaged-ratio',
        found: 'an average of ratios, or of latencies',
        fix: 'sum numerators and denominators first and divide then; of latencies take histogram_quantile of summed buckets',
        span: [match.index, match[0].length - 1],
      });
  }
  return findings;
}

/** The text between a bracket and its partner. */
function bracketed(text: string, open: number): string {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 0) return text.slice(open + 1, index);
  }
  return text.slice(open + 1);
}

/**
 * PromQL's own functions that need two samples and extrapolate; what lockstep prints for `increase` and `rate` is none
 * of them.
 */
const RATES = /\b(rate|irate|increase|delta|idelta|deriv)\s*\([^[\]]*\[(\d+)([smhdw])\]/g;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Windows that hold fewer than four scrapes: one that is late, and there is no rate. */
export function lintRateWindows(text: string, scrapeSeconds: number): readonly QueryFinding[] {
  return [...text.matchAll(RATES)].flatMap((match): readonly QueryFinding[] => {
    const seconds = Number(match[2]) * (SECONDS[match[3] ?? ''] ?? 0);
    if (seconds >= 4 * scrapeSeconds) return [];
    return [
      {
        rule: 'lint/short-window',
        found: `${match[1]} over ${match[2]}${match[3]}, of a metric that is scraped every ${scrapeSeconds} s`,
        fix: `read at least ${4 * scrapeSeconds} s, four scrapes`,
        span: [match.index, match[0].length],
      },
    ];
  });
}
