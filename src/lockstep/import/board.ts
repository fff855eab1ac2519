import { isRecord, printValue } from 'lockstep-exporter/internal';
import type {
  ExistingBoardDefinition,
  ExistingPanel,
  ExistingQuery,
  ExistingVariable,
  GrafanaFields,
  GridPlace,
} from '../existing/board.js';
import { nameOf } from '../existing/read.js';
import { compact } from '../existing/render.js';
import { UID_LENGTH } from '../grafana/index.js';
import { letterOf } from '../panels/names.js';
import type { Finding } from '../report/finding.js';
import { isAskedFor, isMixed, isVariable, sourceVariable, uidOf } from './datasource.js';
import { number, text } from './fields.js';
import { flattenRows } from './old-rows.js';
import type { BoardSource } from './sources.js';

/** A board as a definition without its catalogue. */
export type BoardData = Omit<ExistingBoardDefinition, 'catalogue'>;

export interface ReadBoard {
  readonly board: BoardData;
  /** The model that the definition stands for: that of the file, with rows of old files as panels. */
  readonly model: GrafanaFields;
  readonly findings: readonly Finding[];
}

type Note = (id: string, where: string, found: string, fix: string) => void;

/** Fields of a file that Grafana writes for itself, and that say nothing about the board. */
export const OF_THE_FILE = ['id', 'version', 'iteration', '__inputs', '__requires', '__elements', 'gnetId'];

/** The schema in which panels got their place on a grid; older files have rows. */
const FIRST_GRID = 16;

/**
 * The definition of a board from Grafana's JSON.
 *
 * @param name kebab case
 */
export function readBoard({ where, model: given }: BoardSource, name: string): ReadBoard {
  const findings: Finding[] = [];
  const note: Note = (id, place, found, fix) =>
    findings.push({ id: `import/${id}`, severity: 'warning', where: place, found, fix });
  const model = Array.isArray(given['rows']) && !Array.isArray(given['panels']) ? flattenRows(given) : given;
  if (model !== given)
    note('old-rows', where, 'rows of an old schema', 'look at the layout: their panels have a place on the grid now');
  const { uid, title, description, tags, refresh, time, schemaVersion, templating, panels, ...rest } = model;
  const list = isRecord(templating) ? templating['list'] : undefined;
  const raw = (Array.isArray(list) ? list : []).filter(isRecord);
  const source = sourceVariable(raw);
  const hasUid = typeof uid === 'string' && /^[a-zA-Z0-9_-]+$/.test(uid) && uid.length <= UID_LENGTH;
  if (!hasUid)
    note(
      'uid',
      where,
      uid === undefined || uid === null ? 'no uid' : `uid ${printValue(uid)}, which Grafana does not take`,
      'give the uid that the board has in Grafana: links and bookmarks know it by that',
    );
  if (typeof schemaVersion !== 'number')
    note('schema', where, 'no schemaVersion', 'look at the board in Grafana: the schema of 10.4 is assumed');
  const replaced = new Set<string>();
  const context: Context = { source, note, where, replaced };
  const board: BoardData = {
    name,
    uid: hasUid ? uid : name.slice(0, UID_LENGTH),
    title: typeof title === 'string' && title.trim() !== '' ? title : name,
    ...text('description', description),
    ...(Array.isArray(tags) && tags.length > 0 ? { tags: tags.map(String) } : {}),
    ...(typeof refresh === 'string' ? { refresh } : {}),
    ...(isRange(time) ? { time } : {}),
    schemaVersion: typeof schemaVersion === 'number' ? Math.max(schemaVersion, FIRST_GRID) : 39,
    variables: raw.map((each) => readVariable(each, context)),
    panels: readPanels(panels, context),
    ...modelOf({
      ...Object.fromEntries(Object.entries(rest).filter(([key]) => !OF_THE_FILE.includes(key))),
      ...(typeof refresh !== 'string' && refresh !== undefined ? { refresh } : {}),
      ...(time !== undefined && !isRange(time) ? { time } : {}),
      ...(isRecord(templating) && Object.keys(templating).length > 1
        ? { templating: Object.fromEntries(Object.entries(templating).filter(([key]) => key !== 'list')) }
        : {}),
    }),
  };
  for (const each of replaced)
    note('datasource', where, each, 'the panels read the datasource of the board, or of target › datasource');
  for (const [index, annotation] of annotationsOf(model).entries())
    if (annotation['builtIn'] !== 1)
      note(
        'annotation',
        `${where} › annotation ${String(annotation['name'] ?? index + 1)}`,
        'a query of an annotation, which is written as it is and is not looked up',
        'check by hand that the metric exists',
      );
  return { board, model, findings };
}

interface Context {
  /** How the board's own Prometheus datasource is named. */
  readonly source: string | undefined;
  readonly note: Note;
  readonly where: string;
  /** Datasources that were replaced by the board's. */
  readonly replaced: Set<string>;
}

function annotationsOf(model: GrafanaFields): readonly GrafanaFields[] {
  const { annotations } = model;
  return isRecord(annotations) && Array.isArray(annotations['list']) ? annotations['list'].filter(isRecord) : [];
}

function modelOf(fields: GrafanaFields): { readonly model?: GrafanaFields } {
  const model = compact(fields);
  return Object.keys(model).length === 0 ? {} : { model };
}

function isRange(time: unknown): time is { readonly from: string; readonly to: string } {
  return (
    isRecord(time) &&
    typeof time['from'] === 'string' &&
    typeof time['to'] === 'string' &&
    Object.keys(time).length === 2
  );
}

function isRecords(value: unknown): value is readonly GrafanaFields[] {
  return Array.isArray(value) && value.every(isRecord);
}

function readPanels(panels: unknown, context: Context): readonly ExistingPanel[] {
  let count = 0;
  const read = (panel: GrafanaFields): ExistingPanel => {
    count += 1;
    return readPanel(panel, count, read, context);
  };
  return (Array.isArray(panels) ? panels : []).filter(isRecord).map(read);
}

function readPanel(
  panel: GrafanaFields,
  count: number,
  read: (panel: GrafanaFields) => ExistingPanel,
  context: Context,
): ExistingPanel {
  const { type, title, description, id, gridPos, datasource, fieldConfig, targets, ...others } = panel;
  const { options, transformations, links, collapsed, panels, ...rest } = others;
  const kind = typeof type === 'string' ? type : 'text';
  const isRow = kind === 'row';
  const named = { ...text('title', title) };
  const place = `${context.where} › ${nameOf({ type: kind, at: NOWHERE, ...named }, count - 1)}`;
  const at = placeOf(gridPos, isRow);
  if (at === undefined)
    context.note('place', place, 'a panel without a place on the grid', 'give it one: at: { x, y, width, height }');
  const inner = isRecords(panels) ? panels : [];
  const isNested = isRow && (inner.length > 0 || collapsed === true);
  const own = isRow ? {} : ownSource(datasource, context);
  const queries = isRow || !isRecords(targets) ? undefined : targets;
  return {
    type: kind,
    ...named,
    ...text('description', description),
    ...(id === undefined || id === null || id === count ? {} : number('id', id)),
    at: at ?? (isRow ? { ...NOWHERE, width: 24, height: 1 } : NOWHERE),
    ...readFields(fieldConfig),
    ...(queries === undefined
      ? {}
      : { queries: queries.map((each, index) => readTarget(each, index, datasource, context)) }),
    ...(isRecord(options) ? { options } : {}),
    ...(isRecords(transformations) ? { transformations } : {}),
    ...(isRecords(links) ? { links } : {}),
    ...(isNested ? { collapsed: true, panels: inner.map(read) } : {}),
    ...modelOf({
      ...own,
      ...(isRow ? {} : { collapsed, panels }),
      ...(isRecord(options) ? {} : { options }),
      ...(isRecords(transformations) ? {} : { transformations }),
      ...(isRecords(links) ? {} : { links }),
      ...(queries === undefined && !isRow ? { targets } : {}),
      ...rest,
    }),
  };
}

const NOWHERE: GridPlace = { x: 0, y: 0, width: 12, height: 8 };

function placeOf(gridPos: unknown, isRow: boolean): GridPlace | undefined {
  if (!isRecord(gridPos)) return undefined;
  const { x = 0, y = 0, w = isRow ? 24 : undefined, h = isRow ? 1 : undefined } = gridPos;
  return typeof x === 'number' && typeof y === 'number' && typeof w === 'number' && typeof h === 'number'
    ? { x, y, width: w, height: h }
    : undefined;
}

function readFields(fieldConfig: unknown): Pick<ExistingPanel, 'unit' | 'min' | 'defaults' | 'overrides'> {
  if (!isRecord(fieldConfig)) return {};
  const { defaults, overrides } = fieldConfig;
  const { unit, min, max, decimals, thresholds, ...rest } = isRecord(defaults) ? defaults : {};
  const lifted = readThresholds(thresholds);
  const left: GrafanaFields = {
    ...rest,
    ...(lifted === undefined && thresholds !== undefined ? { thresholds } : {}),
    ...(typeof unit === 'string' || unit === undefined ? {} : { unit }),
    ...Object.fromEntries(
      Object.entries({ min, max, decimals }).filter(([, value]) => value !== undefined && typeof value !== 'number'),
    ),
  };
  return {
    ...text('unit', unit),
    ...number('min', min),
    ...number('max', max),
    ...number('decimals', decimals),
    ...(lifted === undefined ? {} : { thresholds: lifted }),
    ...(Object.keys(left).length === 0 ? {} : { defaults: left }),
    ...(isRecords(overrides) && overrides.length > 0 ? { overrides } : {}),
  };
}

/** Thresholds that increase above a base colour; others stay as Grafana has them. */
function readThresholds(thresholds: unknown): ExistingPanel['thresholds'] {
  if (!isRecord(thresholds) || thresholds['mode'] !== 'absolute' || !isRecords(thresholds['steps'])) return undefined;
  if (Object.keys(thresholds).length !== 2) return undefined;
  const [base, ...steps] = thresholds['steps'];
  if (base === undefined || typeof base['color'] !== 'string' || (base['value'] ?? null) !== null) return undefined;
  const read = steps.map(({ value, color, ...more }) =>
    typeof value === 'number' && typeof color === 'string' && Object.keys(more).length === 0
      ? { at: value, colour: color }
      : undefined,
  );
  const whole = read.filter((each) => each !== undefined);
  return whole.length === read.length ? { base: base['color'], steps: whole } : undefined;
}

/** Nothing for the board's own datasource; else the field as it is. */
function ownSource(datasource: unknown, context: Context): GrafanaFields {
  // Without queries, or with queries that name theirs, nobody asks a panel's own.
  return isVariable(datasource, context.source) ||
    datasource === undefined ||
    datasource === null ||
    isAskedFor(datasource)
    ? {}
    : { datasource };
}

/** No datasource, or one that the file asks for when it is imported: the board's own takes its place. */
function isReplaced(datasource: unknown, { replaced }: Context): boolean {
  const isAsked = isAskedFor(datasource);
  const isNone = datasource === undefined || datasource === null;
  if (isAsked)
    replaced.add(
      `the datasource ${String(uidOf(datasource))}, which is asked for when the file is loaded into Grafana`,
    );
  if (isNone) replaced.add('no datasource, which is the one that Grafana has as its default');
  return isAsked || isNone;
}

function readTarget(target: GrafanaFields, index: number, ofPanel: unknown, context: Context): ExistingQuery {
  const { expr, legendFormat, refId, datasource, ...rest } = target;
  const from = datasource ?? (isMixed(ofPanel) ? undefined : ofPanel);
  const type = isRecord(from) ? from['type'] : undefined;
  const isPrometheus = typeof expr === 'string' && expr.trim() !== '' && (type === undefined || type === 'prometheus');
  const letter = refId === letterOf(index) ? {} : text('refId', refId);
  if (!isPrometheus) return { ...letter, model: {}, ...modelOf({ datasource: from, expr, legendFormat, ...rest }) };
  const source = isVariable(from, context.source) || isReplaced(from, context) ? {} : { datasource: from };
  return {
    ...letter,
    promql: expr,
    ...text('legend', legendFormat),
    ...modelOf({ ...source, ...(typeof legendFormat === 'string' ? {} : { legendFormat }), ...rest }),
  };
}

function readVariable(variable: GrafanaFields, context: Context): ExistingVariable {
  const { type, name, label, query, datasource, ...rest } = variable;
  const kind = String(type ?? 'query');
  const inner = isRecord(query) ? query['query'] : query;
  const source =
    kind !== 'query' || isVariable(datasource, context.source) || isReplaced(datasource, context) ? {} : { datasource };
  const isOther = isRecord(datasource) && datasource['type'] !== undefined && datasource['type'] !== 'prometheus';
  return {
    type: kind,
    name: String(name ?? ''),
    ...text('title', label),
    ...text('query', inner),
    ...(isOther && kind === 'query' ? { unchecked: `a query of ${String(datasource['type'])}` } : {}),
    ...modelOf({
      ...source,
      ...(kind === 'query' || datasource === undefined ? {} : { datasource }),
      ...(typeof label === 'string' ? {} : { label }),
      ...(typeof query === 'string' ? {} : { query }),
      ...rest,
    }),
  };
}
