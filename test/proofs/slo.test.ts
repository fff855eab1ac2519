import { expect, inject, it } from 'vitest';
import { readSloSources } from '../../src/lockstep/import/slo-sources.js';
import { importSlos } from '../../src/lockstep/import/slos.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { runPromtool } from '../../src/lockstep/prove/promtool.js';
import { errorRatio } from '../../src/lockstep/slo/slo.js';
import { CRD, SLOTH } from '../import/slo-files.js';

// Imported objectives measure what their files measure: a real promtool has both ratios of the same series.

const engines = inject('engines');
const HOURS = 3;

/** A counter that grows by so much each minute. */
const series = (text: string, growth: number) => ({ series: text, values: `0+${growth}x${60 * HOURS}` });
const DURATION = 'http_request_duration_seconds';

const SERIES = [
  ...['200', '429', '503', '404'].flatMap((code, index) => [
    series(`${DURATION}_count{job="api", code="${code}"}`, 40 + 7 * index),
    series(`${DURATION}_bucket{job="api", code="${code}", le="0.3"}`, 30 + index),
    series(`${DURATION}_bucket{job="api", code="${code}", le="+Inf"}`, 40 + 7 * index),
  ]),
  // Of another service: no objective may count it.
  series(`${DURATION}_count{job="other", code="503"}`, 1000),
  ...['mail', 'dead'].flatMap((queue, index) => [
    series(`jobs_failed_total{job="api", queue="${queue}"}`, 3 + 50 * index),
    series(`jobs_done_total{job="api", queue="${queue}"}`, 91 + 50 * index),
  ]),
  ...['200', '500'].map((code, index) => series(`requests_total{job="api", code="${code}"}`, 97 - 90 * index)),
];

it.each(['2', '3'] as const)('measure what their files measure, says promtool %s', async (generation) => {
  const promtool = engines[`promtool ${generation}`];
  if (promtool === undefined) throw new Error(`no promtool ${generation}`);
  const sources = readSloSources([
    { file: 'sloth.yml', text: SLOTH },
    { file: 'crd.yaml', text: CRD },
  ]);
  const { slos } = importSlos(sources.slos, {
    name: 'shop',
    system: 'shop',
    scope: { job: 'api' },
    exposed: undefined,
  });
  expect(slos.length).toBe(5);
  const inFile = (query: string | undefined) =>
    (query ?? '')
      .replaceAll('{{.window}}', '1h')
      .replaceAll('jobs_failed_total{', 'jobs_failed_total{job="api",')
      .replaceAll('jobs_done_total{', 'jobs_done_total{job="api",');
  const values = slos.flatMap(({ source, slo }) => {
    const { bad, total, badShare } = source.queries;
    const theirs = inFile(badShare?.replaceAll(/#.*/g, '')) || `(${inFile(bad)}) / (${inFile(total)})`;
    const ours = printExpression(errorRatio(slo, '1h'));
    return [
      { expr: `abs((${theirs}) - (${ours})) < bool 1e-12`, seconds: 7200, samples: [{ labels: '{}', value: 1 }] },
      // Of nothing, or of a share of all or of none, little would be said.
      { expr: `(${ours}) > bool 0.01`, seconds: 7200, samples: [{ labels: '{}', value: 1 }] },
      { expr: `(${ours}) < bool 0.6`, seconds: 7200, samples: [{ labels: '{}', value: 1 }] },
    ];
  });
  const { passed, output } = await runPromtool(promtool, {
    groups: [{ name: 'none', rules: [] }],
    evaluationInterval: 60,
    tests: [{ inputInterval: 60, series: SERIES, alerts: [], values }],
  });
  expect([passed, output]).toEqual([true, expect.any(String)]);
});
