import { exposedMetrics, seriesCount } from 'lockstep-exporter/internal';
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
  const systems = loaded.config.systems.map(({ catalogue: each }) => ({
    system: each.name,
    metrics: exposedMetrics(each).map((metric) => ({
      name: metric.name,
      kind: metric.kind,
      unit: metric.unit,
      labels: metric.labels.map((label) => label.name),
      help: metric.help,
      series: seriesCount(metric),
      budget: metric.budget,
    })),
  }));
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
