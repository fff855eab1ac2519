import type { Fields } from 'lockstep-exporter/internal';
import type { ExistingAlert, ExistingAlertQuery, ExistingAlertsDefinition } from './alerts.js';
import type {
  ExistingBoardDefinition,
  ExistingPanel,
  ExistingQuery,
  ExistingThreshold,
  ExistingVariable,
  GridPlace,
} from './board.js';
import type { ExistingGroup, ExistingRule, ExistingRulesDefinition } from './rules.js';

// Every field of an existing board, of existing rules and of their parts: what is not among them is refused.

export const BOARD_FIELDS = {
  catalogue: true,
  name: true,
  uid: true,
  title: true,
  description: true,
  tags: true,
  refresh: true,
  time: true,
  schemaVersion: true,
  variables: true,
  panels: true,
  model: true,
  exempt: true,
} as const satisfies Fields<ExistingBoardDefinition>;

export const PANEL_FIELDS = {
  type: true,
  title: true,
  description: true,
  id: true,
  at: true,
  unit: true,
  min: true,
  max: true,
  decimals: true,
  thresholds: true,
  queries: true,
  collapsed: true,
  panels: true,
  defaults: true,
  overrides: true,
  options: true,
  transformations: true,
  links: true,
  model: true,
  exempt: true,
} as const satisfies Fields<ExistingPanel>;

export const PLACE_FIELDS = { x: true, y: true, width: true, height: true } as const satisfies Fields<GridPlace>;

export const QUERY_FIELDS = {
  promql: true,
  legend: true,
  refId: true,
  unchecked: true,
  model: true,
} as const satisfies Fields<ExistingQuery>;

export const THRESHOLDS_FIELDS = { base: true, steps: true } as const satisfies Fields<
  NonNullable<ExistingPanel['thresholds']>
>;
export const THRESHOLD_FIELDS = { at: true, colour: true } as const satisfies Fields<ExistingThreshold>;

export const VARIABLE_FIELDS = {
  type: true,
  name: true,
  title: true,
  query: true,
  unchecked: true,
  model: true,
} as const satisfies Fields<ExistingVariable>;

export const RULES_FIELDS = {
  catalogue: true,
  name: true,
  labels: true,
  groups: true,
  retired: true,
} as const satisfies Fields<ExistingRulesDefinition>;

export const GROUP_FIELDS = {
  name: true,
  interval: true,
  rules: true,
  model: true,
} as const satisfies Fields<ExistingGroup>;

export const RULE_FIELDS = {
  alert: true,
  record: true,
  promql: true,
  for: true,
  keepFiringFor: true,
  labels: true,
  annotations: true,
  unchecked: true,
  exempt: true,
} as const satisfies Fields<ExistingRule>;

export const ALERTS_FIELDS = {
  catalogue: true,
  name: true,
  group: true,
  interval: true,
  folder: true,
  alerts: true,
  model: true,
  retired: true,
} as const satisfies Fields<ExistingAlertsDefinition>;

export const ALERT_FIELDS = {
  uid: true,
  title: true,
  condition: true,
  for: true,
  labels: true,
  annotations: true,
  queries: true,
  model: true,
  exempt: true,
} as const satisfies Fields<ExistingAlert>;

export const ALERT_QUERY_FIELDS = {
  promql: true,
  refId: true,
  datasource: true,
  range: true,
  unchecked: true,
  model: true,
  queryType: true,
} as const satisfies Fields<ExistingAlertQuery>;
