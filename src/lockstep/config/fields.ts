import type { Fields } from 'lockstep-exporter/internal';
import type { Config, House, System, Target } from './config.js';
import type { OwnRule } from './own-rule.js';

// Every field of a configuration and of its parts: what is not among them is refused.

export const CONFIG_FIELDS = {
  source: true,
  target: true,
  systems: true,
  docs: true,
  documents: true,
  out: true,
  lint: true,
} as const satisfies Fields<Config>;

export const OWN_RULE_FIELDS = {
  id: true,
  severity: true,
  about: true,
  example: true,
  fix: true,
  board: true,
  panel: true,
  alert: true,
} as const satisfies Fields<OwnRule>;

export const TARGET_FIELDS = {
  grafana: true,
  grafanaUrl: true,
  datasource: true,
  counters: true,
  prometheus: true,
  experimental: true,
  exempt: true,
  scrapeInterval: true,
  apply: true,
  house: true,
  instanceSelector: true,
  folder: true,
  alertFolder: true,
  routes: true,
  severities: true,
  runbooks: true,
  layout: true,
  ruler: true,
} as const satisfies Fields<Target>;

export const LAYOUT_FIELDS = { dashboards: true, alerts: true } as const satisfies Fields<Target['layout']>;
export const RULER_FIELDS = { layout: true, labels: true, alerts: true, groups: true } as const satisfies Fields<
  NonNullable<Target['ruler']>
>;

export const SEVERITY_FIELDS = { page: true, ticket: true } as const satisfies Fields<
  NonNullable<Target['severities']>
>;

export const HOUSE_FIELDS = {
  builtins: true,
  tags: true,
  lineLength: true,
  overlays: true,
} as const satisfies Fields<House>;

export const SYSTEM_FIELDS = {
  catalogue: true,
  dashboards: true,
  alerts: true,
  boards: true,
  rules: true,
  recordedIn: true,
  verifyJob: true,
  demo: true,
} as const satisfies Fields<System>;
