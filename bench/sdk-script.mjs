// The same board as somebody writes it straight on the foundation SDK: one script of builder calls with literal texts. It is made from the board
// that was built, so that it stays the same board whatever becomes of that one.

/** @typedef {Record<string, any>} Json */

const text = (/** @type {unknown} */ value) => JSON.stringify(value);

/** The SDK's module for a kind of panel: it writes "state-timeline" as `statetimeline`. @param {string} type */
const moduleOf = (type) => type.replaceAll('-', '');

/** @param {Json} panel */
function panelCalls(panel) {
  const { options, fieldConfig } = panel;
  const { defaults, overrides } = fieldConfig;
  const datasource = `{ type: 'prometheus', uid: '\${datasource}' }`;
  const calls = [
    `new ${moduleOf(panel.type)}.PanelBuilder()`,
    `.id(${panel.id})`,
    `.title(${text(panel.title)})`,
    `.description(${text(panel.description)})`,
    `.datasource(${datasource})`,
    `.gridPos(${text(panel.gridPos)})`,
    `.unit(${text(defaults.unit)})`,
  ];
  for (const field of ['min', 'max', 'decimals', 'noValue'])
    if (defaults[field] !== undefined) calls.push(`.${field}(${text(defaults[field])})`);
  if (defaults.thresholds !== undefined)
    calls.push(
      `.thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(${text(defaults.thresholds.steps)}))`,
    );
  if (options.reduceOptions !== undefined)
    calls.push(`.reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))`);
  if (options.colorMode !== undefined)
    calls.push(
      `.colorMode(${text(options.colorMode)} as common.BigValueColorMode)`,
      `.graphMode(common.BigValueGraphMode.None)`,
    );
  if (panel.type === 'timeseries')
    calls.push(
      `.lineWidth(1).fillOpacity(${defaults.custom.fillOpacity})`,
      `.legend(new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.Table).placement(common.LegendPlacement.Right).showLegend(true).calcs(['lastNotNull', 'max']))`,
      `.tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))`,
    );
  for (const override of overrides)
    calls.push(`.overrideByName(${text(override.matcher.options)}, ${text(override.properties)})`);
  for (const transformation of panel.transformations ?? []) calls.push(`.withTransformation(${text(transformation)})`);
  for (const target of panel.targets)
    calls.push(
      `.withTarget(new prometheus.DataqueryBuilder().refId(${text(target.refId)}).datasource(${datasource}).expr(${text(target.expr)}).legendFormat(${text(target.legendFormat)})${target.instant ? '.instant()' : '.range()'})`,
    );
  return calls.join('\n    ');
}

/**
 * @param {Json} model
 * @param {string} resource  the YAML of the whole resource but for `spec.json`, as the script's author would have it in a template
 */
export function toSdkScript(model, resource) {
  const kinds = model.panels
    .filter((/** @type {Json} */ { type }) => type !== 'row')
    .map((/** @type {Json} */ { type }) => moduleOf(type));
  const lines = [
    ...[...new Set(['common', 'dashboard', 'prometheus', ...kinds])]
      .sort()
      .map((name) => `import * as ${name} from '@grafana/grafana-foundation-sdk/${name}';`),
    `import { writeFileSync } from 'node:fs';`,
    `import { stringify } from 'yaml';`,
    `const builder = new dashboard.DashboardBuilder(${text(model.title)})`,
    `  .uid(${text(model.uid)})`,
    `  .tags(${text(model.tags)})`,
    `  .refresh('30s')`,
    `  .time({ from: 'now-6h', to: 'now' });`,
  ];
  for (const variable of model.templating.list)
    lines.push(
      variable.type === 'datasource'
        ? `builder.withVariable(new dashboard.DatasourceVariableBuilder(${text(variable.name)}).type('prometheus'));`
        : `builder.withVariable(new dashboard.QueryVariableBuilder(${text(variable.name)}).label(${text(variable.label)}).query(${text(variable.query)}).multi(true).includeAll(true));`,
    );
  for (const panel of model.panels)
    lines.push(
      panel.type === 'row'
        ? `builder.withRow(new dashboard.RowBuilder(${text(panel.title)}));`
        : `builder.withPanel(\n  ${panelCalls(panel)},\n);`,
    );
  lines.push(
    `const resource = ${resource};`,
    `writeFileSync('board.yaml', stringify({ ...resource, spec: { ...resource.spec, json: JSON.stringify(builder.build(), null, 2) } }));`,
  );
  return `${lines.join('\n')}\n`;
}
