import type { Problem } from 'lockstep-exporter/internal';
import {
  definitionPath,
  isRecord,
  printValue,
  sayInto,
  suggest,
  validateShape,
  validateShapes,
} from 'lockstep-exporter/internal';
import type { Bounds } from '../promql/bounds.js';
import { boundsOf } from '../promql/bounds.js';
import type { LabelVariable } from '../promql/expression.js';
import { printNumber } from '../promql/print.js';
import { labelsOf, selections } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { DATASOURCE_FIELDS, LINK_FIELDS, MAPPING_FIELDS, OTHER_QUERY_FIELDS, TRANSFORMATION_FIELDS } from './fields.js';
import { isOutOfReach } from './meaning.js';
import { letterOf } from './names.js';
import type { CountedPanel, Link, Mapping, OtherQuery, Panel, Query, SdkPanel } from './panel.js';
import { ALERT_STATES, COLOURS, STROKES } from './panel.js';

// Checks the looks of panels: those that all kinds may have, and those of single kinds.

const CODE = 'dashboard/shape';

/** Fields of panels that take one of several texts. */
const CHOICES = {
  scale: ['linear', 'log2', 'log10'],
  legend: ['table', 'list', 'hidden'],
  orientation: ['horizontal', 'vertical'],
} as const;
const QUERY_CHOICES = { axis: ['left', 'right'], draw: STROKES } as const;

/** The shape of the looks, which the rules rely on. */
export function validateLooksShape(panel: CountedPanel, where: string): Problem[] {
  const { mappings, dataLinks, transformations, repeat } = panel;
  const problems: Problem[] = [
    ...listOf(mappings, where, 'mapping', { text: 'text' }, MAPPING_FIELDS),
    ...listOf(dataLinks, where, 'data link', { title: 'text', url: 'text' }, LINK_FIELDS),
    ...listOf(transformations, where, 'transformation', { id: 'text', options: 'object' }, TRANSFORMATION_FIELDS),
    ...(Array.isArray(mappings) ? mappings : []).flatMap((mapping: unknown, index) =>
      isRecord(mapping) ? choicesOf(mapping, { colour: COLOURS }, definitionPath(where, `mapping ${index + 1}`)) : [],
    ),
    ...choicesOf(panel, CHOICES, where),
    ...panel.queries.flatMap((query, index) =>
      choicesOf(query, QUERY_CHOICES, definitionPath(where, `query ${letterOf(index)}`)),
    ),
  ];
  if (repeat !== undefined && typeof repeat?.variable !== 'string')
    problems.push({
      code: CODE,
      where: definitionPath(where, 'repeat'),
      found: printValue(repeat),
      fix: "give a variable of the dashboard: labelVariable('pod', …)",
    });
  return problems;
}

/** The shape of links, and of queries of other datasources, which any panel may have. */
export function validateOthersShape(panel: Panel, where: string): Problem[] {
  const others: unknown = 'others' in panel ? panel.others : undefined;
  const found = [
    ...linksShape(panel.links, where),
    ...listOf(others, where, 'other', { datasource: 'object', model: 'object' }, OTHER_QUERY_FIELDS),
  ];
  if (found.length > 0 || !Array.isArray(others)) return found;
  return others.flatMap(({ datasource }: OtherQuery, index) =>
    validateShape(
      datasource,
      definitionPath(where, `other ${index + 1}`, 'datasource'),
      CODE,
      { type: 'text', uid: 'text' },
      DATASOURCE_FIELDS,
    ),
  );
}

/** The shape of links of a panel or a dashboard. */
export function linksShape(links: unknown, where: string): Problem[] {
  return listOf(links, where, 'link', { title: 'text', url: 'text' }, LINK_FIELDS);
}

/** Problems of a panel that shows no number of the catalogue. */
export function validatePlain(panel: Exclude<Panel, CountedPanel>, where: string): Problem[] {
  const problems = (panel.links ?? []).flatMap((link) => validateLink(link, where));
  const say = sayInto(problems, 'dashboard', where);
  if (panel.queries.length > 0)
    say(
      'plain-query',
      'queries',
      'queries of the catalogue',
      'take another kind of panel: this one does not show them',
    );
  if (panel.type === 'text' && (typeof panel.markdown !== 'string' || panel.markdown.trim() === ''))
    say('text', 'markdown', printValue(panel.markdown), 'give the text that is shown');
  if ((panel.type === 'logs' || panel.type === 'other') && !(panel.others?.length > 0))
    say('no-query', 'others', 'no query', 'add one of another datasource, or drop the panel');
  if (panel.type === 'alert-list' && panel.states !== undefined && (panel.states as readonly unknown[]).length === 0)
    say('alert-state', 'states', 'no state: it would list nothing', 'name some, or leave the field out');
  if (panel.type === 'alert-list')
    for (const state of panel.states ?? [])
      if (!ALERT_STATES.includes(state))
        say(
          'alert-state',
          'states',
          printValue(state),
          suggest(String(state), ALERT_STATES, 'give one of them'),
          ALERT_STATES.map(printValue).join(', '),
        );
  if (panel.type === 'other') problems.push(...validateSdkPanel(panel, where));
  return problems;
}

/** A builder of the SDK must give a panel, without queries that nobody checks. */
export function validateSdkPanel({ build }: Pick<SdkPanel, 'build'>, where: string): Problem[] {
  const say = (found: string, fix: string): Problem[] => [
    { code: 'dashboard/sdk-panel', where: definitionPath(where, 'build'), found, fix },
  ];
  let model: unknown;
  try {
    model = build().build();
  } catch (error) {
    return say(
      `a function that throws: ${error instanceof Error ? error.message : printValue(error)}`,
      "give a function that makes a builder of the SDK's: () => new PanelBuilder()",
    );
  }
  if (!isRecord(model) || typeof model['type'] !== 'string')
    return say(printValue(model), "give a builder of a panel, from '@grafana/grafana-foundation-sdk/heatmap' for one");
  const { targets } = model;
  return Array.isArray(targets) && targets.length > 0
    ? say(`${targets.length} queries of its own, which nobody checks`, 'take them out, and list them as `queries`')
    : [];
}

function listOf(
  list: unknown,
  where: string,
  noun: string,
  shape: Parameters<typeof validateShapes>[4],
  fields: Parameters<typeof validateShapes>[5],
): Problem[] {
  if (list === undefined) return [];
  if (Array.isArray(list)) return validateShapes(list, where, noun, CODE, shape, fields);
  return [{ code: CODE, where: definitionPath(where, `${noun}s`), found: printValue(list), fix: 'give a list' }];
}

function choicesOf(thing: object, choices: Readonly<Record<string, readonly string[]>>, where: string): Problem[] {
  return Object.entries(choices).flatMap(([field, allowed]): Problem[] => {
    const value: unknown = isRecord(thing) ? thing[field] : undefined;
    if (value === undefined || allowed.some((each) => each === value)) return [];
    return [
      {
        code: CODE,
        where: definitionPath(where, field),
        found: printValue(value),
        allowed: allowed.map(printValue).join(', '),
        fix: suggest(String(value), allowed, 'give one of them, or leave it out'),
      },
    ];
  });
}

/**
 * Every problem of a panel's looks.
 *
 * @param variables the label variables of the dashboard, by name
 */
export function validateLooks(panel: CountedPanel, where: string, variables: ReadonlyMap<string, unknown>): Problem[] {
  const { mappings = [], links = [], dataLinks = [], repeat } = panel;
  return [
    ...mappings.flatMap((mapping, index) =>
      validateMapping(mapping, panel.queries, definitionPath(where, `mapping ${index + 1}`)),
    ),
    ...mappings.flatMap(({ value }, index) =>
      mappings.findIndex((each) => printValue(each.value) === printValue(value)) < index
        ? [
            {
              code: 'dashboard/mapping',
              where: definitionPath(where, `mapping ${index + 1}`),
              found: `${printValue(value)} a second time`,
              fix: 'give each value one text: the first is shown',
            },
          ]
        : [],
    ),
    ...[...links, ...dataLinks].flatMap((link) => validateLink(link, where)),
    ...dataLinks.flatMap((link) => validateFieldLabels(link, panel.queries, where)),
    ...panel.queries.flatMap(({ axis, draw }, index) =>
      panel.type === 'timeseries' || panel.type === 'sdk' || (axis ?? draw) === undefined
        ? []
        : [
            {
              code: 'dashboard/query-looks',
              where: definitionPath(where, `query ${letterOf(index)}`),
              found: `${axis === undefined ? 'draw' : 'axis'}, in a panel of type ${panel.type}, which has no lines`,
              fix: 'leave it out, or show a timeseries',
            },
          ],
    ),
    ...(repeat === undefined ? [] : validateRepeat(repeat, panel.queries, definitionPath(where, 'repeat'), variables)),
    ...validateKind(panel, where),
  ];
}

function printBounds({ low, high }: Bounds): string {
  if (high === Infinity) return `${printNumber(low)} or more`;
  return low === -Infinity ? `${printNumber(high)} or less` : `between ${printNumber(low)} and ${printNumber(high)}`;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function validateMapping({ value, text }: Mapping, queries: readonly Query[], where: string): Problem[] {
  const [from, to] = typeof value === 'number' ? [value, value] : [numberOf(value?.from), numberOf(value?.to)];
  const refuse = (found: string, fix: string): Problem[] => [{ code: 'dashboard/mapping', where, found, fix }];
  if (!(from <= to)) return refuse(printValue(value), 'give a number, or a range of two: { from: 0, to: 1 }');
  if (text.trim() === '') return refuse('no text', 'give the text that stands in the place of the value');
  const bounds = queries.map(({ node }) => boundsOf(node));
  const isNever = bounds.length > 0 && bounds.every((each) => isOutOfReach(each, from) && isOutOfReach(each, to));
  const [first] = bounds;
  if (!isNever || first === undefined || (from < first.low && to > first.high)) return [];
  return refuse(
    `${printValue(text)} for ${from === to ? printNumber(from) : `${printNumber(from)} to ${printNumber(to)}`}, of a value that is ${printBounds(first)}`,
    'give a value that can be',
  );
}

/** Nobody would notice a link that leads nowhere. */
export function validateLink({ title, url }: Link, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'dashboard', where);
  if (title.trim() === '') say('link', 'links', `no title for ${printValue(url)}`, 'say where the link leads');
  // A variable may hold the whole of an address.
  if (!/^(https?:\/\/|\/|\$)\S*$/.test(url))
    say('link', 'links', printValue(url), 'give a http or https address, or a path of Grafana: /d/…');
  return problems;
}

/** A label that a link names, and no query of the panel returns, would be empty in it. */
function validateFieldLabels({ url }: Link, queries: readonly Query[], where: string): Problem[] {
  const labels = new Set(queries.flatMap(({ node }) => labelsOf(node) ?? []));
  return [...url.matchAll(/\$\{__field\.labels\.(\w+)/g)]
    .map(([, label = '']) => label)
    .filter((label) => !labels.has(label))
    .map((label) => ({
      code: 'dashboard/link',
      where: definitionPath(where, 'dataLinks'),
      found: `\${__field.labels.${label}}, a label that no query returns`,
      allowed: [...labels].join(', ') || 'none',
      fix: suggest(label, labels, 'name a label that a query is grouped by'),
    }));
}

/** Without the variable in its queries, each copy would show the same. */
export function validateRepeat(
  { variable }: LabelVariable<string>,
  queries: readonly Query[],
  where: string,
  variables: ReadonlyMap<string, unknown>,
): Problem[] {
  const isMatched = queries.some(({ node }) =>
    [...selections(node)].some(({ selector }) =>
      selector.matchers.some(({ match }) => match.type === 'variable' && match.variable === variable),
    ),
  );
  // A query that matches a variable which is not there has a problem of its own.
  if (!isMatched && !variables.has(variable))
    return [
      {
        code: 'dashboard/repeat',
        where,
        found: `$${variable}, which is no variable of the dashboard`,
        allowed: [...variables.keys()].map((each) => `$${each}`).join(', ') || 'none: it declares no label variable',
        fix: suggest(variable, variables.keys(), 'add it to the variables of the dashboard'),
      },
    ];
  if (isMatched) return [];
  return [
    {
      code: 'dashboard/repeat',
      where,
      found: `once for each value of $${variable}, which no query matches: each copy would show the same`,
      fix: `match it: select(…, { ${variable} })`,
    },
  ];
}

function validateKind(panel: CountedPanel, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'dashboard', where);
  switch (panel.type) {
    case 'heatmap': {
      const [first, ...others] = panel.queries;
      if (others.length > 0)
        say('heatmap', 'queries', `${panel.queries.length} queries`, 'give the one of its buckets');
      if (first !== undefined && labelsOf(first.node)?.join() !== 'le')
        say(
          'heatmap',
          'query A',
          'a query that does not return the buckets of one histogram',
          "take the increase of buckets(histogram) by 'le' alone",
        );
      return problems;
    }
    case 'histogram':
      if (panel.bucketSize !== undefined && !(panel.bucketSize > 0))
        say(
          'bucket-size',
          'bucketSize',
          printValue(panel.bucketSize),
          'give a width above 0, in the unit of the panel',
        );
      return problems;
    case 'timeseries': {
      const { bridgeGaps, scale, min, softMin, stacked } = panel;
      if (panel.drawThresholds === true && panel.thresholds === undefined)
        say('thresholds', 'drawThresholds', 'no thresholds', 'give thresholds, or leave it out');
      if (stacked === 'percent' && scale !== undefined && scale !== 'linear')
        say('scale', 'scale', `${scale} of shares on top of each other`, 'take linear');
      if (bridgeGaps !== undefined && typeof bridgeGaps !== 'boolean' && durationSeconds(bridgeGaps) === undefined)
        say('bridge-gaps', 'bridgeGaps', printValue(bridgeGaps), 'give true, or a whole number and one unit: 10m');
      if (stacked !== undefined && typeof stacked !== 'boolean' && stacked !== 'percent')
        say('stacked', 'stacked', printValue(stacked), "give true, false or 'percent'");
      const [lowest] = [min, softMin].filter((each) => each !== undefined && each <= 0);
      if ((scale === 'log2' || scale === 'log10') && lowest !== undefined)
        say('scale', 'scale', `${scale} from ${printNumber(lowest)}`, 'begin the axis above 0, or take linear');
      return problems;
    }
    default:
      return problems;
  }
}
