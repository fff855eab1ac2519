import type { Label } from './label.js';
import type { Metric } from './metric.js';

/** All metrics of one system. Whatever is recorded, shown or alerted on is one of them. */
export interface CatalogueDefinition<Metrics extends Record<string, Metric> = Record<string, Metric>> {
  /** The system's name, and the prefix of every metric's: `fab` for `fab_agent_sessions_total`. */
  readonly name: string;
  /** By the handle's name in code. */
  readonly metrics: Metrics;
  /**
   * Who records the metrics: the exporter that is made of this catalogue (the default), or somebody else: another
   * library, another language, another exporter. Names and labels of others are taken as they are.
   */
  readonly recordedBy?: 'others';
  /**
   * The labels that scraping adds, for a catalogue of others, to every series (`job`, `namespace`, `pod`). They can be
   * matched and grouped by.
   */
  readonly targetLabels?: readonly Label[];
  /**
   * How `increase()` and `rate()` read counters, for a catalogue of others: by default as PromQL does, which extends a
   * slope to the edges of the window; `anchored` counts from the last sample before the window, and needs Prometheus
   * 3.16 (`target.prometheus`). Then nothing is estimated. A counter must be exposed at 0 before it counts, or its
   * first events are in no window.
   */
  readonly increases?: 'anchored';
  /** The matchers of every selector, for a catalogue of others: `{ namespace: 'checkout' }`. */
  readonly scope?: Readonly<Record<string, string | readonly string[]>>;
}
