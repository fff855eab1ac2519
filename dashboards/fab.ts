import { hashCatalogue } from 'lockstep/catalogue';
import {
  defineDashboard,
  labelVariable,
  QUANTILE_STEP,
  quantileQueries,
  query,
  redPanels,
  sloPanels,
} from 'lockstep/dashboard';
import {
  and,
  buckets,
  countOf,
  histogramQuantile,
  increase,
  instant,
  keep,
  maxOverTime,
  oneOf,
  orZero,
  resets,
  returned,
  select,
  share,
  sub,
  sum,
  topk,
} from 'lockstep/promql';
import { BURN_WINDOWS_30D, defineSlo, eventRatio } from 'lockstep/slo';
import { fab, GATE_ROLES } from 'lockstep-fab';

const { sessions, selfEval, advisorCalls, revisions, tokens, duration, inFlight, outcomes, cost, gateRuns } =
  fab.metrics;

/**
 * The share of self-evaluations that pass. At 0.95 the highest factor, 14.4, asks for an error ratio above 0.72; at
 * 0.93 it would ask for one above 1, and the fastest page could never fire.
 */
export const selfEvalSlo = defineSlo({
  name: 'self-eval',
  events: 'self-evaluations',
  objective: 0.95,
  window: '30d',
  sli: eventRatio({ bad: select(selfEval, { result: 'fail' }), total: select(selfEval, {}), badWhen: 'that fail' }),
  policy: BURN_WINDOWS_30D,
});

/** Measured: see the table in docs/exporter.md. */
const WINDOW_COST =
  'where every Job has series of its own about 1 s at 100 Jobs a day and 8 s at 1000 (600,000 series; two cores), 0.4 s where deltas are added up';

export const selfEvalPanels = sloPanels(selfEvalSlo, 'Self-eval', { cost: WINDOW_COST, burnWidth: 12, tileWidth: 5 });

/**
 * The share of sessions that end by themselves. A session that breaks off gives no self-evaluation, so the first
 * objective does not see it: with the model's endpoint down nothing would fail, and nobody would be told. The
 * objective is that of the self-evaluations until there is a month of figures to take a better one from.
 */
export const sessionSlo = defineSlo({
  name: 'session-end',
  events: 'sessions',
  objective: 0.95,
  window: '30d',
  sli: eventRatio({
    bad: select(outcomes, { outcome: oneOf('error', 'terminated') }),
    total: select(outcomes, {}),
    badWhen: 'that end with an error or are terminated',
  }),
  policy: BURN_WINDOWS_30D,
});

export const sessionPanels = sloPanels(sessionSlo, 'Sessions', { cost: WINDOW_COST, burnWidth: 12, tileWidth: 5 });

const group = labelVariable('group', { title: 'Group', from: sessions });
const phase = labelVariable('phase', { title: 'Phase', from: sessions, within: [group] });
const role = labelVariable('role', { title: 'Role', from: sessions, within: [group, phase] });
/** The reader's choice in the dropdowns. */
const chosen = { group, phase, role };

/**
 * Shares and quantiles are over this window, and not shown where it holds fewer events: a percentage of two sessions
 * is no measurement.
 */
const MEASURED = '6h';
const FEWEST = 5;
const FEWEST_OF_ALL = 20;

/** A phase has one colour on the whole board. */
const PHASE_COLOURS = {
  discovery: 'light-blue',
  design: 'light-purple',
  build: 'blue',
  verify: 'purple',
  ship: 'green',
  operate: 'yellow',
  customer: 'light-orange',
  business: 'orange',
  staff: 'light-yellow',
  lab: 'light-green',
  'system-curators': 'semi-dark-orange',
} as const;

/** A verdict has the colour of what it means, and two shades of it for what was judged. */
const GATE_COLOURS = {
  'approve, code': 'green',
  'approve, docs': 'light-green',
  'revise, code': 'orange',
  'revise, docs': 'light-orange',
  'reject, code': 'red',
  'reject, docs': 'light-red',
} as const;

/** As long as sessions are meant to last, and the cap of the Job they run in, in seconds. */
const LONG_SESSION = 1800;
const JOB_CAP = 7200;

/**
 * The counts that show a stall of the merge gate. No Job lives longer than two hours. Work that is sent back now, and
 * work that was sent back more than two Jobs' lives ago, are therefore of different Jobs, and the first has ended, one
 * way or the other: if nothing was released in between, nothing leaves. A slow gate, the first revisions of a morning,
 * or a release on its way are no stall.
 */
export const JOB_LIFE = '2h';
export const TWO_JOBS = '4h';
export const GATE_WINDOW = '6h';
/** Sessions of the gate's roles lately: at night there are none, and nothing can be stalled. */
export const gateSessions = increase(select(sessions, { role: oneOf(...GATE_ROLES) }), JOB_LIFE);
export const revisionsLately = orZero(increase(revisions, JOB_LIFE));
export const revisionsBefore = sub(orZero(increase(revisions, GATE_WINDOW)), orZero(increase(revisions, TWO_JOBS)));
export const shipSessions = orZero(increase(select(sessions, { phase: 'ship' }), GATE_WINDOW));

const red = redPanels({
  by: 'phase',
  events: 'sessions',
  rate: select(sessions, chosen),
  errors: {
    title: 'Self-evaluations that fail, by phase',
    description: `Share of each phase's self-evaluations that failed in the last ${MEASURED}: the factory's quality error rate, and where it comes from. Yellow from 5%, which is what the objective allows over 30 days; red from 25%, one in four. A gap: fewer than ${FEWEST} self-evaluations in ${MEASURED}.`,
    bad: select(selfEval, { ...chosen, result: 'fail' }),
    total: select(selfEval, chosen),
    thresholds: {
      base: 'green',
      steps: [
        { at: 0.05, colour: 'yellow' },
        { at: 0.25, colour: 'red' },
      ],
    },
  },
  duration: select(duration, chosen),
  durationThresholds: {
    base: 'green',
    steps: [
      { at: LONG_SESSION, colour: 'orange' },
      { at: JOB_CAP, colour: 'red' },
    ],
  },
  window: MEASURED,
  fewest: FEWEST,
  colours: PHASE_COLOURS,
  drillDown: true,
});

export const gateStallPanel = {
  type: 'timeseries',
  title: `Merge gate: work, revisions and releases in ${GATE_WINDOW}`,
  description: `Sessions of the gate's roles and revisions in the last ${JOB_LIFE}, revisions between ${TWO_JOBS} and ${GATE_WINDOW} ago, and sessions of the ship phase in ${GATE_WINDOW}. The gate is stalled while the first three are above zero and the last is not: work was sent back longer ago than two Jobs live, still is, and nothing has left.`,
  unit: 'short',
  width: 12,
  min: 0,
  queries: [
    query(gateSessions, `gate sessions, ${JOB_LIFE}`),
    query(revisionsLately, `revisions, ${JOB_LIFE}`),
    query(revisionsBefore, `revisions, ${TWO_JOBS} to ${GATE_WINDOW} ago`),
    query(shipSessions, `ship sessions, ${GATE_WINDOW}`),
  ],
  exempt: { 'lint/left-out-choice': 'the factory has one gate: its work is of all roles, whichever are chosen' },
} as const;

export const sessionRatePanel = red.rate;
export const errorsPanel = red.errors;

export const outcomesPanel = {
  type: 'timeseries',
  title: 'Sessions that did not complete, by outcome',
  description: `Share of the sessions of the last ${MEASURED} that ended with an error or were terminated. These never gave a result to evaluate: the self-evaluation ratio does not see them. No line: fewer than ${FEWEST_OF_ALL} sessions in ${MEASURED}.`,
  unit: 'percentunit',
  width: 12,
  min: 0,
  softMax: 0.1,
  queries: [
    query(
      share(
        increase(select(outcomes, { ...chosen, outcome: 'error' }), MEASURED),
        increase(select(outcomes, chosen), MEASURED),
        FEWEST_OF_ALL,
      ),
      'error',
    ),
    query(
      share(
        increase(select(outcomes, { ...chosen, outcome: 'terminated' }), MEASURED),
        increase(select(outcomes, chosen), MEASURED),
        FEWEST_OF_ALL,
      ),
      'terminated',
    ),
  ],
} as const;

export const gateRunsPanel = {
  type: 'timeseries',
  title: 'Merge-gate runs, by decision',
  description:
    'Verdicts of the merge gate, by the profile that was judged; the bars add up to the total beside the name. Much "revise" is pressure; "reject" is work thrown away.',
  unit: 'short',
  width: 12,
  min: 0,
  stacked: true,
  bars: true,
  colours: GATE_COLOURS,
  queries: [query(increase(gateRuns, '$__interval', ['decision', 'profile']), '{{decision}}, {{profile}}')],
} as const;

/** How often something happens in a session, on average, by phase. */
const perSession = (events: typeof revisions | typeof advisorCalls, title: string, description: string) =>
  ({
    type: 'state-timeline',
    title,
    description,
    unit: 'short',
    width: 12,
    decimals: 1,
    thresholds: {
      base: 'green',
      steps: [
        { at: 0.5, colour: 'yellow' },
        { at: 1, colour: 'orange' },
      ],
    },
    drillDown: 'phase',
    queries: [
      query(
        share(
          increase(select(events, chosen), MEASURED, ['phase']),
          increase(select(sessions, chosen), MEASURED, ['phase']),
          FEWEST,
        ),
        '{{phase}}',
      ),
    ],
  }) as const;

export const revisionsPanel = perSession(
  revisions,
  'Revisions per session, by phase',
  `How often a session of the last ${MEASURED} had to revise its work, on average: the pressure of the revision loop. One (orange) means that every piece of work is done twice. A gap: fewer than ${FEWEST} sessions in ${MEASURED}.`,
);

export const advisorPanel = perSession(
  advisorCalls,
  'Advisor calls per session, by phase',
  `How often a session of the last ${MEASURED} escalated to the Opus advisor, on average. A rise without a rise in quality is spend; a rise with failing self-evaluations is a task that is too hard. Only managed-agents offers the advisor: on sdk, sdk-k8s and claude-cli it stays at zero. A gap: fewer than ${FEWEST} sessions in ${MEASURED}.`,
);

export const reportersPanel = {
  type: 'timeseries',
  title: 'Processes that report',
  description:
    'Processes that report at each moment, by the version of lockstep that their exporter is of, and by their catalogue. With Jobs it is how many run.',
  unit: 'short',
  width: 6,
  min: 0,
  stacked: true,
  queries: [query(sum(instant(fab.own.info), ['version', 'hash']), '{{version}}, {{hash}}')],
} as const;

/** Where the program never hears of some columns. */
const SILENT =
  'Advisor calls and tokens stay empty on sdk, sdk-k8s and claude-cli unless fab passes the usage on (docs/fab.md); cost stays empty on managed-agents.';

const topRoles = topk(15, increase(select(sessions, chosen), '$__range', ['role']));

/** Per phase in the shown range; the count of sessions stands beside what is measured on them. */
export const phasesPanel = {
  type: 'table',
  title: 'Phases in the shown range',
  description: `Per phase: sessions, share of self-evaluations that failed, p95 of the duration of those sessions, revisions, and cost. A phase opens the board filtered by it, its roles at the end. An empty cell: nothing to measure. Cost stays empty on managed-agents.`,
  unit: 'short',
  width: 24,
  height: 11,
  drillDown: 'phase',
  queries: [
    query(increase(select(sessions, chosen), '$__range', ['phase']), 'Sessions'),
    query(
      share(
        increase(select(selfEval, { ...chosen, result: 'fail' }), '$__range', ['phase']),
        increase(select(selfEval, chosen), '$__range', ['phase']),
      ),
      'Self-evals failed',
      { unit: 'percentunit' },
    ),
    query(
      keep(histogramQuantile(0.95, increase(buckets(select(duration, chosen)), '$__range', ['phase', 'le'])), '>', 0),
      'Duration p95',
      { unit: 's' },
    ),
    query(increase(select(revisions, chosen), '$__range', ['phase']), 'Revisions'),
    query(increase(select(cost, chosen), '$__range', ['phase']), 'Cost', { unit: 'currencyUSD' }),
  ],
} as const;

export const busiestPanel = {
  type: 'table',
  title: 'The fifteen busiest roles in the shown range',
  description: `Per role: sessions, share of self-evaluations that failed, p95 of the duration, revisions, advisor calls, tokens and cost. A role opens the board filtered by it. An empty cell: nothing to measure. ${SILENT}`,
  unit: 'short',
  width: 24,
  height: 12,
  drillDown: 'role',
  queries: [
    query(topRoles, 'Sessions'),
    query(
      and(
        share(
          increase(select(selfEval, { ...chosen, result: 'fail' }), '$__range', ['role']),
          increase(select(selfEval, chosen), '$__range', ['role']),
        ),
        topRoles,
      ),
      'Self-evals failed',
      { unit: 'percentunit' },
    ),
    query(
      and(
        keep(histogramQuantile(0.95, increase(buckets(select(duration, chosen)), '$__range', ['role', 'le'])), '>', 0),
        topRoles,
      ),
      'Duration p95',
      { unit: 's' },
    ),
    query(and(increase(select(revisions, chosen), '$__range', ['role']), topRoles), 'Revisions'),
    query(and(increase(select(advisorCalls, chosen), '$__range', ['role']), topRoles), 'Advisor calls'),
    query(and(increase(select(tokens, chosen), '$__range', ['role']), topRoles), 'Tokens'),
    query(and(increase(select(cost, chosen), '$__range', ['role']), topRoles), 'Cost', {
      unit: 'currencyUSD',
    }),
  ],
} as const;

export const overview = defineDashboard({
  catalogue: fab,
  facet: 'overview',
  description: 'The agent factory: whether its work is good enough, where it is not, since when and why.',
  tags: ['slo', 'red'],
  variables: [group, phase, role],
  // Processes report once a minute.
  minStep: '2m',
  annotations: [
    {
      title: 'Releases',
      query: query(
        keep(increase(select(sessions, { phase: 'ship' }), '30m'), '>', 0),
        'a session of the ship phase ended',
        { emptyBecause: 'nothing may be released for hours' },
      ),
      colour: 'blue',
      step: '30m',
    },
  ],
  rows: [
    {
      title: 'SLO: self-evaluations that pass, and sessions that end by themselves',
      panels: [
        selfEvalPanels.objective,
        selfEvalPanels.budget,
        ...selfEvalPanels.burns,
        {
          type: 'stat',
          title: 'Sessions, shown range',
          description: 'Sessions that ended in the time range of the dashboard, for what is chosen above.',
          unit: 'short',
          width: 4,
          height: 4,
          noValue: 'No sessions',
          queries: [query(increase(select(sessions, chosen), '$__range'), 'sessions')],
        },
        sessionPanels.objective,
        sessionPanels.budget,
        ...sessionPanels.burns,
        {
          type: 'stat',
          title: 'Cost, shown range',
          description:
            'US dollars in the time range of the dashboard, for what is chosen above. Stays empty on managed-agents, which reports no cost.',
          unit: 'currencyUSD',
          width: 4,
          height: 4,
          decimals: 2,
          noValue: 'No cost',
          queries: [query(increase(select(cost, chosen), '$__range'), 'cost')],
        },
      ],
    },
    {
      title: 'Where, and since when: role sessions, by phase',
      panels: [sessionRatePanel, red.errors, phasesPanel],
    },
    {
      title: 'How fast: burn rates',
      panels: [selfEvalPanels.burnOverTime, sessionPanels.burnOverTime],
    },
    {
      title: 'Errors: sessions that break off, and the gate',
      panels: [outcomesPanel, gateStallPanel],
    },
    {
      title: 'Latency: how long sessions run',
      panels: [
        {
          type: 'timeseries',
          title: 'Duration of sessions, p50, p95 and p99',
          minStep: QUANTILE_STEP,
          description: `Durations that 50, 95 and 99 of 100 sessions of the last ${MEASURED} stay below, interpolated within the buckets. Sessions are meant to end within 30 minutes; the Job that runs them is killed at two hours. No line: fewer than ${FEWEST_OF_ALL} sessions in ${MEASURED}.`,
          unit: 's',
          width: 10,
          min: 0,
          drawThresholds: true,
          thresholds: {
            base: 'green',
            steps: [
              { at: LONG_SESSION, colour: 'orange' },
              { at: JOB_CAP, colour: 'red' },
            ],
          },
          queries: quantileQueries(select(duration, chosen), MEASURED, FEWEST_OF_ALL),
        },
        {
          type: 'stat',
          title: `Sessions measured, ${MEASURED}`,
          description: `The sessions of the last ${MEASURED} that the newest quantiles stand on. Of ${FEWEST_OF_ALL}, p95 is the slowest one.`,
          unit: 'short',
          width: 4,
          noValue: 'No sessions',
          queries: [query(increase(countOf(select(duration, chosen)), MEASURED), 'sessions')],
        },
        { ...red.duration, width: 10 },
      ],
    },
    {
      title: 'Merge gate and its pressure',
      panels: [gateRunsPanel, revisionsPanel],
    },
    {
      title: 'Spend: tokens and cost',
      panels: [
        {
          type: 'timeseries',
          title: 'Tokens, by phase',
          description:
            'Model tokens, read and written together, cached input left out; the bars add up to the total beside the name. On sdk, sdk-k8s and claude-cli tokens arrive only from a fab that passes the usage on (docs/fab.md).',
          unit: 'short',
          width: 12,
          min: 0,
          stacked: true,
          bars: true,
          colours: PHASE_COLOURS,
          queries: [query(increase(select(tokens, chosen), '$__interval', ['phase']), '{{phase}}')],
        },
        {
          type: 'timeseries',
          title: 'Cost, by phase',
          description:
            'US dollars, as the transport reports them; managed-agents reports none, which shows as zero here. The bars add up to the total beside the name.',
          unit: 'currencyUSD',
          width: 12,
          min: 0,
          stacked: true,
          bars: true,
          colours: PHASE_COLOURS,
          queries: [query(increase(select(cost, chosen), '$__interval', ['phase']), '{{phase}}')],
        },
      ],
    },
    {
      title: 'Saturation: sessions in flight',
      panels: [
        {
          type: 'timeseries',
          title: 'Sessions in flight, by phase',
          description:
            'Sessions that have begun and not ended. A band that stays while fewer sessions end is work that hangs.',
          unit: 'short',
          width: 18,
          min: 0,
          stacked: true,
          colours: PHASE_COLOURS,
          queries: [query(sum(instant(select(inFlight, chosen)), ['phase']), '{{phase}}')],
        },
        {
          type: 'stat',
          title: 'Peaks of one role, added up',
          description:
            'The highest number of sessions of one role that one process had in flight at once, in the time range of the dashboard, added over processes. With Jobs it is about how many Jobs of the role ran; the chart beside shows how many at once.',
          unit: 'short',
          width: 6,
          noValue: 'No data',
          queries: [query(topk(1, sum(maxOverTime(select(inFlight, chosen), '$__range'), ['role'])), '{{role}}')],
        },
      ],
    },
    {
      title: 'Top roles',
      panels: [busiestPanel],
    },
    {
      title: 'Details: by group, tokens by direction, calls of the advisor',
      collapsed: true,
      panels: [
        {
          type: 'timeseries',
          title: 'Sessions, by group',
          description:
            'How many sessions end in the factory, the firm and the lab; the bars add up to the total beside the name. Sessions of roles that are not in the roster count as unknown: any is a roster that is behind.',
          unit: 'short',
          width: 12,
          min: 0,
          stacked: true,
          bars: true,
          queries: [query(increase(select(sessions, chosen), '$__interval', ['group']), '{{group}}')],
        },
        advisorPanel,
        {
          type: 'stat',
          title: 'Tokens in the shown range',
          description:
            'Tokens in the time range of the dashboard, by direction, for what is chosen above. Stays empty on sdk, sdk-k8s and claude-cli unless fab passes the usage on (docs/fab.md).',
          unit: 'short',
          width: 6,
          decimals: 2,
          noValue: 'No tokens reported',
          queries: [query(increase(select(tokens, chosen), '$__range', ['direction']), '{{direction}}')],
        },
      ],
    },
    {
      title: 'The exporter itself: can this board be believed?',
      panels: [
        {
          type: 'stat',
          title: 'Another catalogue',
          description:
            'Processes that report now and whose exporter was built from another catalogue than this board. Above 0, names or labels may differ: panels can be empty or incomplete without being wrong about the rest. Bring both to the same version.',
          unit: 'short',
          width: 6,
          noValue: 'Nobody reports',
          thresholds: { base: 'green', steps: [{ at: 1, colour: 'red' }] },
          queries: [
            query(
              sub(sum(instant(fab.own.info)), orZero(sum(instant(select(fab.own.info, { hash: hashCatalogue(fab) }))))),
              'another catalogue',
            ),
          ],
        },
        {
          type: 'stat',
          title: 'Counters that went down',
          description:
            'How often a total of sessions went down in the time range of the dashboard. Above 0, two processes (or two starts of a collector that adds up) share one series, and every count on this board that spans such a moment is wrong.',
          unit: 'short',
          width: 6,
          noValue: 'No sessions',
          thresholds: { base: 'green', steps: [{ at: 1, colour: 'red' }] },
          queries: [query(sum(resets(sessions, '$__range')), 'resets')],
        },
        reportersPanel,
        {
          type: 'timeseries',
          title: 'Counted again after a silence',
          description:
            'Processes that were heard again after more than an hour. An exporter that notices a silence goes on under another start_id and does not stand here. These did not notice: a Prometheus was down behind a collector or a Pushgateway, or one of two scrapers was. At each bar such a process was counted again from its start: do not trust counts whose range holds one.',
          unit: 'short',
          width: 6,
          min: 0,
          bars: true,
          softMax: 1,
          queries: [query(orZero(sum(returned(fab.own.info, '$__interval'))), 'processes')],
        },
        {
          type: 'timeseries',
          title: 'Recordings refused',
          description:
            'Recordings that the exporter dropped (no number, or a label value that does not exist) or recorded as unknown. Any is a mistake in the program that records; its log says which.',
          unit: 'short',
          width: 6,
          min: 0,
          stacked: true,
          bars: true,
          queries: [query(increase(fab.own.anomalies, '$__interval', ['reason']), '{{reason}}')],
        },
      ],
    },
  ],
});
