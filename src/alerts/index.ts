export type { AlertGroup, AlertRule } from './alert.js';
export { alertRule, defineAlertGroup } from './alert.js';
export { burnRules } from './burn.js';
