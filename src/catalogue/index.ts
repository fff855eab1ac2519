export type { Catalogue, OwnMetrics, SeriesAccount } from './catalogue.js';
export { accountSeries, defineCatalogue, hashCatalogue } from './catalogue.js';
export type { CatalogueDefinition } from './definition.js';
export type { Label, ValueOf } from './label.js';
export { decidedLabel, label, openLabel } from './label.js';
export type { Day, Deprecation, Renaming, Stability } from './life-cycle.js';
export type { Kind, LabelMap, Metric, Unit } from './metric.js';
export { counter, DEFAULT_BUDGET, gauge, histogram, SHARD_LABEL, START_LABEL, seriesCount } from './metric.js';
export { lintCatalogue } from './rules.js';
