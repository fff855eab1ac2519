import type { Fields } from 'lockstep-exporter/internal';
import type { Annotation, Dashboard, Row } from './dashboard.js';
import type {
  DatasourceRef,
  Link,
  Mapping,
  OtherQuery,
  Panel,
  Query,
  StatPanel,
  Threshold,
  Thresholds,
  Transformation,
} from './panel.js';
import type { FreeVariable, Variable } from './variable.js';

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
  links: true,
  folder: true,
  folderUid: true,
  exempt: true,
} as const satisfies Fields<Dashboard>;

export const VARIABLE_FIELDS = {
  variable: true,
  label: true,
  title: true,
  metric: true,
  within: true,
  values: true,
} as const satisfies Fields<Variable>;

export const FREE_VARIABLE_FIELDS = {
  variable: true,
  title: true,
  kind: true,
  values: true,
} as const satisfies Fields<FreeVariable>;

export const ANNOTATION_FIELDS = {
  title: true,
  query: true,
  colour: true,
  step: true,
} as const satisfies Fields<Annotation>;

export const ROW_FIELDS = { title: true, panels: true, collapsed: true, repeat: true } as const satisfies Fields<Row>;

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
  others: true,
  mappings: true,
  links: true,
  dataLinks: true,
  repeat: true,
  transformations: true,
  exempt: true,
} as const satisfies Fields<StatPanel>;

const PLAIN_PANEL = {
  type: true,
  title: true,
  description: true,
  queries: true,
  unit: true,
  width: true,
  height: true,
  links: true,
  exempt: true,
} as const;

export const PANEL_FIELDS = {
  text: { ...PLAIN_PANEL, markdown: true },
  logs: { ...PLAIN_PANEL, others: true },
  'alert-list': { ...PLAIN_PANEL, states: true },
  other: { ...PLAIN_PANEL, build: true, others: true },
  stat: EVERY_PANEL,
  gauge: EVERY_PANEL,
  timeseries: {
    ...EVERY_PANEL,
    stacked: true,
    bars: true,
    colours: true,
    softMax: true,
    softMin: true,
    scale: true,
    axisLabel: true,
    legend: true,
    bridgeGaps: true,
    drawThresholds: true,
    minStep: true,
    drillDown: true,
  },
  'state-timeline': { ...EVERY_PANEL, minStep: true, drillDown: true },
  table: { ...EVERY_PANEL, drillDown: true },
  'bar-gauge': { ...EVERY_PANEL, orientation: true },
  pie: { ...EVERY_PANEL, donut: true },
  heatmap: { ...EVERY_PANEL, minStep: true },
  histogram: { ...EVERY_PANEL, bucketSize: true },
  'status-history': { ...EVERY_PANEL, minStep: true },
  sdk: { ...EVERY_PANEL, build: true, instant: true },
} as const satisfies { readonly [P in Panel as P['type']]: Fields<P> };

export const QUERY_FIELDS = {
  node: true,
  legend: true,
  emptyBecause: true,
  unit: true,
  colour: true,
  axis: true,
  draw: true,
} as const satisfies Fields<Query>;

export const OTHER_QUERY_FIELDS = { datasource: true, model: true } as const satisfies Fields<OtherQuery>;
export const DATASOURCE_FIELDS = { type: true, uid: true } as const satisfies Fields<DatasourceRef>;
export const MAPPING_FIELDS = { value: true, text: true, colour: true } as const satisfies Fields<Mapping>;
export const LINK_FIELDS = { title: true, url: true } as const satisfies Fields<Link>;
export const TRANSFORMATION_FIELDS = { id: true, options: true } as const satisfies Fields<Transformation>;

export const THRESHOLDS_FIELDS = { base: true, steps: true } as const satisfies Fields<Thresholds>;
export const THRESHOLD_FIELDS = { at: true, colour: true } as const satisfies Fields<Threshold>;
