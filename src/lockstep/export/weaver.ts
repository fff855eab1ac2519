import type { Catalogue, Kind, Label, Metric, Stability } from 'lockstep-exporter/catalogue';
import { exposedAs, toUcum } from 'lockstep-exporter/internal';
import { stringify } from 'yaml';

/** A file of a Weaver registry. */
export interface RegistryFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Catalogues as an OpenTelemetry Weaver registry in its format `definition/2`
 * (https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.v2.md): a manifest, and a file for each
 * system. Metrics have the names that Prometheus stores, so that a program which records them by that name is read by
 * the same queries.
 *
 * @param schemaUrl names the registry and, by its last step, its version: `https://example.org/schemas/1.0.0`
 */
export function weaverRegistry(catalogues: readonly Catalogue[], schemaUrl: string): readonly RegistryFile[] {
  const names = catalogues.map(({ name }) => name).join(', ');
  const manifest = {
    name: catalogues[0]?.name ?? 'lockstep',
    description: `The metrics of ${names}, from the catalogues of lockstep.`,
    schema_url: schemaUrl,
  };
  return [
    { path: 'manifest.yaml', text: print(manifest) },
    ...catalogues.map((catalogue, index) => ({
      path: `${catalogue.name}.yaml`,
      text: print(registryOf(catalogue, catalogues.slice(index + 1), catalogues.slice(0, index))),
    })),
  ];
}

function print(value: object): string {
  return `# Made by \`lockstep export weaver\`: change the catalogue, and run it again.\n${stringify(value, { lineWidth: 0 })}`;
}

/** An attribute has one definition in a registry: it stands in the file of the first system that has the label. */
function registryOf(catalogue: Catalogue, later: readonly Catalogue[], earlier: readonly Catalogue[]): object {
  const all = Object.values(catalogue.metrics);
  const defined = new Set(earlier.flatMap((each) => [...labelsIn(each).keys()]));
  const labels = [...labelsIn(catalogue).values()].filter(({ name }) => !defined.has(name));
  return {
    file_format: 'definition/2',
    attributes: labels.map((label) =>
      attributeOf(label, [label, ...later.flatMap((each) => labelsIn(each).get(label.name) ?? [])]),
    ),
    metrics: all.flatMap((metric) => exposedAs(metric).map((each) => metricOf(each, metric))),
  };
}

/** The labels that a program records; scraping adds those of the target. */
function recordedLabels({ labels, foreign }: Metric): readonly Label[] {
  return labels.filter(({ name }) => foreign?.targetLabels.includes(name) !== true);
}

function labelsIn({ metrics }: Catalogue): ReadonlyMap<string, Label> {
  return new Map(
    Object.values(metrics)
      .flatMap(recordedLabels)
      .map((label) => [label.name, label] as const),
  );
}

/** @param alike the label in each system that has it: its values are those of all, or open if one is */
function attributeOf({ name, help, atMost, decidedBy }: Label, alike: readonly Label[]): object {
  const values = alike.every((each) => each.values !== undefined)
    ? [...new Set(alike.flatMap((each) => each.values ?? []))]
    : undefined;
  const notes = [
    ...(decidedBy === undefined ? [] : [`${decidedBy.label} decides it.`]),
    ...(values === undefined ? [`At most ${atMost} values are expected.`] : []),
  ];
  return {
    key: name,
    type:
      values === undefined
        ? 'string'
        : { members: values.map((value) => ({ id: idOf(value, values), value, brief: value, stability: 'stable' })) },
    brief: help,
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
    stability: 'stable',
  };
}

/** The name of a constant for a value, told apart from those of the values before it. */
function idOf(value: string, values: readonly string[]): string {
  const toId = (each: string) =>
    each
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '') || 'value';
  const alike = values.slice(0, values.indexOf(value)).filter((each) => toId(each) === toId(value)).length;
  return alike === 0 ? toId(value) : `${toId(value)}_${alike + 1}`;
}

/** Weaver's instruments are OpenTelemetry's: it has none for a summary, an info or a state set. */
const INSTRUMENTS: Readonly<Record<Kind, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  nativeHistogram: 'histogram',
  summary: 'histogram',
  info: 'gauge',
  stateSet: 'updowncounter',
};

/** @param current the same under its present name */
function metricOf(metric: Metric, current: Metric): object {
  const { name, kind, unit, help, bounds, stability } = metric;
  const deprecated = deprecationOf(name, current, stability);
  return {
    name,
    instrument: INSTRUMENTS[kind],
    unit: toUcum(unit),
    brief: help,
    stability: stability === 'alpha' ? 'alpha' : 'stable',
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(kind === 'histogram' ? { annotations: { lockstep: { bounds: [...bounds] } } } : {}),
    attributes: recordedLabels(metric).map((label) => ({ ref: label.name, requirement_level: 'required' })),
  };
}

function deprecationOf(name: string, current: Metric, stability: Stability = 'stable'): object | undefined {
  const until = current.renamedFrom?.until;
  if (name !== current.name)
    return { reason: 'renamed', renamed_to: current.name, note: `Both names are recorded until ${until}.` };
  if (typeof stability === 'string') return undefined;
  return { reason: 'obsoleted', note: `It may be gone from ${stability.deprecatedUntil} on.` };
}
