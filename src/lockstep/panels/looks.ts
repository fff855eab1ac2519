import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import { printNumber } from '../promql/print.js';
import { letterOf } from './names.js';
import type { CountedPanel, Link, Mapping, Query, Stroke, Thresholds } from './panel.js';
import type { AnyPanelBuilder } from './visualization.js';

// The looks that a panel of any kind may have.

/** Writes into a builder what the definition of a panel says of its looks. */
export function addLooks(builder: AnyPanelBuilder, panel: CountedPanel): void {
  if (panel.thresholds !== undefined) builder.thresholds(thresholds(panel.thresholds));
  if (panel.min !== undefined) builder.min(panel.min);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  const mappings = mappingsOf(panel);
  if (mappings.length > 0) builder.mappings(mappings);
  if (panel.dataLinks !== undefined) builder.dataLinks(panel.dataLinks.map(panelLink));
  if (panel.repeat !== undefined) builder.repeat(panel.repeat.variable).repeatDirection('h');
  for (const { id, options } of panel.transformations ?? []) builder.withTransformation({ id, options });
  panel.queries.forEach((query, index) => {
    const looks = queryLooks(panel, query);
    if (looks.length > 0) builder.overrideByQuery(letterOf(index), looks);
  });
}

/** A link of a panel or of a value, in a tab of its own. */
export function panelLink({ title, url }: Link): sdk.DashboardLinkBuilder {
  return new sdk.DashboardLinkBuilder(title)
    .type(sdk.DashboardLinkType.Link)
    .url(url)
    .icon('external link')
    .targetBlank(true);
}

/** Absent is not healthy: without this, Grafana shows no value in the colour of the lowest threshold. */
const ABSENT_COLOUR = '#808080';

function mappingsOf(panel: CountedPanel): sdk.ValueMapping[] {
  const { thresholds: coloured, type, mappings = [], noValue = 'No data' } = panel;
  const isShown = coloured !== undefined && (type === 'stat' || type === 'gauge');
  const absent = { text: noValue, color: ABSENT_COLOUR, index: 0 };
  return [
    ...(isShown
      ? [
          {
            type: sdk.MappingType.SpecialValue,
            options: { match: sdk.SpecialValueMatch.NullAndNan, result: absent },
          } as const,
        ]
      : []),
    ...mappings.map((mapping, index) => toMapping(mapping, isShown ? index + 1 : index)),
  ];
}

function toMapping({ value, text, colour }: Mapping, index: number): sdk.ValueMapping {
  const result = { text, ...(colour === undefined ? {} : { color: colour }), index };
  return typeof value === 'number'
    ? { type: sdk.MappingType.ValueToText, options: { [printNumber(value)]: result } }
    : { type: sdk.MappingType.RangeToText, options: { from: value.from, to: value.to, result } };
}

/** A line among bars would have no stroke, and bars among lines no filling. */
const style = (draw: string, width: number, filling: number): readonly sdk.DynamicConfigValue[] => [
  { id: 'custom.drawStyle', value: draw },
  { id: 'custom.lineWidth', value: width },
  { id: 'custom.fillOpacity', value: filling },
];
const STYLES: Readonly<Record<Stroke, readonly sdk.DynamicConfigValue[]>> = {
  line: style('line', 1, 5),
  dashes: [...style('line', 1, 5), { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } }],
  points: style('points', 1, 0),
  bars: style('bars', 0, 80),
};

/** A table has its units by column. */
function queryLooks(panel: CountedPanel, { unit, colour, axis, draw }: Query): sdk.DynamicConfigValue[] {
  return [
    ...(unit === undefined || panel.type === 'table' ? [] : [{ id: 'unit', value: unit }]),
    ...(colour === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]),
    ...(axis === undefined ? [] : [{ id: 'custom.axisPlacement', value: axis }]),
    ...(draw === undefined ? [] : STYLES[draw]),
  ];
}

function thresholds({ base, steps }: Thresholds): sdk.ThresholdsConfigBuilder {
  return new sdk.ThresholdsConfigBuilder()
    .mode(sdk.ThresholdsMode.Absolute)
    .steps([
      { value: null, color: base },
      ...steps.map((step) => ({ value: Number(printNumber(step.at)), color: step.colour })),
    ]);
}
