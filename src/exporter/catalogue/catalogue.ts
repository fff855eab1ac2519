import { createHash } from 'node:crypto';
import { noteCopy } from '../copies.js';
import { refuse } from '../problem.js';
import { made } from '../trace.js';
import type { CatalogueDefinition } from './definition.js';
import { watchHandles } from './handles.js';
import type { Label } from './label.js';
import { label, openLabel } from './label.js';
import type { LabelMap, LabelsOf, Metric } from './metric.js';
import { counter, exposedAs, gauge, ownNames, seriesCount } from './metric.js';
import { validateCatalogue } from './rules.js';

/** Metrics with the labels that scraping adds. */
type Scraped<Metrics extends Record<string, Metric>, Labels extends readonly Label[]> = readonly [] extends Labels
  ? Metrics
  : { readonly [Handle in keyof Metrics]: Widened<Metrics[Handle], LabelsOf<Labels>> };

type Widened<M, Labels extends LabelMap> =
  M extends Metric<infer K, infer Name, infer Own, infer Given> ? Metric<K, Name, Own & Labels, Given> : never;

export interface Catalogue<Metrics extends Record<string, Metric> = Record<string, Metric>>
  extends CatalogueDefinition<Metrics> {
  /**
   * The metrics by which every exporter of this catalogue tells of itself, named after the system; there is none of a
   * catalogue of others.
   */
  readonly own: OwnMetrics;
}

const hash = openLabel('hash', { help: 'the hash of the catalogue that the exporter was built from', atMost: 1 });
const version = openLabel('version', { help: 'the version of lockstep that the exporter is of', atMost: 1 });
const reason = label('reason', {
  help: 'number: it was not a number that can be counted, and was dropped; label: it had a label value that does not exist, and was dropped; overflow: it had more values of an open label than are expected, and was recorded as unknown',
  values: ['number', 'label', 'overflow'],
});

export type OwnMetrics = ReturnType<typeof ownMetrics>;

function ownMetrics(system: string) {
  const [info, anomalies] = ownNames(system);
  return {
    /** Always 1. Its labels say which catalogue, and which lockstep, the exporter in production was built from. */
    info: gauge({
      name: info,
      help: 'The catalogue that the exporter was built from, and the version of lockstep; always 1.',
      unit: '{process}',
      labels: [hash, version],
    }),
    anomalies: counter({
      name: anomalies,
      help: 'Recordings that the exporter could not take as they came.',
      unit: '{recording}',
      labels: [reason],
    }),
  };
}

/**
 * Checks a catalogue and returns it.
 *
 * @throws ProblemsError with every naming rule that is broken, every budget that is exceeded, every label that is
 * inconsistent: see {@link validateCatalogue}.
 */
export function defineCatalogue<
  const Metrics extends Record<string, Metric>,
  const Labels extends readonly Label<string, string, string>[] = readonly [],
>(definition: CatalogueDefinition<Metrics> & { readonly targetLabels?: Labels }): Catalogue<Scraped<Metrics, Labels>> {
  noteCopy();
  refuse(validateCatalogue(definition));
  const metrics = (definition?.recordedBy === 'others' ? asForeign(definition) : definition.metrics) as Scraped<
    Metrics,
    Labels
  >;
  return made({ ...definition, metrics: watchHandles(metrics, definition.name), own: ownMetrics(definition.name) });
}

/** Handles of metrics that another program records: with the labels of the target, and what every selector says. */
function asForeign({
  metrics,
  targetLabels = [],
  scope = {},
  increases,
}: CatalogueDefinition): Readonly<Record<string, Metric>> {
  const foreign = {
    targetLabels: targetLabels.map(({ name }) => name),
    ...(increases === 'anchored' ? { isAnchored: true } : {}),
    scope: Object.entries(scope).map(([label, value]) => ({
      label,
      values: typeof value === 'string' ? [value] : value,
    })),
  };
  return Object.fromEntries(
    Object.entries(metrics).map(([handle, metric]) => [
      handle,
      // One that was taken from another catalogue of others keeps what that one says.
      metric.foreign === undefined ? { ...metric, labels: [...metric.labels, ...targetLabels], foreign } : metric,
    ]),
  );
}

/** The catalogue's metrics and the exporter's own, if it is this exporter that records them. */
export function allMetrics({ metrics, own, recordedBy }: Catalogue): readonly Metric[] {
  return recordedBy === 'others' ? Object.values(metrics) : [...Object.values(metrics), own.info, own.anomalies];
}

/** All metrics as they are exposed: those that are being renamed under their former names too. */
export function exposedMetrics(catalogue: Catalogue): readonly Metric[] {
  return allMetrics(catalogue).flatMap(exposedAs);
}

/**
 * Twelve hexadecimal digits that change with anything by which two programs could disagree: names, kinds, help texts
 * (they say what is counted), units, labels, their values, bounds. Budgets do not count.
 */
export function hashCatalogue({ name, metrics }: CatalogueDefinition): string {
  const said = Object.values(metrics).map(({ kind, name: metric, help, unit, labels, bounds, renamedFrom }) => [
    kind,
    metric,
    help,
    unit,
    labels.map((each) => [each.name, each.values, each.fallback, each.decidedBy]),
    bounds,
    ...(renamedFrom === undefined ? [] : [renamedFrom.name]),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([name, said]))
    .digest('hex')
    .slice(0, 12);
}

/** One line of the series account. */
export interface SeriesAccount {
  readonly metric: string;
  readonly series: number;
  readonly budget: number;
}

/** The series that each metric can have per process, with its budget. */
export function accountSeries(catalogue: Catalogue): readonly SeriesAccount[] {
  return exposedMetrics(catalogue).map((metric) => ({
    metric: metric.name,
    series: seriesCount(metric),
    budget: metric.budget,
  }));
}
