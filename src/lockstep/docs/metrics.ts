import type { Label, Metric } from 'lockstep-exporter/catalogue';
import { accountSeries, allMetrics, hasLabel } from 'lockstep-exporter/internal';
import type { Reader } from '../compat/readers.js';
import { readersOf } from '../compat/readers.js';
import type { System } from '../config/config.js';
import { printNumber } from '../promql/print.js';
import { blocks, cell, code, table } from './markdown.js';

/** More values than these are counted and not listed. */
const LISTED = 16;

/** `metrics.md`: every metric of the systems, with its labels, what it can cost, and who reads it. */
export function metricsPage(systems: readonly System[]): string {
  return blocks(
    '# Metrics',
    'Exporters serve these metrics, dashboards show them and alerts read them. Each system has one catalogue. Series are counted per process.',
    ...systems.map(systemSection),
  );
}

function systemSection(system: System): string {
  const { catalogue } = system;
  const series = new Map(accountSeries(catalogue).map((each) => [each.metric, each]));
  const metrics = allMetrics(catalogue);
  return blocks(
    `## ${catalogue.name}`,
    table(
      ['metric', 'type', 'unit', 'labels', 'series at most'],
      metrics.map((metric) => [
        `[${code(metric.name)}](#${anchorOf(metric.name)})`,
        metric.kind,
        code(metric.unit),
        metric.labels.map(({ name }) => code(name)).join(', ') || 'none',
        String(series.get(metric.name)?.series ?? ''),
      ]),
    ),
    ...metrics.map((metric) => metricSection(metric, system)),
    `### Labels of ${catalogue.name}`,
    table(['label', 'values', 'meaning'], labelsOf(metrics).map(labelRow)),
  ).trimEnd();
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

function metricSection(metric: Metric, system: System): string {
  const readers = readersOf(metric, system);
  return blocks(
    `### ${metric.name}`,
    cell(metric.help),
    stageLine(metric),
    metric.kind === 'histogram'
      ? `Upper bounds of its buckets, in ${metric.unit}: ${metric.bounds.map(printNumber).join(', ')}.`
      : undefined,
    (metric.quantiles ?? []).length > 0
      ? `Its quantiles: ${metric.quantiles?.map(printNumber).join(', ')}. Each process works them out by itself.`
      : undefined,
    metric.state === undefined ? undefined : `The label ${code(metric.state)} says the state.`,
    readers.length === 0
      ? 'Nothing shows it and nothing alerts on it.'
      : readers.map((each) => `- ${readerLine(each)}`).join('\n'),
  ).trimEnd();
}

/** A reader as a line of a list; an alert leads to its runbook, which a rule that stood already does not have. */
function readerLine({ kind, title, board }: Reader): string {
  if (kind === 'panel') return `panel _${title}_ of ${board}`;
  return board === undefined ? `alert [${title}](runbooks/${title}.md)` : `rule _${title}_ of ${board}`;
}

/** The stage of a metric that is not simply stable. */
function stageLine({ stability, renamedFrom }: Metric): string | undefined {
  const stage =
    stability === 'alpha'
      ? 'Alpha: anything may change at any time.'
      : typeof stability === 'object'
        ? `Deprecated: it may be gone from ${stability.deprecatedUntil} on.`
        : '';
  const renaming =
    renamedFrom === undefined
      ? ''
      : `It was ${code(renamedFrom.name)}, which is also exposed and read until ${renamedFrom.until}.`;
  return [stage, renaming].filter((each) => each !== '').join(' ') || undefined;
}

function labelsOf(metrics: readonly Metric[]): readonly Label[] {
  const names = [...new Set(metrics.flatMap(({ labels }) => labels.map(({ name }) => name)))];
  return names.flatMap((name) => {
    const metric = metrics.find((each) => hasLabel(each, name));
    return metric?.labels.filter((label) => label.name === name) ?? [];
  });
}

function labelRow(label: Label): readonly string[] {
  const { values } = label;
  const listed =
    values === undefined
      ? `open, ${label.atMost} at most`
      : values.length <= LISTED
        ? values.map(code).join(', ')
        : `${values.length} values, ${values.slice(0, 3).map(code).join(', ')} ...`;
  const decided = label.decidedBy === undefined ? '' : `; decided by ${code(label.decidedBy.label)}`;
  return [code(label.name), `${listed}${decided}`, label.help];
}
