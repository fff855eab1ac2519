import type { DataFrame, FieldConfigSource, GrafanaTheme2 } from '@grafana/data';
import {
  applyFieldOverrides,
  createDataFrame,
  FieldType,
  identityOverrideProcessor,
  Registry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
} from '@grafana/data';
import type { QueryAnswer, RawSeries, ShownPanel, TargetModel } from '../protocol.js';

/** Grafana's standard options that an override can set; the application registers them, and so must we. */
const OPTIONS = [
  'unit',
  'min',
  'max',
  'decimals',
  'displayName',
  'color',
  'thresholds',
  'mappings',
  'links',
  'noValue',
];

/** Registers what Grafana's libraries look up and its application fills in. */
export function registerGrafana(): void {
  standardFieldConfigEditorRegistry.setInit(() =>
    OPTIONS.map((id) => ({
      id,
      path: id,
      name: id,
      process: identityOverrideProcessor,
      shouldApply: () => true,
      settings: {},
      override: () => null,
      editor: () => null,
    })),
  );
  standardTransformersRegistry.setInit(() =>
    // Some stand there under two names.
    [...new Map(Object.values(standardTransformers).map((each) => [each.id, each])).values()].map((transformation) => ({
      id: transformation.id,
      name: transformation.name,
      transformation,
      editor: () => null,
    })),
  );
}

/** The frames of a panel's answers, transformed, and with everything about a field that its configuration says. */
export async function framesOf(
  panel: ShownPanel,
  answers: readonly { readonly target: TargetModel; readonly answer: QueryAnswer; readonly step: number }[],
  theme: GrafanaTheme2,
): Promise<DataFrame[]> {
  const several = answers.length > 1;
  const raw = answers.flatMap(({ target, answer, step }) =>
    target.format === 'table' ? [tableFrame(target, answer, several)] : seriesFrames(target, answer, step),
  );
  const transformed =
    (panel.transformations ?? []).length === 0
      ? raw
      : await new Promise<DataFrame[]>((done, fail) => {
          const steps = [...(panel.transformations ?? [])] as Parameters<typeof transformDataFrame>[0];
          transformDataFrame(steps, raw).subscribe({ next: done, error: fail });
        });
  return applyFieldOverrides({
    data: transformed,
    fieldConfig: panel.fieldConfig as unknown as FieldConfigSource,
    fieldConfigRegistry: new Registry(() => standardFieldConfigEditorRegistry.list()),
    replaceVariables: (text) => text,
    theme,
    timeZone: 'browser',
  });
}

function resultOf({ data }: QueryAnswer): readonly RawSeries[] {
  if (data === undefined) return [];
  if (data.resultType !== 'scalar') return data.result;
  return [{ metric: {}, value: data.result as unknown as readonly [number, string] }];
}

function seriesFrames(target: TargetModel, answer: QueryAnswer, step: number): DataFrame[] {
  return resultOf(answer).map(({ metric, value, values = value === undefined ? [] : [value] }) => {
    const { times, numbers } = withGaps(values, step);
    return createDataFrame({
      refId: target.refId,
      fields: [
        { name: 'Time', type: FieldType.time, values: times },
        {
          name: 'Value',
          type: FieldType.number,
          values: numbers,
          labels: { ...metric },
          config: { displayNameFromDS: legendOf(target.legendFormat ?? '', metric) },
        },
      ],
    });
  });
}

/** A step without a sample is a gap in the line, and no line across it. */
export function withGaps(values: readonly (readonly [number, string])[], step: number) {
  const times: number[] = [];
  const numbers: (number | null)[] = [];
  for (const [time, text] of values) {
    const last = times.at(-1);
    if (last !== undefined && 1000 * time - last > 1500 * step) {
      times.push(last + 1000 * step);
      numbers.push(null);
    }
    times.push(1000 * time);
    numbers.push(Number.isNaN(Number(text)) && !/inf/i.test(text) ? null : toNumber(text));
  }
  return { times, numbers };
}

function toNumber(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** A legend with the values of its labels, as Grafana's datasource makes it. */
export function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  if (format === '') return JSON.stringify(labels);
  return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
}

function tableFrame(target: TargetModel, answer: QueryAnswer, several: boolean): DataFrame {
  const rows = resultOf(answer);
  const labels = [...new Set(rows.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const points = rows.map(({ value, values = [] }) => value ?? values.at(-1));
  return createDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: points.map((point) => 1000 * (point?.[0] ?? 0)) },
      ...labels.map((name) => ({
        name,
        type: FieldType.string,
        values: rows.map(({ metric }) => metric[name] ?? ''),
        config: { filterable: true },
      })),
      {
        name: several ? `Value #${target.refId}` : 'Value',
        type: FieldType.number,
        values: points.map((point) => toNumber(point?.[1] ?? 'NaN')),
      },
    ],
  });
}
