/** One slip, planted alone in a copy of the repository. */
export interface PlantedDrift {
  readonly kind: 'catalogue' | 'definitions' | 'exporter' | 'committed';
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The refusal must say this. */
  readonly names: RegExp;
  /** Why nothing refuses it, if nothing does. */
  readonly unnoticed?: string;
}

const drift =
  (kind: PlantedDrift['kind'], file: string) =>
  (from: string, to: string, names: RegExp): PlantedDrift => ({ kind, file, from, to, names });

const catalogue = drift('catalogue', 'src/fab/catalogue.ts');
const roster = drift('catalogue', 'src/fab/roster.ts');
const board = drift('definitions', 'dashboards/fab.ts');
const alerts = drift('definitions', 'alerts/fab.ts');
const config = drift('definitions', 'lockstep.config.ts');
const exporter = drift('exporter', 'src/fab/exporter.ts');
const session = drift('exporter', 'src/fab/session.ts');
const totals = drift('exporter', 'src/fab/record-totals.ts');

/**
 * Slips in sources: each is one that a person makes, and each makes what is shown, paged on or recorded another thing
 * than what is meant.
 */
export const SOURCE_DRIFTS: readonly PlantedDrift[] = [
  // Names.
  catalogue("name: 'fab_agent_sessions_total'", "name: 'fab_agent_sessions'", /counter-suffix|fab_agent_sessions\b/),
  catalogue("name: 'fab_agent_sessions_total'", "name: 'fab_sessions_total'", /Sessions, by phase|fab_sessions_total/),
  catalogue("name: 'fab_self_eval_total'", "name: 'fab_selfeval_total'", /Self-eval|fab_selfeval_total/),
  catalogue("name: 'fab_advisor_calls_total'", "name: 'advisor_calls_total'", /advisor_calls_total/),
  catalogue("name: 'fab_revisions_total'", "name: 'fab_revisions_count'", /fab_revisions_count/),
  catalogue("name: 'fab_tokens_total'", "name: 'fab-tokens-total'", /fab-tokens-total/),
  catalogue(
    "name: 'fab_role_session_duration_seconds'",
    "name: 'fab_role_session_duration_ms'",
    /fab_role_session_duration_ms/,
  ),
  catalogue("name: 'fab_agent_sessions_in_flight'", "name: 'fab_agent_sessions_in_flight_total'", /in_flight_total/),
  catalogue("name: 'fab_cost_usd_total'", "name: 'fab_cost_total'", /fab_cost_total/),
  catalogue("name: 'fab_merge_gate_runs_total'", "name: 'fab_agent_sessions_total'", /fab_agent_sessions_total/),
  // Kinds, units, handles.
  catalogue('inFlight: gauge({', 'inFlight: counter({', /in_flight|inFlight/),
  catalogue("unit: 'seconds',", "unit: 'bytes',", /fab_role_session_duration_seconds|duration/),
  catalogue('metrics: {\n    sessions,', 'metrics: {\n    session: sessions,', /sessions/),
  catalogue('gateRuns: counter({', 'mergeGateRuns: counter({', /gateRuns/),
  catalogue("help: 'Calls to the Opus advisor.'", "help: ''", /fab_advisor_calls_total|help/),
  // Labels and their values.
  catalogue(
    "label('result', { help: 'how a session judged its own work', values: ['pass', 'fail'], bad: ['fail'] })",
    "label('result', { help: 'how a session judged its own work', values: ['passed', 'failed'], bad: ['failed'] })",
    /"?fail"?|"?pass"?/,
  ),
  catalogue("label('result'", "label('outcome'", /result/),
  catalogue("values: ['input', 'output']", "values: ['in', 'out']", /input|output|direction/),
  catalogue("values: ['completed', 'error', 'terminated']", "values: ['completed', 'errored', 'terminated']", /error/),
  catalogue("values: ['approve', 'revise', 'reject']", "values: ['approved', 'revised', 'rejected']", /approve/),
  catalogue("values: ['code', 'docs']", "values: ['code']", /profile|docs/),
  catalogue("decidedLabel('phase'", "decidedLabel('stage'", /phase/),
  catalogue("valueOf: rosterField('phase')", "valueOf: rosterField('group')", /catalogue\.ts\(13,/),
  catalogue('labels: [...byRole, outcome]', 'labels: byRole', /outcome/),
  catalogue('labels: [...byRole, direction]', 'labels: [role, direction]', /phase/),
  catalogue('labels: [decision, profile]', 'labels: [decision]', /profile/),
  catalogue('fallback: UNKNOWN_ROLE,', '', /unknown|fallback/i),
  // Buckets and budgets.
  catalogue(
    '[5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200]',
    '[5, 15, 30, 60, 120, 300, 600, 1200, 3600, 7200]',
    /1800|bounds|buckets|duration/i,
  ),
  catalogue('[5, 15, 30, 60, 120', '[15, 5, 30, 60, 120', /bounds|increasing|duration/i),
  catalogue('budget: 1200,', 'budget: 900,', /budget|900/),
  roster("'release-manager': { phase: 'ship'", "'release-manager': { phase: 'shipping'", /shipping/),
  roster("'release-manager': { phase: 'ship'", "'release-manager': { phase: 'operate'", /FabMergeGateStalled/),
  roster("  'pr-reviewer',\n  'build-verifier',", "  'pr-reviewr',\n  'build-verifier',", /pr-reviewr/),

  // What is shown.
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { result: 'failed' })", /failed/),
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { result: 'pass' })", /self-eval/i),
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { outcome: 'fail' })", /outcome/),
  board('total: select(selfEval, {})', 'total: select(sessions, {})', /slo\/units/),
  board('objective: 0.95,', 'objective: 0.93,', /0\.93|unreachable|objective/),
  board('objective: 0.95,', 'objective: 95,', /objective/),
  board("window: '30d',", "window: '28d',", /28d|Self-eval/),
  board("window: '30d',", "window: '720h0m',", /720h0m/),
  board("oneOf('error', 'terminated')", "oneOf('error', 'cancelled')", /cancelled/),
  board('from: sessions, within: [group] }', 'from: sessions, within: [] }', /variable "phase"|phase/),
  board("labelVariable('phase', { title: 'Phase'", "labelVariable('phaze', { title: 'Phase'", /phaze/),
  board('variables: [group, phase, role]', 'variables: [group, phase]', /role/),
  board("minStep: '2m',", "minStep: '2 minutes',", /2 minutes/),
  board("['group']), '{{group}}')", "['group']), '{{phase}}')", /legend|phase/),
  board("'{{decision}}, {{profile}}'", "'{{decision}}'", /legend|profile/),
  board(
    "increase(gateRuns, '$__interval', ['decision', 'profile'])",
    "increase(gateRuns, '$__interval', ['decision', 'phase'])",
    /phase/,
  ),
  board("increase(gateRuns, '$__interval'", "increase(inFlight, '$__interval'", /gauge/),
  board('instant(select(inFlight, chosen))', 'instant(select(sessions, chosen))', /counter/),
  board(
    "increase(select(events, chosen), MEASURED, ['phase'])",
    "increase(select(events, chosen), MEASURED, ['role'])",
    /role|phase/,
  ),
  board(
    "increase(select(cost, chosen), '$__range')",
    "increase(select(tokens, chosen), '$__range')",
    /Cost, shown range/,
  ),
  board("unit: 'currencyUSD',", "unit: 'usd',", /usd/),
  board("unit: 'percentunit',", "unit: 'percent',", /percent/),
  board("description: 'The agent factory:", "descripton: 'The agent factory:", /descripton|description/),
  board('quantileQueries(select(duration, chosen)', 'quantileQueries(select(sessions, chosen)', /histogram|counter/),
  board('histogramQuantile(0.95, increase(buckets', 'histogramQuantile(95, increase(buckets', /quantile/),
  board(
    "increase(buckets(select(duration, chosen)), '$__range', ['role', 'le'])",
    "increase(buckets(select(duration, chosen)), '$__range', ['role'])",
    /le\b/,
  ),
  board('at: 0.05, colour', 'at: 5, colour', /Self-evaluations that fail, by phase/),
  board("export const GATE_WINDOW = '6h';", "export const GATE_WINDOW = '90m';", /gate/i),
  board("export const JOB_LIFE = '2h';", "export const JOB_LIFE = '1h59m';", /1h59m/),
  board('role: oneOf(...GATE_ROLES)', "role: oneOf('merge-gate')", /merge-gate/),
  board(
    "select(sessions, { phase: 'ship' })",
    "select(sessions, { phase: 'ship', role: 'product' })",
    /no-such-series|product/,
  ),
  board(
    'select(fab.own.info, { hash: hashCatalogue(fab) })',
    'select(fab.own.info, { hash: hashCatalogue(fab).slice(1) })',
    /Another catalogue/,
  ),
  board("facet: 'overview',", "facet: 'Overview',", /Overview/),
  board(
    '        sessionPanels.objective,\n        sessionPanels.budget,\n        ...sessionPanels.burns,\n',
    '',
    /claim|Sessions|empty-row|rows/,
  ),

  // Well typed, and another thing than the words beside it: windows, quantiles, labels, metrics, thresholds.
  board('Share of the sessions of the last ${MEASURED}', 'Share of the sessions of the last 12h', /12h/),
  board('self-evaluations that failed in the last ${MEASURED}', 'self-evaluations that failed in the last 1d', /1d/),
  board('Yellow from 5%', 'Yellow from 10%', /Yellow from 10%/),
  board('red from 25%', 'red from 20%', /red from 20%/),
  board('A gap: fewer than ${FEWEST} self-evaluations', 'A gap: fewer than 3 self-evaluations', /fewer than 3/),
  board(
    'No line: fewer than ${FEWEST_OF_ALL} sessions in ${MEASURED}.`,\n  unit',
    'No line: fewer than 10 sessions.`,\n  unit',
    /fewer than 10/,
  ),
  board("title: 'Merge-gate runs, by decision',", "title: 'Merge-gate runs, by outcome',", /by outcome/),
  board("title: 'Merge-gate runs, by decision',", "title: 'Advisor calls, by decision',", /"call"/),
  board("title: 'Tokens, by phase',", "title: 'Sessions, by phase, again',", /"session"/),
  board("'Revisions per session, by phase'", "'Advisor calls per session, again'", /"call"/),
  board("'Advisor calls per session, by phase'", "'Revisions per session, of the advisor'", /"revision"/),
  board("title: 'Duration of sessions, p50, p95 and p99',", "title: 'Duration of sessions, p50, p90 and p99',", /p90/),
  board('Durations that 50, 95 and 99 of 100', 'Durations that 50, 90 and 99 of 100', /90 of 100/),
  board(
    "histogramQuantile(0.95, increase(buckets(select(duration, chosen)), '$__range', ['phase', 'le']))",
    "histogramQuantile(0.9, increase(buckets(select(duration, chosen)), '$__range', ['phase', 'le']))",
    /p95/,
  ),
  board(
    "'Duration p95',\n      { unit: 's' },\n    ),\n    query(increase",
    "'Duration p99',\n      { unit: 's' },\n    ),\n    query(increase",
    /p99/,
  ),
  board("topRoles), 'Revisions'),", "topRoles), 'Advisor calls'),", /"call"|twice|Advisor/),
  board('query(and(increase(select(tokens, chosen)', 'query(and(increase(select(cost, chosen)', /Tokens|usd|unit/),
  board("'$__range', ['phase']), 'Revisions')", "'$__range', ['phase']), 'Tokens')", /"token"/),
  board("title: 'Sessions, by group',", "title: 'Sessions, by phase and more',", /by phase/),
  board("title: 'Sessions in flight, by phase',", "title: 'Sessions in flight, by role',", /by role/),
  board(
    'Tokens in the time range of the dashboard, by direction, for',
    'Tokens in the time range of the dashboard, by phase, for',
    /by phase/,
  ),
  board('title: `Sessions measured, ${MEASURED}`,', "title: 'Sessions measured, 1h',", /1h/),
  board(
    'title: `Merge gate: work, revisions and releases in ${GATE_WINDOW}`,',
    "title: 'Merge gate: work, revisions and releases in 8h',",
    /8h/,
  ),
  board('query(shipSessions, `ship sessions, ${GATE_WINDOW}`)', "query(shipSessions, 'ship sessions, 4h')", /4h/),
  board('query(gateSessions, `gate sessions, ${JOB_LIFE}`)', "query(gateSessions, 'gate runs, 2h')", /"run"/),
  // A panel that does not follow the dropdowns.
  board(
    "queries: [query(increase(select(sessions, chosen), '$__range'), 'sessions')],",
    "queries: [query(increase(sessions, '$__range'), 'sessions')],",
    /chosen above|left-out/,
  ),
  board(
    "queries: [query(increase(select(cost, chosen), '$__range'), 'cost')],",
    "queries: [query(increase(cost, '$__range'), 'cost')],",
    /chosen above|left-out/,
  ),
  board(
    "query(increase(select(tokens, chosen), '$__interval', ['phase']), '{{phase}}')",
    "query(increase(tokens, '$__interval', ['phase']), '{{phase}}')",
    /left-out|\$group/,
  ),
  board(
    "query(sum(instant(select(inFlight, chosen)), ['phase']), '{{phase}}')",
    "query(sum(instant(inFlight), ['phase']), '{{phase}}')",
    /left-out|\$group/,
  ),
  board(
    "increase(select(outcomes, chosen), MEASURED),\n        FEWEST_OF_ALL,\n      ),\n      'error',",
    "increase(outcomes, MEASURED),\n        FEWEST_OF_ALL,\n      ),\n      'error',",
    /outcome|not-a-part|series/,
  ),
  board(
    "increase(select(sessions, chosen), '$__interval', ['group'])",
    "increase(sessions, '$__interval', ['group'])",
    /left-out|\$group/,
  ),
  board('const chosen = { group, phase, role };', 'const chosen = { group, phase };', /role/),
  // Parts and wholes, good and bad, units.
  board(
    "bad: select(selfEval, { ...chosen, result: 'fail' }),\n    total",
    "bad: select(selfEval, { ...chosen, result: 'pass' }),\n    total",
    /good|pass/,
  ),
  board("outcome: 'error' }), MEASURED)", "outcome: 'completed' }), MEASURED)", /completed|error/),
  board(
    "          increase(select(events, chosen), MEASURED, ['phase']),\n          increase(select(sessions, chosen), MEASURED, ['phase']),",
    "          increase(select(sessions, chosen), MEASURED, ['phase']),\n          increase(select(events, chosen), MEASURED, ['phase']),",
    /upside down/,
  ),
  board('total: select(selfEval, chosen),', 'total: select(outcomes, chosen),', /part|outcomes/),
  board("{ at: 0.05, colour: 'yellow' }", "{ at: 0.05, colour: 'red' }", /colour|yellow|red/i),
  board("{ at: 0.25, colour: 'red' }", "{ at: 25, colour: 'red' }", /25/),
  board(
    "base: 'green',\n      steps: [\n        { at: 0.05, colour: 'yellow' },\n        { at: 0.25, colour: 'red' },",
    "base: 'red',\n      steps: [\n        { at: 0.05, colour: 'yellow' },\n        { at: 0.25, colour: 'green' },",
    /fewer is better|good-and-bad|red from/i,
  ),
  board('const LONG_SESSION = 1800;', 'const LONG_SESSION = 1_800_000;', /1800000|increasing/),
  board('const JOB_CAP = 7200;', 'const JOB_CAP = 7_200_000;', /7200000/),
  board("'Cost', { unit: 'currencyUSD' }),\n  ],", "'Cost', { unit: 's' }),\n  ],", /unit s/),
  board("unit: 's',\n          width: 10,", "unit: 'percentunit',\n          width: 10,", /percentunit/),
  board("export const TWO_JOBS = '4h';", "export const TWO_JOBS = '8h';", /8h|FabMergeGateStalled|never/),
  // Weakened.
  board('objective: 0.95,', 'objective: 0.9,', /alert-condition|0\.1/),
  alerts(
    "expression: mul(\n    mul(mul(compare(gateSessions, '>', 0)",
    "expression: mul(\n    mul(mul(compare(gateSessions, '>', 5)",
    /FabMergeGateStalled/,
  ),
  alerts(
    "for: '15m',\n  severity: 'ticket',\n  component: 'merge-gate'",
    "for: '2h',\n  severity: 'ticket',\n  component: 'merge-gate'",
    /FabMergeGateStalled/,
  ),
  alerts(
    "      window: '1d',\n      for: '15m',\n      runbook: {\n        impact: 'While this holds",
    "      window: '7d',\n      for: '15m',\n      runbook: {\n        impact: 'While this holds",
    /FabMetricsAbsent/,
  ),
  alerts('fewest: 20,', 'fewest: 200,', /FabSelfEvalMissing|200/),
  alerts('    gateStalled,\n', '', /FabMergeGateStalled|gateStalled/),
  alerts('panel: sessionRatePanel,\n      window', 'panel: advisorPanel,\n      window', /panel-of-another/),
  alerts('panel: outcomesPanel,\n      window', 'panel: errorsPanel,\n      window', /panel/),
  alerts('panel: gateStallPanel,\n  runbook', 'panel: reportersPanel,\n  runbook', /gateStallPanel|panel-of-another/),
  alerts(
    "summary: `fab's merge gate is stalled: revisions, and no release in ${GATE_WINDOW}`",
    'summary: "fab\'s merge gate is stalled: revisions, and no release in 12h"',
    /12h/,
  ),
  alerts('work is judged and sent back, and nothing leaves the factory.`', 'that was more than 30m ago.`', /30m/),
  alerts(
    "select(sessions, { role: 'pr-reviewer' }), { every: '20m'",
    "select(sessions, { role: 'pr-reviewer' }), { every: '5h'",
    /FabMergeGateStalled|stalled/,
  ),
  // Catalogue.
  catalogue("bad: ['fail'] });", "bad: ['pass'] });", /good|bad|pass/),
  catalogue("bad: ['error', 'terminated'],", "bad: ['completed'],", /good|bad|completed/),
  catalogue(
    "unit: '{revision}',\n      labels: byRole,\n      within: sessions,",
    "unit: '{revision}',\n      labels: byRole,",
    /revision/,
  ),
  catalogue("unit: 'usd',", "unit: '{dollar}',", /dollar|usd/),

  // What is paged on.
  alerts("compare(revisionsLately, '>', 0)", "compare(revisionsLately, '>=', 0)", /FabMergeGateStalled/),
  alerts("compare(revisionsLately, '>', 0)", "compare(revisionsLately, '<', 0)", /FabMergeGateStalled/),
  alerts("compare(shipSessions, '==', 0)", "keep(shipSessions, '==', 0)", /keep|never-fires/),
  alerts("compare(shipSessions, '==', 0)", "compare(shipSessions, '>', 0)", /FabMergeGateStalled/),
  alerts("for: '15m',\n  severity", "for: '15',\n  severity", /"15"/),
  alerts(
    "severity: 'ticket',\n  component: 'merge-gate'",
    "severity: 'critical',\n  component: 'merge-gate'",
    /critical/,
  ),
  alerts("uid: 'fab-merge-gate-stalled'", "uid: 'fab.merge.gate.stalled'", /fab\.merge\.gate\.stalled/),
  alerts("uid: 'fab-merge-gate-stalled'", "uid: 'fab-metrics-absent'", /duplicate|fab-metrics-absent/),
  alerts("title: 'FabMergeGateStalled'", "title: 'Fab merge gate stalled'", /Fab merge gate stalled/),
  alerts(
    'panel: gateStallPanel,\n  runbook',
    'panel: { ...gateStallPanel },\n  runbook',
    /alerts\/panel|FabMergeGateStalled/,
  ),
  alerts(
    "summary: `fab's merge gate is stalled",
    'summary: `{{ $labels.role }} stalled',
    /template|FabMergeGateStalled/,
  ),
  alerts("fires: { notBefore: '4h', by: '270m', overBy: '9h' }", "fires: 'never'", /a stalled gate/),
  alerts(
    "traffic(select(sessions, { role: 'pr-reviewer' })",
    "traffic(select(sessions, { role: 'reviewer' })",
    /reviewer/,
  ),
  alerts('absenceRule(sessions, {', 'absenceRule(revisions, {', /unreported|FabSelfEvalMissing/),
  alerts(
    "component: 'self-eval',\n      panels: selfEvalPanels",
    "component: '',\n      panels: selfEvalPanels",
    /component/,
  ),
  alerts('...burnRules(sessionSlo, {', '...burnRules(selfEvalSlo, {', /duplicate|fab-self-eval-burn/),
  alerts('missingRule(sessionSlo, {', 'missingRule(selfEvalSlo, {', /unreported|FabSessionEnd/),

  // Where it goes.
  config("datasource: 'managed-prometheus'", "datasource: 'prometheus'", /managed-prometheus|datasource/),
  config("alertFolder: 'slo-alerts'", "alertFolder: 'alerts'", /folder alerts, was slo-alerts/),
  config(
    "instanceSelector: { dashboards: 'external' }",
    "instanceSelector: { dashboards: 'internal' }",
    /instanceSelector/,
  ),
  config("routes: ['page', 'ticket']", "routes: ['page']", /no-route/),
  config("/docs/runbooks'", "/docs/runbook'", /runbook_url|runbook/),
  config(
    "alerts: 'dashboards/base/alerting/{system}.yaml'",
    "alerts: 'dashboards/base/alerts/{system}.yaml'",
    /alerting\/fab\.yaml/,
  ),
  config("grafana: '10.4'", "grafana: '11'", /grafana|"11"/),
  config('alerts: [slo]', 'alerts: [slo].slice(1)', /alerting\/fab\.yaml/),

  // What is recorded.
  exporter('record.sessions.add(labels, 1);', 'record.sessions.add(labels, 2);', /session/i),
  exporter('record.sessions.add(labels, 1);', 'record.sessions.add({}, 1);', /role/),
  exporter(
    'record.advisorCalls.add(labels, advisorCalls)',
    'record.revisions.add(labels, advisorCalls)',
    /advisor|revision/i,
  ),
  exporter(
    "record.tokens.add({ role, direction: 'input' }, tokens.input)",
    "record.tokens.add({ role, direction: 'output' }, tokens.input)",
    /token|direction/i,
  ),
  exporter(
    "record.tokens.add({ role, direction: 'output' }, tokens.output)",
    "record.tokens.add({ role, direction: 'outgoing' }, tokens.output)",
    /outgoing/,
  ),
  exporter(
    'record.selfEval.add({ role, result: selfEval }, 1)',
    "record.selfEval.add({ role, result: 'pass' }, 1)",
    /self/i,
  ),
  exporter(
    'record.duration.observe(labels, durationSeconds)',
    'record.duration.observe(labels, durationSeconds * 1000)',
    /duration|_sum|bucket/i,
  ),
  exporter(
    'record.outcomes.add({ role, outcome }, 1)',
    "record.outcomes.add({ role, outcome: 'completed' }, 1)",
    /outcome/i,
  ),
  exporter('record.inFlight.add({ role }, -1)', 'record.inFlight.add({ role }, 1)', /flight/i),
  exporter('(performance.now() - began) / 1000', 'performance.now() - began', /duration|bucket|_sum/i),
  exporter(
    'record.gateRuns.add({ decision: run?.decision, profile: run?.profile }, 1)',
    'record.gateRuns.add({ decision: run?.profile, profile: run?.decision }, 1)',
    /decision|profile|code/,
  ),
  exporter('if (costUsd !== undefined) record.cost.add(labels, costUsd);', '', /cost/i),
  totals('grown.totalInputTokens', 'grown.totalOutputTokens', /token/i),
  session("text.includes('SELF-EVAL: PASS')", "text.includes('SELF-EVAL PASS')", /self|pass/i),
  session("'consult_advisor'", "'consultAdvisor'", /advisor/i),
  session("outcome = 'error';", "outcome = 'failed';", /failed/),
  session("if (event['is_error'] !== true) spend", 'spend', /error|token/i),
  session("'session.status_terminated'", "'session.terminated'", /terminated/i),
];
