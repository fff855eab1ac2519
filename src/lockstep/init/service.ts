import type { PlannedText } from '../emit/files.js';
import type { SystemNames } from '../import/names.js';
import { printAbsence } from './absence.js';

/**
 * The definitions of a service that answers requests and imports the exporter: RED, an objective, alerts with proof.
 * They are to be read and changed, so they are short, and use one of each thing.
 */
export function serviceFiles(names: SystemNames): readonly PlannedText[] {
  const { snake, camel } = names;
  return [
    {
      path: 'lockstep/catalogue.ts',
      text: `import { counter, defineCatalogue, histogram, label } from 'lockstep-exporter/catalogue';

// The metrics of ${names.words}. The program imports this file to record them, the board and the alerts to read them.

const operation = label('operation', { help: 'the work that was asked for', values: ['read', 'write'] });
const result = label('result', { help: 'how the request ended', values: ['ok', 'error'], bad: ['error'] });

export const ${camel} = defineCatalogue({
  name: '${snake}',
  metrics: {
    requests: counter({
      name: '${snake}_requests_total',
      help: 'Requests that were answered.',
      unit: '{request}',
      labels: [operation, result],
    }),
    duration: histogram({
      name: '${snake}_request_duration_seconds',
      help: 'Duration of a request.',
      unit: 'seconds',
      labels: [operation],
      bounds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    }),
  },
});
`,
    },
    {
      path: 'lockstep/dashboard.ts',
      text: `import { defineDashboard, labelVariable, quantileQueries, redPanels, sloPanels } from 'lockstep/dashboard';
import { select } from 'lockstep/promql';
import { BURN_WINDOWS_30D, defineSlo, eventRatio } from 'lockstep/slo';
import { ${camel} } from './catalogue.js';

const { requests, duration } = ${camel}.metrics;

/** Ask your users for the objective. At 0.99, one request in a hundred may fail. */
export const requestSlo = defineSlo({
  name: 'requests',
  events: 'requests',
  objective: 0.99,
  window: '30d',
  sli: eventRatio({ bad: select(requests, { result: 'error' }), total: select(requests, {}), badWhen: 'that fail' }),
  policy: BURN_WINDOWS_30D,
});
export const requestPanels = sloPanels(requestSlo, 'Requests');

const operation = labelVariable('operation', { title: 'Operation', from: requests });

const red = redPanels({
  by: 'operation',
  events: 'requests',
  rate: select(requests, { operation }),
  errors: {
    title: 'Requests that fail, by operation',
    description: 'Share of the requests of the last 5m that failed. Yellow from 1%; red from 5%.',
    bad: select(requests, { operation, result: 'error' }),
    total: select(requests, { operation }),
    thresholds: {
      base: 'green',
      steps: [
        { at: 0.01, colour: 'yellow' },
        { at: 0.05, colour: 'red' },
      ],
    },
  },
  duration: select(duration, { operation }),
  durationThresholds: {
    base: 'green',
    steps: [
      { at: 1, colour: 'yellow' },
      { at: 2.5, colour: 'red' },
    ],
  },
  window: '5m',
});

export const quantilesPanel = {
  type: 'timeseries',
  title: 'Duration of requests, p50, p95 and p99',
  description: 'Durations that 50, 95 and 99 of 100 requests of the last 5m stay below.',
  unit: 's',
  width: 24,
  min: 0,
  queries: quantileQueries(select(duration, { operation }), '5m'),
} as const;

export const dashboard = defineDashboard({
  catalogue: ${camel},
  facet: 'overview',
  description: 'Whether ${names.words} answers, how fast, and where it does not.',
  tags: ['slo', 'red'],
  variables: [operation],
  rows: [
    {
      title: 'SLO',
      panels: [requestPanels.objective, requestPanels.budget, ...requestPanels.burns, requestPanels.burnOverTime],
    },
    { title: 'Requests', panels: [red.rate, red.errors] },
    { title: 'Duration', panels: [red.duration, quantilesPanel] },
  ],
});
export const failuresPanel = red.errors;
`,
    },
    {
      path: 'lockstep/alerts.ts',
      text: `import { absenceRule, alertRule, burnRules, defineAlertGroup, traffic } from 'lockstep/alerts';
import { compare, increase, select } from 'lockstep/promql';
import { ${camel} } from './catalogue.js';
import { failuresPanel, quantilesPanel, requestPanels, requestSlo } from './dashboard.js';

const { requests } = ${camel}.metrics;
const failed = select(requests, { operation: 'write', result: 'error' });

/** An alert of your own: its condition, and scenarios that say when it fires and when it does not. */
const writesFail = alertRule({
  uid: '${names.kebab}-writes-fail',
  title: '${names.pascal}WritesFail',
  expression: compare(increase(failed, '10m'), '>', 20),
  for: '5m',
  severity: 'ticket',
  component: 'api',
  summary: '${names.words} has refused more than 20 writes in 10m',
  description: 'Writes fail faster than users try again by themselves.',
  panel: failuresPanel,
  runbook: {
    impact: 'Users lose what they wrote.',
    firstLook: [{ panel: quantilesPanel, say: 'are writes slow as well? Look at the database.' }],
    silence: 'While writes are switched off on purpose.',
  },
  proof: [
    { name: 'one in a minute', lasts: '2h', traffic: [traffic(failed, { every: '1m' })], fires: 'never' },
    {
      name: 'four in a minute, for an hour',
      lasts: '3h',
      traffic: [traffic(failed, { from: '30m', until: '90m', every: '1m', count: 4 })],
      fires: { notBefore: '35m', by: '45m', overBy: '105m' },
    },
  ],
});

export const alerts = defineAlertGroup({
  catalogue: ${camel},
  name: 'slo',
  rules: [
    ...burnRules(requestSlo, {
      system: '${names.kebab}',
      title: '${names.pascal}RequestsBurn',
      component: 'api',
      panels: requestPanels,
      runbook: {
        impact: 'Users get errors.',
        firstLook: [{ panel: failuresPanel, say: 'one operation, or both?' }],
      },
    }),
    writesFail,
${printAbsence(names, { series: 'requests', panel: 'requestPanels.burnOverTime', component: 'api' })}  ],
});
`,
    },
  ];
}
