export type { MetricEvent } from '../catalogue/event.js';
export type { Config, GrafanaVersion, System, Target } from './config.js';
export type { Demo } from './demo.js';
export { defineConfig } from './rules.js';
