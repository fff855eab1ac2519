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
  /** The matchers of every selector, for a catalogue of others: `{ namespace: 'checkout' }`. */
  readonly scope?: Readonly<Record<string, string | readonly string[]>>;
}
