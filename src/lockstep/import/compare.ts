import { isRecord } from 'lockstep-exporter/internal';
import type { ValueDifference } from '../check/diff-values.js';
import { diffValues } from '../check/diff-values.js';
import type { GrafanaFields } from '../existing/board.js';
import { compact } from '../existing/render.js';
import { letterOf } from '../panels/names.js';
import type { Finding } from '../report/finding.js';
import { OF_THE_FILE } from './board.js';
import { isAskedFor, isMixed, isVariable, sourceVariable, uidOf } from './datasource.js';

/** The places where a board is built otherwise than its file has it, both in normal form: without defaults. */
export function compareBoards(
  built: GrafanaFields,
  file: GrafanaFields,
  datasource: string,
): readonly ValueDifference[] {
  const own = { name: sourceVariable(variablesOf(file)), datasource };
  return diffValues(normal(built, own), normal(file, own));
}

/** How a board names its own datasource: by a variable, or as the target does. */
interface Own {
  readonly name: string | undefined;
  readonly datasource: string;
}

function variablesOf({ templating }: GrafanaFields): readonly GrafanaFields[] {
  return isRecord(templating) && Array.isArray(templating['list']) ? templating['list'].filter(isRecord) : [];
}

function normal(model: GrafanaFields, source: Own): GrafanaFields {
  const { panels, templating, tags, ...rest } = model;
  const kept = Object.entries(rest).filter(
    ([key]) => !OF_THE_FILE.includes(key) && !['uid', 'title', 'schemaVersion', 'rows'].includes(key),
  );
  return {
    ...Object.fromEntries(kept),
    tags: tags ?? [],
    templating: {
      ...(isRecord(templating) ? templating : {}),
      list: variablesOf(model).map((each) => normalVariable(each, source)),
    },
    panels: (Array.isArray(panels) ? panels : []).filter(isRecord).map((each) => normalPanel(each, source)),
  };
}

/** A name for the datasource: the board's own, however it is spelt, has none. */
function sourceOf(datasource: unknown, { name, datasource: target }: Own): unknown {
  const uid = uidOf(datasource);
  if (uid === undefined || uid === null || uid === target) return undefined;
  return isAskedFor(datasource) || isVariable(datasource, name) ? undefined : String(uid);
}

function normalVariable(variable: GrafanaFields, source: Own): GrafanaFields {
  const { datasource, ...rest } = variable;
  return compact({ type: 'query', ...rest, datasource: sourceOf(datasource, source) });
}

function normalPanel(panel: GrafanaFields, source: Own): GrafanaFields {
  // The number of a panel that has none is Grafana's to give.
  const { id: _, datasource, fieldConfig, targets, panels, collapsed, gridPos, ...rest } = panel;
  const isRow = panel['type'] === 'row';
  const { defaults, overrides, ...more } = isRecord(fieldConfig) ? fieldConfig : {};
  const inner = (Array.isArray(panels) ? panels : []).filter(isRecord).map((each) => normalPanel(each, source));
  const place = isRecord(gridPos) ? gridPos : {};
  return compact({
    ...rest,
    gridPos: { x: 0, y: 0, ...(isRow ? { h: 1, w: 24 } : {}), ...place },
    collapsed: isRow ? collapsed === true || inner.length > 0 : collapsed,
    datasource: isRow ? undefined : sourceOf(datasource, source),
    fieldConfig: { ...more, defaults: normalDefaults(defaults), overrides: overrides ?? [] },
    targets: isRow
      ? undefined
      : (Array.isArray(targets) ? targets : [])
          .filter(isRecord)
          .map((each, index) => normalTarget({ refId: letterOf(index), ...each }, datasource, source)),
    panels: isRow ? inner : panels,
  });
}

function normalDefaults(defaults: unknown): unknown {
  if (!isRecord(defaults)) return {};
  const { thresholds } = defaults;
  if (!isRecord(thresholds) || !Array.isArray(thresholds['steps'])) return defaults;
  const steps = thresholds['steps'].filter(isRecord).map((step) => ({ ...step, value: step['value'] ?? null }));
  return { ...defaults, thresholds: { ...thresholds, steps } };
}

function normalTarget(target: GrafanaFields, ofPanel: unknown, source: Own): GrafanaFields {
  const { datasource, expr, ...rest } = target;
  return compact({
    ...rest,
    expr: typeof expr === 'string' ? expr.trim() : expr,
    datasource: sourceOf(datasource ?? (isMixed(ofPanel) ? undefined : ofPanel), source),
  });
}

/** The finding about a field that is not built as its file has it. */
export function changed(where: string, found: unknown, wanted: unknown): Finding {
  return {
    id: 'import/changed',
    severity: 'warning',
    where,
    found: `${show(found)}; the file has ${show(wanted)}`,
    fix: 'correct it in the definition, if it matters',
  };
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
