import { absenceRule, alertRule, burnRules, defineAlertGroup, missingRule, traffic } from 'lockstep/alerts';
import { compare, mul, select } from 'lockstep/promql';
import { fab, GATE_ROLES } from 'lockstep-fab';
import {
  advisorPanel,
  busiestPanel,
  errorsPanel,
  GATE_WINDOW,
  gateRunsPanel,
  gateSessions,
  gateStallPanel,
  JOB_LIFE,
  outcomesPanel,
  reportersPanel,
  revisionsBefore,
  revisionsLately,
  revisionsPanel,
  selfEvalPanels,
  selfEvalSlo,
  sessionPanels,
  sessionRatePanel,
  sessionSlo,
  shipSessions,
  TWO_JOBS,
} from '../dashboards/fab.js';

const { sessions, revisions } = fab.metrics;
const work = select(sessions, {});

const gateWorks = (how: Parameters<typeof traffic>[1]) =>
  traffic(select(sessions, { role: 'pr-reviewer' }), { every: '20m', ...how });
const sentBack = (how: Parameters<typeof traffic>[1]) =>
  traffic(select(revisions, { role: 'react-engineer' }), { every: '30m', ...how });
const released = (how: Parameters<typeof traffic>[1]) => traffic(select(sessions, { role: 'release-manager' }), how);
const onlyOnce = (minutes: number) => ({ from: `${minutes}m`, until: `${minutes + 1}m` }) as const;

const gateStalled = alertRule({
  uid: 'fab-merge-gate-stalled',
  title: 'FabMergeGateStalled',
  expression: mul(
    mul(mul(compare(gateSessions, '>', 0), compare(revisionsLately, '>', 0)), compare(revisionsBefore, '>', 0)),
    compare(shipSessions, '==', 0),
  ),
  for: '15m',
  severity: 'ticket',
  component: 'merge-gate',
  summary: `fab's merge gate is stalled: revisions, and no release in ${GATE_WINDOW}`,
  description: `The gate's roles work and revisions are asked for, as they were more than ${TWO_JOBS} ago, and no session of the ship phase has ended for ${GATE_WINDOW}. No Job lives longer than ${JOB_LIFE}, so what was sent back then was never released: work is judged and sent back, and nothing leaves the factory.`,
  panel: gateStallPanel,
  runbook: {
    impact:
      'Runs cost tokens and nothing comes of them: no pull request has been opened for hours, and each new run adds to the queue that the gate sends back. Nothing that was released is affected.',
    firstLook: [
      {
        panel: gateRunsPanel,
        say: 'only `revise` is a loop that does not converge: read the last verdicts. `reject` is work that the gate throws away. No runs at all is a gate that dies before its verdict.',
      },
      { panel: outcomesPanel, say: 'sessions of the gate that break off never give a verdict.' },
      { panel: revisionsPanel, say: 'is one phase sent back again and again, or all of them?' },
      { say: 'A release that waits for a person looks the same: ask before you dig.' },
      {
        say: 'With fewer than a Job every two hours it resolves between them, and fires again: count the hours from the first. A release session that breaks off counts as a release here; that it broke off is for `FabSessionEndBurn1d` and its kin to tell.',
      },
      {
        say: 'Few Jobs, of which one was rejected hours ago and another is being revised now, look the same too: it is then a quiet day, and resolves with the next release.',
      },
    ],
    silence:
      'While releases are held back on purpose (a freeze): for as long as that lasts, and name the freeze. Not while the cause is unknown.',
  },
  proof: [
    {
      name: 'a stalled gate: it works and sends back, and nothing is released',
      lasts: '10h',
      traffic: [gateWorks({ until: '7h' }), sentBack({ until: '7h' }), traffic(work, {})],
      fires: { notBefore: '4h', by: '270m', overBy: '9h' },
    },
    ...GATE_ROLES.map((role) => ({
      name: `a stalled gate at which only ${role} works`,
      lasts: '7h' as const,
      traffic: [traffic(select(sessions, { role }), { every: '20m', until: '5h' }), sentBack({ until: '5h' })],
      fires: { notBefore: '4h', by: '270m', overBy: '7h' } as const,
    })),
    {
      name: 'a quiet night after a day on which work was sent back',
      lasts: '11h',
      traffic: [gateWorks({ until: '110m' }), sentBack({ until: '110m' }), traffic(work, { every: '1h' })],
      fires: 'never',
    },
    {
      name: 'a gate that is merely slow: a whole Job long, then the release',
      lasts: '7h',
      traffic: [gateWorks({ until: '118m' }), sentBack({ until: '118m' }), released(onlyOnce(119))],
      fires: 'never',
    },
    {
      name: 'a release that just went out, and a gate that goes on sending back',
      lasts: '11h',
      traffic: [gateWorks({ until: '9h' }), sentBack({ until: '9h' }), released(onlyOnce(170))],
      fires: { notBefore: '530m', by: '550m', overBy: '11h' },
    },
    {
      name: 'releases every five hours from a gate that sends much back',
      lasts: '16h',
      traffic: [gateWorks({}), sentBack({}), released({ every: '5h' })],
      fires: 'never',
    },
    {
      name: 'a stall that a release ends',
      lasts: '10h',
      traffic: [gateWorks({}), sentBack({}), released(onlyOnce(400))],
      fires: { notBefore: '4h', by: '270m', overBy: '402m' },
    },
    {
      name: 'a morning after a quiet night: sent back yesterday evening, and again now',
      lasts: '14h',
      traffic: [
        gateWorks({ until: '1h' }),
        sentBack({ until: '1h' }),
        gateWorks({ from: '10h', until: '12h' }),
        sentBack({ from: '10h', until: '12h' }),
      ],
      fires: 'never',
    },
    {
      name: 'a gate that approves at once: no revisions',
      lasts: '8h',
      traffic: [gateWorks({}), traffic(work, { every: '5m' })],
      fires: 'never',
    },
    {
      name: 'revisions hours ago, none since',
      lasts: '8h',
      traffic: [gateWorks({}), sentBack({ until: '1h' })],
      fires: 'never',
    },
    {
      name: 'revisions elsewhere, and a gate that has been at rest for hours',
      lasts: '8h',
      traffic: [gateWorks({ until: '1h' }), sentBack({}), traffic(work, { every: '10m' })],
      fires: 'never',
    },
  ],
});

export const slo = defineAlertGroup({
  catalogue: fab,
  name: 'slo',
  rules: [
    ...burnRules(selfEvalSlo, {
      system: 'fab',
      title: 'FabSelfEvalBurn',
      component: 'self-eval',
      panels: selfEvalPanels,
      runbook: {
        impact:
          'What the factory makes does not meet its own standard: it is revised or thrown away, and the tokens are spent all the same.',
        firstLook: [
          { panel: errorsPanel, say: 'one phase, or all? Choose it in the dropdown.' },
          {
            panel: busiestPanel,
            say: 'column _Self-evals failed_: one role, or all? Its name opens the board for that role.',
          },
          { panel: outcomesPanel, say: "does the model's endpoint fail as well?" },
          { panel: advisorPanel, say: 'more escalations: was the work harder, or did it become worse?' },
          {
            say: 'One change that hits every role (a model, a prompt, a tool that was just rolled out) is rolled back. If nothing was changed, stop new runs: they cost and yield nothing.',
          },
        ],
      },
    }),
    ...burnRules(sessionSlo, {
      system: 'fab',
      title: 'FabSessionEndBurn',
      component: 'sessions',
      panels: sessionPanels,
      runbook: {
        impact:
          'Sessions break off before they give a result. Their run fails with them (a Job is not tried again), and because they evaluate nothing, the objective of the self-evaluations does not see it.',
        firstLook: [
          {
            panel: outcomesPanel,
            say: "`error` is the transport's or the model's: look at its status, keys and limits. `terminated` is ours: Jobs that are killed (memory, deadline), or a stream that is left.",
          },
          { panel: busiestPanel, say: 'all roles is the endpoint; one role is its prompt or its tools.' },
          { panel: sessionRatePanel, say: 'fewer sessions than usual as well: runs are dying early.' },
          { say: 'A transient retry (`session.status_rescheduled`) is no end and is not counted.' },
        ],
      },
    }),
    gateStalled,
    missingRule(selfEvalSlo, {
      uid: 'fab-self-eval-missing',
      title: 'FabSelfEvalMissing',
      component: 'self-eval',
      panel: errorsPanel,
      window: '1d',
      for: '15m',
      work,
      events: 'sessions',
      fewest: 20,
      runbook: {
        impact:
          'The objective of the self-evaluations is not measured, and its four burn rules are silent whatever happens.',
        firstLook: [
          { panel: sessionRatePanel, say: 'which phases work? Not every role evaluates itself.' },
          {
            say: 'Do sessions still write `SELF-EVAL: PASS` or `SELF-EVAL: FAIL`? A prompt that says it otherwise is not recognised by the exporter.',
          },
        ],
        silence: 'While only roles run that do not evaluate themselves. Not otherwise: nothing else tells.',
      },
    }),
    missingRule(sessionSlo, {
      uid: 'fab-session-end-missing',
      title: 'FabSessionEndMissing',
      component: 'sessions',
      panel: outcomesPanel,
      window: '1d',
      for: '15m',
      work,
      events: 'sessions',
      fewest: 20,
      runbook: {
        impact:
          'Sessions that break off are not seen: the objective is not measured, and its four burn rules are silent.',
        firstLook: [
          {
            panel: reportersPanel,
            say: 'an old exporter, or the sidecar (`lockstep-fab serve`), which reads totals and knows no outcomes?',
          },
          { say: 'Let fab pass its sessions through `observeSession`, or record `outcome`.' },
        ],
        silence: 'For good where all of fab runs beside the sidecar; not where any process records its own sessions.',
      },
    }),
    absenceRule(sessions, {
      system: 'fab',
      uid: 'fab-metrics-absent',
      title: 'FabMetricsAbsent',
      component: 'exporter',
      panel: sessionRatePanel,
      window: '1d',
      for: '15m',
      runbook: {
        impact: 'While this holds every other rule is blind, and silent.',
        firstLook: [
          { panel: reportersPanel, say: 'does any process report?' },
          { say: 'Does the factory run: are there Jobs, and is it intended if there are none?' },
          {
            say: "Does what it reports arrive: is the exporter switched on in the Job's environment, does the scraper or the collector reach it, what does the Job's log say?",
          },
        ],
        silence: 'Over days on which the factory is meant to rest, and to the end of those.',
      },
    }),
  ],
});
