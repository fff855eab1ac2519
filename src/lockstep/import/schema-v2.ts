import { isRecord } from 'lockstep-exporter/internal';
import { compact } from '../existing/render.js';
import { GRAFANA_VERSIONS } from '../grafana/index.js';

type Json = Readonly<Record<string, unknown>>;

/** A board of schema v2 as one of schema v1, and the parts that v1 has no place for, each with its place. */
export interface Converted {
  readonly model: Json;
  readonly told: readonly { readonly where: string; readonly found: string }[];
}

type Tell = (where: string, found: string) => void;

const COLUMNS = 24;
/** Pixels of a row of the grid and of the gap below it, as Grafana counts. */
const STEP = 38;
/** The heights of panels in an auto grid, in pixels, as `AutoGridLayoutManager.tsx` of Grafana 12 has them. */
const AUTO_HEIGHTS: Readonly<Record<string, number>> = { short: 168, standard: 320, tall: 512 };

const CURSOR_SYNC = ['Off', 'Crosshair', 'Tooltip'];
const HIDE = ['dontHide', 'hideLabel', 'hideVariable', 'inControlsMenu'];
const REFRESH = ['never', 'onDashboardLoad', 'onTimeRangeChanged'];
const SORT =
  'disabled alphabeticalAsc alphabeticalDesc numericalAsc numericalDesc alphabeticalCaseInsensitiveAsc alphabeticalCaseInsensitiveDesc naturalAsc naturalDesc'.split(
    ' ',
  );
const VARIABLES: Readonly<Record<string, string>> = {
  QueryVariable: 'query',
  TextVariable: 'textbox',
  ConstantVariable: 'constant',
  DatasourceVariable: 'datasource',
  IntervalVariable: 'interval',
  CustomVariable: 'custom',
  GroupByVariable: 'groupby',
  AdhocVariable: 'adhoc',
};

/** Whether a model is one of schema v2. */
export function isV2(model: Json): boolean {
  return isRecord(model['elements']) && isRecord(model['layout']);
}

/**
 * A board of schema v2 (`dashboard.grafana.app/v2` and `v2beta1`, by the types of the foundation SDK) as Grafana shows
 * it in schema v1. Tabs and rows within rows become rows, and panels of an auto grid get a place.
 */
export function fromV2(board: Json): Converted {
  const told: { where: string; found: string }[] = [];
  const tell: Tell = (where, found) => told.push({ where, found });
  const { annotations, cursorSync, elements, layout, timeSettings, variables, preferences, ...rest } = board;
  if (preferences !== undefined) tell('preferences', 'the preferences of an editor');
  const place = placer(recordOf(elements), tell);
  place.layout(recordOf(layout), 'layout');
  for (const name of Object.keys(recordOf(elements)))
    if (!place.placed.has(name)) tell(`elements › ${name}`, 'a panel that no layout shows');
  return {
    model: {
      ...rest,
      ...timesOf(recordOf(timeSettings)),
      ...(cursorSync === undefined ? {} : { graphTooltip: indexIn(CURSOR_SYNC, cursorSync) }),
      schemaVersion: GRAFANA_VERSIONS['12.4'].schemaVersion,
      annotations: { list: recordsOf(annotations).map((each) => annotationOf(recordOf(each['spec']))) },
      templating: { list: recordsOf(variables).flatMap((each) => variableOf(each, tell)) },
      panels: place.panels,
    },
    told,
  };
}

const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
const recordsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

function indexIn(names: readonly string[], value: unknown): unknown {
  const index = names.indexOf(String(value));
  return index === -1 ? value : index;
}

function timesOf(settings: Json): Json {
  const { from, to, autoRefresh, autoRefreshIntervals, quickRanges, hideTimepicker, nowDelay, ...rest } = settings;
  const picker = compact({
    refresh_intervals: autoRefreshIntervals,
    quick_ranges: quickRanges,
    hidden: hideTimepicker === true ? true : undefined,
    nowDelay,
  });
  return compact({
    time: from === undefined && to === undefined ? undefined : { from, to },
    refresh: autoRefresh,
    timepicker: Object.keys(picker).length === 0 ? undefined : picker,
    ...rest,
  });
}

/** The datasource of a query: its type in `group`, its uid as `name`; in early files both as v1 has them. */
function sourceOf({ group, kind, datasource }: Json, ofQuery: unknown = undefined): unknown {
  if (isRecord(ofQuery)) return ofQuery;
  const type = group ?? (kind === 'DataQuery' ? undefined : kind);
  const uid = isRecord(datasource) ? datasource['name'] : undefined;
  return uid === undefined ? undefined : compact({ type: type === '' ? undefined : type, uid });
}

function annotationOf({ query, builtIn, legacyOptions, datasource, ...rest }: Json): Json {
  const asked = recordOf(query);
  const target = recordOf(asked['spec']);
  return compact({
    ...rest,
    ...recordOf(legacyOptions),
    builtIn: builtIn === true ? 1 : undefined,
    datasource: sourceOf(asked, datasource),
    target: Object.keys(target).length === 0 ? undefined : target,
  });
}

function variableOf({ kind, spec, group, datasource }: Json, tell: Tell): readonly Json[] {
  const { hide, refresh, sort, query, pluginId, datasource: own, origin, ...rest } = recordOf(spec);
  const where = `variables › ${String(rest['name'] ?? '')}`;
  const type = VARIABLES[String(kind)];
  if (type === undefined) {
    tell(where, `a ${String(kind)}, which schema v1 does not have`);
    return [];
  }
  if (origin !== undefined) tell(where, 'origin, which a datasource gives');
  const asked = recordOf(query);
  const inner = recordOf(asked['spec']);
  const source = type === 'query' ? sourceOf(asked, own) : sourceOf({ group, datasource }, own);
  return [
    compact({
      type,
      ...rest,
      hide: hide === undefined ? undefined : indexIn(HIDE, hide),
      refresh: refresh === undefined ? undefined : indexIn(REFRESH, refresh),
      sort: sort === undefined ? undefined : indexIn(SORT, sort),
      // Before queries were objects, they were texts.
      query: type === 'query' ? (inner['__legacyStringValue'] ?? inner) : (pluginId ?? query),
      datasource: source,
    }),
  ];
}

interface Placer {
  readonly panels: Json[];
  readonly placed: ReadonlySet<string>;
  layout(layout: Json, where: string): void;
}

/** Places panels from top to bottom: what comes next begins below all that is placed. */
function placer(elements: Json, tell: Tell): Placer {
  const panels: Json[] = [];
  const placed = new Set<string>();
  let end = 0;

  const put = (item: Json, at: { x: number; y: number; w: number; h: number }, into: Json[], where: string) => {
    const { element, repeat, conditionalRendering, x: _x, y: _y, width: _w, height: _h, ...rest } = item;
    const name = String(recordOf(element)['name'] ?? '');
    const found = elements[name];
    if (!isRecord(found)) return tell(where, `the element ${name}, which the board does not have`);
    if (conditionalRendering !== undefined) tell(`elements › ${name}`, 'a condition of when it is shown');
    for (const field of Object.keys(rest)) tell(`${where} › ${field}`, 'a field that schema v1 does not have');
    placed.add(name);
    const { value, direction, maxPerRow } = recordOf(repeat);
    into.push({
      ...panelOf(found, `elements › ${name}`, tell),
      gridPos: at,
      ...compact({ repeat: value, repeatDirection: direction, maxPerRow }),
    });
    end = Math.max(end, at.y + at.h);
    return undefined;
  };

  const fill = ({ kind, spec }: Json, where: string, into: Json[], isNested: boolean): void => {
    const own = recordOf(spec);
    const begin = end;
    if (kind === 'GridLayout') {
      for (const each of recordsOf(own['items'])) {
        const item = recordOf(each['spec']);
        const { x, y, width, height } = item;
        const [left = 0, top = 0, w = 12, h = 8] = [x, y, width, height].map((n) =>
          typeof n === 'number' ? n : undefined,
        );
        put(item, { x: left, y: begin + top, w, h }, into, where);
      }
    } else if (kind === 'AutoGridLayout') {
      tell(where, 'an auto grid: its panels have a place on the grid now');
      const columns = Math.min(COLUMNS, typeof own['maxColumnCount'] === 'number' ? own['maxColumnCount'] : 3);
      const w = Math.max(1, Math.floor(COLUMNS / Math.max(1, columns)));
      const mode = String(own['rowHeightMode'] ?? 'standard');
      const pixels = typeof own['rowHeight'] === 'number' ? own['rowHeight'] : (AUTO_HEIGHTS[mode] ?? 320);
      const h = Math.max(1, Math.round(pixels / STEP));
      for (const [index, each] of recordsOf(own['items']).entries()) {
        const at = { x: (index % columns) * w, y: begin + Math.floor(index / columns) * h, w, h };
        put(recordOf(each['spec']), at, into, where);
      }
    } else if (kind === 'RowsLayout' || kind === 'TabsLayout') {
      const sections = recordsOf(own[kind === 'RowsLayout' ? 'rows' : 'tabs']);
      if (kind === 'TabsLayout') tell(where, 'tabs: each is a row now');
      else if (isNested) tell(where, 'rows within a row or a tab: they stand below each other now');
      for (const [index, each] of sections.entries()) section(recordOf(each['spec']), `${where} › ${index + 1}`);
    } else tell(where, `a ${String(kind)}, which schema v1 does not have`);
  };

  const section = (spec: Json, where: string): void => {
    const { title, collapse, hideHeader, fillScreen, conditionalRendering, repeat, layout, variables, ...rest } = spec;
    const inner = recordOf(layout);
    const isCollapsed = collapse === true && inner['kind'] !== 'RowsLayout' && inner['kind'] !== 'TabsLayout';
    if (conditionalRendering !== undefined) tell(where, 'a condition of when it is shown');
    if (recordsOf(variables).length > 0) tell(where, 'variables of its own');
    if (fillScreen === true) tell(where, 'fillScreen, which schema v1 does not have');
    if (collapse === true && !isCollapsed) tell(where, 'closed, with rows in it: it is open now');
    for (const field of Object.keys(rest)) tell(`${where} › ${field}`, 'a field that schema v1 does not have');
    const nested: Json[] = [];
    const hasHeader = hideHeader !== true || repeat !== undefined || isCollapsed;
    if (hideHeader === true && hasHeader) tell(where, 'a row without a header, which it has now');
    if (hasHeader) {
      panels.push({
        type: 'row',
        title: title ?? '',
        collapsed: isCollapsed,
        gridPos: { x: 0, y: end, w: COLUMNS, h: 1 },
        ...compact({ repeat: recordOf(repeat)['value'] }),
        panels: nested,
      });
      end += 1;
    }
    const begin = end;
    fill(inner, where, isCollapsed ? nested : panels, true);
    // The panels of a closed row take no room.
    if (isCollapsed) end = begin;
  };

  return { panels, placed, layout: (layout, where) => fill(layout, where, panels, false) };
}

function panelOf({ kind, spec }: Json, where: string, tell: Tell): Json {
  const { data, vizConfig, subtitle, ...own } = recordOf(spec);
  if (kind !== 'Panel') {
    if (kind !== 'LibraryPanel') tell(where, `a ${String(kind)}, which schema v1 does not have`);
    return own;
  }
  if (subtitle !== undefined && subtitle !== '') tell(where, 'a subtitle, which schema v1 does not have');
  const { group, kind: vizKind, version, spec: viz } = recordOf(vizConfig);
  const { options, fieldConfig, pluginVersion, ...otherViz } = recordOf(viz);
  for (const field of Object.keys(otherViz)) tell(`${where} › ${field}`, 'a field that schema v1 does not have');
  const { queries, transformations, queryOptions } = recordOf(recordOf(data)['spec']);
  const { timeTo, ...kept } = recordOf(queryOptions);
  if (timeTo !== undefined) tell(where, 'timeTo, which schema v1 does not have');
  return compact({
    ...own,
    type: group ?? vizKind,
    pluginVersion: pluginVersion ?? (version === '' ? undefined : version),
    options,
    fieldConfig,
    targets: recordsOf(queries).map((each) => targetOf(recordOf(each['spec']))),
    transformations: transformationsOf(transformations),
    ...kept,
  });
}

function targetOf({ query, refId, hidden, datasource }: Json): Json {
  const asked = recordOf(query);
  return compact({
    ...recordOf(asked['spec']),
    refId,
    hide: hidden === true ? true : undefined,
    datasource: sourceOf(asked, datasource),
  });
}

function transformationsOf(transformations: unknown): readonly Json[] | undefined {
  const all = recordsOf(transformations).map(({ kind, group, spec }) => ({ id: group ?? kind, ...recordOf(spec) }));
  return all.length === 0 ? undefined : all;
}
