export type { Catalogue, SeriesAccount } from './catalogue.js';
export { accountSeries, defineCatalogue } from './catalogue.js';
export type { Label, ValueOf } from './label.js';
export { decidedLabel, label, openLabel } from './label.js';
export type { Kind, LabelMap, Metric, Unit } from './metric.js';
export { counter, DEFAULT_BUDGET, gauge, histogram, seriesCount } from './metric.js';
export { lintCatalogue } from './rules.js';
