import type { Fields } from 'lockstep-exporter/internal';
import type { AlertGroup, AlertRule, Look, NotificationSettings, Runbook } from './alert.js';
import type { Scenario, Traffic } from './scenario.js';

// Every field of an alert group and of its parts: what is not among them is refused.

export const GROUP_FIELDS = {
  catalogue: true,
  name: true,
  rules: true,
  retired: true,
} as const satisfies Fields<AlertGroup>;

export const RULE_FIELDS = {
  uid: true,
  title: true,
  node: true,
  for: true,
  keepFiringFor: true,
  missingSeriesEvalsToResolve: true,
  notificationSettings: true,
  severity: true,
  component: true,
  summary: true,
  description: true,
  panel: true,
  runbook: true,
  proof: true,
  emptyBecause: true,
  labels: true,
  annotations: true,
  exempt: true,
  burn: true,
} as const satisfies Fields<AlertRule>;

export const NOTIFICATION_FIELDS = {
  receiver: true,
  groupBy: true,
  groupWait: true,
  groupInterval: true,
  repeatInterval: true,
  muteTimeIntervals: true,
  activeTimeIntervals: true,
} as const satisfies Fields<NotificationSettings>;

export const RUNBOOK_FIELDS = { impact: true, firstLook: true, silence: true } as const satisfies Fields<Runbook>;
export const LOOK_FIELDS = { say: true, panel: true } as const satisfies Fields<Look>;

export const SCENARIO_FIELDS = {
  name: true,
  lasts: true,
  traffic: true,
  vanishes: true,
  fires: true,
} as const satisfies Fields<Scenario>;

export const FIRES_FIELDS = {
  notBefore: true,
  by: true,
  overBy: true,
} as const satisfies Fields<Exclude<Scenario['fires'], 'never'>>;

export const TRAFFIC_FIELDS = {
  of: true,
  from: true,
  until: true,
  every: true,
  count: true,
  value: true,
} as const satisfies Fields<Traffic>;
