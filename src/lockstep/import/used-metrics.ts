import { seriesNames } from 'lockstep-exporter/internal';
import type { MetricUse } from '../promql/text-uses.js';
import type { FoundCatalogue, FoundLabel, FoundMetric } from './metrics.js';
import { handleOf, unitOf } from './metrics.js';
import { untaken } from './untaken.js';

/** Labels that scraping adds, and that no page of metrics has. */
const SCRAPED = new Set(
  'job instance namespace pod cluster node container service endpoint prometheus region zone environment env'.split(
    ' ',
  ),
);

/** Series that Prometheus makes by itself. */
const OF_PROMETHEUS = new Set(
  'up ALERTS ALERTS_FOR_STATE scrape_duration_seconds scrape_samples_scraped scrape_samples_post_metric_relabeling scrape_series_added'.split(
    ' ',
  ),
);

/** A catalogue of what queries read. */
export interface UsedCatalogue {
  readonly catalogue: FoundCatalogue;
  /** Labels that the target adds. */
  readonly targetLabels: readonly string[];
  /** Metrics of which nothing is known but the queries that read them. */
  readonly inferred: readonly string[];
}

/**
 * The metrics that queries read. With an exposition, its metrics are taken as they are, and there are no others but
 * those that rules record; without one, kinds and labels are those that the queries need.
 */
export function catalogueOf(
  uses: readonly MetricUse[],
  exposed: FoundCatalogue | undefined,
  recorded: ReadonlySet<string>,
): UsedCatalogue {
  const byName = new Map<string, { labels: Set<string>; isCounted: boolean }>();
  for (const { name, labels, isCounted } of uses) {
    const known = byName.get(name) ?? { labels: new Set<string>(), isCounted: false };
    for (const label of labels) known.labels.add(label);
    known.isCounted ||= isCounted;
    byName.set(name, known);
  }
  const readable = new Map(
    (exposed?.metrics ?? []).flatMap((each) => seriesNames(each).map((name) => [name, each] as const)),
  );
  // Where a page shows what there is, a metric that it does not have is one that does not exist.
  const exists = (name: string) => exposed === undefined || recorded.has(name) || OF_PROMETHEUS.has(name);
  const names = [...byName.keys()].filter((name) => !readable.has(name) && exists(name)).sort();
  const handles = new Set((exposed?.metrics ?? []).map(({ handle }) => handle));
  const inferred = names.map((name): FoundMetric => {
    const { labels, isCounted } = byName.get(name) ?? { labels: new Set<string>(), isCounted: false };
    const isCounter = /_(total|bucket|count|sum)$/.test(name) || (isCounted && !name.includes(':'));
    return {
      handle: untaken(handleOf(name), handles),
      kind: isCounter ? 'counter' : 'gauge',
      name,
      help: name,
      unit: unitOf(name),
      labels: [...labels].sort(),
      bounds: [],
    };
  });
  const metrics = [...(exposed?.metrics ?? []), ...inferred];
  // A page cannot know the labels that scraping adds, a Prometheus does.
  const scraped = [...byName]
    .filter(([name]) => readable.has(name))
    .flatMap(([, { labels }]) => [...labels])
    .filter((label) => SCRAPED.has(label) && exposed?.targetLabels === undefined);
  const told = exposed?.targetLabels ?? [];
  const own = new Set((exposed?.metrics ?? []).flatMap(({ labels }) => labels));
  const targetLabels = [...new Set([...scraped, ...told])].filter((label) => !own.has(label)).sort();
  const known = new Map((exposed?.labels ?? []).map((label) => [label.name, label] as const));
  const trimmed = metrics.map((each) => ({
    ...each,
    labels: each.labels.filter((label) => !targetLabels.includes(label)),
  }));
  const labels = [...new Set(trimmed.flatMap((each) => each.labels))].map(
    (name): FoundLabel => known.get(name) ?? { name, values: undefined, count: 0, seen: [], decidedBy: undefined },
  );
  return { catalogue: { metrics: trimmed, labels, findings: exposed?.findings ?? [] }, targetLabels, inferred: names };
}
