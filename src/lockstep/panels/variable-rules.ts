import type { Metric } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, isQuotedLabel, printValue, suggest } from 'lockstep-exporter/internal';
import { durationSeconds } from '../promql/window.js';
import type { Dashboard } from './dashboard.js';
import { DATASOURCE_VARIABLE } from './names.js';
import type { FreeVariable, Variable } from './variable.js';
import { isOfLabel } from './variable.js';

// Checks the choices at the top of a dashboard.

/** How the queries of a dashboard use its variables. */
interface Uses {
  /** The variables that a query matches. */
  readonly used: ReadonlySet<string>;
  /** Variables that a query names and the dashboard lacks: told at the query, and so nowhere else. */
  readonly missing: ReadonlySet<string>;
  /** Labels that no metric has, of variables: told here, and so nowhere else. */
  readonly slipped: readonly string[];
}

/** Every problem of the variables of a dashboard. */
export function validateVariables(dashboard: Dashboard, root: string, uses: Uses): Problem[] {
  const problems: Problem[] = [];
  const say = (rule: string, where: string, found: string, fix: string, allowed?: string) =>
    problems.push({ code: `dashboard/${rule}`, where, found, allowed, fix });
  const declared = new Set<string>([DATASOURCE_VARIABLE]);
  const texts = textsOf(dashboard);
  for (const variable of dashboard.variables) {
    const { variable: name } = variable;
    const where = definitionPath(root, `variable ${name}`);
    if (declared.has(name)) say('duplicate-variable', where, 'a second variable of that name', 'drop one of them');
    declared.add(name);
    const own = isOfLabel(variable)
      ? validateLabelVariable(variable, where, dashboard, uses, texts)
      : validateFreeVariable(variable, where, texts);
    problems.push(...about(variable, own));
  }
  return problems;
}

/** Everything on a board that may name a variable, but for its own queries. */
function textsOf({ rows, links, annotations }: Dashboard): string {
  return JSON.stringify([rows, links, annotations], (key, value: unknown) => (key === 'node' ? undefined : value));
}

/** Whether a text names a variable, in any spelling of Grafana's. */
function isNamed(variable: string, texts: string): boolean {
  return [...texts.matchAll(/\$(?:(\w+)|\{(\w+)[:.}])/g)].some(([, plain, braced]) => (plain ?? braced) === variable);
}

/** Grafana takes a text before ` : ` for the name of the value after it. */
function valueProblems(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => / : /.test(value) || values.indexOf(value) < index);
}

function validateFreeVariable({ variable, kind, values }: FreeVariable, where: string, texts: string): Problem[] {
  const problems: Problem[] = [];
  const say = (rule: string, found: string, fix: string) =>
    problems.push({ code: `dashboard/${rule}`, where, found, fix });
  if (!/^[a-zA-Z]\w*$/.test(variable)) {
    say('variable-name', printValue(variable), 'begin it with a letter, and go on with letters, digits and _');
    return problems;
  }
  if (!isNamed(variable, texts))
    say(
      'unused-variable',
      'no text, link or query of another datasource names it',
      `name it: \${${variable}}, or drop it`,
    );
  if (values.length === 0 || (kind !== 'text' && values.some((value) => value.trim() === '')))
    say('variable-values', printValue(values), 'give values that are not empty');
  if (kind === 'custom')
    for (const value of valueProblems(values))
      say('variable-values', printValue(value), 'list each value once, and none that holds " : "');
  if (kind === 'interval')
    for (const value of values)
      if (durationSeconds(value) === undefined)
        say('variable-values', printValue(value), 'write a whole number and one unit: 5m');
  return problems;
}

function validateLabelVariable(
  variable: Variable,
  where: string,
  dashboard: Dashboard,
  { used, missing, slipped }: Uses,
  texts: string,
): Problem[] {
  const problems: Problem[] = [];
  const say = (rule: string, at: string, found: string, fix: string, allowed?: string) =>
    problems.push({ code: `dashboard/${rule}`, where: at, found, allowed, fix });
  const isDeclared = (name: string) => dashboard.variables.some((each) => each.variable === name);
  const { label, metric, values = [] } = variable;
  if (!used.has(variable.variable) && !isNamed(variable.variable, texts))
    say('unused-variable', where, 'no query uses it', `match ${variable.label} with it, or drop it`);
  for (const wider of variable.within)
    if (!isDeclared(wider.variable) && !missing.has(wider.variable))
      say(
        'undeclared-variable',
        where,
        `it lies within $${wider.variable}, which is not on the dashboard`,
        'add that variable, or drop it from within',
      );
  if (!Object.values(dashboard.catalogue.metrics).includes(variable.metric))
    say(
      'unknown-metric',
      where,
      printValue(variable.metric.name),
      `take its values from a metric of catalogue ${dashboard.catalogue.name}`,
    );
  if (isQuotedLabel(variable.label))
    say(
      'variable-name',
      where,
      `${printValue(variable.label)}, a label that PromQL takes only in quotes`,
      'take another label: a variable of Grafana is called by letters, digits and _',
    );
  const labels = labelNamesOf(variable.metric);
  const within = variable.within.filter((each) => !slipped.includes(each.label));
  for (const { label } of [variable, ...within])
    if (!labels.includes(label))
      say(
        'variable-label',
        where,
        `label ${printValue(label)} on ${variable.metric.name}`,
        suggest(label, labels, 'take a metric that has it'),
        labels.join(', '),
      );
  if (values.length > 0 && variable.within.length > 0)
    say(
      'variable-values',
      where,
      'values of its own, within another variable',
      'leave out `within`: the choice of another variable does not narrow them',
    );
  for (const value of valueProblems(values))
    say('variable-values', where, printValue(value), 'list each value once, and none that holds " : "');
  const known = metric.labels.find(({ name }) => name === label)?.values;
  for (const value of values)
    if (known !== undefined && !known.includes(value))
      say(
        'variable-values',
        where,
        `${label}=${printValue(value)} on ${metric.name}`,
        suggest(value, known, 'list values of the label'),
        known.map(printValue).join(', '),
      );
  return problems;
}

/** The labels of a metric, by name. */
export function labelNamesOf({ labels }: Metric): readonly string[] {
  return labels.map(({ name }) => name);
}
