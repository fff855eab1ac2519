import type { Catalogue, Label, Metric } from 'lockstep-exporter/catalogue';
import { aKind, isLevel, printValue } from 'lockstep-exporter/internal';
import type { Finding } from '../report/finding.js';
import type { FoundCatalogue, FoundLabel, FoundMetric } from './metrics.js';
import { MOST_VALUES } from './metrics.js';
import { untaken } from './untaken.js';

/** A change of a catalogue that people have written on, for them to make. */
export interface Proposal {
  /** The metrics and the labels that the catalogue does not have. */
  readonly added: Pick<FoundCatalogue, 'metrics' | 'labels'>;
  /** Every difference, in the order of the metrics. */
  readonly findings: readonly Finding[];
}

/**
 * Compares the catalogue that stands with what is exposed now. Help texts, units, stages and everything else that
 * people may have corrected are not compared: a page cannot know better.
 */
export function propose(catalogue: Catalogue, read: FoundCatalogue): Proposal {
  const found = { ...read, metrics: asNative(read.metrics, catalogue).flatMap((each) => asTaken(each, catalogue)) };
  const known = Object.values(catalogue.metrics);
  const nameOf = ({ name }: { readonly name: string }) => name;
  const targets = targetLabelsOf(catalogue);
  const handles = new Set(Object.keys(catalogue.metrics));
  const added = found.metrics
    .filter(({ name }) => !known.some((each) => each.name === name))
    .map((metric) => ({
      ...metric,
      handle: untaken(metric.handle, handles),
      labels: metric.labels.filter((label) => !targets.includes(label)),
    }));
  const standing = new Set([...known.flatMap((metric) => metric.labels.map(nameOf)), ...targets]);
  return {
    added: {
      metrics: added,
      labels: found.labels.filter(({ name }) => !standing.has(name)),
    },
    findings: [
      ...added.map(({ name, kind }) =>
        say(
          catalogue,
          name,
          'new-metric',
          `${aKind(kind)} that the catalogue does not have`,
          'add it, as it is proposed',
        ),
      ),
      ...known.flatMap((metric) => compare(catalogue, metric, found)),
      ...newValues(catalogue, known, found.labels),
    ],
  };
}

/** A page shows of a native histogram its sum and its count alone. */
function asNative(metrics: readonly FoundMetric[], catalogue: Catalogue): readonly FoundMetric[] {
  const natives = Object.values(catalogue.metrics).filter(({ kind }) => kind === 'nativeHistogram');
  return metrics.flatMap((each) => {
    const native = natives.find(({ name }) => each.name === `${name}_sum` || each.name === `${name}_count`);
    if (native === undefined || each.kind !== 'counter') return [each];
    return each.name.endsWith('_count') ? [{ ...each, kind: 'nativeHistogram', name: native.name }] : [];
  });
}

/** A summary as the catalogue has it: earlier versions took its sum and its count as two counters. */
function asTaken(metric: FoundMetric, catalogue: Catalogue): readonly FoundMetric[] {
  const known = Object.values(catalogue.metrics).map(({ name }) => name);
  const parts = ['_sum', '_count'].map((part) => `${metric.name}${part}`).filter((name) => known.includes(name));
  if (metric.kind !== 'summary' || known.includes(metric.name) || parts.length === 0) return [metric];
  return parts.map((name) => ({ ...metric, kind: 'counter', name }));
}

/** Labels that scraping adds: a page has none of them. */
function targetLabelsOf({ targetLabels = [] }: Catalogue): readonly string[] {
  return targetLabels.map(({ name }) => name);
}

function say(
  { name }: Catalogue,
  metric: string,
  id: string,
  found: string,
  fix: string,
  severity: Finding['severity'] = 'warning',
): Finding {
  return { id: `import/${id}`, severity, where: `catalogue ${name} › ${metric}`, found, fix };
}

function compare(catalogue: Catalogue, metric: Metric, found: FoundCatalogue): readonly Finding[] {
  const { name } = metric;
  const exposed = found.metrics.find((each) => each.name === name);
  if (exposed === undefined)
    return [
      say(
        catalogue,
        name,
        'not-exposed',
        'not in what was read',
        'drop it if it is gone; it may also not have happened yet',
        'note',
      ),
    ];
  const isAlike = isLevel(metric) && (exposed.kind === 'gauge' || (metric.kind === 'gauge' && exposed.kind === 'info'));
  if (exposed.kind !== metric.kind && (exposed.isGuess === true || isAlike))
    return compareLabels(catalogue, metric, exposed);
  if (exposed.kind !== metric.kind)
    return [
      say(
        catalogue,
        name,
        'other-kind',
        `the catalogue has ${aKind(metric.kind)}, and the process exposes ${aKind(exposed.kind)}`,
        `make it ${aKind(exposed.kind)}: each query of it reads it in another way`,
        'error',
      ),
    ];
  return [...compareLabels(catalogue, metric, exposed), ...compareBounds(catalogue, metric, exposed)];
}

function compareLabels(catalogue: Catalogue, metric: Metric, exposed: FoundMetric): readonly Finding[] {
  const own = metric.labels.map(({ name }) => name);
  const targets = targetLabelsOf(catalogue);
  return [
    ...exposed.labels
      .filter((label) => !own.includes(label) && !targets.includes(label))
      .map((label) =>
        say(
          catalogue,
          metric.name,
          'new-label',
          `is exposed with the label ${label}, which it does not have`,
          `add ${label} to its labels, or to targetLabels if scraping adds it`,
        ),
      ),
    ...own
      .filter((label) => !exposed.labels.includes(label) && !targets.includes(label))
      .map((label) =>
        say(
          catalogue,
          metric.name,
          'label-not-exposed',
          `has the label ${label}, which no series that was read has`,
          'drop it if it is gone: a query that groups by it returns an empty value',
        ),
      ),
  ];
}

function compareBounds(catalogue: Catalogue, metric: Metric, { bounds, quantiles }: FoundMetric): readonly Finding[] {
  if (metric.kind === 'summary' && JSON.stringify(metric.quantiles) !== JSON.stringify(quantiles))
    return [
      say(
        catalogue,
        metric.name,
        'other-quantiles',
        `has the quantiles ${(metric.quantiles ?? []).join(', ') || 'none'}, and is exposed with ${(quantiles ?? []).join(', ') || 'none'}`,
        `write quantiles: [${(quantiles ?? []).join(', ')}]`,
      ),
    ];
  if (metric.kind !== 'histogram' || JSON.stringify(metric.bounds) === JSON.stringify(bounds)) return [];
  return [
    say(
      catalogue,
      metric.name,
      'other-bounds',
      `has the bounds ${metric.bounds.join(', ')}, and is exposed with ${bounds.join(', ')}`,
      `write bounds: [${bounds.join(', ')}]; an objective at a bound that is gone must take another`,
    ),
  ];
}

/** Values that a label's list lacks, and values that now go with others than the catalogue says. */
function newValues(catalogue: Catalogue, known: readonly Metric[], exposed: readonly FoundLabel[]): readonly Finding[] {
  const labels = new Map<string, Label>(known.flatMap((metric) => metric.labels.map((label) => [label.name, label])));
  return [...labels.values()].flatMap((label) => {
    const found = exposed.find((each) => each.name === label.name);
    return found === undefined
      ? []
      : [...missingValues(catalogue, label, found, [...labels.values()]), ...otherDecisions(catalogue, label, found)];
  });
}

function missingValues(
  catalogue: Catalogue,
  { name, values, atMost }: Label,
  { seen, count }: FoundLabel,
  labels: readonly Label[],
): readonly Finding[] {
  const tell = (id: string, found: string, fix: string) => [say(catalogue, `label ${name}`, id, found, fix)];
  if (values === undefined)
    return count <= atMost
      ? []
      : tell(
          'many-values',
          `has ${count} values, and may have ${atMost}`,
          `raise its atMost to ${2 * count}, or drop it`,
        );
  const missing = seen.filter((value) => !values.includes(value)).sort();
  if (missing.length === 0) return [];
  if (missing.length > MOST_VALUES)
    return tell(
      'many-values',
      `${missing.length} values are exposed that its list does not have`,
      `make it openLabel(${printValue(name)}, …) if they cannot be listed`,
    );
  const decided = labels.filter((each) => each.decidedBy?.label === name).map((each) => each.name);
  return tell(
    'new-value',
    `its list does not have ${missing.map(printValue).join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} exposed`,
    `add ${missing.length === 1 ? 'it' : 'them'} to its values${decided.length === 0 ? '' : `, and to valueOf of ${decided.join(', ')}`}`,
  );
}

/** A label that the catalogue takes to follow from another, in series where it does not. */
function otherDecisions(catalogue: Catalogue, { name, decidedBy }: Label, found: FoundLabel): readonly Finding[] {
  if (decidedBy === undefined || found.decidedBy?.label !== decidedBy.label) return [];
  return Object.entries(found.decidedBy.valueOf)
    .filter(([by, value]) => decidedBy.valueOf[by] !== undefined && decidedBy.valueOf[by] !== value)
    .map(([by, value]) =>
      say(
        catalogue,
        `label ${name}`,
        'other-decision',
        `${decidedBy.label}=${printValue(by)} goes with ${printValue(value)}, and the catalogue says ${printValue(decidedBy.valueOf[by])}`,
        `correct valueOf of ${name}`,
      ),
    );
}
