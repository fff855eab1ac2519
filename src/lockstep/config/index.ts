export type { GrafanaVersion } from '../grafana/index.js';
export type { Config, System, Target } from './config.js';
export type { Demo } from './demo.js';
export type { BoardModel, GroupRule, OwnRule, PanelModel, Remark } from './own-rule.js';
export { defineConfig } from './rules.js';
