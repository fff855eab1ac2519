import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { placedModels } from '../../src/lockstep/panels/models.js';
import { durationSeconds } from '../../src/lockstep/promql/window.js';

/** A query as it stands in the built YAML. */
export interface BuiltQuery {
  readonly panel: string;
  readonly ref: string;
  readonly expression: string;
  readonly instant: boolean;
  readonly legend: string;
}

export interface BuiltAlert {
  readonly uid: string;
  readonly expression: string;
}

const OUT = new URL('../../out/dashboards/base/', import.meta.url);

interface PanelModel {
  readonly title: string;
  readonly panels?: readonly PanelModel[];
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly instant: boolean;
    readonly legendFormat: string;
  }[];
}

interface Model {
  readonly panels: readonly PanelModel[];
  readonly annotations?: { readonly list?: readonly { readonly name: string; readonly expr: string }[] };
}

/** Every query of fab's board, out of the YAML that is committed. */
export function builtQueries(): readonly BuiltQuery[] {
  return queriesOf(readFileSync(new URL('platform/fab.yaml', OUT), 'utf8'));
}

/** Every query of a dashboard's YAML. */
export function queriesOf(yaml: string): readonly BuiltQuery[] {
  const resource = parse(yaml) as { readonly spec: { readonly json: string } };
  const model = JSON.parse(resource.spec.json) as Model;
  const panels = placedModels(model).flatMap(({ panel }) =>
    (panel.targets ?? []).map((target) => ({
      panel: panel.title,
      ref: target.refId,
      expression: target.expr,
      instant: target.instant,
      legend: target.legendFormat,
    })),
  );
  // Marks are asked as a chart is.
  const marks = (model.annotations?.list ?? []).map(({ name, expr }) => ({
    panel: name,
    ref: 'annotation',
    expression: expr,
    instant: false,
    legend: name,
  }));
  return [...panels, ...marks];
}

/** Every alert expression of fab's group, out of the YAML that is committed. */
export function builtAlerts(): readonly BuiltAlert[] {
  const resource = parse(readFileSync(new URL('alerting/fab.yaml', OUT), 'utf8')) as {
    readonly spec: {
      readonly rules: readonly {
        readonly uid: string;
        readonly data: readonly { readonly model: { readonly expr?: string } }[];
      }[];
    };
  };
  return resource.spec.rules.map((rule) => ({ uid: rule.uid, expression: rule.data[0]?.model.expr ?? '' }));
}

/** What Grafana would put in the place of a dashboard's variables. */
export interface Substitution {
  readonly group: string;
  readonly phase: string;
  readonly role: string;
  readonly rateInterval: string;
  readonly range: string;
}

function seconds(window: string): number {
  const found = durationSeconds(window);
  if (found === undefined) throw new Error(`no window: ${window}`);
  return found;
}

export function substitute(expression: string, values: Substitution): string {
  const text = expression
    .replaceAll('$__interval_ms', String(1000 * seconds(values.rateInterval)))
    .replaceAll('$__interval', values.rateInterval)
    .replaceAll('$__rate_interval_ms', String(1000 * seconds(values.rateInterval)))
    .replaceAll('$__rate_interval', values.rateInterval)
    .replaceAll('$__range_s', String(seconds(values.range)))
    .replaceAll('$__range', values.range)
    .replaceAll('$group', values.group)
    .replaceAll('$phase', values.phase)
    .replaceAll('$role', values.role);
  if (text.includes('$')) throw new Error(`a variable is left in ${text}`);
  return text;
}
