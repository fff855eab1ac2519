export type { Dashboard, Row } from './dashboard.js';
export { defineDashboard } from './define.js';
export type {
  DatasourceRef,
  Link,
  Mapping,
  OtherQuery,
  Panel,
  Query,
  QueryLooks,
  Thresholds,
  Transformation,
} from './panel.js';
export { alertListPanel, logsPanel, otherPanel, panel, query, textPanel } from './panel.js';
export type { RedDefinition, RedPanels } from './red.js';
export { QUANTILE_STEP, quantileQueries, redPanels } from './red.js';
export type { SloPanels } from './slo.js';
export { sloPanels } from './slo.js';
export type { PanelUnit } from './units.js';
export type { FreeVariable, Variable } from './variable.js';
export {
  constantVariable,
  customVariable,
  datasourceVariable,
  intervalVariable,
  labelVariable,
  textVariable,
} from './variable.js';
