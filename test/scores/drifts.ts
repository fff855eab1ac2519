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
  roster("  'pr-reviewer',\n  'build-verifier',", "  'pr-reviewr',\n  'build-verifier',", /pr-reviewr/),

  // What is shown.
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { result: 'failed' })", /failed/),
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { result: 'pass' })", /self-eval/i),
  board("select(selfEval, { result: 'fail' })", "select(selfEval, { outcome: 'fail' })", /outcome/),
  board('total: select(selfEval, {})', 'total: select(sessions, {})', /not-a-ratio|sli/),
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
  config("alertFolder: 'slo-alerts'", "alertFolder: 'alerts'", /folderRef/),
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
    /alerts\/fab\.yaml/,
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
