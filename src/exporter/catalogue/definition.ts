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
   * Of a catalogue of others: the labels that scraping adds to every series (`job`, `namespace`, `pod`). They can be
   * matched and grouped by.
   */
  readonly targetLabels?: readonly Label[];
  /** Of a catalogue of others: what every selector says, `{ namespace: 'checkout' }`. */
  readonly scope?: Readonly<Record<string, string | readonly string[]>>;
}
