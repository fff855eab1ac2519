import type { Catalogue, Label, Metric } from 'lockstep-exporter/catalogue';
import { exposedMetrics, seriesCount } from 'lockstep-exporter/internal';
import { labelSnapshot } from '../compat/snapshot.js';
import { loadPlan } from './load.js';
import { EXIT, printLine, printTable, reportProblems } from './print.js';

export interface CatalogueOptions {
  readonly config?: string;
  readonly format: 'text' | 'json';
}

/** `lockstep catalogue`: the metrics of each system, and what each can cost in series. */
export async function catalogue(options: CatalogueOptions): Promise<number> {
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('catalogue', loaded.problems, options.format);
  const systems = loaded.config.systems.map((each) => describeSystem(each.catalogue));
  if (options.format === 'json') {
    printLine(JSON.stringify({ ok: true, systems }, undefined, 2));
    return EXIT.fine;
  }
  for (const { system, metrics } of systems) {
    const total = metrics.reduce((sum, each) => sum + each.series, 0);
    printLine(`${system}: at most ${total} series per process\n`);
    const rows = metrics.map((each) => [each.name, each.kind, each.labels.join(', '), each.series, each.budget]);
    printLine(printTable([['METRIC', 'KIND', 'LABELS', 'SERIES', 'BUDGET'], ...rows]));
  }
  return EXIT.fine;
}

/** All that one must know of a system to write a query of it. */
function describeSystem(of: Catalogue) {
  const metrics = exposedMetrics(of);
  const labels = new Map(metrics.flatMap((metric) => metric.labels.map((label) => [label.name, label] as const)));
  return {
    system: of.name,
    ...(of.recordedBy === undefined ? {} : { recordedBy: of.recordedBy }),
    ...(of.scope === undefined ? {} : { scope: of.scope }),
    metrics: metrics.map((metric) => describeMetric(metric, of)),
    labels: [...labels.values()].map((label) => describeLabel(label, metrics)),
  };
}

function describeMetric(metric: Metric, { metrics, own }: Catalogue) {
  const { name, kind, unit, labels, help, bounds, quantiles, state, within, stability, renamedFrom, budget } = metric;
  const handle = [
    ...Object.entries(metrics).map(([key, each]) => [`metrics.${key}`, each] as const),
    ...Object.entries(own).map(([key, each]) => [`own.${key}`, each] as const),
  ].find(([, each]) => each.name === name)?.[0];
  return {
    name,
    // A former name is read by the handle of the new one.
    ...(handle === undefined ? {} : { handle }),
    kind,
    unit,
    labels: labels.map((label) => label.name),
    help,
    ...(bounds.length === 0 ? {} : { bounds }),
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(state === undefined ? {} : { state }),
    ...(within === undefined ? {} : { within }),
    ...(stability === undefined ? {} : { stability }),
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    series: seriesCount(metric),
    budget,
  };
}

function describeLabel(label: Label, metrics: readonly Metric[]) {
  const { name, ...rest } = labelSnapshot(label, metrics);
  return { name, help: label.help, ...rest, ...(label.bad === undefined ? {} : { bad: label.bad }) };
}
