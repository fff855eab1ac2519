import { alertRule, burnRules, defineAlertGroup } from 'lockstep/alerts';
import { fab } from 'lockstep/fab';
import { absentOverTime, compare, mul } from 'lockstep/promql';
import {
  GATE_WINDOW,
  gateSessions,
  gateStallPanel,
  revisionsAsked,
  selfEvalPanels,
  selfEvalSlo,
  sessionRatePanel,
  shipSessions,
} from '../dashboards/fab.js';

export const slo = defineAlertGroup({
  catalogue: fab,
  name: 'slo',
  rules: [
    ...burnRules(selfEvalSlo, {
      system: 'fab',
      title: 'FabSelfEvalBurn',
      component: 'self-eval',
      panels: selfEvalPanels,
    }),
    alertRule({
      uid: 'fab-merge-gate-stalled',
      title: 'FabMergeGateStalled',
      expression: mul(
        mul(compare(gateSessions, '>', 0), compare(revisionsAsked, '>', 0)),
        compare(shipSessions, '==', 0),
      ),
      for: '15m',
      severity: 'ticket',
      component: 'merge-gate',
      summary: `Merge gate stalled: revisions and no release in ${GATE_WINDOW}`,
      description: `In the last ${GATE_WINDOW} the gate's roles worked and revisions were asked for, but no session of the ship phase ended: work is judged and sent back, and nothing leaves the factory.`,
      panel: gateStallPanel,
    }),
    alertRule({
      uid: 'fab-metrics-absent',
      title: 'FabMetricsAbsent',
      expression: absentOverTime(fab.metrics.sessions, '1d'),
      for: '15m',
      severity: 'ticket',
      component: 'exporter',
      summary: 'No metrics from fab for a day',
      description:
        'No sample of fab_agent_sessions_total for a day: the factory does not run, or what it reports does not arrive. Until then every other rule of this group is blind, and silent.',
      panel: sessionRatePanel,
      emptyBecause: 'absent_over_time returns nothing while there are metrics',
    }),
  ],
});
