export type { ExistingAlert, ExistingAlertQuery, ExistingAlerts, ExistingAlertsDefinition } from './alerts.js';
export type {
  ExistingBoard,
  ExistingBoardDefinition,
  ExistingPanel,
  ExistingQuery,
  ExistingVariable,
} from './board.js';
export { defineExistingAlerts, defineExistingBoard, defineExistingRules } from './define.js';
export type { ExistingGroup, ExistingRule, ExistingRules, ExistingRulesDefinition } from './rules.js';
