import type { Fields } from 'lockstep-exporter/internal';
import type { Annotation, Dashboard, Row } from './dashboard.js';
import type { Panel, Query, StatPanel, Threshold, Thresholds } from './panel.js';
import type { Variable } from './variable.js';

// Every field of a dashboard and of its parts: what is not among them is refused.

export const DASHBOARD_FIELDS = {
  catalogue: true,
  facet: true,
  description: true,
  title: true,
  refresh: true,
  range: true,
  tags: true,
  variables: true,
  minStep: true,
  annotations: true,
  rows: true,
  exempt: true,
} as const satisfies Fields<Dashboard>;

export const VARIABLE_FIELDS = {
  variable: true,
  label: true,
  title: true,
  metric: true,
  within: true,
} as const satisfies Fields<Variable>;

export const ANNOTATION_FIELDS = {
  title: true,
  query: true,
  colour: true,
  step: true,
} as const satisfies Fields<Annotation>;

export const ROW_FIELDS = { title: true, panels: true, collapsed: true } as const satisfies Fields<Row>;

const EVERY_PANEL = {
  type: true,
  title: true,
  description: true,
  unit: true,
  queries: true,
  thresholds: true,
  width: true,
  height: true,
  min: true,
  max: true,
  decimals: true,
  noValue: true,
  exempt: true,
} as const satisfies Fields<StatPanel>;

export const PANEL_FIELDS = {
  stat: EVERY_PANEL,
  gauge: EVERY_PANEL,
  timeseries: {
    ...EVERY_PANEL,
    stacked: true,
    bars: true,
    colours: true,
    softMax: true,
    drawThresholds: true,
    minStep: true,
    drillDown: true,
  },
  'state-timeline': { ...EVERY_PANEL, minStep: true, drillDown: true },
  table: { ...EVERY_PANEL, drillDown: true },
  sdk: { ...EVERY_PANEL, build: true, instant: true },
} as const satisfies { readonly [P in Panel as P['type']]: Fields<P> };

export const QUERY_FIELDS = {
  node: true,
  legend: true,
  emptyBecause: true,
  unit: true,
} as const satisfies Fields<Query>;

export const THRESHOLDS_FIELDS = { base: true, steps: true } as const satisfies Fields<Thresholds>;
export const THRESHOLD_FIELDS = { at: true, colour: true } as const satisfies Fields<Threshold>;
