export { absenceRule, missingRule } from './absence.js';
export type { AlertGroup, AlertRule, Look, Runbook } from './alert.js';
export { alertRule } from './alert.js';
export { burnRules } from './burn.js';
export { defineAlertGroup } from './define.js';
export type { Scenario, Traffic } from './scenario.js';
export { traffic } from './scenario.js';
