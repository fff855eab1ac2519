import { accountSeries } from 'lockstep-exporter/internal';
import { computedIn, recordedOf } from '../../emit/recorded.js';
import { printNumber } from '../../promql/print.js';
import { reads as readSeries } from '../../promql/tree.js';
import { durationSeconds, printDuration } from '../../promql/window.js';
import type { Rule } from '../rule.js';

/** Longer windows than this are worth a word where they are asked for again and again. */
const LONG_SECONDS = 7 * 86_400;
const FAST_REFRESH_SECONDS = 300;

export const longRange: Rule = {
  severity: 'warning',
  about: 'A window of a week and more that is read again every few seconds, with what that costs in samples at most.',
  example: '30d on a board with `refresh: 30s`',
  fix: 'refresh less often, record the ratio, or exempt the panel with the reason',
  panel: ({ definition }, { model, system }, { scrapeSeconds, config }) => {
    const refresh = durationSeconds(model.refresh ?? '');
    if (definition === undefined || refresh === undefined || refresh > FAST_REFRESH_SECONDS) return [];
    // The panels of `sloPanels()` are exempted with a ruler and without: an exemption is not called needless for it.
    const isExempt = definition.exempt?.['lint/long-range'] !== undefined;
    const recorded = isExempt ? undefined : recordedOf(system, config.target);
    const reads = definition.queries.flatMap(({ node }) =>
      computedIn(node, recorded).flatMap((each) =>
        [...readSeries(each)].flatMap(({ selector, window, steps }) => {
          const seconds = [...(window === undefined ? [] : [window]), ...steps].reduce(
            (sum, one) => sum + (durationSeconds(one) ?? 0),
            0,
          );
          return seconds < LONG_SECONDS ? [] : [{ selector, seconds }];
        }),
      ),
    );
    const [first] = reads;
    if (first === undefined) return [];
    // Each series has a sample per scrape in each window.
    const series = new Map(accountSeries(system.catalogue).map(({ metric, series: count }) => [metric, count]));
    const samples = reads.reduce(
      (sum, { selector, seconds }) => sum + ((series.get(selector.metric.name) ?? 1) * seconds) / scrapeSeconds,
      0,
    );
    return [
      {
        at: ['targets'],
        found: `a window of ${printDuration(first.seconds)} that is read every ${model.refresh}: up to ${printNumber(Math.round(samples / 1e5) / 10)} million samples each time, per process that lives as long`,
        fix: 'refresh the dashboard less often, record the ratio, or exempt the panel with the reason',
      },
    ];
  },
};
