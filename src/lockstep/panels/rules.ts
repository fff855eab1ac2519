import type { Problem } from 'lockstep-exporter/internal';
import {
  about,
  definitionPath,
  isRecord,
  isTexts,
  nearest,
  printValue,
  sayInto,
  suggest,
  titlePath,
  validateCatalogueShape,
  validateFields,
  validateShape,
  validateShapes,
} from 'lockstep-exporter/internal';
import { UID_LENGTH } from '../grafana/index.js';
import { boundsOf } from '../promql/bounds.js';
import { validateExpression } from '../promql/rules.js';
import { validateTree } from '../promql/shape.js';
import type { SelectorNode } from '../promql/tree.js';
import { labelsOf, selections, TARGET } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { hasWrongLabels } from '../promql/wrong-labels.js';
import type { Dashboard } from './dashboard.js';
import {
  ANNOTATION_FIELDS,
  DASHBOARD_FIELDS,
  FREE_VARIABLE_FIELDS,
  PANEL_FIELDS,
  QUERY_FIELDS,
  ROW_FIELDS,
  THRESHOLD_FIELDS,
  THRESHOLDS_FIELDS,
  VARIABLE_FIELDS,
} from './fields.js';
import { COLUMNS } from './layout.js';
import {
  linksShape,
  validateLink,
  validateLooks,
  validateLooksShape,
  validateOthersShape,
  validatePlain,
  validateRepeat,
  validateSdkPanel,
} from './looks-rules.js';
import { isOutOfReach, validateMeaning } from './meaning.js';
import { dashboardUid, legendLabels, letterOf } from './names.js';
import type { CountedPanel, Panel, Query } from './panel.js';
import { COLOURS, isCounted } from './panel.js';
import { isUnit, UNITS } from './units.js';
import type { FreeVariable, Variable } from './variable.js';
import { FREE_KINDS, isOfLabel } from './variable.js';
import { labelNamesOf, validateVariables } from './variable-rules.js';

/** Every problem of a dashboard: its expressions, its legends, its variables, its panels. Pure. */
export function validateDashboard(dashboard: Dashboard): Problem[] {
  const problems: Problem[] = [];
  const say = (rule: string, where: string, found: string, fix: string, allowed?: string) =>
    problems.push({ code: `dashboard/${rule}`, where, found, allowed, fix });

  const shape = validateDashboardShape(dashboard);
  if (shape.length > 0) return shape;
  const root = `dashboards/${dashboard.catalogue.name}-${dashboard.facet}`;
  const uid = dashboardUid(dashboard);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(dashboard.facet))
    say('facet', root, printValue(dashboard.facet), 'write it in kebab case');
  if (uid.length > UID_LENGTH)
    say('uid', root, `the uid ${printValue(uid)}`, `shorten the facet`, `${UID_LENGTH} characters at most`);
  if (dashboard.description.trim() === '')
    say('description', root, 'no description', 'say for whom and for what the dashboard is');
  if (dashboard.minStep !== undefined && durationSeconds(dashboard.minStep) === undefined)
    say('min-step', root, printValue(dashboard.minStep), 'write a whole number and one unit: 2m');
  for (const field of ['refresh', 'range'] as const)
    if (dashboard[field] !== undefined && durationSeconds(dashboard[field]) === undefined)
      say(field, root, printValue(dashboard[field]), 'write a whole number and one unit: 30s');
  if (dashboard.title !== undefined && (typeof dashboard.title !== 'string' || dashboard.title.trim() === ''))
    say('title', root, printValue(dashboard.title), 'give a title, or leave it out');
  problems.push(...(dashboard.links ?? []).flatMap((link) => validateLink(link, root)));
  for (const field of ['folder', 'folderUid'] as const) {
    const folder = dashboard[field];
    if (folder !== undefined && (typeof folder !== 'string' || folder.trim() === ''))
      say(field, root, printValue(folder), 'name the folder, or leave it out');
  }
  if (dashboard.folder !== undefined && dashboard.folderUid !== undefined)
    say(
      'folder',
      root,
      'both folder and folderUid',
      'name the GrafanaFolder resource, or the folder of Grafana by its uid',
    );
  if (dashboard.rows.length === 0) say('rows', root, 'no rows', 'add at least one row with a panel');

  const isSlipped = (each: Variable) => !labelNamesOf(each.metric).includes(each.label);
  const ofLabels = dashboard.variables.filter(isOfLabel);
  const slipped = ofLabels.filter(isSlipped).map(({ label }) => label);
  const variables = new Map(ofLabels.map((each) => [each.variable, isSlipped(each) ? undefined : each.label]));
  /** Variables that a query names and the dashboard lacks: told at the query, and so nowhere else. */
  const missing = new Set<string>();
  const drillDowns: { readonly where: string; readonly label: string }[] = [];
  const used = new Set<string>();
  const noteVariables = ({ matchers }: SelectorNode) => {
    for (const { match } of matchers) {
      if (match.type !== 'variable') continue;
      used.add(match.variable);
      if (!variables.has(match.variable)) missing.add(match.variable);
    }
  };
  const titles = new Map<string, string>();
  for (const row of dashboard.rows) {
    const at = definitionPath(root, row.title);
    if (row.panels.length === 0) say('empty-row', at, 'a row without panels', 'add a panel, or drop the row');
    if (row.repeat !== undefined) {
      const queries = row.panels.flatMap((panel) => panel.queries);
      problems.push(...validateRepeat(row.repeat, queries, definitionPath(at, 'repeat'), variables));
    }
    for (const panel of row.panels) {
      const where = definitionPath(at, panel.title);
      const twin = titles.get(panel.title);
      if (twin !== undefined)
        say('duplicate-title', where, `the title of a panel in ${twin} too`, 'give one of them another title');
      titles.set(panel.title, row.title);
      problems.push(
        ...about(panel, [
          ...validatePanel(panel, where),
          ...(isCounted(panel)
            ? [
                ...validateCounted(panel, where),
                ...validateLooks(panel, where, variables),
                ...validateMeaning(panel, where),
              ]
            : validatePlain(panel, where)),
        ]),
      );
      if ('drillDown' in panel && panel.drillDown !== undefined && variables.get(panel.drillDown) !== panel.drillDown)
        drillDowns.push({ where: definitionPath(where, 'drillDown'), label: panel.drillDown });
      panel.queries.forEach((query, index) => {
        const place = definitionPath(where, `query ${letterOf(index)}`);
        const found = [
          ...validateExpression(query.node, place, { catalogue: dashboard.catalogue, variables }),
          ...(isWithoutBuckets(panel, query) ? [] : validateLegend(panel, query, place)),
        ];
        problems.push(...about(panel, about(query, found)));
        for (const { selector } of selections(query.node)) noteVariables(selector);
      });
    }
  }

  for (const annotation of dashboard.annotations ?? []) {
    const at = definitionPath(root, `annotation ${annotation.title}`);
    if (annotation.title.trim() === '') say('title', at, 'no title', 'name what is marked, plural: Releases');
    const step = durationSeconds(annotation.step);
    if (step === undefined)
      say('annotation-step', at, printValue(annotation.step), 'write a whole number and one unit: 10m');
    const found = validateExpression(annotation.query.node, at, { catalogue: dashboard.catalogue, variables });
    problems.push(...about(annotation.query, found));
    for (const { selector, window } of selections(annotation.query.node)) {
      noteVariables(selector);
      if (window !== undefined && durationSeconds(window) !== step)
        say(
          'annotation-window',
          at,
          `a window of ${window}, asked every ${annotation.step}`,
          'make the window as long as the step: a longer one marks an event twice, a shorter one misses some',
          annotation.step,
        );
    }
  }

  // A missing variable, or one with a misspelt label, has its own problem already.
  const isTold = (label: unknown) =>
    typeof label === 'string' && (missing.has(label) || nearest(label, slipped) !== undefined);
  for (const { where, label } of drillDowns.filter((each) => !isTold(each.label)))
    say(
      'drill-down',
      where,
      `a drill-down by ${label}, for which the dashboard has no variable`,
      `add labelVariable('${label}', …) to the variables, or drop the drill-down`,
    );

  problems.push(...validateVariables(dashboard, root, { used, missing, slipped }));
  return problems;
}

const PANEL_TYPES = Object.keys(PANEL_FIELDS) as readonly Panel['type'][];

function validateDashboardShape(dashboard: Dashboard): Problem[] {
  const code = 'dashboard/shape';
  const root = `dashboards/${dashboard?.catalogue?.name ?? '?'}-${dashboard?.facet ?? '?'}`;
  const own = validateShape(
    dashboard,
    root,
    code,
    {
      catalogue: 'object',
      facet: 'text',
      description: 'text',
      tags: 'list',
      variables: 'list',
      rows: 'list',
    },
    DASHBOARD_FIELDS,
  );
  if (own.length === 0) own.push(...validateCatalogueShape(dashboard.catalogue, root));
  if (own.length > 0) return own;
  const variables = dashboard.variables.flatMap((variable, index) => {
    const at = titlePath(variable, root, 'variable', index);
    if (!isOfLabelShape(variable)) {
      const own = validateShape(
        variable,
        at,
        code,
        { title: 'text', variable: 'text', kind: FREE_KINDS, values: 'list' },
        FREE_VARIABLE_FIELDS,
      );
      return own.length > 0 ? own : textsShape(variable.values, at);
    }
    const found = validateShape(
      variable,
      at,
      code,
      {
        title: 'text',
        variable: 'text',
        label: 'text',
        metric: 'object',
        within: 'list',
      },
      VARIABLE_FIELDS,
    );
    if (found.length > 0) return found;
    return [
      ...(variable.values === undefined ? [] : textsShape(variable.values, at)),
      ...validateShape(variable.metric, definitionPath(at, 'metric'), code, { name: 'text', labels: 'list' }),
      ...validateShapes(variable.within, at, 'within', code, { variable: 'text', label: 'text' }),
    ];
  });
  if (variables.length > 0) return variables;
  const links = linksShape(dashboard.links, root);
  if (links.length > 0) return links;
  if (dashboard.annotations !== undefined && !Array.isArray(dashboard.annotations))
    return validateShape(dashboard, root, code, { annotations: 'list' });
  const annotations = (dashboard.annotations ?? []).flatMap((annotation, index) => {
    const at = titlePath(annotation, root, 'annotation', index);
    const needed = { title: 'text', query: 'object', colour: COLOURS, step: 'text' } as const;
    const found = validateShape(annotation, at, code, needed, ANNOTATION_FIELDS);
    if (found.length > 0) return found;
    const own = validateShape(annotation.query, at, code, { node: 'object', legend: 'text' }, QUERY_FIELDS);
    return own.length > 0 ? own : validateTree(annotation.query.node, at);
  });
  if (annotations.length > 0) return annotations;
  return dashboard.rows.flatMap((row, index) => {
    const at = titlePath(row, root, 'row', index);
    const found = validateShape(row, at, code, { title: 'text', panels: 'list' }, ROW_FIELDS);
    if (found.length > 0) return found;
    const panels = validateShapes(row.panels, at, 'panel', code, {
      type: PANEL_TYPES,
      title: 'text',
      description: 'text',
      unit: 'text',
      width: 'number',
      queries: 'list',
    });
    return panels.length > 0
      ? panels
      : row.panels.flatMap((panel) => about(panel, validatePanelShape(panel, definitionPath(at, panel.title))));
  });
}

function textsShape(values: unknown, at: string): Problem[] {
  if (isTexts(values)) return [];
  const fix = "give a list of texts: ['a', 'b']";
  return [{ code: 'dashboard/shape', where: definitionPath(at, 'values'), found: printValue(values), fix }];
}

/** Whether a heatmap's query returns no buckets. That is one slip: its legend is not told as another. */
function isWithoutBuckets({ type }: Panel, { node }: Query): boolean {
  return type === 'heatmap' && labelsOf(node)?.join() !== 'le';
}

/** Whatever is in the place of a variable is one of a label, unless it says of which other kind it is. */
function isOfLabelShape(variable: Variable | FreeVariable): variable is Variable {
  return !isRecord(variable) || isOfLabel(variable);
}

/** The shape that the rules of a panel rely on: reports, by its place, a slip that a compiler would have found. */
function validatePanelShape(panel: Panel, where: string): Problem[] {
  const code = 'dashboard/shape';
  const problems: Problem[] = validateFields(panel, where, code, PANEL_FIELDS[panel.type]);
  const queries = panel.queries.flatMap((query, index) => {
    const at = definitionPath(where, `query ${letterOf(index)}`);
    const own = validateShape(
      query,
      at,
      code,
      {
        node: 'object',
        legend: 'text',
        ...(query?.emptyBecause === undefined ? {} : { emptyBecause: 'text' }),
      },
      QUERY_FIELDS,
    );
    return about(query, own.length > 0 ? own : validateTree(query.node, at));
  });
  problems.push(...queries, ...validateOthersShape(panel, where));
  if (problems.length > 0 || !isCounted(panel)) return problems;
  problems.push(...validateLooksShape(panel, where));
  const { thresholds } = panel;
  if (thresholds === undefined) return problems;
  const at = definitionPath(where, 'thresholds');
  const own = validateShape(thresholds, at, code, { base: COLOURS, steps: 'list' }, THRESHOLDS_FIELDS);
  problems.push(...own);
  if (own.length === 0)
    problems.push(
      ...validateShapes(thresholds.steps, at, 'step', code, { at: 'number', colour: COLOURS }, THRESHOLD_FIELDS),
    );
  return problems;
}

function unitFix(unit: unknown): string {
  const fix = "give the id of a unit of Grafana's (s, percentunit, short), or one of your own: 'suffix: runs'";
  return suggest(String(unit), UNITS, fix);
}

function validatePanel(panel: Panel, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'dashboard', where);
  if (panel.title.trim() === '') say('title', 'title', 'no title', 'name what is shown, in the words of the system');
  // A text speaks for itself.
  if (panel.type !== 'text' && panel.description.trim() === '')
    say('description', 'description', 'no description', 'say what is shown and what to conclude from it');
  if (!Number.isInteger(panel.width) || panel.width < 1 || panel.width > COLUMNS)
    say('width', 'width', printValue(panel.width), 'give a whole number of columns', `1 to ${COLUMNS}`);
  if (panel.height !== undefined && (!Number.isInteger(panel.height) || panel.height < 1))
    say('height', 'height', printValue(panel.height), 'give a whole number of grid rows', '1 or more');
  return problems;
}

function validateCounted(panel: CountedPanel, where: string): Problem[] {
  const problems: Problem[] = [];
  const say = sayInto(problems, 'dashboard', where);
  if (!isUnit(panel.unit)) say('unit', 'unit', printValue(panel.unit), unitFix(panel.unit));
  panel.queries.forEach(({ unit }, index) => {
    if (unit !== undefined && !isUnit(unit))
      say('unit', `query ${letterOf(index)} › unit`, printValue(unit), unitFix(unit));
  });
  if (panel.queries.length === 0) say('no-query', 'queries', 'no query', 'add one, or drop the panel');
  const steps = panel.thresholds?.steps ?? [];
  // One that is out of reach, such as 5 for 0.05, has its own problem, and is out of order for that reason.
  const bounds = steps.length === 0 ? [] : panel.queries.map(({ node }) => boundsOf(node));
  const reached = steps.filter(({ at }) => !bounds.some((each) => isOutOfReach(each, at)));
  reached.forEach((step, index) => {
    const before = reached[index - 1];
    if (!Number.isFinite(step.at) || (before !== undefined && step.at <= before.at))
      say('thresholds', 'thresholds', printValue(steps.map((each) => each.at)), 'list thresholds in increasing order');
  });
  if (panel.min !== undefined && panel.max !== undefined && !(panel.min < panel.max))
    say('range', 'max', `${panel.min} to ${panel.max}`, 'make max greater than min');
  if ('minStep' in panel && panel.minStep !== undefined && durationSeconds(panel.minStep) === undefined)
    say('min-step', 'minStep', printValue(panel.minStep), 'write a whole number and one unit: 5m');
  const legends = panel.queries.map((query) => query.legend);
  const columns = panel.type === 'table' ? panel.queries.flatMap((query) => labelsOf(query.node) ?? []) : [];
  legends.forEach((legend, index) => {
    if (legends.indexOf(legend) < index || columns.includes(legend))
      say(
        'legend-twice',
        `query ${letterOf(index)} › legend`,
        `${printValue(legend)}, also the name of ${columns.includes(legend) ? 'a label’s column' : 'another query'}`,
        'tell them apart',
      );
  });
  if (panel.type === 'sdk') problems.push(...validateSdkPanel(panel, where));
  for (const query of panel.queries)
    if (query.emptyBecause !== undefined && query.emptyBecause.trim() === '')
      say('empty-because', 'queries', 'an empty reason', 'say why the query may return nothing on a healthy system');
  return problems;
}

/** Every label must be told apart in the legend, and every label that the legend names must be there. */
function validateLegend(panel: Panel, query: Query, where: string): Problem[] {
  const labels = (labelsOf(query.node) ?? []).filter((label) => label !== TARGET);
  const named = legendLabels(query.legend);
  const problems: Problem[] = [];
  const at = definitionPath(where, 'legend');
  if (query.legend.trim() === '')
    problems.push({ code: 'dashboard/legend', where: at, found: 'no legend', fix: 'name what the line or column is' });
  const isKnown = !hasWrongLabels(query.node);
  for (const name of isKnown ? named : [])
    if (!labels.includes(name))
      problems.push({
        code: 'dashboard/legend-label',
        where: at,
        found: `{{${name}}}, which the query does not return`,
        allowed: labels.join(', ') || 'none',
        fix: suggest(name, labels, 'name a label that the expression is grouped by'),
      });
  const unnamed = isKnown ? labels.filter((label) => !named.includes(label)) : [];
  if (isKnown && 'drillDown' in panel && panel.drillDown !== undefined && !labels.includes(panel.drillDown))
    problems.push({
      code: 'dashboard/drill-down',
      where: at,
      found: `a drill-down by ${panel.drillDown}, which the query does not return`,
      allowed: labels.join(', ') || 'none',
      fix: 'group the query by it, or drop the drill-down',
    });
  // A label that is misspelt is missing too: that is one slip.
  if (panel.type !== 'table' && unnamed.length > 0 && problems.length === 0)
    problems.push({
      code: 'dashboard/legend-ambiguous',
      where: at,
      found: `${printValue(query.legend)}, the same for every ${unnamed.join(', ')}`,
      fix: `add ${unnamed.map((label) => `{{${label}}}`).join(' ')} to it`,
    });
  if (labelsOf(query.node)?.includes(TARGET))
    problems.push({
      code: 'dashboard/not-aggregated',
      where,
      found: 'one series per scrape target',
      fix: 'aggregate with sum() or max()',
    });
  return problems;
}
