import { refuse } from '../problem.js';
import type { Metric } from './metric.js';
import { seriesCount } from './metric.js';
import { lintCatalogue } from './rules.js';

/** All metrics of one system. Whatever is recorded, shown or alerted on is one of them. */
export interface Catalogue<Metrics extends Record<string, Metric> = Record<string, Metric>> {
  /** The system's name, and the prefix of every metric's: `fab` for `fab_agent_sessions_total`. */
  readonly name: string;
  /** By the handle's name in code. */
  readonly metrics: Metrics;
}

/**
 * Checks a catalogue and returns it.
 *
 * @throws ProblemsError with every naming rule that is broken, every budget that is exceeded, every label that is
 * inconsistent: see {@link lintCatalogue}.
 */
export function defineCatalogue<const Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
): Catalogue<Metrics> {
  refuse(lintCatalogue(catalogue));
  return catalogue;
}

/** One line of the series account. */
export interface SeriesAccount {
  readonly metric: string;
  readonly series: number;
  readonly budget: number;
}

/** What each metric can cost in series per process, beside what it may. */
export function accountSeries(catalogue: Catalogue): readonly SeriesAccount[] {
  return Object.values(catalogue.metrics).map((metric) => ({
    metric: metric.name,
    series: seriesCount(metric),
    budget: metric.budget,
  }));
}
