import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import {
  about,
  definitionPath,
  isRecord,
  isTexts,
  printValue,
  sayInto,
  suggest,
  validateCatalogueShape,
  validateFields,
  validateShape,
  validateShapes,
} from 'lockstep-exporter/internal';
import { RULE_TITLE_LENGTH, UID_LENGTH } from '../grafana/index.js';
import { boundsOf } from '../promql/bounds.js';
import { printNumber } from '../promql/print.js';
import { validateExpression } from '../promql/rules.js';
import { validateTree } from '../promql/shape.js';
import { labelsOf, readsLevel, readsObservations, TARGET } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { hasWrongLabels } from '../promql/wrong-labels.js';
import { SEVERITIES } from '../slo/burn.js';
import { validateSlo } from '../slo/rules.js';
import type { Slo } from '../slo/slo.js';
import type { AlertGroup, AlertRule } from './alert.js';
import { validateCoverage } from './coverage.js';
import {
  FIRES_FIELDS,
  GROUP_FIELDS,
  LOOK_FIELDS,
  NOTIFICATION_FIELDS,
  RULE_FIELDS,
  RUNBOOK_FIELDS,
  SCENARIO_FIELDS,
  TRAFFIC_FIELDS,
} from './fields.js';
import type { Scenario } from './scenario.js';
import { hasOtherTemplate, labelsNamed } from './template.js';

/** Limits of the GrafanaAlertRuleGroup CRD and of the receiving repository. */
const UID = new RegExp(`^[a-zA-Z0-9-_]{1,${UID_LENGTH}}$`);
const TITLE = /^[A-Z][A-Za-z0-9]*$/;
/** The list of the runbooks, beside which each rule's lies under its title. */
const INDEX_TITLE = 'README';
/** Units of `for`, of which operators before 5.19 reject `d` and `w`. */
const PENDING_UNITS = /^[1-9]\d*[smhdw]$/;
/** Units of the other times of a rule: the resource takes no d and no w there. */
const TIME_UNITS = /^[1-9]\d*[smh]$/;
/** Grafana puts no two rules, and no two folders, into one notification. */
const GROUPED_BY = ['alertname', 'grafana_folder'];
/** A chat shows the summary alone, in one line of about this many characters. */
const SUMMARY_LENGTH = 110;

/** Every problem of an alert group. Pure. */
export function validateAlertGroup(group: AlertGroup): Problem[] {
  const at = `alerts/${group?.catalogue?.name ?? '?'}-${group?.name ?? '?'}`;
  const own = validateShape(
    group,
    at,
    'alerts/shape',
    { catalogue: 'object', name: 'text', rules: 'list' },
    GROUP_FIELDS,
  );
  if (own.length === 0) own.push(...validateCatalogueShape(group.catalogue, at));
  if (own.length > 0) return own;
  const root = `alerts/${group.catalogue.name}-${group.name}`;
  const problems: Problem[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(group.name))
    problems.push({
      code: 'alerts/group-name',
      where: root,
      found: printValue(group.name),
      fix: 'write it in kebab case',
    });
  if (group.rules.length === 0)
    problems.push({ code: 'alerts/no-rules', where: root, found: 'no rules', fix: 'add one, or drop the group' });
  const seen = new Map<string, string>();
  const shape = validateShapes(
    group.rules,
    root,
    'rule',
    'alerts/shape',
    {
      uid: 'text',
      title: 'text',
      node: 'object',
      for: 'text',
      severity: SEVERITIES,
      component: 'text',
      summary: 'text',
      description: 'text',
      panel: 'object',
      runbook: 'object',
      proof: 'list',
    },
    RULE_FIELDS,
  );
  if (shape.length > 0) return [...problems, ...shape];
  const deeper = group.rules.flatMap((rule) => about(rule, validateRuleShape(rule, definitionPath(root, rule.title))));
  if (deeper.length > 0) return [...problems, ...deeper];
  // An expression that follows from a wrong SLO is wrong too: the SLO is told, once, and not what follows from it.
  const wrongSlos = wrongSlosOf(group.rules);
  problems.push(...[...wrongSlos.values()].flat());
  for (const rule of group.rules) {
    const where = definitionPath(root, rule.title);
    const isOfRightSlo = rule.burn === undefined || !wrongSlos.has(rule.burn.slo);
    const found = [
      ...validateAlertRule(rule, where),
      ...(isOfRightSlo ? validateAlertExpression(rule, where, group) : []),
    ];
    problems.push(...about(rule, found));
    for (const [field, value] of [
      ['uid', rule.uid],
      ['title', rule.title],
    ] as const) {
      const key = `${field} ${value}`;
      if (seen.has(key))
        problems.push(
          ...about(rule, [
            {
              code: 'alerts/duplicate',
              where: definitionPath(where, field),
              found: `${printValue(value)}, which rule ${seen.get(key)} has too`,
              fix: `give one of them another ${field}`,
            },
          ]),
        );
      seen.set(key, rule.title);
    }
  }
  return problems.length > 0 ? problems : validateCoverage(group, root);
}

function wrongSlosOf(rules: readonly AlertRule[]): ReadonlyMap<Slo, readonly Problem[]> {
  const slos = new Set(rules.flatMap(({ burn }) => (burn === undefined ? [] : [burn.slo])));
  return new Map(
    [...slos].map((slo) => [slo, validateSlo(slo)] as const).filter(([, problems]) => problems.length > 0),
  );
}

function validateRuleShape(rule: AlertRule, where: string): Problem[] {
  const { node, panel, runbook } = rule;
  const code = 'alerts/shape';
  const at = definitionPath(where, 'runbook');
  const texts = validateShape(
    runbook,
    at,
    code,
    { impact: 'text', firstLook: 'list', silence: 'text' },
    RUNBOOK_FIELDS,
  );
  return [
    ...validateTree(node, definitionPath(where, 'expression')),
    ...validateShape(panel, definitionPath(where, 'panel'), code, { title: 'text', queries: 'list' }),
    ...rule.proof.flatMap((scenario, index) =>
      validateShape(scenario, definitionPath(where, 'proof', scenarioName(scenario, index)), code, { name: 'text' }),
    ),
    ...texts,
    ...(texts.length > 0 ? [] : validateShapes(runbook.firstLook, at, 'firstLook', code, { say: 'text' }, LOOK_FIELDS)),
  ];
}

function scenarioName(scenario: Scenario, index: number): string {
  return typeof scenario?.name === 'string' ? scenario.name : `${index + 1}`;
}

/** In seconds. */
const LONGEST_SCENARIO = 30 * 86_400;

/** A scenario with a time that is none would be played for no time at all. */
function validateScenario(scenario: Scenario, index: number, rule: string, catalogue: Catalogue): Problem[] {
  const where = definitionPath(rule, 'proof', scenarioName(scenario, index));
  const shape = validateShape(
    scenario,
    where,
    'alerts/shape',
    { name: 'text', lasts: 'text', traffic: 'list' },
    SCENARIO_FIELDS,
  );
  if (shape.length > 0) return shape;
  const { lasts, vanishes, fires, traffic } = scenario;
  const own = traffic.flatMap((each, which) => {
    const at = definitionPath(where, `traffic ${which + 1}`);
    const found = validateShape(each, at, 'alerts/shape', { of: 'object', count: 'number' }, TRAFFIC_FIELDS);
    if (found.length > 0) return found;
    const tree = validateTree(each.of.node, definitionPath(at, 'of'));
    return tree.length > 0
      ? tree
      : validateShape(each.of.node, definitionPath(at, 'of'), 'alerts/shape', { type: ['selector'] });
  });
  own.push(...validateFields(fires, definitionPath(where, 'fires'), 'alerts/shape', FIRES_FIELDS));
  if (own.length > 0) return own;
  const times: readonly (readonly [string, string | undefined])[] = [
    ['lasts', lasts],
    ['vanishes', vanishes],
    ...(fires === 'never' || typeof fires !== 'object' || fires === null
      ? []
      : ([
          ['fires › notBefore', fires.notBefore ?? ''],
          ['fires › by', fires.by ?? ''],
          ['fires › overBy', fires.overBy],
        ] as const)),
    ...traffic.flatMap(
      ({ from, until, every }, which) =>
        [
          [`traffic ${which + 1} › from`, from],
          [`traffic ${which + 1} › until`, until],
          [`traffic ${which + 1} › every`, every],
        ] as const,
    ),
  ];
  const order = ([...list]: readonly (string | undefined)[]) =>
    list.map((time) => (time === undefined ? undefined : durationSeconds(time))).filter((time) => time !== undefined);
  const isOrdered = (list: readonly number[]) => list.every((time, at) => at === 0 || time >= (list[at - 1] ?? 0));
  const said =
    fires === 'never' || typeof fires !== 'object' || fires === null
      ? []
      : order([fires.notBefore, fires.by, fires.overBy, lasts]);
  const wrong = times.filter(([, time]) => time !== undefined && durationSeconds(time) === undefined);
  const problems = wrong.map(
    ([field, time]): Problem => ({
      code: 'alerts/proof',
      where: definitionPath(where, field),
      found: printValue(time),
      fix: 'write a whole number and one unit: 90m, not 1h30m',
    }),
  );
  if (wrong.length === 0 && !isOrdered(said))
    problems.push({
      code: 'alerts/proof',
      where: definitionPath(where, 'fires'),
      found: printValue(fires),
      fix: `order them: notBefore, by, overBy, and the end at ${lasts}`,
    });
  traffic.forEach((each, which) => {
    const { of, from, until, count, value } = each;
    const say = (field: string, found: unknown, fix: string) =>
      problems.push(
        ...about(each, [
          {
            code: 'alerts/proof',
            where: definitionPath(where, `traffic ${which + 1}`, field),
            found: printValue(found),
            fix,
          },
        ]),
      );
    if (!isOrdered(order([from, until])) || (from !== undefined && !isOrdered(order([from, lasts]))))
      say('from', from, 'let it begin before it ends, and before the scenario does');
    const isGauge = readsLevel(of.node);
    if (isGauge ? !Number.isFinite(count) : !(Number.isInteger(count) && count > 0))
      say('count', String(count), isGauge ? 'give a level' : 'give a whole number of events, 1 or more');
    if (readsObservations(of.node) && value === undefined)
      say('value', value, 'say what was observed, in the unit of the histogram');
    const read = readsObservations(of.node) && of.node.part === '' ? { ...of.node, part: '_count' as const } : of.node;
    problems.push(
      ...validateExpression(read, definitionPath(where, `traffic ${which + 1}`, 'of'), {
        catalogue,
        variables: undefined,
      }),
    );
  });
  if ((durationSeconds(lasts) ?? 0) > LONGEST_SCENARIO)
    problems.push({
      code: 'alerts/proof',
      where: definitionPath(where, 'lasts'),
      found: printValue(lasts),
      allowed: '30d at most: every minute of it is evaluated',
      fix: 'shorten it to what the windows of the rule can tell',
    });
  if (fires !== 'never' && (typeof fires !== 'object' || fires === null))
    problems.push({
      code: 'alerts/proof',
      where: definitionPath(where, 'fires'),
      found: printValue(fires),
      allowed: "'never', or { notBefore, by, overBy }",
      fix: 'say whether it must fire, and when',
    });
  return problems;
}

/** When an alert ends, and whom it goes to. */
function validateNotification(rule: AlertRule, where: string): Problem[] {
  const { keepFiringFor, missingSeriesEvalsToResolve: missing, notificationSettings: settings } = rule;
  const problems: Problem[] = [];
  const say = sayInto(problems, 'alerts', where);
  const sayTime = (field: string, value: string | undefined) => {
    if (value !== undefined && !TIME_UNITS.test(value))
      say('for', field, printValue(value), 'write a whole number and one unit', 's, m or h');
  };
  sayTime('keepFiringFor', keepFiringFor);
  if (missing !== undefined && !(Number.isInteger(missing) && missing >= 1))
    say('missing-series', 'missingSeriesEvalsToResolve', printValue(missing), 'give a whole number, 1 or more');
  if (settings === undefined) return problems;
  const at = 'notificationSettings';
  const shape = validateShape(
    settings,
    definitionPath(where, at),
    'alerts/shape',
    { receiver: 'text' },
    NOTIFICATION_FIELDS,
  );
  if (shape.length > 0) return [...problems, ...shape];
  if (settings.receiver.trim() === '')
    say('receiver', `${at} › receiver`, 'nothing', 'name a contact point of Grafana');
  for (const field of ['groupWait', 'groupInterval', 'repeatInterval'] as const)
    sayTime(`${at} › ${field}`, settings[field]);
  for (const field of ['groupBy', 'muteTimeIntervals', 'activeTimeIntervals'] as const)
    if (settings[field] !== undefined && !isTexts(settings[field]))
      say('shape', `${at} › ${field}`, printValue(settings[field]), 'give a list of texts');
  const { groupBy } = settings;
  const lacking = GROUPED_BY.filter((label) => groupBy?.includes(label) === false);
  if (isTexts(groupBy) && groupBy.length > 0 && !groupBy.includes('...') && lacking.length > 0)
    say(
      'group-by',
      `${at} › groupBy`,
      groupBy.map(printValue).join(', '),
      `add ${lacking.map(printValue).join(' and ')}: Grafana refuses the rule without`,
    );
  return problems;
}

function validateAlertRule(rule: AlertRule, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'alerts', where);
  if (!UID.test(rule.uid))
    say(
      'uid',
      'uid',
      printValue(rule.uid),
      'shorten it, or replace other characters',
      `1 to ${UID_LENGTH} of a-z A-Z 0-9 - _`,
    );
  if (rule.title === INDEX_TITLE)
    say('title', 'title', printValue(rule.title), 'take another: the list of runbooks has this name');
  if (rule.title.length > RULE_TITLE_LENGTH || !TITLE.test(rule.title))
    say(
      'title',
      'title',
      printValue(rule.title),
      'write it in Pascal case',
      `PascalCase, ${RULE_TITLE_LENGTH} characters at most`,
    );
  if (!PENDING_UNITS.test(rule.for))
    say('for', 'for', printValue(rule.for), 'write a whole number and one unit', 's, m, h, d or w');
  problems.push(...validateNotification(rule, where));
  if (
    rule.burn === undefined &&
    !(rule.proof.some(({ fires }) => fires === 'never') && rule.proof.some(({ fires }) => fires !== 'never'))
  )
    say(
      'unproven',
      'proof',
      rule.proof.some(({ fires }) => fires !== 'never')
        ? 'no scenario in which it must not fire'
        : rule.proof.length > 0
          ? 'no scenario in which it must fire'
          : 'no scenarios',
      'add one: a proof has at least one scenario in which the rule must fire, and one in which it must not',
    );
  for (const field of ['component', 'summary', 'description'] as const)
    if (rule[field].trim() === '') say(field, field, 'nothing', `write it: people on call read the ${field} first`);
  if (/[\r\n]/.test(rule.summary) || rule.summary.length > SUMMARY_LENGTH)
    say(
      'summary-long',
      'summary',
      `${rule.summary.length} characters`,
      'say in one line what is wrong and how much; the rest belongs into the description',
      `one line of ${SUMMARY_LENGTH} characters at most: a chat shows nothing else`,
    );
  if (/\{\{|\$/.test(rule.component))
    say('template', 'component', printValue(rule.component), 'leave out "{{" and "$": Grafana would evaluate them');
  const { summary, description, annotations = {} } = rule;
  const returned = (labelsOf(rule.node) ?? []).filter((label) => label !== TARGET);
  const isKnown = !hasWrongLabels(rule.node);
  for (const [field, text] of Object.entries({
    summary,
    description,
    ...Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`annotations › ${name}`, value])),
  })) {
    if (typeof text !== 'string' || text.trim() === '') continue;
    if (hasOtherTemplate(text))
      say(
        'template',
        field,
        printValue(text),
        'leave out other "{{" and "$": Grafana would evaluate them',
        returned.length === 0 ? undefined : returned.map((label) => `{{ $labels.${label} }}`).join(', '),
      );
    for (const label of labelsNamed(text))
      if (isKnown && !returned.includes(label))
        say(
          'template-label',
          field,
          `{{ $labels.${label} }}, which the expression does not return`,
          suggest(label, returned, 'group by it, or leave it out: the text would have a gap there'),
          returned.join(', ') || 'no label',
        );
  }
  problems.push(...validateAdded(rule, where, returned));
  return problems;
}

/** Names that rules have by themselves, or that Grafana and Prometheus give. */
const OWN_LABELS = ['severity', 'service', 'component', 'slo', 'alertname', 'grafana_folder'];
const OWN_ANNOTATIONS = ['summary', 'description', 'runbook_url'];
const LABEL_NAME = /^(?!__)[a-zA-Z_]\w*$/;

/** Labels and annotations that the author adds. */
function validateAdded({ labels, annotations }: AlertRule, where: string, returned: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  for (const [field, given, own] of [
    ['labels', labels, OWN_LABELS],
    ['annotations', annotations, OWN_ANNOTATIONS],
  ] as const) {
    const say = sayInto(problems, 'alerts', definitionPath(where, field));
    if (given === undefined) continue;
    if (!isRecord(given)) {
      say(field, '', printValue(given), 'give names with texts');
      continue;
    }
    for (const [name, value] of Object.entries(given)) {
      if (!LABEL_NAME.test(name))
        say(field, name, printValue(name), 'write letters, digits and _, and no __ before them');
      else if (own.includes(name))
        say(field, name, printValue(name), 'take another name: every rule has one of its own');
      else if (field === 'labels' && returned.includes(name))
        say(field, name, printValue(name), 'take another name: it would replace the label that tells the alerts apart');
      if (typeof value !== 'string' || value.trim() === '') say(field, name, printValue(value), 'give a text');
      else if (field === 'labels' && /\{\{|\$/.test(value))
        say(field, name, printValue(value), 'leave out "{{" and "$": a label that changes makes another alert of it');
    }
  }
  return problems;
}

function validateAlertExpression(rule: AlertRule, where: string, { catalogue }: AlertGroup): Problem[] {
  const problems = rule.proof.flatMap((scenario, index) => validateScenario(scenario, index, where, catalogue));
  const say = sayInto(problems, 'alerts', where);
  const at = definitionPath(where, 'expression');
  const found = validateExpression(rule.node, at, { catalogue, variables: undefined });
  problems.push(...found);
  const { low, high } = boundsOf(rule.node);
  // An expression with a part that is never true never fires, and the part has been named.
  if (!(high > 0) && found.length === 0)
    say(
      'never-fires',
      'expression',
      `a value between ${printNumber(low)} and ${printNumber(high)}, whatever the data`,
      'make it above 0 while the rule holds; compare() yields 1, where keep() keeps a value that may be 0',
      'a rule fires while its expression is above 0',
    );
  if (labelsOf(rule.node)?.includes(TARGET))
    say(
      'not-aggregated',
      'expression',
      'one value per scrape target',
      'aggregate with sum() or max(): otherwise each Job alerts for itself',
    );
  if (durationSeconds(rule.for) !== undefined && labelsOf(rule.node) === undefined)
    say('constant', 'expression', 'a number', 'read a metric');
  return problems;
}
