import { durationSeconds } from '../../promql/window.js';
import { minimumEvents } from '../../slo/slo.js';
import type { Rule } from '../rule.js';

export const fewSamples: Rule = {
  severity: 'warning',
  about:
    'A burn rule of an uptime reads too few samples to fire. Its long window must hold ten, and its short window one. A gauge has one sample in each `scrapeInterval` of the target for each of its series. A rule over several series may have enough: then say so.',
  example: '`uptime()` over 1h at `scrapeInterval` `10m`: six samples of a single series, and the rule is silent',
  fix: 'scrape more often, give the SLO a policy with longer windows, or exempt the rule and say how many series there are',
  alert: ({ definition }, _, { scrapeSeconds }) => {
    const { slo, window } = definition?.burn ?? {};
    if (slo?.sli.type !== 'uptime' || window === undefined) return [];
    const inWindow = (text: string) => Math.floor((durationSeconds(text) ?? 0) / scrapeSeconds);
    const enough = minimumEvents(slo, window);
    const [long, short] = [inWindow(window.long), inWindow(window.short)];
    if (long >= enough && short >= 1) return [];
    const [name, has, needs] = long < enough ? [window.long, long, enough] : [window.short, short, 1];
    return [
      {
        found: `${has} samples of a series in ${name}, scraped every ${scrapeSeconds} s; the rule is silent below ${needs}`,
        fix: `scrape every ${Math.floor((durationSeconds(name) ?? 0) / needs)} s or more often, give the SLO longer windows, or exempt the rule and say how many series there are`,
      },
    ];
  },
};
