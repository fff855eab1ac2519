import type { Metric } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, made, printValue, refuse, sayInto, validateShape } from 'lockstep-exporter/internal';
import { excludes, isPartOf } from '../promql/bounds.js';
import type { Series } from '../promql/expression.js';
import { harmOf } from '../promql/harm.js';
import { isWithin } from '../promql/parts.js';
import { printNumber, printRounded, printSelector } from '../promql/print.js';
import type { SelectorNode } from '../promql/tree.js';
import { readsLevel } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { SEVERITIES, windowOfPolicy } from './burn.js';
import { POLICY_FIELDS, SLI_FIELDS, SLO_FIELDS } from './fields.js';
import type { EventSli, Sli, Slo, SloOf, UptimeSli } from './slo.js';
import { errorBudget, isNative, isReachable } from './slo.js';

/** A text that says of events how they were, and not which they are. */
const VERB = /^(?:is|are|was|were|has|have|had|do|does|did|can|cannot|fail|failed|fails)\b/;

/**
 * Checks an SLO and returns it.
 *
 * @throws ProblemsError if the objective leaves no budget, a window is no literal duration, a latency threshold is no
 *   bucket bound, `for` outlasts the short window, or a burn-rate factor asks for an error ratio that cannot be
 *   (`factor x (1 - objective)` of 1 or more): such a rule would never fire.
 */
export function defineSlo<Measured extends Sli>(slo: SloOf<Measured>): SloOf<Measured> {
  made(slo);
  refuse(validateSlo(slo));
  return slo;
}

/** Every problem of an SLO. Pure. */
export function validateSlo(slo: Slo): Problem[] {
  const root = `slo ${slo?.name ?? '?'}`;
  const shape = validateShape(
    slo,
    root,
    'slo/shape',
    { name: 'text', events: 'text', objective: 'number', window: 'text', sli: 'object', policy: 'list' },
    SLO_FIELDS,
  );
  if (shape.length > 0) return shape;
  const measured = validateShape(
    slo.sli,
    definitionPath(root, 'sli'),
    'slo/shape',
    SLI_SHAPES[slo.sli.type] ?? SLI_SHAPES.events,
    SLI_FIELDS[slo.sli.type],
  );
  if (measured.length > 0) return measured;
  const counts = about(slo.sli, validateMeasured(slo.sli, definitionPath(root, 'sli')));
  if (counts.length > 0) return counts;
  const windows = slo.policy.flatMap((rule: unknown, index) =>
    validateShape(
      rule,
      definitionPath(root, `policy ${index + 1}`),
      'slo/shape',
      { severity: SEVERITIES, long: 'text', short: 'text', factor: 'number', for: 'text' },
      POLICY_FIELDS,
    ),
  );
  if (windows.length > 0) return windows;
  const problems: Problem[] = [];
  const say = sayInto(problems, 'slo', root);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slo.name))
    say('name', 'name', printValue(slo.name), 'write it in kebab case');
  if (slo.sli.type !== 'latency' && VERB.test(slo.sli.badWhen))
    say(
      'bad-when',
      'sli › badWhen',
      printValue(slo.sli.badWhen),
      `write "that ${slo.sli.badWhen}": it is read after the name of the events, as in "more than 5% of ${slo.events} were ones that ${slo.sli.badWhen}"`,
    );
  if (durationSeconds(slo.window) === undefined)
    say('window', 'window', printValue(slo.window), 'write a whole number and one unit: 30d');
  if (slo.objective > 0 && slo.objective < 1)
    return about(slo, [...problems, ...about(slo.sli, validateSli(slo, root)), ...validatePolicy(slo, root)]);
  say(
    'objective',
    'objective',
    printValue(slo.objective),
    'give a share such as 0.95; at 1 there is no budget to burn',
    'above 0, below 1',
  );
  return about(slo, problems);
}

const SLI_SHAPES = {
  events: { type: ['events', 'latency', 'uptime'], badWhen: 'text' },
  latency: { of: 'object', atMost: 'number' },
  uptime: { of: 'object', badWhen: 'text' },
} as const;

function validateMeasured(sli: Sli, where: string): Problem[] {
  switch (sli.type) {
    case 'events':
      return validateCounts(sli, where);
    case 'uptime':
      return validateUptime(sli, where);
    case 'latency':
      return [];
  }
}

/** A gauge that can be the share of a time. */
function validateUptime({ of }: UptimeSli, where: string): Problem[] {
  const { node } = (of ?? {}) as { readonly node?: Partial<SelectorNode> };
  const kind = node?.type === 'selector' ? node.metric?.kind : undefined;
  if (node?.metric === undefined || (kind !== 'gauge' && kind !== 'stateSet'))
    return [
      {
        code: 'slo/shape',
        where: definitionPath(where, 'of'),
        found: printValue(of),
        fix: "give a gauge or a state set, or some of its series: select(probeSuccess, { job: 'blackbox' })",
      },
    ];
  const { name, unit } = node.metric;
  if (kind === 'stateSet') return validateState(node as SelectorNode, where);
  if (unit === 'ratio') return [];
  return [
    {
      code: 'slo/uptime-unit',
      where: definitionPath(where, 'of'),
      found: `${name}, whose unit is ${unit}`,
      allowed: 'a gauge that is 1 while it is up and 0 while it is down',
      fix: "if it is such a gauge, say so in the catalogue: unit: 'ratio'",
    },
  ];
}

/** A thing is in one of its states: over several, it would be down in all but one. */
function validateState({ metric: { name, state = '', labels }, matchers }: SelectorNode, where: string): Problem[] {
  const chosen = matchers.filter(({ label, negated, match }) => label === state && !negated && match.type === 'value');
  if (chosen.length === 1) return [];
  const [value = '…'] = labels.find((each) => each.name === state)?.values ?? [];
  return [
    {
      code: 'slo/uptime-state',
      where: definitionPath(where, 'of'),
      found: `${name} without a single ${state}`,
      fix: `choose the state in which it is up: select(…, { ${state}: '${value}' })`,
    },
  ];
}

/** Two of the three counts, each of series of counters. */
function validateCounts(sli: EventSli, where: string): Problem[] {
  const given = COUNTS.filter((name) => sli[name] !== undefined);
  if (given.length !== 2)
    return [
      {
        code: 'slo/counts',
        where,
        found: given.length === 0 ? 'no count of events' : given.join(', '),
        allowed: 'bad and total; good and total; bad and good',
        fix: 'give two of the three: the third follows from them',
      },
    ];
  return given.flatMap((name) => {
    const series: readonly unknown[] = sli[name] ?? [];
    const isCounted = series.length > 0 && series.every(isCounter);
    if (isCounted) return [];
    return [
      {
        code: 'slo/shape',
        where: definitionPath(where, name),
        found: series.length === 0 ? 'an empty list' : printValue(series.length === 1 ? series[0] : series),
        fix: "give a counter, or some of its series: select(requests, { code: '500' })",
      },
    ];
  });
}

const COUNTS = ['bad', 'good', 'total'] as const;

function isCounter(value: unknown): boolean {
  const { node } = (value ?? {}) as { readonly node?: Partial<SelectorNode> };
  return node?.type === 'selector' && node.metric !== undefined && !readsLevel(node as SelectorNode);
}

function validateSli(slo: Slo, root: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'slo', root);
  const { sli } = slo;
  if (sli.type === 'latency') {
    const { bounds, name } = sli.of.node.metric;
    if (isNative(sli.of)) {
      if (!(sli.atMost > 0 && sli.atMost < Infinity))
        say('latency-bound', 'sli › atMost', printValue(sli.atMost), 'give a threshold above 0, in its unit');
    } else if (!bounds.includes(sli.atMost))
      say(
        'latency-bound',
        'sli › atMost',
        `${printNumber(sli.atMost)}, which is not a bucket bound of ${name}`,
        'take one of them, or add a bucket: a histogram counts only at its bounds',
        bounds.map(printNumber).join(', '),
      );
    return problems;
  }
  if (sli.type === 'uptime') return problems;
  const { bad = [], good = [], total } = sli;
  for (const [name, series, wrong] of [
    ['bad', bad, 'good'],
    ['good', good, 'bad'],
  ] as const)
    for (const { node } of series) {
      const harm = harmOf(node);
      if (harm !== wrong && harm !== 'mixed') continue;
      say(
        `${wrong}-events`,
        `sli › ${name}`,
        `${printSelector(node)}: the catalogue calls ${harm === 'mixed' ? 'not all' : 'none'} of these events ${name}`,
        name === 'bad'
          ? 'select the values that are `bad` at their label in the catalogue, or change what the label says'
          : 'select the values that are not `bad` at their label in the catalogue, or change what the label says',
      );
    }
  const part = sli.bad === undefined ? 'good' : 'bad';
  if (total !== undefined && !(sli[part] ?? []).every((one) => total.some((all) => belongsTo(one.node, all.node))))
    say(
      'not-a-ratio',
      `sli › ${part}`,
      `${part} events that are not a part of the total`,
      `select \`${part}\` from the series of \`total\` (the same metric, with every matcher of \`total\` and more), or say \`within\` at its metric in the catalogue; if neither counter is a part of the other, give \`bad\` and \`good\``,
    );
  const twice = findTwice(total ?? [...good, ...bad]) ?? findTwice(sli[part] ?? []);
  if (twice !== undefined)
    say(
      'counted-twice',
      'sli',
      `${printSelector(twice[0])} and ${printSelector(twice[1])}, which have events in common`,
      'select series so that each event is counted once',
    );
  const [one, other] = differInUnit([...(sli[part] ?? []), ...(total ?? good)]) ?? [];
  if (problems.length === 0 && one !== undefined && other !== undefined)
    say(
      'units',
      'sli',
      `${one.name} in ${one.unit}, ${other.name} in ${other.unit}: one is not a share of the other`,
      'count one kind of event; if each event of one is one of the other, give both metrics the same unit in the catalogue',
    );
  return problems;
}

/** Whether each event of a selector is one of the other's. */
function belongsTo(part: SelectorNode, whole: SelectorNode): boolean {
  return isWithin(part.metric, whole.metric) || isPartOf(part, whole);
}

/**
 * Two counters of different units. A session holds any number of evaluations: evaluations per session is no share, and
 * it can be above 1. Nobody gives a unit to how many observations a histogram has.
 */
function differInUnit(series: readonly Series[]): readonly [Metric, Metric] | undefined {
  const counters = series.map(({ node }) => node.metric).filter(({ kind }) => kind === 'counter');
  const other = counters.find(({ unit }) => unit !== counters[0]?.unit);
  return counters[0] === undefined || other === undefined ? undefined : [counters[0], other];
}

/** Two selectors that choose some event both, by their series or by what the catalogue says of their metrics. */
function findTwice(series: readonly Series[]): readonly [SelectorNode, SelectorNode] | undefined {
  for (const [index, { node: one }] of series.entries())
    for (const { node: other } of series.slice(index + 1)) {
      const isNested = isWithin(one.metric, other.metric) || isWithin(other.metric, one.metric);
      if (isNested || !excludes(one, other)) return [one, other];
    }
  return undefined;
}

function validatePolicy(slo: Slo, root: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'slo', root);
  const window = durationSeconds(slo.window);
  const budget = errorBudget(slo);
  const own = windowOfPolicy(slo.policy);
  if (own !== undefined && durationSeconds(own) !== window)
    say(
      'policy-window',
      'policy',
      `a policy for ${own}, of an objective over ${slo.window}`,
      `take burnWindows('${slo.window}'): the factors follow from the window, or each alert spends another share of the budget`,
    );
  for (const rule of slo.policy) {
    const field = `policy ${rule.long}/${rule.short}`;
    const long = durationSeconds(rule.long);
    const short = durationSeconds(rule.short);
    const pending = durationSeconds(rule.for);
    if (long === undefined || short === undefined || pending === undefined)
      say(
        'window',
        field,
        `${rule.long}, ${rule.short}, for ${rule.for}`,
        'write each as a whole number and one unit: 1h, not 60m0s',
      );
    else if (!(short < long && window !== undefined && long < window))
      say(
        'window',
        field,
        `${rule.short} in ${rule.long} in ${slo.window}`,
        'order them: short below long below the window of the SLO',
      );
    else if (pending >= short)
      say(
        'for',
        field,
        `for ${rule.for}`,
        'shorten it: a brief burn leaves the short window before this time is over',
        `less than ${rule.short}`,
      );
    if (!isReachable(rule.factor, budget))
      say(
        'unreachable',
        field,
        `factor ${printNumber(rule.factor)} x budget ${printNumber(budget)} = an error ratio above ${printRounded(rule.factor * budget)}`,
        `give a factor below ${printNumber(Math.floor(100 / budget) / 100)}, or an objective above ${printNumber(Math.ceil(1e4 * (1 - 1 / rule.factor)) / 1e4)}: this rule could never fire`,
        'factor x (1 - objective) below 1',
      );
  }
  return problems;
}
