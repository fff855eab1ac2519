export type { Config, GrafanaVersion, System, Target } from './config.js';
export { defineConfig } from './config.js';
export type { Demo, DemoEvent } from './demo.js';
