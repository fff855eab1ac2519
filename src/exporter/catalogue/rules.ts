import type { Problem } from '../problem.js';
import { definitionPath, printValue, sayInto, suggest } from '../problem.js';
import { isTexts, validateShape } from '../shape.js';
import { about } from '../trace.js';
import type { CatalogueDefinition } from './definition.js';
import type { Label } from './label.js';
import { isDay } from './life-cycle.js';
import type { Metric } from './metric.js';
import {
  aKind,
  BASE_UNITS,
  exposedAs,
  formerMetric,
  hasLabel,
  KINDS,
  ownNames,
  RECORDED_KINDS,
  SHARD_LABEL,
  START_LABEL,
  seriesCount,
  seriesNames,
} from './metric.js';

/** Snake case, no colon: colons are for recording rules (https://prometheus.io/docs/practices/naming/). */
const METRIC_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const LABEL_NAME = METRIC_NAME;
/** Prometheus' own suffixes: a metric that carries one is confused with a part of a histogram or summary. */
const RESERVED_SUFFIXES = ['_bucket', '_count', '_sum', '_created', '_info'];
/** promlint: a name does not repeat its kind. */
const KIND_WORDS = ['counter', 'gauge', 'histogram', 'summary'];
/** The suffix of an info metric: it is called so, and nothing else is. */
const INFO_SUFFIX = '_info';
/** promlint's non-base units, and what each should be. */
const NON_BASE_UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    milliseconds: 'seconds',
    microseconds: 'seconds',
    nanoseconds: 'seconds',
    ms: 'seconds',
    minutes: 'seconds',
    hours: 'seconds',
    days: 'seconds',
    kilobytes: 'bytes',
    megabytes: 'bytes',
    gigabytes: 'bytes',
    kb: 'bytes',
    mb: 'bytes',
    gb: 'bytes',
    percent: 'ratio',
    cents: 'usd',
    dollars: 'usd',
  }),
);
/** Labels that Prometheus, the histogram or the exporter itself sets: ours would be renamed or overwritten. */
const RESERVED_LABELS = ['le', 'quantile', 'job', 'instance', '__name__', START_LABEL, SHARD_LABEL];

/** The problem of a value that is not a catalogue: only defineCatalogue() makes one. */
export function validateCatalogueShape(catalogue: unknown, where: string): Problem[] {
  return validateShape(catalogue, definitionPath(where, 'catalogue'), 'catalogue/shape', {
    name: 'text',
    metrics: 'object',
    own: 'object',
  });
}

/** Every problem of a catalogue. Pure; the order is that of the definition. */
export function validateCatalogue(catalogue: CatalogueDefinition): Problem[] {
  const root = `catalogue ${catalogue?.name ?? '?'}`;
  const problems: Problem[] = validateShape(catalogue, root, 'catalogue/shape', { name: 'text', metrics: 'object' });
  if (problems.length > 0) return problems;
  const shape = Object.entries(catalogue.metrics).flatMap(([handle, metric]) =>
    about(metric, validateMetricShape(metric, definitionPath(root, handle))),
  );
  if (shape.length > 0) return shape;
  const isForeign = catalogue.recordedBy === 'others';
  problems.push(...validateForeign(catalogue, root));
  if (!METRIC_NAME.test(catalogue.name)) {
    problems.push({
      code: 'catalogue/system-name',
      where: root,
      found: printValue(catalogue.name),
      allowed: 'lower-case letters, digits and single underscores, a letter first',
      fix: 'name the catalogue as its metrics begin',
    });
  }
  const handles = Object.entries(catalogue.metrics);
  // The exporter's own are there whatever the catalogue has.
  const owners = new Map(isForeign ? [] : ownNames(catalogue.name).map((name) => [name, 'the exporter']));
  for (const [handle, metric] of handles) {
    const where = definitionPath(root, handle);
    problems.push(
      ...about(
        metric,
        isForeign
          ? validateForeignMetric(metric, where)
          : [
              ...validateKind(metric, where),
              ...validateMetric(metric, where, catalogue.name),
              ...validateLifeCycle(metric, where, catalogue.name),
            ],
      ),
    );
    for (const name of exposedAs(metric).flatMap(seriesNames)) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, handle);
      else
        problems.push(
          ...about(metric, [
            {
              code: 'catalogue/duplicate-name',
              where: definitionPath(where, 'name'),
              found: `${printValue(name)}, which ${owner} has too`,
              fix: `give ${handle} or ${owner} another name`,
            },
          ]),
        );
    }
  }
  problems.push(...validateWithin(handles, root), ...validateSharedLabels(handles, root));
  return problems;
}

/** A metric happens within the events of another one of the catalogue, which counts them. */
function validateWithin(handles: readonly (readonly [string, Metric])[], root: string): Problem[] {
  return handles.flatMap(([handle, metric]): readonly Problem[] => {
    const { name, within } = metric;
    if (within === undefined) return [];
    const whole = handles.find(([, each]) => each.name === within)?.[1];
    if (whole !== undefined && whole.name !== name && whole.kind !== 'gauge') return [];
    const found =
      whole === undefined
        ? `${printValue(within)}, which is not a metric of this catalogue`
        : whole.name === name
          ? 'itself'
          : `${printValue(within)}, a gauge, which counts no events`;
    const fix = 'name the counter or histogram of this catalogue whose events it happens within';
    return about(metric, [{ code: 'catalogue/within', where: definitionPath(root, handle, 'within'), found, fix }]);
  });
}

/** How to record the same with a kind that the exporter has. */
const INSTEAD: Readonly<Partial<Record<Metric['kind'], string>>> = {
  nativeHistogram: 'record a histogram() with bounds',
  summary: 'record a histogram(): its buckets add up over processes, and quantiles do not',
  info: 'record a gauge() that is 1',
  stateSet: 'record a gauge() with a label for the state',
};

function validateKind({ kind }: Metric, where: string): Problem[] {
  if (RECORDED_KINDS.includes(kind)) return [];
  return [
    {
      code: 'catalogue/kind',
      where: definitionPath(where, 'kind'),
      found: `${aKind(kind)}, which the exporter of lockstep does not record`,
      allowed: RECORDED_KINDS.join(', '),
      fix: `${INSTEAD[kind] ?? 'take another kind'}, or say recordedBy: 'others' if another program records it`,
    },
  ];
}

const DECIDED_BY = { label: 'text', valueOf: 'object' } as const;

function validateMetricShape(metric: Metric, where: string): Problem[] {
  const code = 'catalogue/shape';
  const own = validateShape(metric, where, code, {
    kind: KINDS,
    name: 'text',
    help: 'text',
    unit: 'text',
    labels: 'list',
    bounds: 'list',
  });
  if (own.length > 0) return own;
  if (metric.kind === 'summary' && !isNumbers(metric.quantiles))
    return [
      {
        code,
        where: definitionPath(where, 'quantiles'),
        found: printValue(metric.quantiles),
        fix: 'give a list of numbers: [0.5, 0.99]',
      },
    ];
  const { renamedFrom } = metric;
  const renaming =
    renamedFrom === undefined
      ? []
      : validateShape(renamedFrom, definitionPath(where, 'renamedFrom'), code, { name: 'text', until: 'text' });
  if (renaming.length > 0) return renaming;
  if (metric.within !== undefined && typeof metric.within !== 'string')
    return [
      {
        code,
        where: definitionPath(where, 'within'),
        found: printValue(metric.within),
        fix: 'name the counter or histogram whose events it happens within',
      },
    ];
  if (metric.silentOn !== undefined && !isTexts(metric.silentOn))
    return [
      {
        code,
        where: definitionPath(where, 'silentOn'),
        found: printValue(metric.silentOn),
        fix: "give a list of names: ['batch']",
      },
    ];
  return metric.labels.flatMap((label, index) => {
    const at = definitionPath(where, 'labels', typeof label?.name === 'string' ? label.name : String(index + 1));
    const own = validateShape(label, at, code, { name: 'text', help: 'text' });
    if (own.length > 0) return own;
    const { decidedBy } = label;
    for (const field of ['values', 'bad'] as const)
      if (label[field] !== undefined && !isTexts(label[field]))
        own.push({
          code,
          where: definitionPath(at, field),
          found: printValue(label[field]),
          fix: 'give a list of texts',
        });
    if (decidedBy === undefined) return own;
    const how = definitionPath(at, 'decidedBy');
    return [...own, ...validateShape(decidedBy, how, code, DECIDED_BY)];
  });
}

const isNumbers = (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === 'number');

function validateMetric(metric: Metric, where: string, system: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'catalogue', where);
  const { name, kind, unit } = metric;

  if (!METRIC_NAME.test(name))
    say(
      'metric-name',
      'name',
      printValue(name),
      'write it in snake case',
      'lower-case letters, digits, single underscores',
    );
  if (!name.startsWith(`${system}_`))
    say(
      'prefix',
      'name',
      printValue(name),
      `begin it with "${system}_"`,
      'names that begin with the name of the system',
    );
  if (kind === 'counter' && !name.endsWith('_total'))
    say('counter-suffix', 'name', printValue(name), `rename it to "${name}_total"`, 'counters end in _total');
  if (kind !== 'counter' && name.endsWith('_total'))
    say('total-suffix', 'name', printValue(name), `drop "_total": it says counter, and this is ${aKind(kind)}`);
  const stem = name.replace(/_total$/, '');
  for (const suffix of RESERVED_SUFFIXES)
    if (stem.endsWith(suffix) && !(kind === 'info' && suffix === INFO_SUFFIX))
      say(
        'reserved-suffix',
        'name',
        printValue(name),
        `drop "${suffix}": Prometheus uses it for parts of other metrics`,
      );
  const words = name.split('_');
  for (const word of KIND_WORDS)
    if (words.includes(word))
      say('kind-in-name', 'name', printValue(name), `drop "${word}": the kind is not part of a name`);
  for (const word of words) {
    const base = NON_BASE_UNITS.get(word);
    if (base !== undefined) say('base-unit', 'name', `${printValue(name)}, in ${word}`, `record ${base}`, 'base units');
  }

  const isBase = isBaseUnit(unit);
  if (!isBase && !/^\{[a-z][a-z ]*\}$/.test(unit))
    say(
      'unit',
      'unit',
      printValue(unit),
      'name a base unit, or what is counted as "{thing}"',
      `${BASE_UNITS.join(', ')}, {thing}`,
    );
  if (isBase && !stem.endsWith(`_${unit}`))
    say(
      'unit-suffix',
      'name',
      `${printValue(name)} with unit ${unit}`,
      `end it in "_${unit}${kind === 'counter' ? '_total' : ''}"`,
    );
  const otherUnit = BASE_UNITS.find((each) => each !== unit && stem.endsWith(`_${each}`));
  if (otherUnit !== undefined)
    say(
      'unit-suffix',
      'unit',
      `${printValue(unit)} for a name in ${otherUnit}`,
      `make the unit "${otherUnit}", or rename the metric`,
    );

  if (metric.help.trim() === '' || /[\r\n]/.test(metric.help))
    say('help', 'help', printValue(metric.help), 'say in one line what is counted or measured');

  problems.push(...validateBounds(metric, where));
  const seen = new Set<string>();
  for (const label of metric.labels) {
    if (seen.has(label.name))
      say('duplicate-label', 'labels', `${printValue(label.name)} twice`, 'list each label once');
    seen.add(label.name);
    problems.push(...about(label, validateLabel(label, definitionPath(where, 'labels', label.name))));
  }

  const series = seriesCount(metric);
  if (!Number.isInteger(metric.budget) || metric.budget < 1)
    say('budget', 'budget', printValue(metric.budget), 'give a whole number of series, 1 or more');
  else if (series > metric.budget)
    say(
      'budget',
      'budget',
      `${series} series for a budget of ${metric.budget}`,
      `drop a label or values, or set budget: ${series}`,
    );
  return problems;
}

/**
 * Names that PromQL takes without quotes (https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels).
 * Prometheus 3 takes any other text of UTF-8 in quotes, and Prometheus 2 does not.
 */
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether PromQL takes the name of a metric only in quotes. */
export const isQuotedMetric = (name: string) => !PLAIN_METRIC.test(name);
/** Whether PromQL takes the name of a label only in quotes. */
export const isQuotedLabel = (name: string) => !PLAIN_LABEL.test(name);

/** The names of a metric and its labels that PromQL takes only in quotes. */
export function quotedNames(metric: string, labels: readonly string[]): readonly string[] {
  return [...(isQuotedMetric(metric) ? [metric] : []), ...labels.filter(isQuotedLabel)];
}

/** A name that Prometheus stores, and that one can see: not empty, and without control characters. */
const isName = (name: string) => name !== '' && !/\p{Surrogate}/u.test(name) && !isReplacedByGrafana(name);

/**
 * Rules for a metric that somebody else records. A name that breaks a convention is advice, and
 * `lockstep lint` gives it.
 */
const isBaseUnit = (unit: string) => (BASE_UNITS as readonly string[]).includes(unit);

function validateForeignMetric(metric: Metric, where: string): Problem[] {
  const problems = [
    ...validateBounds(metric, where),
    ...validateQuantiles(metric, where),
    ...validateState(metric, where),
  ];
  const say = (rule: string, at: string, found: string, fix: string) =>
    problems.push({ code: `catalogue/${rule}`, where: at, found, fix });
  if (!isName(metric.name))
    say(
      'metric-name',
      definitionPath(where, 'name'),
      printValue(metric.name),
      'give the name as Prometheus stores it; "$", "[[" and control characters cannot stand on a board',
    );
  if ((metric.kind === 'histogram' || metric.kind === 'summary') && /_(bucket|count|sum)$/.test(metric.name))
    say(
      'metric-name',
      definitionPath(where, 'name'),
      printValue(metric.name),
      'leave out the part: lockstep adds _bucket, _count and _sum',
    );
  if (!isBaseUnit(metric.unit) && !/^\{.+\}$/.test(metric.unit))
    say(
      'unit',
      definitionPath(where, 'unit'),
      printValue(metric.unit),
      suggest(metric.unit, BASE_UNITS, 'name a base unit, or what is counted as "{thing}"'),
    );
  if (metric.renamedFrom !== undefined)
    say(
      'renamed',
      definitionPath(where, 'renamedFrom'),
      'a former name',
      'leave it out: only the exporter of lockstep exposes both names',
    );
  const seen = new Set<string>();
  for (const label of metric.labels) {
    const at = definitionPath(where, 'labels', label.name);
    if (seen.has(label.name)) say('duplicate-label', at, `${printValue(label.name)} twice`, 'list each label once');
    seen.add(label.name);
    // The quantiles of a summary are series of its name, whatever else is known of it.
    if (label.name !== 'quantile' || metric.kind === 'histogram' || metric.kind === 'summary')
      problems.push(...validateForeignLabel(label, at));
  }
  return problems;
}

function validateForeignLabel(label: Label, where: string): Problem[] {
  const problems: Problem[] = [];
  if (!isName(label.name))
    problems.push({
      code: 'catalogue/label-name',
      where,
      found: printValue(label.name),
      fix: 'give the name as Prometheus stores it; "$", "[[" and control characters cannot stand on a board',
    });
  else if (label.name === 'le' || label.name === 'quantile' || label.name.startsWith('__'))
    problems.push({
      code: 'catalogue/label-name',
      where,
      found: printValue(label.name),
      fix: 'give the name as Prometheus stores it; le, quantile and names that begin with __ are its own',
    });
  return [...problems, ...validateLabel(label, where).filter(({ code }) => !/label-name|reserved-label/.test(code))];
}

/** Fields that are of a catalogue of others alone, and what they name. */
function validateForeign(
  { recordedBy, targetLabels = [], scope = {}, increases, metrics }: CatalogueDefinition,
  root: string,
): Problem[] {
  if (recordedBy !== undefined && recordedBy !== 'others')
    return [
      {
        code: 'catalogue/recorded-by',
        where: definitionPath(root, 'recordedBy'),
        found: printValue(recordedBy),
        allowed: "'others'",
        fix: 'leave it out where the exporter of this catalogue records the metrics',
      },
    ];
  if (recordedBy === undefined)
    return [
      ...(targetLabels.length > 0 ? ['targetLabels'] : []),
      ...(increases === undefined ? [] : ['increases']),
      ...(Object.keys(scope).length > 0 ? ['scope'] : []),
    ].map((field) => ({
      code: 'catalogue/recorded-by',
      where: definitionPath(root, field),
      found: 'a field of a catalogue that others record',
      fix: "say recordedBy: 'others', or leave it out: the exporter's own series are told apart by their names",
    }));
  if (increases !== undefined && increases !== 'anchored')
    return [
      {
        code: 'catalogue/increases',
        where: definitionPath(root, 'increases'),
        found: printValue(increases),
        allowed: "'anchored'",
        fix: 'leave it out where counters are read as PromQL does',
      },
    ];
  const problems = targetLabels.flatMap((label) =>
    validateForeignLabel(label, definitionPath(root, 'targetLabels', label.name)),
  );
  for (const [name, metric] of Object.entries(metrics))
    for (const label of targetLabels)
      if (metric.foreign === undefined && hasLabel(metric, label.name))
        problems.push({
          code: 'catalogue/target-label',
          where: definitionPath(root, name, 'labels', label.name),
          found: `${printValue(label.name)}, which is a label of the target too`,
          fix: `keep it in one of the two: a scraped label of that name is stored as exported_${label.name}`,
        });
  for (const [label, value] of Object.entries(scope)) {
    const at = definitionPath(root, 'scope', label);
    const known = targetLabels.find(({ name }) => name === label);
    const wanted = typeof value === 'string' ? [value] : value;
    if (known === undefined)
      problems.push({
        code: 'catalogue/scope',
        where: at,
        found: `${printValue(label)}, which is not a label of the target`,
        allowed: targetLabels.map(({ name }) => name).join(', ') || 'none: there are no targetLabels',
        fix: 'declare it in targetLabels',
      });
    else if (!isTexts(wanted) || wanted.length === 0 || wanted.some((each) => each === ''))
      problems.push({
        code: 'catalogue/scope',
        where: at,
        found: printValue(value),
        fix: 'give a value, or a list of values',
      });
    else if (known.values !== undefined && !wanted.every((each) => known.values?.includes(each)))
      problems.push({
        code: 'catalogue/scope',
        where: at,
        found: printValue(value),
        allowed: known.values.map(printValue).join(', '),
        fix: 'use one of the values of the label',
      });
  }
  return problems;
}

/** In which a metric that others record breaks the conventions of Prometheus: advice to whoever records it. */
export function conventionsOf(metric: Metric): readonly Problem[] {
  const system = metric.name.split(/[_:]/, 1)[0] ?? '';
  const own = {
    ...metric,
    labels: metric.labels.filter(({ name }) => metric.foreign?.targetLabels.includes(name) !== true),
  };
  return validateMetric({ ...own, budget: Number.MAX_SAFE_INTEGER }, `metric ${metric.name}`, system);
}

/** A former name keeps to the rules of names, since it is exposed; a stage is one of three, and days exist. */
function validateLifeCycle(metric: Metric, where: string, system: string): Problem[] {
  const problems: Problem[] = [];
  const { stability, renamedFrom } = metric;
  const lintDay = (day: unknown, field: string) => {
    if (isDay(day)) return;
    problems.push({
      code: 'catalogue/day',
      where: definitionPath(where, field),
      found: printValue(day),
      fix: "give a day that exists: '2027-03-01'",
    });
  };
  if (typeof stability === 'object' && stability !== null)
    lintDay(stability.deprecatedUntil, 'stability › deprecatedUntil');
  else if (stability !== undefined && stability !== 'alpha' && stability !== 'stable')
    problems.push({
      code: 'catalogue/stability',
      where: definitionPath(where, 'stability'),
      found: printValue(stability),
      allowed: "'alpha', 'stable', { deprecatedUntil: day }",
      fix: 'use one of them',
    });
  const former = formerMetric(metric);
  if (former === undefined) return problems;
  lintDay(renamedFrom?.until, 'renamedFrom › until');
  const names = validateMetric(former, definitionPath(where, 'renamedFrom'), system);
  // Another system may have had it: its prefix is not asked for.
  return [
    ...problems,
    ...names.filter(
      ({ code, where: at }) => code !== 'catalogue/prefix' && at === definitionPath(where, 'renamedFrom', 'name'),
    ),
  ];
}

function validateBounds(metric: Metric, where: string): Problem[] {
  if (metric.kind !== 'histogram') return [];
  const { bounds } = metric;
  const at = definitionPath(where, 'bounds');
  const code = 'catalogue/bounds';
  if (bounds.length === 0)
    return [{ code, where: at, found: 'no bounds', fix: 'give the upper bound of each bucket; +Inf is added' }];
  return bounds.flatMap((bound, index): Problem[] => {
    const before = bounds[index - 1];
    if (!Number.isFinite(bound))
      return [{ code, where: at, found: printValue(String(bound)), fix: 'leave it out: +Inf is added' }];
    if (before !== undefined && bound <= before)
      return [
        { code, where: at, found: `${bound} after ${before}`, fix: 'list bounds in increasing order, each once' },
      ];
    return [];
  });
}

function validateQuantiles({ kind, quantiles = [] }: Metric, where: string): Problem[] {
  if (kind !== 'summary') return [];
  const at = definitionPath(where, 'quantiles');
  const wrong = quantiles.find((each) => !(each >= 0 && each <= 1));
  if (wrong !== undefined)
    return [
      {
        code: 'catalogue/quantiles',
        where: at,
        found: printValue(wrong),
        allowed: 'from 0 to 1',
        fix: 'give the share, not the percentage: 0.95 for p95',
      },
    ];
  const twice = quantiles.find((each, index) => quantiles.indexOf(each) !== index);
  return twice === undefined
    ? []
    : [{ code: 'catalogue/quantiles', where: at, found: `${twice} twice`, fix: 'list each quantile once' }];
}

function validateState(metric: Metric, where: string): Problem[] {
  const { kind, labels, state } = metric;
  if (kind !== 'stateSet' || (state !== undefined && hasLabel(metric, state))) return [];
  return [
    {
      code: 'catalogue/state',
      where: definitionPath(where, 'state'),
      found: state === undefined ? 'no label' : `${printValue(state)}, which is not one of its labels`,
      allowed: labels.map(({ name }) => name).join(', ') || 'none: it has no labels',
      fix: 'name the label that says the state, and list it in labels',
    },
  ];
}

/** Whether Grafana would put something else in the place of a value: it takes parts of it for variables. */
export function isReplacedByGrafana(value: string): boolean {
  return /\$|\[\[|\p{Cc}/u.test(value);
}

function validateLabel(label: Label, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'catalogue', where);
  if (!LABEL_NAME.test(label.name))
    say(
      'label-name',
      '',
      printValue(label.name),
      'write it in snake case',
      'lower-case letters, digits, single underscores',
    );
  if (RESERVED_LABELS.includes(label.name) || label.name.startsWith('__'))
    say(
      'reserved-label',
      '',
      printValue(label.name),
      'choose another name: this label is set by Prometheus or by the exporter',
    );
  if (label.help.trim() === '') say('label-help', 'help', printValue(label.help), 'say what the label tells apart');
  if (!Number.isInteger(label.atMost) || label.atMost < 1)
    say('label-values', 'atMost', printValue(label.atMost), 'say how many values there can be, 1 or more');

  const values = label.values ?? [];
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) say('label-values', 'values', `${printValue(value)} twice`, 'list each value once');
    seen.add(value);
    if (value === '')
      say('label-values', 'values', 'an empty value', 'name it: to Prometheus, empty means that the label is absent');
    if (isReplacedByGrafana(value))
      say(
        'label-values',
        'values',
        printValue(value),
        'leave out "$", "[[" and control characters: Grafana would replace them',
      );
  }
  for (const value of Array.isArray(label.bad) ? label.bad : [])
    if (!seen.has(value))
      say('label-bad', 'bad', printValue(value), 'name values of the label', [...seen].map(printValue).join(', '));
  if (label.fallback !== undefined && !seen.has(label.fallback))
    say('label-fallback', 'fallback', printValue(label.fallback), 'add it to values, so that it counts in the budget');
  for (const value of Object.values(label.decidedBy?.valueOf ?? {}))
    if (!seen.has(value))
      say(
        'label-decided',
        'valueOf',
        printValue(value),
        'add it to values, or correct it',
        values.map(printValue).join(', '),
      );
  return problems;
}

/** Two metrics that share a label's name share its meaning: otherwise a variable or a join on it would be a lie. */
function validateSharedLabels(handles: readonly (readonly [string, Metric])[], root: string): Problem[] {
  const first = new Map<string, { readonly handle: string; readonly label: Label }>();
  const problems: Problem[] = [];
  for (const [handle, metric] of handles)
    for (const label of metric.labels) {
      const known = first.get(label.name);
      if (known === undefined) first.set(label.name, { handle, label });
      else if (known.label !== label)
        problems.push({
          code: 'catalogue/shared-label',
          where: definitionPath(root, handle, 'labels', label.name),
          found: `a second definition of ${printValue(label.name)}; ${known.handle} has the first`,
          fix: 'use one label definition for both metrics, or name them apart',
        });
      const decider = label.decidedBy;
      if (decider === undefined || !hasLabel(metric, decider.label)) continue;
      const missing = metric.labels
        .find((each) => each.name === decider.label)
        ?.values?.filter((value) => decider.valueOf[value] === undefined);
      if (missing !== undefined && missing.length > 0)
        problems.push({
          code: 'catalogue/label-decided',
          where: definitionPath(root, handle, 'labels', label.name),
          found: `no ${label.name} for ${decider.label} ${missing.map(printValue).join(', ')}`,
          fix: `add ${missing.length === 1 ? 'it' : 'them'} to valueOf of the label ${label.name}`,
        });
    }
  return problems;
}
